# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the kernel's own driver selftests against a pair of cx6dx-tls.

The tests are those of the kernel's source tree (drivers/net and drivers/net/hw
under tools/testing/selftests), unchanged, and only their C helpers are compiled
here.  eth0 is the device under test, the far end is in network namespace 'peer'.

TEST is a file's name, with or without its directory and suffix: ping,
hw/rss_ctx.py; without TESTs all of those that the tree's makefiles list are run.

stdout is KTAP.  The report in build/reports says the same, and of each skip and
failure why it is there: what the card, the model or the guest lacks, or what is
wrong with the test or the kernel; the reasons are in selftests-known.txt.  A skip
or failure without a known reason, and one that is the model's, is a failure.
"""

import fnmatch
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from . import apt, guest as guests, image, kernel as kernels, paths, ui, vm

SPEC = 'mainline-6.12'
SELFTESTS = 'tools/testing/selftests'
PLACES = ('drivers/net', 'drivers/net/hw')
# what the tests need from the tree, beside themselves
TREE_PARTS = (f'{SELFTESTS}/drivers/net', f'{SELFTESTS}/net/lib',
              f'{SELFTESTS}/net/forwarding', f'{SELFTESTS}/kselftest',
              'tools/net/ynl', 'Documentation/netlink/specs')
TREE_FILES = (f'{SELFTESTS}/net/*.sh',)
HELPERS = ('net/lib', 'drivers/net', 'drivers/net/hw')
GUEST_TREE = '/ksft'
PACKAGES = ('jq', 'libcap2-bin', 'lldpad', 'netsniff-ng', 'python3', 'python3-jsonschema',
            'python3-yaml', 'socat', 'tcpdump', 'udev')
KNOWN = Path(__file__).resolve().parent / 'selftests-known.txt'
ENVIRONMENT = {
    'NETIF': 'eth0', 'LOCAL_V4': '10.9.0.1', 'REMOTE_V4': '10.9.0.2',
    'LOCAL_V6': 'fd00:9::1', 'REMOTE_V6': 'fd00:9::2',
    'REMOTE_TYPE': 'netns', 'REMOTE_ARGS': 'peer', 'NETIF_CREATE': 'no',
}
TEST_SECONDS = 900
_RESULT = re.compile(r'^(not )?ok (\d+) ?-? ?([^#]*?)\s*'
                     r'(?:#\s*(SKIP|XFAIL|TODO)\b\s*(.*))?$')
_SHELL = re.compile(r'^TEST: (.*?)\s*\[\s*(OK|FAIL|SKIP|XFAIL)\s*\]\s*(.*)$')


# ---- what is known ---------------------------------------------------------

class Reason(NamedTuple):
    """Why a case does not pass, and whose fault that is."""

    whose: str
    text: str


def known_reasons(path=KNOWN):
    """[(case pattern, pattern in what it said, Reason)] of PATH."""
    table = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        cells = [cell.strip() for cell in line.split(' | ')]
        if len(cells) != 4 or cells[2] not in WHOSE:
            raise ui.Failure(f'{path.name}:{number}: not CASE | SAID | WHOSE '
                             '| REASON')
        table.append((cells[0], re.compile(cells[1]),
                      Reason(cells[2], cells[3])))
    return table


# whose it can be that a case does not pass, and in which words
WHOSE = {
    'card': 'a ConnectX-6 Dx or its driver has no such thing',
    'model': 'the model lacks it',
    'wire': "QEMU's wire between the two ports",
    'guest': 'the guest lacks it',
    'kernel': "this kernel's driver or stack",
    'test': 'the test itself',
}


# ---- results ---------------------------------------------------------------

@dataclass
class Case:
    """One result: verdict is pass, fail, skip or xfail."""

    name: str
    verdict: str
    said: str = ''
    reason: Reason = None

    @property
    def bad(self):
        """Whether the run has failed because of it."""
        if self.verdict == 'pass':
            return False
        return self.reason is None or (self.verdict == 'fail'
                                       and self.reason.whose == 'model')


@dataclass
class Outcome:
    """What came of one test file."""

    test: str
    cases: list = field(default_factory=list)
    seconds: float = 0.0
    lines: list = field(default_factory=list)


def parse(test, lines, status):
    """The Cases in LINES, what TEST printed before it ended with STATUS."""
    cases, before = [], []
    planned = None
    for line in lines:
        plan = re.match(r'^1\.\.(\d+)', line)
        result = _RESULT.match(line)
        shell = _SHELL.match(line)
        if plan:
            planned = int(plan[1])
        elif result:
            name = result[3].partition('.')[2] or result[3] or test
            verdict = (result[4] or ('FAIL' if result[1] else 'PASS')).lower()
            cases.append(Case(name, verdict.replace('todo', 'xfail'),
                              result[5] or _gist(before)))
            before = []
        elif shell:
            verdict = {'OK': 'pass'}.get(shell[2], shell[2].lower())
            cases.append(Case(shell[1], verdict, shell[3] or _gist(before)))
            before = []
        else:
            before.append(line)
    if planned is not None and planned > len(cases):
        cases.append(Case('(the rest)', 'fail', f'{planned} cases were '
                          f'planned, {len(cases)} gave a result'))
    failed = any(case.verdict == 'fail' for case in cases)
    if status == 4 and not failed:
        told = [line for line in lines if 'SKIP' in line] or before
        cases.append(Case('(all)' if len(cases) < 2 else '(the rest)', 'skip',
                          _gist(told)))
        cases = [case for case in cases if 'SKIP' not in case.name]
    elif status and not failed:
        cases.append(Case('(its end)', 'fail',
                          f'status {status}: {_gist(before)}'))
    elif not cases:
        cases.append(Case('(all)', 'pass' if status == 0 else 'fail',
                          _gist(before)))
    return cases


def _gist(lines):
    """The part of LINES that says best what was wrong, in one line."""
    texts = [re.sub(r'^#\s*', '', line).strip() for line in lines]
    texts = [text for text in texts if text]
    checks = [text for text in texts if text.startswith('Check failed')]
    errors = [text.removeprefix('Exception| ') for text in texts
              if re.match(r'(Exception\| )?[\w.]+(Error|Failure|Ex|Exception|'
                          r'Expired)\b', text)]
    told = [text.removeprefix('Exception| ') for text in texts
            if 'STDERR' in text]
    best = checks[:2] + errors[-1:] + told[-1:] or texts[-2:]
    return '; '.join(dict.fromkeys(best))[:400]


def explain(outcome, known):
    """Give each case of OUTCOME that did not pass the reason that is known."""
    for case in outcome.cases:
        if case.verdict == 'pass':
            continue
        full = f'{Path(outcome.test).stem}.{case.name}'
        for pattern, said, reason in known:
            if fnmatch.fnmatchcase(full, pattern) and said.search(case.said):
                case.reason = reason
                break


# ---- the tests of a tree -----------------------------------------------------

def source_of(kernel, given=None):
    """The source tree with the tests: GIVEN, or what KERNEL was built from."""
    for place in [given] if given else [kernel.build / 'source', kernel.build]:
        if (place / SELFTESTS / 'drivers/net').is_dir():
            return place.resolve()
    if given:
        raise ui.UsageError(f'{given} has no {SELFTESTS}/drivers/net')
    raise ui.UsageError(f'{kernel.spec} comes without the source of its '
                        'selftests', 'take a kernel that is built here, as '
                        f'{SPEC}, or a build tree of your own')


def list_tests(source):
    """Paths under selftests of all tests that the makefiles name."""
    found = []
    for place in PLACES:
        folder = source / SELFTESTS / place
        if not (folder / 'Makefile').is_file():
            continue
        text = (folder / 'Makefile').read_text().replace('\\\n', ' ')
        listed = re.findall(r'^TEST_PROGS\s*[:+]?=\s*(.*)$', text, re.M)
        for name in ' '.join(listed).split():
            if (folder / name).is_file():
                found.append(f'{place}/{name}')
    return found


def choose(tests, wanted):
    """Those of TESTS that WANTED names, in the order of TESTS."""
    chosen = set()
    for word in wanted:
        stem = word.removesuffix('.py').removesuffix('.sh')
        fits = [test for test in tests
                if ('/' + test.rpartition('.')[0]).endswith('/' + stem)]
        if not fits:
            raise ui.UsageError(f"no selftest '{word}' in this tree",
                                'it has ' + ', '.join(
                                    Path(test).stem for test in tests))
        chosen.update(fits)
    return [test for test in tests if test in chosen or not wanted]


def build_helpers(kernel, source):
    """[(file here, path in the guest)] of the tests' programs and headers."""
    place = paths.build('selftests', paths.digest(str(source), kernel.release))
    place.mkdir(parents=True, exist_ok=True)
    apt.install(('gcc', 'libc6-dev', 'make', 'rsync'), 'selftest helpers')
    headers = place / 'usr/include'
    with paths.lock(f'selftests-{place.name}'):
        if not (place / 'headers-done').exists():
            make = ['make', '-C', source, 'headers_install', 'ARCH=x86_64',
                    f'INSTALL_HDR_PATH={place}/usr']
            if source != kernel.build.resolve():
                make.append(f'O={place}/kbuild')
                (place / 'kbuild').mkdir(exist_ok=True)
            ui.run(make, 'headers of the kernel',
                   paths.log('selftests-headers'))
            (place / 'headers-done').touch()
        helpers = list(_compile_all(source, place, headers))
    # a script reads the names of link modes there
    name = 'usr/include/linux/ethtool.h'
    return [*helpers, (str(place / name), '/' + name)]


