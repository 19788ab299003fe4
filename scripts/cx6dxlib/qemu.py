# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU with our device: source, overlay, configuration, build, firmware.

build/qemu-src is a QEMU source tree with the overlay laid on it, build/qemu
its build.  ensure() does what is out of date and nothing else, so that it
can be called by everything that needs the binary.  The source is unpacked
once: remove build/qemu-src to get a newer one.
"""

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

from . import apt, paths, ui

SUITE = 'trixie'
SOURCE = paths.BUILD / 'qemu-src'
TREE = paths.BUILD / 'qemu'
STAMP = TREE / '.cx6dx-built'
TARGETS = ['qemu-system-x86_64', 'qemu-img']

PACKAGES = [
    'build-essential', 'pkg-config', 'ninja-build', 'python3', 'python3-venv',
    'libglib2.0-dev', 'libgcrypt20-dev', 'libslirp-dev', 'libpixman-1-dev',
    'libfdt-dev', 'zlib1g-dev', 'bison', 'flex', 'xz-utils', 'ca-certificates',
]

# Only what a test machine for a NIC needs; everything else stays off
CONFIGURE = [
    '--python=/usr/bin/python3', '--without-default-features',
    '--target-list=x86_64-softmmu', '--disable-install-blobs',
    '--disable-debug-info', '--disable-werror', '--enable-system',
    '--enable-tcg', '--enable-kvm', '--enable-slirp', '--enable-pixman',
    '--enable-gcrypt', '--enable-tools', '--enable-trace-backends=log,simple',
]

# Where firmware comes from: package, directory in it
FIRMWARE = (('seabios', 'usr/share/seabios'),
            ('qemu-system-data', 'usr/share/qemu'))


class Qemu(NamedTuple):
    """What a caller needs to run QEMU."""

    binary: Path
    img: Path
    firmware: list

    def command(self, *arguments):
        """The command line: the binary, where its firmware is, ARGUMENTS."""
        where = [word for path in self.firmware for word in ('-L', str(path))]
        return [str(self.binary), *where, *map(str, arguments)]


def _overlay():
    """The overlay's own script, as a module."""
    path = str(paths.ROOT / 'overlay/apply')
    loader = importlib.machinery.SourceFileLoader('cx6dx_overlay', path)
    spec = importlib.util.spec_from_loader('cx6dx_overlay', loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


# ---- the source tree ------------------------------------------------------

def _unpack_debian(work):
    """Debian's source package, its patches applied."""
    where = apt.source('qemu', SUITE)
    dsc = next(where.glob('*.dsc'))
    work.rmdir()
    ui.run(['dpkg-source', '--no-check', '-x', dsc, work],
           f'unpacking {dsc.stem}', paths.log('qemu-unpack'))


def _unpack_tarball(tarball, work):
    with ui.step(f'unpacking {tarball.name}'), tarfile.open(tarball) as tar:
        tar.extractall(work)
    tops = list(work.iterdir())
    if len(tops) == 1 and tops[0].is_dir():
        inner = work.with_name(work.name + '-inner')
        tops[0].rename(inner)
        work.rmdir()
        inner.rename(work)


def _sync_tree(tree, place):
    """Bring what changed in a user's TREE into its copy at PLACE."""
    memory = place / '.cx6dx-copied'
    old = json.loads(memory.read_text()) if memory.is_file() else {}
    new = {}
    for folder, folders, files in os.walk(tree):
        folders[:] = [name for name in folders if name != '.git'
                      and not os.path.exists(os.path.join(
                          folder, name, 'config-host.h'))]
        for name in files:
            path = Path(folder, name)
            below = str(path.relative_to(tree))
            new[below] = path.lstat().st_mtime_ns
            if old.get(below) != new[below]:
                (place / below).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, place / below, follow_symlinks=False)
    for below in old.keys() - new.keys():
        (place / below).unlink(missing_ok=True)
    if new != old:
        memory.write_text(json.dumps(new))
    return new != old


def _identity():
    """What build/qemu-src is to hold: a name that changes with the origin."""
    given = os.environ.get('QEMU_SRC')
    if not given:
        return f'debian {SUITE}'
    path = Path(given).expanduser().resolve()
    if path.is_dir():
        if not (path / 'hw/net/meson.build').is_file():
            raise ui.UsageError(f'QEMU_SRC={given} is not a QEMU source tree')
        return f'tree {path}'
    if not path.is_file():
        raise ui.UsageError(f'QEMU_SRC={given} does not exist')
    return f'tarball {path} {path.stat().st_mtime_ns}'


