# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot a guest with one or two NICs and run a command in it as root.

The command's output is this program's output, live, and its exit status is
this program's. What is left in /out in the guest comes back under --out.

  --pair    two NICs wired back to back: eth0 with 10.9.0.1/24 and
            fd00:9::1/64, and in network namespace 'peer' eth1 with 10.9.0.2
            and fd00:9::2 (default)
  --single  one NIC, eth0, on QEMU's user network

In the guest: /cx6dx/cx6dx_tls.ko is the driver, 'cx6dx-net up' sets the NICs
up again after a driver was loaded or a NIC plugged in.
"""

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Optional

from . import accel, driver, guest as guests, image, kernel as kernels
from . import paths, qemu as qemus, ui

NIC = 'cx6dx-tls'
MACS = ('02:00:00:09:00:01', '02:00:00:09:00:02')
_SLOTS = (0x10, 0x11)           # of the root ports on pcie.0
_TIMEOUT = 600

# NIC model -> the driver of the kernel that belongs to it
_STOCK_DRIVERS = {'igb': 'igb', 'e1000e': 'e1000e', 'e1000': 'e1000',
                  'virtio-net-pci': 'virtio_net', 'vmxnet3': 'vmxnet3'}

_CMDLINE = ('console=ttyS0', 'loglevel=5', 'panic=-1', 'net.ifnames=0',
            'nokaslr', 'mitigations=off', 'random.trust_cpu=on',
            'cryptomgr.notests', 'rcupdate.rcu_expedited=1', 'no_timer_check',
            'tsc=reliable', 'i8042.noaux', 'i8042.nokbd', '8250.nr_uarts=1',
            'printk.time=1')

_KINDS = (
    (guests.HANG, 'the command or the boot outlasted its time'),
    (guests.PANIC, ''),
    (guests.REPORT, 'a WARN, BUG, KASAN, lockdep, stall... on the\n'
     "       console, whatever the command's status was"),
    (guests.CRASH, 'by a signal, an assertion, or at its start'),
    (guests.STOPPED, 'reset or power-off before the command had ended'),
    (guests.SETUP, 'no NIC, no link, a driver that does not load'),
)
EXIT_STATUS = """\
exit status:
  the command's own (127: not found, 128+N: ended by signal N), or
""" + ''.join(f'  {guests.STATUS[kind]}  {kind}{": " if text else ""}{text}\n'
              for kind, text in _KINDS) + """\
  2    wrong usage; 1 the guest could not be made or started
Each of those is named on the last line of output: 'cx6dx vm: KIND: ...'.
"""


@dataclass
class VmSpec:
    """What to boot. The fields are the options of cx6dx vm."""

    kernel: str = kernels.DEFAULT
    driver: Optional[str] = None        # cx6dx, mlx5, none; None: what fits
    nic: str = NIC
    pair: bool = True
    cpus: int = 2
    mem: str = '2G'
    accel: str = 'auto'
    icount: Optional[str] = None
    copy: list = field(default_factory=list)        # (source, destination)
    device: list = field(default_factory=list)      # 'key=value'
    impair: list = field(default_factory=list)      # 'setting=value,...'
    wire_rules: Optional[Path] = None   # rules of filter-impair
    out: Optional[Path] = None
    timeout: Optional[float] = _TIMEOUT
    pcap: bool = True                   # only with out
    trace: Optional[str] = 'cx6dx_*'    # events to record; only with out
    qmp: Optional[str] = None           # path of one more QMP socket
    qemu_args: list = field(default_factory=list)
    append: str = ''                    # words for the kernel
    qemu: Optional[Path] = None         # a binary, instead of building ours
    driver_source: Optional[Path] = None    # instead of guest-driver/
    spare_mb: int = 0                   # room for files that come later
    packages: tuple = ()                # in the userland beyond the usual ones


class Result(NamedTuple):
    """How run_vm() ended.

    kind is None if the command ended by itself, else one of the kinds of
    guest.py; status is what cx6dx vm exits with.
    """

    status: int
    kind: Optional[str]
    detail: str
    out: bytes
    err: bytes
    out_dir: Optional[Path]


# ---- what QEMU is told ----------------------------------------------------

def _qemu(spec):
    given = spec.qemu
    if given:
        return qemus.Qemu(Path(given), None, qemus.firmware())
    return qemus.ensure()


def _ask_qemu(qemu, *question):
    return subprocess.run(qemu.command(*question), text=True, check=False,
                          capture_output=True).stdout


def check_models(spec, qemu):
    """Refuse what this QEMU has no model for, before anything is booted."""
    if f'name "{spec.nic}"' not in _ask_qemu(qemu, '-device', 'help'):
        raise ui.UsageError(f"this QEMU has no NIC model '{spec.nic}'",
                            f'{qemu.binary} -device help lists them')
    if _impaired(spec) and 'filter-impair' not in _ask_qemu(qemu, '-object',
                                                        'help'):
        raise ui.UsageError('--impair: this QEMU has no filter-impair object, '
                            'so the wire cannot be impaired')


def _wires(spec):
    """Arguments for the NICs' back ends, called wire0 and wire1."""
    if not spec.pair:
        return ['-netdev', 'user,id=wire0']
    # both on one hub: no system call for a frame, and ordered
    return ['-netdev', 'hubport,id=wire0,hubid=0',
            '-netdev', 'hubport,id=wire1,hubid=0']


