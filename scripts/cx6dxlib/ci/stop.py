# SPDX-License-Identifier: GPL-2.0-or-later
"""A case that is stopped at a chosen record, for somebody to look around.

The guest is one that does the same each time: the next run stops at the same
instruction.  It goes on when gdb says so, or with Enter here.
"""

import contextlib
import select
import sys

from .. import guest as guests, kernel as kernels, ui
from . import lab as labs
from .play import Play
from .runner import Runner


def rule(text):
    """(end, rule of fault=) for WAY:END[:KEY=VALUE...] as --stop has it."""
    way, _, rest = text.partition(':')
    end, _, keys = rest.partition(':')
    if way not in ('tx', 'rx') or end not in labs.NIC:
        raise ui.UsageError(f"--stop: '{text}' is not rx:END or tx:END with END "
                            'near or far', 'as in --stop rx:far:record=8')
    return end, f'{way}-stop' + (f':{keys}' if keys else '')


class Stopping(Runner):
    """Plays cases once, each stopped where WHERE (as of rule()) says."""

    def __init__(self, spec, done, out, where):
        super().__init__(spec, done, 1, out)
        self.where = where

    def _one(self, lab, case):
        keep = self.keep / case.name.replace('/', '--')
        keep.mkdir(parents=True, exist_ok=True)
        gdb = keep / 'gdb.sock'
        gdb.unlink(missing_ok=True)
        spec = labs.vm.VmSpec(**{**vars(self.spec), 'qemu_args': [
            '-gdb', f'unix:{gdb},server=on,wait=off']})
        lab = labs.ExactLab(spec, keep)
        play = Play(lab, case, keep)
        try:
            lab.boot()
            lab.guest.watcher = lambda guest: self._watch(guest, gdb)
            end, text = self.where
            lab.set_property(end, 'fault', text)
            outcome = play.run()
            if not lab.property(end, 'faults').get(text.split(':')[0]):
                outcome.fail(f'it never came to {text} ({end}): records count '
                             'from 0, and a receiver has to be in sync')
            if not outcome.kind:
                lab.finish()
        except guests.VmFailure as failure:
            outcome = play.outcome
            outcome.fail(str(failure))
        finally:
            lab.close()
        self._tell(outcome)

    def _watch(self, guest, gdb):
        """Tell where the machine stands; until it goes on."""
        state = guest.qmp('query-status')['status']
        if state == 'debug':
            kernel = kernels.ensure(self.spec.kernel)
            symbols = kernel.build / 'vmlinux'
            if not symbols.exists():        # a distribution's has none
                symbols = kernel.image
            print(f'# the machine stands still: {self.where[1]} '
                  f'({self.where[0]})', *(
                      f'#   {line}' for line in guest.hmp('info cx6dx-tls')
                      .splitlines() if line.startswith(('  rx', '  tx'))
                      and ' src=- ' not in line),
                  f'# gdb {symbols} -ex "target remote {gdb}"',
                  '# it goes on when gdb says so, or with Enter here',
                  sep='\n', flush=True)
        while not guest.qmp('query-status')['running']:
            guest.events.clear()
            with contextlib.suppress(guests.VmFailure):     # not yet
                guest.wait_event('RESUME', 0.5)
                return
            if guest.process.poll() is not None:
                return          # whoever waits for the guest is told
            if select.select([sys.stdin], [], [], 0)[0]:
                sys.stdin.readline()
                # at the end of a script's input: as if there was no --stop
                if not guest.qmp('query-status')['running']:
                    guest.qmp('cont')
                return
