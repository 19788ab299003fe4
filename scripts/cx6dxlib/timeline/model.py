# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trace tells of each connection, one direction of it at a time.

A stream is what one end sends to the other.  Its sender may have a transmit
context, its receiver a receive context, in one trace or only one of them.
Places in it are bytes from the first one that a context saw, however often
TCP's numbers wrap.

A packet that left a transmit context and never reached the receive context of
the same stream was lost in between.  That can be said only where both ends
are in the trace.
"""

from dataclasses import dataclass, field
from typing import Optional

LEAVES = ('encrypted', 'reencrypted')
SYNCED = ('synced', 'start')


@dataclass
class Packet:
    """A TCP segment, where one device saw it."""

    t: int                      # ns
    place: int                  # its first byte
    length: int
    fate: str                   # the device's word, or 'lost'
    record: int = 0             # in progress when it came
    offset: int = 0             # bytes of that record before
    expected: int = 0           # place that was expected
    state: str = ''             # of the tracker, afterwards
    arrived: Optional[int] = None   # when the other end saw it
    repeated: bool = False      # some byte of it was there before
    wire: str = ''              # what filter-impair did to it
    faults: tuple = ()          # that struck it

    @property
    def end(self):
        """The first byte behind it."""
        return self.place + self.length


@dataclass
class Mark:
    """Something that happened at a time, and perhaps at a place."""

    t: int
    kind: str
    place: Optional[int] = None
    text: str = ''


@dataclass
class Stream:
    """What one end of a connection sends to the other."""

    src: str
    dst: str
    base: Optional[int] = None
    near: int = 0               # last place that was computed
    sent: list = field(default_factory=list)
    received: list = field(default_factory=list)
    records: dict = field(default_factory=dict)     # number -> (place, length)
    states: list = field(default_factory=list)      # (t, state, why)
    marks: list = field(default_factory=list)
    dumps: list = field(default_factory=list)       # (t, bytes)
    devices: dict = field(default_factory=dict)     # 'tx'/'rx' -> (dev, number)
    both: bool = False
    struck: list = field(default_factory=list)  # faults of the next packet

    def place(self, seq):
        """Where TCP sequence number SEQ is."""
        if self.base is None:
            self.base = seq
        step = (seq - self.base - self.near) % (1 << 32)
        if step >= 1 << 31:
            step -= 1 << 32
        place = self.near + step
        if place > self.near:
            self.near = place
        return place

    @property
    def name(self):
        """Both ends."""
        return f'{self.src} to {self.dst}'

    def times(self):
        """(first, last) time of anything."""
        every = [p.t for p in self.sent + self.received]
        every += [m.t for m in self.marks]
        return (min(every), max(every)) if every else (0, 0)

    def tail(self, place):
        """Number of the record that PLACE is in, and the bytes before it."""
        best = max((r for r, (at, _) in self.records.items() if at <= place),
                   default=None)
        return None if best is None else (best, place - self.records[best][0])


class Reader:
    """Takes events and keeps streams."""

    def __init__(self):
        self.streams = {}
        self.serving = {}       # (dev, 'tx'/'rx', number) -> Stream
        self.early = {}         # the same -> events before it is known
        self.loose = []         # faults that belong to no stream
        self.impaired = {}      # 'sport>dport' -> events of filter-impair

    def stream(self, src, dst):
        """The stream from SRC to DST."""
        return self.streams.setdefault((src, dst), Stream(src, dst))

    def take(self, event):
        """One event."""
        what = event.name.split('_')
        if event.name == 'fault':
            self._fault(event)
        elif event.name == 'impair':
            self.impaired.setdefault(event.flow, []).append(event)
        elif event.name == 'tls_conn':
            key = (event.dev, event.dir, event.ctx)
            self.serving[key] = self.stream(event.src, event.dst)
            self.serving[key].devices[event.dir] = (event.dev, event.ctx)
            self._take_early(key)
        elif event.name == 'tls_record':
            stream = self.serving.get((event.dev, event.dir, event.ctx))
            if stream:
                stream.records[event.rec] = (stream.place(event.seq),
                                             event.len)
        elif what[1] in ('tx', 'rx') and len(what) > 2:
            self._context(what[1], '_'.join(what[2:]), event)

    def _context(self, way, what, event):
        number = event.tisn if way == 'tx' else event.tirn
        key = (event.dev, way, number)
        if what in ('new', 'free'):
            self.serving.pop(key, None)
            self.early.pop(key, None)
            return
        stream = self.serving.get(key)
        early = what == 'progress' or way == 'tx' and what != 'packet'
        if not stream or early:
            # which connection this is for, the next packet says
            self.early.setdefault(key, []).append((what, event))
            if len(self.early[key]) > 10000:
                del self.early[key][:5000]
            return
        self._take_early(key)
        self._apply(stream, way, what, event)

    def _take_early(self, key):
        for what, event in self.early.pop(key, ()):
            self._apply(self.serving[key], key[1], what, event)

    def _apply(self, stream, way, what, event):
        handler = getattr(self, f'_{way}_{what}', None)
        if handler:
            handler(stream, event)

    @staticmethod
    def _tx_packet(stream, event):
        mss = event.mss or max(event.len, 1)
        place = stream.place(event.seq)
        for at in range(0, event.len, mss):
            stream.sent.append(Packet(
                event.t, place + at, min(mss, event.len - at), event.verdict,
                event.rec, event.off, stream.place(event.expect)))

    @staticmethod
    def _tx_dump(stream, event):
        stream.dumps.append((event.t, event.len))

    @staticmethod
    def _tx_progress(stream, event):
        if stream.sent:
            stream.marks.append(Mark(event.t, 'restart', None,
                                     f'record {event.rec}'))

    @staticmethod
    def _rx_packet(stream, event):
        stream.received.append(Packet(
            event.t, stream.place(event.seq), event.len, event.verdict,
            event.rec, event.off, stream.place(event.expect), event.state,
            faults=tuple(stream.struck)))
        stream.struck.clear()

    @staticmethod
    def _rx_state(stream, event):
        stream.states.append((event.t, event.to, event.why))

    @staticmethod
    def _rx_resync(stream, event):
        stream.marks.append(Mark(event.t, 'asked', stream.place(event.seq)))

    @staticmethod
    def _rx_get_psv(stream, event):
        stream.marks.append(Mark(event.t, 'get-psv', None, event.answer))

    @staticmethod
    def _rx_static(stream, event):
        if event.seq:
            stream.marks.append(Mark(
                event.t, 'confirmed' if event.confirmed else 'ignored',
                stream.place(event.seq), f'record {event.rec}'))

    def _fault(self, event):
        mark = Mark(event.t, 'fault', None, event.fault)
        way = event.fault.split('-')[0]
        keys = [(event.dev, way if way in ('tx', 'rx') else 'rx',
                 event.object)]
        hit = [self.serving[key] for key in keys if key in self.serving] \
            if way in ('tx', 'rx', 'get') else []
        for stream in hit:
            stream.marks.append(mark)
            if way == 'rx' and event.fault != 'rx-answer-lost':
                stream.struck.append(event.fault)
        if not hit:
            self.loose.append(mark)


def _join(stream):
    """Find for each packet sent when it arrived; the rest was lost.

    Of several transmissions of the same bytes the last one before is taken
    for the one that arrived.
    """
    waiting = {}
    left = sorted((p for p in stream.sent if p.fate in LEAVES),
                  key=lambda p: p.t, reverse=True)
    for arrival in stream.received:
        while left and left[-1].t <= arrival.t:
            packet = left.pop()
            waiting.setdefault((packet.place, packet.length),
                               []).append(packet)
        on_the_way = waiting.get((arrival.place, arrival.length))
        if on_the_way:
            on_the_way.pop().arrived = arrival.t
    last = max((p.end for p in stream.received), default=0)
    for packet in stream.sent:
        if packet.fate in LEAVES and packet.arrived is None \
                and packet.place < last:
            packet.fate = 'lost'


def _impair(stream, found):
    """Note what filter-impair says of the stream's packets."""
    sent = {}
    for packet in stream.sent:
        sent.setdefault((packet.place, packet.length), []).append(packet)
    begin, end = stream.times()
    for event in found:
        if not event.len or not begin <= event.t <= end:
            continue
        place = stream.place(event.seq)
        stream.marks.append(Mark(event.t, 'wire', place, event.fate))
        before = [p for p in sent.get((place, event.len), ())
                  if p.t <= event.t]
        if before:
            before[-1].wire = event.fate
    stream.marks.sort(key=lambda mark: mark.t)


def _repeats(packets):
    far = 0
    for packet in packets:
        packet.repeated = packet.place < far
        far = max(far, packet.end)


def read(lines):
    """(streams with packets, faults of no stream) out of the LINES of a log."""
    from . import events
    reader = Reader()
    for event in events.parse(lines):
        reader.take(event)
    streams = [s for s in reader.streams.values() if s.sent or s.received]
    for stream in streams:
        _repeats(stream.sent)
        _repeats(stream.received)
        stream.both = bool(stream.sent and stream.received)
        if stream.both:
            _join(stream)
        ports = [end.rpartition(':')[2] for end in (stream.src, stream.dst)]
        _impair(stream, reader.impaired.get('>'.join(ports), ()))
    streams.sort(key=lambda s: s.times())
    return streams, reader.loose
