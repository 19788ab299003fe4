# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages from suites that the machine itself does not use.

Each family of suites has a private apt: own sources, lists, cache and an
empty list of installed packages.  The archive's address, its keyring and
proxy settings are the machine's own, read from its apt configuration, which
is never changed.  Only install() touches the machine, with its own apt.
"""

import os
import re
import subprocess
import time
from pathlib import Path

from . import paths, ui

KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
FRESH_SECONDS = 24 * 3600

# family -> the suites its private apt sees
FAMILIES = {
    'bookworm': ('bookworm', 'bookworm-updates', 'bookworm-security'),
    'bookworm-backports': ('bookworm-backports',),
    'trixie-backports': ('trixie-backports',),
    'trixie': ('trixie', 'trixie-updates', 'trixie-security'),
    'sid': ('sid',),
}

_MACHINE = Path('/etc/apt')


class Archive:
    """One archive that the machine's apt is configured to use."""

    def __init__(self, uri, suites, options):
        self.uri = uri.rstrip('/')
        self.suites = suites
        self.options = options

    def __eq__(self, other):
        return vars(self) == vars(other)


def machine_suite():
    """The code name of the Debian release that the machine runs."""
    fields = {}
    for line in Path('/etc/os-release').read_text().splitlines():
        name, _, value = line.partition('=')
        fields[name] = value.strip('"\'')
    if fields.get('ID') != 'debian':
        raise ui.Failure('this machine does not run Debian; cx6dx needs '
                         'Debian 12 or later (a container will do)')
    return fields.get('VERSION_CODENAME', 'sid')


def _one_line_entries(text):
    """Archives in the text of a sources.list."""
    for line in text.splitlines():
        words = line.split('#')[0].strip()
        match = re.match(r'deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s+(.+)', words)
        if match and 'main' in match[4].split():
            pairs = (pair.partition('=') for pair in (match[1] or '').split())
            options = {name.lower(): value for name, _, value in pairs}
            yield Archive(match[2], [match[3]], options)


def _deb822_entries(text):
    """Archives in the text of a *.sources file."""
    text = re.sub(r'^#.*\n', '', text, flags=re.M)
    for stanza in re.split(r'\n\s*\n', text):
        fields = {}
        for name, value in re.findall(r'^([\w-]+):((?:.*(?:\n[ \t].*)*))',
                                      stanza, re.M):
            fields[name.lower()] = value.strip()
        if (fields.get('enabled', 'yes').lower() in ('no', 'false')
                or 'deb' not in fields.get('types', '').split()
                or 'main' not in fields.get('components', '').split()):
            continue
        options = {name: fields[name] for name in ('signed-by', 'trusted')
                   if name in fields and '\n' not in fields[name]}
        for uri in fields.get('uris', '').split():
            yield Archive(uri, fields.get('suites', '').split(), options)


def machine_archives():
    """Every archive in the machine's own sources, in their order."""
    found = []
    if (_MACHINE / 'sources.list').is_file():
        found += _one_line_entries((_MACHINE / 'sources.list').read_text())
    parts = _MACHINE / 'sources.list.d'
    for path in sorted(parts.iterdir()) if parts.is_dir() else ():
        if path.suffix == '.list':
            found += _one_line_entries(path.read_text())
        elif path.suffix == '.sources':
            found += _deb822_entries(path.read_text())
    return found


def _candidates(security):
    """Archives that may hold other suites: of the release, or of security."""
    name = machine_suite()
    wanted = [f'{name}-security', f'{name}/updates', 'stable-security'] \
        if security else [name, 'stable', 'unstable']
    return [archive for archive in machine_archives()
            if any(suite.rstrip('/') in wanted for suite in archive.suites)]


def _entry(kind, archive, suite):
    options = dict(archive.options)
    options.pop('arch', None)
    if options.get('trusted', 'no') not in ('yes', 'true'):
        options.setdefault('signed-by', KEYRING)
        if not Path(options['signed-by'].split(',')[0]).exists():
            options['signed-by'] = KEYRING
    text = ' '.join(f'{name}={value}' for name, value in options.items())
    return f'{kind} [{text}] {archive.uri} {suite} main\n'


def sources_list(family, kind='deb', archive=None):
    """The text of a sources.list for FAMILY, from the machine's archives."""
    if family not in FAMILIES:
        raise ui.UsageError(f"no suite '{family}'; there are: "
                            + ', '.join(FAMILIES))
    main = [archive] if archive else _candidates(security=False)
    if not main:
        raise ui.Failure(
            'the sources of apt name no Debian archive for '
            f"'{machine_suite()}' (/etc/apt/sources.list, sources.list.d)")
    security = _candidates(security=True)
    text = ''
    for suite in FAMILIES[family]:
        if not suite.endswith('-security'):
            text += _entry(kind, main[0], suite)
        elif security:
            text += _entry(kind, security[0], suite)
    return text


