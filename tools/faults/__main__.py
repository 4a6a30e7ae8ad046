"""`make faults`: kill what can be killed, and show that nothing acknowledged was lost, doubled, early or out of order.

The same timers as plain Celery countdowns run under kills beside it; they must show losses, or the campaign is not
hard enough.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from mes.embedded.processes import wait_until
from tools.faults import yardstick
from tools.faults.campaign import OPERATORS, Campaign, records_hold
from tools.faults.plant import Plant
from tools.faults.report import written
from tools.installed import ROOT, installed, prepare_django

ROUNDS_PER_KILL = 0.4


def main() -> int:
    asked = _arguments()
    if asked.longest:
        faulthandler.dump_traceback_later(asked.longest, exit=True)
    with tempfile.TemporaryDirectory(prefix="baton-faults-", dir=asked.directory) as place:
        directory = Path(place)
        report = _campaign(directory, asked) | {"seed": asked.seed, "commit": _commit()}
    text = json.dumps(report, indent=2)
    print(text)
    if asked.report:
        asked.report.write_text(written(report, kills=asked.kills), encoding="utf-8")
    return 0 if report["holds"] else 1


def _campaign(directory: Path, asked: argparse.Namespace) -> dict[str, object]:
    with installed(directory, schema=asked.schema) as (postgres, valkey, environment):
        prepare_django(environment)
        from tests.given import people
        from tools.faults.situation import batches

        site, work = batches(OPERATORS, rounds=max(20, int(asked.kills * ROUNDS_PER_KILL)))
        plant = Plant(directory, environment, postgres, valkey)
        plant.start(site, devices=OPERATORS)
        try:
            web = plant.processes["web"]
            wait_until(lambda: _answers(plant.address), web.running, web.log)
            token = _sign_in(plant.address, people.PASSWORD)
            campaign = Campaign(plant, kills=asked.kills, seed=asked.seed, away=asked.away, say=_say)
            found = campaign.run(token, {"username": "olga", "password": people.PASSWORD}, work)
            beside = valkey.url.removesuffix("/0") + "/1"  # our own workers would take its messages
            usual = yardstick.measure(directory, beside, timers=40, kills=4, seed=asked.seed)
        finally:
            plant.stop()
        sealed = records_hold(environment)
    hard_enough = usual["lost"] + usual["doubled"] > 0
    return {
        "holds": found.holds and sealed and hard_enough,
        **found.as_json(),
        "records_verify": sealed,
        "posts_sent_twice": campaign.twins,
        "blows": dict(sorted(campaign.struck.items())),
        "ended_by_themselves": sum(campaign.ended.values()),
        "left_out": campaign.blows.left_out,
        "plain_celery_countdowns": usual,
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--away", type=float, default=60.0, help="seconds for which the database goes away")
    parser.add_argument("--longest", type=float, help="seconds; then it ends, and says where every thread stood")
    parser.add_argument("--report", type=Path, help="write it for people too, as Markdown")
    parser.add_argument("--directory", type=Path, default=ROOT / "var", help="where the plant is built")
    parser.add_argument("--schema", type=Path, help="a dump of a migrated database, instead of migrating one")
    return parser.parse_args()


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def _sign_in(address: str, password: str) -> str:
    body = json.dumps({"username": "olga", "password": password}).encode()
    request = Request(f"{address}/api/v1/tokens", body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        return str(json.loads(answer.read())["token"])


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
