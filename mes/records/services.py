"""act() and sign(): the only ways a record comes about."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from mes import clock, server_clock
from mes.errors import MesError, SignatureRefused, StaleVersion
from mes.ids import uuid7
from mes.records import current
from mes.records.models import Event, IdempotencyKey, RecordedModel, SecurityEvent, Signature, id_of, subject_type

if TYPE_CHECKING:
    from mes.accounts.models import Site, User
    from mes.records.signing import Signer


@contextmanager
def act(
    actor: "User",
    action: str,
    *,
    site: "Site | None" = None,
    subject: models.Model | None = None,
    batch: Any = None,
    reason: str = "",
    tablet: str = "",
    data: dict[str, Any] | None = None,
    refusing: MesError | None = None,
) -> Iterator[Event]:
    """One state change: one transaction, one event, every write inside attributed to `actor`.

    Acts nest: an inner act joins the transaction and leaves its own event, child of the outer one. The event row is
    written at the end of the block, so `event.data` may still grow inside it. An exception leaves nothing behind.
    `refusing` is what is raised once the act is committed: whoever repeats the call is refused again.
    """
    outer = current.event.get()
    event = _open(actor, action, site, subject, batch, reason, tablet, data, outer)
    if outer is None:
        with _security_events_survive(), transaction.atomic():
            claim = _claim_idempotency(refusing)
            with _attributed(event):
                yield event
        if claim is not None:
            claim.written = True
    else:
        with transaction.atomic(savepoint=False), _attributed(event):
            yield event
        _tell_the_database(outer)


@contextmanager
def _attributed(event: Event) -> Iterator[None]:
    """Writes inside belong to this event; its own row is written when all of them are done."""
    _tell_the_database(event)
    token = current.event.set(event)
    try:
        yield
    finally:
        current.event.reset(token)
    event.save(force_insert=True)


@contextmanager
def _security_events_survive() -> Iterator[None]:
    """What was refused inside an act stays noted although the act is rolled back."""
    noted: list[SecurityEvent] = []
    token = current.noted.set(noted)
    try:
        yield
    except BaseException:
        SecurityEvent.objects.bulk_create(noted)
        raise
    finally:
        current.noted.reset(token)


def _open(
    actor: "User",
    action: str,
    site: "Site | None",
    subject: models.Model | None,
    batch: Any,
    reason: str,
    tablet: str,
    data: dict[str, Any] | None,
    outer: Event | None,
) -> Event:
    event = Event(
        id=uuid7(),
        parent_id=outer.id if outer else None,
        actor_id=actor.id,
        actor_username=actor.username,
        actor_name=actor.printed_name,
        actor_role=", ".join(sorted(actor.roles_at(site))) if site else actor.kind,
        action=action,
        batch_id=id_of(batch) or (outer.batch_id if outer else None),
        reason=reason,
        data={**(data or {}), **_clocks(outer)},
        tablet=tablet or current.request.get().tablet,
        software_version=settings.SOFTWARE_VERSION,
        configuration=settings.CONFIGURATION_REVISION,
        process_at=clock.now(site) if site else server_clock.now(),
        **_where(site),
    )
    event.actor = actor
    if subject is not None:
        event.subject_type, event.subject_id = subject_type(subject), subject.pk
        event.subject_label = str(subject)[:200]
    return event


def _clocks(outer: Event | None) -> dict[str, str]:
    """The tablet's own times beside the server's, in the outermost event of what it captured."""
    device = current.request.get().device
    if outer is not None or device is None or device.captured_at is None:
        return {}
    return {"device_at": device.captured_at.isoformat(), "device_sent_at": device.sent_at.isoformat()}


def _where(site: "Site | None") -> dict[str, Any]:
    if site is None:
        return {}
    return {
        "site_id": site.id,
        "site_code": site.code,
        "timezone": site.timezone,
        "clock_scale": site.clock_scale,
    }


def _tell_the_database(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('baton.event', %s, true), set_config('baton.actor', %s, true),"
            " set_config('baton.reason', %s, true)",
            [str(event.id), str(event.actor_id), event.reason[:100]],
        )


def _claim_idempotency(refusing: MesError | None) -> current.IdempotencyClaim | None:
    """Write the client's key in the transaction of the call's first act: a repeated call finds it or waits for it."""
    claim = current.request.get().idempotency
    if claim is None or claim.written:
        return None
    answer = {"status": refusing.status, "answer": refusing.told()} if refusing else {}
    IdempotencyKey.objects.create(
        user_id=claim.user_id, key=claim.key, path=claim.path, body_digest=claim.body_digest, **answer
    )
    return claim


def sign(event: Event, signer: "Signer", *, subject: RecordedModel, meaning: str) -> Signature:
    """Put a signer's signature on a record inside the act.

    SignatureRefused when the signer was authenticated for another meaning; StaleVersion when the record is no longer
    what the signer saw (`Credential.seen`).
    """
    if signer.meaning != meaning:
        raise SignatureRefused(f"The credential was given for “{signer.meaning}”, not for “{meaning}”.")
    manifest = json.loads(canonical(subject.manifest()))
    digest = digest_of(subject_type(subject), subject.pk, manifest)
    if signer.seen and signer.seen != digest:
        raise StaleVersion("The record changed after it was shown. Look at it again and sign then.", digest=digest)
    signer.signature = Signature.objects.create(
        signer_id=signer.user.id,
        username=signer.user.username,
        printed_name=signer.user.printed_name,
        role=signer.role,
        meaning=meaning,
        timezone=event.timezone,
        subject_type=subject_type(subject),
        subject_id=subject.pk,
        subject_version=_standing_version(subject),
        manifest=manifest,
        manifest_digest=digest,
        full_credential=signer.full,
    )
    return signer.signature


def _standing_version(subject: RecordedModel) -> models.Subquery:
    """The database counts the versions: the one that is signed is the one that stands there now."""
    return models.Subquery(type(subject)._default_manager.filter(pk=subject.pk).values("version"))


def canonical(content: Any) -> str:
    """JSON with sorted keys and no spaces: equal content, equal text."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), cls=DjangoJSONEncoder, ensure_ascii=False)


def digest_of(kind: str, subject_id: UUID, manifest: Any) -> str:
    """SHA-256 (hex) over the record's kind, id and manifest."""
    text = canonical({"type": kind, "id": str(subject_id), "content": manifest})
    return sha256(text.encode()).hexdigest()


def note_security(
    kind: str,
    *,
    user: "User | None" = None,
    username: str = "",
    site: "Site | None" = None,
    action: str = "",
    subject: str = "",
    detail: str = "",
) -> None:
    """Write a security event. Inside an act it is written with it, and again if the act is rolled back."""
    facts = current.request.get()
    event = SecurityEvent.objects.create(
        kind=kind,
        user_id=user.id if user else None,
        username=user.username if user else username[:150],
        site_code=site.code if site else "",
        action=action[:200],
        subject=subject[:200],
        detail=detail,
        address=facts.address,
        tablet=facts.tablet,
    )
    noted = current.noted.get()
    if noted is not None:
        noted.append(event)


def record_refusal(actor: "User", action: str, *, site: "Site", subject: str, message: str) -> None:
    """Log a refused act as a security event."""
    note_security("refused", user=actor, site=site, action=action, subject=subject, detail=message)
