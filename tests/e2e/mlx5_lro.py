#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=300 kernel=mainline-6.12
"""mlx5_core with lro on: frames become packets, and every byte is right."""

from gro_hw import STREAM, streamed
from harness import FAR4, FAR6, MLX5, Pair, check, main
from mlx5_features import clean_log

TLS = '-k 128 -n 2 -d both -b 4M'


def merged(pair, far, what):
    by = streamed(pair, STREAM, far)
    packets, frames = by('rx_lro_packets'), by('rx_packets')
    check(min(packets) > 0, f'{what}: packets are merged', packets)
    check(all(abs(a - b) < 100 + a / 100 for a, b in zip(
        by('tx_packets'), reversed(frames))),
          f'{what}: all frames are in them', (by('tx_packets'), frames))


def lro(pair):
    """The word that ethtool has for the near end's LRO."""
    return pair.sh('ethtool -k eth0 | grep large-receive').split(':')[1]


def test():
    with Pair(cpus=2, mem='2G', timeout=300, **MLX5) as pair:
        pair.both('ethtool -K DEV lro on')
        check('on' in lro(pair), 'on when asked for')
        merged(pair, FAR4, 'IPv4')
        merged(pair, FAR6, 'IPv6')
        pair.both('ip link set DEV mtu 9000')
        merged(pair, FAR4, 'MTU 9000')
        pair.both('ip link set DEV mtu 1500')
        # a VLAN device has no LRO, so the kernel takes it from the one below
        pair.both('ip link add link DEV name v5 type vlan id 5')
        check('off' in lro(pair), 'off below a VLAN')
        pair.both('ip link del v5; ethtool -K DEV lro on')
        merged(pair, FAR4, 'VLAN gone')
        pair.offload()
        by = streamed(pair, TLS, FAR4)
        check(min(by('rx_tls_decrypted_packets')) > 0
              and by('TlsDecryptError') == (0, 0), 'TLS beside it, offloaded',
              by('rx_tls_decrypted_packets'))
        pair.both('ethtool -K DEV lro off')
        check(streamed(pair, STREAM, FAR4)('rx_lro_packets') == (0, 0),
              'lro off: nothing is merged')
        clean_log(pair, 'at the end')


if __name__ == '__main__':
    main(test)
