# SPDX-License-Identifier: GPL-2.0-or-later
"""What a mutation is: one edit of one file, and who should notice it.

What is replaced has to be there exactly once, in the file or in the function
`within`, so that a mutation never quietly stops being one.
"""

import re
from typing import NamedTuple

from .. import ui

PARTS = ('driver', 'device', 'kernel')


class Mutation(NamedTuple):
    """One mistake.

    `old` is a text, or a regular expression (see sed()); in the latter's
    `new` \\1 stands for a group.  `survives` says why nothing can notice it.
    """

    name: str
    file: str               # below the directory of its part
    old: object
    new: str
    suite: tuple            # scenarios, the likeliest first
    text: str
    within: str = ''        # function that the edit is in
    part: str = 'driver'    # which source it is in
    driver: str = 'cx6dx'   # in the guest, while the scenarios run
    survives: str = ''


def sed(pattern):
    """A regular expression for Mutation.old; ^ and $ are those of lines."""
    return re.compile(pattern, re.M)


def function(text, name):
    """(begin, end) of the definition of C function NAME in TEXT, or None."""
    found = re.search(rf'^(?:\w[^\n;{{}}()]*[ *\n])?{name}\([^;{{}}]*\)\s*\{{'
                      r'.*?^\}', text, re.M | re.S)
    return found and found.span()


def mutated(mutation, text):
    """TEXT with the mistake in it."""
    begin, end = 0, len(text)
    if mutation.within:
        span = function(text, mutation.within)
        if not span:
            raise ui.Failure(f'{mutation.name}: {mutation.file} has no '
                             f'function {mutation.within}')
        begin, end = span
    plain = not isinstance(mutation.old, re.Pattern)
    pattern = re.compile(re.escape(mutation.old)) if plain else mutation.old
    found = list(pattern.finditer(text[begin:end]))
    if len(found) != 1:
        raise ui.Failure(f'{mutation.name}: what is to be replaced is '
                         f'{len(found)} times in {mutation.file} '
                         f'{mutation.within}'.rstrip(),
                         'adapt the tables in scripts/cx6dxlib/mutate/')
    new = mutation.new if plain else found[0].expand(mutation.new)
    first, last = found[0].span()
    return text[:begin + first] + new + text[begin + last:]


def apply(mutation, place):
    """Put MUTATION into the copy of its part's source in PLACE."""
    path = place / mutation.file
    path.write_text(mutated(mutation, path.read_text()))
