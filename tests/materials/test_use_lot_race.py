"""Two hands reach for the last bottle."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from materials import services
from materials.errors import LotUnusable
from mes.accounts.models import Site, User
from mes.quantities import Quantity
from tests.given import materials as given


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-090")
def test_a_lot_is_never_overdrawn_by_many_hands_at_once(site: Site, olga: User) -> Any:
    lot = given.released_lot(site, "TEXMACS", quantity="0.5", unit="L")

    def take(_: int) -> bool:
        try:
            services.use_lot(
                actor=olga,
                lot=lot,
                material_code="TEXMACS",
                quantity=Quantity(Decimal(100), "mL"),
                batch_id=uuid4(),
                step_id=uuid4(),
            )
        except LotUnusable:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as hands:
        took = list(hands.map(take, range(20)))

    lot.refresh_from_db()
    assert (sum(took), lot.remaining) == (5, Decimal(0))
