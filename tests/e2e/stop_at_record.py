#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=200
"""The machine stops at a chosen record, gdb is told, and nothing is lost.

Takes a kernel SPEC and a driver (default: stock-6.12 cx6dx).
"""

import select
import socket
import sys
import tempfile
from pathlib import Path

from harness import PEER, Pair, check, main, note

RECORD = 8
TRAFFIC = (f'{PEER} ktls-stream server -T 60 >/tmp/server.log 2>&1 & server=$!; '
           f'until {PEER} ss -Hltn | grep -q :4433; do sleep 0.05; done; '
           'ktls-stream client 10.9.0.2 -k 128 -n 1 -d up -b 1M -T 60; '
           'status=$?; wait $server; exit $status')


class Gdb:
    """As much of gdb as it takes: attach, continue, be told."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))
        self.seen = b''

    def send(self, text):
        data = text.encode()
        self.sock.sendall(b'$%s#%02x' % (data, sum(data) % 256))

    def packet(self, seconds=30):
        """The next packet, acknowledged; None when none comes."""
        while True:
            start = self.seen.find(b'$')
            end = self.seen.find(b'#', start)
            if 0 <= start < end and len(self.seen) >= end + 3:
                text = self.seen[start + 1:end].decode()
                self.seen = self.seen[end + 3:]
                self.sock.sendall(b'+')
                return text
            if not select.select([self.sock], [], [], seconds)[0]:
                return None
            data = self.sock.recv(4096)
            if not data:
                return None
            self.seen += data


def status(pair):
    return pair.guest.qmp('query-status')['status']


def at_record(pair, gdb):
    """The machine has stopped: look at it."""
    pair.guest.wait_event('STOP', 60)
    check(status(pair) == 'debug', 'the machine stands still', status(pair))
    said = gdb.packet()
    check(said and said.startswith('T05'), 'gdb is told of a breakpoint', said)
    device = pair.guest.qmp('query-cx6dx-tls', id='nic1')[0]
    context = device['rx-contexts'][0]
    # the packet with the header may have been the end of it as well
    check(context['record'] in (RECORD, RECORD + 1)
          and context['state'] == 'synced',
          f'the context is at record {RECORD}', context)
    clock = pair.guest.hmp('info cx6dx-tls')
    check(clock == pair.guest.hmp('info cx6dx-tls'), 'and stays there')
    fired = pair.guest.qmp('qom-get', path='nic1', property='faults')
    check(fired['rx-stop'] == 1, 'rx-stop has struck once', fired['rx-stop'])


def test(**guest):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / 'gdb'
        with Pair(timeout=180, qemu_args=[
                '-gdb', f'unix:{path},server=on,wait=off'], **guest) as pair:
            pair.offload()
            before = pair.counters()
            gdb = Gdb(path)
            pair.guest.wait_event('STOP', 30)
            pair.guest.qmp('qom-set', path='nic1', property='fault',
                           value=f'rx-stop:record={RECORD}')
            gdb.send('c')
            number = pair.guest.begin(['sh', '-c', TRAFFIC])
            at_record(pair, gdb)
            gdb.send('c')
            check(pair.guest.wait(number, 120) == 0,
                  'the stream goes on, every byte right')
            after = pair.counters()
            for name in ('rx_tls_resync_req_pkt', 'TlsDecryptError'):
                moved = after[1].get(name, 0) - before[1].get(name, 0)
                note(f'{name} moved by {moved}')
                check(moved == 0, f'nothing was lost: {name}', moved)


if __name__ == '__main__':
    names = dict(zip(('kernel', 'driver'), sys.argv[1:]))
    main(test, **names)
