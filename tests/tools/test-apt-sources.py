#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How the machine's own sources of packages are read, in both notations."""

import unittest

import tools

from cx6dxlib import apt

DEB822 = """\
# a comment
Types: deb deb-src
URIs: http://one.example/debian/
 http://two.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/a.gpg

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
"""

ONE_LINE = """\
# deb http://off.example/debian bookworm main
deb [arch=amd64 signed-by=/a.gpg] http://one.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb http://flat.example/debian bookworm contrib
deb http://two.example/debian bookworm main non-free # and a remark
"""


class Sources(unittest.TestCase):
    def test_deb822(self):
        found = list(apt._deb822_entries(DEB822))
        self.assertEqual([entry.uri for entry in found],
                         ['http://one.example/debian',
                          'http://two.example/debian'])
        self.assertEqual(found[0].suites, ['bookworm', 'bookworm-updates'])
        self.assertEqual(found[0].options,
                         {'signed-by': '/usr/share/keyrings/a.gpg'})

    def test_one_line(self):
        found = list(apt._one_line_entries(ONE_LINE))
        self.assertEqual([entry.uri for entry in found],
                         ['http://one.example/debian',
                          'http://two.example/debian'])
        self.assertEqual(found[0].options['signed-by'], '/a.gpg')

    def test_entry_without_keyring_gets_debians(self):
        archive = apt.Archive('http://one.example/debian', ['bookworm'], {})
        text = apt.sources_list('sid', 'deb-src', archive)
        self.assertEqual(text, f'deb-src [signed-by={apt.KEYRING}] '
                         'http://one.example/debian sid main\n')

    def test_unknown_family_is_a_usage_error(self):
        with self.assertRaises(apt.ui.UsageError):
            apt.sources_list('warty')

    def test_newest_is_in_the_order_of_dpkg(self):
        self.assertEqual(apt._newest(['1:9.2', '1:10.0~rc1', '1:10.0']),
                         '1:10.0')


tools.main()
