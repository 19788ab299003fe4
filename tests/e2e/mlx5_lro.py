#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=300 kernel=mainline-6.12
"""mlx5_core with lro on: frames become packets, and every byte is right."""

from harness import FAR4, FAR6, MLX5, PEER, Pair, check, main, moved
from mlx5_features import clean_log

STREAM = '-n 2 -d both -b 16M'
TLS = '-k 128 -n 2 -d both -b 4M'


def streamed(pair, options, far):
    before = pair.counters()
    pair.stream(options, far)
    after = pair.counters()
    return lambda name: moved(before, after, name)


def merged(pair, far, what):
    by = streamed(pair, STREAM, far)
    packets, frames = by('rx_lro_packets'), by('rx_packets')
    check(min(packets) > 0, f'{what}: packets are merged', packets)
    check(all(abs(a - b) < 100 + a / 100 for a, b in zip(
        by('tx_packets'), reversed(frames))),
          f'{what}: all frames are in them', (by('tx_packets'), frames))


def test():
    with Pair(cpus=2, mem='2G', timeout=300, **MLX5) as pair:
        pair.both('ethtool -K DEV lro on')
        check('large-receive-offload: on' in pair.both(
            'ethtool -k DEV | grep large-receive')[0], 'lro on')
        merged(pair, FAR4, 'IPv4')
        merged(pair, FAR6, 'IPv6')
        pair.both('ip link set DEV mtu 9000')
        merged(pair, FAR4, 'MTU 9000')
        pair.both('ip link set DEV mtu 1500')
        pair.both('ip link add link DEV name v5 type vlan id 5')
        pair.sh('ip addr add 10.9.5.1/24 dev v5; ip link set v5 up')
        pair.sh(f'{PEER} ip addr add 10.9.5.2/24 dev v5; '
                f'{PEER} ip link set v5 up')
        merged(pair, '10.9.5.2', 'VLAN')
        pair.both('ip link del v5')
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
