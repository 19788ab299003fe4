# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios made up from a seed: random traffic, topology, impairment, faults
of the devices, actions.

Case N of seed S is the same on every machine and in every version that has
the same lists here; its name, random:S:N, is all that is needed to run it
again.
"""

import random
import time

from .. import ui
from . import scenario

_NETEM = (
    ('loss {a}%', 3), ('duplicate {a}%', 5),
    ('loss {a}% duplicate {a}%', 2), ('loss gemodel {a}% 30%', 1))
_CHANGES = (
    'ethtool -G DEV rx 512 tx 512; ethtool -G DEV rx 1024 tx 1024',
    'ethtool -L DEV combined 1; ethtool -L DEV combined 2',
    'ethtool -K DEV tls-hw-tx-offload off; '
    'ethtool -K DEV tls-hw-tx-offload on',
    'ethtool -K DEV tls-hw-rx-offload off; '
    'ethtool -K DEV tls-hw-rx-offload on',
    'ethtool -K DEV gro off; ethtool -K DEV gro on',
    'ethtool -K DEV tso off; ethtool -K DEV tso on',
    # the last: a NIC drops frames above its MTU, so only where all have 1500
    'ip link set DEV mtu 1400; ip link set DEV mtu 1500',
)

# settings of filter-impair that a stream survives, with the most of them
_WIRE = (
    ('loss', 2), ('duplicate', 4), ('reorder', 3), ('corrupt-wrong-sum', 1),
    ('truncate', 1), ('burst-enter', 0.4), ('delay', 800))
_RULES = (
    'drop if from=client record={r}- has=header copy=1 every={e} count={c}',
    'drop if from=server record={r}- has=header copy=1-2 every={e} count={c}',
    'drop if from=client has=split-header copy=1 every={e} count={c}',
    'drop if from=client has=split-tag copy=1 every={e} count={c}',
    'drop if record={r}- has=tag copy=1 every={e} count={c}',
    'drop if len=0 flags=ack+!syn+!fin every={e} count={c}',
    'hold {h} if has=whole-header record={r}- every={e} count={c}',
    'hold {h} if from=client len=1- copy=1 every={e} count={c}',
    'duplicate 2 if has=header every={e} count={c}',
    'truncate if len=100- copy=1 every={e} count={c}',
    'corrupt body wrong-sum if len=100- every={e} count={c}',
    'delay {h}ms if len=1- every={e} count={c}')
# what a device does to a driver that both survive, contexts given back
_FAULTS = (
    'rx-force-resync:skip={s}:count=0:every={e}',
    'rx-force-resync:skip={s}:count=0:every={e};get-psv-late:delay={d}ms:count=0',
    'rx-force-resync:skip={s}:count=0:every={e};get-psv-not-tracking:count={c}',
    'rx-force-resync:skip={s}:count=0:every={e};rx-answer-lost:count={c}',
    'rx-false-header:skip={s}:count={c}:every={e}',
    'rx-lose-state:skip={s}', 'tx-lose-state:skip={s}',
    'cache-evict:count=0:every={e}',
    'cqe-delay:delay={d}ms:skip={s}:count={c}:every={e}',
    'eqe-delay:delay={d}ms:skip={s}:count={c}:every={e}',
    'irq-delay:delay={d}ms:skip={s}:count={c}:every={e}')


def _wire(dice):
    """A [wire], or nothing."""
    wire = {name: round(dice.uniform(most / 20, most), 2)
            for name, most in dice.sample(_WIRE, dice.randint(0, 2))}
    if 'delay' in wire:
        wire['delay'] = int(wire['delay'])
        wire['jitter'] = dice.randint(0, wire['delay'])
    if 'reorder' in wire:
        wire['reorder-distance'] = dice.choice((1, 2, 3, 10, 50))
    rules = [text.format(r=dice.randint(1, 20), e=dice.randint(1, 12),
                         c=dice.randint(1, 12), h=dice.randint(1, 9))
             for text in dice.sample(_RULES, dice.randint(0, 2))]
    if rules:
        wire['rules'] = rules
    if wire:
        wire['seed'] = dice.randrange(1, 1 << 31)
    return wire


def _faults(dice):
    """A list of [[fault]]."""
    return [{'end': end, 'may_rest': True, 'spec': dice.choice(_FAULTS).format(
        s=dice.randint(0, 200), e=dice.randint(3, 80), c=dice.randint(1, 5),
        d=dice.randint(1, 20))}
            for end in ('near', 'far') if dice.random() < 0.2]


def make(seed, number, driver):
    """Case NUMBER of SEED for DRIVER."""
    dice = random.Random(f'{seed}:{number}')
    records = dice.random() < 0.35
    traffic = _records(dice) if records else _stream(dice)
    over = dice.choice(('plain',) * 8 + ('vlan', 'bridge', 'macvlan'))
    offload = [dice.choice(('tx rx',) * 6 + ('tx', 'rx', '')) for _ in '12']
    given = {
        'summary': 'random traffic over a random wire', 'timeout': 150,
        'path': {'family': dice.choice(('ipv4', 'ipv6')), 'over': over,
                 'mtu': dice.choice((1500, 1500, 1280, 9000, 2345)),
                 'near_offload': offload[0], 'far_offload': offload[1],
                 'single_frames': dice.random() < 0.3,
                 'resync': dice.choice((0, 1, 2, 2))},
        'traffic': traffic,
        'fault': _faults(dice),
        'expect': {'offloaded': over == 'plain', 'rules_act': False},
    }
    wire = _wire(dice) if dice.random() < 0.5 else {}
    if wire:
        given['wire'] = wire
    netem_seed = dice.randrange(1 << 28, 1 << 31)
    for end in ('near', 'far'):
        if dice.random() < (0.2 if wire else 0.7):
            text, most = dice.choice(_NETEM)
            share = round(dice.uniform(0.1, most), 2)
            given.setdefault('netem', {})[end] = \
                text.format(a=share) + f' seed {netem_seed}'
    if not records and dice.random() < 0.4:
        total = scenario.schema.size(traffic['bytes']) * \
            traffic['connections']
        changes = _CHANGES if given['path']['mtu'] == 1500 else _CHANGES[:-1]
        given['action'] = [
            {'at': int(total * place), 'end': dice.choice(('near', 'far')),
             'run': dice.choice(changes)}
            for place in sorted(dice.uniform(0.05, 0.6)
                                for _ in range(dice.randint(1, 3)))]
    name = f'random:{seed}:{number}'
    case, = scenario.build(given, name)
    case.top['drivers'] = [driver]
    return case


def _common(dice):
    return {'key': dice.choice((128, 256)), 'seed': dice.randrange(1 << 30),
            'stall': 60,
            'segment': dice.choice((0, 0, 0, 536, 1000, 1111))}


def _stream(dice):
    connections = dice.choice((1, 2, 8, 16, 32))
    traffic = {**_common(dice), 'tool': 'stream', 'connections': connections,
               'way': dice.choice(('up', 'down', 'both')),
               'bytes': 2 * 1024 * 1024 // connections,
               'sendfile': dice.random() < 0.25}
    if dice.random() < 0.4:
        traffic['write_exact'] = dice.choice((500, 1000, 1460, 4000, 16384,
                                              16385, 60000))
    else:
        traffic['write'] = dice.choice((2000, 20000, 65536, 300000))
    return traffic


def _records(dice):
    script = []
    for _ in range(dice.randint(3, 12)):
        kind = dice.choice(('', '', '', 'm', 'f', 's', 'c', 'p'))
        length = dice.choice((1, 13, 100, 1000, 1431, 5000, 16383, 16384,
                              16385, 70000))
        times = dice.choice((1, 1, 3, 10))
        if kind == 'p':
            script.append('p')
        elif kind == 'c':
            script.append(f'c{dice.choice((21, 22))}:'
                          f'{dice.randint(1, 100)}x{times}')
        else:
            script.append(f'{kind}{length}x{times}')
    script.append('1000')       # whatever MSG_MORE left open goes out
    return {**_common(dice), 'tool': 'records', 'script': ' '.join(script),
            'connections': dice.choice((1, 4)), 'parallel': 4,
            'way': dice.choice(('up', 'down')),
            'no_block': dice.random() < 0.3, 'peek': dice.random() < 0.2,
            'zerocopy': dice.random() < 0.3,
            'read': dice.choice((777, 16384, 65536)),
            'send_buffer': dice.choice((0, 0, 16384))}


def cases(seed, driver, minutes, shard):
    """Cases of SEED until the time is up; every N-th from I for a shard."""
    end = time.monotonic() + 60 * minutes
    number = shard[0] - 1
    while time.monotonic() < end:
        yield make(seed, number, driver)
        number += shard[1]


def again(name, driver):
    """The case called random:SEED:N."""
    words = name.split(':')
    if len(words) != 3 or not words[2].isdigit() \
            or not words[1].lstrip('-').isdigit():
        raise ui.UsageError(f"'{name}' is not random:SEED:NUMBER")
    return make(int(words[1]), int(words[2]), driver)
