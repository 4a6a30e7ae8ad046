"""What the tests of a sample are called: the specification says so."""

from batches.models import Batch
from qc_release.queries.lookups import effective_specification, file_of


def titles_of_tests(batch: Batch) -> dict[str, str]:
    """The name of each test by its code, from the version that judges the batch, else the one in force; empty without
    either."""
    file = file_of(batch)
    version = file.specification_version if file else effective_specification(batch.site, batch.order.product_code)
    return {test.id: test.name for test in version.content.tests} if version else {}
