# SPDX-License-Identifier: GPL-2.0-or-later
"""Failed cases once more, watched: captures, device trace, pictures.

Tracing every case would slow all of them down, so only what failed is traced,
in a guest of its own.  Whether it fails again is told in the report.
"""

import subprocess
import sys

from .. import guest as guests, paths, ui
from . import lab as labs
from .play import Play

# the first failures tell most; a broken kernel fails everything
MOST = 6
_TIMELINE_SECONDS = 120


def pictures(told, spec, cases, out):
    """Run the failed ones of TOLD again; their pictures go into it."""
    for outcome in told.bad[:MOST]:
        case = cases.get(outcome.name)
        if case is None:
            continue
        keep = out / 'failures' / outcome.name.replace('/', '--')
        keep.mkdir(parents=True, exist_ok=True)
        try:
            again = _once(spec, case, keep)
        except ui.Failure as failure:
            outcome.rerun = f'run again, watched: {failure}'
            continue
        outcome.rerun = 'run again, watched: ' + (
            f'fails again ({again.failures[0].splitlines()[0]})'
            if again.failures else 'it holds, so it does not always fail')
        told.pictures[outcome.name] = _timeline(keep)
        print(f'# {outcome.name}: {outcome.rerun}; traces in {keep}',
              flush=True)


def _once(spec, case, keep):
    lab = labs.Lab(spec, keep)
    try:
        lab.boot()
        outcome = Play(lab, case, keep).run()
        if not outcome.kind:
            try:
                lab.finish()
            except guests.VmFailure as failure:
                outcome.fail(str(failure))
        return outcome
    finally:
        lab.close()


def _timeline(keep):
    """Pictures and text that `cx6dx timeline` makes of the trace in KEEP."""
    log = keep / 'device-trace.log'
    if not log.exists():
        return []
    place = keep / 'timeline'
    try:
        subprocess.run([sys.executable, paths.ROOT / 'scripts/cx6dx',
                        'timeline', '--log', log, '--out', place, '--top',
                        '2'], check=False, timeout=_TIMELINE_SECONDS,
                       capture_output=True)
    except subprocess.TimeoutExpired:
        return []
    # the whole of a connection first, then its incidents
    found = sorted(place.glob('*.png'), key=lambda path: path.stem)
    return found[:4] + sorted(place.glob('*.txt'))[:1]
