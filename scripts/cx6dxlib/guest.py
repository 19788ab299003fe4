# SPDX-License-Identifier: GPL-2.0-or-later
"""A running guest: its QEMU, its agent, its monitor.

Tests use it like this (vm.VmSpec says what to boot):

    with vm.boot(spec) as guest:
        done = guest.run(['ip', '-br', 'addr'])         # Completed
        guest.qmp('device_del', id='nic0')
        guest.hmp('info network')
        guest.finish()          # /out to the host; reports are failures

Everything that is not a command's own status is raised as a VmFailure, whose
kind says what happened.  One thread does all: whoever waits for something
also serves the other ports, so nothing is lost and nothing is polled.
"""

import ctypes
import json
import os
import re
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from . import console, ui

HANG = 'guest hang'
PANIC = 'guest panic'
REPORT = 'kernel report'
CRASH = 'QEMU crash'
STOPPED = 'guest stopped'
SETUP = 'guest setup failed'

# kind -> exit status of `cx6dx vm`; a command's own may be the same number,
# the last line says which it was
STATUS = {HANG: 200, PANIC: 201, REPORT: 202, CRASH: 203, STOPPED: 204,
          SETUP: 205}

BOOT_SECONDS = 180
_SALVAGE_SECONDS = 15
_FINISH_SECONDS = 120
_QMP_SECONDS = 60
_OUT_DISK_BYTES = 16 << 30


class VmFailure(ui.Failure):
    """The guest, and not the command in it, failed: KIND and what it was."""

    def __init__(self, kind, detail, hint=None):
        super().__init__(f'{kind}: {detail}', hint, STATUS[kind])
        self.kind = kind
        self.detail = detail


class QmpError(Exception):
    """The monitor refused a command."""


class Completed(NamedTuple):
    """How a command in the guest ended."""

    status: int
    out: bytes
    err: bytes


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG


