#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=2400 also=mlx5
"""Scenarios twice under -icount, as cx6dx ci --icount does: traces, consoles
and captures are the same bytes; with a step of the host amid the traffic, and
when QEMU's own record is followed.

-icount counts instructions one by one: a run takes a minute or two.  With "mlx5"
it is the kernel's own driver.
"""

import sys

from harness import MLX5, check, main, need_built, note
from cx6dxlib import paths
from cx6dxlib.ci import lab, scenario, twice

# (name of the run, case, whether QEMU's record is followed)
RUNS = (
    ('records', 'records-alert/128-up', False),
    ('steps', 'pci-hot-unplug', False),
    ('recorded', 'records-alert/128-up', True),
)


def play(kernel, driver, name, case_name, replay):
    """One case twice."""
    case, = scenario.select(scenario.load_all(), [case_name], driver)
    spec = lab.spec_of(kernel, driver)
    outcomes = []
    out = paths.build('reports', f'exact-{driver}-{name}')
    work = twice.Twice(spec, outcomes.append, 1, out, replay)
    work.run([case])
    outcome, = outcomes
    note('\n'.join(outcome.failures))
    check(not outcome.failures, f'{driver}: {case_name} is the same twice'
          + (', the second time from a record' if replay else ''),
          f'{outcome.seconds:.0f} s')
    trace = out / case_name.replace('/', '--') / '1' / 'device-trace.log'
    lines = trace.read_bytes().count(b'\n') if trace.exists() else 0
    check(lines > 500, f'{driver}: the trace tells something', lines)


def test():
    mlx5 = sys.argv[1:] == ['mlx5']
    if mlx5:
        need_built(MLX5['kernel'])
    for run in RUNS:
        play(MLX5['kernel'] if mlx5 else 'stock-6.12',
             'mlx5' if mlx5 else 'cx6dx', *run)


if __name__ == '__main__':
    main(test)
