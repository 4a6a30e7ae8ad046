"""A phrase is English wherever it is kept, and in the language of the page where it is shown."""

import copy
import json
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from mes import clock
from mes.accounts.models import Site
from mes.errors import Reason
from mes.pages.script_words import words_of
from mes.phrases import Phrase, shown

UNKNOWN = Phrase("Baton does not speak “{language}”.", language="tlh")


def test_it_is_english_for_whoever_keeps_it_and_german_for_who_reads() -> None:
    with translation.override("de"):
        assert json.loads(json.dumps({"why": UNKNOWN})) == {"why": "Baton does not speak “tlh”."}
        assert shown(UNKNOWN) == "Baton spricht „tlh“ nicht."


def test_a_reason_keeps_it_on_its_way_through_an_answer() -> None:
    reason = asdict(Reason("unknown", UNKNOWN))
    with translation.override("fr"):
        assert shown(copy.deepcopy(reason)["message"]) == "Baton ne parle pas «\u00a0tlh\u00a0»."


def test_words_of_others_stay_as_they_are() -> None:
    with translation.override("de"):
        assert shown("Wash the cells twice") == "Wash the cells twice"
        assert (
            shown(Phrase("Baton does not speak “{language}”.", language="Password"))
            == "Baton spricht „Password“ nicht."
        )
        assert shown("") == shown(Phrase("")) == ""


@pytest.mark.parametrize(("language", "month"), [("en", "Dec"), ("de", "Dez"), ("fr", "déc.")])
def test_a_time_names_its_month_in_words_and_its_zone(language: str, month: str) -> None:
    moment, site = datetime(2026, 12, 3, 9, 30, tzinfo=UTC), Site(timezone="Europe/Vienna")
    with translation.override(language):
        assert (
            Template("{{ at|local:site }}").render(Context({"at": moment, "site": site})) == f"3 {month} 2026 10:30 CET"
        )
    assert clock.show(site, moment) == "3 Dec 2026 10:30:00 CET"


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_a_number_has_a_point_before_its_decimals_and_nothing_between_its_thousands(language: str) -> None:
    with translation.override(language):
        shown_as = Template("{{ a }} {{ b }} {{ c|floatformat:2 }}").render(
            Context({"a": Decimal("1234567.50"), "b": 1234567, "c": 0.5})
        )
    assert shown_as == "1234567.50 1234567 0.50"


def test_a_page_carries_the_words_of_its_scripts_and_of_what_they_import() -> None:
    assert words_of(("install.js",)) == ()
    assert set(words_of(("sheets.js",))) <= set(words_of(("run.js",)))
    assert set(words_of(("camera.js", "conflict.js"))) <= set(words_of(("run.js",)))  # fetched when it happens
