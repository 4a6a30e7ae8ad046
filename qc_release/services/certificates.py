"""Certificates: frozen in the act that decides, rendered by a worker, never changed."""

from contextlib import AbstractContextManager
from hashlib import sha256

from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import system_user
from mes.errors import NotFound
from mes.records.models import Event
from mes.records.sealing import proof_for, seal_now
from mes.records.services import act, canonical
from qc_release.certificate import certificate_content
from qc_release.documents import certificate_pdf
from qc_release.models import Certificate, CertificateFile, DispositionRecord
from qc_release.states import CERTIFICATE, CertificateState


def request_certificate(*, actor: User, record: DispositionRecord) -> Certificate:
    """Inside the act of a disposition: freeze what it says. ResultsNotApproved while a result is unchecked."""
    file = record.file
    with act(actor, "qc_release.request_certificate", site=file.site, subject=record, batch=file.batch_id) as event:
        before = file.certificates.order_by("number").last()
        number = before.number + 1 if before else 1
        content = certificate_content(record, number=number, supersedes=before.number if before else None)
        certificate = Certificate.objects.create(
            file=file,
            disposition=record,
            number=number,
            supersedes=before,
            content=content,
            content_sha256=sha256(canonical(content).encode()).hexdigest(),
            requested_at=clock.now(file.site),
        )
        event.data |= {"certificate": str(certificate), "sha256": certificate.content_sha256}
    return certificate


def issue_certificate(certificate: Certificate) -> Certificate:
    """Render a requested certificate with the proof that its disposition is in the sealed log; the worker's act.

    NotFound while the disposition is not sealed yet: the row stays requested and the next tick tries again. Any other
    fault is written down, and the certificate waits for a person.
    """
    seal_now()
    proof = proof_for(certificate.disposition.event_id)
    try:
        return _issue(certificate, proof)
    except NotFound:
        raise
    except Exception as fault:  # noqa: BLE001 (whatever it was, giving up leaves a record and an alarm)
        return _fail(certificate, f"{type(fault).__name__}: {fault}")


def try_certificate_again(*, actor: User, certificate: Certificate, reason: str) -> Certificate:
    """After a fault was put right."""
    with _acting(actor, "qc_release.try_certificate_again", certificate, reason) as event:
        certificate = _locked(certificate)
        CERTIFICATE.move(certificate, "try_again", event=event)
    return certificate


def _issue(certificate: Certificate, proof: dict[str, object]) -> Certificate:
    with _acting(system_user("dispatcher"), "qc_release.issue_certificate", certificate) as event:
        certificate = _locked(certificate)
        if certificate.status != CertificateState.REQUESTED:
            return certificate
        certificate.proof = proof
        certificate.save(update_fields=["proof"])
        content = certificate_pdf(certificate)
        file = CertificateFile.objects.create(
            certificate=certificate, content=content, sha256=sha256(content).hexdigest()
        )
        CERTIFICATE.move(certificate, "issue", event=event)
        event.data |= {"pdf_sha256": file.sha256, "bytes": len(content)}
    return certificate


def _fail(certificate: Certificate, fault: str) -> Certificate:
    with _acting(system_user("dispatcher"), "qc_release.fail_certificate", certificate, fault) as event:
        certificate = _locked(certificate)
        certificate.failure = fault
        certificate.save(update_fields=["failure"])
        CERTIFICATE.move(certificate, "fail", event=event)
    return certificate


def _acting(actor: User, name: str, certificate: Certificate, reason: str = "") -> AbstractContextManager[Event]:
    file = certificate.file
    return act(actor, name, site=file.site, subject=certificate, batch=file.batch_id, reason=reason)


def _locked(certificate: Certificate) -> Certificate:
    rows = Certificate.objects.select_related("file__batch__site", "disposition", "supersedes")
    return rows.select_for_update(of=("self",)).get(pk=certificate.pk)
