"""The report of a campaign, for people: docs/validation/faults.md."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import Any

_WHAT = """# Campaign of kills

Written by `make faults KILLS={kills} SEED={seed}` at commit {commit}, on {machine}.
What is done and compared is told in [performance.md](../performance.md#when-things-die).
"""
_KEPT = """
## What was kept

| | |
|---|---|
| acts acknowledged over HTTP ({posts_sent_twice} posts were sent twice at once) | {acknowledged} |
| timed holds | {timers} |
| equipment commands confirmed | {commands} |
| readings stored | {readings} |
| **lost** | **{lost}** |
| **doubled** | **{doubled}** |
| **out of order** | **{out_of_order}** |
| **early** | **{early}** |
| records verify | {verified} |
| processes that ended by themselves after a blow, and were started again | {ended_by_themselves} |
| {usual[timers]} plain Celery countdowns, {usual[kills]} kills: lost / doubled | {usual[lost]} / {usual[doubled]} |
| the campaign holds | {held} |
"""
_TIMES = """## How long it took

Seconds; after a kill from its beginning, after what lasts from its end.

| | number | p50 | p99 | max |
|---|---|---|---|---|"""


def written(report: Mapping[str, Any], *, kills: int) -> str:
    """The report as Markdown."""
    yes = {True: "yes", False: "no"}
    facts = {
        **report,
        "kills": kills,
        "machine": f"{platform.system()} {platform.machine()}",
        "usual": report["plain_celery_countdowns"],
        "verified": yes[report["records_verify"]],
        "held": yes[report["holds"]],
    }
    return "\n".join([_WHAT.format(**facts) + _KEPT.format(**facts), *_times(report), *_left_out(report), ""])


def _times(report: Mapping[str, Any]) -> Iterator[str]:
    yield _TIMES
    yield _line("end of a hold after it was due", report["timers"], report["lateness_seconds"])
    yield _line(
        "the same, without the time without database", report["timers"], report["lateness_seconds_with_a_database"]
    )
    for blow, number in report["blows"].items():
        yield _line(f"next acknowledgement after: {blow}", number, report["recovery_seconds"].get(blow, {}))
    yield _line("next acknowledgement after any blow", sum(report["blows"].values()), report["recovery_seconds"]["all"])


def _line(what: str, number: int, times: Mapping[str, float]) -> str:
    return f"| {what} | {number} | {times.get('p50', '')} | {times.get('p99', '')} | {times.get('max', '')} |"


def _left_out(report: Mapping[str, Any]) -> Iterator[str]:
    if report["left_out"]:
        yield "\n## What this machine could not do\n"
        yield from (f"- {name}: {why}" for name, why in report["left_out"].items())
