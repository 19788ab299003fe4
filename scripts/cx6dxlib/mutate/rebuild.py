# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU or a kernel module with one file of another content, in seconds.

The commands that built the file and what it is linked into are known to
ninja, or were written down by kbuild.  They are run again with other names
for that file's source and object and for the result, in the tree that was
built, in which nothing changes.
"""

import json
import re
import shlex
import subprocess
from pathlib import Path

from .. import kernelbuild, paths, qemu as qemus, ui

DEVICE = 'hw/net/cx6dx_tls'


def _run(command, cwd, what):
    done = subprocess.run(['sh', '-c', command], cwd=cwd, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise ui.Failure(f'{what} cannot be built:\n'
                         + ui_tail(done.stderr or done.stdout))


def ui_tail(text):
    """The first errors in a compiler's output."""
    lines = text.splitlines()
    bad = [line for line in lines if re.search(r'\berror\b', line, re.I)]
    return '\n'.join(f'    {line}' for line in (bad or lines)[:8])


# ---- QEMU -------------------------------------------------------------------

class Device:
    """The device in QEMU."""

    source = paths.ROOT / DEVICE

    def __init__(self):
        self.qemu = qemus.ensure()
        answer = subprocess.run(
            ['ninja', '-t', 'compdb', '-x'], cwd=qemus.TREE, text=True,
            capture_output=True, check=True).stdout
        self._commands = {each['output']: each for each in json.loads(answer)}
        self._link = self._commands[qemus.TARGETS[0]]['command']

    def build(self, file, text, place):
        """A QEMU binary in PLACE whose FILE has the content TEXT."""
        known = next(each for each in self._commands.values()
                     if each['file'].endswith(f'{DEVICE}/{file}')
                     and each['output'].endswith('.o'))
        source, target = place / Path(file).name, place / 'mutant.o'
        source.write_text(text)
        compile_it = _swap(known['command'], {
            known['file']: source, known['output']: target,
            known['output'] + '.d': f'{target}.d'})
        _run(compile_it, qemus.TREE, file)
        binary = place / qemus.TARGETS[0]
        link_it = _swap(self._link, {known['output']: target,
                                     qemus.TARGETS[0]: binary})
        if str(target) not in link_it:
            raise ui.Failure(f'{known["output"]} is not linked by itself')
        _run(link_it, qemus.TREE, binary.name)
        return binary


def _swap(command, names):
    """COMMAND with whole words, or what follows a = or a comma, exchanged."""
    for old, new in names.items():
        command = re.sub(rf'(?<![\w./-]){re.escape(str(old))}(?![\w./-])',
                         lambda _, new=new: str(new), command)
    return command


# ---- kernel modules -----------------------------------------------------------

class Kernel:
    """A kernel that we build; modules of it can be exchanged."""

    def __init__(self, spec):
        if spec not in kernelbuild.BUILT:
            raise ui.UsageError(f"'{spec}' is no kernel that is built here",
                                'mutations of the kernel need one of '
                                + ', '.join(kernelbuild.BUILT))
        self.tree = kernelbuild.tree(spec)
        self.source = kernelbuild.source_of(spec)

    def _saved(self, target):
        """The command by which kbuild made TARGET."""
        path = self.tree / target
        text = (path.parent / f'.{path.name}.cmd').read_text()
        found = re.search(r'^(?:saved)?cmd_\S+ := (.*)$', text, re.M)
        return found[1].replace('$(pound)', '#').replace('$$', '$')

    def _module_of(self, target):
        """The module that object TARGET is a part of (without suffix)."""
        for folder in Path(target).parents:
            for listing in (self.tree / folder).glob('*.mod'):
                if target in listing.read_text().split():
                    return str(folder / listing.stem)
        raise ui.Failure(f'{target} is part of no module of this kernel')

    def build(self, file, text, place):
        """The path of a module in PLACE whose source FILE is TEXT."""
        target = str(Path(file).with_suffix('.o'))
        module = self._module_of(target)
        source, made = place / Path(file).name, place / 'mutant.o'
        source.write_text(text)
        known = self._saved(target)
        words = _swap(known, {target: made,
                              str(Path(target).parent / (
                                  f'.{Path(target).name}.d')): f'{made}.d'})
        words = re.sub(rf'(?<=\s)\S*{re.escape(file)}(?=\s|$)', str(source),
                       words)
        # headers beside the file are looked for where it was
        words = words.replace(' -c ', ' -iquote '
                              + shlex.quote(str((self.source / file).parent))
                              + ' -c ', 1)
        _run(words, self.tree, file)
        whole = place / f'{Path(module).name}.o'
        objects = [str(made) if each == target else each for each in
                   (self.tree / f'{module}.mod').read_text().split()]
        # a list of objects, and perhaps a check of all of them
        link = self._saved(f'{module}.o')
        link = re.sub(rf'@{re.escape(module)}\.mod\b', ' '.join(objects),
                      _swap(link, {f'{module}.o': whole}))
        _run(link, self.tree, whole.name)
        result = place / f'{Path(module).name}.ko'
        _run(_swap(self._saved(f'{module}.ko'), {
            f'{module}.o': whole, f'{module}.ko': result}), self.tree,
            result.name)
        return result
