# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds guest-driver/ against a kernel of the guest.

The result is build/driver/RELEASE/cx6dx_tls.ko.  It is built again when a
source, the PRM header or the kernel changes.  A warning is an error.  Tests
build modules of their own the same way.
"""

import re
import shutil

from . import apt, kernel as kernels, paths, ui

MODULE = 'cx6dx_tls'
SOURCES = paths.ROOT / 'guest-driver'
INCLUDE = paths.ROOT / 'include'
_PACKAGES = ('make', 'gcc', 'libc6-dev', 'libelf1')

# what kbuild says about its surroundings rather than about the code
_NOTICES = re.compile(r'the compiler differs|The kernel was built by'
                      r'|You are using:|Skipping BTF generation')


def ensure(kernel, sources=SOURCES, module=MODULE):
    """The path of the module for KERNEL (a kernels.Kernel)."""
    if not (sources / 'Kbuild').exists() and not (sources / 'Makefile').exists():
        raise ui.Failure(f'{sources} holds no driver (no Kbuild in it)')
    name = 'driver' if module == MODULE else module
    if module == MODULE and sources != SOURCES:
        name = f'driver-{sources.name}'
    place = paths.build(name, kernel.release)
    result = place / f'{module}.ko'
    with paths.lock('driver-' + paths.digest(str(place))):
        wanted = _fingerprint(kernel, sources)
        stamp = place / 'fingerprint'
        if (result.exists() and stamp.exists()
                and stamp.read_text() == wanted):
            return result
        apt.install(_PACKAGES, 'building the driver')
        _copy(sources, place)
        stamp.unlink(missing_ok=True)
        log = paths.log(f'{module}-{kernel.release}')
        ui.run(['make', '-C', kernel.build, f'M={place}', f'-j{ui.jobs()}',
                f'KCFLAGS=-I{INCLUDE}', *_coverage(kernel), 'modules'],
               f'module {module} for {kernel.release}', log)
        _refuse_warnings(log)
        stamp.write_text(wanted)
        return result


def _coverage(kernel):
    """A kernel that counts branches does so in our module too."""
    counts = 'CONFIG_GCOV_KERNEL=y' in kernel.config.read_text().splitlines()
    return ['GCOV_PROFILE=y'] if counts else []


def _inputs(sources):
    return sorted(path for path in sources.iterdir()
                  if path.suffix in ('.c', '.h')
                  or path.name in ('Kbuild', 'Makefile'))


def _fingerprint(kernel, sources):
    """Names the content of everything that the module is made of."""
    headers = sorted((INCLUDE / 'hw/net').glob('cx6dx*.h'))
    files = _inputs(sources) + headers
    symvers = kernel.build / 'Module.symvers'
    stat = symvers.stat() if symvers.exists() else None
    return paths.digest(str(kernel.build), str(kernel.place),
                        str(stat and stat.st_mtime_ns),
                        *[path.name for path in files], *files)


def _copy(sources, place):
    """The sources, in the directory where kbuild leaves its products.

    Files that did not change keep their times, so make builds little.
    """
    place.mkdir(parents=True, exist_ok=True)
    names = set()
    for path in _inputs(sources):
        names.add(path.name)
        target = place / path.name
        if not target.exists() or target.read_bytes() != path.read_bytes():
            shutil.copyfile(path, target)
    for path in place.iterdir():
        if (path.suffix in ('.c', '.h') and path.name not in names
                and not path.name.endswith('.mod.c')):
            path.unlink()


def _refuse_warnings(log):
    lines = log.read_text(errors='replace').splitlines()
    bad = [line for line in lines
           if re.search(r'\bwarning:|\bWARNING:', line, re.I)
           and not _NOTICES.search(line)]
    if bad:
        raise ui.Failure('the driver does not build without warnings:\n'
                         + '\n'.join('    ' + line for line in bad[:10]),
                         f'all of it: {log}')


def for_spec(spec):
    """The module for the kernel named by SPEC."""
    return ensure(kernels.ensure(spec))
