# SPDX-License-Identifier: GPL-2.0-or-later
"""Trace events of TLS contexts, out of a log of QEMU.

An event is a line 'NAME key=value key=value ...'; what may stand in front of
it, a time stamp of the log, is skipped.  Other lines are no business of ours.
"""

import re
from typing import NamedTuple

_LINE = re.compile(r'\b(cx6dx_(?:tls_\w+|fault|impair)) (t=.*)')


class Event(NamedTuple):
    """One event: its name without 'cx6dx_', its values by key."""

    name: str
    values: dict

    def __getattr__(self, key):
        try:
            return self.values[key]
        except KeyError:
            raise AttributeError(key) from None


def _value(text):
    return int(text) if text.isdigit() else text


def parse(lines):
    """The events in LINES, in their order; broken ones are left out."""
    for line in lines:
        found = _LINE.search(line)
        if not found:
            continue
        words = (word.partition('=') for word in found[2].split())
        values = {key: _value(text) for key, sign, text in words if sign}
        if isinstance(values.get('t'), int):
            yield Event(found[1].removeprefix('cx6dx_'), values)
