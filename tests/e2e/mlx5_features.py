#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=1500 also=mainline-next
"""What users of mlx5_core do with a card, done with the device.

Takes a kernel SPEC (default: mainline-6.12, and skipped while it is not in the
cache).  The checks of our own driver that say nothing about a driver are run too.
"""

import sys
from pathlib import Path

from driver_features import TLS, changes_under_load, plain_features, \
    unplugged_cable
from harness import FAR4, FAR6, MLX5, PEER, Pair, check, main, moved, \
    need_built, note

# after harness, which says where the commands' own code lies
from cx6dxlib import apt, image         # noqa: E402

HERE = Path(__file__).resolve().parent
SLOT = '/sys/bus/pci/devices/0000:01:00.0'
TRAFFIC = (f'{PEER} iperf3 -s -D >/dev/null 2>&1; '
           'iperf3 -c 10.9.0.2 -t 600 -P 2 >/dev/null 2>&1 & '
           'ping -f -q -w 600 10.9.0.2 >/dev/null 2>&1 & sleep 0.3; ')
# What the driver says on any card: of promiscuous mode beside VLAN stripping, of
# steering for TLS that is switched off while connections use it, and of hashes
# that compressed completions have no room for
USUAL = ('S-tagged traffic will be dropped', "wasn't destroyed, refcount > 1",
         'Disabling rxhash, not supported when CQE compress is active')
QUIET = 'pkill iperf3 || :; pkill ping || :; sleep 0.1; '


def clean_log(pair, when):
    """No error and no warning of the driver in the kernel's log."""
    text = pair.sh("dmesg -r | grep -E '^<[0-4]>' | grep mlx5 || :")
    lines = [line for line in text.splitlines()
             if not any(usual in line for usual in USUAL)]
    check(not lines, f'{when}: no error or warning of mlx5 in the log',
          ' '.join(lines))


def identity(pair):
    """Tools show a ConnectX-6 Dx."""
    text = pair.sh('lspci -s 01:00.0')
    check('ConnectX-6 Dx' in text, 'lspci knows the card', text.strip())
    text = pair.sh('ethtool -i eth0')
    version = [line.split()[1] for line in text.splitlines()
               if line.startswith('firmware-version')][0]
    check('driver: mlx5_core' in text, 'ethtool -i names the driver', version)
    text = pair.sh('devlink dev info pci/0000:01:00.0')
    check(f'fw.version {version}' in text,
          'devlink and ethtool tell the same firmware', version)
    text = pair.sh('mst=/cx6dx/mst; LD_LIBRARY_PATH=$mst/libstdc++6:'
                   '$mst/libgcc-s1 $mst/mstflint -d 01:00.0 query full')
    note(text)
    check(f'FW Version:            {version}' in text
          and 'ConnectX-6 Dx' in text and 'Crypto enabled' in text
          and 'PSID:                  CX6DX_TLS_MODEL' in text,
          'mstflint queries the card')
    text = pair.sh('ethtool eth0')
    check('100000Mb/s' in text, 'the link has the speed of the property')
    text = pair.sh('ethtool -t eth0 || :')
    check('result is PASS' in text, 'the self-test passes',
          ' '.join(text.split()[-12:]))


def board(pair):
    """What is printed on the board, and what sits in its cage."""
    text = pair.sh('lspci -vv -s 01:00.0')
    for words in ('Vital Product Data', '[PN] Part number: CX6DX-TLS',
                  '[SN] Serial number: MD020000090001', 'checksum good',
                  'MSI-X: Enable+', 'Advanced Error Reporting'):
        check(words in text, f'lspci -vv says: {words}')
    text = pair.sh('ethtool -m eth0')
    check('QSFP28' in text and ': QEMU' in text, 'ethtool -m reads the cable',
          next(iter(line.strip() for line in text.splitlines()
                    if 'Vendor name' in line), text[:80]))
    text = pair.sh('cat /sys/bus/pci/devices/0000:01:00.0/hwmon/*/temp1_input')
    check(text.split() == ['55000'], 'the temperature of the chip', text.strip())
    pair.sh('ethtool -p eth0 1', 20)
    check(True, 'ethtool -p finds the light')


