# SPDX-License-Identifier: GPL-2.0-or-later
"""bench timing: the timing model against what is published.

The model alone (tests/unit/cx6dx-model.c, ring 0 without a device) says what
it does; the figures here are typed from their sources, or worked out from the
closed forms in floating point, without the model's own arithmetic.  Each point
has an error; a group of points has a bound that its worst must keep.

The same program tells what a load is bound by, from one table, and prints all
parameters with their sources.
"""

import functools
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from . import apt, benchcost, paths, testcmd, ui

PROGRAM = 'tests/unit/cx6dx-model'

# pcie-model's data set: DMA reads of another card, Gen3 x8, ns by bytes
LATENCY_NS = {8: 546, 64: 546, 128: 573, 256: 626, 512: 706, 1024: 853,
              1520: 986, 2048: 1133}
# the same, a write and the read of what was written
WRITE_READ_NS = {8: 760, 64: 773, 128: 813, 256: 880, 512: 1013, 1024: 1266,
                 1520: 1560, 2048: 1840}
# its program: Gb/s of write, read, both at once; Gen3 x16, MPS 256, MRRS 512
BANDWIDTH = {16: (45.48, 50.53, 28.43), 64: (82.69, 86.63, 64.97),
             256: (103.95, 105.46, 95.75), 512: (103.95, 105.46, 99.68),
             1448: (103.42, 105.00, 98.94), 4096: (103.95, 105.46, 99.68)}
# patch mail of July 2022, connections a second
SETUP = {'plain': 11600, 'tis-pool': 16500}
# "Autonomous NIC Offloads": bytes and DUMPs for a lost packet; and the rate
# with 128 K connections against plain http
RECOVERY_BYTES, RECOVERY_DUMPS, CACHE_FLOOR = 15000, (11, 13), 0.9
# share of the PCIe bandwidth that recovery took at 5 % loss, at most
RECOVERY_SHARE = 0.025
EXAMPLES = (
    ('the card as it is', []),
    ('half of the PCIe width, wire of 200 Gb/s', ['pcie-lanes=8',
                                                  'link-speed=200000']),
    ('twice the connections that fit', ['connections=40000',
                                        'records=120000']),
    ('loss of 2 %, PCIe Gen3', ['profile=cx6dx-gen3x16', 'loss=200']),
)
LINES = {'pcie_up': 'up', 'pcie_down': 'down', 'crypto_tx': 'cipher',
         'tx_pipe': 'pipe', 'wire_tx': 'wire'}


class Point(NamedTuple):
    """One comparison."""

    group: str
    where: str
    published: float
    model: float
    error: float            # relative


class Group(NamedTuple):
    """What is compared, with the worst error that is accepted."""

    name: str
    title: str
    unit: str
    bound: float
    mark: str


GROUPS = {group.name: group for group in (
    Group('pcie', 'PCIe bandwidth, closed form', 'Gb/s', 0.001, 'published'),
    Group('table', 'PCIe bandwidth, printed by pcie-model', 'Gb/s', 0.001,
          'published'),
    Group('latency', 'DMA read latency by size', 'ns', 0.05, 'published'),
    Group('write-read', 'DMA write and read of it, by size', 'ns', 0.10,
          'published'),
    Group('tags', 'outstanding-tag law', 'Gb/s', 0.02, 'derived'),
    Group('wire', 'wire rate by frame size', 'Gb/s', 0.005, 'published'),
    Group('setup', 'connection set-up rate', '1/s', 0.05, 'published'),
    Group('dumps', 'DUMPs for a lost packet', '', 0.0, 'published'),
    Group('recovery', 'bytes read again for a lost packet', 'B', 0.15,
          'published'),
    Group('cache', 'throughput with TLS contexts over plain', '', 0.0,
          'published'),
)}


# ---- closed forms ----------------------------------------------------------

def pcie_rate(gen, lanes, mps):
    """Gb/s left for TLPs: raw rate less DLLPs and SKP ordered sets."""
    small = mps <= 256
    factor = {16: 3.0 if small else 2.0, 8: 2.5 if small else 1.0}.get(
        lanes, 1.4 if small else 1.0)
    limit = int(int((mps + 28) * factor + 1e-9) / lanes) + 115
    return 8 * 2 ** (gen - 3) * 128 / 130 * lanes * \
        (1 - 16 / limit - 4 / 1538)


