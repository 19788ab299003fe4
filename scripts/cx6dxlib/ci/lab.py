# SPDX-License-Identifier: GPL-2.0-or-later
"""One guest in which scenarios are run, one after the other.

Knows how a guest is booted, asked and put back into its first state; what a
scenario means is in play.py.  Commands that a scenario runs amid its traffic
reach the host through file descriptor 9 of the traffic's shell ("@host N"),
and are answered through a port of their own, so that a step on the host has
been taken before the traffic goes on.
"""

import contextlib
import io
import shutil
import socket
import tarfile
import tempfile
import time
from pathlib import Path

from .. import console, coverage, exact, guest as guests, image
from .. import kernel as kernels, paths, qemu, ui, vm

TOOLS = paths.ROOT / 'tests/e2e/tools'
FAR = {'ipv4': '10.9.0.2', 'ipv6': 'fd00:9::2'}
PREFIX = {'near': 'nsenter -t 1 -n', 'far': 'ip netns exec peer'}
DEV = {'near': 'eth0', 'far': 'eth1'}
NIC = {'near': 'nic0', 'far': 'nic1'}
MODULE = {'cx6dx': 'cx6dx_tls', 'mlx5': 'mlx5_core'}

_PROBE = """for end in near far; do
if [ $end = near ]; then dev=eth0; in=; else dev=eth1; in='ip netns exec peer'; fi
echo "@$end"; $in ethtool -S $dev; $in cat /proc/net/tls_stat
$in awk 'FNR % 2 { split($0, name); next } {
for (i = 2; i <= NF; i++) print substr($1, 1, length($1) - 1) name[i], $i
}' /proc/net/snmp /proc/net/netstat
done"""

# A guest is up in so many seconds on a machine that has nothing else to do.
# One that took longer is given more time for all that it does.
_BOOT_SECONDS = 12
_MOST_PATIENCE = 10

# at boot: what would otherwise be loaded or filled by the first scenario
_WARM = """modprobe -a tls sch_netem 2>/dev/null
modprobe -qa 8021q bridge macvlan gcm aesni_intel || :
python3 -c 'import socket; socket.socket(38, 5).bind(("aead", "gcm(aes)"))' || :
"""


def in_end(end, text):
    """Shell words that run the shell text TEXT at END."""
    quoted = text.replace('DEV', DEV[end]).replace("'", "'\\''")
    return f"{PREFIX[end]} sh -c '{quoted}'"