def _compile_all(source, place, headers):
    programs = [(folder, code) for folder in HELPERS for code in
                sorted((source / SELFTESTS / folder).glob('*.c'))]
    if any(code.name.endswith('.bpf.c') for _, code in programs):
        apt.install(('clang', 'libbpf-dev'), 'BPF programs of selftests')
    for folder, code in programs:
        bpf = code.name.endswith('.bpf.c')
        name = code.stem + ('.o' if bpf else '')
        program = place / folder.replace('/', '-') / name
        program.parent.mkdir(exist_ok=True)
        command = ['clang', '-target', 'bpf', '-mcpu=v3', '-g'] if bpf else \
            ['gcc', '-static', '-D_GNU_SOURCE', '-w']
        command += ['-O2', f'-I{headers}', f'-I{source / SELFTESTS}']
        command += ['-I/usr/include/x86_64-linux-gnu', '-c'] if bpf else \
            [f'-I{source}/tools/include']
        log = paths.log(f'selftests-{code.stem}')
        if not program.exists() and ui.run(
                command + ['-o', program, code], f'helper {code.name}', log,
                check=False):
            ui.warn(f'{code.name} does not compile here, its tests will '
                    f'say so; see {log}')
            continue
        yield str(program), f'{GUEST_TREE}/{SELFTESTS}/{folder}/{name}'


