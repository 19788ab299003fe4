# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened, in words: where sync was lost, why, and what that cost."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Optional

from .model import LEAVES, SYNCED

MOST = 50       # incidents told of each stream


@dataclass
class Incident:
    """From the packet that ended decryption to the one that resumed it."""

    first: object                       # Packet
    cause: str
    path: list = field(default_factory=list)    # states, in their order
    packets: int = 0                    # delivered encrypted meanwhile
    resumed: Optional[object] = None    # Packet
    marks: list = field(default_factory=list)

    @property
    def records(self):
        """How many records the device did not decrypt, if that is known."""
        if self.resumed is None or self.resumed.record < self.first.record:
            return None
        return self.resumed.record - self.first.record


def plural(number, noun):
    """'one NOUN' or 'NUMBER NOUNs'."""
    return f'one {noun}' if number == 1 else f'{number} {noun}s'


def when(t, origin):
    """T as people read it."""
    return f'{(t - origin) / 1e6:.3f} ms'


def _hole(stream, packet):
    """What became of the bytes that were expected before PACKET."""
    hole = [p for p in stream.sent if p.t <= packet.t
            and p.place < packet.place and p.end > packet.expected
            and not p.repeated]
    size = packet.place - packet.expected
    text = f'{size} bytes before it were missing'
    lost = [p for p in hole if p.fate == 'lost']
    late = [p for p in hole if p.arrived is not None and p.arrived > packet.t]
    held = [p for p in hole if p.fate not in (*LEAVES, 'lost')]
    wire = sorted({p.wire for p in lost or late if p.wire}
                  or {m.text for m in stream.marks if m.kind == 'wire'
                      and m.t <= packet.t
                      and packet.expected <= m.place < packet.place})
    by = f" (filter-impair: {'; '.join(wire)})" if wire else ''
    if lost:
        return f'{text}: {_segments(lost)} lost on the wire{by}'
    if late:
        return f'{text}: {_segments(late)} overtaken on the wire{by}'
    if held:
        return f'{text}: the sending device dropped {_segments(held)} ' \
            f'({held[0].fate})'
    if stream.sent and not hole:
        return f'{text}: the sending device had not been given them'
    return text + by


def _segments(packets):
    return plural(len(packets), 'segment')


def _cause(stream, packet):
    """Why PACKET was not decrypted, after one that was."""
    if packet.faults:
        return f'fault {", ".join(packet.faults)} struck'
    if packet.fate == 'auth-failed':
        return 'the tag of a record was wrong'
    if packet.place > packet.expected:
        return _hole(stream, packet)
    if packet.fate in ('lost-sync', 'resync'):
        return 'no header was where one had to be'
    return 'the device passed it on as it came'


def incidents(stream):
    """The Incidents of a stream, in order of time."""
    found, now = [], None
    for packet in stream.received:
        good = packet.fate == 'decrypted'
        if now is None:
            # old bytes, and those of before the start, cost nothing
            if not good and packet.fate not in ('bypass', 'bad-csum', 'unfit') \
                    and packet.state != 'idle':
                now = Incident(packet, _cause(stream, packet))
                found.append(now)
            elif packet.faults and packet.fate == 'passed':
                now = Incident(packet, _cause(stream, packet))
                found.append(now)
        if now is not None:
            if good:
                now.resumed = packet
                now = None
            else:
                now.packets += packet.fate not in ('bypass',)
                if packet.state and packet.state not in now.path[-1:]:
                    now.path.append(packet.state)
    for each in found:
        end = each.resumed.t if each.resumed else float('inf')
        each.marks = [m for m in stream.marks if each.first.t <= m.t <= end]
    return found


_EXPLAIN = {
    'boundary': 'the next header is known: no help of software is needed',
    'searching': 'a header was missed: the device looks for one',
    'tracking': 'it found something like a header, asked software, and '
                'follows headers while it waits',
    'idle': 'the context has no parameters',
}


