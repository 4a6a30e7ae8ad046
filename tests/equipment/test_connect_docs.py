"""The worked examples of docs/connect, followed as they stand there until the commissioning check has passed."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import LazySettings

from equipment import services
from equipment.adapters import ADAPTERS
from equipment.models import CheckReport
from mes.accounts.models import Site
from mes.embedded.processes import free_port
from tests.equipment.brokers import a_broker
from tests.equipment.opcua.device import NUMBERS
from tests.equipment.peers import Peer, running
from tests.given import equipment as given
from tests.given import instrument_files as files
from tests.given import people

CONNECT = Path(__file__).resolve().parents[2] / "docs" / "connect"
Followed = Callable[..., CheckReport]


def page(name: str) -> str:
    return (CONNECT / f"{name}.md").read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    fenced = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", page(name), re.DOTALL | re.MULTILINE)
    return [block for its_language, block in fenced if its_language == language]


def example(protocol: str) -> dict[str, Any]:
    [written] = blocks(protocol, "yaml")
    found: dict[str, Any] = yaml.safe_load(written)
    return found


@pytest.fixture
def followed(db: None, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """The unit added, the map beside its certificates, the check asked for and carried out."""
    monkeypatch.setattr("equipment.readings.USUAL_INTERVAL", timedelta(seconds=0.2))

    def check(adapter: str, class_code: str, tag_map: dict[str, Any]) -> CheckReport:
        beside(tmp_path, site, adapter).joinpath("plant").write_text(yaml.safe_dump(tag_map), encoding="utf-8")
        unit = given.new_unit(site, class_code, "DEV-1", adapter=adapter)
        asked = services.request_check(actor=people.persona(site, "sven"), unit=unit)
        gateway = given.gateway(site, tmp_path)
        try:
            while not CheckReport.objects.exists():
                gateway.sweep()
        finally:
            gateway.close()
        return CheckReport.objects.get(check_of=asked)

    return check


def beside(directory: Path, site: Site, adapter: str) -> Path:
    place = directory / site.code / adapter
    place.mkdir(parents=True, exist_ok=True)
    return place


def without(tag_map: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in tag_map.items() if name not in names}


def not_passed(report: CheckReport) -> list[tuple[str, str]]:
    return [(line["what"], line["found"]) for line in report.lines if line["outcome"] != "passed"]


def test_the_modbus_example_passes(followed: Followed) -> None:
    with running("modbus.js", "modbus-serial", "0") as peer:
        peer.ask("put", kind="input", address=0, type="int16", value=370)
        peer.ask("put", kind="input", address=2, type="float32", words="little", value=5)
        peer.ask("put", kind="holding", address=4, type="uint16", value=85)
        report = followed("modbus", "incubator", example("modbus") | {"host": "127.0.0.1", "port": peer.port})
    assert (report.outcome, not_passed(report)) == ("passed", [])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed.")
def test_the_opcua_example_passes_with_the_certificate_made_there(
    followed: Followed, site: Site, tmp_path: Path
) -> None:
    place = beside(tmp_path, site, "opcua")
    subprocess.run(["sh", "-ec", blocks("opcua", "")[-1]], cwd=place, check=True, capture_output=True)
    with running("opcua.js", "node-opcua-server", "0", str(tmp_path / "device")) as peer:
        for name, value in NUMBERS.items():
            peer.ask("put", name=name, value=value)
        (place / "inc-3.der").write_bytes(b64decode(peer.ask("certificate")))
        its_own = yaml.safe_dump(example("opcua")).replace("urn:peer-works:chamber", "urn:baton:test:incubator")
        tag_map = yaml.safe_load(its_own) | {"endpoint": f"opc.tcp://127.0.0.1:{peer.port}"}
        report = followed("opcua", "incubator", tag_map)
    assert (report.outcome, not_passed(report)) == ("passed", [])


def test_the_sila_example_passes(followed: Followed) -> None:
    peer = Peer("tests.peers.sila_freezer", str(free_port()), "open")
    try:
        at = {"host": "127.0.0.1", "port": peer.port, "insecure": True}
        report = followed("sila", "controlled_rate_freezer", without(example("sila"), "authority") | at)
    finally:
        peer.kill()
    assert (report.outcome, not_passed(report)) == ("passed", [])


def test_the_sparkplug_example_passes(followed: Followed, tmp_path: Path) -> None:
    with a_broker(tmp_path) as broker, running("sparkplug.js", "sparkplug-client", str(broker.port)):
        at = {"broker": "127.0.0.1", "port": broker.port}
        report = followed("sparkplug", "incubator", without(example("sparkplug"), "tls", "user") | at)
    assert (report.outcome, not_passed(report)) == ("passed", [])


def test_the_vi_cell_blu_example_lacks_nothing_but_a_count(followed: Followed) -> None:
    peer = Peer("tests.peers.vi_cell_blu", "0")
    try:
        at = {"endpoint": f"opc.tcp://127.0.0.1:{peer.port}/ViCellBlu/Server"}
        report = followed("vi_cell_blu", "cell_counter", without(example("vi_cell_blu"), "security", "user") | at)
    finally:
        peer.kill()
    assert report.outcome == "incomplete"
    assert {found for _, found in not_passed(report)} == {"The device gave no value."}


def test_the_file_drop_example_is_what_the_check_says(
    followed: Followed, tmp_path: Path, settings: LazySettings
) -> None:
    settings.INSTRUMENT_DIR = tmp_path / "instruments"
    folder = tmp_path / "instruments" / "plant"
    folder.mkdir(parents=True)
    (folder / "run-1.csv").write_bytes(files.counted("S-1"))
    report = followed("file_drop", "cell_counter", {})
    assert report.outcome == "passed"
    for line, printed in zip(report.lines, blocks("file_drop", "")[-1].splitlines()[1:], strict=True):
        shown = line["found"].replace("plant", "nc202-1")
        assert re.split(r" {2,}", printed)[:2] == [line["what"], line["expected"]]
        assert shown.startswith(re.split(r" {2,}", printed)[2].removesuffix("…"))


def test_every_protocol_has_a_page_that_the_first_one_names() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|.*\((\w+)\.md\) \|$", page("README"), re.MULTILINE)) == {
        (name, name) for name in ADAPTERS
    }
    assert all((CONNECT / f"{name}.md").exists() for name in ADAPTERS)
