#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=900
"""GNU parallel spreads cx6dx ci over two workers of this machine.

Together their reports have each case once; what fails in one of them fails the
whole.  Takes the number of workers at a time (default: 2).
"""

import collections
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from harness import ROOT, check, main, note
from cx6dxlib import apt, qemu, ui
from cx6dxlib.ci import scenario

SHARDS = 2
SECONDS = 400
CASES = ('plain-stream/128-ipv4', 'plain-stream/256-ipv6', 'records-alert/*-up',
         'records-empty/256-down')
# a QEMU whose guests end before they begin
BROKEN = '''#!/bin/sh
case "$*" in *help*) exec {} "$@" ;; esac
echo "no guest today" >&2
exit 1
'''


def spread(jobs, out, cases, before=''):
    """Play CASES in shards; the status of parallel.  Each shard leaves its
    reports in OUT/NUMBER."""
    words = ['scripts/cx6dx', 'ci', '--no-rerun', '--suite', *cases]
    command = (f'{before}{shlex.join(words)} --shard {{}}/{SHARDS} '
               f'--out {shlex.quote(str(out))}/{{}}')
    done = subprocess.run(
        ['parallel', '--will-cite', f'-j{jobs}', command, ':::',
         *map(str, range(1, SHARDS + 1))], cwd=ROOT, timeout=SECONDS,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors='replace', check=False)
    note(done.stdout)
    return done.returncode


def results(place):
    """name -> whether it held, of the shard that reported into PLACE."""
    found = {}
    for case in ElementTree.parse(place / 'junit.xml').iter('testcase'):
        folder = case.get('classname').removeprefix('scenarios.')
        name = folder if case.get('name') == folder \
            else f"{folder}/{case.get('name')}"
        found[name] = case.find('failure') is None
    return found


def covered(out, cases):
    """Check that the shards have each of CASES once; their results."""
    shards = [results(out / str(number)) for number in range(1, SHARDS + 1)]
    wanted = [case.name for case in scenario.select(scenario.load_all(), cases,
                                                    'cx6dx')]
    times = collections.Counter(name for shard in shards for name in shard)
    check(times == collections.Counter(wanted),
          'together the workers played each case once', dict(times))
    check(all(shards), 'each worker had some', [len(each) for each in shards])
    return shards


def test(jobs=str(SHARDS)):
    try:
        apt.install(['parallel'], 'spreading cases with GNU parallel')
    except ui.Failure as missing:
        check(False, str(missing))
        note(missing.hint)
        return
    with tempfile.TemporaryDirectory(prefix='cx6dx-parallel-') as folder:
        out = Path(folder, 'good')
        status = spread(jobs, out, CASES)
        check(status == 0, 'status 0 when all workers are content', status)
        shards = covered(out, CASES)
        check(all(all(shard.values()) for shard in shards), 'all cases hold')
        names = {path.name for path in (out / '2').iterdir()}
        check({'junit.xml', 'report.html', 'results.ktap'} <= names,
              'a worker leaves its own reports', sorted(names))

        broken = Path(folder, 'qemu')
        broken.write_text(BROKEN.format(shlex.quote(str(qemu.ensure().binary))))
        broken.chmod(0o755)
        out = Path(folder, 'bad')
        status = spread(jobs, out, CASES[:2], '[ {} = 1 ] || export CX6DX_QEMU='
                        f'{shlex.quote(str(broken))}; ')
        check(status == 1, 'the status counts the worker that has a failure',
              status)
        shards = covered(out, CASES[:2])
        check([list(shard.values()) for shard in shards] == [[True], [False]],
              'the reports tell which case failed', shards)


if __name__ == '__main__':
    main(test, *sys.argv[1:])
