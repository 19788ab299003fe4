# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the scenarios have teeth?  Break our driver on purpose and see.

Builds the guest driver with one mistake at a time, from a copy, and plays the
scenarios that should notice.  A mistake is caught when one of them fails (or
the guest dies).  Prints the score, and names what survived.
"""

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from . import driver, mutations, ui
from .ci import lab, runner, scenario

# a broken driver stalls more often than not
_STALL_SECONDS = 12


def add_arguments(parser):
    """Options of cx6dx mutate."""
    parser.add_argument('--kernel', metavar='SPEC', default='stock-6.12',
                        help='to build and boot (default: stock-6.12)')
    parser.add_argument('--list', action='store_true',
                        help='list the mutations and end')
    parser.add_argument('name', nargs='*', metavar='NAME',
                        help='only these (default: all)')


def _chosen(names):
    known = {each.name: each for each in mutations.ALL}
    for name in names:
        if name not in known:
            raise ui.UsageError(f"no mutation '{name}'",
                                'cx6dx mutate --list names them')
    return [known[name] for name in names] or list(mutations.ALL)


def apply(mutation, place):
    """Put MUTATION into the copy of the driver in PLACE."""
    path = place / mutation.file
    text = path.read_text()
    if text.count(mutation.old) != 1:
        raise ui.Failure(f'{mutation.name}: the text to replace is '
                         f'{text.count(mutation.old)} times in '
                         f'{mutation.file}', 'adapt mutations.py')
    path.write_text(text.replace(mutation.old, mutation.new))


def _try(mutation, args, cases):
    """What caught MUTATION, or None."""
    with tempfile.TemporaryDirectory(prefix='cx6dx-mutant-') as folder:
        place = Path(folder) / 'mutant'
        shutil.copytree(driver.SOURCES, place)
        apply(mutation, place)
        spec = replace(lab.spec_of(args.kernel, 'cx6dx'),
                       driver_source=place)
        caught = []

        def done(outcome):
            if outcome.failures:
                caught.append(f'{outcome.name}: '
                              + outcome.failures[0].splitlines()[0][:160])
                work.stop.set()

        chosen = scenario.select(cases, mutation.suite, 'cx6dx')
        for case in chosen:
            case.traffic['stall'] = min(case.traffic['stall'], _STALL_SECONDS)
        work = runner.Runner(spec, done)
        work.run(chosen)
    return caught[0] if caught else None


def run(args):
    """The subcommand: the status to exit with."""
    chosen = _chosen(args.name)
    if args.list:
        for each in chosen:
            print(f'{each.name:<22} {each.text}')
        return 0
    cases = scenario.load_all()
    survivors = []
    print('TAP version 14')
    print(f'1..{len(chosen)}', flush=True)
    for number, each in enumerate(chosen, 1):
        begin = time.monotonic()
        caught = _try(each, args, cases)
        took = f'{time.monotonic() - begin:.0f} s'
        if caught:
            print(f'ok {number} {each.name}: {each.text} ({took})\n'
                  f'# caught by {caught}', flush=True)
        else:
            survivors.append(each)
            print(f'not ok {number} {each.name}: {each.text} ({took})\n'
                  f"# survived {', '.join(each.suite)}", flush=True)
    print(f'# caught {len(chosen) - len(survivors)} of {len(chosen)}',
          flush=True)
    return 1 if survivors else 0
