#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenario files: what is understood, what is refused and how, how they are
shared out; expressions over counters; cases made up from a seed.
"""

import contextlib
import io
import tempfile
import types
import unittest
from pathlib import Path

import tools
from cx6dxlib import ui
from cx6dxlib.ci import (dice, expr, play, report, scenario, schema, stop,
                         twice)

SMALL = '''
summary = "it works"
[traffic]
tool = "stream"
'''


def parse(text):
    return scenario.parse(text, 'some')


class Files(unittest.TestCase):
    def refused(self, text, *parts):
        with self.assertRaises(scenario.ScenarioError) as caught:
            parse(text)
        for part in parts:
            self.assertIn(part, str(caught.exception))

    def test_defaults_are_filled_in(self):
        case, = parse(SMALL)
        self.assertEqual(case.name, 'some')
        self.assertEqual(case.drivers, ['cx6dx', 'mlx5'])
        self.assertEqual(case.path['mtu'], 1500)
        self.assertEqual(case.traffic['key'], 128)
        self.assertIsNone(case.wire)
        self.assertTrue(case.expect['no_plaintext'])

    def test_matrix_gives_a_case_for_each_combination(self):
        cases = parse(SMALL + '[matrix]\nkey = [128, 256]\n'
                      'family = ["ipv4", "ipv6"]\n')
        self.assertEqual([case.name for case in cases],
                         ['some/128-ipv4', 'some/128-ipv6', 'some/256-ipv4',
                          'some/256-ipv6'])
        self.assertEqual([case.traffic['key'] for case in cases],
                         [128, 128, 256, 256])
        self.assertEqual(cases[1].path['family'], 'ipv6')

    def test_broken_toml_is_told_with_line_and_column(self):
        self.refused('summary = "x"\nfoo = \n', 'some.toml:2:')

    def test_unknown_key_is_told_with_line_and_what_is_allowed(self):
        self.refused(SMALL + 'connection = 3\n', 'some.toml:5:',
                     'traffic.connection', 'connections')

    def test_unknown_table_is_told(self):
        self.refused(SMALL + '[trafic]\n', 'some.toml:5:', 'trafic')

    def test_value_of_the_wrong_kind(self):
        self.refused(SMALL + 'connections = "3"\n', ':5:', 'a number')
        self.refused(SMALL + 'sendfile = 1\n', ':5:', 'true or false')
        self.refused(SMALL + 'connections = true\n', ':5:', 'a number')

    def test_value_that_is_not_allowed(self):
        self.refused(SMALL + 'key = 192\n', ':5:', '0, 128, 256')
        self.refused(SMALL + 'bytes = "3X"\n', ':5:', 'number of bytes')

    def test_second_table_of_its_kind_is_found(self):
        self.refused(SMALL + '[[after]]\nrun = "true"\n[[after]]\nend = "up"\n',
                     'some.toml:8:', 'near')

    def test_missing_parts(self):
        self.refused('[traffic]\ntool = "stream"\n', 'summary')
        self.refused('summary = "x"\n', 'tool')
        self.refused('summary = "x"\n[traffic]\ntool = "records"\n', 'script')

    def test_keys_of_the_other_tool_are_refused(self):
        self.refused(SMALL + 'script = "100"\n', 'tool = "stream"')

    def test_scripts(self):
        head = 'summary = "x"\n[traffic]\ntool = "records"\nscript = '
        self.assertTrue(parse(head + '"100x3 m5 f1K s70000 c21:2x3 p R"'))
        self.refused(head + '"100 q7"', 'q7')
        self.refused(head + '"100 @1"', '0 actions')

    def test_actions_have_one_meaning_and_a_moment(self):
        self.refused(SMALL + '[[action]]\nrun = "true"\n', 'action.at')
        self.refused(SMALL + '[[action]]\nat = 5\n', 'one of run')

    def test_expressions_are_checked_at_once(self):
        self.refused(SMALL + '[expect]\ncounters = ["near.x >"]\n', ':6:',
                     'near.x >')

    def test_a_pattern_is_a_pattern(self):
        self.refused(SMALL + '[expect]\nreports = "("\n', ':6:',
                     'regular expression')

    def test_all_files_of_the_suite_are_right(self):
        cases = scenario.load_all()
        self.assertGreaterEqual(len({case.file for case in cases}), 60)
        names = [case.name for case in cases]
        self.assertEqual(len(names), len(set(names)))

    def test_known_failures_are_known_where_they_are(self):
        case, = parse(SMALL + '[[known]]\ndriver = "mlx5"\nmatch = "ooo"\n'
                      'reason = "since 6.1"\n')
        self.assertEqual(case.known('mlx5', 'x', 'tx_tls_ooo is 3'),
                         'since 6.1')
        self.assertIsNone(case.known('cx6dx', 'x', 'tx_tls_ooo is 3'))
        self.assertIsNone(case.known('mlx5', 'x', 'stalled'))

    def test_explanation_names_every_key(self):
        text = schema.explain()
        for keys, _ in schema.TABLES.values():
            for key in keys:
                self.assertIn(key, text)


class Choice(unittest.TestCase):
    def setUp(self):
        self.cases = []
        for name, tag in (('a-one', 'x'), ('a-two', 'y'), ('b', 'x')):
            self.cases += scenario.parse(
                f'tags = ["{tag}"]\n' + SMALL + '[matrix]\nkey = [128, 256]\n',
                name)

    def names(self, *wanted):
        return [case.name for case in scenario.select(self.cases, wanted)]

    def test_by_tag_file_case_and_pattern(self):
        self.assertEqual(len(self.names('all')), 6)
        self.assertEqual(self.names('y'), ['a-two/128', 'a-two/256'])
        self.assertEqual(self.names('b'), ['b/128', 'b/256'])
        self.assertEqual(self.names('b/256'), ['b/256'])
        self.assertEqual(len(self.names('a-*')), 4)

    def test_nothing_twice(self):
        self.assertEqual(len(self.names('x', 'b', 'a-one/*')), 4)

    def test_unknown_name_is_refused(self):
        with self.assertRaises(ui.UsageError):
            self.names('zzz')

    def test_shards_are_a_partition(self):
        for total in range(1, 9):
            parts = [scenario.shard(self.cases, which, total)
                     for which in range(1, total + 1)]
            together = [case.name for part in parts for case in part]
            self.assertEqual(sorted(together),
                             sorted(case.name for case in self.cases))
            sizes = [len(part) for part in parts]
            self.assertLessEqual(max(sizes) - min(sizes), 1)


class Expressions(unittest.TestCase):
    BEFORE = ({'a': 10, 'b': 1}, {'a': 5})
    AFTER = ({'a': 13, 'b': 1}, {'a': 9})

    def holds(self, text, **functions):
        return expr.evaluate(text, self.BEFORE, self.AFTER,
                             {'connections': 3}, functions)[0]

    def test_counters_are_differences(self):
        self.assertTrue(self.holds('near.a == 3 and far.a == 4'))
        self.assertTrue(self.holds('near.a == connections'))
        self.assertTrue(self.holds('both.a == 3'))
        self.assertTrue(self.holds('now.far.a == 9'))
        self.assertFalse(self.holds('near.b > 0'))

    def test_what_was_looked_at_is_told(self):
        _, seen = expr.evaluate('near.a + far.a > 1', self.BEFORE, self.AFTER,
                                {}, {})
        self.assertEqual(seen, {'near.a': 3, 'far.a': 4})

    def test_functions(self):
        self.assertTrue(self.holds('acted(2) == 7', acted=lambda n: n + 5))

    def test_unknown_counter_is_told_with_those_like_it(self):
        with self.assertRaisesRegex(expr.ExprError, "no counter 'aa'"):
            self.holds('near.aa > 0')

    def test_python_beyond_expressions_is_refused(self):
        for text in ('__import__("os")', 'near.a.__class__', 'open("x")',
                     '[x for x in y]', 'lambda: 1', 'near', 'foo.bar > 1',
                     'now.a > 1', 'x = 1'):
            with self.subTest(text), self.assertRaises(expr.ExprError):
                self.holds(text)
                if text == 'near':      # a name alone says nothing
                    raise expr.ExprError


class Dice(unittest.TestCase):
    def test_same_seed_same_cases(self):
        for number in range(50):
            one = dice.make(7, number, 'cx6dx')
            two = dice.make(7, number, 'cx6dx')
            self.assertEqual(one.tables, two.tables)

    def test_a_name_is_enough_to_have_it_again(self):
        case = dice.again('random:7:12', 'mlx5')
        self.assertEqual(case.tables, dice.make(7, 12, 'mlx5').tables)
        with self.assertRaises(ui.UsageError):
            dice.again('random:x', 'mlx5')

    def test_seeds_differ(self):
        self.assertNotEqual(dice.make(1, 0, 'cx6dx').tables,
                            dice.make(2, 0, 'cx6dx').tables)


class Reports(unittest.TestCase):
    def test_xml_holds_only_what_xml_can(self):
        self.assertEqual(report._printable('a\x00\x1bb\n'), 'ab\n')

    def told(self, planned, *outcomes):
        with contextlib.redirect_stdout(io.StringIO()):
            made = report.Report('a title', lambda name: f'again {name}',
                                 planned)
            for outcome in outcomes:
                made.tell(outcome, f'{outcome.name} goes on')
        return made

    def files(self, made):
        with tempfile.TemporaryDirectory() as folder:
            made.write(Path(folder))
            return Path(folder, 'report.html').read_text(), \
                Path(folder, 'junit.xml').read_text()

    def test_a_page_needs_nothing_but_itself(self):
        made = self.told(1, play.Outcome('a/1', failures=['x < 3']))
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder, 'conn.png')
            picture.write_bytes(b'png')
            made.pictures['a/1'] = [picture]
            page, _ = self.files(made)
        self.assertIn('src="data:image/png;base64,', page)
        for word in ('http:', 'https:', 'href="/', 'src="/', '<link'):
            self.assertNotIn(word, page)

    def test_a_failure_is_told_with_what_it_is_about_and_how_to_see_it(self):
        bad = play.Outcome('a/1', failures=['x < 3'], rerun='it holds')
        page, junit = self.files(self.told(2, bad, play.Outcome('b')))
        for text in ('a/1 goes on', 'x &lt; 3', 'again a/1', 'It holds',
                     'href="#a/1"'):
            self.assertIn(text, page)
        self.assertIn('failures="1" errors="0"', junit)
        self.assertIn('it holds', junit)

    def test_a_run_that_was_ended_is_no_success(self):
        page, junit = self.files(self.told(
            3, play.Outcome('a'), play.Outcome('end-of-guest (1 cases)')))
        self.assertIn('2 were not played', page)
        self.assertIn('errors="1"', junit)
        page, junit = self.files(self.told(1, play.Outcome('a')))
        self.assertNotIn('not played', page + junit)
        page, junit = self.files(self.told(None, play.Outcome('a')))
        self.assertNotIn('not played', page + junit)

    def test_why_one_is_skipped(self):
        page, _ = self.files(self.told(1, play.Outcome('a', skipped='no tc')))
        self.assertIn('no tc', page)


class KernelReports(unittest.TestCase):
    def judged(self, wanted, reports):
        case, = parse(SMALL + f'[expect]\nreports = "{wanted}"\n')
        guest = types.SimpleNamespace(expected_reports=[])
        lab = types.SimpleNamespace(
            spec=types.SimpleNamespace(driver='cx6dx'), guest=guest,
            complaints=lambda: (reports, 'console'))
        work = play.Play(lab, case)
        work._judge_reports()
        return work.outcome, guest.expected_reports

    def test_none_is_wanted(self):
        self.assertEqual(self.judged('', [])[0].failures, [])
        outcome, forgiven = self.judged('', ['WARNING: x'])
        self.assertEqual(outcome.kind, 'kernel report')
        self.assertEqual(forgiven, [])

    def test_one_is_wanted_and_no_other(self):
        outcome, forgiven = self.judged('WATCHDOG', ['NETDEV WATCHDOG: q 1'])
        self.assertEqual((outcome.failures, outcome.kind), ([], ''))
        self.assertEqual(forgiven, ['WATCHDOG'])
        outcome, _ = self.judged('WATCHDOG', ['NETDEV WATCHDOG: q 1', 'BUG: x'])
        self.assertEqual(outcome.failures, ['the kernel reports: BUG: x'])

    def test_one_is_wanted_and_does_not_come(self):
        outcome, _ = self.judged('WATCHDOG', [])
        self.assertIn('does not report', outcome.failures[0])
        self.assertEqual(outcome.kind, '')


class Repeats(unittest.TestCase):
    def test_differences_are_told_by_file_and_line(self):
        with tempfile.TemporaryDirectory() as folder:
            one, two = Path(folder, '1'), Path(folder, '2')
            for place in (one, two):
                place.mkdir()
                (place / 'device-trace.log').write_text('a\nb\n')
                (place / 'console.log').write_text('c\n')
            self.assertEqual(twice.differences(one, two), [])
            (two / 'device-trace.log').write_text('a\nx\n')
            (two / 'console.log').write_text('c\nd\n')
            (two / 'near.pcap').write_text('')
            found = twice.differences(one, two)
            self.assertEqual(len(found), 3)
            self.assertIn("line 2: 'b', then 'x'", found[0])
            self.assertIn('console.log is not the same', found[1])
            self.assertIn('near.pcap is there once', found[2])

    def test_no_trace_is_no_success(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn('no trace', twice.differences(
                Path(folder), Path(folder))[0])

    def test_where_to_stop(self):
        self.assertEqual(stop.rule('rx:far:record=8'),
                         ('far', 'rx-stop:record=8'))
        self.assertEqual(stop.rule('tx:near'), ('near', 'tx-stop'))
        for text in ('far', 'rx', 'rx:middle', 'both:far:record=1'):
            with self.assertRaises(ui.UsageError):
                stop.rule(text)


if __name__ == '__main__':
    tools.main()
