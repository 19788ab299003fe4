# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of our own tools share: finding them, and TAP from unittest.
"""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / 'scripts'))


def load(path):
    """The script at PATH below the root, as a module of its own."""
    name = Path(path).name.replace('-', '_')
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / path))
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class _TapResult(unittest.TestResult):
    """Prints a TAP line for each test."""

    def __init__(self):
        super().__init__()
        self._told = set()

    def _line(self, verdict, test, note=''):
        print(f'{verdict} {self.testsRun} - {test.id()}{note}', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._line('ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line('ok', test, f' # SKIP {reason}')

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            # one line for the test, though several parts of it may fail
            self._bad(test, err, told=test in self._told)
            print(f'# {subtest.id()}', flush=True)
            self._told.add(test)

    def _bad(self, test, error, told=False):
        if not told:
            self._line('not ok', test)
        for line in self._exc_info_to_string(error, test).splitlines():
            print(f'# {line}', flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._bad(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._bad(test, err)


def main():
    """Run the tests of the calling program; the exit status for it."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules['__main__'])
    print(f'1..{suite.countTestCases()}')
    sys.exit(0 if suite.run(_TapResult()).wasSuccessful() else 1)