def _tell(stream, number, each, origin):
    """Lines about one Incident."""
    first = each.first
    yield (f'  {number}. At {when(first.t, origin)} decryption stops: the '
           f'packet at byte {first.place} (record {first.record} in progress, '
           f'{first.offset} bytes in).')
    yield f'     Why: {each.cause}.'
    for state in dict.fromkeys(each.path):
        if state in _EXPLAIN:
            yield f'     Tracker {state}: {_EXPLAIN[state]}.'
    words = {
        'asked': 'asked about the header at byte {place}',
        'get-psv': 'the driver read the context back (GET_PSV: {text})',
        'confirmed': 'software confirmed the header at byte {place} ({text})',
        'ignored': 'software answered for byte {place}, which nobody had asked '
                   'about any more',
        'fault': 'fault {text} struck',
    }
    for mark in each.marks:
        if mark.kind in words:
            yield (f'     {when(mark.t, origin)}: '
                   + words[mark.kind].format(place=mark.place, text=mark.text))
    if each.resumed is None:
        yield (f'     It does not resume in this trace; {each.packets} packets '
               'went to software encrypted.')
        return
    records = each.records
    cost = 'an unknown number of records' if records is None else \
        plural(records, 'record')
    yield (f'     {when(each.resumed.t, origin)}: decryption goes on with '
           f'record {each.resumed.record}. Cost: {cost} and '
           f'{plural(each.packets, "packet")} for software.')


def _counts(packets):
    return ', '.join(f'{n} {fate}' for fate, n in
                     Counter(p.fate for p in packets).most_common())


def _sending(stream):
    again = [p for p in stream.sent if p.fate == 'reencrypted']
    dropped = [p for p in stream.sent if p.fate not in (*LEAVES, 'lost')]
    lost = [p for p in stream.sent if p.fate == 'lost']
    yield f'  sent: {len(stream.sent)} segments ({_counts(stream.sent)})'
    if again or stream.dumps:
        total = sum(n for _, n in stream.dumps)
        yield (f'  out of order for the sender: {_segments(again)} '
               f'encrypted again, after {len(stream.dumps)} DUMPs that re-read '
               f'{total} bytes')
    if dropped:
        yield (f'  {_segments(dropped)} never left the sending device '
               f'({_counts(dropped)})')
    if stream.both:
        yield f'  lost between the devices: {_segments(lost)}'


def tell(streams, loose):
    """The summary, as lines."""
    if not streams:
        yield ('no TLS context saw a packet in this trace: was offload on, and '
               'were events cx6dx_tls_* recorded?')
        return
    origin = min(s.times()[0] for s in streams)
    for stream in streams:
        begin, end = stream.times()
        where = ', '.join(f'{way} context {number} of device {dev}' for
                          way, (dev, number) in sorted(stream.devices.items()))
        yield f'{stream.name}: {where}'
        yield (f'  {when(begin, origin)} to {when(end, origin)}, '
               f'{len(stream.records)} records seen')
        if stream.sent:
            yield from _sending(stream)
        if stream.received:
            yield from _receiving(stream, origin)
        yield ''
    for mark in loose:
        yield f'{when(mark.t, origin)}: fault {mark.text} struck'


def _receiving(stream, origin):
    found = incidents(stream)
    yield (f'  received: {len(stream.received)} packets '
           f'({_counts(stream.received)})')
    known = [each.records for each in found]
    ended = [n for n in known if n is not None]
    software = [each for each in found if any(
        state not in (*SYNCED, 'boundary') for state in each.path)]
    if not found:
        yield '  never out of sync: the device decrypted all that was new'
        return
    times = 'once' if len(found) == 1 else f'{len(found)} times'
    yield (f'  decryption stopped {times}, {len(software)} of them with a '
           f'resync through software; {plural(sum(ended), "record")} lost in all'
           + ('' if len(ended) == len(known) else ', and those to the end'))
    for number, each in enumerate(found[:MOST], 1):
        yield from _tell(stream, number, each, origin)
    if len(found) > MOST:
        yield f'  and {len(found) - MOST} more like these'
