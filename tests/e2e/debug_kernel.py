#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=3000 kernel=mainline-6.12-debug
"""Our driver under KASAN, lockdep, DMA-API checks and kmemleak.

Takes a kernel SPEC (default: mainline-6.12-debug, built if need be).  Any
report of the kernel ends the test, kmemleak's at its end included.
"""

import sys

from driver_features import offloaded_traffic
from harness import FAR6, Pair, check, main

TLS = '-n 8 -d both -b 256K -T 200'


def unload_in_traffic(pair):
    """Unload the driver while eight connections move data both ways."""
    offloaded_traffic(pair, stall=20)
    # The start of a record whose end will never come keeps its pages until the
    # socket is closed, and that is after rmmod, which may take a minute here.
    # The next message, of 120 s, would be a leak.
    pair.guest.expected_reports.append(
        r'stalled pool shutdown: id \d+, \d+ inflight 60 sec')
    # no child of this shell, so there is nothing to wait for but their end
    pair.sh('rmmod cx6dx_tls; pkill ktls-stream; '
            'while pgrep ktls-stream; do sleep 0.1; done', timeout=300)


def test(kernel):
    with Pair(kernel=kernel, cpus=2, mem='3G', timeout=2500) as pair:
        pair.offload()
        pair.stream('-n 4 -d both -b 1M -T 200', timeout=600)
        pair.stream(f'-k 128 {TLS}', timeout=600)
        pair.stream(f'-k 256 {TLS}', FAR6, timeout=600)
        check(True, 'plain and TLS, every byte right')
        pair.sh('modprobe sch_netem')
        pair.both('tc qdisc replace dev DEV root netem loss 1% seed 2236067977')
        pair.stream(f'-k 128 {TLS}', timeout=900)
        pair.both('tc qdisc del dev DEV root')
        check(True, 'TLS under loss, every byte right')
        for mtu in (9000, 1500):
            pair.both(f'ip link set DEV mtu {mtu}')
            pair.stream(f'-k 128 {TLS}', timeout=600)
        pair.sh('ethtool -G eth0 rx 256 tx 256; ethtool -L eth0 combined 1')
        pair.stream(f'-k 128 {TLS}', timeout=600)
        check(True, 'MTU, rings and channels changed')
        unload_in_traffic(pair)
        check(True, 'unloaded with open TLS connections')
        for _ in range(3):
            pair.sh('insmod /cx6dx/cx6dx_tls.ko && cx6dx-net up && '
                    'ping -c 2 10.9.0.2 && rmmod cx6dx_tls', timeout=300)
        check(True, 'loaded and unloaded')


main(test, sys.argv[1] if sys.argv[1:] else 'mainline-6.12-debug')
