# SPDX-License-Identifier: GPL-2.0-or-later
"""bench timing --cost: what the timing model costs the emulator.

Rings 0 and 1 take segments from one NIC to another (bench-cx6dx-path), in three
ways: built without the model, with it and timing=off, with it and timing=on.
The three take turns, so that a machine that gets slower gets slower for all.  CPU
time is counted, and of each way the quickest round: what other programs do to the
caches can only add.  Here a segment costs nothing but the device; what timing=on
costs a guest is told by bench throughput --nics cx6dx-tls,timed.
"""

import re
import statistics
import subprocess

from . import paths, testcmd, ui

PROGRAM = 'tests/unit/bench-cx6dx-path'
WAYS = (('without', 'without', ()), ('off', 'with', ()), ('on', 'with', ('on',)))
OFF_BOUND = 1.02
_LINE = re.compile(r'(\S.*?)\s+(\d+) ns a segment')


def _programs():
    """{build: program}, with the model and without it."""
    found = {}
    for build, more in (('with', ()),
                        ('without', ('-Dc_args=-DCX6DX_WITHOUT_TIMING',))):
        place = testcmd.build_unit(f'cost-{build}', ['-Doptimization=2', *more])
        ui.run(['ninja', '-C', place, f'-j{ui.jobs()}', PROGRAM],
               f'building the path {build} the model',
               paths.log(f'cost-{build}-ninja'))
        found[build] = place / PROGRAM
    return found


def _once(program, wqes, words):
    """{load: ns a segment}."""
    done = subprocess.run([program, str(wqes), *words], capture_output=True,
                          text=True, check=False)
    if done.returncode:
        raise ui.Failure(f'{PROGRAM} has failed: {done.stderr.strip()}')
    return {name: int(ns) for name, ns in _LINE.findall(done.stdout)}


def measure(rounds, wqes):
    """{load: {way: [ns a segment of each round]}}."""
    programs = _programs()
    found = {}
    with ui.step(f'{rounds} rounds of {len(WAYS)} ways') as shown:
        for number in range(rounds):
            for way, build, words in WAYS:
                shown.note(f'round {number + 1}: {way}')
                for load, ns in _once(programs[build], wqes, words).items():
                    found.setdefault(load, {}).setdefault(way, []).append(ns)
    return found


def ratio(load, upper, lower):
    """The quotient of the quickest rounds."""
    return min(load[upper]) / min(load[lower])


def run(rounds, wqes):
    """Prints the table; (status, numbers)."""
    found = measure(rounds, wqes)
    print(f'{"CPU ns a segment, least":<25}'
          + ''.join(f'{way:>9}' for way, _, _ in WAYS)
          + f'{"off/without":>13}{"on/off":>8}')
    offs = []
    for name, load in found.items():
        offs.append(ratio(load, 'off', 'without'))
        print(f'{name:<25}'
              + ''.join(f'{min(load[way]):>9.0f}'
                        for way, _, _ in WAYS)
              + f'{offs[-1]:>13.3f}{ratio(load, "on", "off"):>8.2f}')
    whole = statistics.geometric_mean(offs)
    good = whole <= OFF_BOUND
    print(f'timing=off against no model, all loads: {whole:.3f}, '
          f'to be at most {OFF_BOUND}: {"yes" if good else "NO"}')
    return (0 if good else 1), {'rounds': rounds, 'segments_ns': found,
                                'off_over_without': whole}