def ensure_source():
    """Have build/qemu-src; True if something in it changed."""
    identity = _identity()
    kind, _, rest = identity.partition(' ')
    mark = SOURCE / '.cx6dx-source'
    fresh = not mark.is_file() or mark.read_text() != identity
    if fresh:
        with paths.atomic_dir(SOURCE) as work:
            if kind == 'debian':
                _unpack_debian(work)
            elif kind == 'tarball':
                _unpack_tarball(Path(rest.rpartition(' ')[0]), work)
            else:
                with ui.step(f'copying {rest}'):
                    _sync_tree(Path(rest), work)
            (work / mark.name).write_text(identity)
    elif kind == 'tree':
        fresh = _sync_tree(Path(rest), SOURCE)
    return fresh


def lay_overlay():
    """Lay our files and hooks on build/qemu-src; the files that changed."""
    overlay = _overlay()
    known = {path for path in overlay.our_files() if (SOURCE / path).is_file()}
    try:
        changed = overlay.apply(SOURCE)
    except overlay.OverlayError as error:
        raise ui.Failure(f'the overlay does not fit this QEMU: {error}')
    # Meson asks which of our files exist only when it is run again
    if any(path not in known for path in changed):
        os.utime(SOURCE / 'hw/net/cx6dx_tls/meson.build')
    return changed


# ---- configuration and build ----------------------------------------------

def _digest_inputs():
    """A name for everything of ours that the binary depends on."""
    overlay = _overlay()
    total = hashlib.sha256('\n'.join(CONFIGURE).encode())
    for name in ['overlay/hooks', *overlay.our_files()]:
        total.update(name.encode() + (paths.ROOT / name).read_bytes())
    return total.hexdigest()


def _configure():
    """Run QEMU's configure in build/qemu, when its arguments changed."""
    mark = TREE / '.cx6dx-configured'
    wanted = '\n'.join([_identity(), *CONFIGURE])
    if mark.is_file() and mark.read_text() == wanted \
            and (TREE / 'build.ninja').is_file():
        return
    TREE.mkdir(parents=True, exist_ok=True)
    _, env = apt.meson()
    ui.run(['../qemu-src/configure', *CONFIGURE], 'configuring QEMU',
           paths.log('qemu-configure'), cwd=TREE, env=env)
    modules = apt.meson_modules()
    if modules:
        # so that ninja finds that meson however it is started
        for place in (TREE / 'pyvenv/lib').glob('python3*/site-packages'):
            (place / 'cx6dx-meson.pth').write_text(f'{modules}\n')
    mark.write_text(wanted)


def ninja(*targets, name='building QEMU'):
    """Build TARGETS in build/qemu."""
    ui.run(['ninja', f'-j{ui.jobs()}', *targets], name,
           paths.log('qemu-ninja'), cwd=TREE)


def firmware():
    """Directories with the firmware that QEMU loads, from packages."""
    return [apt.extract_deb(package, SUITE) / folder
            for package, folder in FIRMWARE]


def _link_firmware(folders):
    """Let the binary find its firmware without -L, as after an install."""
    data = TREE / 'qemu-bundle/usr/local/share/qemu'
    data.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        for path in folder.iterdir():
            link = data / path.name
            if path.is_file() and not link.exists():
                link.unlink(missing_ok=True)
                link.symlink_to(path.resolve())


def _built():
    """What the last build that ended well was made of, or {}."""
    if not STAMP.is_file() or not all((TREE / x).is_file() for x in TARGETS):
        return {}
    return json.loads(STAMP.read_text())


def ensure():
    """Have QEMU built from what the checkout holds now; a Qemu."""
    given = os.environ.get('CX6DX_QEMU')
    if given:
        return _given(Path(given).expanduser().resolve())
    with paths.lock(f'qemu-{paths.digest(str(paths.ROOT))}'):
        wanted = {'inputs': _digest_inputs(), 'source': _identity()}
        last = _built()
        moving = wanted['source'].startswith('tree ')
        if moving or {key: last.get(key) for key in wanted} != wanted:
            _build(wanted)
            last = _built()
        return Qemu(TREE / TARGETS[0], TREE / TARGETS[1],
                    [Path(path) for path in last['firmware']])


def _given(binary):
    """A binary that the user built; nothing is built here then."""
    if not os.access(binary, os.X_OK) or binary.is_dir():
        raise ui.UsageError(f'CX6DX_QEMU={binary} is not a program')
    return Qemu(binary, binary.with_name('qemu-img'), firmware())


def _build(wanted):
    apt.install(packages(), 'building QEMU')
    ensure_source()
    lay_overlay()
    _configure()
    ninja(*TARGETS)
    folders = firmware()
    _link_firmware(folders)
    STAMP.write_text(json.dumps(
        {**wanted, 'firmware': [str(folder) for folder in folders]}))


def packages():
    """Debian packages that the build needs on this machine."""
    own_meson = apt.machine_suite() != 'bookworm'
    return PACKAGES + (['meson'] if own_meson else [])


def version():
    """The version that the built binary says it is."""
    text = subprocess.run([TREE / TARGETS[0], '--version'], text=True,
                          capture_output=True, check=True).stdout
    return text.splitlines()[0]
