#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/check-rooms, on small trees with one fault each."""

import tempfile
import unittest
from pathlib import Path

import tools

rooms = tools.load('scripts/check-rooms')

HEAD = '/*\n * SPDX-License-Identifier: GPL-2.0-or-later\n */\n'
PURE = 'hw/net/cx6dx_tls/pure/'


class CheckRooms(unittest.TestCase):
    def findings(self, name, text, head=HEAD):
        """(rule, text) of the errors in a tree with only the file NAME."""
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, name)
            path.parent.mkdir(parents=True)
            path.write_text(head + text)
            before, rooms.ROOT = rooms.ROOT, Path(place)
            try:
                found = rooms.check_tree()
            finally:
                rooms.ROOT = before
        return {rule for rule, texts in found.errors.items() if texts}

    def test_good_header_has_no_finding(self):
        self.assertEqual(self.findings(
            PURE + 'record.h', '#include "qemu/osdep.h"\n'
            '#include "pure/aead.h"\n/* see http://a // b */\n'), set())

    def test_pure_may_not_include_nic(self):
        self.assertEqual(self.findings(
            PURE + 'record.h', '#include "nic/cq.h"\n'), {'includes'})

    def test_pure_room_may_not_include_a_stranger(self):
        self.assertEqual(self.findings(
            PURE + 'aead.h', '#include "pure/record.h"\n'), {'includes'})

    def test_only_aead_knows_the_cipher_provider(self):
        self.assertEqual(self.findings(
            PURE + 'record.h', '#include <gcrypt.h>\n'), {'includes'})

    def test_nic_may_not_include_the_front(self):
        self.assertEqual(self.findings(
            'hw/net/cx6dx_tls/nic/cq.h', '#include "hw/pci/pci.h"\n'),
            {'includes'})

    def test_driver_may_not_include_the_device(self):
        self.assertEqual(self.findings(
            'guest-driver/cx6dx_tx.c', '#include "../hw/net/x.h"\n'),
            {'includes'})

    def test_room_needs_header_and_test(self):
        self.assertEqual(self.findings(PURE + 'aead.c', ''), {'rooms'})

    def test_file_that_the_build_does_not_name(self):
        recipe = 'hw/net/cx6dx_tls/meson.build'
        self.assertEqual(self.findings(
            recipe, "files('nic/gone.c')\n",
            '# SPDX-License-Identifier: GPL-2.0-or-later\n'), {'rooms'})

    def test_long_function(self):
        body = '    a();\n' * 120
        self.assertEqual(self.findings(
            PURE + 'aead.h', f'void f(void)\n{{\n{body}}}\n'),
            {'function sizes'})

    def test_long_file(self):
        self.assertEqual(self.findings(PURE + 'aead.h', 'int a;\n' * 900),
                         {'file sizes'})

    def test_comment_form(self):
        self.assertEqual(self.findings(PURE + 'aead.h', 'int a; // b\n'),
                         {'comments'})

    def test_kernel_spdx_form(self):
        head = '// SPDX-License-Identifier: GPL-2.0-or-later\n'
        self.assertEqual(self.findings('guest-driver/a.c', '', head), set())

    def test_no_spdx(self):
        self.assertEqual(self.findings(PURE + 'aead.h', 'int a;\n', ''),
                         {'SPDX lines'})

    def test_tab_and_trailing_blank(self):
        self.assertEqual(self.findings(PURE + 'aead.h', '\tint a;\n'),
                         {'blanks and tabs'})
        self.assertEqual(self.findings(PURE + 'aead.h', 'int a; \n'),
                         {'blanks and tabs'})

    def test_width(self):
        self.assertEqual(self.findings(PURE + 'aead.h', 'x' * 91 + '\n'),
                         {'columns'})


tools.main()
