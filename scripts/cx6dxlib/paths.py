# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things lie, and how two runs keep out of each other's way.

build/ in the checkout holds what is made from the checkout.  The cache holds
what does not depend on it (packages, sources, kernels, images), under names
that say what is inside, so that every checkout can share it.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from . import ui

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / 'build'
LOGS = BUILD / 'logs'


def build(*parts):
    """A path under build/; its parent directory exists afterwards."""
    path = BUILD.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def log(name):
    """The file for the output of the step NAME: build/logs/NAME.log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f'{name}.log'


def cache_root():
    """The cache directory: $CX6DX_CACHE, or the user's cache/cx6dx."""
    given = os.environ.get('CX6DX_CACHE')
    if given:
        return Path(given).expanduser().resolve()
    base = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
    return Path(base).expanduser() / 'cx6dx'


def cache(*parts):
    """A path in the cache; its parent directory exists afterwards."""
    path = cache_root().joinpath(*parts)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ui.Failure(f'the cache {cache_root()} cannot be written: '
                         f'{error.strerror}',
                         'set CX6DX_CACHE to a directory that can')
    return path


@contextlib.contextmanager
def lock(name):
    """Hold the lock NAME, shared by all runs that share the cache.

    Not recursive: a process that holds NAME must not ask for it again.
    """
    path = cache('locks', name.replace('/', '_'))
    with open(path, 'a', encoding='utf-8') as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ui.say(f'waiting for another run of cx6dx (lock {name})')
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def atomic_file(path):
    """Write to the path given by the block; PATH appears only if all is well.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix='.' + path.name)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, os.stat(name).st_mode & 0o111 | 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


@contextlib.contextmanager
def atomic_dir(path):
    """Fill the directory given by the block; it becomes PATH if all is well.

    What PATH held before is removed then, and not earlier.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=path.parent, prefix='.' + path.name))
    try:
        os.chmod(work, 0o755)
        yield work
        if path.exists():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix='.old-'))
            os.rename(path, old / 'x')
            os.rename(work, path)
            shutil.rmtree(old)
        else:
            os.rename(work, path)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def digest(*parts):
    """A short name for the content of PARTS (strings, bytes or Paths)."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            data = part.read_bytes()
        else:
            data = part if isinstance(part, bytes) else str(part).encode()
        total.update(f'{len(data)}:'.encode() + data)
    return total.hexdigest()[:16]
