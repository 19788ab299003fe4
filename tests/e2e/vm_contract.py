#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=900
"""What scripts rely on when they call cx6dx vm: statuses, kinds, files.

Every claim here is made through the command line, as a script would.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from harness import ROOT, check, guests, main, note

from cx6dxlib import driver, kernel

COMPLAIN = ROOT / 'tests/e2e/tools/complain'
COMMAND = str(ROOT / 'scripts/cx6dx')


class Run:
    """One call of cx6dx vm."""

    def __init__(self, *words, kill=None):
        self.words = words
        child = subprocess.Popen([COMMAND, 'vm', *map(str, words)],
                                 stdout=subprocess.PIPE, text=False,
                                 stderr=subprocess.PIPE)
        if kill:
            kill(child)
        out, err = child.communicate()
        self.status = child.returncode
        self.raw = out
        self.out = out.decode(errors='replace')
        self.err = err.decode(errors='replace')

    def last(self):
        """The last line, of both outputs if they agree."""
        lines = [(text.splitlines() or [''])[-1]
                 for text in (self.out, self.err)]
        return lines[0] if lines[0] == lines[1] else ' | '.join(lines)

    def explain(self):
        note(f'vm {" ".join(map(str, self.words))}: status {self.status}')
        note(self.out[-1000:] + self.err[-2000:])


def claim(run, good, text):
    if not check(good, text):
        run.explain()


def failed_as(run, kind, text):
    """RUN ended as KIND, which its last line names."""
    claim(run, run.status == guests.STATUS[kind]
          and run.last().startswith(f'cx6dx vm: {kind}: '), text)


def wiring():
    for spec, series in (('stock-6.12', '6.12.'), ('stock-6.1', '6.1.')):
        run = Run('--kernel', spec, '--pair', '--', 'sh', '-c',
                  'uname -r; ethtool -i $(ls /sys/class/net | grep -v lo | '
                  'head -1); ip -br addr; ip netns exec peer ip -br addr; '
                  'ping -c 1 -q fd00:9::2')
        claim(run, run.status == 0 and run.out.startswith(series),
              f'{spec}: the command runs on a kernel of that series')
        claim(run, re.search(r'^driver: cx6dx_tls$', run.out, re.M),
              f'{spec}: our driver drives the first NIC')
        for side, last in (('', 1), ('peer ', 2)):
            claim(run, f'10.9.0.{last}/24' in run.out
                  and f'fd00:9::{last}/64' in run.out,
                  f'{spec}: {side}addresses of the contract')
    run = Run('--single', '--nic', 'virtio-net-pci', '--', 'sh', '-c',
              'ip -br addr; ip netns list')
    claim(run, '10.0.2.15/24' in run.out and 'peer' not in run.out,
          '--single gives one NIC on the user network')


def other_nics():
    for nic, module in (('igb', 'igb'), ('e1000e', 'e1000e'),
                        ('virtio-net-pci', 'virtio_net')):
        run = Run('--nic', nic, '--', 'sh', '-c',
                  'ethtool -i eth0; ping -c 1 -q 10.9.0.2')
        claim(run, run.status == 0 and f'driver: {module}\n' in run.out,
              f'--nic {nic} comes up as a pair')


def statuses():
    claim(run := Run('--', 'false'), run.status == 1,
          "'false' ends with its own status")
    run = Run('--', 'sh', '-c', 'echo to-out; echo to-err >&2; '
              'echo Kernel panic - not syncing: forged > /dev/kmsg; '
              'echo "BUG: forged" > /dev/kmsg; echo "exit 1 0 0 0" '
              '> /dev/console; exit 42')
    claim(run, run.status == 42,
          'noise on the console neither forges nor loses the status')
    claim(run, run.out == 'to-out\n' and run.err.endswith('to-err\n'),
          'standard output and error are those of the command alone')
    run = Run('--', 'no-such-command')
    claim(run, run.status == 127, 'a command that is not there is status 127')
    run = Run('--', 'sh', '-c', 'i=0; while [ $i -lt 20000 ]; do printf '
              r'"line $i of many, \001\377\r\n"; i=$((i + 1)); done')
    wanted = b''.join(b'line %d of many, \1\377\r\n' % i for i in range(20000))
    claim(run, run.raw == wanted, 'output comes back byte for byte')


def failures():
    run = Run('--', 'sh', '-c', 'echo c > /proc/sysrq-trigger')
    failed_as(run, guests.PANIC, 'a panic of the guest is named')
    run = Run('--', 'sh', '-c', 'echo o > /proc/sysrq-trigger; sleep 100')
    failed_as(run, guests.STOPPED, 'a guest that powers off is named')
    with tempfile.TemporaryDirectory() as place:
        run = Run('--timeout', '4', '--out', place, '--', 'sh', '-c',
                  'echo kept > /out/file; sleep 600')
        failed_as(run, guests.HANG, 'a hang is named')
        claim(run, (Path(place) / 'file').read_text() == 'kept\n',
              'after a hang, /out comes back')
    run = Run('--', 'sleep', '600', kill=_kill_qemu)
    failed_as(run, guests.CRASH, 'a crash of QEMU is named')


def _kill_qemu(child):
    """Abort the QEMU below CHILD, once it has its guest's disks open."""
    deadline = time.monotonic() + 120
    listing = Path(f'/proc/{child.pid}/task/{child.pid}/children')
    while time.monotonic() < deadline and child.poll() is None:
        for pid in listing.read_text().split():
            try:
                words = Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0')
            except OSError:
                continue
            if b'-no-reboot' in words and b'payload' in b' '.join(words):
                os.kill(int(pid), signal.SIGABRT)
                return
        try:
            child.wait(0.05)
        except subprocess.TimeoutExpired:
            continue


