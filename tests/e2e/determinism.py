#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=1800
"""The same run twice under -icount: the device's traces are the same bytes.

Under -icount a guest sees the same time at each of its instructions, as long as
nothing from outside reaches it.  So everything is in the initramfs, no disk and
no port leads out of the guest, the clock begins at a fixed date and random
numbers at a fixed seed.  Two NICs back to back send TLS both ways through a
lossy qdisc, offloaded, with modelled time; the log of all trace events of the
device, which has virtual times in it, must be equal byte by byte.

-icount counts instructions one by one: a run takes a minute or two.
"""

import io
import itertools
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from harness import MLX5, STREAM, check, main, note, skip
from cx6dxlib import driver, exact, image, kernel as kernels, kernelbuild
from cx6dxlib import paths, qemu, ui

RUN_SECONDS = 800
RUN = '''#!/bin/sh
export PATH=/cx6dx:/usr/sbin:/usr/bin:/sbin:/bin
exec > /dev/console 2>&1
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /run/netns
ip link set lo up
modprobe -q aesni_intel
modprobe tls
modprobe sch_netem
DRIVER
until [ -d /sys/class/net/eth1 ]; do sleep 0.1; done
ip netns add peer
ip link set eth1 netns peer
P='ip netns exec peer'
ip addr add 10.9.0.1/24 dev eth0
$P ip addr add 10.9.0.2/24 dev eth1
ip link set eth0 up
$P ip link set eth1 up
ethtool -K eth0 tls-hw-tx-offload on tls-hw-rx-offload on
$P ethtool -K eth1 tls-hw-tx-offload on tls-hw-rx-offload on
until ping -c 1 -W 1 10.9.0.2 > /dev/null; do sleep 0.1; done
tc qdisc replace dev eth0 root netem loss 2%
$P tc qdisc replace dev eth1 root netem loss 2%
$P stream server &
sleep 1
stream client -k 128 -n 2 -d both -b 2M 10.9.0.2
echo "STATUS $?"
for name in eth0 eth1; do
    [ $name = eth0 ] && ethtool -S eth0 || $P ethtool -S eth1
done | sed -n 's/^ *\\(.x_tls_[a-z_]*\\): \\([1-9]\\)/COUNT \\1 \\2/p'
echo o > /proc/sysrq-trigger
sleep 60
'''
APPEND = ('console=ttyS0 loglevel=4 panic=-1 net.ifnames=0 nokaslr '
          'mitigations=off random.trust_cpu=on cryptomgr.notests '
          'no_timer_check tsc=reliable i8042.noaux i8042.nokbd '
          '8250.nr_uarts=1')


def payload(kernel, name):
    """A tar of what the guest has besides its userland and modules."""
    load = 'modprobe mlx5_core'
    files = {'stream': image.static_program(STREAM).read_bytes()}
    if name == 'cx6dx':
        load = 'insmod /cx6dx/driver.ko'
        files['driver.ko'] = driver.ensure(kernel).read_bytes()
    files['run'] = RUN.replace('DRIVER', load).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w') as tar:
        for file, data in files.items():
            info = tarfile.TarInfo(f'cx6dx/{file}')
            info.size, info.mode = len(data), 0o755
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def initrd(kernel, name):
    """All that the guest will ever see, as one archive."""
    return exact.initrd(kernel, payload(kernel, name), '/cx6dx/run')


def command(built, kernel, archive, out):
    """QEMU's arguments."""
    words = ['-no-user-config', '-nodefaults', '-display', 'none',
             '-M', 'q35,smm=off,vmport=off,sata=off,smbus=off',
             '-accel', 'tcg', '-cpu', 'max,-erms,-fsrm', '-smp', '1',
             '-m', '1G', '-no-reboot', '-icount', 'shift=1,sleep=off',
             '-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-seed', '42',
             '-kernel', kernel.image, '-initrd', archive, '-append', APPEND,
             '-chardev', f'file,id=console,path={out}.console',
             '-serial', 'chardev:console',
             '-D', f'{out}.trace', '-d', 'trace:cx6dx_*']
    for number in (0, 1):
        words += ['-device', f'pcie-root-port,id=rp{number},chassis={number},'
                  f'addr={8 + number}',
                  '-netdev', f'hubport,hubid=1,id=h{number}',
                  '-device', f'cx6dx-tls,bus=rp{number},netdev=h{number},'
                  f'id=nic{number},mac=02:00:00:00:00:0{number + 1},timing=on']
    return built.command(*map(str, words))


def run_once(built, kernel, archive, out):
    """(console, trace) of one run."""
    with ui.step(f'a run of {kernel.release} with -icount'):
        subprocess.run(command(built, kernel, archive, out), check=True,
                       timeout=RUN_SECONDS, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (Path(f'{out}.console').read_text(errors='replace'),
            Path(f'{out}.trace').read_bytes())


def counters(console):
    """What the drivers have counted, both ends together."""
    found = {}
    for line in console.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == 'COUNT':
            found[words[1]] = found.get(words[1], 0) + int(words[2])
    return found


def first_difference(runs, name, folder):
    """Tell where the traces of two runs part, and keep what they left."""
    pairs = itertools.zip_longest(*(trace.splitlines() for _, trace in runs))
    for number, (one, other) in enumerate(pairs, 1):
        if one != other:
            note(f'line {number} of the traces:\n{one}\n{other}')
            break
    place = paths.build('reports', f'determinism-{name}')
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for path in [*folder.glob('*.trace'), *folder.glob('*.console')]:
        shutil.copy(path, place)
    note(f'both runs are in {place}')


def compare(built, spec, name):
    """Two runs with the driver NAME on the kernel SPEC."""
    kernel = kernels.ensure(spec)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / 'initrd'
        archive.write_bytes(initrd(kernel, name))
        runs = [run_once(built, kernel, archive, f'{folder}/{number}')
                for number in (1, 2)]
        if runs[0] != runs[1]:
            first_difference(runs, name, Path(folder))
    console, trace = runs[0]
    note('\n'.join(console.splitlines()[-60:]))
    seen = counters(console)
    check('STATUS 0' in console, f'{name}: all bytes arrive')
    for counter in ('tx_tls_encrypted_packets', 'tx_tls_ooo',
                    'tx_tls_dump_packets', 'rx_tls_decrypted_packets'):
        check(seen.get(counter, 0) > 0, f'{name}: {counter} is not 0',
              seen.get(counter, 0))
    check(any(counter.startswith('rx_tls_resync_req') for counter in seen),
          f'{name}: the device has asked for a resync')
    check(trace.count(b'\n') > 1000, f'{name}: the trace tells something',
          f"{trace.count(chr(10).encode())} lines")
    check(runs[0][1] == runs[1][1],
          f'{name}: both traces are the same, byte by byte')
    check(runs[0][0] == runs[1][0], f'{name}: so are both consoles')


def test():
    built = qemu.ensure()
    compare(built, 'stock-6.12', 'cx6dx')
    if kernelbuild.is_built(MLX5['kernel']):
        compare(built, MLX5['kernel'], 'mlx5')
    else:
        skip('mlx5: both traces are the same', 'its kernel is not built')


if __name__ == '__main__':
    main(test)