def error_correction(pair):
    """FEC is shown and set; the link comes back each time."""
    def active():
        pair.sh('cx6dx-net carrier eth0', 30)
        text = pair.sh('ethtool --show-fec eth0')
        return [line.split()[-1] for line in text.splitlines()
                if line.startswith('Active')][0]

    check(active() == 'RS', 'Reed-Solomon by default')
    for wish, seen in (('off', 'Off'), ('rs', 'RS'), ('auto', 'RS')):
        pair.sh(f'ethtool --set-fec eth0 encoding {wish}')
        got = active()
        check(got == seen, f'--set-fec {wish}', got)
    refused = pair.sh('ethtool --set-fec eth0 encoding llrs 2>&1 || echo no')
    check('no' in refused.split(), 'what 100G has not is refused')


def health(pair):
    """Each reporter of devlink can be asked."""
    text = pair.sh('devlink health show pci/0000:01:00.0')
    names = [line.split()[1] for line in text.splitlines()
             if line.split()[:1] == ['reporter']]
    check({'fw', 'fw_fatal', 'vnic'} <= set(names),
          'devlink health has reporters', ' '.join(names))
    text = pair.sh('devlink health diagnose pci/0000:01:00.0 reporter vnic')
    check('cq_overrun: 0' in text and 'invalid_command: 0' in text
          and 'total_error_queues: 0' in text, 'the vNIC is well',
          ' '.join(text.split()))
    text = pair.sh('devlink health diagnose pci/0000:01:00.0 reporter fw')
    check('Syndrome: 0' in text, 'the firmware is well', ' '.join(text.split()))
    for name in ('rx', 'tx'):
        text = pair.sh('devlink health diagnose auxiliary/mlx5_core.eth.0/65535 '
                       f'reporter {name} 2>/dev/null || devlink health diagnose '
                       f'pci/0000:01:00.0/65535 reporter {name}')
        check('RQ' in text.upper() or 'SQ' in text.upper(),
              f'the queues tell reporter {name}', len(text))


def settings(pair):
    """Pause, moderation, and private flags."""
    for state in ('off', 'on'):
        pair.sh(f'ethtool -A eth0 rx {state} tx {state}')
        text = pair.sh('ethtool -a eth0')
        seen = [line.split()[1] for line in text.splitlines()
                if line.startswith(('RX:', 'TX:'))]
        check(seen == [state, state], f'pause {state}', seen)
    pair.sh('ethtool -C eth0 adaptive-rx off rx-usecs 24 rx-frames 7')
    text = pair.sh('ethtool -c eth0')
    check('rx-usecs:\t24' in text and 'rx-frames:\t7' in text
          and 'Adaptive RX: off' in text, 'moderation is taken')
    commands = pair.guest.qmp('qom-get', path='nic0', property='stats')['cmds']
    pair.sh('ethtool -C eth0 adaptive-rx on')
    pair.stream('-n 4 -d both -b 16M')
    after = pair.guest.qmp('qom-get', path='nic0', property='stats')['cmds']
    check(after > commands, 'adaptive moderation changes the queues',
          after - commands)
    text = pair.sh('ethtool --show-priv-flags eth0')
    flags = dict(line.split(':') for line in text.splitlines()[1:])
    flags = {name.strip(): state.strip() for name, state in flags.items()}
    check(flags['rx_striding_rq'] == flags['skb_tx_mpwqe'] == 'on',
          'striding queues and multi-packet sends are on')


def counters_of_the_port(pair):
    """Groups of physical counters that the driver asks for are there."""
    seen = pair.counters()[0]
    for name in ('rx_steer_missed_packets', 'rx_corrected_bits_phy',
                 'rx_err_lane_3_phy', 'rx_pci_signal_integrity',
                 'link_down_events_phy', 'rx_65_to_127_bytes_phy',
                 'rx_prio0_packets', 'rx_crc_errors_phy'):
        check(name in seen, f'ethtool -S has {name}', seen.get(name))
    check(seen['tx_mpwqe_pkts'] > 0, 'packets were sent several at a time',
          seen['tx_mpwqe_pkts'])


