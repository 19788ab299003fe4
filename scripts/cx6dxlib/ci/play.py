# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays one case in a lab and says what did not hold.

Everything that is checked after each scenario, whatever is in its file:
bytes and record types right and no stall (the tools tell), connections
offloaded as the file wants, no record that fails to decrypt, no plaintext on
the wire, no context left in device or driver, no report by the kernel, every
rule and fault acted.  A file switches off what cannot hold in its case.
"""

import re
import shutil
import time
from dataclasses import dataclass, field

from .. import guest as guests, ui
from . import expr, lab as labs, pcap
from .schema import size

_VLAN = """ip link add link DEV name lab0 type vlan id 5"""
_MACVLAN = """ip link add link DEV name lab0 type macvlan mode bridge"""
_BRIDGE = """ip link add lab0 type bridge; ip addr flush dev DEV;
ip link set DEV master lab0"""
_OVER = {'vlan': _VLAN, 'macvlan': _MACVLAN, 'bridge': _BRIDGE}
_ADDRESS = {('ipv4', 'near'): '10.9.7.1/24', ('ipv4', 'far'): '10.9.7.2/24',
            ('ipv6', 'near'): 'fd00:97::1/64', ('ipv6', 'far'): 'fd00:97::2/64'}
_RESYNC = ('ethtool --set-priv-flags DEV rx-resync-driver-req {} '
           'rx-resync-next-hint {}')
# how often it is looked whether the kernel's work items have given contexts
# back; by the guest's clock, 8 s and more
_SETTLE_TRIES = 40


@dataclass
class Outcome:
    """What came of a case."""

    name: str
    seconds: float = 0.0
    failures: list = field(default_factory=list)
    seen: dict = field(default_factory=dict)        # counters it looked at
    log: str = ''               # output of the tools
    console: str = ''           # what the kernel said meanwhile
    kind: str = ''              # of VmFailure, if the guest is lost
    skipped: str = ''           # reason, if it could not be run
    known: str = ''             # reason, if the failure was to be expected
    rerun: str = ''             # what came of it when run again, watched
    files: list = field(default_factory=list)

    def fail(self, text):
        self.failures.append(text)


class Play:
    """One case in one lab."""

    def __init__(self, lab, case, keep=None):
        self.lab = lab
        self.case = case
        self.keep = keep            # directory for captures, or None
        self.driver = lab.spec.driver or 'cx6dx'
        self.outcome = Outcome(case.name)
        self.stats = {}             # of filter-impair, at the end
        self.captures = []

    # ---- the state of the guest -----------------------------------------------

    def _wanted_offload(self, end):
        words = self.case.path[f'{end}_offload'].split()
        return {way: way in words for way in ('tx', 'rx')}

    def _prepare(self):
        """Shell text that brings both ends into the wanted state."""
        path, text = self.case.path, ['set -e']
        if self.driver == 'cx6dx':
            text += [labs.in_end(end, _RESYNC.format(*(
                'on' if path['resync'] == kind else 'off' for kind in (0, 1))))
                for end in labs.DEV]
        for end, dev in labs.DEV.items():
            state = {way: 'on' if on else 'off'
                     for way, on in self._wanted_offload(end).items()}
            commands = [f"ethtool -K DEV tls-hw-tx-offload {state['tx']} "
                        f"tls-hw-rx-offload {state['rx']}"]
            if path['mtu'] != 1500:
                commands.insert(0, f"ip link set DEV mtu {path['mtu']}")
            if path['single_frames']:
                commands.insert(0, 'ip link set DEV gso_max_segs 1')
            if path['over'] != 'plain':
                address = _ADDRESS[path['family'], end]
                commands += [_OVER[path['over']],
                             f'ip addr add {address} dev lab0 '
                             + ('nodad' if ':' in address else ''),
                             'ip link set lab0 up']
            text.append(labs.in_end(end, 'set -e; ' + '; '.join(commands)))
        text.append(f'ping -q -c 1 -W 10 {self.far} >/dev/null')
        for entry in self.case.before:
            text.append(labs.in_end(entry['end'],
                                    entry['run'].replace('IF', self._device(
                                        entry['end']))))
        for end, spec in self.case.netem.items():
            if spec:
                text.append(labs.in_end(
                    end, f'tc qdisc replace dev DEV root netem {spec}'))
        text.append(self._action_files())
        return '\n'.join(text)

    def _device(self, end):
        return labs.DEV[end] if self.case.path['over'] == 'plain' else 'lab0'

    @property
    def far(self):
        path = self.case.path
        if path['over'] == 'plain':
            return labs.FAR[path['family']]
        return _ADDRESS[path['family'], 'far'].split('/')[0]

    def _action_files(self):
        text, host = ['mkdir -p /tmp/act; rm -f /tmp/act/*'], 0
        for number, entry in enumerate(self.case.action, 1):
            if entry['run']:
                body = labs.in_end(entry['end'], entry['run'])
            else:
                host += 1
                body = self.lab.host_step(host)
            if number > 1 and self.case.traffic['tool'] == 'stream':
                # those of one moment happen in their order
                body = (f'until [ -e /tmp/act/{number - 1}.done ]; do '
                        f'sleep 0.01; done\n{body}')
            text.append(f"cat > /tmp/act/{number} <<'CX6DX_END'\n{body}\n"
                        f'status=$?; echo > /tmp/act/{number}.done; exit '
                        '$status\nCX6DX_END')
        return '\n'.join(text)

    def _restore(self):
        """Shell text that undoes _prepare()."""
        path, text = self.case.path, []
        for end in labs.DEV:
            commands = []
            if self.case.netem[end]:
                commands.append('tc qdisc del dev DEV root')
            if path['over'] != 'plain':
                commands.append('ip link del lab0')
            if path['mtu'] != 1500:
                commands.append('ip link set DEV mtu 1500')
            if path['single_frames']:
                commands.append('ip link set DEV gso_max_segs 65535')
            if commands:
                text.append(labs.in_end(end, '; '.join(commands)))
        text += [labs.in_end(entry['end'], entry['run'])
                 for entry in self.case.after]
        if path['over'] == 'bridge':
            text.append('cx6dx-net up')
        return '\n'.join(text)

    # ---- the traffic ------------------------------------------------------------

    def _options(self):
        """(tool, options of both ends, of the client, operands)."""
        t = self.case.traffic
        both = f"-T {t['stall'] * self.lab.patience}"
        if t['segment']:
            both += f" -m {t['segment']}"
        common = (f" -k {t['key']} -v {t['version']} -n {t['connections']}"
                  f" -d {t['way']} -S {t['seed']}")
        if t['tool'] == 'stream':
            client = common + f" -b {size(t['bytes'])}"
            client += f" -W {size(t['write_exact'])}" \
                if size(t['write_exact']) else f" -w {size(t['write'])}"
            client += ' -f' * t['sendfile']
            client += ''.join(f" -a {size(entry['at'])}:'sh /tmp/act/{number}'"
                              for number, entry
                              in enumerate(self.case.action, 1))
            return 'stream', both, client, ''
        both += common + f" -e {self.case.expect['result']}"
        for key, option in (('no_block', 'N'), ('zerocopy', 'z'),
                            ('peek', 'P'), ('splice_in', 'i'),
                            ('late_key', 'l')):
            both += f' -{option}' * t[key]
        for key, option in (('read', 'r'), ('send_buffer', 's'),
                            ('receive_buffer', 'b')):
            both += f' -{option} {size(t[key])}' if size(t[key]) else ''
        script = re.sub(r'@(\d+)', r"'a:sh /tmp/act/\1'",
                        ' '.join(t['script'].split()))
        return 'records', both, f" -j {t['parallel']}", script

    def _traffic(self):
        """Shell text that runs both ends; fails if one does."""
        tool, both, client, script = self._options()
        return (
            'exec 9>&1\n'
            f'ip netns exec peer ktls-{tool} server {both} {script} '
            '>/tmp/server.log 2>&1 &\nserver=$!\n'
            'until ip netns exec peer ss -Hltn | grep -q :4433; do '
            'kill -0 $server || break; done\n'
            f'ktls-{tool} client {both}{client} {self.far} {script}\n'
            'status=$?\n[ $status -lt 2 ] || kill $server\n'
            'wait $server; other=$?\ncat /tmp/server.log\n'
            'exec 9>&-\n[ $status -ge $other ] || status=$other\n'
            'exit $status\n')

    def _steps(self):
        """What the host does for each action that is its own."""
        def one(entry):
            if entry['fault']:
                return lambda: self.lab.set_property(entry['end'], 'fault',
                                                     entry['fault'])
            return lambda: self.lab.guest.qmp(entry['qmp'],
                                              **entry['arguments'])
        return [one(entry) for entry in self.case.action
                if not entry['run']]

    # ---- from beginning to end ----------------------------------------------------

    def run(self):
        """Play it; the Outcome.  The guest may be unusable afterwards."""
        begin = time.monotonic()
        out = self.outcome
        try:
            self._play()
            self._judge_reports()
        except guests.VmFailure as failure:
            out.fail(str(failure))
            out.kind = failure.kind
            if failure.kind == guests.HANG:
                self.lab.guest.salvage()
            out.console = self.lab.complaints()[1]
        except guests.QmpError as error:
            out.fail(f'the monitor refuses: {error}')
        except ui.Failure as failure:
            out.fail(str(failure))
        out.seconds = time.monotonic() - begin
        self.lab.cases += 1
        return out

    def _play(self):
        lab, case = self.lab, self.case
        if case.needs and lab.guest.run(
                labs.in_end('near', case.needs)).status:
            self.outcome.skipped = f'this kernel cannot: {case.needs}'
            return
        lab.sh(self._prepare(), 60)
        for entry in case.fault:
            lab.set_property(entry['end'], 'fault', entry['spec'])
        objects = lab.objects()
        before = lab.counters()
        wants_capture = bool(self.keep) or (
            case.expect['no_plaintext'] and case.traffic['key'])
        with lab.capture(wants_capture) as self.captures:
            with lab.impair(case.wire) as read:
                status, self.outcome.log = lab.traffic(
                    self._traffic(), case.timeout, self._steps())
                if read:
                    self.stats = {name: read(name)
                                  for name in ('stats', 'rule-stats')}
        self._judge_traffic(status)
        restore = self._restore()
        if restore:
            lab.sh(restore, 60, 'a command after the traffic')
        after = self._settle(objects)
        faults = {end: lab.property(end, 'faults') if self._uses_faults(end)
                  else {} for end in labs.DEV}
        self._judge_faults(faults)
        self._judge_counters(before, after, faults)
        self._judge_wire()

    def _uses_faults(self, end):
        return any(entry['end'] == end for entry in self.case.fault) or any(
            entry['fault'] and entry['end'] == end
            for entry in self.case.action)

    def _settle(self, objects):
        """Counters once the contexts are given back (or will never be)."""
        kinds = ('tir', 'dek') if self.driver == 'cx6dx' else ('tir',)
        for tries in range(_SETTLE_TRIES):
            if tries:
                # work items of the kernel give them back, and tell nobody
                self.lab.sh('sleep 0.2')
            counters = self.lab.counters()
            left = [f'{end}: {now.get(kind)} {kind}, not {was.get(kind)}'
                    for end, was, now in zip(labs.DEV, objects,
                                             self.lab.objects())
                    for kind in kinds
                    if now.get(kind, 0) > was.get(kind, 0)]
            for end, table in zip(labs.DEV, counters):
                left += [f'{end}: {name} is {table[name]}'
                         for name in ('TlsCurrTxDevice', 'TlsCurrRxDevice')
                         if table.get(name)]
            if not left or not self.case.expect['contexts_freed']:
                break
        if left and self.case.expect['contexts_freed']:
            self.outcome.fail('contexts are not given back: '
                              + '; '.join(left))
        return counters

    # ---- judging --------------------------------------------------------------------

    def _judge_traffic(self, status):
        log, expect = self.outcome.log, self.case.expect
        if status == 2:
            said = [line for line in log.splitlines() if line.strip()
                    and not line.startswith('sh: ')]
            self.outcome.fail('the traffic could not be set up: '
                              + (said or ['?'])[-1])
        elif status and not (self.case.traffic['tool'] == 'stream'
                             and expect['status'] == 'any'
                             and 'wrong' not in re.sub(r'wrong_bytes=0', '',
                                                       log)):
            bad = [line for line in log.splitlines()
                   if re.search(r': connection \d', line)
                   or 'wrong at' in line or 'error' in line
                   or 'actions failed' in line
                   or ('result=' in line
                       and f"result={expect['result']} " not in line)]
            self.outcome.fail('the traffic failed: ' + '; '.join(
                bad[:3] or [f'status {status}', *log.splitlines()[-2:]]))

    def _judge_faults(self, faults):
        for entry in self.case.fault:
            for rule in entry['spec'].split(';'):
                name = rule.split(':')[0].strip()
                if not entry['may_rest'] and not faults[entry['end']].get(
                        name):
                    self.outcome.fail(f'fault {name} ({entry["end"]}) never '
                                      'happened')
        for end in labs.DEV:
            if self._uses_faults(end):
                self.lab.set_property(end, 'fault', 'none')

    def _judge_counters(self, before, after, faults):
        case, out = self.case, self.outcome
        claims = list(case.expect['counters']) + case.expect[self.driver]
        if not case.expect['decrypt_errors']:
            claims.append('near.TlsDecryptError + far.TlsDecryptError == 0')
            if 'rx_tls_err' in after[0] and 'rx_tls_err' in after[1]:
                claims.append('near.rx_tls_err + far.rx_tls_err == 0')
        if case.expect['offloaded'] and case.traffic['key']:
            for end in labs.DEV:
                for way, on in self._wanted_offload(end).items():
                    word = 'Device' if on else 'Sw'
                    claims.append(f'{end}.Tls{way.title()}{word} '
                                  '== connections')
        values = {'bytes': sum(map(int, re.findall(r'received=(\d+)',
                                                   out.log))),
                  'connections': case.traffic['connections'],
                  'key': case.traffic['key'], 'driver': self.driver,
                  'family': case.path['family'],
                  'way': case.traffic['way'], 'resync': case.path['resync']}
        functions = {
            'acted': lambda n: self.stats['rule-stats'][n - 1]['acted'],
            'wire': lambda way, name: self.stats['stats'][way][name],
            'fired': lambda end, name: faults[end].get(name, 0),
            'splits': lambda what: pcap.splits(self.captures[0], what)}
        for text in claims:
            try:
                good, seen = expr.evaluate(text, before, after, values,
                                           functions)
            except expr.ExprError as error:
                out.fail(f'{text}: {error}')
                continue
            except (KeyError, IndexError, TypeError) as error:
                out.fail(f'{text}: nothing to look at ({error!r})')
                continue
            out.seen.update(seen)
            if not good:
                out.fail(f'{text} does not hold: ' + ', '.join(
                    f'{name} is {value}' for name, value in seen.items()))

    def _judge_reports(self):
        reports, self.outcome.console = self.lab.complaints()
        wanted = self.case.expect['reports']
        rest = [text for text in reports
                if not wanted or not re.search(wanted, text)]
        if wanted:
            self.lab.guest.expected_reports.append(wanted)
            if len(rest) == len(reports):
                self.outcome.fail(f"the kernel does not report '{wanted}'")
        for text in rest:
            self.outcome.fail(f'the kernel reports: {text}')
        if rest:
            self.outcome.kind = guests.REPORT

    def _judge_wire(self):
        case = self.case
        if case.wire and case.expect['rules_act']:
            for rule, text in zip(self.stats['rule-stats'],
                                  [line for line in case.wire['rules']
                                   if line.split('#')[0].strip()]):
                if not rule['acted']:
                    self.outcome.fail(f"rule '{text}' never acted (matched "
                                      f"{rule['matched']} times)")
        if case.expect['no_plaintext'] and case.traffic['key']:
            for path in self.captures:
                found = pcap.plaintext(path)
                if found:
                    self.outcome.fail(f'plaintext on the wire, {found} times '
                                      f'({path.name})')
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            for path in self.captures:
                if path.exists():
                    shutil.copy(path, self.keep / path.name)
                    self.outcome.files.append(self.keep / path.name)