class Guest:
    """One guest, from start() to close()."""

    PORTS = ('qmp', 'ctl', 'out', 'err')

    def __init__(self, out_dir=None):
        # short names: a socket's path has to fit in 108 bytes
        self.place = Path(tempfile.mkdtemp(prefix='cx6dx-'))
        self.out_dir = out_dir
        self.console_path = (out_dir or self.place) / 'console.log'
        self.out_disk = self.place / 'out.raw'
        with open(self.out_disk, 'wb') as disk:
            disk.truncate(_OUT_DISK_BYTES)
        self.process = None
        self.events = []            # all QMP events so far
        self.expected_reports = []  # patterns of those that are no failure
        self.sinks = {'out': None, 'err': None}
        self._listeners = {}
        self._ports = {}
        self._pending = {name: b'' for name in self.PORTS}
        self._bytes = {'out': 0, 'err': 0}
        self._lines = []            # control lines not yet looked at
        self._replies = {}
        self._next_id = 0
        self._selector = selectors.DefaultSelector()
        self._stderr_path = self.place / 'qemu.err'
        for name in self.PORTS:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(self.place / name))
            listener.listen(1)
            self._listeners[name] = listener

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- starting and ending ----------------------------------------------

    def arguments(self):
        """QEMU's arguments for the ports between it and this object."""
        words = ['-chardev', f'file,id=console,path={self.console_path}',
                 '-serial', 'chardev:console',
                 '-device', 'virtio-serial-pci,id=ports,romfile=']
        for name in self.PORTS:
            words += ['-chardev', f'socket,id={name},path={self.place}/{name}']
            if name != 'qmp':
                words += ['-device', f'virtserialport,bus=ports.0,'
                          f'chardev={name},name=cx6dx.{name}']
        return words + ['-mon', 'chardev=qmp,mode=control']

    def start(self, command):
        """Start QEMU with COMMAND (which has our arguments) and wait for it.
        """
        with open(self._stderr_path, 'wb') as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=errors,
                stderr=errors, preexec_fn=_die_with_parent,
                start_new_session=True)
        self._selector.register(os.pidfd_open(self.process.pid),
                                selectors.EVENT_READ, 'process')
        for name, listener in self._listeners.items():
            self._selector.register(listener, selectors.EVENT_READ,
                                    f'listen {name}')
        self.command = command
        self.pump(lambda: len(self._ports) == len(self.PORTS), 60,
                  'QEMU does not connect')
        self.qmp('qmp_capabilities')

    def wait_ready(self, seconds=BOOT_SECONDS):
        """Wait until the guest is set up for commands."""
        self.pump(lambda: self._take('ready') or self._take('setup-failed'),
                  seconds, f'not booted after {seconds} s')
        if self._taken[0] == 'setup-failed':
            raise VmFailure(SETUP, 'the guest could not be set up '
                            f'(status {self._taken[1]})')

    def close(self):
        """End QEMU if it runs, and remove what is left of it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for sock in [*self._listeners.values(), *self._ports.values()]:
            sock.close()
        for key in list((self._selector.get_map() or {}).values()):
            if key.data == 'process':
                os.close(key.fd)
        self._selector.close()
        shutil.rmtree(self.place, ignore_errors=True)

    # ---- serving the ports ------------------------------------------------

    def pump(self, condition, seconds, what):
        """Serve all ports until CONDITION() is true.

        Raises a VmFailure if QEMU ends, or one of kind HANG after SECONDS.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while not condition():
            wait = None
            if deadline is not None:
                wait = deadline - time.monotonic()
                if wait <= 0:
                    raise VmFailure(HANG, what)
            ready = self._selector.select(wait)
            # what QEMU said before it ended comes before its end
            ready.sort(key=lambda pair: pair[0].data == 'process')
            for key, _ in ready:
                self._serve(key)

    def _serve(self, key):
        if key.data == 'process':
            self._serve_rest()
            raise self._ended()
        if key.data.startswith('listen '):
            name = key.data.split()[1]
            sock, _ = key.fileobj.accept()
            sock.setblocking(False)
            self._selector.unregister(key.fileobj)
            self._ports[name] = sock
            self._selector.register(sock, selectors.EVENT_READ, name)
        else:
            self._receive(key.data)

    def _serve_rest(self):
        """Read what is still in the sockets of a QEMU that has ended."""
        for name in list(self._ports):
            while self._receive(name):
                continue

    def _receive(self, name):
        try:
            data = self._ports[name].recv(1 << 20)
        except (BlockingIOError, ConnectionResetError):
            return False
        if not data:
            if self._ports[name] in self._selector.get_map():
                self._selector.unregister(self._ports[name])
            return False
        if name in self._bytes:
            self._bytes[name] += len(data)
            if self.sinks[name]:
                self.sinks[name](data)
            return True
        *lines, self._pending[name] = (self._pending[name] + data).split(b'\n')
        for line in lines:
            if name == 'ctl':
                self._lines.append(line.decode(errors='replace').split())
            elif line.strip():
                self._monitor_line(json.loads(line))
        return True

    def _monitor_line(self, message):
        if 'event' in message:
            self.events.append(message)
        elif 'id' in message:
            self._replies[message['id']] = message

    def _take(self, word, *more):
        """Remove the first control line that begins so; True if there was."""
        for line in self._lines:
            if line[:1 + len(more)] == [word, *more]:
                self._lines.remove(line)
                self._taken = line
                return True
        return False

    def _send(self, name, data):
        self._ports[name].setblocking(True)
        try:
            self._ports[name].sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass                # QEMU has ended: the next pump() says how
        finally:
            self._ports[name].setblocking(False)

    # ---- what went wrong --------------------------------------------------

    def console_text(self):
        """All that the kernel has said so far."""
        try:
            return console.clean(
                self.console_path.read_text(errors='replace'))
        except FileNotFoundError:
            return ''

    def _ended(self):
        """The VmFailure for a QEMU that ended by itself."""
        status = self.process.wait()
        reasons = [event['data'].get('reason') for event in self.events
                   if event['event'] == 'SHUTDOWN']
        panic = console.panic(self.console_text())
        if status:
            return self._crash(status)
        if panic and 'guest-reset' in reasons:
            return VmFailure(PANIC, panic)
        if 'guest-reset' in reasons:
            return VmFailure(STOPPED, 'it reset itself (a reboot, or a triple '
                             'fault) before the command had ended')
        if 'guest-shutdown' in reasons:
            return VmFailure(STOPPED, 'it powered off before the command had '
                             'ended')
        return VmFailure(CRASH, 'QEMU ended without saying why')

    def _crash(self, status):
        said = self._stderr_path.read_text(errors='replace').strip()
        how = f'status {status}'
        if status < 0:
            how = f'signal {signal.Signals(-status).name}'
        detail = f'QEMU ended with {how}'
        if said:
            best = [line for line in said.splitlines() if re.search(
                r'ERROR|Assert|assert|error|ppl|qemu-system', line)]
            detail += ': ' + (best or said.splitlines())[-1][:300]
        return VmFailure(CRASH, detail)

    def qemu_stderr(self):
        """What QEMU itself has said."""
        return self._stderr_path.read_text(errors='replace')

    # ---- commands ---------------------------------------------------------

    def run(self, argv, timeout=None, out=None, err=None):
        """Run ARGV in the guest as root; a Completed.

        ARGV is a list, or a string for sh -c.  OUT and ERR are functions
        that get the bytes as they come; without them the bytes are in the
        result.  After TIMEOUT seconds it is a VmFailure of kind HANG.
        """
        if isinstance(argv, str):
            argv = ['sh', '-c', argv]
        kept = {'out': [], 'err': []}
        self.sinks = {'out': out or kept['out'].append,
                      'err': err or kept['err'].append}
        number = self.begin(argv)
        try:
            status = self.wait(number, timeout)
        except VmFailure as failure:
            failure.partial = Completed(None, b''.join(kept['out']),
                                        b''.join(kept['err']))
            raise
        return Completed(status, b''.join(kept['out']), b''.join(kept['err']))

    def check(self, argv, timeout=None):
        """Run ARGV and return its output as text; its failure is ours."""
        done = self.run(argv, timeout)
        if done.status:
            what = argv if isinstance(argv, str) else shlex.join(argv)
            raise ui.Failure(f'{what}: status {done.status}\n'
                             + (done.err or done.out).decode(errors='replace'))
        return done.out.decode(errors='replace')

    def begin(self, argv):
        """Start ARGV in the guest, which must run nothing; its number."""
        self._next_id += 1
        data = b'\0'.join(os.fsencode(word) for word in argv) + b'\0'
        self._send('ctl', b'exec %d %d\n' % (self._next_id, len(data)) + data)
        return self._next_id

    def wait(self, number, timeout=None):
        """Wait for command NUMBER and all its output; its status."""
        self.pump(lambda: self._take('exit', str(number)), timeout,
                  f'the command did not end within {timeout} s')
        status, out, err = map(int, self._taken[2:5])
        self.pump(lambda: self._bytes['out'] >= out
                  and self._bytes['err'] >= err, 60,
                  'output of the command is missing')
        return status

    def salvage(self):
        """After a hang: stacks of what waits to the console, then an end.

        True if the guest still answered and the command is gone.
        """
        try:
            self._send('ctl', b'hung\n')
            self.pump(lambda: self._take('exit'), _SALVAGE_SECONDS, 'no answer')
        except VmFailure:
            return False
        return True

    def finish(self):
        """Bring /out to the host and end the guest.

        Raises a VmFailure if the kernel reported something during the run.
        """
        self._send('ctl', b'finish\n')
        self.pump(lambda: self._take('finished'), _FINISH_SECONDS,
                  f'it did not finish within {_FINISH_SECONDS} s')
        ended = int(self._taken[1])
        self.quit()
        kept = self._unpack()
        if ended:
            ui.warn('not all of /out was saved in the guest')
        self.check_reports(kept)

    def quit(self):
        """End QEMU at once."""
        try:
            self.qmp('quit')
            self.process.wait(30)
        except subprocess.TimeoutExpired as late:
            raise VmFailure(HANG, 'QEMU does not quit') from late
        except VmFailure as failure:
            if failure.kind == CRASH and self.process.returncode:
                raise
        if self.process.returncode:
            raise self._crash(self.process.returncode)

    def _unpack(self):
        """Unpack /out; the directory with the kernel's own files."""
        place = self.out_dir or self.place / 'unpacked'
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ['tar', '-x', '-f', self.out_disk, '-C', place, '--no-same-owner',
             '--no-overwrite-dir'], check=False, capture_output=True,
            text=True)
        if done.returncode:
            ui.warn(f'/out came back incomplete: {done.stderr.strip()}')
        kept = place / '.cx6dx'
        if self.out_dir and kept.is_dir():
            for path in kept.iterdir():
                shutil.move(path, place / f'{path.name}.log')
            kept.rmdir()
            return {path.name: path for path in place.glob('*.log')}
        return {f'{path.name}.log': path for path in kept.glob('*')}

    def check_reports(self, kept=None):
        """Raise a VmFailure if the kernel reported something."""
        kept = kept or {}
        texts = [self.console_text()]
        if 'dmesg.log' in kept:
            texts.append(kept['dmesg.log'].read_text(errors='replace'))
        users = kept['user-messages.log'].read_text(errors='replace') \
            if 'user-messages.log' in kept else ''
        found = next(filter(None, (
            [report for report in console.reports(text, users)
             if not any(re.search(pattern, report)
                        for pattern in self.expected_reports)]
            for text in texts)), [])
        if not found and 'tainted.log' in kept:
            found = [f'the kernel is tainted by {what}' for what in
                     console.taints(int(kept['tainted.log'].read_text()))]
        if not found and 'kmemleak.log' in kept:
            text = kept['kmemleak.log'].read_text(errors='replace')
            found = [f'kmemleak: {line}' for line in text.splitlines()
                     if line.startswith('unreferenced object')]
        if found:
            more = f' (and {len(found) - 1} more)' if len(found) > 1 else ''
            raise VmFailure(REPORT, found[0] + more)

    def cpu_seconds(self):
        """CPU time that QEMU has used so far, all threads."""
        fields = Path(f'/proc/{self.process.pid}/stat').read_text()
        user, system = fields.rpartition(')')[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf('SC_CLK_TCK')

    # ---- monitor ----------------------------------------------------------

    def qmp(self, command, **arguments):
        """The answer of QMP COMMAND; names with '_' may be given for '-'."""
        self._next_id += 1
        number = self._next_id
        message = {'execute': command, 'id': number}
        if arguments:
            message['arguments'] = {name.replace('_', '-'): value
                                    for name, value in arguments.items()}
        self._send('qmp', json.dumps(message).encode() + b'\n')
        self.pump(lambda: number in self._replies, _QMP_SECONDS,
                  f'QEMU does not answer {command}')
        reply = self._replies.pop(number)
        if 'error' in reply:
            raise QmpError(f"{command}: {reply['error']['desc']}")
        return reply['return']

    def hmp(self, line):
        """What the human monitor prints for LINE."""
        return self.qmp('human-monitor-command', command_line=line)

    def wait_event(self, name, seconds=60, **data):
        """The next (or an unseen) QMP event NAME with these data."""
        found = []

        def look():
            for event in self.events:
                given = event.get('data', {})
                if event['event'] == name and all(
                        given.get(key) == value
                        for key, value in data.items()):
                    self.events.remove(event)
                    found.append(event)
                    return True
            return False

        self.pump(look, seconds, f'no event {name} within {seconds} s')
        return found[0]
