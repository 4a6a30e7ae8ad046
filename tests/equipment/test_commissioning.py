"""The commissioning check: a connected device against its class page, never while anybody uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client

from equipment import services
from equipment.adapters.base import Identity
from equipment.adapters.simulator import SimulatorAdapter
from equipment.commissioning import Line, Outcome, overall
from equipment.documents import check_pdf
from equipment.errors import CannotBeChecked
from equipment.gateway.site import SiteGateway
from equipment.models import Check, CheckReport, Unit
from mes.accounts.models import Site, User
from mes.errors import NotPermitted
from mes.records.queries import events_of
from tests.equipment.peers import Peer, running
from tests.equipment.test_modbus import CHAMBER
from tests.given import equipment as given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quickly_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices are read five times a second, and a check waits for no more than what they gave then."""
    monkeypatch.setattr("equipment.readings.USUAL_INTERVAL", timedelta(seconds=0.2))
    monkeypatch.setattr("equipment.gateway.checks.PATIENCE", timedelta(seconds=1.5))
    monkeypatch.setattr("equipment.commissioning.SETTLES_WITHIN", 0.2)


@pytest.fixture
def chamber() -> Iterator[Peer]:
    with running("modbus.js", "modbus-serial", "0") as peer:
        peer.ask("put", kind="input", address=0, type="int16", value=370)
        peer.ask("put", kind="input", address=2, type="float32", words="little", value=5)
        peer.ask("put", kind="holding", address=4, type="uint16", value=85)
        yield peer


@pytest.fixture
def modbus_unit(site: Site, tmp_path: Path, chamber: Peer) -> Callable[..., Unit]:
    def connected(**changed: Any) -> Unit:
        place = tmp_path / site.code / "modbus"
        place.mkdir(parents=True)
        (place / "plant").write_text(yaml.safe_dump(CHAMBER | {"port": chamber.port} | changed))
        return given.new_unit(site, "incubator", "INC-1", adapter="modbus")

    return connected


def checked(sven: User, unit: Unit, directory: Path) -> CheckReport:
    check = services.request_check(actor=sven, unit=unit)
    return reported(check, given.gateway(unit.site, directory))


def reported(check: Check, gateway: SiteGateway) -> CheckReport:
    try:
        while not CheckReport.objects.filter(check_of=check).exists():
            gateway.sweep()
    finally:
        gateway.close()
    return CheckReport.objects.get(check_of=check)


def found(report: CheckReport) -> dict[str, tuple[str, str]]:
    return {line["what"]: (line["found"], line["outcome"]) for line in report.lines}


@pytest.mark.parametrize("class_code", ["bioreactor", "incubator", "shipper", "ln2_freezer", "thawing_device"])
def test_a_simulated_unit_passes_and_is_left_as_it_was_found(
    site: Site, sven: User, tmp_path: Path, class_code: str
) -> None:
    unit = given.new_unit(site, class_code)
    check = services.request_check(actor=sven, unit=unit)
    gateway = given.gateway(site, tmp_path)
    device = gateway.adapters[unit.code]
    before = device.state()
    report = reported(check, gateway)
    assert isinstance(device, SimulatorAdapter)
    assert (report.outcome, [line for line in report.lines if line["outcome"] != "passed"]) == ("passed", [])
    assert {tag.label for tag in unit.page.tags} <= found(report).keys()
    assert device.device.state().mode == before.mode


def test_the_act_names_who_asked_and_the_gateway_that_reported(site: Site, sven: User, tmp_path: Path) -> None:
    unit = given.new_unit(site, "incubator")
    checked(sven, unit, tmp_path)
    acts = [(event.action, event.actor_username) for event in events_of(unit)][-2:]
    assert acts == [("equipment.request_check", "sven"), ("equipment.report_check", "system:gateway")]


def test_a_modbus_device_is_identified_read_written_and_put_back(
    chamber: Peer, modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path
) -> None:
    humidity = {"address": 24, "unit": "%"}
    report = checked(sven, modbus_unit(setpoints=CHAMBER["setpoints"] | {"humidity": humidity}), tmp_path)
    assert found(report) == {
        "Identity": ("Peer Works, Chamber 160, firmware 2.4", "passed"),
        "Units of measure": ("as on the class page", "passed"),
        "Temperature": ("37.0 °C, good", "passed"),
        "CO₂": ("5.0 %, good", "passed"),
        "Relative humidity": ("85 %, good", "passed"),
        "Write and read back": ("incubate, temperature 37 °C, co2 5 %, humidity 85 %", "passed"),
        "Put back": ("idle", "passed"),
    }
    assert chamber.ask("get", kind="holding", address=24, type="uint16") == "85", "the safe value had arrived"
    assert chamber.ask("get", kind="holding", address=30, type="uint16") == "0"


def test_a_safe_value_the_device_cannot_take_fails(
    chamber: Peer, modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path
) -> None:
    report = checked(sven, modbus_unit(), tmp_path)
    assert report.outcome == "failed"
    assert found(report)["Write and read back"] == ("The tag map has no set-point “humidity”.", "failed")
    assert chamber.ask("written") == [*range(40, 48)], "and only the id of putting it back was written"


