# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether KVM really runs guests here.

A machine may have /dev/kvm and fail, or hang, when a guest is entered.  The
probe first runs a few bytes of firmware that count and then end QEMU with a
status that only they can produce, which fails fast where nothing works; then
a kernel, until it finds no root and resets the machine.  Both run with the
CPU model of real guests.  The answer holds until the next boot.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from . import paths, ui

_ROM_SECONDS = 10
_KERNEL_SECONDS = 30
_STATUS = 0x2a

# 16-bit code at the reset vector's segment: count to 65536 so that the guest
# stays entered for a while, then write to the port of isa-debug-exit
_CODE = bytes((0xb9, 0x00, 0x00,            # mov cx, 0
               0xe2, 0xfe,                  # loop itself
               0xba, 0x01, 0x05,            # mov dx, 0x501
               0xb0, _STATUS,               # mov al, _STATUS
               0xee,                        # out dx, al
               0xf4, 0xeb, 0xfd))           # hlt, for ever


def _firmware():
    """64 KiB whose last 16 bytes, where a CPU starts, jump to the code."""
    rom = bytearray(b'\xf4' * 0x10000)
    rom[0xff00:0xff00 + len(_CODE)] = _CODE
    # jmp near 0xff00; the operand is relative to the next instruction
    rom[0xfff0:0xfff3] = b'\xe9' + (0xff00 - 0xfff3 & 0xffff).to_bytes(
        2, 'little')
    return bytes(rom)


def _ends_with(command, seconds):
    """The exit status of COMMAND, or None if it outlasts SECONDS."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                              timeout=seconds, capture_output=True).returncode
    except subprocess.TimeoutExpired:
        return None


def try_accel(qemu, name, kernel):
    """True if guests execute under QEMU's accelerator NAME."""
    common = qemu.command(
        '-accel', name, '-M', 'q35', '-cpu', 'max', '-smp', '2',
        '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot')
    with tempfile.NamedTemporaryFile(prefix='cx6dx-probe-') as rom:
        rom.write(_firmware())
        rom.flush()
        status = _ends_with(
            [*common, '-bios', rom.name,
             '-device', 'isa-debug-exit,iobase=0x501,iosize=1'], _ROM_SECONDS)
    if status != (_STATUS << 1 | 1):
        return False
    return _ends_with(
        [*common, '-m', '512M', '-kernel', str(kernel.image),
         '-append', 'panic=-1 cryptomgr.notests'], _KERNEL_SECONDS) == 0


def _probe_kvm(qemu, kernel):
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return False
    boot = Path('/proc/sys/kernel/random/boot_id').read_text().strip()
    stat = os.stat(qemu.binary)
    note = paths.cache('probes', 'kvm')
    key = f'{boot} {qemu.binary} {stat.st_mtime_ns} {kernel.release}'
    if note.exists():
        answer, _, found = note.read_text().partition(' ')
        if found == key:
            return answer == 'yes'
    works = try_accel(qemu, 'kvm', kernel)
    with paths.atomic_file(note) as work:
        work.write_text(f"{'yes' if works else 'no'} {key}")
    return works


def choose(qemu, wanted, kernel):
    """'kvm' or 'tcg' for WANTED of auto, tcg, kvm; KERNEL is for the probe.
    """
    if wanted == 'tcg':
        return 'tcg'
    if _probe_kvm(qemu, kernel):
        return 'kvm'
    if wanted == 'kvm':
        raise ui.Failure('KVM does not run guests on this machine',
                         'use --accel tcg, or auto')
    return 'tcg'
