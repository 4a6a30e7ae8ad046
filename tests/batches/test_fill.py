from decimal import Decimal

from batches import services
from chain_of_identity.models import Container
from mes.accounts.models import Site, User
from tests.given import batches as given


def test_a_fill_makes_product_bags(site: Site, olga: User) -> None:
    batch = given.running_batch(site, recipe=given.short_recipe(site, given.QUICK))
    step = given.started(batch, "S160")
    services.scan_for_step(actor=olga, step=step, code=f"&/{batch.coi_id}")
    bags = services.transfer_material(actor=olga, step=step, volumes_ml=[Decimal(10), Decimal(10)])
    assert [bag.holds for bag in bags] == [Container.Holds.PRODUCT] * 2
