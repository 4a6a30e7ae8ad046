"""Identifiers are drawn; they hold nothing of the person."""

import pytest

from chain_of_identity import identifiers, isbt
from mes.errors import InvalidInput

# The surname is written with signs of the alphabet, so that a careless draw could spell it.
PERSONAL = ("Wynn Fyt", "1961-03-07", "743-967", "WFY")


@pytest.mark.req("R-125")
def test_no_code_holds_personal_data() -> None:
    parts = identifiers.telling_parts(PERSONAL)
    assert {"WYNN", "FYT", "1961", "743", "743967"} <= parts
    for _ in range(1000):
        code = identifiers.draw_chain_identifier(facility="A9999", year=2026, personal=PERSONAL)
        assert not [part for part in parts if part in code]


@pytest.mark.req("R-125")
def test_draws_again_when_a_code_would_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("CCFYTC" + "CCFYRC")
    monkeypatch.setattr("secrets.choice", lambda _alphabet: next(drawn))
    code = identifiers.draw_chain_identifier(facility="A9999", year=2026, personal=PERSONAL)
    assert code == "CHA999926CCFYRC"


def test_a_hospital_number_equal_to_the_facility_does_not_stop_the_draw() -> None:
    assert identifiers.draw_chain_identifier(facility="A9999", year=2026, personal=["9999"]).startswith("CHA9999")


@pytest.mark.req("R-120")
def test_a_drawn_code_is_an_isbt_128_identifier() -> None:
    code = identifiers.draw_chain_identifier(facility="A9999", year=2026)
    assert isbt.chain_identifier(f"&/{code}") == code
    assert code.startswith("CHA999926")


def test_refuses_a_site_without_facility_number() -> None:
    with pytest.raises(InvalidInput):
        identifiers.draw_chain_identifier(facility="", year=2026)


def test_codes_can_be_read_aloud() -> None:
    assert not set("AEIOU01258BSZLI") & set(identifiers.ALPHABET)
    assert identifiers.short_form("CHA999926KX7R34") == "KX7-R34"


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")])
def test_containers_are_lettered_like_columns(index: int, name: str) -> None:
    assert identifiers.container_label("CHA999926KX7R34", index) == f"KX7-R34-{name}"


def test_pseudonyms_differ() -> None:
    assert len({identifiers.draw_pseudonym() for _ in range(100)}) == 100