def _nics(spec):
    words = []
    extra = ''.join(f',{option}' for option in spec.device)
    if spec.nic != NIC:
        extra = ',romfile=' + extra
    for number in range(2 if spec.pair else 1):
        words += ['-device', f'pcie-root-port,id=port{number},bus=pcie.0,'
                  f'chassis={number + 1},slot={number + 1},'
                  f'addr={_SLOTS[number]:#x}',
                  '-device', f'{spec.nic},id=nic{number},bus=port{number},'
                  f'netdev=wire{number},mac={MACS[number]}{extra}']
    return words


# settings of filter-impair that each direction has, and the others
_BOTH_WAYS = ('loss', 'burst-enter', 'burst-leave', 'burst-loss', 'duplicate',
              'corrupt', 'corrupt-wrong-sum', 'corrupt-header', 'truncate',
              'reorder', 'reorder-distance', 'reorder-time', 'delay', 'jitter',
              'rate')
_ONE_WAY = tuple(f'{name}{way}' for name in _BOTH_WAYS for way in ('-rx', '-tx'))
_OF_FILTER = ('seed', 'rules', 'limit-packets', 'limit-bytes', 'queue',
              'status', 'position', 'insert')


def _impair_words(text):
    """Properties of a filter-impair object from what --impair was given.

    A setting without -rx or -tx is for both directions.  A comma in a value
    is written twice, as everywhere in QEMU.
    """
    words = []
    for item in re.split(r'(?<!,),(?!,)', text):
        name, equals, value = item.partition('=')
        if not equals or name not in _BOTH_WAYS + _ONE_WAY + _OF_FILTER:
            known = ', '.join(_BOTH_WAYS + _OF_FILTER)
            raise ui.UsageError(f"--impair: '{item}' is no SETTING=VALUE of "
                                'filter-impair', f'settings: {known}; for one '
                                'direction with -rx (eth0 sends) or -tx '
                                '(eth0 receives)')
        names = [name]
        if name in _BOTH_WAYS:
            names = [f'{name}-rx', f'{name}-tx']
        words += [f'{each}={value}' for each in names]
    return ','.join(words)


def _impaired(spec):
    """What is asked for: object id -> properties."""
    objects = {f'impair{number}': _impair_words(text)
               for number, text in enumerate(spec.impair)}
    if spec.wire_rules:
        path = Path(spec.wire_rules).resolve()
        if not path.is_file():
            raise ui.UsageError(f'--wire-rules: {spec.wire_rules} is no file')
        objects['wire-rules'] = 'rules=' + str(path).replace(',', ',,')
    return objects


def _filters(spec, out_dir):
    words = []
    for name, properties in _impaired(spec).items():
        words += ['-object',
                  f'filter-impair,id={name},netdev=wire0,{properties}']
    if out_dir and spec.pcap:
        words += ['-object', 'filter-dump,id=dump0,netdev=wire0,'
                  f'file={out_dir}/wire.pcap,maxlen=65536']
    return words


def _record(spec, out_dir):
    """Arguments that have QEMU write its device trace."""
    if not out_dir:
        return []
    # not -trace, which would also write a file for the backend 'simple'
    items = 'guest_errors,unimp' + (f',trace:{spec.trace}' if spec.trace else '')
    return ['-D', str(out_dir / 'device-trace.log'), '-d', items]


