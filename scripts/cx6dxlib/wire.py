# SPDX-License-Identifier: GPL-2.0-or-later
"""What was on the wire: TCP streams and TLS records in a pcap file.

Reads the classic pcap format that QEMU's filter-dump writes.  Understands
Ethernet, VLAN tags, IPv4 and IPv6 without extension headers, TCP.
"""

import mmap
import struct
from pathlib import Path

_GLOBAL_BYTES = 24
_PACKET_BYTES = 16
CHANGE_CIPHER_SPEC = 20


class Packet:
    """One TCP segment: addresses, ports, sequence number, payload."""

    __slots__ = ('raw', 'src', 'dst', 'sport', 'dport', 'seq', 'syn',
                 'payload')


def _segment(data, at, length):
    """The TCP segment in the frame at AT, or None."""
    kind, offset = struct.unpack_from('>H', data, at + 12)[0], at + 14
    while kind in (0x8100, 0x88a8):
        kind, offset = struct.unpack_from('>H', data, offset + 2)[0], offset + 4
    if kind == 0x0800 and data[offset + 9] == 6:
        tcp = offset + (data[offset] & 15) * 4
        end = offset + struct.unpack_from('>H', data, offset + 2)[0]
        addresses = data[offset + 12:offset + 20]
    elif kind == 0x86dd and data[offset + 6] == 6:
        tcp = offset + 40
        end = tcp + struct.unpack_from('>H', data, offset + 4)[0]
        addresses = data[offset + 8:offset + 40]
    else:
        return None
    if tcp + 20 > at + length:
        return None
    half = len(addresses) // 2
    packet = Packet()
    packet.src, packet.dst = addresses[:half], addresses[half:]
    packet.sport, packet.dport, packet.seq = struct.unpack_from('>HHI', data,
                                                                tcp)
    packet.syn = bool(data[tcp + 13] & 2)
    start = tcp + (data[tcp + 12] >> 4) * 4
    packet.payload = (start, min(end, at + length))
    return packet


class Capture:
    """A pcap file, mapped."""

    def __init__(self, path):
        self._file = open(path, 'rb')
        self.data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        magic = self.data[:4]
        if magic not in (b'\xd4\xc3\xb2\xa1', b'\xa1\xb2\xc3\xd4'):
            raise ValueError(f'{path} is not a pcap file')
        self._order = '<' if magic[0] == 0xd4 else '>'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.data.close()
        self._file.close()

    def records(self):
        """(offset of the pcap record, offset of the frame, its bytes)."""
        at, end = _GLOBAL_BYTES, len(self.data)
        while at + _PACKET_BYTES <= end:
            length = struct.unpack_from(self._order + 'I', self.data,
                                        at + 8)[0]
            if at + _PACKET_BYTES + length > end:
                return
            yield at, at + _PACKET_BYTES, length
            at += _PACKET_BYTES + length

    def segments(self):
        """All TCP segments, with `raw`: the pcap record's place."""
        for at, frame, length in self.records():
            packet = _segment(self.data, frame, length)
            if packet:
                packet.raw = (at, frame + length)
                yield packet

    def count(self, pattern):
        """How often PATTERN (bytes) is anywhere in the file."""
        found, at = 0, self.data.find(pattern)
        while at >= 0:
            found += 1
            at = self.data.find(pattern, at + len(pattern))
        return found

    def split(self, ports, folder):
        """Write the segments of each port to a file of its own; the paths."""
        files = {port: Path(folder) / f'port-{port}.pcap' for port in ports}
        open_files = {port: open(path, 'wb') for port, path in files.items()}
        try:
            for stream in open_files.values():
                stream.write(self.data[:_GLOBAL_BYTES])
            for packet in self.segments():
                stream = open_files.get(packet.sport) or \
                    open_files.get(packet.dport)
                if stream:
                    stream.write(self.data[slice(*packet.raw)])
        finally:
            for stream in open_files.values():
                stream.close()
        return files


class Stream:
    """One direction of one connection, put together from its segments."""

    def __init__(self):
        self.base = None
        self.data = bytearray()
        self.holes = {}         # offset -> bytes that came too early
        self.sent = 0           # payload bytes, repeats included

    def add(self, seq, syn, payload):
        if syn:
            self.base = (seq + 1) & 0xffffffff
            return
        if self.base is None or not payload:
            return
        self.sent += len(payload)
        offset = (seq - self.base) & 0xffffffff
        # 32-bit numbers: unwrap near what is there
        offset += len(self.data) - (len(self.data) & 0xffffffff)
        if offset > len(self.data):
            self.holes[offset] = payload
            return
        if offset + len(payload) > len(self.data):
            self.data += payload[len(self.data) - offset:]
        while self.holes and (first := min(self.holes)) <= len(self.data):
            late = self.holes.pop(first)
            if first + len(late) > len(self.data):
                self.data += late[len(self.data) - first:]

    def tls_records(self):
        """(content type, bytes on the wire) of each whole record."""
        at = 0
        while at + 5 <= len(self.data):
            size = 5 + struct.unpack_from('>H', self.data, at + 3)[0]
            if at + size > len(self.data):
                return
            yield self.data[at], size
            at += size

    def encrypted_bytes(self):
        """Bytes of records behind ChangeCipherSpec."""
        total, behind = 0, False
        for kind, size in self.tls_records():
            if behind:
                total += size
            behind = behind or kind == CHANGE_CIPHER_SPEC
        return total


def streams(capture, ports):
    """(src, sport, dst, dport) -> Stream, for connections to PORTS."""
    found = {}
    for packet in capture.segments():
        if packet.sport not in ports and packet.dport not in ports:
            continue
        key = (packet.src, packet.sport, packet.dst, packet.dport)
        stream = found.get(key)
        if stream is None:
            stream = found[key] = Stream()
        stream.add(packet.seq, packet.syn,
                   capture.data[slice(*packet.payload)])
    return found
