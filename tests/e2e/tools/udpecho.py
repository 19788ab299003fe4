#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Datagrams of all sizes to an echo and back, in the guest.

usage: udpecho.py echo|ask ADDRESS

`echo` makes READY and answers until it gets an empty datagram; `ask` sends COUNT
datagrams and ends with status 0 when each came back as it was.
"""

import socket
import sys

PORT = 9996
COUNT = 150
LARGEST = 20000         # in fragments
READY = '/tmp/udpecho.ready'


def content(number):
    size = 1 + number * LARGEST // COUNT
    return bytes((number + i) % 251 for i in range(size))


def echo(sock, address):
    sock.bind((address, PORT))
    with open(READY, 'w', encoding='ascii'):
        pass
    while True:
        data, sender = sock.recvfrom(65536)
        if not data:
            break
        sock.sendto(data, sender)


def ask(sock, address):
    sock.connect((address, PORT))
    for number in range(COUNT):
        sock.send(content(number))
        if sock.recv(65536) != content(number):
            sys.exit(f'datagram {number} came back wrong')
    sock.send(b'')


def main():
    what, address = sys.argv[1:]
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(60)
        {'echo': echo, 'ask': ask}[what](sock, address)


main()