def flash_tool():
    """Debian's mstflint and the libraries that guests lack, to be copied."""
    usr = {name: apt.extract_deb(name, image.SUITE) / 'usr'
           for name in ('mstflint', 'libstdc++6', 'libgcc-s1')}
    return [(str(usr['mstflint'] / 'bin/mstflint'), '/cx6dx/mst/mstflint'),
            *((str(usr[name] / 'lib/x86_64-linux-gnu'), f'/cx6dx/mst/{name}')
              for name in ('libstdc++6', 'libgcc-s1'))]


def clock(pair):
    """PTP clock and hardware timestamps."""
    text = pair.sh('python3 /cx6dx/hwstamp.py eth0')
    note(text)
    seen = dict(line.split('=') for line in text.split())
    check(0.5 < float(seen['phc_per_monotonic']) < 2.0,
          'the PTP clock runs with the guest', seen['phc_per_monotonic'])
    for way in ('tx', 'rx'):
        check(abs(float(seen[f'{way}_behind_phc'])) < 5,
              f'{way} frames are stamped by the PTP clock',
              f"{seen[f'{way}_behind_phc']} s apart")


def filters(pair):
    """Addresses that are not ours, steering rules, spreading."""
    pair.sh('ip neigh replace 10.9.0.9 lladdr 02:00:00:09:00:99 dev eth0')
    before = pair.counters()
    pair.sh('ping -c 5 -i 0.05 -W 1 10.9.0.9 || :')
    after = pair.counters()
    check(moved(before, after, 'rx_packets')[1] < 5,
          'a frame for another address is not received')
    pair.sh(f'{PEER} ip link set eth1 promisc on')
    before = pair.counters()
    pair.sh('ping -c 5 -i 0.05 -W 1 10.9.0.9 || :')
    after = pair.counters()
    check(moved(before, after, 'rx_packets')[1] >= 5,
          'in promiscuous mode it is')
    pair.sh(f'{PEER} ip link set eth1 promisc off')

    pair.sh(f'{PEER} ethtool -K eth1 ntuple on; '
            f'{PEER} ethtool -N eth1 flow-type udp4 dst-port 9999 action -1')
    udp = ("python3 -c \"import socket; s = socket.socket(2, 2); "
           "[s.sendto(b'x' * 99, ('10.9.0.2', PORT)) for _ in range(50)]\"")
    for port, most in ((9999, 10), (9998, 1000)):
        before = pair.counters()
        pair.sh(udp.replace('PORT', str(port)))
        got = moved(before, pair.counters(), 'rx_packets')[1]
        check((got < 50) == (most < 50),
              f'UDP to port {port} with a rule that drops 9999', got)
    pair.sh(f'{PEER} ethtool -N eth1 flow-type tcp4 dst-port 4433 action 0')
    before = pair.counters()
    pair.stream('-n 4 -d up -b 1M')
    after = pair.counters()
    check(moved(before, after, 'rx0_packets')[1] > 500
          and moved(before, after, 'rx1_packets')[1] < 100,
          'a rule leads TCP to queue 0',
          (moved(before, after, 'rx0_packets')[1],
           moved(before, after, 'rx1_packets')[1]))
    pair.sh(f'for rule in $({PEER} ethtool -n eth1 | sed -n "s/^Filter: //p"); '
            f'do {PEER} ethtool -N eth1 delete $rule; done; '
            f'{PEER} ethtool -K eth1 ntuple off')
    before = pair.counters()
    pair.stream('-n 32 -d up -b 256K')
    after = pair.counters()
    seen = [moved(before, after, f'rx{n}_packets')[1] for n in (0, 1)]
    check(min(seen) > 200, 'connections are spread over the queues', seen)
    contexts(pair)
    accelerated_steering(pair)
    check(moved(before, after, 'tx_tso_packets')[0] > 10
          and moved(before, after, 'rx_csum_complete')[1] > 100,
          'segmentation and receive checksum are offloaded')
    # ntuple filters take the place of TLS in the driver's tables, and when they
    # go the default does: TLS has to be switched on again
    pair.offload(tx=True, rx=False)
    pair.offload()
    before = pair.counters()
    pair.stream(TLS)
    seen = moved(before, pair.counters(), 'rx_tls_decrypted_packets')
    check(min(seen) > 1000, 'TLS is decrypted after filters came and went',
          seen)


