# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels built from the distribution's kernel source, not one line changed.

'mainline-6.12' is Debian 13's linux-source-6.12 with a small configuration
that has mlx5 with kTLS; 'mainline-next' is the same of the newest kernel
source that Debian's backports or unstable suite holds.  With '-debug' each
has KASAN, lockdep, kmemleak and DMA-API checks as well; with '-gcov' the
branches of TLS offload are counted.  A build is kept in
the cache under the version of the source and a digest of the configuration.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import apt, paths, ui

CONFIGS = Path(__file__).resolve().parent / 'kernel-config'
PACKAGES = ('gcc', 'make', 'flex', 'bison', 'bc', 'libelf-dev', 'libssl-dev',
            'xz-utils', 'kmod', 'cpio', 'rsync')

# spec -> package with the source (None: the newest), suites that may have
# it, configuration fragments; a later fragment overrides an earlier one
BUILT = {
    'mainline-6.12': ('linux-source-6.12', ('trixie',), ('base',)),
    'mainline-6.12-debug': ('linux-source-6.12', ('trixie',),
                            ('base', 'debug')),
    'mainline-6.12-gcov': ('linux-source-6.12', ('trixie',),
                           ('base', 'gcov')),
    'mainline-next': (None, ('trixie-backports', 'sid'),
                      ('base', 'selftests', 'next')),
    'mainline-next-debug': (None, ('trixie-backports', 'sid'),
                            ('base', 'selftests', 'debug', 'next')),
}


def _newest(suite):
    """The package with the newest kernel source in SUITE."""
    apt.update([suite])
    answer = apt.PrivateApt(suite, 'deb').query(
        'apt-cache', 'search', '--names-only', r'^linux-source-[0-9.]+$')
    names = re.findall(r'^(linux-source-[0-9.]+) ', answer, re.M)
    return max(names, default=None,
               key=lambda name: [int(n) for n in re.findall(r'\d+', name)])


def _package(spec):
    """(package, suite, version) of the source for SPEC."""
    package, suites, _ = BUILT[spec]
    best = None
    for suite in suites:
        name = package or _newest(suite)
        if not name:
            continue
        version = apt.policy(name, suite)
        if not best or apt.is_newer(version, best[2]):
            best = (name, suite, version)
    if not best:
        raise ui.Failure('no package linux-source-* in ' + ' or '.join(suites))
    return best


def _asked(fragment):
    """option -> its line, of which the last in FRAGMENT counts."""
    found = re.findall(r'^((CONFIG_\w+)=.*)$', fragment, re.M)
    return {name: line for line, name in found}


def _make_words(fragment):
    """What FRAGMENT wants to be given to make."""
    return re.findall(r'^# make (\S+)$', fragment, re.M)


def _place(spec):
    """(package, suite), name of the source, configuration, build tree."""
    package, suite, version = _package(spec)
    fragment = ''.join((CONFIGS / f'{name}.config').read_text()
                       for name in BUILT[spec][2])
    stem = f"{package}_{version.replace(':', '-')}"
    return (package, suite), stem, fragment, paths.cache(
        'kernel-builds', f'{stem}-{paths.digest(fragment, "1")}')


def source_of(spec):
    """The unpacked source of a SPEC that was built."""
    return paths.cache('kernel-sources', _place(spec)[1])


def is_built(spec):
    """Whether tree(SPEC) would take no time."""
    return (_place(spec)[-1] / 'built').exists()


def tree(spec):
    """The build tree of SPEC, built if need be (some minutes)."""
    apt.install(PACKAGES, 'building kernels')
    package, stem, fragment, place = _place(spec)
    with paths.lock(f'kernel-build-{spec}'):
        source = _source(*package, stem)
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


def _begin_with(place, stem, fragment):
    """Have PLACE begin as a copy of what was built of the same source with the
    configuration that is nearest to FRAGMENT: kbuild knows what differs.
    """
    wanted = set(fragment.splitlines())
    built = [path.parent for path in place.parent.glob(f'{stem}-*/built')]
    if not built:
        return
    nearest = max(built, key=lambda tree: len(wanted.intersection(
        (tree / 'wanted.config').read_text().splitlines())))
    ui.run(['rsync', '-a', '--exclude=/built', f'{nearest}/', place],
           f'copying {nearest.name}', paths.log('kernel-copy'))
    # what has the tree's own name in its command would be made anew, and then
    # all that it is a tool for
    for path in place.rglob('.*.cmd'):
        text = path.read_text()
        if nearest.name in text:
            path.write_text(text.replace(nearest.name, place.name))


def _build(spec, source, place, fragment):
    if not place.exists():
        place.mkdir()
        _begin_with(place, source.name, fragment)
    wanted = place / 'wanted.config'
    wanted.write_text(fragment)
    make = ['make', '-C', source, f'O={place}', *_make_words(fragment)]
    ui.run(make + ['allnoconfig'], f'configuring {spec}',
           paths.log('kernel-config'),
           env=dict(os.environ, KCONFIG_ALLCONFIG=str(wanted)))
    _check_config(spec, fragment, source, place)
    ui.run(make + [f'-j{ui.jobs()}', 'bzImage', 'modules'], f'building {spec}',
           paths.log(f'kernel-build-{spec}'))
    (place / 'built').touch()


def _check_config(spec, fragment, source, place):
    """Every option that was asked for must have come out as asked."""
    got = set((place / '.config').read_text().splitlines())
    lost = [line for line in _asked(fragment).values()
            if not line.endswith('=n') and line not in got]
    if not lost:
        return
    names = [line.removeprefix('CONFIG_').partition('=')[0] for line in lost]
    answer = subprocess.run(
        ['grep', '-rhE', '--include=Kconfig*',
         rf'^\s*(menu)?config\s+({"|".join(names)})\s*$', source],
        text=True, capture_output=True, check=False).stdout
    known = set(answer.split())
    gone = [name for name in names if name not in known]
    unmet = [line for line, name in zip(lost, names) if name in known]
    text = f'{spec}: the configuration does not come out as asked'
    if gone:
        text += f'\n    not an option of this kernel: {", ".join(gone)}'
    if unmet:
        text += f'\n    not granted: {", ".join(unmet)}'
    raise ui.Failure(
        text, f'{CONFIGS.name}/ needs the new name of an option that is gone '
        '(next.config overrides base.config; =n drops a line), and what an '
        'option depends on')
