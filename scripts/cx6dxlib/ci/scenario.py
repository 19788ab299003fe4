# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenario files: reading, checking, and the cases that come of them.

A file names its mistakes by line, key and what would be allowed.  One file
gives one case for each combination of its [matrix], named FILE/values.
"""

import copy
import fnmatch
import itertools
import re
import tomllib
from dataclasses import dataclass, field

from .. import paths, ui
from . import expr, schema

PLACE = paths.ROOT / 'scenarios'


class ScenarioError(ui.UsageError):
    """A scenario file that cannot be used."""


@dataclass
class Case:
    """One run: a scenario with its matrix values put in."""

    name: str
    file: object                # its path; None: made up by a seed
    top: dict
    tables: dict = field(default_factory=dict)

    def __getattr__(self, name):
        if name in schema.TOP:
            return self.top[name]
        try:
            return self.__dict__['tables'][name]
        except KeyError:
            raise AttributeError(name) from None

    def known(self, driver, kernel, failure):
        """The reason why FAILURE was to be expected, or None."""
        for entry in self.tables['known']:
            if entry['driver'] in ('', driver) and entry['kernel'] in kernel \
                    and entry['match'] in failure:
                return entry['reason']
        return None


# ---- where a mistake is ---------------------------------------------------

_HEADER = re.compile(r'\s*\[+\s*([\w.-]+)\s*\]+')
_ASSIGN = re.compile(r'\s*([\w-]+|"[^"]+")\s*=')


def _lines_of(text):
    """(table, number among its like or None, key) -> line number."""
    found, table, counts = {}, '', {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header and not _ASSIGN.match(line):
            table = header[1]
            counts[table] = counts.get(table, -1) + 1
            found.setdefault((table, counts[table], None), number)
            continue
        assign = _ASSIGN.match(line)
        if assign:
            found.setdefault((table, counts.get(table, 0),
                              assign[1].strip('"')), number)
    return found


class _Checker:
    """Checks one file; complain() ends it."""

    def __init__(self, name, text):
        self.name = name
        self.lines = _lines_of(text)

    def complain(self, table, number, key, what):
        line = self.lines.get((table, number, key)) \
            or self.lines.get((table, number, None)) or 1
        where = '.'.join(filter(None, (table, key)))
        raise ScenarioError(f'{self.name}:{line}: {where or "file"} {what}',
                            'cx6dx ci --explain lists tables and keys')

    def value(self, table, number, key, value, rule):
        """VALUE if it is as RULE wants it."""
        kinds = ' or '.join({'str': 'a string', 'int': 'a number',
                             'float': 'a fraction', 'bool': 'true or false',
                             'list': 'a list', 'dict': 'a table'}
                            [kind.__name__] for kind in rule.kinds)
        right = isinstance(value, rule.kinds) and (
            bool in rule.kinds or not isinstance(value, bool))
        if not right:
            self.complain(table, number, key, f'is {value!r}, not {kinds}')
        if isinstance(rule.allowed, tuple):
            if value not in rule.allowed:
                self.complain(table, number, key, f'is {value!r}, not one of '
                              + ', '.join(map(repr, rule.allowed)))
        elif rule.allowed and (wrong := rule.allowed(value)):
            self.complain(table, number, key, wrong if isinstance(value, list)
                          else f'({value!r}) {wrong}')
        return value

    def table(self, name, number, given, keys):
        """GIVEN with defaults filled in."""
        if not isinstance(given, dict):
            self.complain(name, number, None, 'is not a table')
        for key in given:
            if key not in keys:
                self.complain(name, number, key, 'is not known; allowed: '
                              + ', '.join(keys))
        return {key: self.value(name, number, key, given[key], rule)
                if key in given else copy.copy(rule.default)
                for key, rule in keys.items()}


# ---- one file -------------------------------------------------------------

def parse(text, name, path=None):
    """The Cases of a scenario file's TEXT; NAME is for messages and names."""
    shown = str(path.relative_to(paths.ROOT)) if path else f'{name}.toml'
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r'(.*) \(at line (\d+), column (\d+)\)', str(error))
        where, what = (f'{shown}:{found[2]}:{found[3]}', found[1]) if found \
            else (shown, error)
        raise ScenarioError(f'{where}: {what}') from error
    return build(given, name, path, _Checker(shown, text))


def build(given, name, path=None, checker=None):
    """The Cases of the tables GIVEN."""
    checker = checker or _Checker(name, '')
    top = checker.table('', 0, {key: value for key, value in given.items()
                                if key in schema.TOP}, schema.TOP)
    if not top['summary']:
        checker.complain('', 0, 'summary', 'is missing')
    for key in given:
        if key not in schema.TOP and key not in schema.TABLES \
                and key not in ('wire', 'matrix'):
            checker.complain('' if not isinstance(given[key], (dict, list))
                             else key, 0, key, 'is not known; tables: '
                             + ', '.join([*schema.TABLES, 'wire', 'matrix'])
                             + '; keys: ' + ', '.join(schema.TOP))
    cases = []
    for label, values in _combinations(checker, given.get('matrix', {})):
        tables = copy.deepcopy(given)
        for key, value in values.items():
            tables.setdefault(schema.MATRIX[key], {})[key] = value
        case = Case(f'{name}/{label}' if label else name, path, top,
                    _tables(checker, tables))
        _check_whole(checker, case)
        cases.append(case)
    return cases


