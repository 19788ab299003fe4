# SPDX-License-Identifier: GPL-2.0-or-later
"""bench resync: what is left of the offload on a lossy wire.

Many connections send 16 KB records one way, and the wire loses frames at
random.  For each rate of loss, at the receiver: how many records the device
decrypted in whole, in part and not at all; at the sender: what was read again
and how many DUMP work requests that took, for each packet out of order and
for each frame lost.

A record is classed by the kernel, when it is read: its trace event
tls_device_decrypted says of each record whether all, none or some of its
packets came decrypted.  That is the view that counts: what is in part is
encrypted again and decrypted in software, so it costs more than what is not.
A packet has one mark: the one in which a record ends that cannot be decrypted
and the next one begins is not decrypted, so a lost packet costs two records,
unless each record begins in a packet of its own.  Both shapes are measured.
The other figures are the driver's counters, checked against the device's own.
"""

import argparse
import json
import time
from pathlib import Path

from . import apt, kernel as kernels, ui
from .ci import lab as labs

# driver -> kernel that it is measured on
KERNELS = {'cx6dx': 'stock-6.12', 'mlx5': 'mainline-6.12'}
LOSSES = (0.5, 1.0, 2.0, 3.0, 5.0)
# stream: records follow one another without regard to packets
SHAPES = ('stream', 'aligned')
RECORD_BYTES = 16384
_RECORD_ON_WIRE = RECORD_BYTES + 5 + 8 + 16
_RUN_SECONDS = 240
_KINDS = ('full', 'partial', 'none')

# "Autonomous NIC Offloads", ASPLOS 2021: a real ConnectX-6 Dx, 16 KB records
PUBLISHED_BYTES = 15000         # read again for a lost packet
PUBLISHED_DUMPS = (11, 13)      # for a lost packet
PUBLISHED_FULL = 0.5            # of the records, at least, at 5 % loss

_EVENT = '/sys/kernel/tracing/events/tls/tls_device_decrypted'
_BEGIN = f"""cd /sys/kernel/tracing
echo 8192 > buffer_size_kb; echo nop > current_tracer; echo > trace
echo rec_len=={_RECORD_ON_WIRE} > {_EVENT}/filter
echo 1 > {_EVENT}/enable
"""
_END = f"""cd /sys/kernel/tracing
echo 0 > {_EVENT}/enable
for kind in 'full encrypted=0 decrypted=1' 'none encrypted=1 decrypted=0' \
        'partial encrypted=0 decrypted=0'; do
    echo "${{kind%% *}}" "$(grep -c "${{kind#* }}" trace)"
done
cat per_cpu/cpu*/stats | awk '/^(overrun|dropped events)/ {{ n += $NF }}
END {{ print "lost", n + 0 }}'
echo > trace; echo 16 > buffer_size_kb
"""


def _traffic(options):
    """Shell text of one run; prints what both ends say."""
    client = (f'-k {options.key} -n {options.connections} -d up '
              f'-b {options.bytes} -W {RECORD_BYTES} -S {options.seed} -T 60'
              + ' -E' * (options.shape == 'aligned'))
    return (
        'ip netns exec peer ktls-stream server -T 60 > /tmp/server.log 2>&1 &\n'
        'until grep -q listening /tmp/server.log; do kill -0 $! || exit 3; '
        'done\n'
        f'ktls-stream client {client} {labs.FAR["ipv4"]} > /tmp/client.log '
        '2>&1 || { cat /tmp/client.log; exit 1; }\n'
        'wait $! || { cat /tmp/server.log; exit 1; }\n'
        'tail -n 1 /tmp/server.log\n')


def _device_counters(lab):
    """(near, far): the devices' own counters."""
    return [{each['name']: each['value'] for each in device['counters']}
            for device in sorted(lab.guest.qmp('query-cx6dx-tls', limit=0),
                                 key=lambda device: device['id'])]


def measure(lab, loss, options):
    """The figures of one run with LOSS per cent lost."""
    lab.sh(_BEGIN)
    before = lab.counters()
    device = _device_counters(lab)
    begin = time.monotonic()
    wire = {'wire': 'near', 'rules': [], 'loss-rx': loss,
            'seed': options.seed} if loss else None
    with lab.impair(wire) as read:
        text = lab.sh(_traffic(options), _RUN_SECONDS)
        lost = read('stats')['rx']['lost'] if read else 0
    seconds = time.monotonic() - begin
    counted = dict(line.split() for line in lab.sh(_END).splitlines())
    near, far = ({name: end[name] - early.get(name, 0) for name in end}
                 for early, end in zip(before, lab.counters()))
    device = [{name: end[name] - early[name] for name in end}
              for early, end in zip(device, _device_counters(lab))]
    if int(counted.pop('lost')):
        raise ui.Failure('the trace buffer was too small for the records')
    if 'wrong_bytes=0' not in text and 'wrong' in text:
        raise ui.Failure(f'bytes are wrong: {text}')
    row = {'loss': loss, 'lost_frames': lost, 'seconds': seconds,
           **{kind: int(counted.get(kind, 0)) for kind in _KINDS}}
    row['records'] = sum(row[kind] for kind in _KINDS)
    row['retransmitted'] = near['TcpRetransSegs']
    for name in ('tx_tls_ooo', 'tx_tls_dump_bytes', 'tx_tls_dump_packets',
                 'tx_tls_encrypted_bytes'):
        row[name] = near[name]
    for name in ('rx_tls_decrypted_bytes', 'rx_tls_resync_req_pkt',
                 'rx_tls_resync_res_ok', 'rx_tls_err', 'TlsDecryptError'):
        row[name] = far[name]
    _check(row, device, options)
    return row


