"""The printed record carries the proof that its events are sealed."""

import json
from io import BytesIO

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pypdf import PdfReader

from batches import services
from batches.queries.documents import content_of
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.records.merkle import leaf_hash, root_from_proof
from mes.records.models import Event
from mes.records.sealing import signed_text
from tests.given import batches as given


@pytest.mark.req("R-046")
@pytest.mark.django_db(transaction=True)
def test_the_printed_record_carries_a_proof_that_its_events_are_sealed(site: Site, quinn: User) -> None:
    batch = given.issued_batch(site)
    document = services.request_record(actor=quinn, batch=batch)
    content = content_of(services.render_document(actor=system_user("dispatcher"), document=document))
    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.open_metadata().pdfa_status == "3A"
        proof = json.loads(pdf.attachments["inclusion-proof.json"].get_file().read_bytes())
    leaf, head = proof["leaf"], proof["checkpoint"]
    assert leaf_hash(leaf["content"].encode()).hex() == leaf["hash"]
    path = [bytes.fromhex(each) for each in proof["proof"]]
    assert root_from_proof(bytes.fromhex(leaf["hash"]), leaf["index"], head["size"], path).hex() == head["root"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
    text = signed_text(head["size"], head["root"], head["previous"], head["horizon"], head["at"])
    key.verify(bytes.fromhex(head["signature"]), text)

    requested = Event.objects.get(action="batches.request_record")
    assert proof["event"] == str(requested.id)
    printed = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "")
    assert head["root"] in printed
    assert f"entry {leaf['index']} of the log" in printed
