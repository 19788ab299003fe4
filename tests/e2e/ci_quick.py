#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=300
"""Some scenarios of every kind, in one guest: cx6dx ci works, and they hold.

Takes a kernel SPEC and a driver (default: stock-6.12 cx6dx).
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'scripts'))

# pylint: disable=wrong-import-position
from cx6dxlib import ci, paths                          # noqa: E402

CASES = (
    'plain-stream/128-ipv4', 'plain-stream/256-ipv6', 'resync-asynchronous',
    'records-tiny/128-up', 'records-empty/256-down', 'records-alert/128-up',
    'records-sendfile-zerocopy/128-ipv6', 'receive-late-key/ipv4-256',
    'change-channels', 'connection-reset/up', 'tls13-in-software/128',
)


def main(kernel='stock-6.12', driver='cx6dx'):
    parser = argparse.ArgumentParser()
    ci.add_arguments(parser)
    out = paths.build('reports', f'ci-quick-{Path(kernel).name}-{driver}')
    return ci.run(parser.parse_args(
        ['--kernel', kernel, '--driver', driver, '--no-rerun', '--out',
         str(out), '--suite', *CASES]))


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
