# SPDX-License-Identifier: GPL-2.0-or-later
"""Show the main job on real input: OpenSSL and nginx with kTLS offloaded.

Gets, builds and boots what it needs, moves files over TLS between two NICs,
and then looks at everything: hashes, the kernel's and the driver's counters,
and the wire.  Exit status 0 only if all of it is as it must be.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from . import apt, image, kernel as kernels, paths, ui, vm, wire

MARKER = b'cx6dx-tls demo plaintext'
_GUEST_SECONDS = 900
_DECRYPTED_SHARE = 0.99         # of the TLS bytes received, at least

# mlx5_core counts whole frames as decrypted: headers of Ethernet, IPv6 and TCP
# with timestamps at most.  And it leads a connection to its context from a work
# item, so that the first records pass it; the device then asks for a resync, and
# the answer waits until the application has read up to there.  What was on its
# way by then, as much as a receive buffer, the kernel decrypts.
_MLX5_HEADERS = 14 + 40 + 32
_MLX5_START = 2 << 20


def add_arguments(parser):
    """Options of cx6dx demo."""
    add = parser.add_argument
    add('--kernel', metavar='SPEC', default=kernels.DEFAULT,
        help=kernels.SPEC_HELP)
    add('--driver', choices=('cx6dx', 'mlx5'), default='cx6dx',
        help='ours (default) or mlx5_core')
    add('--megabytes', type=int, default=32, metavar='N',
        help='size of the file that each case moves (default: 32; the ten '
        'cases then move at least 128 MB each way)')
    add('--cpus', type=int, default=2, metavar='N',
        help='virtual CPUs (default: 2)')
    add('--out', metavar='DIR', type=Path,
        help='keep results, logs and the capture here '
        '(default: build/demo/KERNEL)')


class Verdict:
    """Checks with a line each; remembers whether one failed."""

    def __init__(self):
        self.rows = []

    def check(self, what, good, seen):
        self.rows.append((what, bool(good), str(seen)))

    @property
    def good(self):
        return all(row[1] for row in self.rows)

    def show(self):
        width = max(len(row[0]) for row in self.rows)
        for what, good, seen in self.rows:
            print(f"  {'ok  ' if good else 'FAIL'}  {what:<{width}}  {seen}")


def _delta(results, dev, name):
    return (results['after'][dev].get(name, 0)
            - results['before'][dev].get(name, 0))


def check_cases(verdict, results):
    """Every transfer ended with the right bytes."""
    for case in results['cases']:
        verdict.check(
            f"{case['tool']} {case['cipher']} {case['family']} {case['way']}",
            case['equal'] and case['bytes'] == results['size'],
            f"{case['bytes'] / 1e6:.0f} MB, "
            f"{case['bytes'] / case['seconds'] / 1e6:.0f} MB/s, hash "
            f"{'equal' if case['equal'] else 'DIFFERENT'}")
    for way in ('up', 'down'):
        moved = sum(case['bytes'] for case in results['cases']
                    if case['way'] == way and case['equal'])
        verdict.check(f'bytes moved {way}', moved >= 3 * results['size'],
                      f'{moved / 1e6:.0f} MB')


def check_kernel(verdict, results):
    """The kernel says that the device did the work."""
    wanted = len(results['cases'])
    for dev in ('eth0', 'eth1'):
        for name in ('TlsTxDevice', 'TlsRxDevice'):
            seen = _delta(results, dev, name)
            verdict.check(f'{dev} {name}', seen >= wanted,
                          f'{seen} of {wanted} connections')
        for name in ('TlsTxSw', 'TlsRxSw', 'TlsDecryptError'):
            seen = _delta(results, dev, name)
            verdict.check(f'{dev} {name}', seen == 0, seen)


def _decrypted(results, dev, driver):
    """Payload that DEV decrypted, and what its connections may miss."""
    counted = _delta(results, dev, 'rx_tls_decrypted_bytes')
    if driver != 'mlx5':
        return counted, 0
    packets = _delta(results, dev, 'rx_tls_decrypted_packets')
    way = 'down' if dev == 'eth0' else 'up'
    streams = sum(case['way'] == way for case in results['cases'])
    start = min(_MLX5_START, results['size'] // 4)
    return counted - packets * _MLX5_HEADERS, streams * start


def check_driver(verdict, results, sent, driver):
    """The driver's counters agree with what was on the wire."""
    for dev, other in (('eth0', 'eth1'), ('eth1', 'eth0')):
        counted = _delta(results, dev, 'tx_tls_encrypted_bytes')
        verdict.check(f'{dev} tx_tls_encrypted_bytes',
                      sent[dev] > 0 and counted >= sent[dev],
                      f'{counted} of {sent[dev]} TLS bytes on the wire')
        counted, missed = _decrypted(results, dev, driver)
        share = counted / sent[other] if sent[other] else 0
        verdict.check(f'{dev} rx_tls_decrypted_bytes',
                      counted + missed >= _DECRYPTED_SHARE * sent[other] > 0,
                      f'{counted}, {share:.1%} of {sent[other]}')


