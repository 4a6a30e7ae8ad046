"""A watched folder: every whole file is kept once, byte for byte; what cannot be read waits in quarantine."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from django.conf import LazySettings

from equipment import services
from equipment.adapters import file_drop
from equipment.adapters.base import Command, DeviceUnreachable, Identity
from equipment.adapters.file_drop import FileDrop, folder_of
from equipment.alarms.models import Alarm
from equipment.errors import FileNotKept
from equipment.files.models import FileReading, InstrumentFile, InstrumentRun
from equipment.files.queries import content_of
from equipment.gateway.site import SiteGateway
from equipment.models import CheckReport, Reading, Unit
from equipment.tasks import read_files
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.records.files import FileAltered
from tests.given import equipment as given
from tests.given import instrument_files as files
from tests.given import people

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process is gone: nothing after this line happens."""


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.INSTRUMENT_DIR = tmp_path / "instruments"
    made = tmp_path / "instruments" / "plant"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def counter(site: Site) -> Unit:
    return given.new_unit(site, "cell_counter", "CNT-1", adapter="file_drop")


@pytest.fixture
def look(site: Site, counter: Unit, folder: Path, tmp_path: Path) -> Callable[[], None]:
    """One look of a gateway that has just been started, at files that lie still."""

    def started_and_looked() -> None:
        gateway = watching(site, tmp_path)
        gateway.sweep()

    return started_and_looked


def watching(site: Site, directory: Path, *, quiet: float = 0) -> SiteGateway:
    gateway = given.gateway(site, directory / "gateway")
    adapter_of(gateway).quiet = quiet
    return gateway


def adapter_of(gateway: SiteGateway) -> FileDrop:
    adapter = gateway.adapters["CNT-1"]
    assert isinstance(adapter, FileDrop)
    return adapter


@pytest.mark.req("R-019")
def test_a_file_is_kept_byte_for_byte_and_read(look: Callable[[], None], folder: Path) -> None:
    content = files.counted("S-7").replace(b"\n", b"\r\n")
    (folder / "20260312.csv").write_bytes(content)
    look()
    read_files()
    file = InstrumentFile.objects.get()
    assert (content_of(file), file.sha256) == (content, sha256(content).hexdigest())
    assert (folder / "20260312.csv").read_bytes() == content
    run = InstrumentRun.objects.get(file=file)
    assert (file.reading.reader, run.sample_id) == ("nucleoview", "S-7")
    assert run.values[0] == {"name": "viability", "value": "92.4", "unit": "%", "note": ""}


def test_the_same_bytes_dropped_again_are_one_file(look: Callable[[], None], folder: Path) -> None:
    (folder / "a.csv").write_bytes(files.counted())
    look()
    (folder / "b.csv").write_bytes(files.counted())
    look()
    read_files()
    read_files()
    assert InstrumentFile.objects.get().name == "a.csv"
    assert InstrumentRun.objects.count() == 1


def test_a_file_that_is_still_written_is_left_until_it_is_whole(
    site: Site, counter: Unit, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0.0]
    monkeypatch.setattr(file_drop, "monotonic", lambda: moment[0])
    gateway, whole = watching(site, tmp_path, quiet=2), files.counted()
    for seconds, so_far in enumerate([b"", whole[:50], whole[:90], whole], start=1):
        (folder / "a.csv").write_bytes(so_far)
        moment[0] = seconds * 1.5
        gateway.sweep()
        assert not InstrumentFile.objects.exists()
    (folder / "b.csv.part").write_bytes(whole[:10])
    moment[0] += 2
    gateway.sweep()
    assert content_of(InstrumentFile.objects.get()) == whole


