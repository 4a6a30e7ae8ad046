"""The host of the database, run inside it: servers that the other hosts reach, and two batches to work on.

`python -m tests.hosts.database DIRECTORY ADDRESS SCHEMA`: JSON on stdout when all is there; it ends when its input
does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psycopg
import redis

from mes.embedded import Postgres, Valkey
from tools.installed import installed, prepare_django

HOLDS = 5
HOLD = """\
          - id: S{number}
            kind: timed_hold
            title: Let it stand
            text: Let the bag stand.
            equipment: incubator
            hold: {{minutes: 0.05, tolerance_minutes: 60, illustrative: true}}
"""


def main(directory: Path, address: str, schema: Path) -> None:
    listening = {"listen_addresses": f"127.0.0.1,{address}"}
    with installed(directory, listening, schema=schema) as (postgres, valkey, environment):
        _open_to_others(postgres, valkey, address)
        prepare_django(environment)
        told = {name: value.replace("127.0.0.1", address) for name, value in environment.items()}
        sys.stdout.write(json.dumps({"environment": told, **_steps()}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _open_to_others(postgres: Postgres, valkey: Valkey, address: str) -> None:
    with (postgres.data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {address}/24 scram-sha-256\n")
    with psycopg.connect(postgres.superuser_url, autocommit=True) as superuser:
        superuser.execute("SELECT pg_reload_conf()")
    with redis.Redis.from_url(valkey.url) as broker:
        broker.config_set("bind", f"127.0.0.1 {address}")


def _steps() -> dict[str, object]:
    """Steps of two running batches: one waits, again and again; in the other values are written."""
    from bench.situation import LAST_STEP, RECIPE, STEP
    from tests.given import batches as given
    from tests.given import people, recipes

    holds = [HOLD.format(number=number) for number in range(100, 100 + HOLDS)]
    source = "".join((RECIPE, STEP.format(id="S002"), *holds, LAST_STEP))
    site = people.a_site()
    version = given.trained(recipes.approved(recipes.draft(site, source=source)))
    waits, writes = (given.running_batch(site, recipe=version) for _ in range(2))
    given.done_before(waits, "S100")
    given.done_before(writes, "S002")
    keys = [f"S{number}" for number in range(100, 100 + HOLDS)]
    return {"holds": [str(given.step(waits, key).pk) for key in keys], "value": str(given.step(writes, "S002").pk)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
