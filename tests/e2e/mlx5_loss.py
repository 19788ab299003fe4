#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=900
"""Lost and repeated packets with mlx5_core at both ends: see loss.py."""

from harness import MLX5, main
from loss import test

main(test, **MLX5)
