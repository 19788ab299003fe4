# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest boots: userland image, module image, initramfs, agent.

The userland is a squashfs of Debian 13 packages, made once for a list of
names; the kernel's modules are a second squashfs, so that any kernel can be
put under the same userland.  Neither knows about one particular run: files
of a run come in on a disk of their own (see vm.py).
"""

import os
import shutil
import stat
import subprocess
from pathlib import Path

from . import apt, paths, ui

SUITE = 'trixie'
GUEST = Path(__file__).resolve().parent / 'guest'

PACKAGES = (
    'bash', 'coreutils', 'curl', 'ethtool', 'iperf3', 'iproute2',
    'iputils-ping', 'kmod', 'mount', 'ncat', 'netbase', 'nginx-light',
    'openssl', 'pciutils', 'procps', 'python3-minimal', 'libpython3-stdlib',
    'util-linux',
)
_HOST_PACKAGES = ('mmdebstrap', 'squashfs-tools', 'kmod', 'xz-utils', 'gcc',
                  'libc6-dev')

# what no guest will look at
_LEFT_OUT = ('/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*',
             '/usr/share/info/*', '/usr/share/lintian/*')
_EMPTIED = ('usr/share/doc', 'usr/share/man', 'usr/share/locale',
            'var/lib/apt/lists', 'var/cache/apt', 'boot')

# modules that take the initramfs to the userland, with what they need
BOOT_MODULES = ('virtio_pci', 'virtio_blk', 'virtio_console', 'squashfs',
                'overlay')

# parts of a distribution's modules that a guest may want
_MODULE_DIRS = (
    'arch/x86', 'block', 'crypto', 'drivers/base', 'drivers/block/virtio_blk',
    'drivers/char', 'drivers/crypto', 'drivers/dca', 'drivers/i2c/algos',
    'drivers/infiniband', 'drivers/misc/pvpanic', 'drivers/net/bonding',
    'drivers/net/dummy', 'drivers/net/ethernet/intel',
    'drivers/net/ethernet/mellanox', 'drivers/net/macvlan',
    'drivers/net/mdio', 'drivers/net/net_failover', 'drivers/net/netdevsim',
    'drivers/net/phy', 'drivers/net/tun', 'drivers/net/veth',
    'drivers/net/virtio_net', 'drivers/net/vxlan', 'drivers/pci',
    'drivers/pps', 'drivers/ptp', 'drivers/vdpa', 'drivers/virtio',
    'fs/9p', 'fs/overlayfs', 'fs/squashfs', 'kernel', 'lib', 'net',
)


def userland(more=()):
    """The path of the userland squashfs; MORE are packages beyond the usual.
    """
    packages = (*PACKAGES, *more)
    name = paths.digest(SUITE, *packages, *_LEFT_OUT, *_EMPTIED)
    image = paths.cache('images', f'userland-{SUITE}-{name}.sqfs')
    with paths.lock('image-userland'):
        if not image.exists():
            apt.install(_HOST_PACKAGES, 'making guest images')
            with paths.atomic_file(image) as work:
                _make_userland(work, packages)
    return image


def _make_userland(image, packages):
    apt.update([SUITE])
    sources = apt.PrivateApt(SUITE, 'deb').sources
    script = ('set -e -o pipefail; image=$1; shift; rm -f "$image"; '
              '"$@" | sqfstar -no-progress -quiet -comp lz4 "$image"')
    command = ['mmdebstrap', '--variant=apt', '--format=tar',
               '--architectures=amd64', '--aptopt=Acquire::Languages "none"',
               '--aptopt=Acquire::Retries "3"',
               '--include=' + ','.join(packages)]
    command += [f'--dpkgopt=path-exclude={path}' for path in _LEFT_OUT]
    command += ['--customize-hook=rm -rf '
                + ' '.join(f'"$1/{path}"/*' for path in _EMPTIED)]
    command += [SUITE, '-', str(sources)]
    ui.run(['bash', '-c', script, 'userland', image, *command],
           'guest userland from packages', paths.log('image-userland'),
           env=dict(os.environ, PATH=os.environ['PATH'] + ':/usr/sbin:/sbin'))


def modules(kernel):
    """The path of a squashfs with the modules of KERNEL."""
    image = kernel.place / ('modules-'
                            + paths.digest(*_MODULE_DIRS) + '.sqfs')
    with paths.lock(f'image-modules-{kernel.place.name}'):
        if not image.exists():
            apt.install(_HOST_PACKAGES, 'making guest images')
            with ui.step(f'modules of {kernel.release}'), \
                    paths.atomic_file(image) as work:
                _make_modules(kernel, work)
    return image


def _make_modules(kernel, image):
    with paths.atomic_dir(kernel.place / 'modules-tree') as work:
        top = work / 'lib/modules' / kernel.release
        top.mkdir(parents=True)
        for path in kernel.modules.glob('modules.*'):
            shutil.copy(path, top)
        for part in _MODULE_DIRS if not kernel.debug else ('',):
            for path in kernel.modules.glob(f'kernel/{part}*'):
                _copy_any(path, top / path.relative_to(kernel.modules))
        packed = [str(path) for path in top.rglob('*.ko.xz')]
        subprocess.run(['xargs', '-0', '-r', '-n', '64', '-P', str(ui.jobs()),
                        'xz', '-d'], check=True,
                       input='\0'.join(packed).encode())
        subprocess.run([ui.need_tool('depmod', 'kmod'), '-b', work,
                        kernel.release], check=True)
        image.unlink()
        subprocess.run(['mksquashfs', work / 'lib/modules', image, '-quiet',
                        '-no-progress', '-comp', 'lz4', '-all-root'],
                       check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(kernel.place / 'modules-tree')


def _copy_any(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


# ---- initramfs ------------------------------------------------------------

def initramfs(kernel):
    """The path of an initramfs that brings KERNEL to the userland image."""
    init = GUEST / 'initramfs-init'
    image = kernel.place / f'initramfs-{paths.digest(init, *BOOT_MODULES)}'
    with paths.lock(f'image-initramfs-{kernel.place.name}'):
        if not image.exists():
            busybox = apt.extract_deb('busybox-static', SUITE)
            found = next(path for path in (busybox / 'usr/bin/busybox',
                                           busybox / 'bin/busybox')
                         if path.exists())
            with paths.atomic_file(image) as work:
                work.write_bytes(cpio(_initramfs_files(kernel, init, found)))
    return image


def _initramfs_files(kernel, init, busybox):
    """(name, content or None for a directory) of everything in it."""
    yield from ((name, None) for name in (
        'bin', 'dev', 'lower', 'modules', 'new', 'proc', 'rw', 'sys'))
    yield 'init', init.read_bytes()
    yield 'bin/busybox', busybox.read_bytes()
    for number, path in enumerate(module_order(kernel, BOOT_MODULES)):
        data = path.read_bytes()
        if path.suffix == '.xz':
            data = subprocess.run(['xz', '-d', '-c'], input=data, check=True,
                                  capture_output=True).stdout
        stem = path.name.split('.')[0]
        yield f'modules/{number:02}-{stem}.ko', data


def module_order(kernel, names):
    """Files of modules NAMES and their needs, each after what it needs."""
    needs = {}
    files = {}
    listing = kernel.modules / 'modules.dep'
    for line in listing.read_text().splitlines() if listing.exists() else ():
        path, _, rest = line.partition(':')
        needs[path] = rest.split()
        files[Path(path).name.split('.')[0].replace('-', '_')] = path
    ordered = []

    def add(path):
        for other in reversed(needs[path]):
            add(other)
        if path not in ordered:
            ordered.append(path)

    for name in names:      # one that is not listed is part of the kernel
        if name in files:
            add(files[name])
    return [kernel.modules / path for path in ordered]


def cpio(files):
    """A cpio archive ("newc") of FILES, all owned by root, without times."""
    parts = []
    listed = list(files) + [('TRAILER!!!', b'')]
    for number, (name, data) in enumerate(listed, 1):
        mode = stat.S_IFDIR if data is None else stat.S_IFREG
        body = data or b''
        encoded = name.encode() + b'\0'
        fields = (number, mode | 0o755, 0, 0, 1, 0, len(body), 0, 0, 0, 0,
                  len(encoded), 0)
        head = b'070701' + b''.join(b'%08x' % field for field in fields)
        for piece in (head + encoded, body):
            parts += [piece, bytes(-len(piece) % 4)]
    return b''.join(parts)


# ---- programs of ours that run in the guest -------------------------------

def static_program(source, *flags):
    """The path of the C program SOURCE, built here to run in any guest.

    It may include headers that lie beside it.
    """
    headers = sorted(source.parent.glob('*.h'))
    name = f'{source.stem}-{paths.digest(source, *headers, *flags)}'
    program = paths.build('guest-tools', name)
    if not program.exists():
        apt.install(_HOST_PACKAGES, 'building guest programs')
        with paths.atomic_file(program) as work:
            ui.run(['gcc', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O2',
                    '-static', *flags, '-o', work, source],
                   f'guest program {source.name}',
                   paths.log(f'guest-tool-{source.stem}'))
            work.chmod(0o755)
    return program


def agent():
    return static_program(GUEST / 'agent.c')


def exact():
    """In place of the agent in a guest that does the same each time."""
    return static_program(GUEST / 'exact.c')


def ensure(kernel, more=()):
    """(userland, modules, initramfs, agent) for KERNEL, made if need be."""
    return userland(more), modules(kernel), initramfs(kernel), agent()