def _combinations(checker, matrix):
    """(label, {key: value}) of each."""
    for key, values in matrix.items():
        if key not in schema.MATRIX:
            checker.complain('matrix', 0, key, 'is not known; allowed: '
                             + ', '.join(schema.MATRIX))
        if not isinstance(values, list) or not values:
            checker.complain('matrix', 0, key, 'is not a list of values')
        rule = {**schema.PATH, **schema.TABLES['traffic'][0]}[key]
        for value in values:
            checker.value('matrix', 0, key, value, rule)
    for values in itertools.product(*matrix.values()):
        yield '-'.join(_word(key, value) for key, value
                       in zip(matrix, values)), dict(zip(matrix, values))


def _word(key, value):
    if isinstance(value, str) and re.fullmatch(r'[\w.]+', value):
        return value if not value[0].isdigit() else f'{key}{value}'
    if key == 'key':
        return str(value)
    return f'{key}{value}'.replace(' ', '+') if not isinstance(value, bool) \
        else f"{'' if value else 'no-'}{key}"


def _tables(checker, given):
    tables = {}
    for name, (keys, repeated) in schema.TABLES.items():
        part = given.get(name, [] if repeated else {})
        if repeated != isinstance(part, list):
            checker.complain(name, 0, None, f'is written [[{name}]]'
                             if repeated else f'is written [{name}]')
        tables[name] = [checker.table(name, number, each, keys)
                        for number, each in enumerate(part)] \
            if repeated else checker.table(name, 0, part, keys)
    wire = given.get('wire')
    tables['wire'] = wire and {
        key: value for key, value in
        checker.table('wire', 0, wire, schema.WIRE).items()
        if value is not None}
    return tables


# ---- what keys say together -----------------------------------------------

def _check_whole(checker, case):
    traffic = case.traffic
    for key in ('tool',) + (('script',) if traffic['tool'] == 'records'
                            else ()):
        if traffic[key] is None:
            checker.complain('traffic', 0, key, 'is missing')
    other = schema.RECORDS if traffic['tool'] == 'stream' else schema.STREAM
    for key, rule in other.items():
        if traffic[key] != rule.default:
            checker.complain('traffic', 0, key, 'is not for tool = '
                             f'"{traffic["tool"]}"')
    if traffic['tool'] == 'records':
        if traffic['way'] == 'both':
            checker.complain('traffic', 0, 'way', 'both is for tool = '
                             '"stream"')
        if not traffic['key']:
            checker.complain('traffic', 0, 'key', '0 is for tool = "stream"')
    for name in ('before', 'after'):
        for number, entry in enumerate(case.tables[name]):
            if not entry['run']:
                checker.complain(name, number, 'run', 'is missing')
    for number, entry in enumerate(case.tables['fault']):
        if not entry['spec']:
            checker.complain('fault', number, 'spec', 'is missing')
    for number, entry in enumerate(case.tables['known']):
        if not entry['reason']:
            checker.complain('known', number, 'reason', 'is missing')
    _check_actions(checker, case)
    for name in ('counters', 'cx6dx', 'mlx5'):
        for text in case.expect[name]:
            try:
                expr.compile_text(text)
            except expr.ExprError as error:
                checker.complain('expect', 0, name, f"'{text}': {error}")


def _check_actions(checker, case):
    asked = set()
    if case.traffic['tool'] == 'records':
        asked = {int(word[1:]) for word in case.traffic['script'].split()
                 if word[0] == '@'}
    for number, entry in enumerate(case.tables['action']):
        ways = [key for key in ('run', 'fault', 'qmp') if entry[key]]
        if len(ways) != 1:
            checker.complain('action', number, None,
                             'has to have one of run, fault, qmp')
        if case.traffic['tool'] == 'stream' and entry['at'] is None:
            checker.complain('action', number, 'at', 'is missing')
        if case.traffic['tool'] == 'records' and number + 1 not in asked:
            checker.complain('action', number, None,
                             f'is never asked for (@{number + 1} in the '
                             'script)')
    for number in asked:
        if not 0 < number <= len(case.tables['action']):
            checker.complain('traffic', 0, 'script', f'has @{number}, but '
                             f"there are {len(case.tables['action'])} actions")


# ---- all files ------------------------------------------------------------

def load(path):
    """The Cases of the file at PATH."""
    return parse(path.read_text(encoding='utf-8'), path.stem, path)


def load_all(place=None):
    """All Cases, by name of their files."""
    cases = []
    for path in sorted((place or PLACE).glob('*.toml')):
        cases += load(path)
    return cases


def select(cases, names, driver=None):
    """Those of CASES that NAMES ask for: files, cases, tags, patterns."""
    fit = [case for case in cases
           if driver is None or driver in case.drivers]
    if not names or 'all' in names:
        return fit
    chosen, unknown = [], []
    for name in names:
        found = [case for case in cases if name in case.tags
                 or name in (case.name, case.name.split('/')[0])
                 or fnmatch.fnmatchcase(case.name, name)]
        if not found:
            unknown.append(name)
        chosen += [case for case in found if case in fit
                   and case not in chosen]
    if unknown:
        raise ui.UsageError(f"no scenario, tag or pattern '{unknown[0]}'",
                            'cx6dx ci --list names them')
    return chosen


def shard(cases, which, total):
    """Part WHICH (from 1) of TOTAL: every case is in exactly one.

    Neighbours go to different parts, so each has its share of the slow ones.
    """
    return cases[which - 1::total]
