#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=400 also=mainline-next
"""Segments that the device merges: our driver's rx-gro-hw."""

import sys

from harness import FAR4, FAR6, PEER, Pair, check, main, moved

STREAM = '-n 2 -d both -b 16M'
TLS = '-k 128 -n 4 -d both -b 4M -T 60'
MERGED, WIRE = 'rx_hw_gro_packets', 'rx_hw_gro_wire_packets'
THIRD = 'ip netns exec third'


def streamed(pair, options, far=FAR4):
    """How far all counters moved while a stream ran, as a function of names."""
    before = pair.counters()
    pair.stream(options, far)
    after = pair.counters()
    return lambda name: moved(before, after, name)


def merges(pair, options, far, what):
    """One stream; most of its segments are merged, and every byte is right."""
    by = streamed(pair, options, far)
    merged, wire, packets = by(MERGED), by(WIRE), by('rx_packets')
    check(min(merged) > 0 and min(wire) > 2 * min(merged),
          f'{what}: the device merges', (merged, wire))
    check(min(wire) > min(packets) / 4,
          f'{what}: a good part of all segments', (wire, packets))
    check(by('TlsDecryptError') == (0, 0), f'{what}: every byte right')
    return by


def counted_alike(pair):
    """What one end sent the other received: segments, and their bytes."""
    by = merges(pair, STREAM, FAR4, 'IPv4')
    for name in 'packets', 'bytes':
        sent, got = by('tx_' + name), by('rx_' + name)
        # a few frames of the neighbours' discovery come between the readings
        check(all(abs(a - b) < 100 + a / 100
                  for a, b in zip(sent, reversed(got))),
              f'{name} are those of the wire', (sent, got))


def switched(pair):
    def state():
        return [text.split(':')[1].split()[0] for text in pair.both(
            'ethtool -k DEV | grep rx-gro-hw')]

    check(state() == ['on', 'on'], 'on from the start')
    for how in 'rx-gro-hw', 'gro', 'rx':
        pair.both(f'ethtool -K DEV {how} off')
        check(state() == ['off', 'off'], f'{how} off: nothing merges')
        check(streamed(pair, STREAM)(MERGED) == (0, 0), f'{how} off: it is so')
        pair.both(f'ethtool -K DEV {how} on; ethtool -K DEV rx-gro-hw on')
        pair.offload()
    # with other buffers in between
    pair.both('ethtool -K DEV rx-gro-hw off; ethtool -G DEV rx 512; '
              'ethtool -K DEV rx-gro-hw on')
    merges(pair, STREAM, FAR4, 'on again, after a change of the ring')


def switched_under_load(pair):
    """Connections with TLS that are open take part in the change."""
    pair.sh('(for i in 1 2 3 4 5 6; do sleep 0.3; ethtool -K eth0 rx-gro-hw off;'
            f' {PEER} ethtool -K eth1 rx-gro-hw off; sleep 0.3; '
            f'ethtool -K eth0 rx-gro-hw on; {PEER} ethtool -K eth1 rx-gro-hw on; '
            'done) >/tmp/switch.log 2>&1 & echo $! >/tmp/switch.pid')
    by = streamed(pair, '-k 128 -n 4 -d both -b 16M -T 60')
    pair.sh('while kill -0 $(cat /tmp/switch.pid) 2>/dev/null; do sleep 0.05; '
            'done')
    check(by('TlsDecryptError') == (0, 0),
          'switched under load: every byte right')


def tags(pair):
    pair.both('ip link add link DEV name v5 type vlan id 5')
    pair.sh('ip addr add 10.9.5.1/24 dev v5; ip link set v5 up')
    pair.sh(f'{PEER} ip addr add 10.9.5.2/24 dev v5; {PEER} ip link set v5 up')
    merges(pair, STREAM, '10.9.5.2', 'VLAN')
    pair.both('ethtool -K DEV rxvlan off')
    merges(pair, STREAM, '10.9.5.2', 'VLAN, tag left in place')
    pair.both('ethtool -K DEV rxvlan on; ip link del v5')


def forwarded(pair):
    """A merged packet is cut up again on its way to somebody else."""
    pair.sh('ip netns add third; '
            f'{PEER} ip link add w0 type veth peer name w1 netns third; '
            f'{PEER} ip addr add 10.9.7.1/24 dev w0; '
            f'{PEER} ip link set w0 up; '
            f'{THIRD} ip addr add 10.9.7.2/24 dev w1; '
            f'{THIRD} ip link set w1 up; {THIRD} ip link set lo up; '
            f'{THIRD} ip route add default via 10.9.7.1; '
            f'{PEER} sysctl -qw net.ipv4.ip_forward=1; '
            f'ip route add 10.9.7.0/24 via {FAR4}')
    for how in 'on', 'off':
        pair.sh(f'{PEER} ethtool -K w0 tso {how} gso {how} tx {how}')
        before = pair.counters()
        pair.sh(f'{THIRD} ktls-stream server -T 60 >/tmp/third.log 2>&1 & '
                f'server=$!; until {THIRD} ss -Hltn | grep -q :4433; do '
                'sleep 0.05; done; ktls-stream client 10.9.7.2 -n 2 -d both '
                '-b 8M -T 60 && wait $server')
        far = moved(before, pair.counters(), MERGED)[1]
        check(far > 0, f'forwarded, segmentation behind it {how}: every byte '
              'right', far)
    pair.sh(f'{PEER} ip link del w0; ip netns del third; '
            'ip route del 10.9.7.0/24')


def test(kernel):
    with Pair(kernel=kernel, cpus=2, mem='2G', timeout=350) as pair:
        switched(pair)
        counted_alike(pair)
        merges(pair, STREAM, FAR6, 'IPv6')
        pair.offload()
        for far, ip in (FAR4, 'IPv4'), (FAR6, 'IPv6'):
            by = merges(pair, TLS, far, f'TLS, {ip}')
            check(min(by('rx_tls_decrypted_packets')) > 0
                  and min(by('TlsRxDevice')) > 0, f'TLS, {ip}: decrypted by the '
                  'device', by('rx_tls_decrypted_packets'))
        switched_under_load(pair)
        for mtu in 9000, 3800, 1280, 1500:
            pair.both(f'ip link set DEV mtu {mtu}')
            merges(pair, STREAM, FAR4, f'MTU {mtu}')
        tags(pair)
        forwarded(pair)


if __name__ == '__main__':
    main(test, sys.argv[1] if sys.argv[1:] else 'stock-6.12')