# ---- running ---------------------------------------------------------------

class Runner:
    """A guest that is booted when needed, and again when it is lost."""

    def __init__(self, args, kernel, source):
        copies = [(str(source / part), f'{GUEST_TREE}/{part}')
                  for part in TREE_PARTS if (source / part).exists()]
        for pattern in TREE_FILES:
            copies += [(str(path),
                        f'{GUEST_TREE}/{path.relative_to(source)}')
                       for path in sorted(source.glob(pattern))]
        copies += build_helpers(kernel, source)
        copies.append((str(image.GUEST / 'selftest'), '/cx6dx/selftest'))
        self.spec = vm.VmSpec(
            kernel=args.kernel, driver=args.driver, cpus=args.cpus, mem='4G',
            copy=copies, packages=PACKAGES, out=args.out, pcap=False, trace='',
            timeout=None)
        self.guest = None

    def run(self, test, timeout):
        """The Outcome of TEST."""
        outcome = Outcome(test)
        begin = time.monotonic()
        with ui.step(test) as shown:
            try:
                self._ready(test)
                status, outcome.lines = self._run(test, timeout, shown)
                outcome.cases = parse(test, outcome.lines, status)
            except guests.VmFailure as failure:
                outcome.lines += self._lost(failure)
                outcome.cases.append(Case('(the guest)', 'fail', str(failure)))
            bad = sum(case.verdict == 'fail' for case in outcome.cases)
            shown.verdict = f'{len(outcome.cases)} cases, {bad} failed'
        outcome.seconds = time.monotonic() - begin
        return outcome

    def _ready(self, test):
        """A guest whose wiring is what TEST wants."""
        if not self.guest:
            self.guest = vm.boot(self.spec)
        # the shell's tests want both ends of the cable in one namespace
        wiring = 'ip -n peer link set eth1 netns 1' if test.endswith('.sh') \
            else ':'
        # the tests take steering rules for a capability, and turn on nothing
        self.guest.check('cx6dx-net up && ping -c 1 -W 5 10.9.0.2 && '
                         '{ ethtool -K eth0 ntuple on || :; }; ' + wiring, 60)

    def _run(self, test, timeout, shown):
        path = f'{GUEST_TREE}/{SELFTESTS}/{test}'
        variables = ' '.join(f'{name}={value}'
                             for name, value in ENVIRONMENT.items())
        if test.endswith('.py'):
            command = f'exec env {variables} /cx6dx/selftest {path} 2>&1'
        else:
            folder, name = path.rsplit('/', 1)
            command = f'cd {folder} && exec env {variables} ./{name} eth0 eth1 2>&1'
        kept = []

        def keep(data):
            kept.append(data)
            shown.note(data.decode(errors='replace').rstrip()
                       .rpartition('\n')[2])

        status = self.guest.run(['bash', '-c', command], timeout,
                                keep).status
        return status, b''.join(kept).decode(errors='replace').splitlines()

    def _lost(self, failure):
        """Forget a guest that cannot go on; what its console said."""
        said = getattr(failure, 'console', '')
        partial = getattr(failure, 'partial', None)
        lines = partial.out.decode(errors='replace').splitlines() \
            if partial else []
        if self.guest:
            said = self.guest.console_text()
            self.guest.close()
            self.guest = None
        return lines + [f'[console] {line}' for line in
                        said.splitlines()[-40:]]

    def finish(self):
        """End the guest; the Outcome of its own health."""
        outcome = Outcome('kernel')
        if not self.guest:
            return outcome
        try:
            self.guest.finish()
            outcome.cases.append(Case('no warning, oops or report in its log',
                                      'pass'))
        except guests.VmFailure as failure:
            outcome.cases.append(Case('no warning, oops or report in its log',
                                      'fail', str(failure)))
            outcome.lines = self.guest.console_text().splitlines()[-200:]
        finally:
            self.guest.close()
            self.guest = None
        return outcome


