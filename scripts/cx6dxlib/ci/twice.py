# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases that are played twice, in guests that do the same each time.

Both runs must leave the same traces of the device, the same console and the
same captures of the wires, byte by byte.  With `replay`, the first run is
recorded by QEMU and the second one follows the record.
"""

import shutil

from .. import guest as guests
from . import lab as labs
from .play import Play
from .runner import Runner

_FILES = ('device-trace.log', 'console.log', 'near.pcap', 'far.pcap')


class Twice(Runner):
    """Runs each case twice; OUT is where the runs are kept."""

    def __init__(self, spec, done, jobs, out, replay=False):
        super().__init__(spec, done, jobs, out)
        self.replay = replay

    def _one(self, lab, case):
        place = self.keep / case.name.replace('/', '--')
        shutil.rmtree(place, ignore_errors=True)
        outcomes = []
        for number in (1, 2):
            log = (('record', 'replay')[number - 1], place / 'record') \
                if self.replay else None
            outcomes.append(self._run(case, place / str(number), log))
            if outcomes[-1].kind:
                break
        outcome = outcomes[0]
        outcome.seconds = sum(each.seconds for each in outcomes)
        if len(outcomes) == 2:
            outcome.kind = outcomes[1].kind
            if outcomes[1].failures != outcome.failures:
                outcome.failures += [f'the second time: {text}'
                                     for text in outcomes[1].failures]
            outcome.failures += differences(place / '1', place / '2')
        self._tell(outcome)

    def _run(self, case, keep, log):
        """The Outcome of one run."""
        with self._lock:
            self.boots += 1
        lab = labs.ExactLab(self.spec, keep, log)
        play = Play(lab, case, keep)
        try:
            lab.boot()
            outcome = play.run()
            if not outcome.kind:
                lab.finish()
        except guests.VmFailure as failure:
            outcome = play.outcome
            outcome.fail(str(failure))
            outcome.kind = failure.kind
        finally:
            lab.close()
        return outcome


def differences(first, second):
    """What is not the same in both directories, in words."""
    found = []
    for name in _FILES:
        one, two = (place / name for place in (first, second))
        if one.exists() != two.exists():
            found.append(f'{name} is there once')
        elif one.exists() and one.read_bytes() != two.read_bytes():
            found.append(f'{name} is not the same twice: '
                         + _first_difference(one, two))
    if not (first / _FILES[0]).exists():
        found.append('there is no trace of the device')
    return found


def _first_difference(one, two):
    lines = [path.read_bytes().split(b'\n') for path in (one, two)]
    for number, pair in enumerate(zip(*lines), 1):
        if pair[0] != pair[1]:
            return f'line {number}: ' + ', then '.join(
                repr(line[:200].decode(errors='replace')) for line in pair)
    return f'{len(lines[0])} lines, then {len(lines[1])}'
