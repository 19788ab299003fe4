#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The reader of test results, on outputs that have fooled such readers."""

import unittest

import tools

from cx6dxlib import tap


def tally(*lines):
    found = tap.parse(lines)
    return found.passed, found.failed, found.skipped


class Tap(unittest.TestCase):
    def test_passes_and_failures(self):
        self.assertEqual(tally('1..2', 'ok 1 /a', 'not ok 2 /b'), (1, 1, 0))

    def test_skip(self):
        self.assertEqual(tally('1..1', 'ok 1 a # SKIP no net'), (0, 0, 1))

    def test_plan_not_kept_is_a_failure(self):
        self.assertEqual(tally('1..3', 'ok 1 a', 'ok 2 b'), (2, 1, 0))

    def test_plan_of_nothing_is_a_skip(self):
        self.assertEqual(tally('1..0 # SKIP no device'), (0, 0, 1))

    def test_bail_out_is_a_failure(self):
        self.assertEqual(tally('ok 1 a', 'Bail out! dead'), (1, 1, 0))

    def test_sum_of_subtests_is_not_counted(self):
        self.assertEqual(tally('1..1', '    1..2', '    ok 1 a',
                               '    not ok 2 b', 'not ok 1 both'), (1, 1, 0))

    def test_failure_beside_good_subtests_is_counted(self):
        self.assertEqual(tally('    ok 1 a', 'not ok 1 all'), (1, 1, 0))

    def test_failed_as_expected_is_no_pass(self):
        self.assertEqual(tally('not ok 1 a # TODO later'), (0, 0, 1))

    def test_other_output_is_ignored(self):
        self.assertEqual(tally('okay so far', 'not okay', '# ok 1 x'),
                         (0, 0, 0))


tools.main()
