#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=600
"""The demo, with small files, on both distribution kernels."""

import subprocess

from harness import ROOT, check, main, note


def test():
    for kernel in ('stock-6.12', 'stock-6.1'):
        done = subprocess.run(
            [ROOT / 'scripts/cx6dx', 'demo', '--kernel', kernel,
             '--megabytes', '8', '--out', ROOT / 'build/demo-test' / kernel],
            text=True, check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        note(done.stdout)
        check(done.returncode == 0, f'all of the demo holds on {kernel}')


main(test)
