#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# cx6dx-test: timeout=400
"""Lost and repeated packets: both drivers' ends resynchronise, no byte wrong."""

from harness import FAR4, FAR6, Pair, check, main, moved

RESYNC = ('rx_tls_resync_req_pkt', 'rx_tls_resync_req_end',
          'rx_tls_resync_res_ok')

def one(pair, far, netem, options):
    """One run under loss on both ends; how far the counters moved.

    Both ends know each other's hardware address before: the kernel gives up
    after three lost questions.
    """
    # more than one try: the wire itself may lose frames
    pair.sh(f'ping -q -c 5 -i 0.1 -W 5 {far}')
    if netem:
        pair.both(f'tc qdisc replace dev DEV root netem {netem}')
    before = pair.counters()
    pair.stream(options, far)
    after = pair.counters()
    if netem:
        pair.both('tc qdisc del dev DEV root')
    return before, after


def decrypted_share(before, after):
    """What part of the TLS bytes that the other end sent was decrypted."""
    sent = moved(before, after, 'tx_tls_encrypted_bytes')
    got = moved(before, after, 'rx_tls_decrypted_bytes')
    return got[0] / max(sent[1], 1), got[1] / max(sent[0], 1)


# netem does not warm its generator up: from a small seed its first numbers
# are small, and the first packets always lost
RUNS = (
    (FAR4, 'loss 1% seed 2718281828', '-k 128 -n 8 -d both -b 4M -T 60'),
    (FAR6, 'loss 1% seed 3141592653', '-k 256 -n 8 -d both -b 4M -T 60'),
    (FAR4, 'duplicate 2% seed 1414213562', '-k 128 -n 4 -d both -b 4M'),
)


def test(runs=RUNS, **guest):
    with Pair(cpus=2, mem='2G', timeout=300, **guest) as pair:
        pair.sh('modprobe sch_netem')
        pair.offload()
        for far, netem, options in runs:
            what = ', '.join([netem or 'wire ' + guest['impair'][0],
                              'IPv6' if far == FAR6 else 'IPv4'])
            before, after = one(pair, far, netem, options)
            check(True, f'{what}: every byte right')
            check(moved(before, after, 'TlsDecryptError') == (0, 0),
                  f'{what}: no record failed to decrypt')
            if 'loss' not in what:
                continue
            for name in ('tx_tls_ooo', 'tx_tls_dump_packets', *RESYNC):
                seen = moved(before, after, name)
                check(min(seen) > 0, f'{what}: {name} moved on both ends', seen)
            packets = moved(before, after, 'rx_tls_decrypted_packets')
            check(min(packets) > 500,
                  f'{what}: decryption goes on between losses', packets)
            # had it stopped for good, in some connections, it would be less
            share = decrypted_share(before, after)
            check(min(share) > 0.2, f'{what}: and resumes after them, share of '
                  'the bytes', ' '.join(f'{part:.2f}' for part in share))


if __name__ == '__main__':
    main(test)