class PrivateApt:
    """The private apt of one family of suites, for binaries or sources."""

    def __init__(self, family, kind):
        self.family = family
        self.kind = kind
        self.name = f'apt/{family}-{kind}'
        self.root = paths.cache('apt', f'{family}-{kind}')
        self.conf = self.root / 'apt.conf'
        self.sources = self.root / 'sources.list'
        self.stamp = self.root / 'updated'

    def _write_conf(self):
        """Point apt at our own directories, after the machine's settings.

        apt reads $APT_CONFIG first, and then the parts directory named
        there: links to the machine's parts, then one of ours that wins.
        """
        parts = self.root / 'conf.d'
        for path in (parts, self.root / 'lists/partial',
                     self.root / 'archives/partial', self.root / 'state'):
            path.mkdir(parents=True, exist_ok=True)
        for link in parts.iterdir():
            link.unlink()
        theirs = _MACHINE / 'apt.conf.d'
        for path in theirs.iterdir() if theirs.is_dir() else ():
            (parts / path.name).symlink_to(path)
        (self.root / 'status').touch()
        self.conf.write_text(f'Dir::Etc::parts "{parts}";\n')
        (parts / 'zzzz-cx6dx').write_text(
            '#clear APT::Update::Post-Invoke;\n'
            '#clear APT::Update::Post-Invoke-Success;\n'
            '#clear APT::Update::Pre-Invoke;\n'
            '#clear DPkg::Post-Invoke;\n'
            '#clear DPkg::Pre-Invoke;\n'
            '#clear DPkg::Pre-Install-Pkgs;\n'
            f'Dir::Etc::sourcelist "{self.sources}";\n'
            'Dir::Etc::sourceparts "/dev/null";\n'
            'Dir::Etc::preferences "/dev/null";\n'
            'Dir::Etc::preferencesparts "/dev/null";\n'
            f'Dir::State "{self.root}/state";\n'
            f'Dir::State::lists "{self.root}/lists";\n'
            f'Dir::State::status "{self.root}/status";\n'
            f'Dir::State::extended_states "{self.root}/state/extended";\n'
            f'Dir::Cache "{self.root}";\n'
            f'Dir::Cache::archives "{self.root}/archives";\n'
            'Dir::Cache::pkgcache "pkgcache.bin";\n'
            'Dir::Cache::srcpkgcache "srcpkgcache.bin";\n'
            'Acquire::Languages "none";\n'
            'Acquire::Retries "3";\n'
            'APT::Sandbox::User "root";\n'
            'APT::Install-Recommends "false";\n'
            'APT::Get::AllowUnauthenticated "false";\n'
            'Debug::NoLocking "true";\n')

    def env(self):
        """The environment in which apt's programs use this private apt."""
        return dict(os.environ, APT_CONFIG=str(self.conf), LC_ALL='C.UTF-8',
                    DEBIAN_FRONTEND='noninteractive')

    def _fresh(self, text):
        return (self.stamp.exists() and self.sources.exists()
                and self.sources.read_text() == text
                and time.time() - self.stamp.stat().st_mtime < FRESH_SECONDS)

    def update(self, force=False):
        """Have package lists not older than a day; newer ones with FORCE."""
        main = _candidates(security=False)
        texts = [sources_list(self.family, self.kind, archive)
                 for archive in main] or [sources_list(self.family)]
        if not force and any(self._fresh(text) for text in texts):
            return
        self._write_conf()
        log = paths.log(f'apt-update-{self.family}-{self.kind}')
        what = 'source' if self.kind == 'deb-src' else 'package'
        for text in texts:
            self.sources.write_text(text)
            status = ui.run(
                ['apt-get', '-o', 'APT::Update::Error-Mode=any', 'update'],
                f'{what} lists of {self.family}', log, env=self.env(),
                check=False)
            if status == 0:
                self.stamp.touch()
                return
        if self.stamp.exists() and not force:
            ui.warn(f'the {what} lists of {self.family} could not be renewed; '
                    'going on with older ones')
            return
        raise ui.Failure(
            f'no archive of this machine gives the lists of {self.family}:\n'
            + ui.tail(log, 6), f'all of it: {log}')

    def run(self, arguments, name, cwd=None):
        """apt-get ARGUMENTS; if it fails, once more with new lists."""
        log = paths.log('apt-' + re.sub(r'\W+', '-', name).strip('-'))
        with ui.step(name) as shown:
            for last in (False, True):
                status = ui.run(['apt-get', '-y', *arguments], name, log,
                                cwd=cwd, env=self.env(), within=shown,
                                check=last)
                if status == 0:
                    return
                self.update(force=True)

    def query(self, *command):
        return subprocess.run(command, env=self.env(), text=True, check=False,
                              capture_output=True).stdout


def _private(family, kind='deb'):
    private = PrivateApt(family, kind)
    private.update()
    return private


def update(families):
    """Have fresh package lists of FAMILIES (a list of names)."""
    for family in families:
        with paths.lock(f'apt-{family}-deb'):
            _private(family)


