#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How the output of the kernel's driver selftests is read and explained."""

import tempfile
import unittest
from pathlib import Path

import tools

from cx6dxlib import selftests


def verdicts(lines, status=0):
    return [(case.name, case.verdict)
            for case in selftests.parse('hw/x.py', lines, status)]


class Parse(unittest.TestCase):
    def test_cases_of_a_python_test(self):
        self.assertEqual(
            verdicts(['KTAP version 1', '1..4', 'ok 1 x.a', '# Check failed 1',
                      'not ok 2 x.b.v4', 'ok 3 x.c # SKIP none',
                      'ok 4 x.d # XFAIL never'], 1),
            [('a', 'pass'), ('b.v4', 'fail'), ('c', 'skip'), ('d', 'xfail')])

    def test_what_a_failure_said(self):
        case = selftests.parse('x.py', ['# Exception| ValueError: bad',
                                        'not ok 1 x.a'], 1)[0]
        self.assertEqual(case.said, 'ValueError: bad')

    def test_results_of_a_script(self):
        self.assertEqual(
            verdicts(['TEST: ping  [ OK ]', 'TEST: pong  [FAIL]',
                      'TEST: pung  [SKIP]'], 1),
            [('ping', 'pass'), ('pong', 'fail'), ('pung', 'skip')])

    def test_a_script_that_skips_itself(self):
        self.assertEqual(verdicts(['SKIP: no tool'], 4), [('(all)', 'skip')])

    def test_an_end_without_results_is_a_failure(self):
        self.assertEqual(verdicts(['1..3', 'ok 1 x.a'], 1),
                         [('a', 'pass'), ('(the rest)', 'fail')])
        self.assertEqual(verdicts([], 1), [('(its end)', 'fail')])
        self.assertEqual(verdicts(['ok 1 x.a'], 139),
                         [('a', 'pass'), ('(its end)', 'fail')])


class Explain(unittest.TestCase):
    def setUp(self):
        with tempfile.NamedTemporaryFile('w') as text:
            text.write('# a comment\n\nx.a* | no (tool|door) | guest | why\n'
                       'x.b | . | model | lacks it\n')
            text.flush()
            self.known = selftests.known_reasons(Path(text.name))

    def explained(self, name, verdict, said):
        outcome = selftests.Outcome('hw/x.py',
                                    [selftests.Case(name, verdict, said)])
        selftests.explain(outcome, self.known)
        return outcome.cases[0]

    def test_a_known_reason_is_no_failure(self):
        self.assertFalse(self.explained('ab', 'fail', 'no door').bad)
        self.assertFalse(self.explained('ab', 'skip', 'no tool').bad)

    def test_what_nobody_has_explained_is(self):
        self.assertTrue(self.explained('ab', 'skip', 'no idea').bad)
        self.assertTrue(self.explained('c', 'fail', 'no door').bad)

    def test_a_failure_of_the_model_is_one_even_if_known(self):
        self.assertTrue(self.explained('b', 'fail', 'gone').bad)
        self.assertFalse(self.explained('b', 'skip', 'gone').bad)

    def test_the_table_of_this_checkout_can_be_read(self):
        self.assertGreater(len(selftests.known_reasons()), 10)


class Tests(unittest.TestCase):
    def test_names_come_from_the_makefiles(self):
        with tempfile.TemporaryDirectory() as tree:
            place = Path(tree) / selftests.SELFTESTS / 'drivers/net'
            place.mkdir(parents=True)
            (place / 'Makefile').write_text(
                'TEST_PROGS := \\\n\tb.py \\\n\ta.sh \\\n\tgone.py \\\n# end\n')
            for name in ('a.sh', 'b.py', 'c.py'):
                (place / name).touch()
            found = selftests.list_tests(Path(tree))
        self.assertEqual(found, ['drivers/net/b.py', 'drivers/net/a.sh'])
        self.assertEqual(selftests.choose(found, ['a']), ['drivers/net/a.sh'])
        with self.assertRaises(selftests.ui.UsageError):
            selftests.choose(found, ['c'])


tools.main()
