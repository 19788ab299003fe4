# SPDX-License-Identifier: GPL-2.0-or-later
"""What may stand in a scenario file: every table, key, type and default.

This is the only list; the parser checks files against it, and `cx6dx ci
--explain` prints it.  A Key's `allowed` is a tuple of values, or a function
that returns what is wrong with a value (None: nothing).
"""

import re
from typing import Any, NamedTuple

SIZE = re.compile(r'(\d+)([KMG]?)$')


class Key(NamedTuple):
    """One key of a table."""

    kinds: tuple            # Python types that TOML may give
    default: Any
    text: str
    allowed: Any = None


def size(value):
    """Bytes of 4096, '64K', '2M'; None if it is none of that."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    found = SIZE.match(str(value))
    return found and int(found[1]) << 10 * ' KMG'.index(found[2] or ' ')


def _size(value):
    if size(value) is None:
        return 'is not a number of bytes (4096, "64K", "2M")'
    return None


def _above_zero(value):
    return None if value > 0 else 'must be above 0'


def _offload(value):
    words = value.split()
    if not all(word in ('tx', 'rx') for word in words):
        return 'is not "tx rx", "tx", "rx" or ""'
    return None


_OPS = re.compile(r'(?:[mfsw]?\d+[KMG]?|c\d+:\d+|p|q|R)(?:x\d+)?$|@\d+$')


def _script(value):
    for word in value.split():
        if not _OPS.match(word):
            return (f"has '{word}', which is no LEN, mLEN, fLEN, sLEN, "
                    'wLEN, cTYPE:LEN, p, q, R (each with xTIMES) or @ACTION')
    return None if value.split() else 'is empty'


def _pattern(value):
    try:
        re.compile(value)
    except re.error as error:
        return f'is no regular expression: {error}'
    return None


def _strings(value):
    for word in value:
        if not isinstance(word, str):
            return f'has {word!r}, which is no string'
    return None


ENDS = ('near', 'far')
DRIVERS = ('cx6dx', 'mlx5')

TOP = {
    'summary': Key((str,), None, 'one line: what happens, as a claim'),
    'covers': Key((str,), '', 'branches of the kernel or driver it is for'),
    'tags': Key((list,), [], 'groups it is in; "quick" ones are in tests/e2e',
                _strings),
    'drivers': Key((list,), list(DRIVERS), 'drivers that it is for',
                   lambda given: None if given and set(given) <= set(DRIVERS)
                   else 'is not a list of "cx6dx", "mlx5"'),
    'needs': Key((str,), '', 'a shell command (DEV is eth0) that tells whether'
                 ' the kernel can do this; if not, the case is skipped'),
    'isolate': Key((bool,), False, 'a guest of its own, thrown away after'),
    'timeout': Key((int,), 90, 'seconds for the traffic', _above_zero),
}

PATH = {
    'family': Key((str,), 'ipv4', 'what TCP runs over', ('ipv4', 'ipv6')),
    'over': Key((str,), 'plain', 'what stands on the NIC (both ends)',
                ('plain', 'vlan', 'bridge', 'macvlan')),
    'mtu': Key((int,), 1500, 'of both NICs', _above_zero),
    'near_offload': Key((str,), 'tx rx', 'TLS features on eth0', _offload),
    'far_offload': Key((str,), 'tx rx', 'TLS features on eth1 of the peer',
                       _offload),
    'single_frames': Key((bool,), False, 'frames of one segment, so that '
                         'netem loses single ones'),
    'resync': Key((int,), 2, 'how cx6dx_tls resynchronises: 0 driver '
                  'request, 1 hint, 2 asynchronous', (0, 1, 2)),
}

BOTH_TOOLS = {
    'tool': Key((str,), None, 'ktls-TOOL moves the bytes',
                ('stream', 'records')),
    'key': Key((int,), 128, 'bits of AES-GCM; 0: no TLS (stream)',
               (0, 128, 256)),
    'version': Key((str,), '1.2', 'of TLS', ('1.2', '1.3')),
    'connections': Key((int,), 1, 'how many', _above_zero),
    'way': Key((str,), 'up', 'up: eth0 sends; both: stream only',
               ('up', 'down', 'both')),
    'segment': Key((int,), 0, 'largest TCP segment (0: by MTU)'),
    'seed': Key((int,), 1, 'of data, keys and sizes'),
    'stall': Key((int,), 30, 'seconds without a byte that are a failure',
                 _above_zero),
}

STREAM = {
    'bytes': Key((int, str), '1M', 'each way and connection', _size),
    'write': Key((int, str), '64K', 'writes are random, up to this', _size),
    'write_exact': Key((int, str), 0, 'every write has this size', _size),
    'sendfile': Key((bool,), False, 'sendfile instead of send'),
}

RECORDS = {
    'script': Key((str,), None, 'records to send: see ktls-records --help; '
                  '@N runs action N (1 is the first)', _script),
    'parallel': Key((int,), 1, 'connections at a time', _above_zero),
    'no_block': Key((bool,), False, 'non-blocking sockets on both ends'),
    'zerocopy': Key((bool,), False, 'TLS_TX_ZEROCOPY_RO'),
    'read': Key((int, str), '64K', 'bytes in one read', _size),
    'peek': Key((bool,), False, 'MSG_PEEK before each read'),
    'splice_in': Key((bool,), False, 'the receiver splices'),
    'late_key': Key((bool,), False, 'the receiver gets its key when records '
                    'are queued already (way up)'),
    'send_buffer': Key((int, str), 0, 'SO_SNDBUF', _size),
    'receive_buffer': Key((int, str), 0, 'SO_RCVBUF', _size),
}

COMMAND = {
    'end': Key((str,), 'near', 'where', ENDS),
    'run': Key((str,), None, 'for a shell; DEV is the NIC, IF what TCP uses'),
}

ACTION = {
    'at': Key((int, str), None, 'stream: once so many bytes have moved',
              _size),
    'end': Key((str,), 'near', 'where', ENDS),
    'run': Key((str,), None, 'for a shell; DEV is the NIC'),
    'fault': Key((str,), None, 'for the device: see cx6dx-tls fault='),
    'qmp': Key((str,), None, 'a command for the monitor'),
    'arguments': Key((dict,), {}, 'of the QMP command'),
}

NETEM = {
    'near': Key((str,), '', 'tc qdisc ... netem THIS on eth0'),
    'far': Key((str,), '', 'the same on eth1'),
}

FAULT = {
    'end': Key((str,), 'near', 'whose device', ENDS),
    'spec': Key((str,), None, 'NAME[:KEY=VALUE...], armed before the traffic'),
    'may_rest': Key((bool,), False, 'it is no failure if it never fires'),
}

EXPECT = {
    'result': Key((str,), 'ok', 'records: how a connection ends (ok, EBADMSG,'
                  ' ECONNRESET, ...; any)'),
    'status': Key((str,), 'ok', 'stream: ok, or any if connections may die',
                  ('ok', 'any')),
    'counters': Key((list,), [], 'expressions that hold', _strings),
    'cx6dx': Key((list,), [], 'the same, with that driver', _strings),
    'mlx5': Key((list,), [], 'the same, with that driver', _strings),
    'offloaded': Key((bool,), True, 'all connections are offloaded as wanted'),
    'decrypt_errors': Key((bool,), False, 'records may fail to decrypt, '
                          'in software or in the device'),
    'contexts_freed': Key((bool,), True, 'the device has no more objects '
                          'afterwards than before'),
    'no_plaintext': Key((bool,), True, 'no plaintext on the wire'),
    'rules_act': Key((bool,), True, 'every rule of [wire] acts'),
    'reports': Key((str,), '', 'a regular expression: what the kernel has to '
                   'report, and then is no failure', _pattern),
}

KNOWN = {
    'driver': Key((str,), '', 'only with this one', DRIVERS),
    'kernel': Key((str,), '', 'only with a SPEC that has this in it'),
    'match': Key((str,), '', 'only if the failure has this in it'),
    'reason': Key((str,), None, 'why it fails, with the evidence'),
}

# table -> (keys, may be repeated); [wire] and [matrix] have rules of their own
TABLES = {
    'path': (PATH, False),
    'traffic': ({**BOTH_TOOLS, **STREAM, **RECORDS}, False),
    'netem': (NETEM, False),
    'before': (COMMAND, True),
    'fault': (FAULT, True),
    'action': (ACTION, True),
    'after': (COMMAND, True),
    'expect': (EXPECT, False),
    'known': (KNOWN, True),
}

_IMPAIR = ('loss', 'burst-enter', 'burst-leave', 'burst-loss', 'duplicate',
           'delay', 'jitter', 'rate', 'reorder', 'reorder-distance',
           'reorder-time', 'corrupt', 'corrupt-wrong-sum', 'corrupt-header',
           'truncate')
WIRE = {
    **{f'{name}{way}': Key((int, float), None, f'filter-impair: {name}')
       for name in _IMPAIR for way in ('', '-rx', '-tx')},
    'seed': Key((int,), None, 'filter-impair: seed'),
    'rules': Key((list,), [], 'filter-impair: lines of its rules file',
                 _strings),
    'wire': Key((str,), 'near', 'at which NIC', ENDS),
}

# what [matrix] may vary: key -> table that it stands in
MATRIX = {**{name: 'path' for name in PATH},
          **{name: 'traffic' for name in TABLES['traffic'][0]}}


def explain():
    """The whole list as text."""
    lines = ['A scenario is a TOML file in scenarios/. Tables and keys:', '']

    def show(title, keys):
        lines.append(title)
        for name, key in keys.items():
            what = key.text
            if isinstance(key.allowed, tuple):
                what += f" ({', '.join(map(str, key.allowed))})"
            if key.default not in (None, '', [], {}):
                what += f' [{key.default}]'
            lines.append(f'  {name:<16}{what}')
        lines.append('')

    show('(top)', TOP)
    for name, (keys, repeated) in TABLES.items():
        if name == 'traffic':
            show('[traffic]', BOTH_TOOLS)
            show('[traffic] of tool = "stream"', STREAM)
            show('[traffic] of tool = "records"', RECORDS)
        else:
            show(f'[[{name}]]' if repeated else f'[{name}]', keys)
    lines += ['[wire]', '  wire            at which NIC (near, far) [near]',
              '  rules           lines of a rules file of filter-impair',
              '  and any setting of filter-impair, for one direction (loss-rx) '
              'or both (loss)', '',
              '[matrix]', '  KEY = [values]  of [path] or [traffic]: one case '
              'for each combination']
    return '\n'.join(lines)
