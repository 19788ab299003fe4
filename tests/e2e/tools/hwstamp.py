#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""PTP clock and hardware timestamps of an interface, in the guest.

usage: hwstamp.py INTERFACE

Prints NAME=VALUE lines: how fast the clock runs, and how far the stamps of one
frame sent and of one received (an answer to a ping) are behind the clock.
"""

import ctypes
import fcntl
import os
import re
import socket
import struct
import subprocess
import sys
import time

SIOCSHWTSTAMP = 0x89b0
TX_ON, FILTER_ALL = 1, 1
SO_TIMESTAMPING = 37
TX_HARDWARE, RX_HARDWARE, RAW_HARDWARE = 1 << 0, 1 << 2, 1 << 6
ETH_P_ALL = 3
MSG_ERRQUEUE = 0x2000


def clock_of(dev):
    """A function that reads the PTP clock of DEV in seconds."""
    text = subprocess.run(['ethtool', '-T', dev], check=True, text=True,
                          capture_output=True).stdout
    # newer kernels have ethtool say it in other words
    number = re.search(r'(?:PTP Hardware Clock|Hardware timestamp provider index)'
                       r': (\d+)', text)[1]
    fd = os.open(f'/dev/ptp{number}', os.O_RDONLY)
    return lambda: time.clock_gettime((~fd << 3) | 3)


def switch_on(sock, dev):
    """Let the card stamp everything."""
    config = ctypes.create_string_buffer(struct.pack('iii', 0, TX_ON,
                                                     FILTER_ALL))
    request = struct.pack('16sQ16x', dev.encode(), ctypes.addressof(config))
    fcntl.ioctl(sock, SIOCSHWTSTAMP, request)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING,
                    TX_HARDWARE | RX_HARDWARE | RAW_HARDWARE)


def stamp(control):
    """The raw hardware stamp in the control messages of a frame, or None."""
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
            seconds, nanoseconds = struct.unpack('6q', data[:48])[4:]
            if seconds:
                return seconds + nanoseconds / 1e9
    return None


def wait_stamp(sock, flags):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            found = stamp(sock.recvmsg(2048, 512, flags)[1])
        except (BlockingIOError, TimeoutError):
            continue
        if found:
            return found
    sys.exit('no hardware timestamp came')


def main():
    dev = sys.argv[1]
    phc = clock_of(dev)
    start, begin = phc(), time.monotonic()
    time.sleep(1)
    rate = (phc() - start) / (time.monotonic() - begin)
    print(f'phc_per_monotonic={rate:.3f}')
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    sock.bind((dev, 0))
    sock.settimeout(0.1)
    switch_on(sock, dev)
    # to nobody, an experimental ethertype
    sock.send(bytes.fromhex('020000090099020000090001' '88b5') + bytes(50))
    seen = wait_stamp(sock, MSG_ERRQUEUE)
    print(f'tx_behind_phc={phc() - seen:.6f}')
    ping = subprocess.Popen(['ping', '-c', '3', '-i', '0.1', '10.9.0.2'],
                            stdout=subprocess.DEVNULL)
    seen = wait_stamp(sock, 0)
    print(f'rx_behind_phc={phc() - seen:.6f}')
    ping.wait()


main()