# ---- what is shown -----------------------------------------------------------

def show_ktap(number, outcome):
    """OUTCOME as one result of KTAP, with its cases below it."""
    print(f'    KTAP version 1\n    1..{len(outcome.cases)}')
    for index, case in enumerate(outcome.cases, 1):
        word = 'not ok' if case.bad else 'ok'
        tail = ''
        if case.verdict != 'pass':
            why = f'{case.reason.whose}: {case.reason.text}' if case.reason \
                else f'not explained: {case.said}'
            tail = f' # {why}' if case.bad else ' # SKIP ' + (
                '' if case.verdict == 'skip' else case.verdict + ', ') + why
        print(f'    {word} {index} {case.name}{tail}')
    bad = any(case.bad for case in outcome.cases)
    all_skipped = outcome.cases and all(
        case.verdict == 'skip' for case in outcome.cases)
    print(f"{'not ok' if bad else 'ok'} {number} {outcome.test}"
          + (' # SKIP' if all_skipped and not bad else ''), flush=True)


def _table(outcomes):
    """The summary, a line for each test."""
    width = max(len(outcome.test) for outcome in outcomes)
    lines = [f"{'test':<{width}}  pass  fail  skip  seconds"]
    for outcome in outcomes:
        count = {word: sum(case.verdict == word for case in outcome.cases)
                 for word in ('pass', 'fail', 'skip', 'xfail')}
        lines.append(f"{outcome.test:<{width}}  {count['pass']:4}  "
                     f"{count['fail']:4}  {count['skip'] + count['xfail']:4}  "
                     f'{outcome.seconds:7.1f}')
    return lines


