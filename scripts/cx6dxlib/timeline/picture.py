# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture of a stream: bytes over virtual time, coloured by what they met.

Each packet is a vertical bar from its first byte to its last, at the time
when a device saw it: pale at the sender, in colour at the receiver.  Grey
lines are borders of records, the band below is the state of the tracker.
With an incident there is a second picture of the time around it.
"""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from . import story

# word of the device -> (colour, what it means); the first are drawn first
SENT = {
    'encrypted': ('#c9d3df', 'sent, encrypted'),
    'reencrypted': ('#1f77b4', 'sent again, re-encrypted'),
    'lost': ('#d62728', 'sent, lost on the wire'),
    'dropped': ('#000000', 'not sent: dropped by the device'),
}
RECEIVED = {
    'decrypted': ('#2ca02c', 'decrypted'),
    'bypass': ('#9ecae1', 'passed on: bytes of the past'),
    'passed': ('#999999', 'passed on: no parameters'),
    'awaiting': ('#ff9f1c', 'passed on: waits for a header or an answer'),
    'partial': ('#e7cb3c', 'passed on, followed from its header on'),
    'lost-sync': ('#b15928', 'passed on: searching for a header'),
    'resync': ('#e377c2', 'passed on, asks for a resync'),
    'auth-failed': ('#7f0000', 'a tag was wrong'),
    'bad-csum': ('#5f4b8b', 'wrong checksum: not looked at'),
}
STATES = {
    'idle': '#dddddd', 'start': '#c7e9c0', 'synced': '#41ab5d',
    'boundary': '#fdd835', 'searching': '#e34a33', 'tracking': '#c994c7',
}
MARKS = {
    'asked': ('v', '#e377c2', 'header asked about'),
    'get-psv': ('o', '#6a3d9a', 'GET_PSV'),
    'confirmed': ('^', '#006d2c', 'header confirmed'),
    'ignored': ('x', '#555555', 'answer nobody waits for'),
    'restart': ('s', '#1f77b4', 'sender restarts at a record'),
    'wire': ('X', '#d62728', 'impaired on the wire'),
    'fault': ('*', '#d62728', 'fault'),
}
_KIB = 1024


class Window:
    """The part of a stream that is drawn."""

    def __init__(self, stream, begin, end, origin):
        self.begin, self.end, self.origin = begin, end, origin
        inside = [p for p in stream.sent + stream.received
                  if begin <= p.t <= end]
        self.low = min((p.place for p in inside), default=0)
        self.high = max((p.end for p in inside), default=1)

    def x(self, t):
        """Milliseconds."""
        return (t - self.origin) / 1e6

    def has(self, t):
        """Whether time T is in it."""
        return self.begin <= t <= self.end


def _fate_of_sent(packet):
    return packet.fate if packet.fate in SENT else 'dropped'


def _bars(axes, window, packets, colours, fate_of, width):
    """Draw PACKETS; the fates that occurred."""
    by_fate = {}
    for p in packets:
        if window.has(p.t):
            fate = fate_of(p)
            x = window.x(p.t)
            by_fate.setdefault(fate, []).append(
                ((x, p.place / _KIB), (x, p.end / _KIB)))
    for fate in colours:
        if fate in by_fate:
            axes.add_collection(LineCollection(
                by_fate[fate], colors=colours[fate][0], linewidths=width,
                zorder=2 + list(colours).index(fate) / 20))
    return [fate for fate in colours if fate in by_fate]


def _borders(axes, stream, window):
    """Lines where records begin, with as many numbers as there is room for."""
    inside = sorted((place, number) for number, (place, _) in
                    stream.records.items()
                    if window.low <= place <= window.high)
    if len(inside) > 400:
        return
    step = max(1, len(inside) // 25)
    right = window.x(window.end)
    for i, (place, number) in enumerate(inside):
        axes.axhline(place / _KIB, color='#b8b8b8', linewidth=0.5, zorder=1)
        if i % step == 0:
            axes.annotate(f' {number}', (right, place / _KIB), fontsize=6,
                          color='#666666', va='bottom',
                          annotation_clip=False)


def _marks(axes, stream, window):
    """Symbols; the kinds that occurred."""
    kinds = []
    for mark in stream.marks:
        if mark.kind not in MARKS or not window.has(mark.t):
            continue
        shape, colour, _ = MARKS[mark.kind]
        x = window.x(mark.t)
        axes.axvline(x, color=colour, linewidth=0.6, linestyle=':', zorder=1)
        y = mark.place if mark.place is not None else window.low
        axes.plot([x], [min(max(y, window.low), window.high) / _KIB], shape,
                  color=colour, markersize=7, zorder=5, clip_on=False)
        kinds.append(mark.kind)
    return [kind for kind in MARKS if kind in kinds]


def _band(axes, stream, window):
    """The tracker's state below; the states that occurred."""
    last = stream.times()[1]
    seen = []
    for (t, state, _), after in zip(stream.states, stream.states[1:]
                                    + [(max(last, window.end), '', '')]):
        begin, end = max(t, window.begin), min(after[0], window.end)
        if begin < end or t == begin == end:
            axes.axvspan(window.x(begin), window.x(end), lw=0,
                         color=STATES.get(state, '#ffffff'))
            seen.append(state)
    axes.set_yticks([])
    axes.set_ylabel('tracker', fontsize=8, rotation=0, ha='right', va='center')
    return [state for state in STATES if state in seen]


