# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs cases in guests: as few boots as is safe, and the rest goes on.

A guest is used until a case fails in it, wants a guest of its own, or has had
its number of cases; then it is thrown away.  A case whose guest dies is the
one that is blamed, and the next one gets a new guest.  Workers take cases
from one queue, so a slow case holds up nobody else.
"""

import threading
import time

from .. import guest as guests, ui
from . import lab as labs
from .play import Outcome, Play
from .report import END_OF_GUEST

# a guest is exchanged after so many: what creeps must not reach the next ones
CASES_A_BOOT = 60
_BOOT_TRIES = 2
NO_GUEST = 'no guest to run it in'


class Runner:
    """Runs cases; `done` is called with each Outcome, one at a time."""

    def __init__(self, spec, done, jobs=1, keep=None, coverage=None):
        self.spec = spec
        self.done = done
        self.jobs = jobs
        self.keep = keep            # directory for captures, or None
        self.coverage = coverage    # directory for counts, or None
        self.boots = 0
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._failure = None

    def run(self, cases):
        """Run all CASES (any iterable: it is asked for the next in time)."""
        self._cases = iter(cases)
        workers = [threading.Thread(target=self._work, daemon=True)
                   for _ in range(self.jobs)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                while worker.is_alive():
                    worker.join(0.5)
        except BaseException:
            self.stop.set()
            for worker in workers:
                worker.join(60)
            raise
        if self._failure:
            raise self._failure

    # ---- one worker ---------------------------------------------------------

    def _next(self):
        with self._lock:
            return None if self.stop.is_set() else next(self._cases, None)

    def _work(self):
        lab = None
        try:
            while (case := self._next()) is not None:
                lab = self._one(lab, case)
            if lab:
                self._end(lab)
        except BaseException as error:      # told by run()
            self._failure = error
            self.stop.set()
        finally:
            if lab:
                lab.close()

    def _one(self, lab, case):
        """Run CASE, in LAB if that may be; the lab for the next one."""
        if lab and (case.isolate or lab.cases >= CASES_A_BOOT):
            self._end(lab)
            lab = None
        begin = time.monotonic()
        try:
            lab = lab or self._boot(case)
        except guests.VmFailure as failure:
            outcome = Outcome(case.name, time.monotonic() - begin)
            outcome.fail(f'{NO_GUEST}: {failure}')
            outcome.console = getattr(failure, 'console', '')
            self._tell(outcome)
            return None
        keep = self.keep and self.keep / case.name.replace('/', '--')
        outcome = Play(lab, case, keep).run()
        if outcome.failures or case.isolate:
            try:
                if not outcome.kind:
                    lab.finish()
            except guests.VmFailure as failure:
                outcome.fail(f'at the end of its guest: {failure}')
            lab.close()
            lab = None
        self._tell(outcome)
        return lab

    def _boot(self, case):
        for last in (False,) * (_BOOT_TRIES - 1) + (True,):
            with self._lock:
                self.boots += 1
            keep = self.keep and self.keep / case.name.replace('/', '--')
            lab = labs.Lab(self.spec, keep, self.coverage)
            try:
                lab.boot()
                return lab
            except guests.VmFailure:
                lab.close()
                if last:
                    raise
            except BaseException:
                lab.close()
                raise
        return None

    def _end(self, lab):
        """End a guest in which all went well: has its kernel more to say?"""
        outcome = Outcome(f'{END_OF_GUEST} ({lab.cases} cases)')
        try:
            lab.finish()
        except guests.VmFailure as failure:
            outcome.fail(str(failure))
            self._tell(outcome)

    def _tell(self, outcome):
        with self._lock:
            self.done(outcome)


def guard_usage(spec):
    """Refuse early what cannot be run at all (a kernel, a QEMU)."""
    if spec.driver == 'mlx5' and spec.kernel.startswith('stock'):
        raise ui.UsageError(
            f'{spec.kernel} has no mlx5_core with kTLS',
            'distributions leave CONFIG_MLX5_EN_TLS out: --kernel '
            'mainline-6.12, or a tree of your own')
