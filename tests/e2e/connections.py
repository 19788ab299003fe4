#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=600
"""256 TLS connections at a time, random writes, both directions, 1 GB."""

import sys

from harness import Pair, check, main, moved, note

CONNECTIONS = 256
EACH_WAY = 2 << 20
# All sockets together want less than the kernel lets TCP have of 3 GB.  With
# buffers as large as they like, TCP drops what has arrived (TCPRcvQDrop) and
# retransmission timers fire by the thousand; with these, a few dozen do.
BUFFER_BYTES = 256 << 10
# mlx5_core has keys in bulks of 128, and gives whole bulks back, some time after
# the last of their keys has gone
POOLED_KEYS = 1024


def same(seen, wanted, pooled=False):
    """Whether a NIC has the objects SEEN that it had before, WANTED."""
    if pooled and seen['dek'] <= POOLED_KEYS:
        seen = dict(seen, dek=wanted['dek'])
    return seen == wanted


def settled(pair, wanted, pooled=False):
    """Objects of both NICs, read until they are WANTED or time is up."""
    seen = None
    for _ in range(40):
        seen = [pair.objects(nic) for nic in (0, 1)]
        if wanted and all(same(*both, pooled) for both in zip(seen, wanted)):
            break
        # work items of the kernel take connections down, and tell nobody
        pair.sh('sleep 0.25')
    return seen


def bound_buffers(pair, size):
    """Limit what each socket may hold, at both ends."""
    pair.both(f'echo 4096 65536 {size} > /proc/sys/net/ipv4/tcp_rmem; '
              f'echo 4096 16384 {size} > /proc/sys/net/ipv4/tcp_wmem')


def test(key_bits, timeout=500, **guest):
    with Pair(cpus=2, mem='3G', timeout=timeout, **guest) as pair:
        pair.offload()
        bound_buffers(pair, BUFFER_BYTES)
        # the pool of TISes is filled by the first connections and kept
        pair.stream(f'-k {key_bits} -n 8 -d both -b 64K')
        pair.stream(f'-k {key_bits} -n {CONNECTIONS} -d both -b 4K')
        start = [pair.objects(nic) for nic in (0, 1)]
        note(f'objects before: {start[0]}')
        before = pair.counters()
        pair.stream(f'-k {key_bits} -n {CONNECTIONS} -d both -b {EACH_WAY} '
                    '-w 64K -S 7 -T 200', timeout=450)
        check(True, f'{CONNECTIONS} connections moved '
              f'{2 * CONNECTIONS * EACH_WAY >> 20} MB, every byte right')
        after = pair.counters()
        for name in ('TlsTxDevice', 'TlsRxDevice'):
            seen = moved(before, after, name)
            check(seen == (CONNECTIONS, CONNECTIONS),
                  f'{name} counts every connection on both ends', seen)
        check(moved(before, after, 'TlsDecryptError') == (0, 0),
              'no record failed to decrypt')
        size = CONNECTIONS * EACH_WAY
        # where timers of TCP fire early, segments come twice and late, and the
        # device leaves what follows them to software for a while
        for name, share in (('tx_tls_encrypted_bytes', 1),
                            ('rx_tls_decrypted_bytes', 0.95)):
            seen = moved(before, after, name)
            check(min(seen) >= share * size,
                  f'{name} covers {share:.0%} of the payload',
                  f'{seen} of {size}')
        pooled = guest.get('driver') == 'mlx5'
        end = settled(pair, start, pooled)
        for nic in (0, 1):
            check(same(end[nic], start[nic], pooled),
                  f'device {nic} has the objects it had before', end[nic])
        for name, gone in (('tx_tls_ctx', 'tx_tls_del'),
                           ('rx_tls_ctx', 'rx_tls_del')):
            late = pair.counters()
            for where, one in zip(('near', 'far'), late):
                check(one[name] == one[gone] and one[name] > 0,
                      f'{where}: every {name} was given back',
                      f'{one[name]} and {one[gone]}')


if __name__ == '__main__':
    main(test, int(sys.argv[1]) if sys.argv[1:] else 128)
