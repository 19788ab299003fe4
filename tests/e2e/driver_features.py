#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=1000 also=mainline-next
"""What ethtool and ip can change, changed while TLS connections are open."""

import sys

from harness import FAR4, FAR6, PEER, Pair, check, main, moved

TLS = '-k 128 -n 8 -d both -b 2M -T 60'


def plain_features(pair):
    """Ping, large frames, VLAN, checksums, segmentation."""
    pair.sh(f'ping -c 3 -i 0.05 {FAR4} && ping -c 3 -i 0.05 {FAR6}')
    check(True, 'ping, IPv4 and IPv6')
    pair.sh(f'ping -c 3 -i 0.05 -s 20000 {FAR4} && '
            f'ping -c 3 -i 0.05 -s 20000 {FAR6}')
    check(True, 'ping in fragments')
    pair.stream('-n 4 -d both -b 8M')
    check(True, 'plain TCP, every byte right')
    for mtu in (9000, 9978, 1500):
        pair.both(f'ip link set DEV mtu {mtu}')
        if mtu > 1500:
            pair.sh(f'ping -c 2 -i 0.05 -M do -s {mtu - 28} {FAR4}')
        pair.stream('-n 2 -d both -b 4M')
        pair.stream(TLS)
        check(True, f'MTU {mtu}: plain and TLS, every byte right')
    pair.both('ip link add link DEV name v5 type vlan id 5')
    pair.sh('ip addr add 10.9.5.1/24 dev v5; ip link set v5 up')
    pair.sh(f'{PEER} ip addr add 10.9.5.2/24 dev v5; '
            f'{PEER} ip link set v5 up')
    pair.stream('-n 2 -d both -b 4M', '10.9.5.2')
    pair.stream(TLS, '10.9.5.2')
    check(True, 'VLAN 5: plain and TLS, every byte right')
    pair.both('ip link del v5')


def under_load(pair, what, command):
    """Run COMMAND on the near end while TLS connections move data."""
    before = pair.counters()
    # not before all connections are there: connecting is not what is tested
    pair.sh('(n=0; until [ "$(awk \'/^TlsCurrRxDevice/ { print $2 }\' '
            '/proc/net/tls_stat)" = 8 ] || [ $n -gt 500 ]; do n=$((n + 1)); '
            f'sleep 0.02; done; echo $n; {command}) >/tmp/change.log 2>&1 & '
            'echo $! >/tmp/change.pid')
    pair.stream(TLS)
    pair.sh('while kill -0 $(cat /tmp/change.pid) 2>/dev/null; do sleep 0.05; '
            'done')
    after = pair.counters()
    waited = int(pair.sh('head -1 /tmp/change.log'))
    check(waited <= 500, f'{what}: changed while connections were open')
    check(moved(before, after, 'TlsDecryptError') == (0, 0),
          f'{what} under load: every byte right')


def changes_under_load(pair):
    under_load(pair, 'ring sizes', 'ethtool -G eth0 rx 256 tx 256; sleep 0.2; '
               'ethtool -G eth0 rx 1024 tx 1024')
    under_load(pair, 'channels', 'ethtool -L eth0 combined 1; sleep 0.2; '
               'ethtool -L eth0 combined 2')
    under_load(pair, 'link down and up', 'ip link set eth0 down; '
               'ip link set eth0 up; cx6dx-net up')
    under_load(pair, 'offload switched', 'ethtool -K eth0 tls-hw-tx-offload '
               'off tls-hw-rx-offload off; sleep 0.2; ethtool -K eth0 '
               'tls-hw-tx-offload on tls-hw-rx-offload on')
    under_load(pair, 'coalescing', 'ethtool -C eth0 rx-usecs 0 tx-usecs 0; '
               'sleep 0.2; ethtool -C eth0 rx-usecs 32 tx-usecs 32')


def spreading(pair):
    """The indirection table and the key of the hash."""
    def table():
        rows = pair.sh("ethtool -x eth0 | sed -n 's/^ *[0-9]*: *//p'").split()
        return {row for row in rows if row.isdigit()}

    pair.sh('ethtool -X eth0 weight 0 1')
    check(table() == {'1'}, 'all receive on channel 1', table())
    refused = pair.sh('ethtool -L eth0 combined 1 2>/dev/null || echo no')
    check(refused.strip() == 'no', 'a channel of the table stays')
    key = ':'.join(f'{i:02x}' for i in range(40))
    pair.sh(f'ethtool -X eth0 hkey {key}')
    shown = pair.sh('ethtool -x eth0')
    check(key in shown, 'the key of the hash is taken')
    pair.stream('-n 4 -d both -b 2M')
    check(True, 'all on one channel: every byte right')
    pair.sh('ethtool -X eth0 default')
    check(table() == {'0', '1'}, 'the table spreads again', table())


def unplugged_cable(pair):
    """The monitor takes the link away; the driver notices."""
    pair.guest.qmp('set_link', name='nic0', up=False)
    pair.sh('while [ $(cat /sys/class/net/eth0/carrier) = 1 ]; do sleep 0.05; '
            'done', 20)
    check(True, 'set_link off: no carrier')
    pair.guest.qmp('set_link', name='nic0', up=True)
    pair.sh('cx6dx-net carrier eth0', 20)
    check(True, 'set_link on: carrier')


def offloaded_traffic(pair, stall=5):
    """Start eight TLS connections that move data for a minute or more.

    Returns when both directions of each are in the device: what net/tls does to
    a connection that has only one there when the netdev goes is a bug of its own
    (see the scenario link-down-receive-only) and may lock up the kernel.
    """
    count = ("awk '/^TlsCurr[TR]xDevice/ { s += $2 } END { print s }' "
             '/proc/net/tls_stat')
    pair.sh(f'{PEER} ktls-stream server -T {stall} >/dev/null 2>&1 & '
            f'until {PEER} ss -Hltn | grep -q :4433; do sleep 0.05; done; '
            f'ktls-stream client {FAR4} -k 128 -n 8 -d both -t {12 * stall} '
            f'-T {stall} >/dev/null 2>&1 & '
            f'until [ $({count}) = 16 ] && [ $({PEER} {count}) = 16 ]; do '
            'sleep 0.05; done', timeout=12 * stall)


def live_sockets(pair):
    """The netdev goes away under open TLS connections."""
    offloaded_traffic(pair)
    pair.sh('rmmod cx6dx_tls', 60)
    check(True, 'the driver unloads with open TLS connections')
    pair.sh('pkill ktls-stream; while pgrep ktls-stream; do sleep 0.05; done',
            60)
    pair.sh('insmod /cx6dx/cx6dx_tls.ko && cx6dx-net up')
    pair.offload()
    pair.stream(TLS)
    check(True, 'and everything works after it was loaded again')


def test(kernel, accel_seconds):
    with Pair(kernel=kernel, cpus=2, mem='3G', timeout=accel_seconds) as pair:
        pair.offload()
        plain_features(pair)
        changes_under_load(pair)
        # Debian 13's ethtool -X sends a field that 6.1 refuses for any NIC
        if kernel != 'stock-6.1':
            spreading(pair)
        unplugged_cable(pair)
        live_sockets(pair)


if __name__ == '__main__':
    main(test, sys.argv[1] if sys.argv[1:] else 'stock-6.12', 900)
