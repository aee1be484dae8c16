#!/usr/bin/env python3
"""A controller for the EtherNet/IP client: sessions, unconnected and connected messages, its identity, and one tag. Usage: enip_server.py ADDRESS"""
import socket
import struct
import sys

IDENTITY = struct.pack("<HHHBBHI", 1, 14, 93, 20, 11, 0x3060, 0xC0FFEE42) + b"\x08PUMP-CPU"
CONNECTION = 0x00A1B2C3  # the server's own number of a connection
NOT_SUPPORTED = 8


def take(connection, n):
    data = b""
    while len(data) < n:
        more = connection.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def reply(service, data=b"", status=0):
    return struct.pack("<BBBB", service | 0x80, 0, status, 0) + data


def answer(message):
    """A CIP request's response (Volume 1, 2-4)."""
    service, words = message[0], message[1]
    path, data = message[2:2 + 2 * words], message[2 + 2 * words:]
    if service == 0x52 and path == b"\x20\x06\x24\x01":  # unconnected send: timing 2, size 2, the message itself
        size = struct.unpack("<H", data[2:4])[0]
        return answer(data[4:4 + size])
    if service in (0x54, 0x5B):  # forward open: the client's number of the connection and its serial number come back
        client = struct.unpack("<I", data[6:10])[0]
        return reply(service, struct.pack("<II", CONNECTION, client) + data[10:18] + struct.pack("<IIBB", 100000, 100000, 0, 0))
    if service == 0x4E:
        return reply(service, data[2:10] + b"\0\0")
    if service == 0x01 and path == b"\x20\x01\x24\x01":
        return reply(service, IDENTITY)
    if service == 0x4C:  # read tag: a double integer
        return reply(service, struct.pack("<Hi", 0xC4, 4711))
    return reply(service, status=NOT_SUPPORTED)


def items(*pairs):
    return struct.pack("<IHH", 0, 0, len(pairs)) + b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in pairs)


def serve(connection):
    client = 0
    while True:
        header = take(connection, 24)
        command, length = struct.unpack("<HH", header[:4])
        data, session = take(connection, length), header[4:8]
        if command == 0x65:
            session = struct.pack("<I", 0x1234)
        elif command == 0x6F:
            message = data[16:]
            if message[0] in (0x54, 0x5B):
                client = struct.unpack("<I", message[2 + 2 * message[1] + 6:][:4])[0]
            data = items((0, b""), (0xB2, answer(message)))
        elif command == 0x70:
            data = items((0xA1, struct.pack("<I", client)), (0xB1, data[20:22] + answer(data[22:])))
        elif command == 0x66:
            return
        connection.sendall(struct.pack("<HH", command, len(data)) + session + b"\0\0\0\0" + header[12:20] + b"\0\0\0\0" + data)


def main():
    listener = socket.create_server((sys.argv[1], 44818))
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        try:
            serve(connection)
        except (EOFError, ConnectionError):
            pass
        connection.close()


main()