def contexts(pair):
    """A second table of receive queues, and a rule that leads there."""
    text = pair.sh(f'{PEER} ethtool -K eth1 ntuple on; '
                   f'{PEER} ethtool -X eth1 context new start 1 equal 1; '
                   f'{PEER} ethtool -N eth1 flow-type tcp4 dst-port 4433 '
                   'context 1')
    check('New RSS context is 1' in text, 'a context for receive hashing')
    before = pair.counters()
    pair.stream('-n 16 -d up -b 256K')
    after = pair.counters()
    seen = [moved(before, after, f'rx{n}_packets')[1] for n in (0, 1)]
    check(seen[1] > 500 and seen[0] < 100, 'its rule leads to its queue', seen)
    pair.sh(f'{PEER} ethtool -N eth1 delete $({PEER} ethtool -n eth1 | '
            'sed -n "s/^Filter: //p"); '
            f'{PEER} ethtool -X eth1 context 1 delete')
    before = pair.counters()
    pair.stream('-n 32 -d up -b 256K')
    after = pair.counters()
    seen = [moved(before, after, f'rx{n}_packets')[1] for n in (0, 1)]
    check(min(seen) > 200, 'without it they are spread again', seen)


def accelerated_steering(pair):
    """aRFS: the kernel steers flows to where they are read."""
    pair.sh('echo 4096 > /proc/sys/net/core/rps_sock_flow_entries; '
            f"{PEER} sh -c 'for n in /sys/class/net/eth1/queues/rx-*; do "
            "echo 1024 > $n/rps_flow_cnt; done'")
    before = pair.counters()
    pair.stream('-n 32 -d up -b 1M')
    seen = moved(before, pair.counters(), 'rx_arfs_add')[1]
    check(seen > 0, 'flows are steered to the reader', seen)
    pair.sh('echo 0 > /proc/sys/net/core/rps_sock_flow_entries; '
            f'{PEER} ethtool -K eth1 ntuple off')


def datagrams(pair):
    """UDP both ways, in one piece and in fragments, each end first."""
    for far in (FAR4, FAR6):
        near = far[:-1] + '1'
        for here, there, address in (('', PEER, far), (PEER, '', near)):
            pair.sh('rm -f /tmp/udpecho.ready; '
                    f'{there} python3 /cx6dx/udpecho.py echo {address} & e=$!; '
                    'until [ -e /tmp/udpecho.ready ]; do sleep 0.05; done; '
                    f'{here} python3 /cx6dx/udpecho.py ask {address} && '
                    'wait $e', 100)
            check(True, f'UDP to {address} and back: each datagram right')


def udp_segments(pair):
    """One large send of UDP, cut by the device."""
    for far in (FAR4, FAR6):
        # what waits for a neighbour's address may be overtaken
        pair.sh(f'ping -c 1 {far}')
        before, wqes = pair.counters(), lso_udp(pair)
        pair.sh('rm -f /tmp/udpseg.ready; '
                f'{PEER} python3 /cx6dx/udpseg.py sink {far} & sink=$!; '
                'until [ -e /tmp/udpseg.ready ]; do sleep 0.05; done; '
                f'python3 /cx6dx/udpseg.py send {far}; wait $sink', 60)
        check(True, f'UDP segments to {far}: each datagram right')
        after = pair.counters()
        seen = (moved(before, after, 'tx_tso_packets')[0],
                moved(before, after, 'tx_tso_bytes')[0], lso_udp(pair) - wqes)
        # newer drivers count the headers of each large send as well
        heads = 10 * (62 if ':' in far else 42)
        check(seen in ((10, 10 * 20 * 700, 10),
                       (10, 10 * 20 * 700 + heads, 10)),
              'driver and device count UDP segmentation', seen)


def lso_udp(pair):
    """Work requests for segments of UDP that the device did."""
    return pair.guest.qmp('qom-get', path='nic0',
                          property='stats')['tx_lso_udp_wqes']


