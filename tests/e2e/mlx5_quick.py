#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=300 kernel=mainline-6.12
"""mlx5_core in short: it probes, carries traffic, offloads kTLS, reloads.

The long form is mlx5_features.py.
"""

from harness import FAR4, FAR6, MLX5, Pair, check, main, moved
from mlx5_features import clean_log

TLS = '-k 128 -n 1 -d both -b 4M'


def probed(pair):
    """Both ports are mlx5_core's and have a link."""
    for end, text in zip('near far'.split(), pair.both(
            'ethtool -i DEV; cat /sys/class/net/DEV/carrier')):
        check('driver: mlx5_core' in text and text.split()[-1] == '1',
              f'the {end} port is driven by mlx5_core and has a link')
    clean_log(pair, 'after probe')


def reachable(pair, when):
    for far in (FAR4, FAR6):
        text = pair.sh(f'ping -c 3 -i 0.05 -W 2 {far} || :')
        check('3 received' in text, f'{when}: ping {far}',
              next(iter(line for line in text.splitlines()
                        if 'received' in line), text))


def offloaded(pair, when):
    """One TLS stream, offloaded both ways at both ends."""
    pair.offload()
    before = pair.counters()
    pair.stream(TLS)
    after = pair.counters()
    for name, least in (('TlsTxDevice', 1), ('TlsRxDevice', 1),
                        ('tx_tls_ctx', 1), ('rx_tls_ctx', 1),
                        ('tx_tls_encrypted_packets', 500),
                        ('rx_tls_decrypted_packets', 200)):
        seen = moved(before, after, name)
        check(min(seen) >= least, f'{when}: {name} moves at both ends', seen)
    check(moved(before, after, 'TlsDecryptError') == (0, 0),
          f'{when}: no record fails to decrypt')


def test():
    with Pair(cpus=2, mem='1G', timeout=300, **MLX5) as pair:
        probed(pair)
        reachable(pair, 'at first')
        offloaded(pair, 'at first')
        pair.sh('rmmod mlx5_core && modprobe mlx5_core && '
                'cx6dx-net up', 60)
        reachable(pair, 'loaded again')
        offloaded(pair, 'loaded again')
        clean_log(pair, 'at the end')


if __name__ == '__main__':
    main(test)
