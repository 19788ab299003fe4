# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines and branches of net/tls and of the drivers were reached.

A kernel of flavour -gcov counts them in net/tls, in mlx5_core's kTLS and in
our driver.  `cx6dx ci --coverage` saves the counts of each guest at its end;
this adds up what one run or several left, and prints the shares for each file.
With --unreached it lists the lines that were not run and the branches that were
never taken (a branch is one way out of a conditional jump that the compiler
made, as gcov counts them).
"""

import argparse
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import paths, ui

FOLDER = 'coverage'             # below the directory of a run of ci

# in the guest: files of debugfs say that they are empty, so no tar of them
SAVE = """cd /sys/kernel/debug/gcov && rm -rf /tmp/gcov && mkdir /tmp/gcov
find . -name '*.gcda' | while read -r file; do
    mkdir -p "/tmp/gcov/${file%/*}" && cat "$file" > "/tmp/gcov/$file"
done
tar -c -C /tmp/gcov . && rm -rf /tmp/gcov
"""


class Source:
    """What was counted in one source file."""

    def __init__(self):
        self.lines = {}             # number -> count
        self.branches = {}          # (line, index) -> count
        self.functions = {}         # line -> name of the function

    def add(self, line):
        """Add LINE, of gcov's output."""
        number = line['line_number']
        self.lines[number] = self.lines.get(number, 0) + line['count']
        self.functions[number] = line.get('function_name', '')
        for index, branch in enumerate(line['branches']):
            key = number, index
            self.branches[key] = self.branches.get(key, 0) + branch['count']

    def reached(self):
        """(lines run, lines, branches taken, branches)."""
        return (sum(map(bool, self.lines.values())), len(self.lines),
                sum(map(bool, self.branches.values())), len(self.branches))


def _gcov(data, notes):
    """gcov's opinion of a file with counts and the compiler's NOTES."""
    place = data.parent
    shutil.copy(notes, place / notes.name)
    answer = subprocess.run(
        [ui.need_tool('gcov', 'gcc'), '--json-format', '--stdout',
         '--branch-probabilities', data.name], cwd=place, text=True,
        capture_output=True, check=False)
    if answer.returncode or not answer.stdout:
        raise ui.Failure(f'gcov does not understand {data.name}: '
                         + answer.stderr.strip())
    # one object for each line of output
    return [json.loads(line) for line in answer.stdout.splitlines() if line]


def _name(file):
    """A name for source FILE, or None if nobody asks about it."""
    for mark in ('/net/tls/', '/drivers/net/ethernet/'):
        if mark in file:
            return mark[1:] + file.rpartition(mark)[2]
    if '/driver/' in file and '/cx6dx_' in file:
        return 'guest-driver/' + Path(file).name
    return None


def collect(places):
    """{name of a source: Source} of all that is saved below PLACES."""
    saved = [path for place in places
             for path in sorted((place / FOLDER).glob('*.tar'))]
    if not saved:
        raise ui.UsageError('no counts below '
                            + ', '.join(map(str, places)),
                            "'cx6dx ci --coverage' leaves them there")
    found = {}
    for path in saved:
        with tempfile.TemporaryDirectory(prefix='cx6dx-gcov-') as folder:
            with tarfile.open(path) as tar:
                tar.extractall(folder)
            for data in sorted(Path(folder).rglob('*.gcda')):
                notes = (Path('/') / data.relative_to(folder)).with_suffix(
                    '.gcno')
                if not notes.exists():
                    ui.warn(f'{path.name}: {notes} is gone')
                    continue
                _add(found, _gcov(data, notes))
    return found


def _add(found, answers):
    for answer in answers:
        here = answer.get('current_working_directory', '')
        for file in answer['files']:
            name = _name(str(Path(here) / file['file']))
            if not name or not name.endswith('.c'):
                continue
            source = found.setdefault(name, Source())
            for line in file['lines']:
                source.add(line)


def _text_of(name, number, cache):
    """Line NUMBER of source NAME, if it can be found."""
    if name not in cache:
        candidates = [paths.ROOT / name] + sorted(
            paths.cache('kernel-sources', 'x').parent.glob(f'*/{name}'))
        path = next((each for each in candidates if each.exists()), None)
        cache[name] = path.read_text(errors='replace').splitlines() \
            if path else []
    lines = cache[name]
    return lines[number - 1].strip() if number <= len(lines) else ''


def unreached(found):
    """(file, function, line, what, text of the line) of all that is left."""
    cache = {}
    for name, source in sorted(found.items()):
        for number, count in sorted(source.lines.items()):
            ways = [taken for (line, _), taken
                    in sorted(source.branches.items()) if line == number]
            if not count:
                what = 'not run'
            elif not all(ways):
                what = 'never: ' + ', '.join(
                    f'{index + 1} of {len(ways)}' for index, taken
                    in enumerate(ways) if not taken)
            else:
                continue
            yield (name, source.functions[number], number, what,
                   _text_of(name, number, cache))


def table(found):
    """Text: the shares for each file, and of all."""
    rows = [('file', 'lines', '', 'branches', '')]
    total = [0, 0, 0, 0]
    for name, source in sorted(found.items()):
        numbers = source.reached()
        total = [a + b for a, b in zip(total, numbers)]
        rows.append(_row(name, numbers))
    rows.append(_row('all', total))
    widths = [max(map(len, column)) for column in zip(*rows)]
    return '\n'.join(f'{name:<{widths[0]}}  ' + '  '.join(
        word.rjust(width) for word, width in zip(words, widths[1:]))
        for name, *words in rows)


def _row(name, numbers):
    run, lines, taken, branches = numbers
    return (name, f'{run} of {lines}', f'{run / max(lines, 1):.1%}',
            f'{taken} of {branches}', f'{taken / max(branches, 1):.1%}')


def report(out):
    """Print the table of a run of ci as comments of KTAP, and leave it in
    OUT/coverage.txt with the list of what was not reached.
    """
    found = collect([out])
    for line in table(found).splitlines():
        print(f'# {line}', flush=True)
    (out / 'coverage.txt').write_text(table(found) + '\n\n' + ''.join(
        f'{file}:{line}: {function}: {what}: {text}\n'
        for file, function, line, what, text in unreached(found)))


def add_arguments(parser):
    """Options of cx6dx coverage."""
    add = parser.add_argument
    add('place', nargs='+', type=Path, metavar='DIR',
        help='what ci --out was, or build/reports/...')
    add('--unreached', action='store_true',
        help='list lines not run and branches never taken')
    add('--file', metavar='PART', default='',
        help='only sources with this in their name')
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def run(args):
    """The subcommand: the status to exit with."""
    found = {name: source for name, source in collect(args.place).items()
             if args.file in name}
    print(table(found))
    if args.unreached:
        for file, function, line, what, text in unreached(found):
            print(f'{file}:{line}: {function}: {what}: {text}')
    return 0
