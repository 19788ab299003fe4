# SPDX-License-Identifier: GPL-2.0-or-later
"""Layouts as data: ours from the PRM headers, the kernel's from mlx5_ifc.h.

Ours are read as text, not through the compiler: what is compared is what
stands there.  The kernel writes a structure with one array element of type u8
for each bit, so that an offset in its structures is an offset in bits.

A layout becomes {name: (first bit, bits)}; bit 0 is the most significant one of
byte 0.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = [ROOT / 'include/hw/net' / name for name in (
    'cx6dx_tls_prm.h', 'cx6dx_tls_prm_cap.h', 'cx6dx_tls_prm_cmd.h',
    'cx6dx_tls_prm_wqe.h')]


class Layout:
    """One of our layouts: size in bytes, fields and areas in bits."""

    def __init__(self, name, size):
        self.name = name
        self.size = size
        self.fields = {}
        self.areas = {}


def ours():
    """{name: Layout} of all CX6DX_LAYOUT in the PRM headers, in order."""
    layouts = {}
    for path in HEADERS:
        text = path.read_text(encoding='utf-8').replace('\\\n', ' ')
        lists = dict(re.findall(r'#define CX6DX_LIST_(\w+)\(F, A, L\)(.*)',
                                text))
        for name, size in re.findall(r'^CX6DX_LAYOUT\((\w+), (\w+)\)', text,
                                     re.M):
            layouts[name] = _ours_one(name, int(size, 0), lists[name])
    return layouts


def _ours_one(name, size, text):
    layout = Layout(name, size)
    item = re.compile(r'\b([FA])\(L,\s*(\w+)((?:,\s*\w+)+)\)')
    for kind, field, rest in item.findall(text):
        numbers = [int(n, 0) for n in rest.split(',')[1:]]
        if kind == 'F':
            word, msb, lsb = numbers
            layout.fields[field] = (word * 8 + 31 - msb, msb - lsb + 1)
        else:
            layout.areas[field] = (numbers[0] * 8, numbers[1] * 8)
    return layout


# ---- the kernel's header ---------------------------------------------------

class Struct:
    """A structure or union: size in bits, members as (path, first, bits)."""

    def __init__(self):
        self.bits = 0
        self.members = []


class KernelHeader:
    """mlx5_ifc.h: the structures by the name between mlx5_ifc_ and _bits."""

    TOKEN = re.compile(r'[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+|[{}\[\];()=,+*<>-]')

    def __init__(self, path):
        text = self._with_neighbours(Path(path))
        text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
        text = re.sub(r'//.*', ' ', text)
        self.macros = dict(re.findall(
            r'^\s*#\s*define\s+(\w+)\s+((?:.*\\\n)*.*)', text, flags=re.M))
        text = re.sub(r'^\s*#.*(?:\\\n.*)*', ' ', text, flags=re.M)
        self.tokens = self.TOKEN.findall(text)
        self.at = 0
        self.structs = {}
        self.constants = {}
        while self.at < len(self.tokens):
            self._toplevel()

    @staticmethod
    def _with_neighbours(path):
        """The header's text with the headers beside it that it includes."""
        def included(match):
            near = path.parent / match.group(1)
            if not near.exists():
                return ''
            return near.read_text(encoding='utf-8', errors='replace')

        text = path.read_text(encoding='utf-8', errors='replace')
        return re.sub(r'^#include "(\S+)"', included, text, flags=re.M)

    def _take(self):
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _toplevel(self):
        token = self._take()
        following = self.tokens[self.at:self.at + 2]
        if token == 'enum':
            self._enum()
        elif token in ('struct', 'union') and following[1:] == ['{']:
            tag = self._take()
            self.structs[tag] = self._body(token == 'union')

    def _enum(self):
        while self._take() != '{':
            pass
        value = -1
        while self.tokens[self.at] != '}':
            name = self._take()
            value = value + 1 if value is not None else None
            if self.tokens[self.at] == '=':
                self._take()
                words = []
                while self.tokens[self.at] not in ',}':
                    words.append(self._take())
                value = int(words[0], 0) if len(words) == 1 and \
                    words[0][0].isdigit() else None
            self.constants[name] = value
            if self.tokens[self.at] == ',':
                self._take()
        self._take()

    def _body(self, union):
        """Members up to and including the closing brace."""
        self._take()
        out = Struct()
        first = 0
        while self.tokens[self.at] != '}':
            inner = self._member(first, out)
            out.bits = max(out.bits, first + inner)
            if not union:
                first += inner
        self._take()
        return out

    def _member(self, first, out):
        """Take one declaration that begins at bit FIRST; its bits."""
        kind = self._take()
        if kind == 'DECLARE_FLEX_ARRAY':
            while self._take() != ';':
                pass
            return 0
        inner = None
        if kind in ('struct', 'union'):
            if self.tokens[self.at] == '{':
                inner = self._body(kind == 'union')
            else:
                inner = self.structs[self._take()]
                if self.tokens[self.at] == '{':
                    raise ValueError('tagged structure inside a structure')
        elif kind != 'u8':
            raise ValueError(f'member of type {kind}')
        name = '' if self.tokens[self.at] == ';' else self._take()
        dims = self._dimensions()
        self._take()
        unit = inner.bits if inner else 1
        if not dims and not inner:
            unit = 8
        total = unit
        for dim in dims:
            total *= dim
        if name:
            out.members.append((name, first, total))
        for path, off, bits in inner.members if inner else ():
            out.members.append((f'{name}.{path}' if name else path,
                                first + off, bits))
        return total

    def _dimensions(self):
        dims = []
        while self.tokens[self.at] == '[':
            self._take()
            word = self._take() if self.tokens[self.at] != ']' else '0'
            dims.append(self._number(word))
            if self._take() != ']':
                raise ValueError(f'dimension {word} is an expression')
        return dims

    def _number(self, word):
        """A literal, a constant of an enum, or a macro that is a sum of such."""
        word = word.replace('\\\n', ' ').strip()
        if word.startswith('(') and word.endswith(')'):
            return self._number(word[1:-1])
        if '+' in word:
            return sum(self._number(part) for part in word.split('+'))
        if word[0].isdigit():
            return int(word, 0)
        if self.constants.get(word) is not None:
            return self.constants[word]
        return self._number(self.macros[word])

    def find(self, name):
        """{path with dots as underscores: (first bit, bits)}, size in bytes."""
        struct = self.structs.get(f'mlx5_ifc_{name}_bits')
        if struct is None:
            return None, 0
        return ({path: (first, bits) for path, first, bits in struct.members},
                struct.bits // 8)