def _machine(spec, qemu, kernel):
    name = 'tcg' if spec.icount is not None else \
        accel.choose(qemu, spec.accel, kernel)
    if name == 'tcg' and spec.icount is None:
        name = 'tcg,thread=multi'
    # a translated `rep movsb` moves one byte a round: without these two the
    # guest's kernel copies eight at a time, and everything is twice as fast
    cpu = 'max,-erms,-fsrm' if name.startswith('tcg') else 'max'
    words = ['-no-user-config', '-nodefaults', '-display', 'none',
             '-M', 'q35,smm=off,vmport=off,sata=off,smbus=off',
             '-accel', name, '-cpu', cpu, '-smp', str(spec.cpus),
             '-m', str(spec.mem), '-no-reboot']
    if spec.icount is not None:
        words += ['-icount', f'shift={spec.icount}']
    return words


def _disk(name, path, address, writable=False):
    mode = 'off' if writable else 'on'
    return ['-drive', f'if=none,id={name},format=raw,cache=unsafe,'
            f'read-only={mode},file={path}',
            '-device', f'virtio-blk-pci,drive={name},addr={address:#x}']


def _command(spec, qemu, kernel, machine):
    """All of QEMU's arguments. MACHINE is the guests.Guest."""
    userland, modules, initramfs, _ = image.ensure(kernel, spec.packages)
    cmdline = ' '.join(_CMDLINE + (spec.append,))
    if spec.kernel.endswith('-debug'):
        cmdline += ' panic_on_warn=1'
    words = _machine(spec, qemu, kernel)
    words += ['-kernel', kernel.image, '-initrd', initramfs,
              '-append', cmdline]
    words += _disk('root', userland, 4)
    words += _disk('modules', modules, 5)
    words += _disk('payload', machine.place / 'payload.tar', 6)
    words += _disk('outdisk', machine.out_disk, 7, writable=True)
    words += machine.arguments()
    words += _wires(spec) + _nics(spec) + _filters(spec, machine.out_dir)
    words += _record(spec, machine.out_dir)
    if spec.qmp:
        words += ['-chardev', f'socket,id=user-qmp,path={spec.qmp},server=on,'
                  'wait=off', '-mon', 'chardev=user-qmp,mode=control']
    return qemu.command(*words, *spec.qemu_args)


# ---- what the guest is told -----------------------------------------------

def _driver_params(spec, kernel):
    """(shell parameters, module file or None) for the wanted driver."""
    wanted = spec.driver or ('cx6dx' if spec.nic == NIC else 'stock')
    if spec.nic != NIC and wanted in ('cx6dx', 'mlx5'):
        raise ui.UsageError(f'--driver {wanted} is for {NIC}, '
                            f'not for {spec.nic}')
    if wanted == 'none':
        return {'WIRING': 'none'}, None
    params = {'WIRING': 'pair' if spec.pair else 'single'}
    if wanted == 'cx6dx':
        module = driver.ensure(kernel, spec.driver_source or driver.SOURCES)
        needs = subprocess.run(
            [ui.need_tool('modinfo', 'kmod'), '-F', 'depends', module],
            text=True, check=True, capture_output=True).stdout.strip()
        params['INSERT'] = f'/cx6dx/{driver.MODULE}.ko'
        params['INSERT_NEEDS'] = needs.replace(',', ' ')
        return params, module
    params['PROBE'] = 'mlx5_core' if wanted == 'mlx5' else \
        _STOCK_DRIVERS.get(spec.nic, spec.nic.replace('-', '_'))
    return params, None


