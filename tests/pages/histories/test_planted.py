"""The faults of `make histories` are planted by their place in the source: each run looks whether it is there."""

from tests.pages.histories.planted import PLANTED


def test_every_fault_still_has_its_place() -> None:
    for fault in PLANTED:
        assert fault.source()