def sent_bytes(capture, results):
    """Encrypted TLS bytes that each end put on the wire, by end."""
    ports = {case['port'] for case in results['cases']}
    total = {'eth0': 0, 'eth1': 0}
    for (_, sport, _, _), stream in wire.streams(capture, ports).items():
        total['eth1' if sport in ports else 'eth0'] += stream.encrypted_bytes()
    return total


def _follow(tshark, path, keylog):
    """Both directions of the TLS stream in PATH, decrypted by tshark."""
    text = subprocess.run(
        [tshark, '-r', path, '-o', f'tls.keylog_file:{keylog}', '-q', '-z',
         'follow,tls,raw,0'], check=True, capture_output=True, text=True,
        env={'PATH': '/usr/bin:/bin', 'HOME': str(path.parent)}).stdout
    up, down = [], []
    for line in text.splitlines():
        word = line.strip()
        if word and not set(word) - set('0123456789abcdef'):
            (down if line.startswith('\t') else up).append(word)
    return bytes.fromhex(''.join(up)), bytes.fromhex(''.join(down))


def check_tshark(verdict, capture, results, keylog):
    """An independent tool decrypts the wire to the same file."""
    tshark = ui.need_tool('tshark', 'tshark')
    ports = {}
    for case in results['cases']:
        ports.setdefault(case['port'], case)
    with tempfile.TemporaryDirectory(prefix='cx6dx-demo-') as folder:
        for port, path in capture.split(ports, folder).items():
            case = ports[port]
            up, down = _follow(tshark, path, keylog)
            got = up if case['way'] == 'up' else \
                down.partition(b'\r\n\r\n')[2]
            same = hashlib.sha256(got).hexdigest() == results['sha256']
            verdict.check(f"tshark decrypts {case['tool']} {case['cipher']} "
                          f"{case['family']} {case['way']}", same,
                          f'{len(got) / 1e6:.0f} MB, hash '
                          f"{'equal' if same else 'DIFFERENT'}")


def check_plaintext(verdict, capture):
    """Nothing of the payload is on the wire in clear."""
    seen = capture.count(MARKER)
    verdict.check('payload in clear on the wire', seen == 0,
                  f'{seen} times in {len(capture.data) / 1e6:.0f} MB')


def show_rates(results):
    """What offload did for one download, wall clock."""
    rates = results['rates']
    mean = {mode: sum(seen) / len(seen) for mode, seen in rates.items()}
    print(f"\n  one download, AES128-GCM: offloaded {mean['offload']:.0f} MB/s,"
          f" in software {mean['software']:.0f} MB/s: "
          f"{mean['offload'] / mean['software']:.1f} times (2 runs each)")


def show_features(results):
    """What ethtool -k says of TLS on both ends."""
    print()
    for dev, seen in sorted(results['features'].items()):
        print(f"  {dev}: " + ', '.join(f'{name} {state}' for name, state
                                       in sorted(seen.items())))


def _guest(args, out):
    """Run the guest's part; what it found."""
    spec = vm.VmSpec(kernel=args.kernel, driver=args.driver, cpus=args.cpus,
                     out=out, timeout=_GUEST_SECONDS, trace='',
                     copy=[(str(image.GUEST / 'demo'), '/cx6dx/demo')])
    command = ['/cx6dx/demo', str(args.megabytes * 1000000),
               '/out/results.json', '/out/keys.log']

    def write(data):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    with ui.step('OpenSSL and nginx between two NICs'):
        result = vm.run_vm(spec, command, write, write)
    if result.kind:
        raise ui.Failure(f'demo: {result.kind}: {result.detail}',
                         f'see {out}')
    if result.status:
        raise ui.Failure(f'demo: the guest\'s part ended with status '
                         f'{result.status}', f'see {out}')
    return json.loads((out / 'results.json').read_text())


def run(args):
    """The subcommand: the status to exit with."""
    if not 1 <= args.megabytes <= 512:
        raise ui.UsageError('--megabytes must be between 1 and 512')
    apt.install(['tshark'], 'decrypting the capture with another tool')
    out = args.out or paths.build('demo', Path(args.kernel).name)
    out.mkdir(parents=True, exist_ok=True)
    for old in ('results.json', 'keys.log', 'wire.pcap', 'tools.log'):
        (out / old).unlink(missing_ok=True)
    results = _guest(args, out)
    verdict = Verdict()
    check_cases(verdict, results)
    check_kernel(verdict, results)
    with wire.Capture(out / 'wire.pcap') as capture:
        with ui.step('reading the wire'):
            check_driver(verdict, results, sent_bytes(capture, results),
                         args.driver)
            check_plaintext(verdict, capture)
        with ui.step('decrypting the wire with tshark'):
            check_tshark(verdict, capture, results, out / 'keys.log')
    show_features(results)
    print(f'\n  kernel {args.kernel}, driver {args.driver}')
    verdict.show()
    show_rates(results)
    print(f"\n  {'all of it holds' if verdict.good else 'NOT all of it holds'};"
          f' results, logs and capture are in {out}')
    return 0 if verdict.good else 1
