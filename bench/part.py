"""One part of the bench, in an installation made for it: `python -m bench.part NAME key=value …`, JSON on stdout."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg

from bench.measures import as_json


def main(name: str, told: Mapping[str, str]) -> None:
    import django

    django.setup()
    logging.disable(logging.WARNING)  # a page that is refused to somebody is measured too, and need not say so
    with psycopg.connect(os.environ["BENCH_SUPERUSER_URL"], autocommit=True) as superuser:
        superuser.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        print(as_json(_results(name, told, superuser)))


def _results(name: str, told: Mapping[str, str], superuser: psycopg.Connection) -> dict[str, object]:
    """Models exist only now, and each part imports no more than it needs."""
    if name == "completion":
        from bench.completion import Completion

        with Completion(superuser, Path(told["directory"])) as completion:
            return completion.results()
    if name == "telemetry":
        from bench.telemetry import Telemetry

        return Telemetry(superuser, int(told["readings"])).results()
    if name == "pages":
        from bench.pages import Pages

        return Pages(superuser, int(told["batches"])).results()
    if name == "stream":
        from bench.telemetry import stream

        return stream(superuser)
    if name == "operators":
        from bench.operators import results

        return results(superuser, Path(told["directory"]))
    from bench.waiting import Waiting

    return Waiting(superuser, Path(told["directory"])).results()


if __name__ == "__main__":
    main(sys.argv[1], dict(each.split("=", 1) for each in sys.argv[2:]))