def payload(spec, kernel, path):
    """Write the files of this run, as a tar of the guest's root."""
    params, module = _driver_params(spec, kernel)
    params.update({f'SLOT{number}': f'{slot:02x}'
                   for number, slot in enumerate(_SLOTS)})
    with tarfile.open(path, 'w', format=tarfile.GNU_FORMAT) as tar:
        def add(source, name, mode=None):
            def fix(info):
                info.uid = info.gid = info.mtime = 0    # ever the same
                info.uname = info.gname = 'root'
                if mode is not None:
                    info.mode = mode
                return info
            tar.add(source, name.lstrip('/'), filter=fix)

        for name in ('setup', 'finish'):
            add(image.GUEST / name, f'cx6dx/{name}', 0o755)
        add(image.GUEST / 'net', 'cx6dx/bin/cx6dx-net', 0o755)
        add(image.agent(), 'cx6dx/agent', 0o755)
        if module:
            add(module, f'cx6dx/{module.name}', 0o644)
        text = path.parent / 'params'
        text.write_text(''.join(f'{name}={shlex.quote(value)}\n'
                                for name, value in params.items()))
        add(text, 'cx6dx/params', 0o644)
        for source, destination in spec.copy:
            source = Path(source)
            if not source.exists():
                raise ui.UsageError(f'--copy: {source} does not exist')
            if destination.endswith('/'):
                destination += source.name
            add(os.path.realpath(source), destination)


# ---- booting and running --------------------------------------------------

# QEMU 10.0 may use an entry of a CPU's TLB with a memory map that is newer
# than the entry, if another CPU has just changed the map, as firmware and
# kernel do often while they set up PCI.  It notices, and aborts.
_QEMU_RACE = 'iotlb_to_section'
_BOOTS = 3


def boot(spec):
    """Boot what SPEC says; a guests.Guest that is ready for commands."""
    _end_in_order_on_sigterm()
    for last in (False,) * (_BOOTS - 1) + (True,):
        try:
            return _boot(spec)
        except guests.VmFailure as failure:
            if last or _QEMU_RACE not in failure.detail:
                raise
            ui.warn("QEMU's own race in iotlb_to_section; booting again")


