"""Inside a test's own transaction nothing can be sealed; where sealing itself is not the point, it counts as done."""

import pytest


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc_release.queries.manufacture.unsealed_events", lambda _: 0)
