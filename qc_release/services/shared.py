"""What several acts here need: the root row locked, the signature the actor's own, the content still as it was seen."""

from dataclasses import replace

from batches.models import Batch
from mes import clock
from mes.accounts.models import User
from mes.errors import SignatureRefused, StaleVersion
from mes.records.services import act
from mes.records.signing import Signer
from qc_release.errors import NoSpecification
from qc_release.models import ReleaseFile
from qc_release.queries import effective_specification, file_of


def open_file(*, actor: User, batch: Batch) -> ReleaseFile:
    """The quality unit's file on a batch; opened with the first sample and the version in force on that day."""
    found = file_of(batch)
    if found is not None:
        return found
    product = batch.order.product_code
    version = effective_specification(batch.site, product)
    if version is None:
        raise NoSpecification(f"No specification for {product} is in force at {batch.site}.", product=product)
    with act(actor, "qc_release.open_file", site=batch.site, subject=batch, batch=batch) as event:
        file = ReleaseFile.objects.create(batch=batch, specification_version=version, opened_at=clock.now(batch.site))
        event.data |= {"specification": str(version), "sha256": version.sha256}
    return file


def locked_file(file: ReleaseFile) -> ReleaseFile:
    """The file's row, locked: every act that decides on a batch begins here."""
    rows = ReleaseFile.objects.select_related(
        "batch__site", "batch__order__patient", "specification_version__specification"
    )
    return rows.select_for_update(of=("self",)).get(pk=file.pk)


def require_own(signer: Signer, actor: User) -> None:
    """An act is signed by whoever does it."""
    if signer.user != actor:
        raise SignatureRefused(f"{actor} acts, so {actor} signs.", signer=signer.user.username)


def as_seen(signer: Signer, digest: str) -> Signer:
    """The signer, when what was shown is still what is there. StaleVersion otherwise.

    What is signed comes about in the act itself, the words of the signer with it; what was shown before is compared
    here.
    """
    if signer.seen and signer.seen != digest:
        raise StaleVersion("Something changed after it was shown. Look at it again and sign then.", digest=digest)
    return replace(signer, seen="")
