# SPDX-License-Identifier: GPL-2.0-or-later
"""Run scenarios of broken wires and hiccups against a kernel: a verdict.

Boots guests with that kernel and a driver, plays every scenario of
scenarios/ in them and checks what must hold: bytes and record types right, no
stall, no plaintext on the wire, counters as they must be, contexts given
back, no report by the kernel.  KTAP goes to standard output as it comes;
junit.xml, report.html and results.ktap are left in the directory --out.

  --suite all             every scenario for the driver (default)
  --suite quick NAME ...  tags, files, single cases (FILE/VALUES), patterns
  --suite random          made up from --seed for --minutes
  --suite random:SEED:N   one of these again

To spread a run over machines give each --shard I/N: nothing is shared.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path

from .. import coverage, kernel as kernels, paths, ui
from . import (dice, lab, report, rerun, runner, scenario, schema, stop,
               twice)

EPILOG = """\
exit status: 0 if all held (known failures, which scenario files list with
their reasons, count as held); 1 if not; 2 wrong usage.

  scripts/cx6dx ci --kernel stock-6.12
  scripts/cx6dx ci --kernel ~/linux --driver mlx5 --jobs 2
  scripts/cx6dx ci --suite loss-of-record 'split-*' --keep
  scripts/cx6dx ci --suite random --seed 7 --minutes 10
  parallel -j2 scripts/cx6dx ci --shard {}/4 ::: 1 2 3 4
"""


def _shard(text):
    which, slash, total = text.partition('/')
    if not (slash and which.isdigit() and total.isdigit()
            and 0 < int(which) <= int(total)):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not I/N with 1 <= I <= N")
    return int(which), int(total)


def _positive(text):
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return int(text)


def add_arguments(parser):
    """Options of cx6dx ci."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add('--kernel', metavar='SPEC', default=kernels.DEFAULT,
        help=kernels.SPEC_HELP)
    add('--driver', choices=schema.DRIVERS, default='cx6dx',
        help='ours (default) or mlx5_core')
    add('--suite', metavar='NAME', nargs='+', default=['all'],
        help='what to run: all, random, tags, scenarios, patterns')
    add('--jobs', type=_positive, default=1, metavar='N',
        help='guests at a time (default: 1; each has two CPUs)')
    add('--shard', type=_shard, default=(1, 1), metavar='I/N',
        help='run only part I of N')
    add('--seed', type=int, default=1, metavar='S',
        help='of the random suite (default: 1)')
    add('--minutes', type=float, default=5, metavar='M',
        help='how long the random suite goes on (default: 5)')
    add('--out', type=Path, metavar='DIR',
        help='where reports go (default: build/reports/ci-KERNEL-DRIVER)')
    add('--keep', action='store_true', help='keep captures and device traces '
        'of every scenario in --out')
    add('--coverage', action='store_true', help='tell which lines and '
        'branches were reached: needs --kernel mainline-6.12-gcov; see '
        'cx6dx coverage')
    add('--no-rerun', dest='rerun', action='store_false',
        help='do not run failed scenarios again for pictures')
    add('--icount', nargs='?', const='twice', choices=('twice', 'replay'),
        metavar='HOW', help='play each case twice in guests that do the same '
        'each time, and compare their traces byte by byte; replay: the second '
        "one follows QEMU's record of the first")
    add('--stop', metavar='WAY:END[:KEY=VALUE]', type=stop.rule,
        help='play each case in such a guest once, and stop the machine when '
        'END (near, far) has a record (WAY: rx, tx): rx:far:record=8')
    add('--list', action='store_true', help='list cases and end')
    add('--explain', action='store_true',
        help='list what may stand in a scenario file and end')


def _chosen(args, everything):
    """The cases to run, an iterable; how many, None if nobody knows."""
    random = [name for name in args.suite if name.split(':')[0] == 'random']
    if random == ['random'] and len(args.suite) == 1:
        return dice.cases(args.seed, args.driver, args.minutes,
                          args.shard), None
    if random and len(random) == len(args.suite):
        cases = [dice.again(name, args.driver) for name in random]
    elif random:
        raise ui.UsageError("'random' goes with no other name of a suite")
    else:
        cases = scenario.select(everything, args.suite, args.driver)
    cases = scenario.shard(cases, *args.shard)
    # a guest of one's own costs a boot: those come last
    cases.sort(key=lambda case: case.isolate)
    return cases, len(cases)


def run(args):
    """The subcommand: the status to exit with."""
    if args.explain:
        print(schema.explain())
        return 0
    everything = scenario.load_all()
    if args.list:
        for case in scenario.select(everything, args.suite):
            print(f"{case.name:<44} {','.join(case.drivers):<11} "
                  f'{case.summary}')
        return 0
    spec = lab.spec_of(args.kernel, args.driver)
    runner.guard_usage(spec)
    cases, planned = _chosen(args, everything)
    out = args.out or paths.build(
        'reports', f"ci-{Path(args.kernel).name}-{args.driver}"
        + (f'-{args.shard[0]}of{args.shard[1]}' if args.shard[1] > 1 else ''))
    out.mkdir(parents=True, exist_ok=True)
    return _run(args, spec, cases, planned, out)


def _run(args, spec, cases, planned, out):
    def again(name):
        how = {None: [], 'twice': ['--icount']}.get(
            args.icount, ['--icount', args.icount])
        return shlex.join(['scripts/cx6dx', 'ci', '--kernel', args.kernel,
                           '--driver', args.driver, '--suite', name, *how])

    by_name = {}

    def remembered():
        for case in cases:
            by_name[case.name] = case
            yield case

    title = f'{args.kernel}, {args.driver}: TLS offload scenarios'
    with _Tee(out / 'results.ktap'):
        told = report.Report(title, again, planned)

        def done(outcome):
            case = by_name.get(outcome.name)
            if case and outcome.failures:
                outcome.known = case.known(args.driver, args.kernel,
                                           '\n'.join(outcome.failures)) or ''
            told.tell(outcome, case.summary if case else '')

        if args.stop:
            work = stop.Stopping(spec, done, out / 'kept', args.stop)
        elif args.icount:
            work = twice.Twice(spec, done, args.jobs, out / 'kept',
                               args.icount == 'replay')
        else:
            work = runner.Runner(spec, done, args.jobs,
                                 out / 'kept' if args.keep else None,
                                 _counts(args, out))
        try:
            work.run(remembered())
        finally:
            if planned is None or len(told.outcomes) != planned:
                told.end_of_plan() if planned is None else None
            if args.rerun and told.bad and not args.icount \
                    and not args.stop:
                rerun.pictures(told, spec, by_name, out)
            told.write(out)
        if args.coverage:
            coverage.report(out)
        print(f'# {told.totals()} in {work.boots} boots; '
              f"report: {out / 'report.html'}", flush=True)
    return 0 if told.outcomes and not told.bad else 1


def _counts(args, out):
    """Where counts of branches go, empty; or None."""
    if not args.coverage:
        return None
    place = out / coverage.FOLDER
    for path in place.glob('*.tar'):
        path.unlink()
    return place


class _Tee:
    """Standard output also goes to a file while the block runs."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = open(self.path, 'w', encoding='utf-8')
        self.stdout, sys.stdout = sys.stdout, self

    def __exit__(self, *_):
        sys.stdout = self.stdout
        self.file.close()

    def write(self, text):
        self.file.write(text)
        self.stdout.write(text)

    def flush(self):
        self.file.flush()
        self.stdout.flush()

    def fileno(self):
        return self.stdout.fileno()

    def isatty(self):
        return os.isatty(self.stdout.fileno())
