# SPDX-License-Identifier: GPL-2.0-or-later
"""Install build dependencies, then get and build everything.

  packages  what the builds need on this machine (as root; otherwise the
            command that installs them is named)
  qemu      QEMU with the device, from the distribution's source or QEMU_SRC
  kernel    the guest's kernels and their headers
  driver    guest-driver/ against each of these kernels
  image     the guest's userland, for each of these kernels
  unit      rings 0 and 1 with their unit tests

The other subcommands call what they need of this by themselves, so setup is
for doing it all at once, and for seeing what takes how long.
"""

import importlib
import time

from . import apt, paths, qemu, testcmd, ui

# module, its list of what must be on this machine
HOST_TABLES = (('kernel', 'PACKAGES'), ('driver', '_PACKAGES'),
               ('image', '_HOST_PACKAGES'))
STEPS = ('packages', 'qemu', 'kernel', 'driver', 'image', 'unit')


def add_arguments(parser):
    parser.add_argument('--only', action='append', choices=STEPS,
                        metavar='STEP', help='do this step only; may be '
                        'repeated (' + ', '.join(STEPS) + ')')
    parser.add_argument('--kernel', action='append', metavar='SPEC',
                        help='a kernel to prepare; may be repeated '
                        '(default: stock-6.12)')


def _part(name):
    """The module that makes one thing, or a Failure that names it."""
    try:
        return importlib.import_module(f'cx6dxlib.{name}')
    except ModuleNotFoundError as missing:
        if missing.name != f'cx6dxlib.{name}':
            raise
        raise ui.Failure(f"the step '{name}' is not part of this checkout "
                         f'(no scripts/cx6dxlib/{name}.py)')


def packages():
    """Debian packages that the builds need on this machine."""
    names = qemu.packages() + testcmd.UNIT_PACKAGES
    for part, table in HOST_TABLES:
        names += getattr(_part(part), table)
    return sorted(set(names))


def _unit():
    with testcmd.unit_lock():
        place = testcmd.build_unit('unit', testcmd.UNIT_OPTIONS)
        if testcmd.compile_unit('unit', place).failed:
            raise ui.Failure('the unit tests do not compile')


def run(args):
    wanted = args.only or STEPS
    specs = args.kernel or ['stock-6.12']
    kernel = _part('kernel')
    actions = {
        'packages': lambda: apt.install(packages(), 'cx6dx'),
        'qemu': qemu.ensure,
        'kernel': lambda: [kernel.ensure(spec) for spec in specs],
        'driver': lambda: [_part('driver').ensure(kernel.ensure(spec))
                           for spec in specs],
        'image': lambda: [_part('image').ensure(kernel.ensure(spec))
                          for spec in specs],
        'unit': _unit,
    }
    begin, took = time.monotonic(), []
    for name in STEPS:
        if name in wanted:
            start = time.monotonic()
            actions[name]()
            took.append((name, time.monotonic() - start))
    for name, seconds in took:
        print(f'{name:<9} {seconds:6.1f} s')
    print(f"{'in all':<9} {time.monotonic() - begin:6.1f} s; "
          f'build: {paths.BUILD}, cache: {paths.cache_root()}')
    return 0