def compression(pair):
    """Receive completions in short form, over both kinds of queue."""
    for striding in ('on', 'off'):
        pair.both(f'ethtool --set-priv-flags DEV rx_striding_rq {striding}')
        pair.both('ethtool --set-priv-flags DEV rx_cqe_compress on')
        before = pair.counters()
        pair.sh(f'ping -c 3 -i 0.05 -s 20000 {FAR4}')
        pair.stream('-n 8 -d both -b 4M')
        middle = pair.counters()
        packets = moved(before, middle, 'rx_cqe_compress_pkts')
        blocks = moved(before, middle, 'rx_cqe_compress_blks')
        check(min(packets) > 1000 and min(blocks) > 0
              and max(blocks) < min(packets),
              f'completions are compressed, striding {striding}: every byte '
              'right', (packets, blocks))
        pair.stream(TLS)
        after = pair.counters()
        check(min(moved(middle, after, 'rx_tls_decrypted_packets')) > 1000
              and moved(middle, after, 'TlsDecryptError') == (0, 0),
              'TLS beside it: decrypted in the device, every byte right',
              moved(middle, after, 'rx_tls_decrypted_packets'))
        pair.both('ethtool --set-priv-flags DEV rx_cqe_compress off')
        before = pair.counters()
        pair.stream('-n 4 -d both -b 1M')
        check(moved(before, pair.counters(), 'rx_cqe_compress_pkts') == (0, 0),
              'and no more when it is off')
    pair.both('ethtool --set-priv-flags DEV rx_striding_rq on')
    pair.both('ethtool -K DEV rxhash on')


def life(pair):
    """Reload, reset, unload and plug, while packets fly."""
    def works(claim):
        pair.sh(QUIET + 'cx6dx-net up')
        pair.offload()
        pair.stream(TLS)
        check(True, claim)

    pair.sh('devlink dev reload pci/0000:01:00.0')
    works('devlink dev reload')
    for _ in range(3):
        pair.sh(TRAFFIC + 'rmmod mlx5_core && modprobe mlx5_core', 120)
    works('unloaded and loaded under traffic')
    pair.sh(f'echo 0000:01:00.0 > {SLOT}/driver/unbind; '
            f'echo flr > {SLOT}/reset_method; echo 1 > {SLOT}/reset; '
            'echo 0000:01:00.0 > /sys/bus/pci/drivers/mlx5_core/bind', 60)
    works('function level reset through sysfs')
    pair.sh(TRAFFIC + f'echo 1 > {SLOT}/reset; n=0; '
            "until dmesg | grep -q 'health recovery succeeded'; do "
            'n=$((n + 1)); [ $n -lt 300 ]; sleep 0.1; done', 60)
    text = pair.sh('devlink health show pci/0000:01:00.0 reporter fw_fatal')
    check('state healthy error 1 recover 1' in text,
          'the driver notices a reset under its feet, and recovers', text)
    works('reset through sysfs with the driver bound, under traffic')
    for _ in range(2):
        pair.sh(TRAFFIC)
        pair.guest.qmp('device_del', id='nic0')
        pair.guest.wait_event('DEVICE_DELETED', device='nic0')
        pair.sh(QUIET)
        pair.guest.qmp('device_add', driver='cx6dx-tls', id='nic0', bus='port0',
                       netdev='wire0', mac='02:00:00:09:00:01')
        pair.sh('cx6dx-net up')
    works('pulled and plugged under traffic')


def test(kernel):
    guest = dict(MLX5, kernel=kernel)
    tools = [(str(HERE / f'tools/{name}.py'), f'/cx6dx/{name}.py')
             for name in ('hwstamp', 'udpecho', 'udpseg')] + flash_tool()
    with Pair(cpus=2, mem='3G', timeout=1400, copy=tools, **guest) as pair:
        identity(pair)
        board(pair)
        health(pair)
        clock(pair)
        clean_log(pair, 'after probe')
        pair.offload()
        error_correction(pair)
        settings(pair)
        filters(pair)
        datagrams(pair)
        udp_segments(pair)
        compression(pair)
        plain_features(pair)
        changes_under_load(pair)
        unplugged_cable(pair)
        counters_of_the_port(pair)
        clean_log(pair, 'after traffic')
        life(pair)


if __name__ == '__main__':
    if not sys.argv[1:]:
        need_built(MLX5['kernel'])
    main(test, sys.argv[1] if sys.argv[1:] else MLX5['kernel'])
