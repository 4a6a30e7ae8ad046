"""What a reader in C does not survive never reaches it."""

import pytest

from mes.errors import InvalidInput
from qc_release.document import read_specification
from recipes.document import faults_in

DEEP = 240_000


@pytest.mark.parametrize(
    ("text", "why"),
    [("[" * DEEP + "]" * DEEP, "nested deeper"), ("- " * DEEP, "nested deeper"), ("a: \ud800", "character 4 is none")],
)
def test_a_text_that_would_end_the_process_is_a_fault(text: str, why: str) -> None:
    assert why in faults_in(text)[0].message
    with pytest.raises(InvalidInput, match=why):
        read_specification(text)
