#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Mutations still fit the driver, and name scenarios that there are."""

import tempfile
import shutil
import unittest
from pathlib import Path

import tools
from cx6dxlib import driver, mutate, mutations
from cx6dxlib.ci import scenario


class Mutations(unittest.TestCase):
    def test_each_changes_the_driver(self):
        with tempfile.TemporaryDirectory() as folder:
            for number, each in enumerate(mutations.ALL):
                with self.subTest(each.name):
                    place = Path(folder) / str(number)
                    shutil.copytree(driver.SOURCES, place)
                    mutate.apply(each, place)
                    self.assertNotEqual(
                        (place / each.file).read_text(),
                        (driver.SOURCES / each.file).read_text())

    def test_each_has_scenarios_for_our_driver(self):
        cases = scenario.load_all()
        for each in mutations.ALL:
            with self.subTest(each.name):
                self.assertTrue(scenario.select(cases, each.suite, 'cx6dx'))

    def test_names_are_single(self):
        names = [each.name for each in mutations.ALL]
        self.assertEqual(len(names), len(set(names)))


if __name__ == '__main__':
    tools.main()
