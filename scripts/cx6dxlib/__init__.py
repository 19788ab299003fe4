# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/cx6dx is made of: one module for each duty.

ui, paths and apt are the ground; qemu, kernel, driver and image each make
one thing and have ensure(); setup, vm, test, demo and bench are subcommands.
Only Python's own library is used, so that nothing must be installed first.
"""