def _legend(figure, sent, received, marks, states):
    handles = [Line2D([], [], color=SENT[f][0], lw=4, label=SENT[f][1])
               for f in sent]
    handles += [Line2D([], [], color=RECEIVED[f][0], lw=4,
                       label='received: ' + RECEIVED[f][1]) for f in received]
    handles += [Line2D([], [], color=MARKS[k][1], marker=MARKS[k][0], lw=0,
                       label=MARKS[k][2]) for k in marks]
    handles += [Patch(color=STATES[s], label='tracker: ' + s) for s in states]
    handles.append(Line2D([], [], color='#b8b8b8', lw=0.7,
                          label='record border, and its number'))
    figure.legend(handles=handles, loc='center left', fontsize=8,
                  bbox_to_anchor=(0.725, 0.5), frameon=False)


def draw(stream, begin, end, origin, title):
    """A Figure of STREAM from BEGIN to END."""
    figure = Figure(figsize=(14, 6.5), dpi=110)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, 1, height_ratios=(14, 1), hspace=0.06,
                               left=0.07, right=0.70, top=0.92, bottom=0.09)
    axes = figure.add_subplot(grid[0])
    band = figure.add_subplot(grid[1], sharex=axes)
    window = Window(stream, begin, end, origin)
    count = sum(window.has(p.t) for p in stream.sent + stream.received)
    width = 3.5 if count < 400 else 2 if count < 3000 else 1.2
    _borders(axes, stream, window)
    sent = _bars(axes, window, stream.sent, SENT, _fate_of_sent, width * 1.6)
    received = _bars(axes, window, stream.received, RECEIVED,
                     lambda p: p.fate, width)
    marks = _marks(axes, stream, window)
    states = _band(band, stream, window)
    margin = max(window.x(end) - window.x(begin), 1e-3) * 0.02
    axes.set_xlim(window.x(begin) - margin, window.x(end) + margin)
    room = max((window.high - window.low) / _KIB, 0.1) * 0.03
    axes.set_ylim(window.low / _KIB - room, window.high / _KIB + room)
    axes.set_ylabel('KiB from the first byte seen')
    axes.tick_params(labelbottom=False)
    band.set_xlabel('virtual time, ms')
    axes.set_title(title, fontsize=10, loc='left')
    _legend(figure, sent, received, marks, states)
    return figure


def around(stream, incident):
    """(begin, end) of the time that shows INCIDENT with its surroundings."""
    first = incident.first.t
    last = incident.resumed.t if incident.resumed else min(
        stream.times()[1], first + 50_000_000)
    lost = [p.t for p in stream.sent if p.fate == 'lost' and p.t <= first
            and p.end > incident.first.expected
            and p.place < incident.first.end]
    begin = min(lost[-3:], default=first)
    margin = max((last - begin) // 5, 50_000)
    return begin - margin, last + margin


def save(stream, stem, origin, formats):
    """Write the pictures of STREAM as STEM*.FORMAT; the paths."""
    begin, end = stream.times()
    jobs = [(stem.name, draw(stream, begin, end, origin, stream.name))]
    for number, each in enumerate(story.incidents(stream)[:3], 1):
        records = each.records
        title = (f'{stream.name}\nincident {number}: {each.cause}; '
                 + ('not resumed' if records is None else
                    f'{story.plural(records, "record")} not decrypted'))
        jobs.append((f'{stem.name}-incident{number}',
                     draw(stream, *around(stream, each), origin, title)))
    paths = []
    for name, figure in jobs:
        for suffix in formats:
            paths.append(stem.with_name(f'{name}.{suffix}'))
            figure.savefig(paths[-1])
    return paths