def reports():
    module = driver.ensure(kernel.ensure('stock-6.12'), COMPLAIN, 'complain')
    for how, words in (('warn', 'WARNING: '), ('bug', 'kernel BUG at ')):
        run = Run('--copy', f'{module}:/complain.ko', '--', 'sh', '-c',
                  f'insmod /complain.ko how={how}; exit 0')
        failed_as(run, guests.REPORT,
                  f'a {how} report is a failure though the status is 0')
        claim(run, words in run.last(), f'a {how} report is quoted')


def files():
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        (place / 'in').mkdir()
        (place / 'in/data').write_bytes(os.urandom(100000))
        out = place / 'new/out'
        run = Run('--copy', f'{place}/in:/given', '--copy',
                  f'{place}/in/data:/one', '--out', out, '--', 'sh', '-c',
                  'cmp /given/data /one && mkdir /out/d && cp /one /out/d/ && '
                  'ping -c 3 -i 0.1 -q 10.9.0.2')
        claim(run, run.status == 0, '--copy brings files and directories in')
        claim(run, (out / 'd/one').is_file() and (out / 'd/one').read_bytes()
              == (place / 'in/data').read_bytes(),
              'what is left in /out comes back under --out')
        claim(run, (out / 'console.log').stat().st_size > 0
              and (out / 'dmesg.log').stat().st_size > 1000,
              'the console log and the kernel log come back')
        claim(run, 'cx6dx_cmd ' in (out / 'device-trace.log').read_text(),
              'the trace of the device comes back')
        claim(run, (out / 'wire.pcap').read_bytes().count(
            bytes.fromhex('020000090001')) >= 6,
              'the pcap holds the frames of the wire')


def refusals():
    for words, what in ((('--kernel', 'no-such', '--', 'true'), 'kernel'),
                        (('--nic', 'no-such', '--', 'true'), 'NIC model'),
                        (('--copy', '/no/such:/x', '--', 'true'), 'file'),
                        (('--copy', 'nocolon', '--', 'true'), 'SRC:DST'),
                        (('--pair', '--single', '--', 'true'), 'wiring'),
                        (('--cpus', '0', '--', 'true'), 'CPU count')):
        run = Run(*words)
        claim(run, run.status == 2 and run.err, f'a wrong {what} is refused')
    run = Run('--device', 'no-such-property=1', '--', 'true')
    claim(run, run.status == guests.STATUS[guests.CRASH]
          and 'no-such-property' in run.last(),
          'a property that the NIC lacks is named on the last line')


def test():
    for part in (wiring, other_nics, statuses, failures, reports, files,
                 refusals):
        part()


main(test)
