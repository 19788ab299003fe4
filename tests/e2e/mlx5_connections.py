#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: slow timeout=1500
"""256 connections with mlx5_core at both ends: see connections.py."""

from connections import test
from harness import MLX5, main

main(test, 128, timeout=1400, **MLX5)
