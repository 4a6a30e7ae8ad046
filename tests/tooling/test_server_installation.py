"""Docker cannot run everywhere the tests do, so what the files promise is read out of them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.run import processes

ROOT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r"""env(?:\.\w+)?\(\s*"(\w+)\"""")


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="module")
def ours(services: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in services.items() if service["image"].startswith("baton:")}


def settings_names() -> set[str]:
    return set(SETTING.findall((ROOT / "mes" / "settings.py").read_text()))


def test_has_every_part_of_an_installation(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == {"postgres", "valkey", "migrate", "web", "worker", "beat", "gateway", "proxy"}


def test_sets_only_names_that_the_settings_read(ours: dict[str, dict[str, Any]]) -> None:
    for name, service in ours.items():
        assert set(service["environment"]) <= settings_names(), name


def test_gives_every_process_the_secrets_and_addresses_it_needs(ours: dict[str, dict[str, Any]]) -> None:
    needed = {"BATON_SECRET_KEY", "BATON_VAULT_KEYS", "DATABASE_URL", "REDIS_URL", "BATON_TLS"}
    for name, service in ours.items():
        assert needed <= set(service["environment"]), name


def test_only_the_migration_knows_the_owner_of_the_tables(ours: dict[str, dict[str, Any]]) -> None:
    knowing = {name for name, service in ours.items() if "baton_owner" in str(service["environment"])}
    assert knowing == {"migrate"}
    for service in ours.values():
        assert service["environment"]["DATABASE_URL"].startswith("postgresql://baton:")


def test_runs_the_same_programs_as_make_run(ours: dict[str, dict[str, Any]]) -> None:
    here = processes(8000)
    for name in ("worker", "beat", "gateway"):
        assert _program(ours[name]["command"]) == _program(here[name]), name


def test_only_the_proxy_is_reached_from_outside_and_it_speaks_tls(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert "443:443" in services["proxy"]["ports"]
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    assert re.search(r"^\ttls /certificates/\S+ /certificates/\S+", caddyfile, re.MULTILINE)
    assert "reverse_proxy web:8000" in caddyfile
    assert caddyfile.count("{") == caddyfile.count("}")


def test_starts_after_the_schema_is_up_to_date(ours: dict[str, dict[str, Any]]) -> None:
    for name in ours.keys() - {"migrate"}:
        assert ours[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_example_lists_every_value_to_fill_in() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    wanted = set(re.findall(r"\$\{(\w+)", text))
    listed = set(re.findall(r"^(\w+)=", (ROOT / "deploy" / "environment.example").read_text(), re.MULTILINE))
    assert listed == wanted


def test_mounts_files_that_exist(services: dict[str, dict[str, Any]]) -> None:
    mounted = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    files = [ROOT / path for path in mounted if path.startswith("./") and "certificates" not in path]
    assert len(files) == 2
    assert all(file.is_file() for file in files)


def _program(command: list[str]) -> list[str]:
    """`celery --app mes.celery worker` and `python -m celery --app mes.celery worker` are one program."""
    words = [word for word in command if not word.endswith(("python", "python3")) and word not in {"-m", "--quiet"}]
    return words[: 4 if "celery" in words else 2]
