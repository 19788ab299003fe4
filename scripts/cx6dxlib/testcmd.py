# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the test suites.

  rooms   scripts/check-rooms: who includes whom, sizes, form
  tools   what builds and tests this project, by tests/tools
  unit    rings 0 and 1 without QEMU, and the coverage of pure/ by lines
  asan    the same programs under the address and undefined-behaviour sanitizers
  qtest   the device as a guest's registers see it, in QEMU without a guest
  e2e     guests that boot: every executable tests/e2e/*.py, in order

stdout is KTAP: a result for each program, and below those of the end-to-end
tests all of their claims.  An end-to-end test prints KTAP too.  A line
'# cx6dx-test: slow' at its head keeps it for --all, 'timeout=SECONDS' there
changes its limit, 'kernel=SPEC' has that kernel made before it starts, and
'also=WORD,WORD' has --all run it again with each WORD.

Output goes to build/logs.  The last line is 'N passed, N failed, N skipped';
the exit status is 0 only if nothing failed and something passed.
"""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import apt, kernel, paths, qemu, ui
from .tap import Tally, parse

E2E_TIMEOUT = 600
COVERAGE_PERCENT = 95
PURE = 'hw/net/cx6dx_tls/pure/'
UNIT_PACKAGES = ['build-essential', 'meson', 'ninja-build', 'pkg-config',
                 'libglib2.0-dev', 'libgcrypt20-dev', 'gcovr']
UNIT_OPTIONS = ['-Db_coverage=true', '-Doptimization=1']
SANITIZE = {
    'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=0:exitcode=99',
    'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
    'G_SLICE': 'always-malloc',
}


# ---- one test program ------------------------------------------------------

_count = itertools.count(1)         # of the results at the top of the output
_KTAP = re.compile(r'\s*((not )?ok\b|\d+\.\.\d+|K?TAP version|Bail out!|# )')


def run_program(label, command, timeout, cwd=None, env=None, protocol='tap',
                nested=False):
    """Run one test program, print what came of it; its Tally.

    With NESTED its own results are printed too, a level below.
    """
    log = paths.log(label.replace('/', '-'))
    begin = time.monotonic()
    with ui.step(label) as shown:
        status, lines = _capture(command, timeout, cwd, env, log, shown)
    tally = parse(lines) if protocol == 'tap' else Tally()
    if protocol != 'tap' and status == 0:
        tally.passed += 1
    elif status == 77 and not tally.failed:
        tally.skip(f'{label}: said that it cannot run here')
    elif status is None:
        tally.fail(f'{label}: no end within {timeout} s')
    elif status != 0 and not tally.failed:
        tally.fail(f'{label}: {_end_of(status)}')
    elif not tally.passed + tally.failed + tally.skipped:
        tally.fail(f'{label}: gave no result at all')
    for line in lines if nested else ():
        if _KTAP.match(line):
            print(f'    {line}')
    _print_outcome(label, tally, time.monotonic() - begin, log)
    return tally


def _end_of(status):
    if status < 0:
        return f'killed by {signal.Signals(-status).name}'
    return f'ended with status {status}'


def _capture(command, timeout, cwd, env, log, shown):
    """(status or None for a hang, lines of stdout) of COMMAND."""
    lines = []
    with open(log, 'w', encoding='utf-8', errors='replace') as out:
        print('+', *command, file=out, flush=True)
        child = subprocess.Popen(
            list(map(str, command)), cwd=cwd, env=env, text=True,
            errors='replace', stdin=subprocess.DEVNULL, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        late = threading.Event()

        def kill():
            late.set()
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(5)   # QEMU and its logs shall end well
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(timeout, kill)
        timer.start()
        try:
            for line in child.stdout:
                out.write(line)
                out.flush()
                lines.append(line.rstrip('\n'))
                shown.note(line)
            status = child.wait()
        except BaseException:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()
            raise
        finally:
            timer.cancel()
    return (None if late.is_set() else status), lines


def _print_outcome(label, tally, seconds, log):
    _print_result(label, tally, f'{tally.line()} ({seconds:.1f} s)')
    for text in tally.failures:
        print(f'# failed: {text}')
    for text in tally.skips:
        print(f'# skipped: {text}')
    if tally.failed:
        print(f'# log: {log}')
    sys.stdout.flush()


def _print_result(label, tally, text):
    """One result at the top of the output; TEXT says more."""
    word = 'not ok' if tally.failed else 'ok'
    skipped = not tally.failed and not tally.passed and tally.skipped
    print(f"{word} {next(_count)} {label} # {'SKIP ' if skipped else ''}{text}",
          flush=True)


def one_case(label, good, text):
    """A Tally of the one case LABEL, which is GOOD or fails with TEXT."""
    tally = Tally()
    if good:
        tally.passed += 1
    else:
        tally.fail(f'{label}: {text}')
    _print_result(label, tally, text)
    return tally


def nothing(suite, what):
    """The Tally of a suite of which this checkout has no part."""
    tally = Tally()
    tally.skip(f'{suite}: {what}')
    _print_result(suite, tally, what)
    return tally


# ---- the suites --------------------------------------------------------------

def suite_rooms(_args):
    return run_program('rooms/check-rooms',
                       [paths.ROOT / 'scripts/check-rooms', '--tap'], 60)


def suite_tools(_args):
    tally = Tally()
    for path in sorted((paths.ROOT / 'tests/tools').glob('test-*.py')):
        tally.add(run_program(f'tools/{path.stem}', [path], 60))
    return tally


def _file_names():
    """What decides which test programs there are."""
    names = []
    for folder in ('hw/net/cx6dx_tls', 'tests/unit', 'tests/fuzz'):
        names += sorted(str(path) for path in (paths.ROOT / folder).rglob('*'))
    return paths.digest(*names)


def unit_lock():
    """Held by whoever compiles or runs the unit tests of this checkout."""
    return paths.lock(f'unit-{paths.digest(str(paths.ROOT))}')


def build_unit(name, options):
    """Configure rings 0 and 1 in build/NAME; the directory."""
    apt.install(UNIT_PACKAGES, 'the unit suite')
    place = paths.build(name)
    mark = place / '.cx6dx-names'
    names = _file_names() + ' '.join(options)
    if not (place / 'build.ninja').is_file():
        ui.run(['meson', 'setup', *options, place, paths.ROOT],
               f'configuring {name}', paths.log(f'{name}-setup'))
    elif not mark.is_file() or mark.read_text() != names:
        ui.run(['meson', 'setup', '--reconfigure', *options, place,
                paths.ROOT], f'configuring {name}', paths.log(f'{name}-setup'))
    mark.write_text(names)
    return place


def compile_unit(name, place):
    """Compile all of build/NAME that compiles, as one case."""
    log = paths.log(f'{name}-ninja')
    status = ui.run(['ninja', '-C', place, '-k0', f'-j{ui.jobs()}'],
                    f'compiling {name}', log, check=False)
    if status:
        print(ui.tail(log, 40), file=sys.stderr)
    return one_case(f'compiling {name}', status == 0,
                    f'ninja ended with status {status}; log: {log}')


def _programs(place):
    """The tests of the build in PLACE, each with whether it can be run: a
    program that is older than its sources would say nothing about them.
    """
    tests = json.loads((place / 'meson-info/intro-tests.json').read_text())
    for test in tests:
        if {'e2e', 'qtest', 'bench'} & {suite.split(':')[-1]
                                        for suite in test['suite']}:
            continue
        program = os.path.relpath(test['cmd'][0], place)
        if program.startswith('..'):
            yield test, True
            continue
        dry = subprocess.run(['ninja', '-C', place, '-n', program],
                             capture_output=True, text=True, check=False)
        yield test, 'no work to do' in dry.stdout


def _run_unit(label, options, more_env):
    place = build_unit(label, options)
    tally = compile_unit(label, place)
    for path in place.rglob('*.gcda'):
        path.unlink()
    tests = list(_programs(place))
    for test, current in tests:
        name = f"{label}/{test['name']}"
        if not current:
            tally.add(one_case(name, False, 'its sources did not compile, or '
                               'changed since they were compiled'))
            continue
        env = {**os.environ, **more_env, **test['env']}
        tally.add(run_program(name, test['cmd'], max(test['timeout'], 120),
                              test['workdir'] or place, env,
                              test['protocol']))
    if not tests:
        tally.add(nothing(label, 'no unit tests in this checkout'))
    return place, tally


def suite_unit(_args):
    env = {'G_SLICE': 'always-malloc', **_ifc_header()}
    with unit_lock():
        place, tally = _run_unit('unit', UNIT_OPTIONS, env)
        if tally.passed:
            tally.add(_coverage(place))
    return tally


def _ifc_header():
    """Environment that shows the layout test the kernel's mlx5_ifc.h."""
    if os.environ.get('CX6DX_IFC_HEADER'):
        return {}
    try:
        place = kernel.ensure(kernel.DEFAULT).place
    except ui.Failure as error:
        print(f'# note: no kernel headers to compare layouts with: {error}')
        return {}
    found = sorted(place.glob('usr/src/linux-headers-*-common/'
                              'include/linux/mlx5/mlx5_ifc.h'))
    return {'CX6DX_IFC_HEADER': str(found[0])} if found else {}


def suite_asan(_args):
    options = ['-Db_sanitize=address,undefined', '-Db_lundef=false',
               '-Doptimization=1']
    with unit_lock():
        return _run_unit('unit-asan', options, SANITIZE)[1]


def _coverage(place):
    """The share of lines of pure/ that the unit tests ran, as one case."""
    summary = paths.log('coverage-summary').with_suffix('.json')
    table = paths.log('coverage')
    ui.run(['gcovr', '-r', paths.ROOT, '--filter', PURE, '--json-summary',
            summary, '--exclude-unreachable-branches',
            '--exclude-throw-branches', place],
           'coverage of pure/', table)
    result = json.loads(summary.read_text())
    if not result.get('line_total'):
        return one_case('coverage of pure/', False, 'gcovr saw no line of it')
    for each in sorted(result['files'], key=lambda x: x['line_percent']):
        name = each['filename'].removeprefix(PURE)
        print(f"# {each['line_percent']:5.1f} %  {name} "
              f"({each['line_covered']} of {each['line_total']} lines)")
    percent = result['line_percent']
    return one_case('coverage of pure/', percent >= COVERAGE_PERCENT,
                    f'{percent:.1f} % of its lines; {COVERAGE_PERCENT} % '
                    'are asked for')


def suite_qtest(_args):
    tests = sorted((paths.ROOT / 'tests/qtest').glob('cx6dx-*-test.c'))
    if not tests:
        return nothing('qtest', 'no tests/qtest/cx6dx-*-test.c in this '
                       'checkout')
    built = qemu.ensure()
    programs = [f'tests/qtest/{path.stem}' for path in tests]
    qemu.ninja(*programs, name='building the qtests')
    env = dict(os.environ, QTEST_QEMU_BINARY=str(built.binary),
               QTEST_QEMU_IMG=str(built.img), G_TEST_DBUS_DAEMON='/bin/false')
    tally = Tally()
    for program in programs:
        tally.add(run_program(f'qtest/{Path(program).name}',
                              [qemu.TREE / program, '--tap', '-k'], 900,
                              qemu.TREE, env))
    return tally


def _e2e_tests(everything):
    """(path, arguments, timeout, kernel or None) of the end-to-end tests to run,
    in order."""
    for path in sorted((paths.ROOT / 'tests/e2e').glob('*.py')):
        if not os.access(path, os.X_OK):
            continue
        head = ''.join(path.read_text().splitlines(keepends=True)[:40])
        marks = ' '.join(re.findall(r'^# cx6dx-test:(.*)', head, re.M))
        limit = re.search(r'timeout=(\d+)', marks)
        seconds = int(limit[1]) if limit else E2E_TIMEOUT
        spec = re.search(r'kernel=(\S+)', marks)
        spec = spec and spec[1]
        if everything or 'slow' not in marks.split():
            yield path, [], seconds, spec
        also = re.search(r'also=(\S+)', marks)
        for word in also[1].split(',') if also and everything else ():
            built = kernel.kernelbuild.BUILT
            yield path, [word], seconds, word if word in built else spec


def suite_e2e(args):
    tally, some = Tally(), False
    for path, words, timeout, spec in _e2e_tests(args.all):
        some = True
        label = '@'.join([f'e2e/{path.stem}', *words])
        try:
            if spec:        # may take minutes, which are not the test's
                kernel.ensure(spec)
        except ui.Failure as failure:
            ui.report(failure)
            tally.add(one_case(label, False, str(failure).splitlines()[0]))
            continue
        tally.add(run_program(label, [path, *words], timeout, paths.ROOT,
                              dict(os.environ), nested=True))
    return tally if some else nothing('e2e', 'no tests in tests/e2e')


SUITES = {'rooms': suite_rooms, 'tools': suite_tools, 'unit': suite_unit,
          'asan': suite_asan, 'qtest': suite_qtest, 'e2e': suite_e2e}


def add_arguments(parser):
    parser.add_argument('--suite', action='append', choices=list(SUITES),
                        metavar='NAME', help='run this suite only; may be '
                        'repeated (' + ', '.join(SUITES) + ')')
    parser.add_argument('--all', action='store_true',
                        help='run the slow end-to-end tests too')


def run(args):
    total = Tally()
    print('KTAP version 1', flush=True)
    for name, suite in SUITES.items():
        if args.suite and name not in args.suite:
            continue
        try:
            total.add(suite(args))
        except ui.Failure as failure:
            # the other suites can still say something
            ui.report(failure)
            total.add(one_case(name, False, str(failure).splitlines()[0]))
    sys.stderr.flush()
    print(f'1..{next(_count) - 1}')
    print(total.line(), flush=True)
    return 0 if total.passed and not total.failed else 1
