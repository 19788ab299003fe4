# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels for the guest: a SPEC in, files to boot and build against out.

A SPEC is 'stock-6.1' or 'stock-6.12' (Debian's kernels, untouched, with the
headers that belong to them), or the path of a kernel build tree.  Packages
are unpacked side by side in the cache and never installed; the two places
where Debian's headers name /usr are redirected to the unpacked tree.
"""

import gzip
import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import apt, kernelbuild, paths, ui

# spec -> series, suites in which to look for the newest of it.  kbuild's
# tools run on this machine, so they must not be from a later release of
# Debian than it has: trixie is only looked at elsewhere than on bookworm.
STOCK = {
    'stock-6.1': ('6.1', ('bookworm',)),
    'stock-6.12': ('6.12', ('bookworm', 'bookworm-backports')),
}
PACKAGES = ('kmod', 'xz-utils', 'zstd')
DEFAULT = 'stock-6.12'
LAYOUT = '3'        # raise when what lies in a cached kernel changes

SPEC_HELP = (', '.join([*STOCK, *kernelbuild.BUILT])
             + f', or the path of a kernel build tree (default: {DEFAULT})')


class Kernel:
    """A kernel that can be booted.

    release  what uname -r says
    image    file for QEMU's -kernel
    modules  the directory lib/modules/RELEASE
    build    the directory for make -C, to build modules against it
    place    a directory of ours that belongs to this kernel alone
    debug    False for distribution kernels
    """

    def __init__(self, spec, place, release, build, debug=False):
        self.spec = spec
        self.place = Path(place)
        self.release = release
        self.build = Path(build)
        self.debug = debug
        self.modules = self.place / 'lib/modules' / release
        elf = self.place / 'vmlinux.elf'
        self.image = elf if elf.exists() else self.place / 'vmlinuz'
        self.config = self.place / 'config'

    def is_slow(self):
        """Whether it checks its memory or its locks at every step."""
        return not {'CONFIG_KASAN=y', 'CONFIG_PROVE_LOCKING=y'}.isdisjoint(
            self.config.read_text().splitlines())


def ensure(spec=DEFAULT):
    """The Kernel for SPEC, fetched and unpacked if need be."""
    if spec in STOCK:
        return _stock(spec)
    if spec in kernelbuild.BUILT:
        return _tree(spec, kernelbuild.tree(spec))
    tree = Path(spec)
    if tree.is_dir():
        return _tree(spec, tree.resolve())
    raise ui.UsageError(f"no kernel '{spec}'", f'--kernel takes {SPEC_HELP}')


# ---- distribution kernels -------------------------------------------------

def _newest(series, suite):
    """The newest flavour name ('6.1.0-12-amd64') of SERIES in SUITE."""
    apt.update([suite])
    private = apt.PrivateApt(suite, 'deb')
    pattern = rf'^linux-(image|headers)-{re.escape(series)}\.'
    answer = private.query('apt-cache', 'search', '--names-only', pattern)
    flavour = rf'({re.escape(series)}\.[0-9][^ ]*-amd64) '
    images = set(re.findall('^linux-image-' + flavour, answer, re.M))
    headers = set(re.findall('^linux-headers-' + flavour, answer, re.M))
    both = [name for name in images & headers
            if not re.search('-(cloud|rt)-amd64$', name)]
    return max(both, key=_numbers, default=None)


def _numbers(name):
    return [int(word) for word in re.findall(r'\d+', name)]


def _find(spec):
    """(suite, flavour) of the packages for a stock SPEC."""
    series = STOCK[spec][0]
    suites = _suites(spec)
    found = [(flavour, suite) for flavour, suite in
             ((_newest(series, suite), suite) for suite in suites) if flavour]
    if not found:
        raise ui.Failure(f'no package linux-image-{series}.*-amd64 with '
                         'headers in ' + ' or '.join(suites))
    flavour, suite = max(found, key=lambda pair: _numbers(pair[0]))
    return suite, flavour


def _suites(spec):
    series, suites = STOCK[spec]
    if apt.machine_suite() != 'bookworm' and series == '6.12':
        return ('trixie',)
    return suites


def _stock(spec):
    """A distribution kernel; looked up again when apt's lists are a day old."""
    note = paths.cache('kernels', f'{spec}.current')
    stamps = [apt.PrivateApt(suite, 'deb').stamp for suite in _suites(spec)]
    apt.install(PACKAGES, 'unpacking kernels')
    with paths.lock(f'kernel-{spec}'):
        if note.exists() and not any(
                stamp.exists() and
                stamp.stat().st_mtime > note.stat().st_mtime
                for stamp in stamps):
            suite, flavour = note.read_text().split()
        else:
            suite, flavour = _find(spec)
            note.write_text(f'{suite} {flavour}\n')
        place = paths.cache('kernels', f'{flavour}.{LAYOUT}')
        if not place.is_dir():
            with paths.atomic_dir(place) as work:
                _unpack_stock(work, place, flavour, suite)
        return Kernel(spec, place, flavour,
                      place / f'usr/src/linux-headers-{flavour}')


