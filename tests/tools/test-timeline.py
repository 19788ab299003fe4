#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""cx6dx timeline, on traces that are written here."""

import importlib.util
import json
import tempfile
import unittest
from pathlib import Path

import tools

from cx6dxlib import timeline               # noqa: E402
from cx6dxlib.timeline import (                     # noqa: E402
    model, perfetto, resources, story)

SRC, DST = '10.9.0.1:4000', '10.9.0.2:443'
SIZE = 100              # of a segment
RECORD = 250
BASE = (1 << 32) - 300  # numbers wrap on the way


class Trace:
    """Writes what two devices would say of one stream."""

    def __init__(self):
        self.lines = ['a line of something else',
                      '1234@1.5:cx6dx_obj_create dev 0: 0x1 created in tir']
        self.now = 1000
        self.state = 'synced'
        for way, dev, ctx in (('tx', 0, 7), ('rx', 1, 9)):
            self.say('tls_conn', dev=dev, dir=way, ctx=ctx, src=SRC, dst=DST)

    def say(self, event, **values):
        """One line."""
        words = ' '.join(f'{key}={value}' for key, value in values.items())
        self.lines.append(f'55@17.000001:cx6dx_{event} t={self.now} {words}')
        self.now += 1000

    def record(self, number):
        """A border of records, as the receiver shows it."""
        self.say('tls_record', dev=1, dir='rx', ctx=9, rec=number,
                 seq=(BASE + number * RECORD) % (1 << 32), len=RECORD)

    def send(self, place, verdict='encrypted'):
        """A segment leaves."""
        self.say('tls_tx_packet', dev=0, tisn=7,
                 seq=(BASE + place) % (1 << 32), len=SIZE, mss=0,
                 rec=place // RECORD, off=place % RECORD,
                 expect=(BASE + place) % (1 << 32), verdict=verdict)

    def receive(self, place, verdict='decrypted', expect=None, record=None):
        """A packet arrives."""
        expect = place if expect is None else expect
        self.say('tls_rx_packet', dev=1, tirn=9,
                 seq=(BASE + place) % (1 << 32), len=SIZE,
                 rec=expect // RECORD if record is None else record,
                 off=expect % RECORD, expect=(BASE + expect) % (1 << 32),
                 verdict=verdict, state=self.state)

    def both(self, place):
        """A segment leaves and arrives."""
        self.send(place)
        self.receive(place)

    def streams(self):
        """What the model makes of it."""
        return model.read(self.lines)


def lossy():
    """Segment 3 is lost with the header of record 1; resync at record 2."""
    trace = Trace()
    trace.record(0)
    for place in (0, 100):
        trace.both(place)
    trace.send(200)
    trace.lines.append(f'cx6dx_impair t={trace.now} filter=f0 dir=rx conn=1 '
                       f'flow=4000>443 seq={(BASE + 200) % (1 << 32)} '
                       f'len={SIZE} rec=0 copy=1 fate=lost')
    trace.send(300)
    trace.state = 'searching'
    trace.say('tls_rx_state', dev=1, tirn=9, seq=0, to='searching',
              why='packet', **{'from': 'synced'})
    trace.receive(300, 'lost-sync', 200)
    trace.send(400)
    trace.send(500)
    trace.state = 'tracking'
    trace.receive(400, 'lost-sync', 400, 0)
    trace.receive(500, 'resync', 500, 0)
    trace.say('tls_rx_resync', dev=1, tirn=9, seq=(BASE + 500) % (1 << 32))
    trace.say('tls_rx_get_psv', dev=1, tirn=9, found=1, state=1, auth=0,
              seq=(BASE + 500) % (1 << 32), answer='ok')
    trace.say('tls_rx_static', dev=1, tirn=9, rec=2,
              seq=(BASE + 500) % (1 << 32), confirmed=1)
    trace.state = 'synced'
    trace.record(3)
    trace.send(200, 'reencrypted')
    trace.receive(200, 'bypass', 600)
    trace.send(750)
    trace.receive(750, 'decrypted', 750, 3)
    return trace


def span(t, dev, res, use, number, begin, end):
    """A line of the timing model, from BEGIN to END ns."""
    begin, end = (1000 * ns % (1 << 64) for ns in (begin, end))
    return (f'77@3.2:cx6dx_timing_span t={t} dev={dev} res={res} use={use} '
            f'op={number} begin={begin} end={end} units=64')