class Lab:
    """A guest with two NICs; boot() before use, close() after."""

    def __init__(self, spec, keep=None, coverage=None):
        self.spec = spec            # a vm.VmSpec
        self.coverage = coverage    # directory for counts of branches
        self.keep = keep            # directory for traces, or None
        self.guest = None
        self.place = Path(tempfile.mkdtemp(prefix='cx6dx-lab-'))
        self.cases = 0              # run in this guest so far
        self.patience = 1           # how much longer things may take
        self._port = None
        self._console_seen = 0

    def __enter__(self):
        self.boot()
        return self

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def tools():
        """What the guest needs of ours: pairs for --copy."""
        copies = [(str(image.static_program(TOOLS / f'ktls-{tool}.c')),
                   f'/cx6dx/bin/ktls-{tool}') for tool in ('stream',
                                                          'records')]
        return copies + [(str(TOOLS / 'ktls-corners'),
                          '/cx6dx/bin/ktls-corners')]

    def boot(self):
        """Start the guest and make it ready for scenarios."""
        path = self.place / 'port'
        spec = vm.VmSpec(**{**vars(self.spec), 'copy': self.tools(),
                            'out': self.keep,
                            'pcap': False, 'qemu_args': [
            *self.spec.qemu_args,
            '-chardev', f'socket,id=lab,path={path},server=on,wait=off',
            '-device', 'virtserialport,bus=ports.0,chardev=lab,'
            'name=cx6dx.lab']})
        image.ensure(kernels.ensure(spec.kernel))   # not part of booting
        qemu.ensure()
        begin = time.monotonic()
        self.guest = vm.boot(spec)
        self.patience = min(_MOST_PATIENCE, max(1, round(
            (time.monotonic() - begin) / _BOOT_SECONDS)))
        self._port = socket.socket(socket.AF_UNIX)
        self._port.connect(str(path))
        self.sh(_WARM)
        self._console_seen = len(self.guest.console_text())

    def close(self):
        """End the guest as it is."""
        if self._port:
            self._port.close()
            self._port = None
        if self.guest:
            self.guest.close()
            self.guest = None
        shutil.rmtree(self.place, ignore_errors=True)

    def finish(self):
        """End the guest well; raises what its kernel has to report."""
        try:
            if self.coverage:
                self._save_coverage()
            self.guest.finish()
        finally:
            self.close()

    def _save_coverage(self):
        """Bring what the kernel has counted to the host."""
        done = self.guest.run(coverage.SAVE, 120)
        if done.status:
            raise ui.UsageError('this kernel counts no branches',
                                'ci --coverage needs --kernel '
                                'mainline-6.12-gcov')
        self.coverage.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.coverage, suffix='.tar',
                                         delete=False) as file:
            file.write(done.out)

    # ---- asking -------------------------------------------------------------

    def sh(self, text, timeout=60, what='a command of the preparation'):
        """Run shell text; its output.  A status other than 0 is a Failure."""
        done = self.guest.run(['sh', '-c', text], timeout * self.patience)
        if done.status:
            said = (done.out + done.err).decode(errors='replace')
            bad = [line for line in said.splitlines() if 'not ok' in line]
            raise ui.Failure(f'{what} has status {done.status}: ' + '; '.join(
                bad or said.strip().splitlines()[-4:]
                or [f'the last one is {text.strip().splitlines()[-1]}']))
        return done.out.decode(errors='replace')

    def traffic(self, text, timeout, steps):
        """Run the traffic's shell text; (status, its output).

        STEPS are functions for "@host N" (from 1).
        """
        out, pending = [], [b'']

        def see(data):
            *lines, pending[0] = (pending[0] + data).split(b'\n')
            for line in lines:
                if line.startswith(b'@host '):
                    steps[int(line[6:]) - 1]()
                    self._port.sendall(line[6:] + b'\n')
                else:
                    out.append(line)

        done = self.guest.run(['sh', '-c', text], timeout * self.patience,
                              out=see)
        out.append(pending[0])
        return done.status, (b'\n'.join(out) + b'\n' + done.err).decode(
            errors='replace')

    @staticmethod
    def host_step(number):
        """Shell text, amid the traffic: the host takes step NUMBER."""
        return (f'echo "@host {number}" >&9\n'
                'for port in /sys/class/virtio-ports/*; do\n'
                'if [ "$(cat $port/name)" = cx6dx.lab ]; then\n'
                'read line < /dev/${port##*/}\nfi\ndone')

    def counters(self):
        """(near, far): tables of ethtool -S, /proc/net/tls_stat, snmp (as
        TcpRetransSegs) and netstat (as TcpExtTCPTimeouts).
        """
        ends = {'near': {}, 'far': {}}
        end = None
        for line in self.sh(_PROBE).splitlines():
            if line.startswith('@'):
                end = ends[line[1:]]
                continue
            words = line.replace(':', ' ').split()
            if len(words) == 2 and words[1].isdigit():
                end[words[0]] = int(words[1])
        return ends['near'], ends['far']

    def objects(self):
        """(near, far): numbers of objects in the devices, by kind; none for
        a device that has been pulled.
        """
        there = {entry['name'] for entry in self.guest.qmp(
            'qom-list', path='/machine/peripheral')}
        return tuple(self.property(end, 'objects') if NIC[end] in there
                     else {} for end in DEV)

    def property(self, end, name):
        return self.guest.qmp('qom-get', path=NIC[end], property=name)

    def set_property(self, end, name, value):
        self.guest.qmp('qom-set', path=NIC[end], property=name, value=value)

    def complaints(self):
        """What the kernel has reported since this was last asked."""
        text = self.guest.console_text()
        fresh, self._console_seen = text[self._console_seen:], len(text)
        return console.reports(fresh), fresh

    def bring(self, paths_, folder='/tmp/brought'):
        """Put these files into FOLDER of the guest; the spec has spare_mb.

        They are written to the disk that the payload came on.
        """
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode='w') as tar:
            for path in paths_:
                tar.add(path, Path(path).name)
        disk = self.guest.place / 'payload.tar'
        if len(packed.getbuffer()) > disk.stat().st_size:
            raise ui.Failure('no room for files that come later')
        with open(disk, 'r+b') as file:
            file.write(packed.getbuffer())
        self.sh(f'rm -rf {folder}; mkdir {folder}; dd if=/dev/vdc iflag=direct '
                f'bs=1M status=none | tar -x -f - -C {folder}')

    # ---- things on the wire ---------------------------------------------------

    @contextlib.contextmanager
    def capture(self, wanted):
        """Capture both wires while the block runs; yields the paths."""
        files = [self.place / f'{end}.pcap' for end in DEV] if wanted else []
        for number, path in enumerate(files):
            self.guest.qmp('object-add', qom_type='filter-dump',
                           id=f'lab-dump{number}', netdev=f'wire{number}',
                           file=str(path), maxlen=65536)
        try:
            yield files
        finally:
            for number in range(len(files)):
                self.quietly('object-del', id=f'lab-dump{number}')

    @contextlib.contextmanager
    def impair(self, wire):
        """Impair the wire while the block runs; yields a statistics reader."""
        if not wire:
            yield None
            return
        settings = {}
        for key, value in wire.items():
            if key in ('wire', 'rules'):
                continue
            ways = [key] if key == 'seed' or key.endswith(('-rx', '-tx')) \
                else [f'{key}-rx', f'{key}-tx']
            settings.update({way: value for way in ways})
        if wire['rules']:
            path = self.place / 'rules'
            path.write_text('\n'.join(wire['rules']) + '\n')
            settings['rules'] = str(path)
        number = list(DEV).index(wire['wire'])
        self.guest.qmp('object-add', **{
            'qom-type': 'filter-impair', 'id': 'lab-impair',
            'netdev': f'wire{number}', **settings})
        try:
            yield lambda name: self.guest.qmp(
                'qom-get', path='/objects/lab-impair', property=name)
        finally:
            self.quietly('object-del', id='lab-impair')

    def quietly(self, command, **arguments):
        """A QMP command whose failure (QEMU is gone) says nothing new."""
        with contextlib.suppress(guests.VmFailure, guests.QmpError):
            self.guest.qmp(command, **arguments)


