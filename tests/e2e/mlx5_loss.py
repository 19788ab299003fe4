#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=900
"""Lost and repeated packets with mlx5_core at both ends: see loss.py.

Beside its runs, 32 connections that move 512 MB, and some over a wire that loses
frames itself (filter-impair).  Skipped while the kernel is not in the cache.
"""

from harness import FAR4, MLX5, main, need_built
from loss import RUNS, test

WIRE = (FAR4, '', '-k 128 -n 8 -d both -b 4M -T 60')
LARGE = (FAR4, 'loss 1% seed 1732050807', '-k 128 -n 32 -d both -b 8M -T 60')

need_built(MLX5['kernel'])


def both():
    test(runs=(*RUNS, LARGE), **MLX5)
    test(runs=(WIRE,), impair=['loss=1,seed=141421'], **MLX5)


main(both)