def _end_in_order_on_sigterm():
    """Let SIGTERM end this program the way an exception does."""
    if (threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _boot(spec):
    qemu = _qemu(spec)
    check_models(spec, qemu)
    kernel = kernels.ensure(spec.kernel)
    out_dir = None
    if spec.out:
        out_dir = Path(spec.out).resolve()
        out_dir.mkdir(parents=True, exist_ok=True)
    machine = guests.Guest(out_dir)
    try:
        files = machine.place / 'payload.tar'
        payload(spec, kernel, files)
        if files.stat().st_size < spec.spare_mb << 20:
            os.truncate(files, spec.spare_mb << 20)
        machine.start(_command(spec, qemu, kernel, machine))
        machine.sinks['err'] = _to(sys.stderr)
        machine.wait_ready(guests.BOOT_SECONDS * (3 if kernel.is_slow() else 1))
        machine.sinks['err'] = None
    except guests.VmFailure as failure:
        failure.console = machine.console_text()
        machine.close()
        raise
    except BaseException:
        machine.close()
        raise
    return machine


def _to(stream):
    """A function that writes bytes to STREAM at once."""
    def write(data):
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    return write


def run_vm(spec, argv, out=None, err=None):
    """Boot, run ARGV, bring /out back; a Result. Never raises VmFailure.

    OUT and ERR get the command's bytes as they come; without them they are
    in the result.
    """
    kept = {'out': [], 'err': []}
    out = out or kept['out'].append
    err = err or kept['err'].append
    status, kind, detail, log = 0, None, '', ''
    machine = None
    try:
        machine = boot(spec)
        try:
            status = machine.run(argv, spec.timeout, out, err).status
            machine.finish()
        except guests.VmFailure as failure:
            kind, detail = failure.kind, failure.detail
            if kind == guests.HANG:
                detail = _after_hang(machine, detail)
            log = machine.console_text()
    except guests.VmFailure as failure:
        kind, detail = failure.kind, failure.detail
        log = getattr(failure, 'console', '')
    finally:
        if machine:
            machine.close()
    if kind:
        if kind not in (guests.REPORT, guests.HANG):
            detail += _first_report(log)
        show = log.splitlines()[-30:]
        err(''.join(f'[console] {line}\n' for line in show).encode())
        status = guests.STATUS[kind]
    return Result(status, kind, detail, b''.join(kept['out']),
                  b''.join(kept['err']), spec.out)


def _first_report(log):
    found = guests.console.reports(log)
    return f' (after a kernel report: {found[0]})' if found else ''


def _after_hang(machine, detail):
    """Save what can be saved of a guest that hangs; a longer DETAIL."""
    before = _first_report(machine.console_text())
    if not machine.salvage():
        return detail + ', and the guest does not answer' + before
    try:
        machine.finish()
    except guests.VmFailure as failure:
        if failure.kind != guests.REPORT:
            return detail + ', and ' + failure.detail + before
    return detail + before


# ---- the subcommand -------------------------------------------------------

def _pair_of(text):
    source, colon, destination = text.rpartition(':')
    if not colon or not source or not destination.startswith('/'):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not SRC:DST with DST an absolute path in the guest")
    return source, destination


def _key_value(text):
    if '=' not in text or text.startswith('='):
        raise argparse.ArgumentTypeError(f"'{text}' is not KEY=VALUE")
    return text


def _positive(text):
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
    return int(text)


def add_arguments(parser):
    """Options of cx6dx vm."""
    parser.epilog = EXIT_STATUS
    parser.usage = '%(prog)s [options] -- COMMAND...'
    add = parser.add_argument
    add('--kernel', metavar='SPEC', default=kernels.DEFAULT,
        help=kernels.SPEC_HELP)
    add('--driver', choices=('cx6dx', 'mlx5', 'none'),
        help='driver for cx6dx-tls: ours, mlx5_core, or none (and no '
        'addresses then); default: cx6dx, or what fits --nic')
    add('--nic', metavar='MODEL', default=NIC,
        help=f'QEMU NIC model (default: {NIC}): igb, e1000e, virtio-net-pci...')
    wiring = parser.add_mutually_exclusive_group()
    wiring.add_argument('--pair', action='store_true', default=True,
                        help='two NICs back to back (default)')
    wiring.add_argument('--single', dest='pair', action='store_false',
                        help='one NIC on QEMU\'s user network')
    add('--cpus', type=_positive, default=2, metavar='N',
        help='virtual CPUs (default: 2)')
    add('--mem', default='2G', metavar='SIZE', help='memory (default: 2G)')
    add('--accel', choices=('auto', 'tcg', 'kvm'), default='auto',
        help='auto (default) takes KVM only if a probe shows that it works')
    add('--icount', metavar='SHIFT',
        help='deterministic time: one instruction takes 2^SHIFT ns (TCG)')
    add('--copy', metavar='SRC:DST', action='append', default=[],
        type=_pair_of, help='bring a file or directory into the guest')
    add('--device', metavar='KEY=VALUE', action='append', default=[],
        type=_key_value, help='a property of the NIC (of both)')
    add('--impair', metavar='SPEC', action='append', default=[],
        help='impair the wire: settings of filter-impair, as loss=1,delay=100; '
        'with -rx only what eth0 sends, with -tx only what it receives')
    add('--wire-rules', metavar='FILE', type=Path,
        help='impair single packets: a rules file of filter-impair')
    add('--out', metavar='DIR', type=Path,
        help='bring /out back here, with console.log, dmesg.log, '
        'device-trace.log and wire.pcap')
    add('--timeout', metavar='SECONDS', type=float, default=_TIMEOUT,
        help=f'for the command (default: {_TIMEOUT}); to boot, the guest has '
        f'{guests.BOOT_SECONDS} s, three times that with KASAN or lockdep')
    add('--no-pcap', dest='pcap', action='store_false',
        help='with --out: no wire.pcap')
    add('--trace', metavar='PATTERN', default='cx6dx_*',
        help="with --out: trace events to record (default: 'cx6dx_*', none: '')")
    add('--qmp', metavar='PATH', help='a QMP socket of your own')
    add('--append', metavar='WORDS', default='', help='for the kernel')
    add('--qemu', metavar='FILE', type=Path,
        help='a QEMU binary to use as it is, as $CX6DX_QEMU')
    add('--qemu-args', metavar='WORDS', type=shlex.split, default=[],
        help='more arguments for QEMU')
    add('command', nargs='+', metavar='COMMAND', help='what to run, as root')


def run(args):
    """The subcommand: the status to exit with."""
    fields = {name: value for name, value in vars(args).items()
              if name in VmSpec.__dataclass_fields__}
    result = run_vm(VmSpec(**fields), args.command, _to(sys.stdout),
                 _to(sys.stderr))
    if result.kind:
        _last_line(f'cx6dx vm: {result.kind}: {result.detail}')
    return result.status


def _last_line(text):
    """TEXT as the last line of what the user sees, and of what they keep."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)
    same = os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    if not same and not sys.stdout.isatty():
        print(text, flush=True)
