#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=3000
"""20,000 short TLS connections, 64 at a time, with mlx5_core at both ends.

Every object that a connection takes must come back: TIR, DEK, steering rules,
pages, and those TISes that the driver's pool does not keep.  The device borrows
pages here, as a card does.

Takes a number of connections, and a kernel SPEC.
"""

import sys

from connections import same, settled
from harness import MLX5, Pair, check, main, moved, note

AT_A_TIME = 64


def burst(pair, rounds):
    """ROUNDS times 64 connections that move a few records each way."""
    for _ in range(rounds):
        pair.stream(f'-k 128 -n {AT_A_TIME} -d both -b 20K -T 60')


def test(connections, **guest):
    with Pair(cpus=2, mem='2G', timeout=2800, **guest) as pair:
        pair.offload()
        # the driver's pool of TISes is filled now, and stays
        burst(pair, 4)
        start = settled(pair, None)
        note(f'objects before: {start[0]}')
        before = pair.counters()
        rounds = -(-connections // AT_A_TIME)
        burst(pair, rounds)
        after = pair.counters()
        made = rounds * AT_A_TIME
        for name in ('TlsTxDevice', 'TlsRxDevice'):
            seen = moved(before, after, name)
            check(seen == (made, made), f'{name} counts every connection', seen)
        check(moved(before, after, 'TlsDecryptError') == (0, 0),
              'no record failed to decrypt')
        end = settled(pair, start, pooled=True)
        for nic in (0, 1):
            check(same(end[nic], start[nic], pooled=True),
                  f'device {nic} has the objects it had before', end[nic])
        late = pair.counters()
        for name, gone in (('tx_tls_ctx', 'tx_tls_del'),
                           ('rx_tls_ctx', 'rx_tls_del')):
            for where, one in zip(('near', 'far'), late):
                check(one[name] == one[gone] > 0,
                      f'{where}: every {name} was given back', one[name])


if __name__ == '__main__':
    main(test, int(sys.argv[1]) if sys.argv[1:] else 20000,
         device=['fw-pages=512'], **dict(MLX5, **(
             {'kernel': sys.argv[2]} if sys.argv[2:] else {})))
