# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn a device's trace into pictures, a Perfetto trace and a text.

Either of a trace that is there already:

    cx6dx timeline --log DIR/device-trace.log --out DIR

or of a command that is run in a guest, with the options of 'cx6dx vm':

    cx6dx timeline [--out DIR] [vm options] -- COMMAND...

Writes to DIR (default: timeline-out) one SVG and PNG for each direction of a
connection, and one for each of its first losses of sync; trace.json, which
ui.perfetto.dev opens; summary.txt, which is printed too.  With timing=on each
resource of the timing model is a track of trace.json.  The exit status is
the command's.
"""

import importlib.util
import re
import sys
from pathlib import Path

from .. import apt, ui, vm
from . import model, perfetto, resources, story

PACKAGE = 'python3-matplotlib'


def add_arguments(parser):
    """Options of cx6dx timeline."""
    vm.add_arguments(parser)
    parser.usage = ('%(prog)s [--log FILE] [--out DIR] [--top N] '
                    '[vm options] [-- COMMAND...]')
    for action in parser._actions:      # the rest of vm's stays as it is
        if action.dest == 'command':
            action.nargs = '*'
    parser.add_argument('--log', metavar='FILE', type=Path,
                        help='a trace that is there already, in place of a '
                        'COMMAND: device-trace.log of cx6dx vm --out')
    parser.add_argument('--top', metavar='N', type=int, default=8,
                        help='pictures of at most so many streams, those with '
                        'the most losses of sync first (default: 8)')
    parser.add_argument('--no-pictures', dest='pictures',
                        action='store_false', help='text and JSON only')


def _matplotlib():
    """Whether pictures can be drawn; says how if not."""
    if importlib.util.find_spec('matplotlib'):
        return True
    try:
        apt.install([PACKAGE], 'pictures')
    except ui.Failure:
        print('cx6dx timeline: no pictures without matplotlib: apt-get install '
              f'{PACKAGE}', file=sys.stderr)
        return False
    importlib.invalidate_caches()
    return importlib.util.find_spec('matplotlib') is not None


def _file_name(stream):
    return re.sub(r'[^\w.-]+', '_', f'{stream.src}-to-{stream.dst}').strip('_')


def _pictures(streams, out, top):
    from . import picture
    origin = min(s.times()[0] for s in streams)
    ranked = sorted(streams, key=lambda s: -len(story.incidents(s)))
    paths = []
    for stream in ranked[:top]:
        paths += picture.save(stream, out / _file_name(stream), origin,
                              ('svg', 'png'))
    return paths


def render(log, out, top=8, pictures=True):
    """Write all that is known of the trace LOG to OUT; (streams, text)."""
    try:
        with open(log, encoding='utf-8', errors='replace') as lines:
            streams, loose = model.read(lines)
            lines.seek(0)
            spans = resources.read(lines)
    except OSError as error:
        raise ui.Failure(f'{log} cannot be read: {error.strerror}')
    out.mkdir(parents=True, exist_ok=True)
    text = '\n'.join([*resources.tell(spans),
                      *story.tell(streams, loose)]).rstrip() + '\n'
    (out / 'summary.txt').write_text(text)
    perfetto.write(streams, out / 'trace.json', spans)
    if streams and pictures and _matplotlib():
        _pictures(streams, out, top)
    return streams, text


def run(args):
    """The subcommand: the status to exit with."""
    if bool(args.log) == bool(args.command):
        raise ui.UsageError('say either --log FILE or -- COMMAND')
    out = args.out = args.out or Path('timeline-out')
    status, log = 0, args.log
    if args.command:
        args.trace = 'cx6dx_*'
        status = vm.run(args)
        log = out / 'device-trace.log'
    streams, text = render(log, out, args.top, args.pictures)
    print(text, end='')
    print(f'{len(streams)} streams; pictures, trace.json and summary.txt are '
          f'in {out}')
    return status
