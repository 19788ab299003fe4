# SPDX-License-Identifier: GPL-2.0-or-later
"""The trace as JSON that ui.perfetto.dev and chrome://tracing open.

A stream is a process; its sender, the wire, its receiver, the states of the
tracker and what was said to software are its threads.  A device with modelled
time is a process too: each resource of the model is a thread, and arrows lead
through what belongs together.  Times are those of the guest, in microseconds
from the first event.
"""

import json

from . import resources

_DEVICES = 1000         # processes from there on are devices
_THREADS = {'state': 1, 'sent': 2, 'received': 3, 'records': 4, 'marks': 5}


def _meta(pid, tid, kind, name):
    return {'ph': 'M', 'pid': pid, 'tid': tid, 'name': kind,
            'args': {'name': name}}


def _slices(stream, pid, micro):
    """One slice for each state, to the next one or the end."""
    end = stream.times()[1]
    states = stream.states
    for (t, state, why), after in zip(states, states[1:] + [(end, '', '')]):
        yield {'ph': 'X', 'pid': pid, 'tid': _THREADS['state'], 'name': state,
               'cat': 'state', 'ts': micro(t),
               'dur': max((after[0] - t) / 1000, 0.001), 'args': {'why': why}}


def _packets(packets, pid, thread, micro):
    for p in packets:
        yield {'ph': 'X', 'pid': pid, 'tid': _THREADS[thread], 'name': p.fate,
               'cat': thread, 'ts': micro(p.t), 'dur': 0.1,
               'args': {'byte': p.place, 'bytes': p.length,
                        'record': p.record, 'record_offset': p.offset,
                        'expected': p.expected, 'again': p.repeated}}


def _marks(stream, pid, micro):
    for m in stream.marks:
        yield {'ph': 'i', 's': 't', 'pid': pid, 'tid': _THREADS['marks'],
               'name': f'{m.kind} {m.text}'.strip(), 'cat': 'mark',
               'ts': micro(m.t), 'args': {'byte': m.place}}
    for t, length in stream.dumps:
        yield {'ph': 'i', 's': 't', 'pid': pid, 'tid': _THREADS['marks'],
               'name': 'dump', 'cat': 'mark', 'ts': micro(t),
               'args': {'bytes': length}}


def _progress(stream, pid, micro):
    """How far each side is, as counters."""
    for name, packets in (('sent', stream.sent), ('received',
                                                  stream.received)):
        far = 0
        for p in packets:
            if p.end > far:
                far = p.end
                yield {'ph': 'C', 'pid': pid, 'tid': 0, 'name': 'bytes ' + name,
                       'ts': micro(p.t), 'args': {'bytes': far}}


def _thread(span):
    return 1 + (resources.ORDER.index(span.res)
                if span.res in resources.ORDER else len(resources.ORDER))


def _spans(spans, micro):
    """A slice each time that a resource is taken."""
    for dev in sorted({span.dev for span in spans}):
        yield _meta(_DEVICES + dev, 0, 'process_name',
                    f'device {dev}: modelled resources')
        for number, res in enumerate(resources.ORDER, 1):
            yield _meta(_DEVICES + dev, number, 'thread_name', res)
            yield {'ph': 'M', 'pid': _DEVICES + dev, 'tid': number,
                   'name': 'thread_sort_index', 'args': {'sort_index': number}}
    for span in spans:
        yield {'ph': 'X', 'pid': _DEVICES + span.dev, 'tid': _thread(span),
               'name': span.use, 'cat': 'model', 'ts': micro(span.begin),
               'dur': (span.end - span.begin) / 1000,
               'args': {'op': span.op, 'units': span.units}}


def _arrows(spans, micro):
    """From left to right through each life."""
    for life in resources.lives(spans):
        for number, span in enumerate(life):
            ph = 's' if number == 0 else 'f' if number == len(life) - 1 else 't'
            yield {'ph': ph, 'bp': 'e', 'pid': _DEVICES + span.dev,
                   'tid': _thread(span), 'name': 'op', 'cat': 'model',
                   'id': f'{span.dev}.{span.op}', 'ts': micro(span.begin)}


def write(streams, path, spans=()):
    """Write STREAMS, and SPANS of resources, to the file PATH."""
    origin = min([s.times()[0] for s in streams] +
                 [span.begin for span in spans[:1]], default=0)

    def micro(t):
        return (t - origin) / 1000

    events = []
    for pid, stream in enumerate(streams, 1):
        events.append(_meta(pid, 0, 'process_name', stream.name))
        for name, tid in _THREADS.items():
            events.append(_meta(pid, tid, 'thread_name', name))
        events += _slices(stream, pid, micro)
        events += _packets(stream.sent, pid, 'sent', micro)
        events += _packets(stream.received, pid, 'received', micro)
        events += _marks(stream, pid, micro)
        events += _progress(stream, pid, micro)
    events += _spans(spans, micro)
    events += _arrows(spans, micro)
    path.write_text(json.dumps({'traceEvents': events,
                                'displayTimeUnit': 'ns'}))