def test_a_device_running_something_else_is_left_in_the_safe_state(
    chamber: Peer, modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path
) -> None:
    chamber.ask("put", kind="holding", address=30, type="uint16", value=9)
    setpoints = CHAMBER["setpoints"] | {"humidity": {"address": 24, "unit": "%"}}
    report = checked(sven, modbus_unit(setpoints=setpoints), tmp_path)
    assert report.outcome == "incomplete"
    assert found(report)["Put back"] == ("It was left in “incubate”.", "not_done")


def broken(_: SimulatorAdapter) -> Identity:
    raise AssertionError


@pytest.mark.parametrize(
    ("fault", "told"), [(lambda _: 1 / 0, "division by zero"), (broken, "AssertionError")], ids=["words", "no words"]
)
def test_an_adapter_that_breaks_is_a_failed_check_that_says_how(
    site: Site, sven: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: object, told: str
) -> None:
    monkeypatch.setattr(SimulatorAdapter, "identify", fault)
    report = checked(sven, given.new_unit(site, "shipper", "SHIP-1"), tmp_path)
    assert found(report)["Connection"] == (f"The adapter of SHIP-1 failed: {told}", "failed")


def test_a_map_that_was_written_anew_is_what_the_next_check_judges(
    site: Site, modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path
) -> None:
    unit = modbus_unit()
    gateway = given.gateway(site, tmp_path)
    while "temperature" not in gateway.newest.get("INC-1", {}):
        gateway.sweep()
    opened = gateway.adapters["INC-1"]
    gateway.sweep()
    assert gateway.adapters["INC-1"] is opened, "what has not changed stays open"
    map_file = tmp_path / site.code / "modbus" / "plant"
    written = yaml.safe_load(map_file.read_text())
    written["tags"]["temperature"]["scale"] = 0.01
    map_file.write_text(yaml.safe_dump(written))
    report = reported(services.request_check(actor=sven, unit=unit), gateway)
    assert found(report)["Temperature"] == ("3.7 °C, good", "passed")


def test_a_unit_that_was_connected_a_moment_ago_is_checked_once_it_is_open(
    site: Site, sven: User, tmp_path: Path
) -> None:
    gateway = given.gateway(site, tmp_path)
    check = services.request_check(actor=sven, unit=given.new_unit(site, "incubator"))
    gateway.sweep()
    assert not CheckReport.objects.exists(), "nobody has looked at the plant since"
    gateway._look_next = None
    assert reported(check, gateway).outcome == "passed"


def test_a_unit_that_is_only_read_is_incomplete(modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path) -> None:
    report = checked(sven, modbus_unit(mode=None, setpoints={}, last_command=None), tmp_path)
    assert report.outcome == "incomplete"
    assert found(report)["Write and read back"] == ("The device is connected for reading only.", "not_done")


def test_another_unit_of_measure_fails(modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path) -> None:
    tags = CHAMBER["tags"] | {"temperature": CHAMBER["tags"]["temperature"] | {"unit": "°F"}}
    report = checked(sven, modbus_unit(tags=tags), tmp_path)
    assert report.outcome == "failed"
    assert found(report)["Units of measure"] == ("Temperature in °F instead of °C", "failed")
    assert found(report)["Temperature"] == ("Bad: no usable value.", "failed")


def test_a_value_outside_its_range_and_one_that_is_missing_are_told(
    chamber: Peer, modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path
) -> None:
    chamber.ask("put", kind="holding", address=4, type="uint16", value=140)
    tags = {name: CHAMBER["tags"][name] for name in ("humidity", "co2")}
    report = checked(sven, modbus_unit(tags=tags), tmp_path)
    assert found(report)["Relative humidity"] == ("140 %, bad", "failed")
    assert found(report)["Temperature"] == ("The device gave no value.", "not_done")


def test_a_silent_device_fails(chamber: Peer, modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path) -> None:
    unit = modbus_unit()
    chamber.kill()
    report = checked(sven, unit, tmp_path)
    assert report.outcome == "failed"
    assert "does not answer" in found(report)["Identity"][0]
    assert "does not answer" in found(report)["Write and read back"][0]


def test_nobody_checks_a_unit_in_use_or_without_a_connection(site: Site, sven: User) -> None:
    occupied, commanded, apart = given.unit(site), given.unit(site), given.new_unit(site, adapter="")
    given.occupied(occupied)
    given.requested(commanded, "culture")
    for unit, code in ((occupied, "occupied"), (commanded, "commanded"), (apart, "not_connected")):
        with pytest.raises(CannotBeChecked) as refusal:
            services.request_check(actor=sven, unit=unit)
        assert [reason["code"] for reason in refusal.value.details["reasons"]] == [code]
    assert not Check.objects.exists()


