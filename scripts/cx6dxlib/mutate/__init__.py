# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the scenarios have teeth?  Break something on purpose and see.

Builds our guest driver, the device, or a module of the kernel (net/tls,
mlx5_core) with one mistake at a time, never in place, and plays the scenarios
that should notice, up to the first that does.  A mistake is caught when one of
them fails, or the guest dies.  Prints the score and, for what survived, why
nothing could notice it.
"""

import argparse
import fnmatch
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from .. import driver, kernel as kernels, ui
from ..ci import lab, play, runner, scenario
from . import (in_device, in_driver, in_kernel, mutation as mutations,
               rebuild, repairs)

ALL = in_driver.ALL + in_device.ALL + in_kernel.ALL

# a broken driver stalls more often than not
_STALL_SECONDS = 12
_BUILT = 'mainline-6.12'
_SPARE_MB = 24

# the driver and net/tls anew, one of them the mutant; sockets that are closing
# may hold the latter for a moment
_RELOAD = """rmmod {driver} || exit
for i in $(seq 60); do rmmod tls && break; sleep 0.25; done 2>/dev/null
! [ -e /sys/module/tls ] || exit
here=/tmp/brought
if [ {made} = tls.ko ]; then insmod $here/tls.ko; else modprobe tls; fi || exit
if [ {made} = {driver}.ko ]; then
    for need in $(modinfo -F depends $here/{made} | tr , ' '); do
        modprobe $need
    done
    insmod $here/{made}
elif [ {driver} = cx6dx_tls ]; then insmod /cx6dx/cx6dx_tls.ko
else modprobe {driver}; fi || exit
cx6dx-net up
"""

EPILOG = """\
exit status: 0 if all were caught but those that cannot be; 1 if not.

  scripts/cx6dx mutate --list
  scripts/cx6dx mutate --only driver device --jobs 2
  scripts/cx6dx mutate --only 'net-hint-*' --all-scenarios
  scripts/cx6dx mutate --repairs
