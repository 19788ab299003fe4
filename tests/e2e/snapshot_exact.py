#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=2400 also=mlx5
"""Under -icount a snapshot changes nothing of what follows, here or elsewhere.

The run of determinism.py, three times: as it is; stopped, written to a file and
going on, several times; and from one of these files on in a new QEMU.  The
trace of the device, which has virtual times in it, must be equal byte by byte
in the first two, and the third one's must be the end of it.  With "mlx5" it is
the kernel's own driver.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from determinism import RUN_SECONDS, command, initrd
from harness import MLX5, check, main, need_built, note
from cx6dxlib import kernel as kernels, qemu, ui

# lines of trace after which a snapshot is taken: in traffic all of them
SNAPSHOTS = (3000, 6000, 9000, 12000)
KEPT = 1                    # the one from which the new QEMU goes on
# what a device says before the state of another is loaded into it
BEFORE = (b'cx6dx_pci_', b'cx6dx_port_link')


class Monitor:
    """QMP of a QEMU that was given arguments()."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        self.stream = None

    def arguments(self):
        return ['-chardev', f'socket,id=qmp,path={self.path}',
                '-mon', 'chardev=qmp,mode=control']

    def connect(self):
        self.stream = self.listener.accept()[0].makefile('rw')
        self.read()
        self('qmp_capabilities')
        self('migrate-set-capabilities', capabilities=[
            {'capability': 'events', 'state': True}])
        # no frames by which QEMU announces a guest that has come
        self('migrate-set-parameters', **{'announce-rounds': 0,
                                          'max-bandwidth': 16 << 30})

    def read(self):
        line = self.stream.readline()
        if not line:
            raise ui.Failure('QEMU has ended')
        return json.loads(line)

    def __call__(self, name, **arguments):
        self.stream.write(json.dumps({'execute': name,
                                      'arguments': arguments}) + '\n')
        self.stream.flush()
        while True:
            answer = self.read()
            if 'error' in answer:
                raise ui.Failure(f"{name}: {answer['error']['desc']}")
            if 'return' in answer:
                return answer['return']

    def migrated(self):
        """Wait for the end of a migration."""
        while True:
            event = self.read()
            status = event.get('data', {}).get('status')
            if event.get('event') == 'MIGRATION' and \
                    status in ('completed', 'failed'):
                return status == 'completed'


def take_snapshots(monitor, process, out):
    """Snapshots after so many lines; how many were taken."""
    trace = Path(f'{out}.trace')
    taken = 0
    for lines in SNAPSHOTS:
        while trace.read_bytes().count(b'\n') < lines:
            if process.poll() is not None:
                return taken
            monitor('query-status')
        monitor('stop')
        monitor('migrate', uri=f'file:{out}.state')
        if not monitor.migrated():
            raise ui.Failure('the state was not written')
        while monitor('query-status')['status'] == 'finish-migrate':
            pass                # QEMU's main loop has still to put it away
        if taken == KEPT:
            shutil.copy(f'{out}.state', f'{out}.kept')
        taken += 1
        monitor('cont')
    return taken


def run(words, out, drive=None):
    """Run QEMU, by DRIVE(monitor, process); its (console, trace)."""
    monitor = Monitor(f'{out}.qmp')
    with ui.step(f'a run with -icount: {Path(out).name}'):
        process = subprocess.Popen([*words, *monitor.arguments()],
                                   stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)
        try:
            monitor.connect()
            seen = drive(monitor, process) if drive else None
            process.wait(RUN_SECONDS)
        finally:
            process.kill()
            process.wait()
    return (seen, Path(f'{out}.console').read_text(errors='replace'),
            Path(f'{out}.trace').read_bytes())


def go_on(path):
    """What brings a new QEMU to the state in the file PATH."""
    def drive(monitor, _process):
        monitor('migrate-incoming', uri=f'file:{path}')
        good = monitor.migrated()
        if good:
            monitor('cont')
        return good
    return drive


def test(kernel='stock-6.12', driver='cx6dx'):
    built = qemu.ensure()
    kernel = kernels.ensure(kernel)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / 'initrd'
        archive.write_bytes(initrd(kernel, driver))

        def words(name):
            return command(built, kernel, archive, f'{folder}/{name}')
        _, console, plain = run(words('plain'), f'{folder}/plain')
        saving = f'{folder}/saving'
        taken, saved_console, saved = run(
            words('saving'), saving,
            lambda monitor, process: take_snapshots(monitor, process, saving))
        good, _, moved = run(
            [*words('moved'), '-incoming', 'defer'], f'{folder}/moved',
            go_on(f'{saving}.kept'))
    note('\n'.join(console.splitlines()[-20:]))
    check('STATUS 0' in console, 'all bytes arrive')
    check(taken == len(SNAPSHOTS), 'snapshots were taken in traffic', taken)
    check(saved == plain, 'with and without them the trace is the same')
    check(saved_console == console, 'so is the console')
    check(good, 'a new QEMU takes the state')
    lines = moved.splitlines(keepends=True)
    while lines and lines[0].split(b' ')[0].startswith(BEFORE):
        lines.pop(0)
    rest = b''.join(lines)
    check(len(lines) > 1000 and plain.endswith(rest),
          'its trace is the end of the others', f'{len(lines)} lines')


if __name__ == '__main__':
    fields = MLX5 if 'mlx5' in sys.argv[1:] else {}
    if fields:
        need_built(fields['kernel'])
    main(test, **fields)
