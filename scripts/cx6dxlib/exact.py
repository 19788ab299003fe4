# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest that does the same each time, instruction by instruction.

Under -icount a guest sees the same time at each of its instructions, as long as
nothing reaches it from outside while it runs.  So all that it needs is in the
initramfs, no disk and no port leads out of it, the clock begins at a fixed date
and random numbers at a fixed seed.  Commands, their output and whatever the
host does (QMP) are exchanged only while the machine stands still, through a
part of its memory: see guest/exact.c.

An Exact is used like a guests.Guest.
"""

import mmap
import struct
import subprocess
import time
from pathlib import Path

from . import guest as guests, image, kernel as kernels, qemu as qemus, vm

MEGABYTE = 1 << 20
MAILBOX_BYTES = 16 * MEGABYTE
READY, EXIT, STEP = 1, 2, 3
# struct Mailbox of guest/exact.c
_HEAD = struct.Struct('<8I')
_COMMAND = _HEAD.size
_TEXT = _COMMAND + MEGABYTE
_TEXT_BYTES = 6 * MEGABYTE
# ns of virtual time for an instruction: 2 to the power of this
SHIFT = 1
BOOT_SECONDS = 600
# a guest's seconds are longer for those who wait for it
SLOWER = 6

_INIT = '''#!/bin/busybox sh
export PATH=/bin
busybox mount -t devtmpfs dev /dev
for module in /modules/*.ko; do busybox insmod $module; done
for number in 0 1; do
    [ -b /dev/loop$number ] || busybox mknod /dev/loop$number b 7 $number
done
busybox losetup /dev/loop0 /userland
busybox losetup /dev/loop1 /kernel-modules
busybox mount -t squashfs -o ro /dev/loop0 /lower || exit 1
busybox mount -t tmpfs -o size=80% rw /rw
busybox mkdir /rw/upper /rw/work
busybox mount -t overlay \\
    -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work root /new || exit 1
busybox mount -t proc proc /new/proc
busybox mount -t sysfs sys /new/sys
busybox mkdir -p /new/lib/modules
busybox mount -t squashfs -o ro /dev/loop1 /new/lib/modules || exit 1
busybox tar -x -f /payload.tar -C /new || exit 1
busybox mount --move /dev /new/dev
exec busybox switch_root /new FIRST
'''


def initrd(kernel, payload, first='/cx6dx/exact'):
    """All that the guest will ever see, as one archive.

    PAYLOAD is a tar of what is laid over its root, FIRST is the program
    there that becomes its first process.
    """
    userland, modules, base, _ = image.ensure(kernel)
    files = []
    for number, path in enumerate(image.module_order(kernel, ['loop'])):
        data = path.read_bytes()
        if path.suffix == '.xz':
            data = subprocess.run(['xz', '-d', '-c'], input=data, check=True,
                                  capture_output=True).stdout
        files.append((f'modules/00-{number}.ko', data))
    files += [('init', _INIT.replace('FIRST', first).encode()),
              ('userland', userland.read_bytes()),
              ('kernel-modules', modules.read_bytes()),
              ('payload.tar', payload)]
    begin = Path(base).read_bytes()
    return begin + bytes(-len(begin) % 512) + image.cpio(files)


def _megabytes(text):
    return int(text[:-1]) * {'M': 1, 'G': 1024}[text[-1]]


class Exact(guests.Guest):
    """One such guest; SPEC is a vm.VmSpec, of which the wiring is used.

    REPLAY is None, or ('record', file) or ('replay', file): QEMU's own log of
    what came from outside, which is written, or read and followed.
    """

    PORTS = ('qmp',)

    def __init__(self, spec, out_dir=None, replay=None):
        super().__init__(out_dir)
        self.spec = spec
        self.replay = replay
        self.steps = []             # functions for "exact step N", from 1
        self.watcher = None         # called when a fault or gdb has stopped
                                    # it; has seen it go on when it returns
        self._memory = None

    # ---- starting and ending ----------------------------------------------

    def boot(self):
        """Start it; it is ready for commands then."""
        spec, qemu = self.spec, qemus.ensure()
        kernel = kernels.ensure(spec.kernel)
        spec = vm.VmSpec(**{**vars(spec), 'copy': [
            *spec.copy, (str(image.exact()), '/cx6dx/exact')]})
        # pylint: disable=protected-access
        payload = self.place / 'payload.tar'
        vm.payload(spec, kernel, payload)
        archive = self.place / 'initrd'
        archive.write_bytes(initrd(kernel, payload.read_bytes()))
        self.start(qemu.command(*self._arguments(kernel, archive)))
        with open(self.place / 'memory', 'r+b') as memory:
            size = _megabytes(spec.mem) * MEGABYTE
            self._memory = mmap.mmap(memory.fileno(), MAILBOX_BYTES,
                                     offset=size - MAILBOX_BYTES)
        slow = 3 if kernel.is_slow() else 1
        self._wait_turn(BOOT_SECONDS * slow)
        what, status = self._head()[:2]
        if what != READY or status:
            raise guests.VmFailure(guests.SETUP, 'the guest could not be set '
                                   f'up (status {status}): '
                                   + self._text(1).decode(errors='replace'))

    def arguments(self):
        return ['-chardev', f'file,id=console,path={self.console_path}',
                '-serial', 'chardev:console',
                '-chardev', f'socket,id=qmp,path={self.place}/qmp',
                '-mon', 'chardev=qmp,mode=control']

    def _arguments(self, kernel, archive):
        # pylint: disable=protected-access
        spec, size = self.spec, _megabytes(self.spec.mem)
        mailbox = (size * MEGABYTE) - MAILBOX_BYTES
        append = [*vm._CMDLINE, spec.append, f'CX6DX_MAILBOX={mailbox:#x}',
                  f'memmap={MAILBOX_BYTES >> 20}M${mailbox:#x}']
        icount = f'shift={SHIFT},sleep=off'
        if self.replay:
            icount += f',rr={self.replay[0]},rrfile={self.replay[1]}'
        return ['-no-user-config', '-nodefaults', '-display', 'none',
                '-M', 'q35,smm=off,vmport=off,sata=off,smbus=off,'
                'memory-backend=ram0',
                '-object', f'memory-backend-file,id=ram0,size={size}M,'
                f'mem-path={self.place}/memory,share=on',
                '-accel', 'tcg', '-cpu', 'max,-erms,-fsrm',
                '-smp', str(spec.cpus), '-m', f'{size}M', '-no-reboot',
                '-icount', icount,
                '-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-seed', '42',
                '-device', 'cx6dx-pause',
                '-kernel', kernel.image, '-initrd', archive,
                '-append', ' '.join(filter(None, append)),
                *self.arguments(), *vm._wires(spec), *vm._nics(spec),
                *vm._filters(spec, None), *vm._record(spec, self.out_dir),
                *spec.qemu_args]

    def close(self):
        if self._memory:
            self._memory.close()
            self._memory = None
        super().close()

    def finish(self):
        """End it; raises what its kernel has to report."""
        tainted = int(self.check(['cat', '/proc/sys/kernel/tainted']))
        self.quit()
        self.check_reports()
        if guests.console.taints(tainted):
            raise guests.VmFailure(guests.REPORT, 'the kernel is tainted by '
                                   + guests.console.taints(tainted)[0])

    def salvage(self):
        """It has no way to answer while it runs."""
        return False

    # ---- the mailbox --------------------------------------------------------

    def _head(self):
        return _HEAD.unpack_from(self._memory)

    def _text(self, which):
        at = _TEXT + which * _TEXT_BYTES
        return self._memory[at:at + self._head()[2 + which]]

    def _go_on(self):
        """The host has acted."""
        head = list(self._head())
        head[5] = head[4]
        _HEAD.pack_into(self._memory, 0, *head)
        self.events.clear()
        self.qmp('cont')

    def _wait_turn(self, seconds):
        """Wait until the guest has something to say."""
        deadline = time.monotonic() + seconds
        while True:
            self.wait_event('STOP', max(0, deadline - time.monotonic()))
            head = self._head()
            if head[4] != head[5]:
                return
            self.stopped()

    def stopped(self):
        """The machine stands still for another reason: a fault, gdb."""
        if self.watcher:
            self.watcher(self)
        else:
            self.events.clear()
            self.qmp('cont')

    # ---- commands -----------------------------------------------------------

    def run(self, argv, timeout=None, out=None, err=None):
        if isinstance(argv, str):
            argv = ['sh', '-c', argv]
        data = b''.join(word.encode() + b'\0' for word in argv)
        self._memory[_COMMAND:_COMMAND + len(data)] = data
        head = list(self._head())
        head[6] = len(data)
        _HEAD.pack_into(self._memory, 0, *head)
        seconds = SLOWER * (timeout or 600)
        self._go_on()
        self._wait_turn(seconds)
        while self._head()[0] == STEP:
            self.steps[self._head()[1] - 1]()
            self._go_on()
            self._wait_turn(seconds)
        texts = self._text(0), self._text(1)
        for sink, text in zip((out, err), texts):
            if sink:
                sink(text)
        return guests.Completed(self._head()[1],
                                *(b'' if sink else text for sink, text
                                  in zip((out, err), texts)))

