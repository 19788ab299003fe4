#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=300
"""Modelled time on a running device: what the model counts is the same for the
guest, the monitor and a script; parameters change while traffic flows; each
resource is a track of the timeline, with a packet's life from left to right.
"""

import json
import tempfile
from pathlib import Path

from harness import PEER, Pair, check, main, note

from cx6dxlib import timeline
from cx6dxlib.timeline import resources

STREAM = '-k 128 -n 2 -d both -b 1M'
TRACKS = set(resources.ORDER) - {'dma_engine'}


def numbers(pair, nic):
    return pair.guest.qmp('qom-get', path=f'nic{nic}', property='model')


def model_of(counters):
    """Those of ethtool -S that the model counts."""
    return {name.removeprefix('model_'): value
            for name, value in counters.items() if name.startswith('model_')}


def test_accounts(pair):
    before = numbers(pair, 0)
    near, far = map(model_of, pair.counters())
    after = numbers(pair, 0)
    check(set(near) == set(far) == set(before),
          'ethtool -S has each number of the model', len(near))
    moving = [name for name in before
              if not before[name] <= near.get(name, -1) <= after[name]
              and not name.endswith('_ns')]
    check(not moving, 'and the guest sees what the monitor sees', moving)
    for name in ('dma_send_data_bytes', 'dma_recv_data_bytes', 'dma_cqe_bytes',
                 'dma_eqe_bytes', 'dma_context_bytes', 'dma_recovery_bytes',
                 'wire_tx_busy_ns', 'crypto_rx_bytes', 'firmware_operations',
                 'tags_most', 'ctx_most'):
        check(near[name] > 0, f'model_{name} is not 0', near[name])
    dma = sum(value for name, value in after.items()
              if name.startswith('dma_') and name.endswith('_bytes')
              and name not in ('dma_read_bytes', 'dma_write_bytes'))
    check(dma == after['dma_read_bytes'] + after['dma_write_bytes'],
          'bytes of DMA by use add up to all of them')
    text = pair.guest.qmp('human-monitor-command',
                          **{'command-line': 'info cx6dx-tls'})
    check(' pcie_up_busy_ns=' in text, 'info cx6dx-tls prints them')
    connections = pair.guest.qmp('qom-get', path='nic0',
                                 property='model-connections')
    note(f'{len(connections)} TLS contexts have accounts')


def test_change(pair):
    """Half the lanes: twice the time on the link for each byte."""
    rates = []
    for lanes in (16, 8):
        for nic in (0, 1):
            pair.guest.qmp('qom-set', path=f'nic{nic}', property='pcie-lanes',
                           value=lanes)
        before = numbers(pair, 0)
        pair.stream('-k 128 -b 1M')
        after = numbers(pair, 0)
        rates.append((after['pcie_up_busy_ns'] - before['pcie_up_busy_ns'])
                     / (after['pcie_up_bytes'] - before['pcie_up_bytes']))
    check(1.95 < rates[1] / rates[0] < 2.05,
          'with half of the lanes a byte takes twice the time',
          f'{rates[1] / rates[0]:.3f}')


def test_timeline(out):
    _, text = timeline.render(out / 'device-trace.log', out, pictures=False)
    note('\n'.join(text.splitlines()[:24]))
    trace = json.loads((out / 'trace.json').read_text())['traceEvents']
    names = {(e['pid'], e['tid']): e['args']['name'] for e in trace
             if e['name'] == 'thread_name'}
    slices = [e for e in trace if e['ph'] == 'X' and e['cat'] == 'model']
    seen = {names[e['pid'], e['tid']] for e in slices}
    check(TRACKS <= seen, 'each resource is a track', sorted(seen))
    by_track = {}
    for one in slices:
        by_track.setdefault((one['pid'], one['tid']), []).append(
            (round(one['ts'] * 1e3, 3), round(one['dur'] * 1e3, 3)))
    crossed = 0
    for track in by_track.values():
        track.sort()
        crossed += sum(begin + length > after + 0.01 for (begin, length),
                       (after, _) in zip(track, track[1:]))
    check(crossed == 0, 'and serves one operation at a time', crossed)
    with open(out / 'device-trace.log', encoding='utf-8',
              errors='replace') as lines:
        lives = [[(s.res, s.use) for s in life]
                 for life in resources.lives(resources.read(lines))]
    sent = [('pcie_down', 'doorbell'), ('pcie_up', 'send_wqe'),
            ('pcie_up', 'send_data'), ('crypto_tx', 'cipher'),
            ('wire_tx', 'frame'), ('pcie_up', 'cqe')]
    came = [('wire_rx', 'frame'), ('rx_pipe', 'place'), ('crypto_rx', 'cipher'),
            ('pcie_up', 'recv_data'), ('pcie_up', 'cqe'), ('pcie_up', 'eqe'),
            ('pcie_up', 'msix')]
    for what, stages in (('sent', sent), ('received', came)):
        whole = sum(all(stage in life for stage in stages) for life in lives)
        check(whole > 0, f'the life of a packet that is {what} is whole', whole)


def test(**guest):
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        with Pair(cpus=2, mem='1G', timeout=200, out=out, pcap=False,
                  device=['timing=on'], **guest) as pair:
            pair.offload()
            pair.sh(f'tc qdisc replace dev eth0 root netem loss 1% && '
                    f'{PEER} tc qdisc replace dev eth1 root netem loss 1%')
            # a loss at a bad place is chance: the device forgets, too
            pair.guest.qmp('qom-set', path='nic0', property='fault',
                           value='tx-lose-state:skip=20:every=20:count=4')
            totals = pair.stream(STREAM)
            check(totals['wrong_bytes'] == '0', 'every byte is right')
            pair.sh(f'tc qdisc del dev eth0 root && '
                    f'{PEER} tc qdisc del dev eth1 root')
            test_accounts(pair)
            test_change(pair)
        test_timeline(out)


if __name__ == '__main__':
    main(test)
