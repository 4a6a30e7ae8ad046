"""Readers of instrument files: every value with its unit as the file has it, all of a file or none of it."""

import pytest

from equipment.files.base import MOST_RUNS, Run, Unreadable, number
from equipment.files.readers import read
from tests.given import instrument_files as files


def read_text(text: str, encoding: str = "utf-8") -> tuple[str, list[Run]]:
    reader, runs = read(text.replace("{sample}", "S-1").encode(encoding))
    return reader.name, runs


def values(run: Run) -> dict[str, tuple[str, str | None]]:
    return {value.name: (value.value, value.unit) for value in run.values}


COUNTS = [
    (files.NUCLEOVIEW.format(sample="S-1", viability="68.2", operator="DrS"), "nucleoview", "68.2", "2.45E6"),
    (files.NC_VIEW, "nc_view", "45.1", "124000"),
    (files.NC_VIEW_REPORT, "nc_view", "83.0", "9.28E+05"),
    (files.VI_CELL_BLU, "vi_cell_blu", "96.9", "7.5E+5"),
    (files.VI_CELL_XR, "vi_cell_xr", "97.0", "8.74E+7"),
]


@pytest.mark.parametrize(("text", "reader", "viability", "density"), COUNTS)
def test_a_count_is_read_with_its_sample_and_units(text: str, reader: str, viability: str, density: str) -> None:
    name, [run, *_] = read_text(text)
    assert (name, run.sample_id, run.warning) == (reader, "S-1", "")
    assert values(run)["viability"] == (viability, "%")
    assert values(run)["viable_density"] == (density, "cells/mL")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_of_the_pc_does_not_matter(encoding: str) -> None:
    text = files.NUCLEOVIEW.format(sample="S-1", viability="68,2", operator="Jörg")
    _, [run] = read_text(text, encoding)
    assert values(run)["viability"] == ("68.2", "%")
    assert run.operator == "Jörg"


def test_what_the_instrument_warns_of_stays_with_the_run() -> None:
    _, [_, warned] = read_text(files.NC_VIEW)
    assert warned.warning == "Warning: Foreign object detected"


def test_a_unit_the_file_does_not_name_is_not_invented() -> None:
    name, [run] = read_text(files.NOVA)
    assert name == "nova_flex2"
    assert values(run) == {"Gln": ("1.83", None), "Gluc": ("2.65", "g/L"), "pH": ("7.400", "")}


def test_bounds_and_flags_of_a_metabolite_analyser_are_kept_and_controls_are_no_samples() -> None:
    name, [run] = read_text(files.CEDEX)
    assert (name, run.sample_id) == ("cedex_bio_ht", "S-1")
    assert values(run) == {"GLC3B": ("6.32", "g/L"), "LDH2B": ("<20.00", "U/L"), "LAC2B": ("1.89", "g/L")}
    assert [value.note for value in run.values] == ["", "", "v"]


def test_a_cytometry_file_tells_its_events_and_the_statistics_of_its_channels() -> None:
    reader, [run] = read(files.cytometry())
    assert (reader.name, run.sample_id) == ("fcs", "S-1")
    assert values(run)["events"] == ("2", "")
    assert values(run)["median SSC-A"] == ("3", None)


BROKEN = {
    "cut": (files.counted()[:-12], "closing check mark"),
    "cut within a line": (files.VI_CELL_BLU.encode()[:-20], "has 5 cells, the header has 6"),
    "cut list": (files.CEDEX.encode()[:-30], "ends too early"),
    "cut report": (files.VI_CELL_XR.encode()[:-30], "not whole"),
    "cut events": (files.cytometry()[:-6], "greater than file size"),
    "words for a number": (files.counted(viability="n/a"), "is not a number"),
    "a number nobody can know": (files.counted(viability="1,234"), "thousands or decimals"),
    "two values of one name": (files.counted().replace(b"Image;", b"Operator;Y\nImage;"), "twice with two values"),
    "a table without end": (
        files.VI_CELL_BLU.encode() + files.VI_CELL_BLU.encode().splitlines(keepends=True)[1] * MOST_RUNS,
        "more than 2000 samples",
    ),
    "a name without end": (files.counted("S" * 300), "longer than 200"),
    "a quote that never ends": (files.VI_CELL_BLU.encode().replace(b"{sample}", b'"{sample}'), "broken"),
    "only a header": (files.VI_CELL_BLU.encode().splitlines()[0], "no sample"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "No reader knows"),
    "nothing but a mark": (b"FCS3.1", "could not be read"),
    "nothing": (b"", "No reader knows"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_whole_or_not_sound_is_not_half_read(name: str) -> None:
    content, reason = BROKEN[name]
    with pytest.raises(Unreadable, match=reason):
        read(content)


@pytest.mark.parametrize(("cell", "exact"), [("< 0,50", "<0.50"), ("274 000", "274000"), ("0,001", "0.001")])
def test_a_cell_is_the_decimal_that_was_written(cell: str, exact: str) -> None:
    assert number(cell, what="x") == exact