def test_a_unit_taken_in_between_is_not_touched(site: Site, sven: User, tmp_path: Path) -> None:
    unit = given.unit(site, "incubator")
    check = services.request_check(actor=sven, unit=unit)
    given.occupied(unit)
    gateway = given.gateway(site, tmp_path)
    device = gateway.adapters[unit.code]
    report = reported(check, gateway)
    assert found(report) == {"Unit": (f"{unit} holds material of KX7-204.", "failed")}
    assert device.state().last_command is None


def test_asked_for_twice_it_is_done_once(site: Site, sven: User) -> None:
    unit = given.new_unit(site)
    assert services.request_check(actor=sven, unit=unit) == services.request_check(actor=sven, unit=unit)
    assert Check.objects.count() == 1


def test_an_operator_does_not_commission(site: Site, olga: User) -> None:
    with pytest.raises(NotPermitted):
        services.request_check(actor=olga, unit=given.new_unit(site))


def test_a_report_stays_as_it_was_written(site: Site) -> None:
    report = given.checked(given.new_unit(site))
    with pytest.raises(DatabaseError), transaction.atomic():
        CheckReport.objects.filter(pk=report.pk).update(outcome="failed")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASSED, Outcome.PASSED], "passed"),
        ([Outcome.PASSED, Outcome.NOT_DONE], "incomplete"),
        ([Outcome.NOT_DONE, Outcome.FAILED], "failed"),
        ([], "failed"),
    ],
)
def test_only_what_passed_in_every_line_has_passed(outcomes: list[Outcome], expected: str) -> None:
    assert overall([Line("", "", "", each) for each in outcomes]) == expected


# --- command, page, API, PDF -------------------------------------------------------------------------------------


def test_the_command_takes_the_gateways_place_and_prints_a_table(
    site: Site, sven: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given.new_unit(site, "incubator", "INC-7")
    call_command("check_equipment", "INC-7", user="sven", directory=tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["what", "expected", "found", "outcome"]
    assert lines[-1].startswith("Commissioning check of INC-7: passed")


def test_the_command_says_by_its_exit_code_what_was_found(
    modbus_unit: Callable[..., Unit], sven: User, tmp_path: Path
) -> None:
    modbus_unit(mode=None, setpoints={}, last_command=None)
    with pytest.raises(SystemExit) as ended:
        call_command("check_equipment", "INC-1", user="sven", directory=tmp_path)
    assert ended.value.code == 2


@pytest.mark.parametrize(("unit", "user", "message"), [("NO-1", "sven", "0 units"), ("INC-7", "nobody", "no active")])
def test_the_command_names_what_it_does_not_know(site: Site, sven: User, unit: str, user: str, message: str) -> None:
    given.new_unit(site, "incubator", "INC-7")
    with pytest.raises(CommandError, match=message):
        call_command("check_equipment", unit, user=user)


def test_the_command_is_refused_while_the_unit_is_in_use(site: Site, sven: User) -> None:
    given.occupied(given.unit(site, "incubator", "INC-7"))
    with pytest.raises(CommandError, match="INC-7 holds material of KX7-204"):
        call_command("check_equipment", "INC-7", user="sven")


def test_a_check_is_asked_for_and_read_on_pages(site: Site, sven: User, tmp_path: Path) -> None:
    unit = given.new_unit(site, "incubator")
    browser = people.client_of(sven)
    asked = browser.post(f"/equipment/units/{unit.id}/check/")
    assert "Waiting for the gateway" in browser.get(asked["Location"]).content.decode()
    reported(Check.objects.get(), given.gateway(site, tmp_path))
    shown = browser.get(asked["Location"]).content.decode()
    assert "Write and read back" in shown
    assert asked["Location"] in browser.get(f"/equipment/units/{unit.id}/").content.decode()


def test_the_page_of_a_unit_in_use_says_why_it_is_not_checked(site: Site, sven: User) -> None:
    unit = given.unit(site)
    given.occupied(unit)
    refused = people.client_of(sven).post(f"/equipment/units/{unit.id}/check/")
    assert refused.status_code == 409
    assert "disabled" in refused.content.decode()


def test_the_api_asks_reads_and_prints(site: Site, sven: User, tmp_path: Path) -> None:
    unit = given.new_unit(site, "incubator")
    client: Client = people.client_of(sven)
    asked = client.post(f"/api/v1/units/{unit.id}/checks", headers={"Idempotency-Key": "a"})
    assert (asked.status_code, asked.json().get("report")) == (202, None)
    path = f"/api/v1/equipment-checks/{asked.json()['id']}"
    assert client.get(f"{path}/report.pdf").status_code == 404
    reported(Check.objects.get(), given.gateway(site, tmp_path))
    assert client.get(path).json()["report"]["outcome"] == "passed"
    assert client.get(f"/api/v1/units/{unit.id}/checks").json()["results"][0]["report"]["outcome"] == "passed"
    pdf = client.get(f"{path}/report.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    report = CheckReport.objects.get()
    assert check_pdf(report) == pdf.content
    assert len(pikepdf.open(BytesIO(pdf.content)).pages) == 1
