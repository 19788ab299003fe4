#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=600
"""The demo, with small files, on both distribution kernels."""

import subprocess
import tempfile

from harness import ROOT, check, main, note


def test():
    for kernel in ('stock-6.12', 'stock-6.1'):
        with tempfile.TemporaryDirectory(prefix='cx6dx-demo-') as out:
            done = subprocess.run(
                [ROOT / 'scripts/cx6dx', 'demo', '--kernel', kernel,
                 '--megabytes', '2', '--out', out], text=True, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        note(done.stdout)
        check(done.returncode == 0, f'all of the demo holds on {kernel}')


main(test)
