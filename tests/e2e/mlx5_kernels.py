#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=1500 also=mainline-next,mainline-next-debug
"""mlx5_quick.py on the kernel SPEC that is given: a clean log on all of them.

Default: mainline-6.12-debug, built if need be.
"""

import sys

from harness import main
from mlx5_quick import test

main(test, kernel=sys.argv[1] if sys.argv[1:] else 'mainline-6.12-debug',
     mem='3G')
