#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations still fit their sources, and name scenarios that there are.

Those of the kernel need its source, which need not be here: they are tried
when `cx6dx mutate` runs, which refuses one that does not fit.
"""

import unittest

import tools
from cx6dxlib import driver, mutate, ui
from cx6dxlib.ci import scenario
from cx6dxlib.mutate import mutation, rebuild, repairs

_SOURCES = {'driver': driver.SOURCES, 'device': rebuild.Device.source}
_TEXT = '''static int one(int a)
{
\treturn a + 1;
}

int
two(int a,
    int b)
{
\treturn a + 1;
}
'''


def _edit(old, new, within=''):
    return mutation.Mutation('m', 'f.c', old, new, ('s',), 't', within)


class Edits(unittest.TestCase):
    def test_within_one_function(self):
        for name in ('one', 'two'):
            with self.subTest(name):
                done = mutation.mutated(_edit('a + 1', 'a', name), _TEXT)
                self.assertEqual(done.count('a + 1'), 1)

    def test_twice_is_refused(self):
        with self.assertRaises(ui.Failure):
            mutation.mutated(_edit('a + 1', 'a'), _TEXT)

    def test_no_such_function(self):
        with self.assertRaises(ui.Failure):
            mutation.mutated(_edit('a + 1', 'a', 'three'), _TEXT)

    def test_expression_with_group(self):
        done = mutation.mutated(
            _edit(mutation.sed(r'^\s*return (\w)'), r'return -\1', 'two'),
            _TEXT)
        self.assertIn('return -a + 1', done)


class Mutations(unittest.TestCase):
    def test_each_changes_its_source(self):
        for each in mutate.ALL:
            if each.part not in _SOURCES:
                continue
            with self.subTest(each.name):
                text = (_SOURCES[each.part] / each.file).read_text()
                self.assertNotEqual(mutation.mutated(each, text), text)

    def test_each_has_scenarios_for_its_driver(self):
        cases = scenario.load_all()
        for each in (*mutate.ALL, *repairs.ALL):
            with self.subTest(each.name):
                self.assertTrue(scenario.select(cases, each.suite,
                                                each.driver))

    def test_repairs_are_for_known_failures(self):
        cases = scenario.load_all()
        for each in repairs.ALL:
            for case in scenario.select(cases, each.suite, each.driver):
                with self.subTest(each.name, case=case.name):
                    self.assertTrue([entry for entry in case.tables['known'] if
                                     entry['driver'] in ('', each.driver)])

    def test_names_are_single(self):
        names = [each.name for each in (*mutate.ALL, *repairs.ALL)]
        self.assertEqual(len(names), len(set(names)))


if __name__ == '__main__':
    tools.main()
