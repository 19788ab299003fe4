# SPDX-License-Identifier: GPL-2.0-or-later
"""The resources of the device's timing model: who took which, and when.

A trace of a device with timing=on has a line for each time that a resource is
taken.  The resource is given its place when the operation is laid out, often
before its time: lines are not in order of their times.
"""

import re
from typing import NamedTuple

ORDER = ('pcie_down', 'pcie_up', 'dma_engine', 'crypto_tx', 'tx_pipe',
         'wire_tx', 'wire_rx', 'rx_pipe', 'crypto_rx', 'firmware')
_LINE = re.compile(r'\bcx6dx_timing_span t=(\d+) dev=(\d+) res=(\w+) '
                   r'use=(\w+) op=(\d+) begin=(\d+) end=(\d+) units=(\d+)')
_WRAP = 1 << 64


class Span(NamedTuple):
    """A resource is taken for one operation."""

    dev: int
    res: str
    use: str
    op: int             # the same for all that belongs together
    begin: float        # ns
    end: float
    units: int          # bytes, packets, or ns


def _near(t, ps):
    """PS, which counts modulo 2^64, as ns near the time T."""
    step = (ps - 1000 * t) % _WRAP
    return t + (step - _WRAP if step >= _WRAP // 2 else step) / 1000


def read(lines):
    """The Spans in LINES, by their begin."""
    spans = []
    for line in lines:
        found = _LINE.search(line)
        if found:
            t, dev, res, use, op, begin, end, units = found.groups()
            begin, length = int(begin), (int(end) - int(begin)) % _WRAP
            begin = _near(int(t), begin)
            spans.append(Span(int(dev), res, use, int(op), begin,
                              begin + length / 1000, int(units)))
    spans.sort(key=lambda span: (span.begin, span.end))
    return spans


def lives(spans):
    """What belongs together: lists of Spans, each resource and use once."""
    found = {}
    for span in spans:
        found.setdefault((span.dev, span.op), {}).setdefault(
            (span.res, span.use), span)
    return [list(life.values()) for life in found.values() if len(life) > 1]


def _rank(res):
    return ORDER.index(res) if res in ORDER else len(ORDER)


def tell(spans):
    """How busy each resource was, as lines of a table."""
    if not spans:
        return []
    begin = min(span.begin for span in spans)
    whole = max(span.end for span in spans) - begin
    lines = [f'Resources of the timing model, in {whole / 1e6:.3f} ms:',
             f'  {"device":<7}{"resource":<12}{"operations":>11}'
             f'{"busy us":>12}{"busy %":>8}  most for']
    rows = {}
    for span in spans:
        row = rows.setdefault((span.dev, _rank(span.res), span.res), {})
        count, busy = row.get(span.use, (0, 0))
        row[span.use] = (count + 1, busy + span.end - span.begin)
    for (dev, _, res), uses in sorted(rows.items()):
        busy = sum(one for _, one in uses.values())
        most = max(uses, key=lambda use: uses[use][1])
        lines.append(f'  {dev:<7}{res:<12}'
                     f'{sum(count for count, _ in uses.values()):>11}'
                     f'{busy / 1e3:>12.1f}{100 * busy / whole:>8.2f}  {most}')
    return [*lines, '']
