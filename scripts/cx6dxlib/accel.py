# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether KVM really runs guests here.

A machine may have /dev/kvm and fail, or hang, when a guest is entered.  The
probe runs sixty-four bytes of firmware that count and then end QEMU with a
status that only they can produce; its answer holds until the next boot.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from . import paths, ui

_SECONDS = 10
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


def try_accel(qemu, name):
    """True if a guest executes under QEMU's accelerator NAME."""
    with tempfile.NamedTemporaryFile(prefix='cx6dx-probe-') as rom:
        rom.write(_firmware())
        rom.flush()
        command = qemu.command(
            '-accel', name, '-M', 'q35', '-nodefaults', '-no-user-config',
            '-display', 'none', '-no-reboot', '-bios', rom.name,
            '-device', 'isa-debug-exit,iobase=0x501,iosize=1')
        try:
            return subprocess.run(
                command, stdin=subprocess.DEVNULL, timeout=_SECONDS,
                capture_output=True, check=False).returncode \
                == (_STATUS << 1 | 1)
        except subprocess.TimeoutExpired:
            return False


def _probe_kvm(qemu):
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return False
    boot = Path('/proc/sys/kernel/random/boot_id').read_text().strip()
    stat = os.stat(qemu.binary)
    note = paths.cache('probes', 'kvm')
    key = f'{boot} {qemu.binary} {stat.st_mtime_ns}'
    if note.exists():
        answer, _, found = note.read_text().partition(' ')
        if found == key:
            return answer == 'yes'
    works = try_accel(qemu, 'kvm')
    with paths.atomic_file(note) as work:
        work.write_text(f"{'yes' if works else 'no'} {key}")
    return works


def choose(qemu, wanted):
    """'kvm' or 'tcg' for WANTED of auto, tcg, kvm."""
    if wanted == 'tcg':
        return 'tcg'
    if _probe_kvm(qemu):
        return 'kvm'
    if wanted == 'kvm':
        raise ui.Failure('KVM does not run guests on this machine',
                         'use --accel tcg, or auto')
    return 'tcg'