def _check(row, device, options):
    """Refuse what was not measured as it should be."""
    if row['TlsDecryptError'] or row['rx_tls_err']:
        raise ui.Failure('records did not decrypt', str(row))
    # records that wait for nothing may be in the device's counter already
    if device[0]['tls_tx_dump_bytes'] != row['tx_tls_dump_bytes']:
        ui.warn(f"{row['tx_tls_dump_bytes']} bytes dumped, says the driver; "
                f"{device[0]['tls_tx_dump_bytes']} the device")
    wanted = options.connections * options.size // RECORD_BYTES
    if row['records'] < 0.98 * wanted:
        raise ui.Failure(f"{row['records']} records of {RECORD_BYTES} bytes "
                         f'were read, of {wanted}')


def _ratios(row):
    """What is told of a ROW, per record, packet and frame."""
    def per(number, of):
        return number / of if of else None
    return {
        **{f'share_{kind}': per(row[kind], row['records'])
           for kind in _KINDS},
        'bytes_per_ooo': per(row['tx_tls_dump_bytes'], row['tx_tls_ooo']),
        'dumps_per_ooo': per(row['tx_tls_dump_packets'], row['tx_tls_ooo']),
        'bytes_per_lost': per(row['tx_tls_dump_bytes'], row['lost_frames']),
        'dumps_per_lost': per(row['tx_tls_dump_packets'],
                              row['lost_frames']),
        'read_again': per(row['tx_tls_dump_bytes'],
                          row['tx_tls_encrypted_bytes']),
    }


def _merge(rows):
    """One row of several runs of the same kind."""
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    total['loss'] = rows[0]['loss']
    return {**total, **_ratios(total)}


def _series(driver, kernel, options):
    """{shape: rows} of one driver, a row for each rate of loss."""
    rows = {(shape, loss): [] for shape in options.shapes
            for loss in options.losses}
    with ui.step(f'{driver} on {kernel}') as shown:
        lab = labs.Lab(labs.spec_of(kernel, driver, mem='2G', append='',
                                    qemu=options.qemu))
        with lab:
            lab.sh('\n'.join(labs.in_end(
                end, 'ethtool -K DEV tls-hw-tx-offload on '
                'tls-hw-rx-offload on') for end in labs.DEV))
            for number in range(options.rounds):
                for shape, loss in rows:
                    shown.note(f'round {number + 1}, {shape}, {loss} % lost')
                    run = argparse.Namespace(**{
                        **vars(options), 'shape': shape,
                        'seed': options.seed + number})
                    rows[shape, loss].append(measure(lab, loss, run))
            lab.guest.finish()
    return {shape: [_merge(each) for (other, _), each in rows.items()
                    if other == shape] for shape in options.shapes}


# ---- telling --------------------------------------------------------------

_COLUMNS = (
    ('loss', 'lost', '{:.1f} %'), ('records', 'records', '{}'),
    ('share_full', 'full', '{:.1%}'), ('share_partial', 'partly', '{:.1%}'),
    ('share_none', 'not', '{:.1%}'), ('rx_tls_resync_res_ok', 'resyncs', '{}'),
    ('lost_frames', 'frames lost', '{}'), ('tx_tls_ooo', 'TX ooo', '{}'),
    ('bytes_per_ooo', 'B/ooo', '{:.0f}'),
    ('dumps_per_ooo', 'DUMP/ooo', '{:.1f}'),
    ('bytes_per_lost', 'B/lost', '{:.0f}'),
    ('dumps_per_lost', 'DUMP/lost', '{:.1f}'),
    ('read_again', 'read again', '{:.1%}'),
)


def _print(results):
    for name, one in results.items():
        table = [[title for _, title, _ in _COLUMNS]]
        table += [['-' if row[name] is None else form.format(row[name])
                   for name, _, form in _COLUMNS] for row in one['rows']]
        widths = [max(map(len, column)) for column in zip(*table)]
        print(f"\n{name}, on {one['kernel']}")
        for line in table:
            print('  ' + '  '.join(word.rjust(width) for word, width
                                   in zip(line, widths)))
    low, high = PUBLISHED_DUMPS
    print('\npublished, on a card (16 KB records): about '
          f'{PUBLISHED_BYTES} B and {low} to {high} DUMPs a lost packet;\n'
          f'  at 5 % loss more than {PUBLISHED_FULL:.0%} of the records '
          'decrypted in full')


