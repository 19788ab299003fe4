#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=1500 also=mainline-6.12-debug,mainline-next
"""The demo with the kernel's own driver, on the kernel SPEC that is given."""

import subprocess
import sys

from harness import MLX5, ROOT, check, main, note


def test(kernel):
    # a kernel that checks everything moves a megabyte in a second
    size = '2' if kernel.endswith('-debug') else '8'
    done = subprocess.run(
        [ROOT / 'scripts/cx6dx', 'demo', '--kernel', kernel, '--driver',
         'mlx5', '--megabytes', size,
         '--out', ROOT / 'build/demo-test' / f'mlx5-{kernel}'],
        text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    note(done.stdout)
    check(done.returncode == 0, f'all of the demo holds on {kernel}')


main(test, sys.argv[1] if sys.argv[1:] else MLX5['kernel'])