def report_text(title, outcomes):
    """The report: the table, each case, and why it did not pass."""
    lines = [title, '=' * len(title), '', *_table(outcomes), '']
    for outcome in outcomes:
        lines.append(outcome.test)
        for case in outcome.cases:
            lines.append(f'  {case.verdict:<5} {case.name}')
            if case.verdict != 'pass':
                lines.append(f'        said: {case.said}')
                lines.append('        why:  ' + (
                    f'{WHOSE[case.reason.whose]}: {case.reason.text}'
                    if case.reason else 'NOT EXPLAINED'))
        lines.append('')
    for outcome in outcomes:
        if any(case.verdict == 'fail' for case in outcome.cases):
            lines += [f'---- all that {outcome.test} printed ----',
                      *outcome.lines, '']
    return '\n'.join(lines) + '\n'


def write_report(args, kernel, outcomes):
    """The path of the report of this run."""
    name = f'selftests-{Path(args.kernel).name}-{args.driver}.txt'
    path = paths.build('reports', name)
    title = (f'driver selftests of {kernel.release}, driver {args.driver}, '
             f'{args.cpus} CPUs')
    path.write_text(report_text(title, outcomes))
    return path


# ---- the subcommand ----------------------------------------------------------

def add_arguments(parser):
    add = parser.add_argument
    add('--kernel', metavar='SPEC', default=SPEC,
        help='a kernel that is built here, or the path of a build tree '
        f'(default: {SPEC})')
    add('--source', metavar='DIR', type=Path,
        help='take the tests of this kernel source, instead of those of the '
        "kernel's own")
    add('--driver', choices=('mlx5', 'cx6dx'), default='mlx5',
        help='mlx5_core (default) or ours')
    add('--cpus', type=int, default=8, metavar='N',
        help='virtual CPUs, and so queues of a NIC (default: 8)')
    add('--timeout', type=float, default=TEST_SECONDS, metavar='SECONDS',
        help=f'for one test (default: {TEST_SECONDS})')
    add('--out', metavar='DIR', type=Path,
        help='keep the console and what the tests leave in /out here')
    add('--list', action='store_true', help='name the tests and end')
    add('test', nargs='*', metavar='TEST', help='which tests to run')


def run(args):
    """The subcommand: the status to exit with."""
    kernel = kernels.ensure(args.kernel)
    source = source_of(kernel, args.source)
    tests = choose(list_tests(source), args.test)
    if args.list:
        print('\n'.join(tests))
        return 0
    known = known_reasons()
    runner = Runner(args, kernel, source)
    print(f'KTAP version 1\n1..{len(tests) + 1}', flush=True)
    outcomes = []
    try:
        for test in tests:
            outcomes.append(runner.run(test, args.timeout))
            explain(outcomes[-1], known)
            show_ktap(len(outcomes), outcomes[-1])
        outcomes.append(runner.finish())
        show_ktap(len(outcomes), outcomes[-1])
    finally:
        if runner.guest:
            runner.guest.close()
    path = write_report(args, kernel, outcomes)
    print('\n'.join('# ' + line for line in _table(outcomes)))
    print(f'# report: {path}')
    cases = [case for outcome in outcomes for case in outcome.cases]
    bad = sum(case.bad for case in cases)
    passed = sum(case.verdict == 'pass' for case in cases)
    print(f'# {passed} passed, {bad} failed, {len(cases) - passed - bad} '
          'skipped or failed for a reason that is known', flush=True)
    return 1 if bad or not passed else 0
