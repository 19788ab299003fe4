#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=3000 kernel=mainline-6.12
"""The kernel's own driver selftests on a pair, with mlx5_core.

Runs scripts/cx6dx selftests, whose output is KTAP: every case that does not pass
has a known reason that is not the model's, or this fails.  Takes a kernel SPEC
(default: mainline-6.12).
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = sys.argv[1] if sys.argv[1:] else 'mainline-6.12'

sys.exit(subprocess.run([ROOT / 'scripts/cx6dx', 'selftests', '--kernel', SPEC],
                        check=False).returncode)
