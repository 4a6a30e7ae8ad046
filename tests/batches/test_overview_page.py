"""The page of a batch that works in a unit."""

from datetime import timedelta

import pytest

from batches.models import Batch
from equipment.models import Unit
from mes import clock
from mes.accounts.models import User
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given import people


@pytest.mark.django_db
def test_the_page_of_a_batch_shows_the_trend_of_its_unit(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S050")
    unit = Unit.objects.get(site=batch.site, class_code="incubator")
    now = clock.now(batch.site)
    equipment_given.readings(unit, "temperature", [37.0] * 5, every=timedelta(seconds=1), until=now)
    page = people.client_of(olga).get(f"/batches/{batch.id}/")
    assert page.status_code == 200
    assert "trend" in page.content.decode()
    assert "Values of Temperature" in page.content.decode()
