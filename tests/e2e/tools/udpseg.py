#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""UDP segmentation: one large send that becomes many datagrams, in the guest.

usage: udpseg.py send|sink ADDRESS

`send` gives the kernel TIMES buffers of COUNT datagrams each (UDP_SEGMENT);
`sink` makes READY, receives them all and ends with status 0 when each one is
right.
"""

import socket
import sys

UDP_SEGMENT = 103
SO_RCVBUFFORCE = 33
PORT = 9997
SIZE, COUNT, TIMES = 700, 20, 10
READY = '/tmp/udpseg.ready'


def content(number, index):
    return bytes([(number + index) % 256]) * SIZE


def send(sock, address):
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SIZE)
    for number in range(TIMES):
        sock.sendto(b''.join(content(number, i) for i in range(COUNT)),
                    (address, PORT))


def sink(sock, address):
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
    sock.bind((address, PORT))
    sock.settimeout(20)
    with open(READY, 'w', encoding='ascii'):
        pass
    for number in range(TIMES):
        for index in range(COUNT):
            if sock.recv(65536) != content(number, index):
                sys.exit(f'datagram {index} of buffer {number} is wrong')


def main():
    what, address = sys.argv[1:]
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        {'send': send, 'sink': sink}[what](sock, address)


main()
