# SPDX-License-Identifier: GPL-2.0-or-later
"""Measure, in one run, what can be compared.

bench timing: the timing model against published figures; see benchtiming.py.

bench resync: what is left of the offload on a lossy wire; see benchresync.py.

bench throughput: one TCP stream between the two NICs of a pair, plain and
through kernel TLS, on cx6dx-tls and on other NIC models.  One guest for each
model is booted first; then the rounds go round all of them, one measurement
at a time, so that a machine that gets slower gets slower for all.  A ratio is
made within each round; printed are its median, lowest and highest.

Beside the wall clock the CPU time that QEMU used is taken: on a machine that
does other work too, MB per CPU second says more than MB/s.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from . import benchresync, benchtiming, image, kernel as kernels, paths, ui, vm

TOOL = paths.ROOT / 'tests/e2e/tools/ktls-stream.c'
NICS = (vm.NIC, 'igb', 'e1000e', 'virtio-net-pci')
MLX5 = 'mlx5'           # our device again, driven by mlx5_core
TIMED = 'timed'         # and with timing=on
OFFLOADS = (vm.NIC, MLX5, TIMED)
NO_GRO_HW = ', rx-gro-hw off'
FAR = '10.9.0.2'
WRITE_BYTES = 65536
_RUN_SECONDS = 120


class Case(NamedTuple):
    """One thing that is measured: a name, a NIC, and how TLS is done."""

    name: str
    nic: str
    tls: str            # plain, offload or software
    gro_hw: bool = True     # where our driver has it


class Sample(NamedTuple):
    """What one measurement gave."""

    speed: float        # MB/s by the wall clock, at the receiver
    economy: float      # MB per second of QEMU's CPU time


class Ratio(NamedTuple):
    """Two cases to compare, and what the quotient should be at least."""

    upper: str
    lower: str
    target: float


def cases(nics, without_gro_hw=False):
    """What to measure with these NIC models, in the order of a round."""
    found = [Case(f'{nic} plain', nic, 'plain') for nic in nics]
    for nic in OFFLOADS:
        if nic in nics:
            found += [Case(f'{nic} kTLS offloaded', nic, 'offload'),
                      Case(f'{nic} kTLS software', nic, 'software')]
    found += [Case(f'{nic} kTLS software', nic, 'software')
              for nic in nics if nic == 'igb']
    if without_gro_hw and vm.NIC in nics:
        found += [Case(case.name + NO_GRO_HW, case.nic, case.tls, False)
                  for case in found
                  if case.nic == vm.NIC and case.tls != 'software']
    return found


def ratios(found):
    """Comparisons that can be made among these cases."""
    names = {case.name for case in found}
    wanted = [Ratio(f'{vm.NIC} plain', 'igb plain', 1.3),
              Ratio(f'{vm.NIC} plain', 'e1000e plain', None),
              Ratio(f'{vm.NIC} plain', 'virtio-net-pci plain', None),
              Ratio(f'{vm.NIC} kTLS offloaded', f'{vm.NIC} plain', 0.9),
              Ratio(f'{vm.NIC} kTLS offloaded', f'{vm.NIC} kTLS software', 2.2),
              Ratio(f'{MLX5} plain', f'{vm.NIC} plain', None),
              Ratio(f'{MLX5} kTLS offloaded', f'{MLX5} plain', None),
              Ratio(f'{MLX5} kTLS offloaded', f'{MLX5} kTLS software', None),
              Ratio(f'{TIMED} plain', f'{vm.NIC} plain', 0.8),
              Ratio(f'{TIMED} kTLS offloaded', f'{vm.NIC} kTLS offloaded', 0.8),
              Ratio('igb kTLS software', 'igb plain', None),
              Ratio(f'{vm.NIC} plain', f'{vm.NIC} plain{NO_GRO_HW}', None),
              Ratio(f'{vm.NIC} kTLS offloaded',
                    f'{vm.NIC} kTLS offloaded{NO_GRO_HW}', None)]
    return [ratio for ratio in wanted
            if ratio.upper in names and ratio.lower in names]


# ---- measuring ------------------------------------------------------------

def _set_offload(guest, on):
    word = 'on' if on else 'off'
    features = f'tls-hw-tx-offload {word} tls-hw-rx-offload {word}'
    guest.check(f'ethtool -K eth0 {features} && '
                f'ip netns exec peer ethtool -K eth1 {features}', 60)


def _set_gro_hw(guest, on):
    word = 'on' if on else 'off'
    guest.check(f'ethtool -K eth0 rx-gro-hw {word} && '
                f'ip netns exec peer ethtool -K eth1 rx-gro-hw {word}', 60)


def measure(guest, case, options):
    """A Sample of CASE in GUEST; a Failure if it was not what it says."""
    words = ['bench-run', FAR, '-x', '-W', str(WRITE_BYTES),
             '-n', str(options.connections)]
    words += ['-b', options.bytes] if options.bytes else \
        ['-t', str(options.seconds)]
    if case.tls != 'plain':
        words += ['-k', str(options.key)]
        if case.nic in OFFLOADS:
            _set_offload(guest, case.tls == 'offload')
    if options.without_gro_hw and case.nic == vm.NIC:
        _set_gro_hw(guest, case.gro_hw)
    before = guest.cpu_seconds()
    text = guest.check(words, _RUN_SECONDS)
    used = guest.cpu_seconds() - before
    values = dict(word.split('=', 1) for word in text.split() if '=' in word)
    _check_way(case, values)
    return Sample(float(values['MB_per_s']),
                  int(values['received']) / 1e6 / max(used, 0.01))


def _check_way(case, values):
    """Refuse a number that was not measured the way CASE says."""
    seen = {name: int(value) for name, value in values.items()
            if 'Tls' in name}
    errors = seen.get('TlsDecryptError', 0) + seen.get('peerTlsDecryptError', 0)
    if errors:
        raise ui.Failure(f'{case.name}: {errors} records did not decrypt')
    device = [seen.get(name, 0) for name in (
        'TlsTxDevice', 'TlsRxDevice', 'peerTlsTxDevice', 'peerTlsRxDevice')]
    if case.tls == 'offload' and min(device) < 1:
        raise ui.Failure(f'{case.name}: the kernel did not offload it '
                         f'(counters {seen})')
    if case.tls != 'offload' and any(device):
        raise ui.Failure(f'{case.name}: something was offloaded '
                         f'(counters {seen})')


def _rounds(found, options, cpus):
    """{case name: [Sample of each round]} on guests with CPUS virtual CPUs."""
    samples = {case.name: [] for case in found}
    guests = {}
    tool = str(image.static_program(TOOL))
    script = str(image.GUEST / 'bench-run')
    try:
        with ui.step(f'booting guests with {cpus} vCPU') as shown:
            for nic in dict.fromkeys(case.nic for case in found):
                shown.note(nic)
                guests[nic] = vm.boot(vm.VmSpec(
                    kernel=options.kernel, cpus=cpus,
                    nic=vm.NIC if nic in OFFLOADS else nic,
                    device=['timing=on'] if nic == TIMED else [],
                    driver=MLX5 if nic == MLX5 else None,
                    accel=options.accel, mem='1G',
                    qemu=options.qemu,
                    copy=[(tool, '/cx6dx/bin/ktls-stream'),
                          (script, '/cx6dx/bin/bench-run')]))
        with ui.step(f'{options.rounds} rounds with {cpus} vCPU') as shown:
            for number in range(options.rounds):
                for case in found:
                    shown.note(f'round {number + 1}: {case.name}')
                    samples[case.name].append(
                        measure(guests[case.nic], case, options))
        for guest in guests.values():
            guest.finish()
    finally:
        for guest in guests.values():
            guest.close()
    return samples


# ---- telling --------------------------------------------------------------

def _spread(values, digits):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f'{middle:8.{digits}f}  ({low:.{digits}f} to {high:.{digits}f})'


def _compare(ratio, samples):
    """A comparison as a dict, with the quotients of every round."""
    pairs = list(zip(samples[ratio.upper], samples[ratio.lower]))
    speed = [upper.speed / lower.speed for upper, lower in pairs]
    economy = [upper.economy / lower.economy for upper, lower in pairs]
    return {'upper': ratio.upper, 'lower': ratio.lower, 'speed': speed,
            'economy': economy, 'median': statistics.median(speed),
            'median_economy': statistics.median(economy),
            'target': ratio.target,
            'reached': None if ratio.target is None
            else statistics.median(speed) >= ratio.target}


def _print(cpus, samples, compared):
    names = [*samples, *(f"{one['upper']} / {one['lower']}"
                         for one in compared)]
    width = max(map(len, names))
    print(f"\n{cpus} vCPU{'':<{width - 4}}  MB/s, median (lowest to highest)"
          '   MB per CPU second')
    for name, values in samples.items():
        speed = _spread([value.speed for value in values], 1)
        economy = _spread([value.economy for value in values], 1)
        print(f'  {name:<{width}}  {speed:<26}  {economy}')
    for one, name in zip(compared, names[len(samples):]):
        verdict = '' if one['target'] is None else \
            f"   to reach {one['target']}: " \
            + ('yes' if one['reached'] else 'NO')
        print(f"  {name:<{width}}  {_spread(one['speed'], 2):<26}"
              f"  {_spread(one['economy'], 2)}{verdict}")


def throughput(args):
    """bench throughput: status 1 if --check was given and not all is reached.
    """
    if args.nics is None:
        # the distribution's own kernels have mlx5_core without kTLS
        args.nics = [*NICS, MLX5] if args.kernel.startswith('mainline') \
            else list(NICS)
    known = (*NICS, MLX5, TIMED)
    unknown = [nic for nic in args.nics if nic not in known]
    if unknown:
        raise ui.UsageError(f"no NIC '{unknown[0]}'; there are: "
                            + ', '.join(known))
    found = cases(args.nics, args.without_gro_hw)
    results = []
    for cpus in args.cpus:
        samples = _rounds(found, args, cpus)
        compared = [_compare(ratio, samples) for ratio in ratios(found)]
        _print(cpus, samples, compared)
        results.append({
            'cpus': cpus, 'ratios': compared,
            'samples': {name: [value._asdict() for value in values]
                        for name, values in samples.items()}})
    if args.json:
        Path(args.json).write_text(json.dumps({
            'what': 'throughput', 'kernel': kernels.ensure(args.kernel).release,
            'seconds': args.seconds, 'bytes': args.bytes, 'key': args.key,
            'host_cpus': len(os.sched_getaffinity(0)),
            'date': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
            'results': results}, indent=1) + '\n')
    missed = [one for result in results for one in result['ratios']
              if one['reached'] is False]
    return 1 if args.check and missed else 0


def _numbers(text):
    if not all(word.isdigit() and int(word) for word in text.split(',')):
        raise argparse.ArgumentTypeError(f"'{text}' is not like 1,2")
    return [int(word) for word in text.split(',')]


def add_arguments(parser):
    """Options of cx6dx bench."""
    kinds = parser.add_subparsers(dest='what', metavar='WHAT', required=True)
    one = kinds.add_parser(
        'throughput', help='wall-clock throughput against other NIC models',
        description='One TCP stream, plain and with kTLS, on several NICs.')
    one.set_defaults(run_bench=throughput)
    add = one.add_argument
    add('--rounds', type=int, default=5, help='default: 5')
    add('--seconds', type=float, default=3,
        help='of each measurement (default: 3)')
    add('--bytes', help='of each measurement, instead (K, M, G)')
    add('--connections', type=int, default=1, metavar='N',
        help='at a time (default: 1)')
    add('--cpus', type=_numbers, default=[1, 2], metavar='N,...',
        help='virtual CPUs (default: 1,2, one after the other)')
    add('--nics', type=lambda text: text.split(','), metavar='MODEL,...',
        help='default: ' + ','.join(NICS) + f'; with a mainline kernel {MLX5} '
        f'too, which is our device with mlx5_core; {TIMED} is our device with '
        'timing=on')
    add('--key', type=int, choices=(128, 256), default=128,
        help='bits of the AES-GCM key (default: 128)')
    add('--kernel', default=kernels.DEFAULT, metavar='SPEC',
        help=kernels.SPEC_HELP)
    add('--accel', choices=('auto', 'tcg', 'kvm'), default='auto')
    add('--qemu', metavar='FILE', type=Path,
        help='a QEMU binary to use as it is, as $CX6DX_QEMU')
    add('--without-gro-hw', action='store_true',
        help=f'{vm.NIC} also with rx-gro-hw off, and what that makes')
    add('--json', metavar='FILE', help='all numbers, for programs')
    add('--check', action='store_true',
        help='status 1 if a ratio is below what is to be reached')
    benchtiming.add_arguments(kinds)
    benchresync.add_arguments(kinds)


def run(args):
    """The subcommand: the status to exit with."""
    return args.run_bench(args)
