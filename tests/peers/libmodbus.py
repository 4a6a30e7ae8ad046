"""A Modbus TCP device by libmodbus: its own reading of the protocol.

One JSON order a line on stdin, one JSON answer a line on stdout, as tests/peers/modbus.js has it.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_uint8, c_uint16, c_void_p
from ctypes.util import find_library
from threading import Thread
from typing import Any

REGISTERS, LONGEST = 200, 260


class Mapping(Structure):
    """modbus_mapping_t of libmodbus 3.1."""

    _fields_ = [
        *[(name, c_int) for name in ("nb_bits", "start_bits", "nb_input_bits", "start_input_bits")],
        *[(name, c_int) for name in ("nb_input", "start_input", "nb_holding", "start_holding")],
        ("coil", POINTER(c_uint8)),
        ("discrete", POINTER(c_uint8)),
        ("input", POINTER(c_uint16)),
        ("holding", POINTER(c_uint16)),
    ]


CALLS: dict[str, list[Any]] = {
    "modbus_tcp_listen": [c_int],
    "modbus_tcp_accept": [POINTER(c_int)],
    "modbus_receive": [POINTER(c_uint8)],
    "modbus_reply": [POINTER(c_uint8), c_int, POINTER(Mapping)],
}


def library() -> Any:
    found = CDLL(find_library("modbus") or "libmodbus.so.5")
    found.modbus_new_tcp.restype = c_void_p
    found.modbus_new_tcp.argtypes = [c_char_p, c_int]
    found.modbus_mapping_new.restype = POINTER(Mapping)
    for name, arguments in CALLS.items():
        getattr(found, name).argtypes = [c_void_p, *arguments]
    return found


def serve(modbus: Any, context: Any, listening: c_int, mapping: Any) -> None:
    """One caller after the other, as a small instrument does it."""
    query = (c_uint8 * LONGEST)()
    while modbus.modbus_tcp_accept(context, byref(listening)) != -1:
        while (length := modbus.modbus_receive(context, query)) != -1:
            modbus.modbus_reply(context, query, length, mapping)


def carry_out(mapping: Mapping, order: dict[str, Any]) -> Any:
    """What stands in a table from an address on: set when it is given, told when it is not."""
    table, first = getattr(mapping, order["kind"]), order["address"]
    if order["do"] == "get":
        return [table[first + number] for number in range(order["count"])]
    for number, value in enumerate(order["values"]):
        table[first + number] = value
    return None


def main() -> None:
    modbus = library()
    context = modbus.modbus_new_tcp(b"127.0.0.1", 0)
    mapping = modbus.modbus_mapping_new(REGISTERS, REGISTERS, REGISTERS, REGISTERS)
    descriptor = modbus.modbus_tcp_listen(context, 1)
    with socket.socket(fileno=os.dup(descriptor)) as listening:
        print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    Thread(target=serve, args=(modbus, context, c_int(descriptor), mapping), daemon=True).start()
    for line in sys.stdin:
        print(json.dumps({"answer": carry_out(mapping.contents, json.loads(line))}), flush=True)


if __name__ == "__main__":
    main()