def plot(results, path):
    """Draw RESULTS into the picture at PATH."""
    apt.install(['python3-matplotlib'], 'the plot')
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5.2))
    shares, again = figure.subplots(1, 2)
    colours = dict(zip(_KINDS, ('#2ca02c', '#e7cb3c', '#b15928')))
    words = dict(zip(_KINDS, ('in full', 'in part', 'not at all')))
    width = 0.8 / len(results)
    for number, (name, one) in enumerate(results.items()):
        places = [i + (number - (len(results) - 1) / 2) * width
                  for i in range(len(one['rows']))]
        bottom = [0.0] * len(places)
        for kind in _KINDS:
            values = [100 * row[f'share_{kind}'] for row in one['rows']]
            shares.bar(places, values, 0.92 * width, bottom=bottom,
                       color=colours[kind],
                       label=None if number else words[kind])
            bottom = [a + b for a, b in zip(bottom, values)]
        for place in places:
            shares.text(place, 2, name, rotation=90, ha='center',
                        va='bottom', fontsize=7)
        losses = [row['loss'] for row in one['rows'] if row['loss']]
        again.plot(losses, [row['dumps_per_lost'] for row in one['rows']
                            if row['loss']], 'o-', label=f'{name}: DUMPs')
        again.plot(losses, [row['bytes_per_lost'] / 1000 for row
                            in one['rows'] if row['loss']], 's--',
                   label=f'{name}: kB read again')
    rows = next(iter(results.values()))['rows']
    shares.set_xticks(range(len(rows)), [f"{row['loss']:g}" for row in rows])
    shares.axhline(100 * PUBLISHED_FULL, color='k', lw=0.8, ls=':',
                   label='published at 5 %: more than this in full')
    shares.set(title='Records decrypted by the device', xlabel='loss, %',
               ylabel='% of records', ylim=(0, 100))
    again.axhspan(*PUBLISHED_DUMPS, color='0.85',
                  label='published: DUMPs a lost packet')
    again.axhline(PUBLISHED_BYTES / 1000, color='k', lw=0.8, ls=':',
                  label='published: kB a lost packet')
    again.set(title='Transmit: recovery of a lost frame', xlabel='loss, %',
              ylim=(0, None))
    for axes in (shares, again):
        axes.legend(fontsize='x-small', loc='upper center', ncol=2,
                    bbox_to_anchor=(0.5, -0.15))
    again.grid(alpha=0.3)
    figure.tight_layout()
    FigureCanvasAgg(figure).print_png(path)


# ---- the subcommand -------------------------------------------------------

def _losses(text):
    try:
        found = [float(word) for word in text.split(',')]
    except ValueError:
        found = [-1]
    if not all(0 <= loss < 100 for loss in found):
        raise argparse.ArgumentTypeError(f"'{text}' is not like 0.5,1,5")
    return found


def add_arguments(kinds):
    """The kind "resync" of cx6dx bench."""
    one = kinds.add_parser(
        'resync', help='what is left of the offload on a lossy wire',
        description=__doc__.partition('\n\n')[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    one.set_defaults(run_bench=run)
    add = one.add_argument
    add('--driver', choices=tuple(KERNELS), action='append',
        help='default: both')
    add('--kernel', metavar='SPEC', help='default: ' + ', '.join(
        f'{kernel} for {driver}' for driver, kernel in KERNELS.items()))
    add('--losses', type=_losses, default=list(LOSSES), metavar='PERCENT,...',
        help='of frames, one way (default: '
        + ','.join(f'{loss:g}' for loss in LOSSES) + ')')
    add('--shapes', choices=SHAPES, nargs='+', default=list(SHAPES),
        help='records that follow one another, or begin in packets of their '
        'own (default: both)')
    add('--connections', type=int, default=128, help='default: 128')
    add('--bytes', default='512K', help='of each connection (default: 512K)')
    add('--key', type=int, choices=(128, 256), default=128)
    add('--seed', type=int, default=1, help='of data and losses (default: 1)')
    add('--rounds', type=int, default=1,
        help='runs of each kind, with other seeds, added up (default: 1)')
    add('--qemu', metavar='FILE', type=Path,
        help='a QEMU binary to use as it is, as $CX6DX_QEMU')
    add('--json', metavar='FILE', type=Path, help='all numbers')
    add('--plot', metavar='FILE', type=Path, help='a picture (PNG)')


def run(args):
    """Measure, print, and keep what is asked for."""
    from .ci.schema import size
    args.size = size(args.bytes)
    if not args.size:
        raise ui.UsageError(f'--bytes: {args.bytes} is no number of bytes')
    results = {}
    for driver in args.driver or KERNELS:
        kernel = args.kernel or KERNELS[driver]
        release = kernels.ensure(kernel).release
        for shape, rows in _series(driver, kernel, args).items():
            results[f'{driver} {shape}'] = {
                'kernel': kernel, 'release': release, 'rows': rows}
    _print(results)
    if args.json:
        args.json.write_text(json.dumps({
            'what': 'resync', 'connections': args.connections,
            'bytes': args.bytes, 'record_bytes': RECORD_BYTES,
            'mtu': 1500, 'key': args.key, 'seed': args.seed,
            'rounds': args.rounds, 'results': results}, indent=1) + '\n')
    if args.plot:
        plot(results, args.plot)
    return 0
