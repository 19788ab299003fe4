#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""overlay/apply, on a tree with no more in it than the table's anchors."""

import tempfile
import unittest
from pathlib import Path

import tools

overlay = tools.load('overlay/apply')


class Overlay(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.tree = Path(self.place.name)
        anchors = {}
        for hook in overlay.read_hooks():
            lines = anchors.setdefault(hook.path, ['first'])
            lines.append(hook.anchor)
        for name, lines in anchors.items():
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / name).write_text('\n'.join(lines + ['last', '']))

    def test_second_run_changes_nothing(self):
        self.assertTrue(overlay.apply(self.tree))
        self.assertEqual(overlay.apply(self.tree), [])

    def test_check_names_changes_and_writes_none(self):
        before = sorted(self.tree.rglob('*'))
        self.assertIn('hw/Kconfig', overlay.apply(self.tree, check=True))
        self.assertEqual(sorted(self.tree.rglob('*')), before)

    def test_line_stands_after_its_anchor(self):
        overlay.apply(self.tree)
        lines = (self.tree / 'hw/Kconfig').read_text().split('\n')
        at = lines.index('source net/cx6dx_tls/Kconfig')
        self.assertEqual(lines[at - 1], 'source net/Kconfig')
        self.assertEqual(lines[-2:], ['last', ''])

    def test_our_files_are_copied(self):
        overlay.apply(self.tree)
        for name in overlay.our_files():
            self.assertEqual((self.tree / name).read_bytes(),
                             (tools.ROOT / name).read_bytes())

    def test_only_the_changed_file_is_written(self):
        overlay.apply(self.tree)
        name = 'hw/net/cx6dx_tls/Kconfig'
        (self.tree / name).write_text('changed\n')
        self.assertEqual(overlay.apply(self.tree), [name])

    def test_missing_anchor_names_file_and_anchor(self):
        (self.tree / 'hw/Kconfig').write_text('nothing here\n')
        with self.assertRaisesRegex(overlay.OverlayError,
                                    'hw/Kconfig.*source net/Kconfig'):
            overlay.apply(self.tree)

    def test_entry_only_for_some_releases(self):
        hook = next(each for each in overlay.read_hooks() if each.only)
        path = self.tree / hook.path
        with_line = path.read_text().replace('first\n', hook.only + '\n', 1)
        overlay.apply(self.tree)
        self.assertNotIn(hook.lines[0], path.read_text())
        path.write_text(with_line)
        overlay.apply(self.tree)
        self.assertIn(hook.lines[0], path.read_text())

    def test_what_is_no_longer_ours_is_taken_out(self):
        overlay.apply(self.tree)
        before = (self.tree / 'hw/Kconfig').read_text()
        record = self.tree / overlay.RECORD
        record.write_text(record.read_text().replace(
            '"files": [', '"files": ["hw/net/cx6dx_tls/gone.c",'))
        (self.tree / 'hw/net/cx6dx_tls/gone.c').touch()
        overlay.apply(self.tree)
        self.assertFalse((self.tree / 'hw/net/cx6dx_tls/gone.c').exists())
        self.assertEqual((self.tree / 'hw/Kconfig').read_text(), before)

    def test_other_directory_is_refused(self):
        with self.assertRaises(overlay.OverlayError):
            overlay.apply(self.tree / 'hw')


tools.main()
