"""Two workers and one document: the second does not stand by while the first renders."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.utils import CursorWrapper

from batches import services
from batches.models import DocumentContent
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from tests.given import batches as given


@pytest.fixture
def other_worker() -> Iterator[CursorWrapper]:
    connection = connections.create_connection("default")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        yield cursor
    connection.close()


@pytest.mark.req("R-068")
@pytest.mark.django_db(transaction=True)
def test_a_document_that_another_worker_has_in_hand_is_left_to_them(
    site: Site, quinn: User, other_worker: CursorWrapper
) -> None:
    document = services.request_record(actor=quinn, batch=given.issued_batch(site))
    other_worker.execute("SELECT id FROM batches_batchdocument WHERE id = %s FOR UPDATE", [document.pk])
    services.render_document(actor=system_user("dispatcher"), document=document)
    assert not DocumentContent.objects.exists()
    other_worker.execute("ROLLBACK")
    services.render_document(actor=system_user("dispatcher"), document=document)
    assert DocumentContent.objects.filter(document=document).exists()
