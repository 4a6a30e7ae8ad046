"""Modbus TCP: numbers in registers, found and understood by a tag map, one YAML file for each unit.

The protocol knows neither time nor quality nor units. The time of a reading is therefore when the answer came; an
exception code, a number that is none, and a value outside the instrument's range are bad; and a tag whose map gives
another unit of measure than the class page has no value at all.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from pydantic import Field, model_validator

from equipment.adapters.base import (
    Ack,
    Command,
    Connection,
    DeviceState,
    DeviceUnreachable,
    Identity,
    Reading,
)
from equipment.adapters.mapped import CannotWrite, Part, Place, check_names, measured, read_map, wanted_setpoints
from equipment.classes import EQUIPMENT_CLASSES, EquipmentClass

if TYPE_CHECKING:
    from pymodbus.client import ModbusTcpClient
    from pymodbus.pdu import ModbusPDU

_CODES = {
    "int16": "h",
    "uint16": "H",
    "int32": "i",
    "uint32": "I",
    "int64": "q",
    "uint64": "Q",
    "float32": "f",
    "float64": "d",
}
_ID_WORDS = 8  # a command id is 16 bytes
Order = Literal["big", "little"]


class Register(Place):
    """One number. `address` counts from 0, as on the wire; the value is number × scale + offset, in `unit`.

    Of a number in several registers, `word_order` says whether the first one is the most significant, `byte_order`
    how the bytes lie in each. `low` and `high` bound what the instrument can show, where that is less than the class.
    """

    kind: Literal["holding", "input", "coil", "discrete"] = "holding"
    address: int = Field(ge=0, le=65535)
    type: Literal["int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] = "uint16"
    byte_order: Order = "big"
    word_order: Order = "big"
    scale: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)

    @property
    def is_bit(self) -> bool:
        return self.kind in ("coil", "discrete")

    @property
    def count(self) -> int:
        return 1 if self.is_bit else struct.calcsize(_CODES[self.type]) // 2

    def value_of(self, words: Sequence[int]) -> float | None:
        """None for what is no number: not-a-number and the infinities."""
        number = words[0] if self.is_bit else struct.unpack(f">{_CODES[self.type]}", self._in_order(words))[0]
        return float(Decimal(number) * self.scale + self.offset) if math.isfinite(number) else None

    def words_of(self, value: float) -> list[int]:
        """The nearest the registers can hold; CannotWrite for what does not fit."""
        number = (Decimal(str(value)) - self.offset) / self.scale
        if self.is_bit:
            return [int(number != 0)]
        code = _CODES[self.type]
        try:
            raw = struct.pack(f">{code}", float(number) if code in "fd" else round(number))
        except (struct.error, OverflowError) as error:
            raise CannotWrite(f"{value:g} does not fit into {self.type} at {self.address}.") from error
        words = [int.from_bytes(raw[at : at + 2], self.byte_order) for at in range(0, len(raw), 2)]
        return words if self.word_order == "big" else words[::-1]

    def _in_order(self, words: Sequence[int]) -> bytes:
        ordered = words if self.word_order == "big" else words[::-1]
        return b"".join(word.to_bytes(2, self.byte_order) for word in ordered)


class ModeRegister(Register):
    """The number that stands for each state of the class page."""

    values: dict[str, int]

    def state_of(self, number: float | None) -> str:
        known = {value: name for name, value in self.values.items()}
        return "not known" if number is None else known.get(int(number), f"unknown state {number:g}")


class TagMap(Part):
    """Where a device is and what its registers mean. Without `mode` the unit is read and takes no commands.

    `status` is where a device shows its state when that is not where it is told. `last_command` is the first of eight
    registers that keep what is written to them: with it a restarted gateway knows whether its command had arrived.
    """

    host: str
    port: int = Field(502, ge=1, le=65535)
    device: int = Field(1, ge=0, le=255)
    timeout: float = Field(1.0, gt=0, le=5)
    tags: dict[str, Register]
    setpoints: dict[str, Register] = {}
    mode: ModeRegister | None = None
    status: ModeRegister | None = None
    last_command: int | None = Field(None, ge=0, le=65536 - _ID_WORDS)

    @model_validator(mode="after")
    def _only_what_can_be_written_is_told(self) -> TagMap:
        told = [*self.setpoints.values(), *([self.mode] if self.mode else [])]
        if any(each.kind not in ("holding", "coil") for each in told):
            raise ValueError("Set-points and mode are holding registers or coils.")
        return self

    def check_against(self, page: EquipmentClass) -> None:
        """ValueError for names and units of measure that the class page does not have."""
        states = self.mode.values if self.mode else ()
        check_names(page, tags=self.tags, setpoints=self.setpoints, states=states)


class ModbusAdapter:
    """Keeps one connection and opens it anew when it is lost. The map is read with it, so that a mended one counts."""

    def __init__(self, page: EquipmentClass, map_file: Path, clock: Callable[[], datetime]) -> None:
        self.page = page
        self.map_file = map_file
        self.clock = clock
        self._client: ModbusTcpClient | None = None
        self._map: TagMap | None = None

    @property
    def map(self) -> TagMap:
        if self._map is None:
            self._map = read_map(TagMap, self.map_file, self.page)
        return self._map

    def identify(self) -> Identity:
        """By function 43/14, which many devices do not have: what is not told stays empty. There is no serial in it."""
        answer = self._ask(lambda client: client.read_device_information(device_id=self.map.device))
        told: Mapping[int, bytes] = {} if answer.isError() else getattr(answer, "information", {})
        texts = {number: text.decode(errors="replace") for number, text in told.items()}
        return Identity(texts.get(0, ""), texts.get(1, ""), "", texts.get(2, ""))

    def units_of_measure(self) -> dict[str, str]:
        return {name: register.unit for name, register in self.map.tags.items()}

    def read(self, tags: Iterable[str]) -> list[Reading]:
        return [self._reading(tag, self.map.tags[tag]) for tag in tags if tag in self.map.tags]

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        """A Modbus device tells nobody: it is read."""

    def state(self) -> DeviceState:
        status = self.map.status or self.map.mode
        shown = {name: self._value(register) for name, register in self.map.setpoints.items()}
        return DeviceState(
            mode=status.state_of(self._value(status)) if status else "",
            setpoints={name: value for name, value in shown.items() if value is not None},
            last_command=self._last_command(),
            at=self.clock(),
        )

    def command(self, command: Command) -> Ack:
        """Write what is not yet so: set-points first, then the state, last the id that says all of it was written."""
        try:
            self._move_to(command)
        except CannotWrite as refusal:
            return Ack(command.id, accepted=False, message=str(refusal))
        return Ack(command.id, accepted=True)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]  # pymodbus leaves it untyped
        self._client = self._map = None

    def _move_to(self, command: Command) -> None:
        mode = self.map.mode
        if mode is None or command.name not in mode.values:
            raise CannotWrite(f"The tag map has no number for “{command.name}”.")
        present = self.state()
        if present.last_command == command.id:
            return
        # All numbers are made before the first is written: what does not fit leaves the device as it was.
        setpoints = self.map.setpoints
        values = wanted_setpoints(command, present, self.page, setpoints)
        wanted = [(setpoints[name], setpoints[name].words_of(value)) for name, value in values.items()]
        if present.mode != command.name:
            wanted.append((mode, mode.words_of(mode.values[command.name])))
        for register, words in wanted:
            if self._words(register.kind, register.address, register.count) != words:
                self._write(register.kind, register.address, words)
        if self.map.last_command is not None:
            self._write("holding", self.map.last_command, list(struct.unpack(">8H", command.id.bytes)))

    def _reading(self, name: str, register: Register) -> Reading:
        value, now = self._value(register), self.clock()
        return measured(self.page, name, register, value, at=now, now=now)

    def _value(self, register: Register) -> float | None:
        words = self._words(register.kind, register.address, register.count)
        return None if words is None else register.value_of(words)

    def _last_command(self) -> UUID | None:
        if self.map.last_command is None:
            return None
        words = self._words("holding", self.map.last_command, _ID_WORDS)
        return UUID(bytes=struct.pack(">8H", *words)) if words and any(words) else None

    def _words(self, kind: str, address: int, count: int) -> list[int] | None:
        """Registers, or one bit; None when the device answers with an exception code."""
        calls = {"holding": "holding_registers", "input": "input_registers", "coil": "coils"}
        name = f"read_{calls.get(kind, 'discrete_inputs')}"
        answer = self._ask(lambda client: getattr(client, name)(address, count=count, device_id=self.map.device))
        if answer.isError():
            return None
        return [int(bit) for bit in answer.bits[:count]] if kind in ("coil", "discrete") else list(answer.registers)

    def _write(self, kind: str, address: int, words: list[int]) -> None:
        device = self.map.device
        if kind == "coil":
            answer = self._ask(lambda client: client.write_coil(address, bool(words[0]), device_id=device))
        elif len(words) == 1:
            answer = self._ask(lambda client: client.write_register(address, words[0], device_id=device))
        else:
            answer = self._ask(lambda client: client.write_registers(address, words, device_id=device))
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            raise CannotWrite(f"The device refuses to write register {address}: exception code {code}.")

    def _ask(self, request: Callable[[ModbusTcpClient], ModbusPDU]) -> ModbusPDU:
        """One exchange. A kept connection that was closed meanwhile is opened anew, once: every request may repeat."""
        from pymodbus.exceptions import ConnectionException, ModbusException

        kept, place = self._client is not None, f"{self.map.host}:{self.map.port}"
        try:
            return request(self._connected())
        except (ModbusException, OSError) as error:
            self.close()
            if not kept or not isinstance(error, ConnectionException):
                raise DeviceUnreachable(f"{place} does not answer.") from error
        return self._ask(request)

    def _connected(self) -> ModbusTcpClient:
        # A seventh of a second to import: only the process that speaks with the device pays for it.
        from pymodbus.client import ModbusTcpClient

        if self._client is None:
            place = self.map
            self._client = ModbusTcpClient(place.host, port=place.port, timeout=place.timeout, retries=0)
        return self._client


def open_modbus(connection: Connection) -> ModbusAdapter:
    """The unit's address is the name of its tag map, a file in the gateway's directory for Modbus at this site."""
    map_file = connection.directory / Path(connection.address).name
    return ModbusAdapter(EQUIPMENT_CLASSES[connection.class_code], map_file, connection.clock)
