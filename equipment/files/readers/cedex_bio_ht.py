"""Cedex Bio HT (Roche): an archive file with tabs, one line for each test of a sample, with its unit and flag."""

from itertools import groupby

from equipment.files.base import Dropped, Reader, Run, Unreadable, Value, number

_MARK = "#ARC-FILE#"
_RESULT, _SAMPLE = "40", "SAM"
_FEWEST_CELLS = 12
_TIME, _ID, _KIND, _TEST, _UNIT, _FLAG, _VALUE = 1, 2, 4, 6, 8, 9, 10
_OUT_OF_RANGE = ("< TEST RNG", "> TEST RNG")  # the value says so itself: `< 20.00`


def _recognises(dropped: Dropped) -> bool:
    return _MARK in dropped.text[:200] and "CEDEX" in dropped.text[:400]


def _read(dropped: Dropped) -> list[Run]:
    rows = [line.split("\t") for line in dropped.lines() if line.split("\t")[0] == _RESULT]
    for row in rows:
        if len(row) < _FEWEST_CELLS:
            raise Unreadable(f"The line of {row[1:3]} ends too early: the file is not whole.")
    of_samples = sorted((row for row in rows if row[_KIND].strip() == _SAMPLE), key=_sample)
    return [_run(sample, list(lines)) for sample, lines in groupby(of_samples, key=_sample)]


def _sample(row: list[str]) -> str:
    return row[_ID].strip()


def _run(sample: str, rows: list[list[str]]) -> Run:
    return Run(sample, [_value(row) for row in rows], measured_at=max(row[_TIME].strip() for row in rows))


def _value(row: list[str]) -> Value:
    flag = row[_FLAG].strip()
    note = "" if flag in _OUT_OF_RANGE else flag
    name = row[_TEST].strip()
    return Value(name, number(row[_VALUE], what=name), row[_UNIT].strip() or None, note)


CEDEX_BIO_HT = Reader("cedex_bio_ht", "Cedex Bio HT", _recognises, _read)
