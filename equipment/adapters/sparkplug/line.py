"""One connection to a broker. Everything heard waits in a queue, in order, until the gateway asks."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from time import monotonic

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from equipment.adapters.base import DeviceUnreachable
from equipment.adapters.sparkplug.tag_map import TagMap
from mes import server_clock
from mes.ids import uuid7

KEEP_ALIVE = 10  # seconds: a broker that is gone is noticed after one and a half of them
MOST_KEPT = 100_000
AGAIN_AFTER = 3.0  # seconds between two requests for a birth


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, or (with an empty kind) that nobody listened for a while."""

    kind: str
    device: str
    content: bytes


class Line:
    """Connects by itself, again and again. A host with our id is announced as online, and by its will as offline."""

    def __init__(self, place: TagMap, directory: Path) -> None:
        self.place = place
        self.heard: deque[Heard] = deque(maxlen=MOST_KEPT)
        self.is_open = Flag()
        self._asked_at = float("-inf")
        self._client = self._made(directory)
        self._client.connect_async(place.broker, place.port, keepalive=KEEP_ALIVE)
        self._client.loop_start()

    def wait(self) -> None:
        """DeviceUnreachable when the broker does not answer in time."""
        if not self.is_open.wait(self.place.timeout):
            raise DeviceUnreachable(f"The broker {self.place.broker}:{self.place.port} does not answer.")

    def taken(self) -> Iterator[Heard]:
        for _ in range(len(self.heard)):
            yield self.heard.popleft()

    def ask_for_birth(self, payload: bytes) -> None:
        """Not again and again: a node that is being born has other things to do."""
        if monotonic() - self._asked_at >= AGAIN_AFTER:
            self._asked_at = monotonic()
            self.publish("NCMD", payload, device=None)

    def publish(self, kind: str, payload: bytes, *, device: str | None) -> None:
        levels = ["spBv1.0", self.place.group, kind, self.place.node, *([device] if device else [])]
        self._client.publish("/".join(levels), payload)

    def close(self) -> None:
        self._client.publish(self._state_topic, _state(online=False), qos=1, retain=True).wait_for_publish(1)
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def _state_topic(self) -> str:
        return f"spBv1.0/STATE/{self.place.host}"

    def _made(self, directory: Path) -> mqtt.Client:
        """A name of its own for each connection: a broker ends the older one of two with the same name."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"{self.place.host}-{uuid7().hex[-12:]}")
        client.reconnect_delay_set(min_delay=1, max_delay=5)
        client.will_set(self._state_topic, _state(online=False), qos=1, retain=True)
        if self.place.tls:
            tls = self.place.tls
            authority, own, key = (_file(directory, each) for each in (tls.authority, tls.certificate, tls.key))
            client.tls_set(ca_certs=authority, certfile=own, keyfile=key)
        if self.place.user:
            client.username_pw_set(self.place.user.name, self.place.user.password.get_secret_value())
        client.on_connect, client.on_disconnect, client.on_message = self._opened, self._closed, self._hear
        return client

    def _opened(
        self, client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            return
        client.subscribe(f"spBv1.0/{self.place.group}/+/{self.place.node}/#", qos=0)
        client.publish(self._state_topic, _state(online=True), qos=1, retain=True)
        self.heard.append(Heard("", "", b"The line to the broker is new."))
        self.is_open.set()

    def _closed(self, *_: object) -> None:
        self.is_open.clear()

    def _hear(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        _, _, kind, _, *device = message.topic.split("/", 4)
        if kind not in ("NCMD", "DCMD"):
            self.heard.append(Heard(kind, device[0] if device else "", bytes(message.payload)))


def _state(*, online: bool) -> bytes:
    return json.dumps({"online": online, "timestamp": int(server_clock.now().timestamp() * 1000)}).encode()


def _file(directory: Path, name: str | None) -> str | None:
    return str(directory / Path(name).name) if name else None
