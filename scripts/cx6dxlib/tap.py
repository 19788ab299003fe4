# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads test results in TAP and in the kernel's KTAP, and counts cases.

Only leaves are counted: a result that sums up the indented results before
it is not a case of its own.
"""

import re
from dataclasses import dataclass, field

_RESULT = re.compile(r'^(\s*)(not )?ok\b\s*(\d*)\s*-?\s*([^#]*)'
                     r'(#\s*(\w+)\s*(.*))?$')
_PLAN = re.compile(r'^(\s*)1\.\.(\d+)\s*(#\s*SKIP\b\s*(.*))?$', re.I)


@dataclass
class Tally:
    """How many cases there were, and what is to be said about them."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)
    skips: list = field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures
        self.skips += other.skips

    def fail(self, text):
        self.failed += 1
        self.failures.append(text)

    def skip(self, text):
        self.skipped += 1
        self.skips.append(text)

    def line(self):
        return (f'{self.passed} passed, {self.failed} failed, '
                f'{self.skipped} skipped')


def parse(lines):
    """The Tally of LINES, the output of one test program.

    A plan that was not kept and a 'Bail out!' are failures too; that there
    was no result at all is for the caller to judge.
    """
    tally = Tally()
    deeper = []         # (indent, failed) of results not yet summed up
    top, planned = 0, None
    for line in lines:
        if re.match(r'\s*Bail out!', line):
            tally.fail(line.strip())
            continue
        plan = _PLAN.match(line)
        if plan and not plan[1]:
            planned = int(plan[2])
            if plan[3]:
                tally.skip(plan[4] or 'skipped as a whole')
            continue
        result = _RESULT.match(line)
        if not result:
            continue
        indent = len(result[1])
        children = [bad for depth, bad in deeper if depth > indent]
        deeper = [entry for entry in deeper if entry[0] <= indent]
        bad = _count(tally, result, children)
        deeper.append((indent, bad))
        top += indent == 0
    if planned is not None and planned != top:
        tally.fail(f'{planned} cases were planned and {top} gave a result')
    return tally


def _count(tally, result, children):
    """Count one RESULT; CHILDREN tells which of its parts failed."""
    _, bad, _, name, _, directive, reason = result.groups()
    word = (directive or '').upper()
    if children:
        if bad and not any(children):
            tally.fail(name.strip())
        return bool(bad)
    if word == 'SKIP':
        tally.skip(f'{name.strip()}: {reason.strip() or "no reason given"}')
        return False
    if word == 'TODO':
        tally.skip(f'{name.strip()}: expected to fail ({reason.strip()})')
        return False
    if bad:
        tally.fail(name.strip())
    else:
        tally.passed += 1
    return bool(bad)
