#!/usr/bin/env python3
"""A controller for the S7comm client: says yes to each connection, reads zeros, takes what is written. Usage: s7_server.py ADDRESS"""
import socket
import struct
import sys


def take(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def tpkt(payload):
    return struct.pack(">BBH", 3, 0, 4 + len(payload)) + payload


def answer(reference, parameter, data=b""):
    return tpkt(b"\x02\xf0\x80" + struct.pack(">BBHHHHBB", 0x32, 3, 0, reference, len(parameter), len(data), 0, 0) + parameter + data)


def size_of(item):
    """Bytes that an item of a read request asks for: transport size and count of an S7-any pointer."""
    return {1: 1, 2: 1, 4: 2, 5: 2, 6: 4, 7: 4, 8: 4}.get(item[3], 1) * struct.unpack(">H", item[4:6])[0]


def read(items):
    data = b""
    for number, item in enumerate(items):
        n = size_of(item)
        data += b"\xff\x04" + struct.pack(">H", n * 8) + bytes(n)
        if n % 2 and number + 1 < len(items):
            data += b"\0"
    return data


def serve(connection):
    while True:
        length = struct.unpack(">H", take(connection, 4)[2:])[0]
        pdu = take(connection, length - 4)
        if pdu[1] == 0xe0:  # connect: both references, class 0, and its own parameters back
            connection.sendall(tpkt(bytes([pdu[0], 0xd0]) + pdu[4:6] + b"\0\x01" + pdu[6:]))
            continue
        reference, parameters = struct.unpack(">HH", pdu[7:11])
        parameter = pdu[13:13 + parameters]
        function = parameter[0]
        if function == 0xf0:
            connection.sendall(answer(reference, parameter))
        else:
            items = [parameter[2 + 12 * i:14 + 12 * i] for i in range(parameter[1])]
            connection.sendall(answer(reference, parameter[:2], read(items) if function == 4 else b"\xff" * len(items)))


def main():
    listener = socket.create_server((sys.argv[1], 102))
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        try:
            serve(connection)
        except (EOFError, ConnectionError):
            connection.close()


main()
