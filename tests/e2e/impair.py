#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=200
"""Rules lose chosen segments of TLS streams: resync follows, no byte is wrong."""

import tempfile
from pathlib import Path

from harness import Pair, check, main, moved

FILTER = '/objects/wire-rules'
# of each side of the first connection: headers of records, one of them again
# when it is sent again, and the FIN
RULES = """\
drop if conn=1 record=20,60 has=header copy=1
drop if conn=1 record=100 has=header copy=1-2
drop if conn=1 flags=fin copy=1
"""
MORE = """\
drop if has=header record=10- copy=1 skip=5 every=7 count=3
corrupt wrong-sum if len=1- record=10- every=50 count=20
"""


def stats(pair):
    return pair.guest.qmp('qom-get', path=FILTER, property='stats')


def acted(pair):
    """How often each rule acted, by line."""
    rules = pair.guest.qmp('qom-get', path=FILTER, property='rule-stats')
    return [rule['acted'] for rule in rules]


def set_rules(pair, path, text):
    path.write_text(text)
    pair.guest.qmp('qom-set', path=FILTER, property='rules', value=str(path))


def lost_headers(pair):
    before = pair.counters()
    pair.stream('-k 128 -n 1 -d both -b 4M -T 60')
    after = pair.counters()
    seen = acted(pair)
    check(seen[0] >= 4 and seen[1] >= 3,
          'segments with the headers of chosen records were lost, both ways',
          seen)
    check(seen[2] >= 1, 'so was a FIN', seen)
    for name in ('rx_tls_resync_req_pkt', 'rx_tls_resync_res_ok'):
        found = moved(before, after, name)
        check(min(found) > 0, f'{name} moved on both ends', found)
    check(moved(before, after, 'TlsDecryptError') == (0, 0),
          'no record failed to decrypt')
    check(min(moved(before, after, 'rx_tls_decrypted_packets')) > 500,
          'decryption goes on behind the losses')


def damaged(pair, path):
    set_rules(pair, path, MORE)
    before = stats(pair)
    pair.stream('-k 256 -n 2 -d both -b 2M -T 60')
    after = stats(pair)

    def counted(name):
        return sum(after[way][name] - before[way][name]
                   for way in ('rx', 'tx'))
    check(counted('dropped-by-rule') == 3, 'three headers more were lost',
          acted(pair))
    check(counted('corrupted-wrong-sum') == 20,
          'segments with wrong checksums were replaced')
    check(after['connections'] - before['connections'] == 2
          and after['records'] > before['records'],
          'connections and records were followed')


def by_chance(pair, path):
    set_rules(pair, path, '')
    for way in ('rx', 'tx'):
        for name, value in (('loss', 1), ('reorder', 1), ('duplicate', 1)):
            pair.guest.qmp('qom-set', path=FILTER, property=f'{name}-{way}',
                           value=value)
    pair.stream('-k 128 -n 4 -d both -b 1M -T 60')
    after = stats(pair)
    check(min(after[way][name] for way in ('rx', 'tx')
              for name in ('lost', 'reordered', 'duplicated')) > 0,
          'settings made at run time lose, reorder and repeat')
    check(after['rx']['overlimit'] + after['tx']['overlimit'] == 0,
          'nothing piled up in the filter')


def test():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'rules'
        path.write_text(RULES)
        with Pair(wire_rules=path, timeout=180) as pair:
            pair.offload()
            lost_headers(pair)
            damaged(pair, path)
            by_chance(pair, path)


if __name__ == '__main__':
    main(test)
