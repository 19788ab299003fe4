# SPDX-License-Identifier: GPL-2.0-or-later
"""What a capture says: plaintext that leaked, records that were cut.

The tools mark their plaintext every few bytes, so a leak of some ten bytes is
found by searching for the mark.
"""

from .. import wire

MARK = b'CX6CLEAR'
TAG_BYTES = 16
HEADER_BYTES = 5


def plaintext(path):
    """How often marked plaintext is in the capture at PATH."""
    if path.stat().st_size <= 24:
        return 0
    with wire.Capture(path) as capture:
        return capture.count(MARK)


def _streams(capture):
    """(start of the stream, [(offset, length)], bytes) of each direction."""
    base, pieces = {}, {}
    for packet in capture.segments():
        key = (packet.src, packet.sport, packet.dst, packet.dport)
        if packet.syn:
            base[key] = (packet.seq + 1) & 0xffffffff
            pieces[key] = []
        start, end = packet.payload
        if key in base and end > start:
            pieces[key].append(((packet.seq - base[key]) & 0xffffffff,
                                start, end - start))
    for key, parts in pieces.items():
        data = bytearray(max((at + size for at, _, size in parts), default=0))
        for at, start, size in parts:
            data[at:at + size] = capture.data[start:start + size]
        yield data, [(at, size) for at, _, size in parts]


def splits(path, what):
    """How many different places inside a record's 'header' (of 4), or 'tag'
    (of 15), some packet on the wire ended at.
    """
    places = set()
    with wire.Capture(path) as capture:
        for data, parts in _streams(capture):
            ends = {at + size for at, size in parts}
            at = 0
            while at + HEADER_BYTES <= len(data):
                size = HEADER_BYTES + int.from_bytes(data[at + 3:at + 5])
                first, count = (at, HEADER_BYTES) if what == 'header' else \
                    (at + size - TAG_BYTES, TAG_BYTES)
                places |= {place for place in range(1, count)
                           if first + place in ends}
                at += size
    return len(places)
