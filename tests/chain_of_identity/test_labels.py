"""Labels: what is printed can be read back, by people and by scanners."""

from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from chain_of_identity import isbt
from chain_of_identity.labels import AUTOLOGOUS, Label, data_matrix_png, data_matrix_svg

CHAIN_ID = "CHA999926KX7R34"


def label(**changes: Any) -> Label:
    face: dict[str, Any] = {
        "code": "KX7-R34-A",
        "chain_id": CHAIN_ID,
        "contents": "Apheresis",
        "recipient": "P-CDF34679 · 1961",
        "facility": "A9999 Graz",
    }
    return Label(**face | changes)


def read_back(png: bytes) -> str:
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
    assert found.format == zxingcpp.BarcodeFormat.DataMatrix
    return str(found.text)


@pytest.mark.parametrize("text", ["KX7-R34-A", f"&/{CHAIN_ID}", "=A99992112345600"])
def test_a_symbol_reads_back_as_written(text: str) -> None:
    assert read_back(data_matrix_png(text)) == text


def test_the_chain_symbol_carries_the_data_identifier() -> None:
    assert f"<title>&amp;/{CHAIN_ID}</title>" in label().chain_symbol
    assert isbt.chain_identifier(f"&/{CHAIN_ID}") == CHAIN_ID


def test_a_symbol_stands_in_a_page_with_a_name_and_without_size() -> None:
    element = data_matrix_svg("KX7-R34-A")
    assert element.startswith('<svg class="symbol" viewBox="0 0 ')
    assert "<title>KX7-R34-A</title>" in element
    assert "width=" not in element.split(">", 1)[0]
    assert element.rstrip().endswith("</svg>")


def test_a_label_says_whose_it_is_and_that_it_is_autologous() -> None:
    assert label().lines == (
        "KX7-R34-A",
        CHAIN_ID,
        "Apheresis",
        "P-CDF34679 · 1961",
        "A9999 Graz",
        AUTOLOGOUS,
    )


def test_a_reprint_says_that_it_is_one() -> None:
    assert "Copy 2" in label(copy=2).lines
    assert not [line for line in label(copy=1).lines if line.startswith("Copy")]


def test_a_label_shows_expiry_donation_number_and_warnings() -> None:
    lines = label(expiry="1 Dec 2026", donation_number="A9999 21 123456 [3]", warnings=("DO NOT IRRADIATE",)).lines
    assert {"Expires 1 Dec 2026", "A9999 21 123456 [3]", "DO NOT IRRADIATE"} <= set(lines)
