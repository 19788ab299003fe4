# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions over counters: what has to hold after a scenario.

    near.tx_tls_ooo > 0                 how far a counter moved, on one end:
                                        ethtool -S, tls_stat, snmp, netstat
    now.far.TlsCurrRxDevice == 0        what it is at the end
    both.rx_tls_resync_res_ok > 0       the smaller of the two ends
    acted(1) == 1                       rule 1 of [wire] acted once
    wire('rx', 'lost') > 3              statistics of filter-impair
    fired('far', 'rx-lose-state') == 1  a fault of a device
    splits('header') == 4               places where records' headers were cut
    bytes, connections, key, driver     of the run

Numbers, + - * / // %, comparisons, and, or, not, min, max, abs are known, and
nothing else of Python.
"""

import ast
import difflib

NAMES = ('bytes', 'connections', 'key', 'driver', 'family', 'way', 'resync')
FUNCTIONS = ('min', 'max', 'abs', 'acted', 'wire', 'fired', 'splits')
ROOTS = ('near', 'far', 'both', 'now')
_NODES = (ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not,
          ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div,
          ast.FloorDiv, ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt,
          ast.LtE, ast.Gt, ast.GtE, ast.Call, ast.Name, ast.Load,
          ast.Attribute, ast.Constant)


class ExprError(Exception):
    """An expression that cannot be understood, or names nothing."""


def compile_text(text):
    """The code of expression TEXT, or an ExprError."""
    try:
        tree = ast.parse(text, mode='eval')
    except SyntaxError as error:
        raise ExprError(f'{error.msg} at column {error.offset}') from error
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise ExprError(f'{type(node).__name__} is not allowed')
        if isinstance(node, ast.Call) and (
                not isinstance(node.func, ast.Name)
                or node.func.id not in FUNCTIONS or node.keywords):
            raise ExprError('functions are ' + ', '.join(FUNCTIONS))
        if isinstance(node, ast.Name) and \
                node.id not in NAMES + FUNCTIONS + ROOTS:
            raise ExprError(f"'{node.id}' is not known; names are "
                            + ', '.join(ROOTS + NAMES))
        if isinstance(node, ast.Attribute):
            _check_attribute(node)
    return compile(tree, text, 'eval')


def _check_attribute(node):
    inner = node.value
    if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) \
            and inner.value.id == 'now' and inner.attr in ('near', 'far'):
        return
    if not isinstance(inner, ast.Name) or inner.id not in ROOTS or (
            inner.id == 'now' and node.attr not in ('near', 'far')):
        raise ExprError('counters are near.NAME, far.NAME, both.NAME, '
                        'now.near.NAME or now.far.NAME')


class Counters:
    """Attributes are counters; remembers which were asked for."""

    def __init__(self, name, values, seen):
        self._data = (name, values, seen)

    def __getattr__(self, key):
        name, values, seen = self._data
        if key not in values:
            near = difflib.get_close_matches(key, values, 3, 0.6)
            raise ExprError(f"{name} has no counter '{key}'"
                            + (f" ({', '.join(near)}?)" if near else ''))
        seen[f'{name}.{key}'] = values[key]
        return values[key]


class _Now:
    def __init__(self, near, far, seen):
        self.near = Counters('now.near', near, seen)
        self.far = Counters('now.far', far, seen)


def evaluate(text, before, after, values, functions):
    """(holds, {name: value} of what it looked at).

    BEFORE and AFTER are pairs of counter tables, near and far; VALUES are for
    NAMES, FUNCTIONS for the functions that are not Python's.
    """
    seen = {}
    moved = [{key: late - early.get(key, 0) for key, late in end.items()}
             for early, end in zip(before, after)]
    both = {key: min(moved[0][key], moved[1][key])
            for key in moved[0].keys() & moved[1].keys()}
    space = {'near': Counters('near', moved[0], seen),
             'far': Counters('far', moved[1], seen),
             'both': Counters('both', both, seen),
             'now': _Now(*after, seen), 'min': min, 'max': max, 'abs': abs,
             '__builtins__': {}, **values}

    def noting(name, function):
        def call(*words):
            value = function(*words)
            seen[f"{name}({', '.join(map(repr, words))})"] = value
            return value
        return call

    for name, function in functions.items():
        space[name] = noting(name, function)
    try:
        return bool(eval(compile_text(text), space)), seen
    except (TypeError, ZeroDivisionError) as error:
        raise ExprError(str(error)) from error
