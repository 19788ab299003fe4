# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels built from the distribution's kernel source, not one line changed.

'mainline-6.12' is Debian 13's linux-source-6.12 with a small configuration
that has mlx5 with kTLS; 'mainline-6.12-debug' is the same with KASAN, lockdep,
kmemleak and DMA-API checks.  A build is kept in the cache under the version of
the source and a digest of the configuration.
"""

import os
import re
import shutil
from pathlib import Path

from . import apt, paths, ui

CONFIGS = Path(__file__).resolve().parent / 'kernel-config'
PACKAGES = ('gcc', 'make', 'flex', 'bison', 'bc', 'libelf-dev', 'libssl-dev',
            'xz-utils', 'kmod', 'cpio', 'rsync')

# spec -> package with the source, its suite, configuration fragments
BUILT = {
    'mainline-6.12': ('linux-source-6.12', 'trixie', ('base',)),
    'mainline-6.12-debug': ('linux-source-6.12', 'trixie', ('base', 'debug')),
}


def _place(spec):
    """Name of the source of SPEC, its configuration, and its build tree."""
    package, suite, names = BUILT[spec]
    version = apt.policy(package, suite)
    fragment = ''.join((CONFIGS / f'{name}.config').read_text()
                       for name in names)
    stem = f"{package}_{version.replace(':', '-')}"
    return stem, fragment, paths.cache(
        'kernel-builds', f'{stem}-{paths.digest(fragment, "1")}')


def is_built(spec):
    """Whether tree(SPEC) would take no time."""
    return (_place(spec)[2] / 'built').exists()


def tree(spec):
    """The build tree of SPEC, built if need be (some minutes)."""
    package, suite, _ = BUILT[spec]
    apt.install(PACKAGES, 'building kernels')
    stem, fragment, place = _place(spec)
    with paths.lock(f'kernel-build-{spec}'):
        source = _source(package, suite, stem)
        if not (place / 'built').exists():
            _build(spec, source, place, fragment)
    return place


def _source(package, suite, stem):
    """The unpacked kernel source; shared by all flavours."""
    place = paths.cache('kernel-sources', stem)
    if not place.is_dir():
        deb = apt.download_deb(package, suite)
        with paths.atomic_dir(place) as work:
            packed = work / 'packed'
            ui.run(['dpkg-deb', '-x', deb, packed], f'unpacking {deb.name}',
                   paths.log('kernel-unpack'))
            tarball = next((packed / 'usr/src').glob('linux-source-*.tar.xz'))
            ui.run(['tar', '-xf', tarball, '-C', work, '--strip-components=1'],
                   f'unpacking {tarball.name}', paths.log('kernel-untar'))
            shutil.rmtree(packed)
    return place


def _build(spec, source, place, fragment):
    place.mkdir(exist_ok=True)
    wanted = place / 'wanted.config'
    wanted.write_text(fragment)
    make = ['make', '-C', source, f'O={place}']
    ui.run(make + ['allnoconfig'], f'configuring {spec}',
           paths.log('kernel-config'),
           env=dict(os.environ, KCONFIG_ALLCONFIG=str(wanted)))
    _check_config(spec, fragment, (place / '.config').read_text())
    ui.run(make + [f'-j{ui.jobs()}', 'bzImage', 'modules'], f'building {spec}',
           paths.log(f'kernel-build-{spec}'))
    (place / 'built').touch()


def _check_config(spec, fragment, config):
    """Every option that was asked for must have come out as asked."""
    got = set(config.splitlines())
    lost = [line for line in fragment.splitlines()
            if re.match(r'CONFIG_\w+=[^n]', line) and line not in got]
    if lost:
        raise ui.Failure(f'{spec}: the configuration lost {", ".join(lost)}',
                         'their dependencies are missing in '
                         f'{CONFIGS.name}/')