def _unpack_stock(work, place, flavour, suite):
    stem = flavour.removesuffix('-amd64')
    headers = apt.download_deb(f'linux-headers-{flavour}', suite)
    needs = subprocess.run(['dpkg-deb', '-f', headers, 'Depends'], text=True,
                           capture_output=True, check=True).stdout
    kbuild = re.search(r'linux-kbuild-[^ ,]+', needs)[0]
    debs = [apt.download_deb(name, suite) for name in (
        f'linux-image-{flavour}', f'linux-headers-{stem}-common', kbuild)]
    with ui.step(f'unpacking kernel {flavour}'):
        for deb in [headers, *debs]:
            subprocess.run(['dpkg-deb', '-x', deb, work], check=True)
        modules = work / 'lib/modules' / flavour
        if not modules.is_dir():
            modules.parent.mkdir(parents=True, exist_ok=True)
            os.rename(work / 'usr/lib/modules' / flavour, modules)
        os.rename(work / f'boot/vmlinuz-{flavour}', work / 'vmlinuz')
        os.rename(work / f'boot/config-{flavour}', work / 'config')
        _redirect(work, place, flavour)
        extract_elf(work / 'vmlinuz', work / 'vmlinux.elf')


def _redirect(work, place, flavour):
    """Make the unpacked headers usable where they lie."""
    makefile = work / f'usr/src/linux-headers-{flavour}/Makefile'
    makefile.write_text(re.sub(r'(?<= )/usr/src/', f'{place}/usr/src/',
                               makefile.read_text()))
    # only there for type information of modules, which would need pahole
    (makefile.parent / 'vmlinux').unlink(missing_ok=True)
    for path in (work / 'usr').rglob('*'):
        if path.is_symlink() and os.readlink(path).startswith('/usr/'):
            target = work / os.readlink(path)[1:]
            path.unlink()
            path.symlink_to(os.path.relpath(target, path.parent))
    modules = work / 'lib/modules' / flavour
    for name in ('build', 'source'):
        (modules / name).unlink(missing_ok=True)
    subprocess.run([ui.need_tool('depmod', 'kmod'), '-b', work, flavour],
                   check=True)


# ---- kernel build trees ---------------------------------------------------

def _tree(spec, tree):
    """A kernel that somebody built in TREE."""
    image = tree / 'arch/x86/boot/bzImage'
    release_file = tree / 'include/config/kernel.release'
    if not image.exists() or not release_file.exists():
        raise ui.UsageError(f'{tree} is not a built kernel tree: '
                            f'{image.relative_to(tree)} is missing',
                            f'make -C {tree} bzImage modules')
    release = release_file.read_text().strip()
    symvers = tree / 'Module.symvers'
    stamps = [str(path.stat().st_mtime_ns)
              for path in (image, symvers, tree / 'modules.order',
                           tree / '.config') if path.exists()]
    place = paths.cache('kernels', f'tree-{release}-'
                        + paths.digest(str(tree), LAYOUT, *stamps))
    with paths.lock(f'kernel-{place.name}'):
        if not place.is_dir():
            with paths.atomic_dir(place) as work:
                _install_tree(tree, work, release)
    return Kernel(spec, place, release, tree, debug=True)


def _install_tree(tree, work, release):
    shutil.copy(tree / 'arch/x86/boot/bzImage', work / 'vmlinuz')
    shutil.copy(tree / '.config', work / 'config')
    if 'CONFIG_MODULES=y' in (work / 'config').read_text().splitlines():
        ui.run(['make', '-C', tree, 'modules_install',
                f'INSTALL_MOD_PATH={work}', 'INSTALL_MOD_STRIP=1'],
               f'modules of {tree}', paths.log('kernel-modules-install'))
    modules = work / 'lib/modules' / release
    modules.mkdir(parents=True, exist_ok=True)
    for name in ('build', 'source'):
        (modules / name).unlink(missing_ok=True)
    extract_elf(work / 'vmlinuz', work / 'vmlinux.elf')


# ---- the kernel without its wrapping --------------------------------------

def extract_elf(bzimage, elf):
    """Unwrap the ELF inside BZIMAGE, if it has the note for direct entry.

    An emulated CPU takes more than a second to unpack a distribution kernel;
    QEMU can enter the ELF directly (PVH) instead.  Where that is not
    possible no file is made, and the bzImage is booted.
    """
    data = bzimage.read_bytes()
    if data[0x202:0x206] != b'HdrS':
        offset = int.from_bytes(data[0x206:0x208], 'little')
        if offset < 0x208:
            return
    sectors = data[0x1f1] or 4
    start = (sectors + 1) * 512 + int.from_bytes(data[0x248:0x24c], 'little')
    length = int.from_bytes(data[0x24c:0x250], 'little')
    plain = _decompress(data[start:start + length])
    # name "Xen", type 18: XEN_ELFNOTE_PHYS32_ENTRY
    note = (4).to_bytes(4, 'little'), (18).to_bytes(4, 'little') + b'Xen\0'
    if plain and plain[:4] == b'\x7fELF' and any(
            note[0] + size.to_bytes(4, 'little') + note[1] in plain
            for size in (4, 8)):
        elf.write_bytes(plain)


def _decompress(payload):
    if payload[:4] == b'\x28\xb5\x2f\xfd':
        tool = shutil.which('zstd')
        if not tool:
            return None
        answer = subprocess.run([tool, '-d', '-c'], input=payload, check=False,
                                capture_output=True)
        return answer.stdout
    if payload[:6] == b'\xfd7zXZ\0':
        return lzma.LZMADecompressor().decompress(payload)
    if payload[:2] == b'\x1f\x8b':
        return gzip.zlib.decompressobj(31).decompress(payload)
    return None
