"""Sealing and verifying: an untouched log holds; every way of tampering is found and the row named."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command

from mes.accounts.models import Site, User
from mes.records.merkle import leaf_hash, root_from_proof
from mes.records.models import Checkpoint, Event, Leaf
from mes.records.sealing import proof_for, seal_now
from mes.records.services import act
from mes.records.verification import Finding, verify

VERIFIER = Path(settings.BASE_DIR) / "tools" / "verify.py"


@pytest.fixture
def seal_files(tmp_path: Path, settings: Any) -> Path:
    settings.SEAL_KEY_FILE = tmp_path / "seal.pem"
    settings.SEAL_WITNESS_FILE = tmp_path / "checkpoints.jsonl"
    return tmp_path


@pytest.fixture
def sealed(seal_files: Path, transactional_db: None, site: Site, anna: User) -> Path:
    for name in ("North", "South", "East"):
        with act(anna, "test.rename", site=site, subject=site, reason=name):
            site.name = f"Graz {name}"
            site.save(update_fields=["name"])
    seal_now()
    return seal_files


def export(folder: Path) -> subprocess.CompletedProcess[str]:
    """The stand-alone verifier's verdict on an export of the database as it is."""
    target = folder / "export.jsonl"
    call_command("export_records", target, verbosity=0)
    command = [sys.executable, "-S", "-E", str(VERIFIER), str(target)]
    command += ["--witness", str(folder / "checkpoints.jsonl")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.req("R-010")
def test_an_untouched_log_holds(sealed: Path) -> None:
    verdict = verify()
    assert verdict.holds, verdict.findings
    assert verdict.events == Event.objects.count() == Leaf.objects.count()

    outside = export(sealed)
    assert outside.returncode == 0, outside.stdout


def test_sealing_again_appends_only_what_is_new(sealed: Path, site: Site, anna: User) -> None:
    before = Leaf.objects.count()
    assert seal_now() == Checkpoint.objects.order_by("-size").first()
    assert Leaf.objects.count() == before
    with act(anna, "test.note", site=site):
        pass
    seal_now()
    assert Leaf.objects.count() == before + 1
    assert verify().holds


def test_a_proof_leads_to_the_signed_root(sealed: Path) -> None:
    for event in Event.objects.all():
        proof = proof_for(event.id)
        leaf = leaf_hash(proof["leaf"]["content"].encode())
        path = [bytes.fromhex(each) for each in proof["proof"]]
        head = proof["checkpoint"]
        assert root_from_proof(leaf, proof["leaf"]["index"], head["size"], path).hex() == head["root"]


def _unguarded(db: psycopg.Connection, *statements: str) -> None:
    db.execute("SET session_replication_role = replica")
    for statement in statements:
        db.execute(statement)


LAST = "(SELECT id FROM records_event WHERE action = 'test.rename' ORDER BY at DESC LIMIT 1)"
FIRST = "(SELECT id FROM records_event WHERE action = 'test.rename' ORDER BY at LIMIT 1)"
TAIL = "(SELECT event_id FROM records_leaf ORDER BY index DESC LIMIT 1)"

REWRITE_LEAF = f"""
    UPDATE records_leaf l SET content = regexp_replace(
        content,
        '(records_event \\S+) \\S+',
        '\\1 ' || (SELECT encode(sha256(convert_to(to_jsonb(e)::text, 'UTF8')), 'hex')
                  FROM records_event e WHERE e.id = l.event_id)
    ) WHERE event_id = {LAST}
"""

TAMPERING: dict[str, tuple[list[str], str, str]] = {
    "edit an event": ([f"UPDATE records_event SET reason = 'x' WHERE id = {LAST}"], "altered", "records_event"),
    "edit a history row": (
        [f"UPDATE accounts_historicalsite SET name = 'x' WHERE history_event_id = {FIRST}"],
        "altered",
        "accounts_historicalsite",
    ),
    "delete a history row": (
        [f"DELETE FROM accounts_historicalsite WHERE history_event_id = {FIRST}"],
        "deleted",
        "accounts_historicalsite",
    ),
    "delete an event": ([f"DELETE FROM records_event WHERE id = {LAST}"], "deleted", "records_event"),
    "insert a history row behind a sealed event": (
        [
            f"CREATE TEMP TABLE copied AS SELECT * FROM accounts_historicalsite WHERE history_event_id = {FIRST}",
            "UPDATE copied SET history_id = 999999",
            "INSERT INTO accounts_historicalsite SELECT * FROM copied",
        ],
        "inserted",
        "accounts_historicalsite",
    ),
    "insert an old event": (
        [
            "CREATE TEMP TABLE copied AS SELECT * FROM records_event LIMIT 1",
            "UPDATE copied SET id = gen_random_uuid(), reason = 'never happened'",
            "INSERT INTO records_event SELECT * FROM copied",
        ],
        "inserted",
        "records_event",
    ),
    "swap two leaves": (
        [
            "UPDATE records_leaf SET index = -1 WHERE index = 1",
            "UPDATE records_leaf SET index = 1 WHERE index = 2",
            "UPDATE records_leaf SET index = 2 WHERE index = -1",
        ],
        "reordered",
        "records_leaf",
    ),
    "cut the tail of the log": (
        [
            f"DELETE FROM accounts_historicalsite WHERE history_event_id = {TAIL}",
            f"DELETE FROM records_event WHERE id = {TAIL}",
            "DELETE FROM records_checkpoint WHERE size = (SELECT max(size) FROM records_checkpoint)",
            "DELETE FROM records_leaf WHERE index = (SELECT max(index) FROM records_leaf)",
        ],
        "truncated",
        "records_checkpoint",
    ),
    "change a live row behind its history": (
        ["UPDATE accounts_site SET name = 'elsewhere'"],
        "live",
        "accounts_site",
    ),
    "delete a live row": (["DELETE FROM accounts_rolegrant"], "live", "accounts_rolegrant"),
    "rewrite an event, its leaf and the leaf's hash": (
        [
            f"UPDATE records_event SET reason = 'x' WHERE id = {LAST}",
            REWRITE_LEAF,
            "UPDATE records_leaf SET hash = encode(sha256('\\x00'::bytea || convert_to(content, 'UTF8')), 'hex')",
        ],
        "altered",
        "records_checkpoint",
    ),
}


@pytest.mark.req("R-010")
@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found_and_the_row_named(sealed: Path, superuser: psycopg.Connection, how: str) -> None:
    statements, kind, table = TAMPERING[how]
    _unguarded(superuser, *statements)

    findings = verify().findings
    assert (kind, table) in {(each.kind, each.table) for each in findings}, findings
    assert all(each.key for each in findings)


@pytest.mark.parametrize("how", TAMPERING)
def test_the_stand_alone_verifier_finds_it_too(sealed: Path, superuser: psycopg.Connection, how: str) -> None:
    statements, kind, table = TAMPERING[how]
    _unguarded(superuser, *statements)

    outside = export(sealed)
    assert outside.returncode == 1
    assert any(line.startswith(kind) and table.split("_")[-1] in line for line in outside.stdout.splitlines()), (
        outside.stdout
    )


@pytest.mark.req("R-010")
def test_disabling_the_trigger_and_editing_is_found(sealed: Path, superuser: psycopg.Connection, site: Site) -> None:
    triggers = superuser.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'accounts_site'::regclass AND NOT tgisinternal"
    ).fetchall()
    for (name,) in triggers:
        superuser.execute(f'ALTER TABLE accounts_site DISABLE TRIGGER "{name}"')
    superuser.execute("UPDATE accounts_site SET idle_minutes = 15")
    for (name,) in triggers:
        superuser.execute(f'ALTER TABLE accounts_site ENABLE TRIGGER "{name}"')

    assert Finding("live", "accounts_site", str(site.id), "the row differs from the last row of its history") in (
        verify().findings
    )


def test_the_command_prints_its_verdict_as_json(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_records", "--json")
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["holds"] is True
    assert verdict["findings"] == []


def test_the_command_fails_when_the_records_do_not_hold(sealed: Path, superuser: psycopg.Connection) -> None:
    _unguarded(superuser, "UPDATE accounts_site SET name = 'elsewhere'")
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_records")
