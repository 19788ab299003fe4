# SPDX-License-Identifier: GPL-2.0-or-later
"""What the end-to-end tests share: KTAP, a booted pair, its counters.

A test boots one guest with Pair(), runs commands in it and calls check() for
each claim.  main() prints KTAP; a claim that fails does not end the test, a
guest that panics, hangs or whose kernel reports something does.
"""

import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'scripts'))

# pylint: disable=wrong-import-position
from cx6dxlib import guest as guests, image, kernel as kernels  # noqa: E402
from cx6dxlib import kernelbuild, ui, vm                        # noqa: E402

STREAM = ROOT / 'tests/e2e/tools/ktls-stream.c'
PEER = 'ip netns exec peer'
FAR4, FAR6 = '10.9.0.2', 'fd00:9::2'
# the kernel's own driver, on the kernel that has it
MLX5 = {'kernel': 'mainline-6.12', 'driver': 'mlx5'}
# of a guest that failed, shown behind the failure
CONSOLE_LINES = 120
_count = {'run': 0, 'failed': 0}


def check(good, claim, seen=''):
    """One claim; SEEN says what was found."""
    _count['run'] += 1
    if not good:
        _count['failed'] += 1
    word = 'ok' if good else 'not ok'
    print(f"{word} {_count['run']} {claim}"
          + (f' ({seen})' if seen != '' else ''), flush=True)
    return good


def skip(claim, reason):
    """One claim that cannot be checked here, and why."""
    _count['run'] += 1
    print(f"ok {_count['run']} {claim} # SKIP {reason}", flush=True)


def note(text):
    """A line that is no claim."""
    for line in str(text).splitlines():
        print(f'# {line}', flush=True)


def main(test, *args, **guest):
    """Run TEST and end the program with the status that KTAP readers expect."""
    print('KTAP version 1', flush=True)
    try:
        test(*args, **guest)
    except (ui.Failure, guests.VmFailure) as failure:
        first, *more = str(failure).splitlines()
        check(False, f'the guest lives: {first}')
        note('\n'.join(more))
        note(getattr(failure, 'console', ''))
    except Exception:       # a bug of the test: tell all, and fail
        check(False, 'the test itself works')
        note(traceback.format_exc())
    print(f"1..{_count['run']}")
    sys.exit(1 if _count['failed'] else 0)


def need_built(spec):
    """End the program, skipped, unless the kernel SPEC is in the cache."""
    if spec in kernelbuild.BUILT and not kernelbuild.is_built(spec):
        print(f'KTAP version 1\n1..0 # SKIP {spec} is not built yet; '
              'cx6dx test --all builds it', flush=True)
        sys.exit(0)


class Pair:
    """A guest with two NICs back to back; a context manager.

    All that is waited for may take longer with a kernel that checks itself.
    """

    def __init__(self, **fields):
        spec = vm.VmSpec(**fields)
        slow = kernels.ensure(spec.kernel).is_slow()
        self.patience = 4 if slow else 1
        if spec.timeout:
            fields['timeout'] = spec.timeout * self.patience
        tool = str(image.static_program(STREAM))
        copies = [(tool, '/cx6dx/bin/ktls-stream')] + fields.pop('copy', [])
        self.guest = vm.boot(vm.VmSpec(copy=copies, **fields))

    def __enter__(self):
        return self

    def __exit__(self, kind, failure, _):
        try:
            if kind is None:
                self.guest.finish()     # raises if the kernel reported
        except guests.VmFailure as late:
            failure = late
            raise
        finally:
            if isinstance(failure, guests.VmFailure):
                failure.console = '\n'.join(
                    self.guest.console_text().splitlines()[-CONSOLE_LINES:])
            self.guest.close()

    def sh(self, text, timeout=120):
        """Run a shell command; its output.  A status other than 0 is an error.
        """
        return self.guest.check(['sh', '-c', text], timeout * self.patience)

    def both(self, text, timeout=120):
        """The same command for eth0 and, in the peer, for eth1."""
        near = self.sh(text.replace('DEV', 'eth0'), timeout)
        far = text.replace('DEV', 'eth1').replace("'", "'\\''")
        return near, self.sh(f"{PEER} sh -c '{far}'", timeout)

    def offload(self, tx=True, rx=True):
        """Switch TLS offload on both ends."""
        def word(state):
            return 'on' if state else 'off'
        self.both(f'ethtool -K DEV tls-hw-tx-offload {word(tx)} '
                  f'tls-hw-rx-offload {word(rx)}')

    def counters(self):
        """(near, far): dicts of ethtool -S and /proc/net/tls_stat."""
        found = []
        for text in self.both('ethtool -S DEV; cat /proc/net/tls_stat'):
            end = {}
            for line in text.splitlines():
                words = line.replace(':', ' ').split()
                if len(words) == 2 and words[1].isdigit():
                    end[words[0]] = int(words[1])
            found.append(end)
        return tuple(found)

    def objects(self, nic):
        """Numbers of objects in the device, by table."""
        return self.guest.qmp('qom-get', path=f'nic{nic}', property='objects')

    def stream(self, options, far=FAR4, timeout=300):
        """Run ktls-stream between the two ends; its totals as a dict."""
        words = options.split()
        if '-T' not in words:
            words += ['-T', str(30 * self.patience)]
            options = ' '.join(words)
        # the server shall not lose patience before the client does
        stall = max(60 * self.patience, 2 * int(words[words.index('-T') + 1]))
        text = self.sh(
            f'{PEER} ktls-stream server -T {stall} '
            '>/tmp/server.log 2>&1 & '
            'server=$!; until ip netns exec peer ss -Hltn | grep -q :4433; '
            'do kill -0 $server || break; sleep 0.05; done; '
            f'ktls-stream client {far} {options}; status=$?; '
            '[ $status -lt 2 ] || kill $server; '
            'wait $server || { cat /tmp/server.log >&2; exit 1; }; '
            'exit $status', timeout)
        note(text)
        return dict(word.split('=', 1) for word in text.split()
                    if '=' in word)


def moved(before, after, name):
    """How far a counter moved, on (near, far)."""
    return tuple(late.get(name, 0) - early.get(name, 0)
                 for early, late in zip(before, after))