def _version(private, package):
    if private.kind == 'deb':
        text = private.query('apt-cache', 'show', '--no-all-versions', package)
        found = re.findall(r'^Version: (.+)', text, re.M)
    else:
        text = private.query('apt-cache', 'showsrc', '--only-source', package)
        found = re.findall(r'^Version: (.+)', text, re.M)
    if not found:
        raise ui.Failure(f"suite {private.family} has no package '{package}'")
    return _newest(found)


def _newest(versions):
    """The newest of VERSIONS, in dpkg's order."""
    best = versions[0]
    for version in versions[1:]:
        if is_newer(version, best):
            best = version
    return best


def is_newer(version, than):
    """Whether VERSION is newer, in dpkg's order."""
    return subprocess.run(['dpkg', '--compare-versions', version, 'gt', than],
                          check=False).returncode == 0


def policy(package, suite):
    """The version of binary PACKAGE in SUITE."""
    with paths.lock(f'apt-{suite}-deb'):
        return _version(_private(suite), package)


def download_deb(package, suite):
    """The path of PACKAGE's .deb from SUITE; its name carries the version."""
    with paths.lock(f'apt-{suite}-deb'):
        private = _private(suite)
        version = _version(private, package)
        store = paths.cache('debs', suite, package, 'x').parent
        # apt escapes the epoch's colon in names of files
        pattern = f"{package}_{version.replace(':', '%3a')}_*.deb"
        found = list(store.glob(pattern))
        if not found:
            private.run(['download', package],
                        f'package {package} of {suite}', cwd=store)
            found = list(store.glob(f'{package}_*.deb'))
            found.sort(key=lambda path: path.stat().st_mtime)
        if not found:
            raise ui.Failure(f'apt-get download left no {package}_*.deb')
        return found[-1]


def extract_deb(package, suite):
    """The directory with PACKAGE of SUITE unpacked, nothing installed."""
    deb = download_deb(package, suite)
    place = paths.cache('unpacked', deb.stem)
    with paths.lock(f'unpack-{package}'):
        if not place.is_dir():
            with paths.atomic_dir(place) as work:
                subprocess.run(['dpkg-deb', '-x', deb, work], check=True)
    return place


def source(package, suite):
    """The directory with the .dsc and tarballs of source PACKAGE of SUITE."""
    with paths.lock(f'apt-{suite}-deb-src'):
        private = _private(suite, 'deb-src')
        version = _version(private, package)
        place = paths.cache('sources', f"{package}_{version.replace(':', '-')}")
        if not list(place.glob('*.dsc')):
            with paths.atomic_dir(place) as work:
                private.run(['source', '--download-only', package],
                            f'source package {package} of {suite}', cwd=work)
        return place


def missing(packages):
    """Those of PACKAGES that the machine has not installed."""
    answer = subprocess.run(
        ['dpkg-query', '-W', '-f', '${Package} ${db:Status-Abbrev}\n',
         *packages], text=True, capture_output=True, check=False).stdout
    present = {line.split()[0] for line in answer.splitlines()
               if line.split()[1:] and line.split()[1].startswith('ii')}
    return [package for package in packages if package not in present]


def install(packages, why='cx6dx'):
    """Have PACKAGES on the machine, from its own sources.

    Root installs them; anybody else is told the command that would.
    """
    absent = missing(packages)
    if not absent:
        return
    if os.geteuid() != 0:
        raise ui.Failure(f"{why} needs Debian packages: {' '.join(absent)}",
                         f"sudo apt-get install {' '.join(absent)}")
    env = dict(os.environ, DEBIAN_FRONTEND='noninteractive', LC_ALL='C.UTF-8')
    command = ['apt-get', '-y', '--no-install-recommends', '-o',
               'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=3']
    with paths.lock('apt-machine'):
        absent = missing(packages)
        if not absent:
            return
        ui.run(command + ['update'], 'package lists of this machine',
               paths.log('apt-machine-update'), env=env)
        ui.run(command + ['install', *absent],
               f'installing {len(absent)} packages for {why}',
               paths.log('apt-machine-install'), env=env)


def meson():
    """(command, environment) of a meson of at least 1.5.

    Debian 12 has 1.0: the one of its backports is unpacked in the cache and
    run from there.
    """
    env = dict(os.environ)
    if machine_suite() != 'bookworm':
        return [ui.need_tool('meson', 'meson')], env
    place = extract_deb('meson', 'bookworm-backports')
    modules = place / 'usr/lib/python3/dist-packages'
    env['PYTHONPATH'] = ':'.join(
        filter(None, [str(modules), env.get('PYTHONPATH')]))
    return ['/usr/bin/python3', str(place / 'usr/bin/meson')], env


def meson_modules():
    """Where python finds that meson, or None if it is the machine's own."""
    if machine_suite() != 'bookworm':
        return None
    return extract_deb('meson', 'bookworm-backports') / \
        'usr/lib/python3/dist-packages'