"""


def add_arguments(parser):
    """Options of cx6dx mutate."""
    parser.epilog = EPILOG
    add = parser.add_argument
    add('--kernel', metavar='SPEC', default=kernels.DEFAULT,
        help=f'for mutations of driver and device (default: '
        f'{kernels.DEFAULT})')
    add('--built-kernel', metavar='SPEC', default=_BUILT,
        help=f'to mutate, and for those with mlx5_core (default: {_BUILT})')
    add('--list', action='store_true', help='list the mutations and end')
    add('--repairs', action='store_true',
        help='the other way round: edits of the kernel with which scenarios '
        'hold that are known to fail')
    add('--only', metavar='NAME', nargs='+', default=[],
        help='only these: names, patterns, ' + ', '.join(mutations.PARTS))
    add('--jobs', type=int, default=1, metavar='N',
        help='how many at a time (default: 1)')
    add('--all-scenarios', action='store_true',
        help='what its own scenarios do not catch gets all of them')
    add('name', nargs='*', metavar='NAME', help=argparse.SUPPRESS)


def chosen(names, table=ALL):
    """The mutations of TABLE that NAMES ask for."""
    found = []
    for name in names:
        some = [each for each in table if name == each.part
                or fnmatch.fnmatchcase(each.name, name)]
        if not some:
            raise ui.UsageError(f"no mutation '{name}'",
                                'cx6dx mutate --list names them')
        found += [each for each in some if each not in found]
    return found if names else list(table)


class Bench:
    """Builds mutants and has scenarios played on them.

    Modules of the kernel are exchanged in a running guest, while it is well.
    """

    def __init__(self, args):
        self.args = args
        self._makers = {}
        self._labs = {}             # (worker, kernel, driver) -> Lab
        self._lock = threading.Lock()

    def close(self):
        """End all guests."""
        for each in self._labs.values():
            each.close()

    def _maker(self, part):
        """What builds mutants of PART; made once."""
        with self._lock:
            if part not in self._makers:
                self._makers[part] = rebuild.Device() if part == 'device' \
                    else rebuild.Kernel(self.args.built_kernel)
            return self._makers[part]

    def _kernel(self, each):
        built = each.part == 'kernel' or each.driver == 'mlx5'
        return self.args.built_kernel if built else self.args.kernel

    def _build(self, each, place):
        """The mutant of device or kernel, made in PLACE."""
        maker = self._maker(each.part)
        text = mutations.mutated(each, (maker.source / each.file).read_text())
        return maker.build(each.file, text, place)

    def _spec(self, each, place, worker):
        """The VmSpec of a guest with the mistake in it from the beginning."""
        spec = lab.spec_of(self._kernel(each), each.driver)
        if each.part == 'device':
            return replace(spec, qemu=self._build(each, place))
        sources = place / f'mutant{worker}'
        shutil.copytree(driver.SOURCES, sources)
        mutations.apply(each, sources)
        return replace(spec, driver_source=sources)

    def _cases(self, each):
        everything = scenario.load_all()
        cases = scenario.select(everything, each.suite, each.driver)
        if self.args.all_scenarios:
            cases += [case for case in scenario.select(everything, [],
                                                       each.driver)
                      if case not in cases]
        if not self.args.repairs:
            for case in cases:
                case.traffic['stall'] = min(case.traffic['stall'],
                                            _STALL_SECONDS)
        return cases

    def play(self, each, worker=0):
        """What caught mutation EACH, or None."""
        with tempfile.TemporaryDirectory(prefix='cx6dx-mutant-') as folder:
            if each.part == 'kernel':
                return self._play_loaded(
                    each, self._build(each, Path(folder)), worker)
            return self._play_booted(
                each, self._spec(each, Path(folder), worker))

    def _play_booted(self, each, spec):
        caught = []

        def done(outcome):
            if outcome.failures and not work.stop.is_set():
                caught.append(_verdict(outcome))
                work.stop.set()

        work = runner.Runner(spec, done)
        work.run(self._cases(each))
        if caught and runner.NO_GUEST in caught[0]:
            # a machine that is too slow must not look like teeth
            raise ui.Failure(f'{each.name}: {caught[0]}')
        return caught[0] if caught else None

    def _play_loaded(self, each, made, worker):
        key = worker, self._kernel(each), each.driver
        for case in self._cases(each):
            failure = self._load(key, each.name, made)
            if failure:
                return f'it cannot be loaded: {failure}'
            outcome = play.Play(self._labs[key], case).run()
            if outcome.kind or case.isolate:
                self._drop(key)
            if outcome.failures:
                return _verdict(outcome)
        return None

    def _drop(self, key):
        if key in self._labs:
            self._labs.pop(key).close()

    def _guest(self, key):
        """The lab of a KEY, booted if need be; (it, whether it is new)."""
        if key in self._labs:
            return self._labs[key], False
        place = lab.Lab(lab.spec_of(key[1], key[2], spare_mb=_SPARE_MB))
        try:
            place.boot()
        except BaseException:
            place.close()
            raise
        place.loaded = None
        self._labs[key] = place
        return place, True

    def _load(self, key, name, made):
        """Have MADE, mutant NAME, loaded; in a new guest if that in use does
        not take it.  The failure of a new one, or None.
        """
        place, new = self._guest(key)
        if place.loaded == name:
            return None
        text = _RELOAD.format(driver=lab.MODULE[key[2]], made=Path(made).name)
        try:
            place.bring([made])
            place.sh(text, 180)
            place.loaded = name
            return None
        except ui.Failure as failure:
            self._drop(key)
            return str(failure).splitlines()[0] if new \
                else self._load(key, name, made)


def _verdict(outcome):
    return f'{outcome.name}: ' + outcome.failures[0].splitlines()[0][:160]


class Score:
    """Tells verdicts as they come, and the sum."""

    def __init__(self, planned):
        self.planned = planned
        self.caught = {part: [0, 0] for part in mutations.PARTS}
        self.survivors = []
        self.told = 0
        self._lock = threading.Lock()
        print(f'TAP version 14\n1..{planned}', flush=True)

    def tell(self, each, caught, seconds):
        with self._lock:
            self.told += 1
            self.caught[each.part][1] += 1
            self.caught[each.part][0] += bool(caught)
            line = f'{self.told} {each.name}: {each.text} ({seconds:.0f} s)'
            if caught:
                line = f'ok {line}\n# caught by {caught}'
                if each.survives:
                    line += '\n# which nobody expected: ' + each.survives
            else:
                self.survivors.append(each)
                line = f'not ok {line}' + (
                    f' # TODO {each.survives}' if each.survives else '') \
                    + f"\n# survived {', '.join(each.suite)}"
            print(line, flush=True)

    def end(self):
        """Print the sum; the status to exit with."""
        for part, (caught, total) in self.caught.items():
            if total:
                print(f'# {part}: caught {caught} of {total}')
        if self.survivors:
            print('# survivors:')
        for each in self.survivors:
            print(f"#   {each.name:<26} {each.survives or 'NOT EXPLAINED'}")
        caught = sum(one for one, _ in self.caught.values())
        print(f'# caught {caught} of {self.told}', flush=True)
        bad = any(not each.survives for each in self.survivors)
        return 1 if bad or self.told != self.planned else 0


class Repaired(Score):
    """The same for repairs: nothing may be noticed any more."""

    def tell(self, each, caught, seconds):
        with self._lock:
            self.told += 1
            self.survivors += [] if caught else [each]
            print(f"{'not ok' if caught else 'ok'} {self.told} {each.name}: "
                  f'{each.text} ({seconds:.0f} s)'
                  + (f'\n# {caught}' if caught else ''), flush=True)

    def end(self):
        print(f'# {len(self.survivors)} of {self.told} repair what they are '
              'for', flush=True)
        return 0 if len(self.survivors) == self.planned else 1


def run(args):
    """The subcommand: the status to exit with."""
    todo = chosen(args.only + args.name, repairs.ALL if args.repairs else ALL)
    if args.list:
        for each in todo:
            print(f'{each.name:<26} {each.part:<7} {each.driver:<6} '
                  f'{each.text}')
        return 0
    bench, failures = Bench(args), []
    score = (Repaired if args.repairs else Score)(len(todo))
    queue, lock = list(todo), threading.Lock()

    def work(worker):
        try:
            while not failures:
                with lock:
                    if not queue:
                        return
                    each = queue.pop(0)
                begin = time.monotonic()
                caught = bench.play(each, worker)
                score.tell(each, caught, time.monotonic() - begin)
        except BaseException as error:      # raised again below
            failures.append(error)

    workers = [threading.Thread(target=work, args=(number,), daemon=True)
               for number in range(max(args.jobs, 1))]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(0.5)
    finally:
        bench.close()
    if failures:
        raise failures[0]
    return score.end()