def test_a_file_that_changes_while_it_is_read_is_not_whole(
    counter: Unit, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.csv").write_bytes(b"half")
    adapter, opened = FileDrop(folder, lambda: counter.site.clock_epoch, quiet=0), os.fdopen

    def grown(descriptor: int, mode: str) -> object:
        (folder / "a.csv").write_bytes(b"half and half")
        return opened(descriptor, mode)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", grown)
        assert list(adapter.whole_files(most_bytes=100)) == []
    assert [found.content for found in adapter.whole_files(most_bytes=100)] == [b"half and half"]


@pytest.mark.req("R-068")
@pytest.mark.parametrize(
    "point",
    [
        "equipment.services.files.InstrumentFile.save",
        "equipment.adapters.file_drop.FileDrop.kept",
        "equipment.services.files.read",
        "equipment.services.files.InstrumentRun.objects.bulk_create",
    ],
)
def test_a_kill_between_reading_and_recording_loses_and_doubles_nothing(
    look: Callable[[], None], folder: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise Killed

    (folder / "a.csv").write_bytes(files.counted())
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(point, killed)
        look()
        read_files()
    look()
    read_files()
    assert content_of(InstrumentFile.objects.get()) == files.counted()
    assert (FileReading.objects.count(), InstrumentRun.objects.count()) == (1, 1)


def test_a_file_nobody_can_read_is_kept_in_quarantine_with_the_reason(look: Callable[[], None], folder: Path) -> None:
    (folder / "scan.png").write_bytes(b"\x89PNG\r\n")
    (folder / "\udcff\n.csv").write_bytes(files.counted()[:-12])
    look()
    read_files()
    reasons = {file.name: file.reading.quarantine for file in InstrumentFile.objects.all()}
    assert reasons["scan.png"] == "No reader knows this form of file."
    assert "closing check mark" in reasons["??.csv"]
    assert not InstrumentRun.objects.exists()


def test_a_file_too_large_to_keep_is_told_once_and_left_in_its_folder(
    look: Callable[[], None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipment.gateway.folders.MOST_BYTES", 10)
    (folder / "big.fcs").write_bytes(files.cytometry())
    look()
    look()
    read_files()
    file = InstrumentFile.objects.get()
    assert "left in its folder" in file.reading.quarantine
    with pytest.raises(FileNotKept):
        content_of(file)


@pytest.mark.parametrize("address", ["..", "/etc", "plant/../..", ""])
def test_a_folder_elsewhere_on_the_machine_is_not_watched(folder: Path, address: str) -> None:
    with pytest.raises(DeviceUnreachable, match="no folder below"):
        folder_of(address)


def test_a_link_to_another_file_is_not_followed(look: Callable[[], None], folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"not yours")
    (folder / "a.csv").symlink_to(tmp_path / "secret")
    look()
    assert not InstrumentFile.objects.exists()


def test_a_folder_that_is_gone_is_a_lost_connection_and_a_quiet_one_is_not(
    site: Site, counter: Unit, folder: Path, tmp_path: Path
) -> None:
    gateway = watching(site, tmp_path)
    gateway._listening_since = dict.fromkeys(gateway._listening_since, site.clock_epoch)
    gateway.sweep()
    assert not Alarm.objects.exists()
    assert adapter_of(gateway).identify() == Identity("", "", "", ""), "a folder does not say whose files lie in it"
    assert not adapter_of(gateway).command(Command(counter.id, "count")).accepted
    folder.rmdir()
    gateway._read_next.clear()
    gateway.sweep()
    assert Reading.objects.get().tag == "connection"


NUCLEOVIEW = "viability 92.4 %, viable_density 2.45E6 cells/mL, dead_density 1.14E6 cells/mL, "
NUCLEOVIEW += "total_density 3.58E6 cells/mL"


@pytest.mark.parametrize(
    ("content", "outcome", "found"),
    [
        (
            files.counted("S-7"),
            "passed",
            [("newest.csv: NucleoView, runs: 1", "passed"), ("S-7", "passed"), (NUCLEOVIEW, "passed")],
        ),
        (
            files.NOVA.format(sample="").encode(),
            "incomplete",
            [
                ("newest.csv: BioProfile FLEX2, runs: 1", "passed"),
                ("no name", "not_done"),
                ("Gln 1.83 without unit, Gluc 2.65 g/L, pH 7.400", "not_done"),
            ],
        ),
        (b"hello", "failed", [("newest.csv: No reader knows this form of file.", "failed")]),
        (b"", "incomplete", [("No whole file lies there: export one run, and check again.", "not_done")]),
    ],
    ids=["read", "read without names and units", "not read", "no file"],
)
def test_a_check_tells_whether_the_newest_file_can_be_used(
    site: Site, counter: Unit, folder: Path, tmp_path: Path, content: bytes, outcome: str, found: list[tuple[str, str]]
) -> None:
    for age, (name, written) in enumerate((("newest.csv", content), ("older.csv", files.NC_VIEW.encode()))):
        if content:
            (folder / name).write_bytes(written)
            os.utime(folder / name, (1000 - age, 1000 - age))
    report = checked(site, counter, tmp_path)
    lines = [(line["found"], line["outcome"]) for line in report.lines]
    assert (report.outcome, lines) == (outcome, [("plant", "passed"), *found])


def test_a_check_of_a_folder_that_is_gone_or_a_file_that_is_too_large_fails(
    site: Site, counter: Unit, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipment.gateway.checks.MOST_BYTES", 4)
    (folder / "large.csv").write_bytes(b"hello")
    assert [line["found"] for line in checked(site, counter, tmp_path).lines] == [
        "plant",
        "large.csv has more than 4 bytes.",
    ]
    (folder / "large.csv").unlink()
    folder.rmdir()
    report = checked(site, counter, tmp_path)
    assert report.outcome == "failed"
    assert [line["what"] for line in report.lines] == ["Connection"]


def checked(site: Site, counter: Unit, directory: Path) -> CheckReport:
    check = services.request_check(actor=people.persona(site, "sven"), unit=counter)
    watching(site, directory).sweep()
    return CheckReport.objects.get(check_of=check)


@pytest.mark.req("R-019")
@pytest.mark.django_db(transaction=True)
def test_a_byte_flipped_in_storage_is_found_out(site: Site, superuser: psycopg.Connection) -> None:
    counter = given.new_unit(site, "cell_counter", "CNT-1", adapter="file_drop")
    kept = services.keep_file(actor=system_user("gateway"), unit=counter, name="a.csv", content=files.counted())
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE equipment_instrumentfile SET content = set_byte(content, 40, 33)")
    with pytest.raises(FileAltered):
        content_of(kept)
    answer = people.client_of(people.persona(site, "carl")).get(f"/api/v1/instrument-files/{kept.id}/content")
    assert (answer.status_code, answer.json()["code"]) == (409, "file_altered")