def pcie_form(gen, lanes, mps, mrrs, size, way):
    """Effective Gb/s of writes, reads, or both at once."""
    up = down = 0
    if way in ('write', 'both'):
        up += size + -(-size // mps) * 24
    if way in ('read', 'both'):
        up += -(-size // mrrs) * 24
        down += size + -(-size // mps) * 20
    return pcie_rate(gen, lanes, mps) * size / max(up, down)


def tag_form(tags, mrrs, alone_ps):
    """tags * MRRS / latency, at most what the link of Gen3 x16 gives."""
    return min(8000 * tags * mrrs / alone_ps,
               pcie_form(3, 16, 256, mrrs, mrrs, 'read'))


def wire_form(gbps, size):
    """Ethernet: preamble and gap are 20 bytes for each frame."""
    return gbps * size / (size + 20)


# ---- the model -------------------------------------------------------------

@functools.cache
def program():
    """The model as a program, built from the checkout."""
    place = testcmd.build_unit('model', ['-Doptimization=2'])
    ui.run(['ninja', '-C', place, f'-j{ui.jobs()}', PROGRAM],
           'building the model', paths.log('model-ninja'))
    return place / PROGRAM


def ask(*words):
    """Rows of what the model says."""
    done = subprocess.run([program(), *words], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise ui.UsageError(done.stderr.strip() or 'the model has failed')
    return [line.split('\t') for line in done.stdout.splitlines()]


def _point(group, where, published, model):
    return Point(group, where, published, model, model / published - 1)


def _compare(row):
    """Points of one row of the model's answer."""
    kind, *words = row
    if kind == 'pcie':
        gen, lanes, mps, mrrs, size = map(int, words[:5])
        way, is_ = words[5], float(words[6])
        where = f'Gen{gen} x{lanes} MPS {mps} MRRS {mrrs} {way} {size} B'
        yield _point('pcie', where,
                     pcie_form(gen, lanes, mps, mrrs, size, way), is_)
        if (gen, lanes, mps, mrrs) == (3, 16, 256, 512) and size in BANDWIDTH:
            index = ('write', 'read', 'both').index(way)
            yield _point('table', where, BANDWIDTH[size][index], is_)
    elif kind == 'latency':
        size = int(words[0])
        yield _point('latency', f'{size} B', LATENCY_NS[size],
                     float(words[1]))
    elif kind == 'write-read':
        size = int(words[0])
        yield _point('write-read', f'{size} B', WRITE_READ_NS[size],
                     float(words[1]))
    elif kind == 'tags':
        tags, mrrs, alone = map(int, words[:3])
        yield _point('tags', f'{tags} tags, MRRS {mrrs}',
                     tag_form(tags, mrrs, alone), float(words[3]))
    elif kind == 'wire':
        gbps, size = map(int, words[:2])
        yield _point('wire', f'{gbps} Gb/s, frames of {size} B',
                     wire_form(gbps, size), float(words[2]))
    elif kind == 'setup' and words[0] in SETUP:
        yield _point('setup', words[0], SETUP[words[0]], float(words[1]))
    elif kind == 'recovery':
        where = f'{words[0]} % loss'
        yield _point('recovery', where, RECOVERY_BYTES, float(words[1]))
        low, high = RECOVERY_DUMPS
        dumps = float(words[2])
        yield Point('dumps', where, min(max(dumps, low), high), dumps,
                    dumps / min(max(dumps, low), high) - 1)
    elif kind == 'cache':
        share = float(words[1]) / float(words[2])
        yield Point('cache', f'{words[0]} connections', CACHE_FLOOR, share,
                    min(0.0, share - CACHE_FLOOR))


def summary(points):
    """{group name: dict of count, median, worst, where, reached}."""
    result = {}
    for name, group in GROUPS.items():
        own = [point for point in points if point.group == name]
        worst = max(own, key=lambda point: abs(point.error))
        result[name] = {
            'title': group.title, 'points': len(own), 'mark': group.mark,
            'median': statistics.median(abs(point.error) for point in own),
            'worst': abs(worst.error), 'where': worst.where,
            'bound': group.bound,
            'reached': abs(worst.error) <= group.bound + 1e-9}
    return result


# ---- telling ---------------------------------------------------------------

def _percent(value):
    return f'{100 * value:.3f} %'


def _print_summary(result, rows):
    head = ('what', 'points', 'median', 'worst', 'bound', '', 'worst at')
    table = [(one['title'], str(one['points']), _percent(one['median']),
              _percent(one['worst']), _percent(one['bound']),
              'yes' if one['reached'] else 'NO', one['where'])
             for one in result.values()]
    _print_table(head, table)
    print('\nPredicted, with nothing published to hold against it:')
    for kind, *words in rows:
        if kind == 'setup' and words[0] not in SETUP:
            print(f'  set-up rate with TIS recycling and DEK pooling: '
                  f'{float(words[1]):.0f} connections/s (rests on '
                  'fw-dek-modify, assumed)')
    print('  TX recovery, Gen3 x16, 100 Gb/s, records of 16 KiB, a sender that '
          'does not slow down:')
    for kind, *words in rows:
        if kind == 'recovery':
            share = _recovery_share(words)
            print(f'    {words[0]:>5} % loss: {float(words[3]):.3f} bytes read '
                  f'again for each sent, {float(words[4]):.1f} Gb/s, '
                  f'{100 * share:.1f} % of the PCIe bandwidth')
    print(f'    published is less than {100 * RECOVERY_SHARE:.1f} % at 5 % loss; '
          'the model has that up to '
          f'{RECOVERY_SHARE / share * float(words[4]):.1f} Gb/s sent, and TCP '
          'slows down')


def _recovery_share(words):
    """Of what Gen3 x16 can read, how much is read to recover."""
    return float(words[3]) * float(words[4]) / \
        pcie_form(3, 16, 256, 512, 16384, 'read')


def _print_table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows])
              for i in range(len(head))]
    for row in [head, *rows]:
        print('  '.join(word.ljust(width)
                        for word, width in zip(row, widths)).rstrip())


def print_params():
    """All parameters as a table."""
    rows = ask('params')
    profiles = rows[0][6:]
    head = ('parameter', *profiles, 'unit', 'limits', 'mark', 'source')
    _print_table(head, [(row[0], *row[6:], row[1], row[2], row[3], row[4])
                        for row in rows[1:]])


def _bound(numbers):
    """(share of time that each resource is busy, what bounds)."""
    end = int(numbers['end_ns'])
    shares = {line: int(numbers[f'{line}_busy_ns']) / end for line in LINES}
    top = max(shares, key=shares.get)
    if shares[top] > 0.95:
        return shares, top
    tags = int(numbers['tag_stall_ns']) > 0.5 * end
    return shares, 'tags' if tags else 'latency'


def what_if(loads):
    """One table: what bounds the throughput of each load."""
    table = []
    for title, words in loads:
        numbers = dict(ask('load', *words))
        shares, bound = _bound(numbers)
        records = max(1, int(numbers['ctx_hits']) + int(numbers['ctx_misses']))
        table.append((title, f"{float(numbers['gbps']):.1f}",
                      *(f'{100 * shares[line]:.0f}%' for line in LINES),
                      f"{100 * int(numbers['ctx_misses']) / records:.0f}%",
                      f"{int(numbers['recovery_bytes']) / 1e6:.0f}", bound))
    _print_table(('busy', 'Gb/s', *LINES.values(), 'miss', 'MB again',
                  'bound by'), table)


def _plots(points, rows, folder):
    """One picture a group, published points and the model's line."""
    apt.install(['python3-matplotlib'], 'the plots')
    import matplotlib
    matplotlib.use('Agg')
    from matplotlib import pyplot

    def draw(name, title, xlabel, ylabel, series, logx=True):
        figure, axes = pyplot.subplots(figsize=(7, 4.5))
        for label, xs, ys, style in series:
            axes.plot(xs, ys, style, label=label, markersize=5)
        axes.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
        if logx:
            axes.set_xscale('log', base=2)
        axes.grid(alpha=0.3)
        axes.legend(fontsize='small')
        figure.tight_layout()
        figure.savefig(folder / f'{name}.png', dpi=110)
        pyplot.close(figure)

    def model(kind, *test):
        return [words for key, *words in rows if key == kind
                and all(words[i] == value for i, value in test)]

    series = []
    for index, way in enumerate(('write', 'read', 'both')):
        mine = model('pcie', (0, '3'), (1, '16'), (2, '256'), (3, '512'),
                     (5, way))
        series += [(f'{way}: model', [int(w[4]) for w in mine],
                    [float(w[6]) for w in mine], '-'),
                   (f'{way}: published', list(BANDWIDTH),
                    [row[index] for row in BANDWIDTH.values()], 'o')]
    draw('pcie', 'PCIe Gen3 x16, MPS 256, MRRS 512', 'bytes',
         'effective Gb/s', series)
    mine = model('latency')
    draw('latency', 'DMA read latency, Gen3 x8, another card', 'bytes', 'ns',
         [('model', [int(w[0]) for w in mine], [float(w[1]) for w in mine],
           '-'), ('published', list(LATENCY_NS), list(LATENCY_NS.values()),
                  'o')])
    mine = model('write-read')
    draw('write-read', 'DMA write and read of it, Gen3 x8, another card',
         'bytes', 'ns',
         [('model', [int(w[0]) for w in mine], [float(w[1]) for w in mine],
           '-'), ('published', list(WRITE_READ_NS),
                  list(WRITE_READ_NS.values()), 'o')])
    mine = model('tags', (1, '512'))
    draw('tags', 'Outstanding reads, MRRS 512, latency 543 ns', 'tags', 'Gb/s',
         [('model', [int(w[0]) for w in mine], [float(w[3]) for w in mine],
           '-'),
          ('tags x MRRS / latency', [int(w[0]) for w in mine],
           [tag_form(int(w[0]), 512, int(w[2])) for w in mine], 'o')])
    mine = model('wire', (0, '100'))
    draw('wire', 'Ethernet, 100 Gb/s', 'frame, bytes with FCS', 'Gb/s',
         [('model', [int(w[1]) for w in mine], [float(w[2]) for w in mine],
           '-'), ('formula', [int(w[1]) for w in mine],
                  [wire_form(100, int(w[1])) for w in mine], 'o')])
    mine = model('cache')
    draw('cache', 'TLS contexts on the NIC, 16 KiB records', 'connections',
         'share', [('TLS over plain: model', [int(w[0]) for w in mine],
                    [float(w[1]) / float(w[2]) for w in mine], '-'),
                   ('misses for each record: model',
                    [int(w[0]) for w in mine], [float(w[3]) for w in mine],
                    '--'), ('published: at least', [131072], [CACHE_FLOOR],
                            'o')])
    mine = model('setup')
    draw('setup', 'Connections a second', '', '1/s',
         [('model', [w[0] for w in mine], [float(w[1]) for w in mine], 'x'),
          ('published', list(SETUP), list(SETUP.values()), 'o')], False)
    mine = model('recovery')
    draw('recovery', 'Bytes read again for a lost packet', 'loss, %', 'bytes',
         [('model', [float(w[0]) for w in mine], [float(w[1]) for w in mine],
           '-'), ('published: about', [float(w[0]) for w in mine],
                  [RECOVERY_BYTES] * len(mine), 'o')], False)
    draw('recovery-share', 'PCIe bandwidth that recovery takes', 'loss, %',
         'share', [('model, a sender that does not slow down',
                    [float(w[0]) for w in mine],
                    [_recovery_share(w) for w in mine], '-'),
                   ('published: less than, TCP', [5.0], [RECOVERY_SHARE],
                    'v')], False)


def add_arguments(kinds):
    """The kind "timing" of cx6dx bench."""
    one = kinds.add_parser(
        'timing', help='the timing model against published figures',
        description='Compare the timing model with published figures and '
        'closed forms; or tell what a load on the send side is bound by.')
    one.set_defaults(run_bench=run)
    add = one.add_argument
    add('--params', action='store_true',
        help='print the parameters of the model with their sources')
    add('--what-if', metavar='NAME=VALUE', nargs='+', action='append',
        help='print what bounds this load: parameters, profile=NAME, '
        'connections=, record=, mss=, loss= (of 10000), window=, records=; '
        'may be given again')
    add('--examples', action='store_true',
        help='print what bounds each of the loads in the documentation')
    add('--cost', action='store_true',
        help='what the model costs the emulator: without it, off, and on')
    add('--rounds', type=int, default=60, help='of --cost (default: 60)')
    add('--out', metavar='DIR', type=Path, help='report.json and plots')
    add('--no-plots', action='store_true', help='with --out: JSON only')


def run(args):
    """Status 1 if a point is farther off than its bound."""
    if args.params:
        print_params()
        return 0
    if args.cost:
        status, numbers = benchcost.run(args.rounds, 400)
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            (args.out / 'cost.json').write_text(json.dumps(numbers, indent=1)
                                                + '\n')
        return status
    if args.examples or args.what_if:
        loads = list(EXAMPLES) if args.examples else []
        loads += [(' '.join(words), words) for words in args.what_if or []]
        what_if(loads)
        return 0
    with ui.step('asking the model'):
        rows = ask('points')
    points = [point for row in rows for point in _compare(row)]
    result = summary(points)
    _print_summary(result, rows)
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / 'report.json').write_text(json.dumps({
            'what': 'timing', 'groups': result,
            'date': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
            'model': [row for row in rows if row[0] != 'pcie'],
            'points': [point._asdict() for point in points],
        }, indent=1) + '\n')
        if not args.no_plots:
            _plots(points, rows, args.out)
    return 0 if all(one['reached'] for one in result.values()) else 1
