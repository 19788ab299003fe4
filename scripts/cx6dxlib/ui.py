# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person sees: progress, failures, and commands run on their behalf.

Progress goes to stderr, so that stdout belongs to results.  On a terminal a
step is one line that is redrawn with the seconds gone and the last line of
output; elsewhere it is one line when it starts and one when it ends.
"""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time

_TAIL_LINES = 25
_CONTROL = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]')


class Failure(Exception):
    """Something a person must know: one line, and what to do about it."""

    def __init__(self, message, hint=None, status=1):
        super().__init__(message)
        self.hint = hint
        self.status = status


class UsageError(Failure):
    """An option or an argument that cannot be used; exit status 2."""

    def __init__(self, message, hint=None):
        super().__init__(message, hint, status=2)


def report(failure):
    """Print FAILURE the way every subcommand does."""
    print(f'cx6dx: {failure}', file=sys.stderr)
    if failure.hint:
        print(f'  {failure.hint}', file=sys.stderr)
    sys.stderr.flush()


def say(text):
    """A line of progress or explanation (stderr)."""
    print(text, file=sys.stderr, flush=True)


def warn(text):
    say(f'cx6dx: warning: {text}')


def jobs():
    """How many compilers to run at once: $JOBS, or one a CPU."""
    text = os.environ.get('JOBS', '')
    if not text:
        return len(os.sched_getaffinity(0))
    if not text.isdigit() or int(text) < 1:
        raise UsageError(f"JOBS is '{text}', which is not a positive number")
    return int(text)


def need_tool(name, package):
    """The path of program NAME, or a Failure naming Debian's PACKAGE."""
    search = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
    found = shutil.which(name, path=search)
    if not found:
        raise Failure(f"the program '{name}' is missing (Debian package "
                      f"'{package}')", f'apt-get install {package}')
    return found


class Step:
    """One piece of work in progress; made by step()."""

    def __init__(self, name):
        self.name = name
        self.verdict = 'done'
        self.begin = time.monotonic()
        self.tty = sys.stderr.isatty() and os.environ.get('TERM') != 'dumb'
        self._last = ''
        self._ended = threading.Event()
        self._thread = None

    def note(self, line):
        """LINE is the newest output of the work."""
        self._last = _CONTROL.sub('', line).strip()

    def seconds(self):
        return time.monotonic() - self.begin

    def _draw(self):
        while not self._ended.wait(0.25):
            width = shutil.get_terminal_size().columns - 1
            text = f'{self.name} [{self.seconds():.0f}s] {self._last}'
            sys.stderr.write('\r\x1b[K' + text[:width])
            sys.stderr.flush()

    def start(self):
        if self.tty:
            self._thread = threading.Thread(target=self._draw, daemon=True)
            self._thread.start()
        else:
            say(f'{self.name} ...')

    def end(self, verdict):
        self._ended.set()
        if self._thread:
            self._thread.join()
            sys.stderr.write('\r\x1b[K')
        say(f'{self.name}: {verdict} ({self.seconds():.1f} s)')


@contextlib.contextmanager
def step(name):
    """Show that NAME is being done for as long as the block runs."""
    work = Step(name)
    work.start()
    try:
        yield work
    except KeyboardInterrupt:
        work.end('interrupted')
        raise
    except BaseException:
        work.end('FAILED')
        raise
    work.end(work.verdict)


def tail(path, lines=_TAIL_LINES):
    """The last LINES of the text file at PATH."""
    with open(path, 'rb') as log:
        log.seek(0, os.SEEK_END)
        log.seek(max(0, log.tell() - 400 * lines))
        text = log.read().decode(errors='replace')
    return '\n'.join(text.splitlines()[-lines:])


def run(command, name, log, cwd=None, env=None, within=None, check=True):
    """Run COMMAND (a list) as the step NAME, its output going to file LOG.

    WITHIN is a Step that is already shown: the command's output is then
    shown as part of it.  Returns the exit status; with CHECK, a status other
    than 0 is a Failure, after the end of the log has been printed.
    """
    os.makedirs(os.path.dirname(os.path.abspath(log)), exist_ok=True)
    with contextlib.ExitStack() as stack:
        shown = within or stack.enter_context(step(name))
        status = _run_logged(command, log, cwd, env, shown)
        if status and not within:
            shown.verdict = f'ended with status {status}'
        if status and check:
            raise _command_failure(command, name, log, status)
    return status


def _run_logged(command, log, cwd, env, shown):
    with open(log, 'w', encoding='utf-8', errors='replace') as out:
        print('+', shlex.join(map(str, command)), file=out, flush=True)
        try:
            child = subprocess.Popen(
                list(map(str, command)), cwd=cwd, env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors='replace')
        except FileNotFoundError as missing:
            raise Failure(f"the program '{command[0]}' is missing") from missing
        try:
            for line in child.stdout:
                out.write(line)
                shown.note(line)
            return child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise


def _command_failure(command, name, log, status):
    ending = '\n'.join('    ' + line for line in tail(log).splitlines())
    what = os.path.basename(str(command[0]))
    return Failure(f'{name}: {what} ended with status {status}; '
                   f'the end of its output:\n{ending}', f'all of it: {log}')