class Timeline(unittest.TestCase):
    def test_a_stream_without_trouble(self):
        trace = Trace()
        trace.record(0)
        for place in range(0, 1000, SIZE):
            trace.both(place)
        (stream,), loose = trace.streams()
        self.assertEqual((stream.src, stream.dst), (SRC, DST))
        self.assertEqual([p.place for p in stream.received],
                         list(range(0, 1000, SIZE)))
        self.assertTrue(all(p.arrived for p in stream.sent))
        self.assertEqual(story.incidents(stream), [])
        self.assertEqual(loose, [])

    def test_what_did_not_arrive_was_lost(self):
        (stream,), _ = lossy().streams()
        lost = [p for p in stream.sent if p.fate == 'lost']
        self.assertEqual([(p.place, p.wire) for p in lost], [(200, 'lost')])
        again = [p for p in stream.sent if p.fate == 'reencrypted']
        self.assertEqual([p.place for p in again], [200])
        self.assertTrue(again[0].repeated)

    def test_an_incident_has_cause_path_and_cost(self):
        (stream,), _ = lossy().streams()
        (incident,) = story.incidents(stream)
        self.assertIn('one segment lost on the wire (filter-impair: lost)',
                      incident.cause)
        self.assertEqual(incident.path, ['searching', 'tracking', 'synced'])
        self.assertEqual(incident.records, 3)
        self.assertEqual(incident.packets, 3)
        self.assertEqual([m.kind for m in incident.marks],
                         ['asked', 'get-psv', 'confirmed'])

    def test_the_text_says_it(self):
        text = '\n'.join(story.tell(*lossy().streams()))
        for words in ('lost between the devices: one segment',
                      'decryption stopped once, 1 of them with a resync',
                      'asked about the header at byte 500',
                      'software confirmed the header at byte 500 (record 2)',
                      'Cost: 3 records and 3 packets'):
            self.assertIn(words, text)

    def test_a_fault_is_named_as_the_cause(self):
        trace = Trace()
        trace.both(0)
        trace.say('fault', dev=1, fault='rx-force-resync', object=9, seen=1)
        trace.state = 'tracking'
        trace.receive(100, 'resync')
        (stream,), loose = trace.streams()
        (incident,) = story.incidents(stream)
        self.assertEqual(incident.cause, 'fault rx-force-resync struck')
        self.assertIsNone(incident.records)
        self.assertEqual(loose, [])

    def test_segmentation_is_undone(self):
        trace = Trace()
        trace.say('tls_tx_packet', dev=0, tisn=7, seq=BASE, len=250, mss=100,
                  rec=0, off=0, expect=BASE, verdict='encrypted')
        (stream,), _ = trace.streams()
        self.assertEqual([(p.place, p.length) for p in stream.sent],
                         [(0, 100), (100, 100), (200, 50)])

    def test_a_context_that_serves_another_connection(self):
        trace = Trace()
        trace.both(0)
        trace.say('tls_tx_progress', dev=0, tisn=7, rec=0)
        trace.say('tls_conn', dev=0, dir='tx', ctx=7, src='10.9.0.1:5000',
                  dst=DST)
        trace.say('tls_tx_packet', dev=0, tisn=7, seq=77, len=10, mss=0, rec=0,
                  off=0, expect=77, verdict='encrypted')
        streams, _ = trace.streams()
        self.assertEqual([len(s.sent) for s in streams], [1, 1])
        self.assertEqual(streams[0].marks, [])

    def test_perfetto_opens_it(self):
        streams, _ = lossy().streams()
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, 'trace.json')
            perfetto.write(streams, path)
            events = json.loads(path.read_text())['traceEvents']
        self.assertEqual(sum(e['ph'] == 'X' and e['cat'] == 'received'
                             for e in events), 7)
        self.assertTrue(all(e.get('ts', 0) >= 0 for e in events))
        self.assertTrue(all({'ph', 'pid', 'tid', 'name'} <= set(e)
                            for e in events))

    def test_nothing_in_the_trace(self):
        self.assertEqual(model.read(['x']), ([], []))
        self.assertIn('no TLS context', '\n'.join(story.tell([], [])))

    def test_broken_lines_are_left_out(self):
        lines = lossy().lines + ['cx6dx_tls_rx_packet t=', 'cx6dx_fault t=x']
        self.assertEqual(len(model.read(lines)[0]), 1)

    def test_resources_are_tracks(self):
        lines = [span(5000, 0, 'wire_tx', 'frame', 3, 9000, 9100),
                 span(5000, 0, 'pcie_down', 'doorbell', 3, 5000, 5010),
                 span(5000, 0, 'firmware', 'command', 4, 6000, 7000),
                 'cx6dx_timing_span t=1 dev=']
        spans = resources.read(lines)
        self.assertEqual([s.res for s in spans],
                         ['pcie_down', 'firmware', 'wire_tx'])
        self.assertEqual([len(life) for life in resources.lives(spans)], [2])
        self.assertRegex('\n'.join(resources.tell(spans)),
                         r'(?m)^  0 +firmware +1 +1\.0 +24\.39  command$')
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, 'trace.json')
            perfetto.write([], path, spans)
            events = json.loads(path.read_text())['traceEvents']
        slices = [e for e in events if e['ph'] == 'X']
        self.assertEqual([(e['name'], e['ts'], e['dur']) for e in slices],
                         [('doorbell', 0, 0.01), ('command', 1, 1),
                          ('frame', 4, 0.1)])
        self.assertEqual(len({e['tid'] for e in slices}), 3)
        self.assertEqual([e['ph'] for e in events if e.get('id')], ['s', 'f'])

    def test_picoseconds_wrap(self):
        """After 213 days they begin anew; t does not."""
        near = (1 << 64) // 1000
        found = resources.read([span(near, 1, 'pcie_up', 'cqe', 9, near - 50,
                                     near + 70)])[0]
        self.assertAlmostEqual(found.begin - near, -50, delta=5)
        self.assertAlmostEqual(found.end - found.begin, 120, delta=5)

    @unittest.skipUnless(importlib.util.find_spec('matplotlib'),
                         'python3-matplotlib is not installed')
    def test_pictures_are_drawn(self):
        with tempfile.TemporaryDirectory() as place:
            log = Path(place, 'log')
            log.write_text('\n'.join(lossy().lines))
            timeline.render(log, Path(place, 'out'))
            names = {path.suffix: path.stat().st_size for path in
                     Path(place, 'out').iterdir()}
        self.assertEqual(set(names), {'.svg', '.png', '.json', '.txt'})
        self.assertGreater(names['.png'], 10000)


tools.main()
