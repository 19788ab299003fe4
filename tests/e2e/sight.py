#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=240
"""Faults on order against our driver: what each costs, and that no byte is
wrong; what the monitor says; the timeline of it all.
"""

import tempfile
from pathlib import Path

from harness import Pair, check, main, moved, note

from cx6dxlib import timeline
from cx6dxlib.timeline import story

RESYNC_OK = 'rx_tls_resync_res_ok'
# rules, side that has the fault, what must move there: counter -> how far at
# least (a loaded machine may lose packets of its own)
CASES = (
    ('rx-force-resync:skip=20', 1, {RESYNC_OK: 1}),
    ('rx-false-header:skip=20', 1, {'rx_tls_resync_req_pkt': 2, RESYNC_OK: 1}),
    ('rx-lose-state:skip=20', 1, {}),
    ('rx-auth-false-bad:skip=20', 1, {}),
    ('rx-force-resync:skip=20;get-psv-late:delay=20ms', 1,
     {'rx_tls_resync_req_pkt': 1}),
    ('rx-force-resync:skip=20;get-psv-never', 1,
     {'rx_tls_resync_req_pkt': 1}),
    ('rx-force-resync:skip=20;get-psv-not-tracking', 1,
     {'rx_tls_resync_req_skip': 1}),
    ('rx-force-resync:skip=20;rx-answer-lost', 1, {}),
    ('cqe-delay:skip=20:count=3:delay=10ms', 1, {}),
    ('eqe-delay:skip=20:count=3:delay=10ms', 1, {}),
    ('irq-delay:skip=20:count=3:delay=10ms', 1, {}),
    ('tx-lose-state:skip=20', 0, {}),
)


def one(pair, rules, side, wanted):
    """A connection with the faults RULES on NIC number SIDE."""
    before = pair.counters()
    pair.guest.qmp('qom-set', path=f'nic{side}', property='fault', value=rules)
    count = pair.guest.qmp('qom-get', path=f'nic{side}', property='faults')
    totals = pair.stream('-k 128 -b 1M -T 30')
    after = pair.guest.qmp('qom-get', path=f'nic{side}', property='faults')
    left = pair.guest.qmp('qom-get', path=f'nic{side}', property='fault')
    fired = {name: after[name] - count[name] for name in after
             if after[name] != count[name]}
    names = {rule.split(':')[0] for rule in rules.split(';')}
    check(set(fired) == names and left == '',
          f'{rules}: all of it struck', fired)
    check(totals['wrong_bytes'] == '0' and totals['sent'] == str(1 << 20),
          f'{rules}: every byte right')
    now = pair.counters()
    for name, far in wanted.items():
        seen = moved(before, now, name)[side]
        check(seen >= far, f'{rules}: {name} moved by {far}', seen)
    if rules.startswith('tx'):
        check(moved(before, now, 'tx_tls_ooo')[side] > 0,
              f'{rules}: the driver resynchronises its context')


def contexts(pair):
    """(transmit, receive) contexts alive in both devices."""
    devices = pair.guest.qmp('query-cx6dx-tls')
    return (sum(d['tx-context-count'] for d in devices),
            sum(d['rx-context-count'] for d in devices), devices)


def test_timeline(out):
    """The pictures' data say what was done to which connection."""
    streams, text = timeline.render(out / 'device-trace.log', out,
                                    pictures=False)
    causes = [each.cause for s in streams for each in story.incidents(s)]
    for fault in ('rx-force-resync', 'rx-false-header', 'rx-auth-false-bad',
                  'rx-lose-state'):
        check(f'fault {fault} struck' in causes,
              f'the timeline knows {fault} as a cause')
    check(len(streams) >= len(CASES), 'a stream for each connection',
          len(streams))
    check('the sending device dropped' in text,
          'the timeline knows what the sender dropped')
    again = sum(p.fate == 'reencrypted' for s in streams for p in s.sent)
    check(again > 0, 'and what was encrypted again', again)


def test(**guest):
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        with Pair(cpus=2, mem='1G', timeout=200, out=out, pcap=False,
                  **guest) as pair:
            pair.offload()
            for rules, side, wanted in CASES:
                one(pair, rules, side, wanted)
            text = pair.guest.qmp('human-monitor-command',
                                  **{'command-line': 'info cx6dx-tls'})
            check('nic0: dev=0' in text and 'tls_tx_records=' in text,
                  'info cx6dx-tls shows both devices')
            faults = pair.guest.qmp('query-cx6dx-tls-faults', id='nic1')
            check(sum(f['fired'] for f in faults) >= len(CASES) - 1
                  and all(f['path'] for f in faults),
                  'query-cx6dx-tls-faults tells what struck')
            tx, rx, devices = contexts(pair)
            check(rx == 0, 'no receive context is left behind', rx)
            note(f'{tx} transmit contexts are pooled')
            check(all(not d['guest-errors'] for d in devices),
                  'no fault is taken for a mistake of the guest',
                  [d['guest-errors'] for d in devices])
        test_timeline(out)


if __name__ == '__main__':
    main(test)
