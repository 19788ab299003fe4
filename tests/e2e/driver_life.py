#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=1200
"""The driver loaded and unloaded, the device pulled and plugged, in traffic."""

import sys

from harness import FAR4, Pair, check, main

TIMES = 50
PLUGS = 5
TRAFFIC = ('iperf3 -c 10.9.0.2 -t 600 -P 2 >/dev/null 2>&1 & '
           'ping -f -q -w 600 10.9.0.2 >/dev/null 2>&1 & ')
QUIET = 'pkill iperf3 || :; pkill ping || :; sleep 0.1; '
SERVE = f'ip netns exec peer iperf3 -s -D >/dev/null 2>&1; '


def alive(pair, claim):
    pair.sh(QUIET)
    pair.offload()
    pair.stream('-k 128 -n 4 -d both -b 1M')
    check(True, claim)


def reload_driver(pair):
    """Unload and load while packets fly; memory must not creep."""
    text = (SERVE + 'i=0; while [ $i -lt COUNT ]; do ' + TRAFFIC +
            'sleep 0.05; rmmod cx6dx_tls || exit 1; '
            'insmod /cx6dx/cx6dx_tls.ko || exit 1; '
            'cx6dx-net up || exit 1; ' + QUIET + ' i=$((i + 1)); done')
    # connections that lost their NIC keep their data for minutes: not counted
    free = ('sync; echo 3 > /proc/sys/vm/drop_caches; '
            "awk '/^(MemFree|Cached):/ { s += $2 } "
            '/^TCP:/ { s += 4 * $NF } END { print s }\' '
            '/proc/meminfo /proc/net/sockstat')
    pair.sh(text.replace('COUNT', '5'))
    before = int(pair.sh(free))
    pair.sh(text.replace('COUNT', str(TIMES)), 900)
    after = int(pair.sh(free))
    check(True, f'the driver was loaded and unloaded {TIMES} times in traffic')
    # Free memory swings by 20 MB without any leak (lists of free pages, data of
    # connections that lost their NIC); rings that leak would take 4 MB a time,
    # and debug_kernel.py has kmemleak look for the small ones.
    check(before - after < 65536, 'memory does not creep',
          f'{before - after} KiB less')


def replug(pair):
    """Pull the near NIC through the monitor and plug a new one."""
    guest = pair.guest
    for _ in range(PLUGS):
        pair.sh(SERVE + TRAFFIC + 'sleep 0.05')
        guest.qmp('device_del', id='nic0')
        guest.wait_event('DEVICE_DELETED', device='nic0')
        pair.sh(QUIET)
        guest.qmp('device_add', driver='cx6dx-tls', id='nic0', bus='port0',
                  netdev='wire0', mac='02:00:00:09:00:01')
        pair.sh('cx6dx-net up')
    check(True, f'the NIC was pulled and plugged {PLUGS} times in traffic')


def test(cpus):
    with Pair(cpus=cpus, mem='1G', timeout=1100) as pair:
        alive(pair, f'TLS to {FAR4} before')
        reload_driver(pair)
        alive(pair, 'traffic returns after the reloads')
        replug(pair)
        alive(pair, 'traffic returns after the plugs')


# One vCPU: QEMU 10.0 with several TCG threads may abort by itself while the
# memory map changes (iotlb_to_section), which this test does all the time.
main(test, int(sys.argv[1]) if sys.argv[1:] else 1)
