"""Reads over the records: events, signatures and whether they still hold."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from mes.accounts.queries import people_of
from mes.records.models import Event, RecordedModel, SecurityEvent, Signature, subject_type
from mes.records.services import canonical, digest_of


def manifest_now(subject: RecordedModel) -> dict[str, Any]:
    """What a signer of this record sees now, as it would be kept with the signature."""
    seen: dict[str, Any] = json.loads(canonical(subject.manifest()))
    return seen


def manifest_digest(subject: RecordedModel) -> str:
    """The digest of what a signer of this record sees now."""
    return digest_of(subject_type(subject), subject.pk, manifest_now(subject))


def events_of(subject: models.Model) -> QuerySet[Event]:
    """Every event about a record, oldest first."""
    return Event.objects.filter(subject_id=subject.pk, subject_type=subject_type(subject)).order_by("at", "id")


def events(
    sites: set[UUID],
    *,
    actor_id: UUID | None = None,
    batch_id: UUID | None = None,
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Event]:
    """The audit trail of these sites, newest first, narrowed by person, batch, action (prefix) and time.

    An event of no site is about an account; it belongs to the sites its person works at.
    """
    of_accounts = Q(site_id=None, subject_id__in=people_of(sites).values("id"))
    found = Event.objects.filter(Q(site_id__in=sites) | of_accounts).order_by("-at", "-id")
    exact = {"actor_id": actor_id, "batch_id": batch_id, "at__gte": since, "at__lt": until}
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    return found.filter(action__startswith=action) if action else found


def access_log(
    sites: set[UUID],
    *,
    username: str = "",
    kind: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[SecurityEvent]:
    """Sign-ins, signatures, failures and refusals of people of these sites and of strangers, newest first (R-031)."""
    of_sites = Q(user_id__in=people_of(sites).values("id")) | Q(user_id=None)
    found = SecurityEvent.objects.filter(of_sites).order_by("-at", "-id")
    exact = {"username__iexact": username, "kind": kind, "at__gte": since, "at__lt": until}
    return found.filter(**{name: value for name, value in exact.items() if value})


def events_of_batch(batch_id: UUID) -> QuerySet[Event]:
    """Every event that names a batch, oldest first."""
    return Event.objects.filter(batch_id=batch_id).order_by("at", "id")


def signatures_of(subject: models.Model) -> QuerySet[Signature]:
    """Every signature on a record, oldest first, valid or not, withdrawn or not."""
    found = Signature.objects.filter(subject_id=subject.pk, subject_type=subject_type(subject))
    return found.select_related("withdrawal").order_by("at", "id")


def is_signed(subject: RecordedModel, meaning: str) -> bool:
    """Is the latest signature of this meaning on exactly what the record says now? (R-048)"""
    latest = signatures_of(subject).filter(meaning=meaning).last()
    return latest is not None and _holds(latest, manifest_digest(subject))


def meanings_signed(subjects: Sequence[RecordedModel]) -> dict[UUID, set[str]]:
    """For each of these records of one kind, by its id: every meaning for which `is_signed` holds. One query."""
    if not subjects:
        return {}
    known = {subject.pk: subject for subject in subjects}
    rows = Signature.objects.filter(subject_id__in=known, subject_type=subject_type(subjects[0]))
    rows = rows.select_related("withdrawal").order_by("at", "id")
    latest = {(row.subject_id, row.meaning): row for row in rows}
    digests = {subject_id: manifest_digest(known[subject_id]) for subject_id, _ in latest}
    signed: dict[UUID, set[str]] = {subject_id: set() for subject_id in known}
    for (subject_id, meaning), row in latest.items():
        if _holds(row, digests[subject_id]):
            signed[subject_id].add(meaning)
    return signed


def _holds(signature: Signature, digest: str) -> bool:
    """Is it on what the record says now, whole, and not taken back?"""
    return signature.manifest_digest == digest and not signature.is_withdrawn and seal_holds(signature)


def seal_holds(signature: Signature) -> bool:
    """Does the seal fit every part of the signature row, and its digest the manifest kept with it?

    A row copied to another record fails, and so does one whose manifest was changed (R-049).
    """
    digest = digest_of(signature.subject_type, signature.subject_id, signature.manifest)
    return bool(signature.seal == _seal_of(signature)) and signature.manifest_digest == digest


def _seal_of(signature: Signature) -> str:
    """The seal a signature row must carry: the same digest the database computed when it was given."""
    parts = (
        signature.id,
        signature.event_id,
        signature.subject_type,
        signature.subject_id,
        signature.subject_version,
        signature.manifest_digest,
        signature.signer_id,
        signature.printed_name,
        signature.role,
        signature.meaning,
        f"{signature.at:%Y-%m-%dT%H:%M:%S.%f}",
    )
    return sha256("|".join(str(part) for part in parts).encode()).hexdigest()


def signatures_visible(sites: set[UUID]) -> QuerySet[Signature]:
    """The signatures given at these sites."""
    return Signature.objects.filter(event__site_id__in=sites).select_related("event", "withdrawal")


def signature_lines(subject: models.Model) -> list[dict[str, Any]]:
    """Signatures as screens, prints and exports show them: name, user name, role, meaning, time and zone (11.50)."""
    return [
        {
            "printed_name": each.printed_name,
            "username": each.username,
            "role": each.role,
            "meaning": each.meaning,
            "at": each.at,
            "timezone": each.timezone,
            "digest": each.manifest_digest,
            "withdrawn": each.withdrawal.reason if each.is_withdrawn else "",
        }
        for each in signatures_of(subject)
    ]
