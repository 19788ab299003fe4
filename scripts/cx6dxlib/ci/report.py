# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run leaves behind: KTAP as it goes, JUnit XML, an HTML page.

The page needs nothing but itself: style and pictures are in it.
"""

import base64
import html
import platform
import time
from xml.etree import ElementTree

# the name of what is no case, but found at the end of a guest, begins so
END_OF_GUEST = 'end-of-guest'

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 72em;
       padding: 0 1em; color: #1c1e21; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .25em .7em; border-bottom: 1px solid #ddd;
         vertical-align: top; }
td:first-child { white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.ok { color: #137333; } .bad { color: #b3261e; font-weight: 600; }
.known { color: #8a5a00; }
pre { background: #f4f5f7; padding: .8em; overflow-x: auto; font-size: 13px; }
code { background: #f4f5f7; padding: .1em .3em; }
img { max-width: 100%; border: 1px solid #ddd; }
.seen { font-size: 13px; color: #555; }
"""

_HOW_TO_READ = ('From the device\'s trace of that; how to read it: '
                '<code>docs/devel/cx6dx-tls-timeline.rst</code>')


class Report:
    """Collects Outcomes; tell() prints KTAP, write() makes the files."""

    def __init__(self, title, reproduce, planned=None):
        self.title = title
        self.reproduce = reproduce      # name of a case -> command
        self.planned = planned
        self.outcomes = []
        self.summaries = {}             # name -> what the file says happens
        self.pictures = {}              # name -> [paths]
        self.begin = time.time()
        print('KTAP version 1', flush=True)
        if planned is not None:
            print(f'1..{planned}', flush=True)

    def tell(self, outcome, summary=''):
        """Print the KTAP lines of one more OUTCOME."""
        self.outcomes.append(outcome)
        self.summaries[outcome.name] = summary
        number = len(self.outcomes)
        if outcome.skipped:
            print(f'ok {number} {outcome.name} # SKIP {outcome.skipped}',
                  flush=True)
            return
        if not outcome.failures:
            print(f'ok {number} {outcome.name} # {outcome.seconds:.1f} s',
                  flush=True)
            return
        note = f' # TODO known: {outcome.known}' if outcome.known else ''
        lines = [f'# {line}' for text in outcome.failures
                 for line in text.splitlines()[:6]]
        if summary:
            lines.insert(0, f'# {summary}')
        if not outcome.known:
            lines.append(f'# again: {self.reproduce(outcome.name)}')
        print('\n'.join([*lines, f'not ok {number} {outcome.name}{note}']),
              flush=True)

    def end_of_plan(self):
        """For a run whose length nobody knew before."""
        print(f'1..{len(self.outcomes)}', flush=True)

    @property
    def bad(self):
        return [each for each in self.outcomes
                if each.failures and not each.known]

    @property
    def known(self):
        return [each for each in self.outcomes
                if each.failures and each.known]

    def totals(self):
        skipped = sum(bool(each.skipped) for each in self.outcomes)
        good = len(self.outcomes) - len(self.bad) - len(self.known) - skipped
        return f'{good} passed, {len(self.bad)} failed, ' \
            f'{len(self.known)} known failures, {skipped} skipped'

    @property
    def missing(self):
        """How many cases were not played, because the run was ended."""
        played = sum(not each.name.startswith(END_OF_GUEST)
                     for each in self.outcomes)
        return max(0, (self.planned or 0) - played)

    # ---- files --------------------------------------------------------------

    def write(self, place):
        """Write junit.xml and report.html into the directory PLACE."""
        place.mkdir(parents=True, exist_ok=True)
        self._junit(place / 'junit.xml')
        (place / 'report.html').write_text(self._html(), encoding='utf-8')

    def _junit(self, path):
        suite = ElementTree.Element('testsuite', {
            'name': self.title, 'tests': str(len(self.outcomes) + (self.missing > 0)),
            'failures': str(len(self.bad)),
            'errors': str(int(self.missing > 0)),
            'skipped': str(len(self.known)
                           + sum(bool(each.skipped)
                                 for each in self.outcomes)),
            'time': f'{time.time() - self.begin:.1f}',
            'hostname': platform.node()})
        for each in self.outcomes:
            folder, _, name = each.name.partition('/')
            case = ElementTree.SubElement(suite, 'testcase', {
                'classname': f'scenarios.{folder}', 'name': name or folder,
                'time': f'{each.seconds:.1f}'})
            if each.skipped:
                ElementTree.SubElement(case, 'skipped',
                                       {'message': each.skipped})
            elif each.failures:
                kind = 'skipped' if each.known else 'failure'
                told = ElementTree.SubElement(case, kind, {
                    'message': each.known or each.failures[0]})
                told.text = _printable('\n'.join(
                    [*each.failures, each.rerun, '',
                     self.reproduce(each.name), '', each.log,
                     each.console[-20000:]]))
        if self.missing:
            case = ElementTree.SubElement(suite, 'testcase', {
                'classname': 'scenarios', 'name': 'all were played'})
            ElementTree.SubElement(case, 'error', {
                'message': f'{self.missing} cases were not played'})
        root = ElementTree.Element('testsuites')
        root.append(suite)
        ElementTree.indent(root)
        ElementTree.ElementTree(root).write(path, encoding='utf-8',
                                            xml_declaration=True)

    def _html(self):
        mark = 'bad' if self.bad or self.missing else 'ok'
        parts = ['<!doctype html><html lang="en"><meta charset="utf-8">',
                 f'<title>{html.escape(self.title)}</title>',
                 f'<style>{_STYLE}</style>',
                 f'<h1>{html.escape(self.title)}</h1>',
                 f'<p class="{mark}">{self.totals()}'
                 + f'; {self.missing} were not played: the run was ended'
                 * (self.missing > 0) + '</p>',
                 f'<p>{time.time() - self.begin:.0f} s, begun '
                 + time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(self.begin))
                 + '</p>']
        for title, group in (('Failed', self.bad),
                             ('Known failures', self.known)):
            if group:
                parts.append(f'<h2>{title}</h2>')
                parts += [self._failure(each) for each in group]
        parts.append('<h2>All scenarios</h2><table><tr><th>scenario<th>'
                     'verdict<th class="n">seconds<th>what was looked at')
        parts += [_row(each) for each in self.outcomes]
        parts.append('</table></html>')
        return '\n'.join(parts)

    def _failure(self, each):
        name = html.escape(each.name)
        parts = [f'<h3 id="{name}">{name}</h3>']
        if self.summaries.get(each.name):
            parts.append(f'<p>{html.escape(self.summaries[each.name])}</p>')
        if each.known:
            parts.append(f'<p>Known: {html.escape(each.known)}</p>')
        mark = 'known' if each.known else 'bad'
        parts.append(f'<ul class="{mark}">' + ''.join(
            f'<li>{html.escape(text)}' for text in each.failures) + '</ul>')
        parts.append('<p>Again: <code>'
                     + html.escape(self.reproduce(each.name))
                     + '</code></p>')
        if each.rerun:
            parts.append(f'<p>{html.escape(each.rerun[:1].upper())}'
                         f'{html.escape(each.rerun[1:])}</p>')
        if self.pictures.get(each.name):
            parts.append(f'<p class="seen">{_HOW_TO_READ}</p>')
        for path in self.pictures.get(each.name, ()):
            data = path.read_bytes()
            if path.suffix == '.svg':
                parts.append(data.decode()[data.decode().index('<svg'):])
            elif path.suffix == '.png':
                text = base64.b64encode(data).decode()
                parts.append(f'<img alt="{html.escape(path.stem)}" '
                             f'src="data:image/png;base64,{text}">')
            else:
                parts.append('<pre>' + html.escape(data.decode(
                    errors='replace')[:20000]) + '</pre>')
        for title, text in (('Output of the tools', each.log),
                            ('Console of the guest', each.console[-30000:])):
            if text.strip():
                parts.append(f'<details><summary>{title}</summary><pre>'
                             + html.escape(text) + '</pre></details>')
        return '\n'.join(parts)


def _row(each):
    """A case in the table of all."""
    kind, word = ('known', 'skipped') if each.skipped else \
        ('ok', 'ok') if not each.failures else \
        ('known', 'known') if each.known else ('bad', 'failed')
    name = html.escape(each.name)
    if each.failures:
        name = f'<a href="#{name}">{name}</a>'
    seen = each.skipped or ', '.join(f'{key} {value}' for key, value
                                     in each.seen.items())
    return (f'<tr><td>{name}<td class="{kind}">{word}'
            f'<td class="n">{each.seconds:.1f}'
            f'<td class="seen">{html.escape(seen)}')


def _printable(text):
    """TEXT without what XML cannot hold."""
    return ''.join(char for char in text
                   if char in '\n\t' or ' ' <= char <= '\ufffd')
