#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=300 kernel=mainline-6.12
"""mlx5_core in short: it probes, carries traffic, offloads kTLS, reloads.

And it asks the device for nothing that it has to refuse.  The long form is
mlx5_features.py.  mlx5_kernels.py runs this on the other kernels.
"""

import re

from harness import FAR4, FAR6, MLX5, ROOT, Pair, check, main, moved
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


def nothing_refused(out):
    """Each command has a name, and none failed."""
    commands = re.findall(r'cx6dx_cmd dev \d+: (\S+) \(0x[0-9a-f]+\) .*?'
                          r'status (0x[0-9a-f]+)',
                          (out / 'device-trace.log').read_text())
    check(len(commands) > 300 and {'INIT_HCA', 'CREATE_TIS', 'SYNC_CRYPTO',
                                   'TEARDOWN_HCA'} <= dict(commands).keys(),
          'the trace names each command', len(commands))
    bad = sorted({f'{name} {status}' for name, status in commands
                  if status != '0x0' or name == 'UNKNOWN'})
    check(not bad, 'none was refused', ', '.join(bad))


def test(**guest):
    out = ROOT / 'build/mlx5-quick' / guest.get('kernel', MLX5['kernel'])
    with Pair(cpus=2, timeout=300, out=out, pcap=False, trace='cx6dx_cmd*',
              **{'mem': '1G', **MLX5, **guest}) as pair:
        probed(pair)
        reachable(pair, 'at first')
        offloaded(pair, 'at first')
        pair.sh('rmmod mlx5_core && modprobe mlx5_core && '
                'cx6dx-net up', 60)
        reachable(pair, 'loaded again')
        offloaded(pair, 'loaded again')
        clean_log(pair, 'at the end')
    nothing_refused(out)


if __name__ == '__main__':
    main(test)