class ExactLab(Lab):
    """A guest in which a case goes the same way each time."""

    def __init__(self, spec, keep, replay=None):
        super().__init__(spec, keep)
        self.replay = replay        # as of exact.Exact

    def boot(self):
        self.keep.mkdir(parents=True, exist_ok=True)
        # of several CPUs QEMU runs one after the other, and goes on to the
        # next one when the host's clock says so; nor can it record them
        spec = vm.VmSpec(**{**vars(self.spec), 'cpus': 1,
                            'copy': self.tools()})
        self.guest = exact.Exact(spec, self.keep, self.replay)
        self.guest.boot()
        self.sh(_WARM)
        self._console_seen = len(self.guest.console_text())

    def traffic(self, text, timeout, steps):
        self.guest.steps = steps
        done = self.guest.run(['sh', '-c', text], timeout)
        return done.status, (done.out + b'\n' + done.err).decode(
            errors='replace')

    @staticmethod
    def host_step(number):
        return f'/cx6dx/exact step {number}'


def spec_of(kernel, driver, **more):
    """The VmSpec of a lab.  Memory is cleared when it is freed, in any kernel
    since 5.3: who uses it afterwards finds zeros, and the kernel complains.
    """
    return vm.VmSpec(**{'kernel': kernel, 'driver': driver, 'cpus': 2,
                        'mem': '1536M', 'append': 'init_on_free=1', **more})
