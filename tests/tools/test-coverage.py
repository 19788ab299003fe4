#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts of lines and branches are added up over guests."""

import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

import tools
from cx6dxlib import coverage

_SOURCE = '''int main(int argc, char **argv)
{
    if (argc > 1)
        return argv[1][0] == 'x';
    return 0;
}
'''


@unittest.skipUnless(shutil.which('gcov'), 'gcov is missing')
class Coverage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name)
        self.tree = self.top / 'net/tls'
        self.tree.mkdir(parents=True)
        (self.tree / 'one.c').write_text(_SOURCE)
        subprocess.run(['gcc', '--coverage', '-O0', '-c', '-o',
                        self.tree / 'one.o', self.tree / 'one.c'], check=True)
        subprocess.run(['gcc', '--coverage', '-o', self.top / 'one',
                        self.tree / 'one.o'], check=True)
        (self.top / coverage.FOLDER).mkdir()

    def guest(self, name, *words):
        """Run the program; save its counts as those of guest NAME."""
        data = self.tree / 'one.gcda'
        data.unlink(missing_ok=True)
        subprocess.run([self.top / 'one', *words], check=False)
        with tarfile.open(self.top / coverage.FOLDER / f'{name}.tar',
                          'w') as tar:
            tar.add(data, str(data).lstrip('/'))

    def found(self):
        sources = coverage.collect([self.top])
        self.assertEqual(list(sources), ['net/tls/one.c'])
        return sources['net/tls/one.c']

    def test_one_guest(self):
        self.guest('a')
        run, lines, taken, branches = self.found().reached()
        self.assertEqual((run, lines), (3, 4))
        self.assertEqual((taken, branches), (1, 2))

    def test_two_guests_add_up(self):
        self.guest('a')
        self.guest('b', 'x')
        source = self.found()
        self.assertEqual(source.reached(), (4, 4, 2, 2))
        self.assertEqual(source.lines[3], 2)

    def test_unreached_is_named(self):
        self.guest('a')
        left = list(coverage.unreached(coverage.collect([self.top])))
        self.assertIn(('net/tls/one.c', 'main', 4, 'not run'),
                      [each[:4] for each in left])
        self.assertTrue(any(each[3].startswith('never: ') for each in left))


if __name__ == '__main__':
    tools.main()
