"""The records: events, signatures and security events; and the two kinds of tables everything else is made of."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from mes.ids import uuid7
from mes.records import current
from mes.records.fields import DatabaseCount, DatabaseNumber, DatabaseText, DatabaseTime
from mes.records.history import TriggerWrittenHistory
from mes.records.triggers import SealSignature, StampEvent, StampRow, append_only, recorded

# What the access log is searched for, in words.
ACCESS_KINDS = {
    "signed_in": "Signed in",
    "sign_in_failed": "Sign-in failed",
    "sign_in_refused": "Sign-in refused",
    "signed_out": "Signed out",
    "idle_lock": "Locked while idle",
    "signature_given": "Signature given",
    "signature_failed": "Signature failed",
    "signature_refused": "Signature refused",
    "badge_test_overdue": "Badge test overdue",
    "unlocked": "Unlocked",
    "not_permitted": "Not permitted",
    "terminal_refused": "Terminal refused",
}


class RecordedModel(models.Model):
    """A GMP record: every write leaves a history row, written by the database, and names an event.

    `version` counts the writes. Rows are never deleted; what is void says so in its status.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = TriggerWrittenHistory()

    class Meta:
        abstract = True
        triggers = recorded()

    def manifest(self) -> dict[str, Any]:
        """Exactly what a person sees and signs; a signable model declares it."""
        raise TypeError(f"{type(self).__name__} is not a record that people sign.")


class Event(models.Model):
    """One act: who did what to which subject, when, why, with which software. Written once, at the end of the act."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = DatabaseTime()
    txid = DatabaseNumber(null=True, editable=False)
    database_user = DatabaseText(max_length=63, editable=False)
    parent_id = models.UUIDField(null=True)

    actor_id = models.UUIDField()
    actor_username = models.CharField(max_length=150)
    actor_name = models.CharField(max_length=150)
    actor_role = models.CharField(max_length=200)
    site_id = models.UUIDField(null=True)
    site_code = models.CharField(max_length=20, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    process_at = models.DateTimeField()
    clock_scale = models.DecimalField(max_digits=12, decimal_places=3, default=1)

    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.UUIDField(null=True)
    subject_label = models.CharField(max_length=200, blank=True)
    batch_id = models.UUIDField(null=True)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    moves = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    software_version = models.CharField(max_length=60)
    configuration = models.CharField(max_length=64)
    tablet = models.CharField(max_length=60, blank=True)

    actor: Any

    class Meta:
        triggers: ClassVar = [StampEvent(name="stamp"), *append_only()]
        indexes: ClassVar = [
            models.Index(fields=["txid"]),
            models.Index(fields=["-at", "-id"]),
            models.Index(fields=["batch_id", "at"], condition=models.Q(batch_id__isnull=False), name="event_batch"),
            models.Index(
                fields=["subject_id", "at"], condition=models.Q(subject_id__isnull=False), name="event_subject"
            ),
            models.Index(fields=["actor_id", "at"], name="event_actor"),
            BrinIndex(fields=["at"], name="event_at_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label}".strip()

    def record_move(self, obj: models.Model, name: str, source: str, target: str) -> None:
        """Remember a change of state; the first one, or that of the event's own subject, is the event's headline."""
        self.moves.append({"subject": str(obj.pk), "label": str(obj), "move": name, "from": source, "to": target})
        if not self.to_state or obj.pk == self.subject_id:
            self.from_state, self.to_state = source, target


class AppendOnlyModel(models.Model):
    """A fact that is never changed: its row carries its event and the database's time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = DatabaseTime()
    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="+", default=current.event_id)

    class Meta:
        abstract = True
        triggers: ClassVar = [StampRow(name="stamp"), *append_only()]


class Signature(models.Model):
    """A person's signature on what they saw. `seal` binds it to the record; the manifest is kept with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = DatabaseTime()
    event = models.ForeignKey(Event, on_delete=models.DO_NOTHING, related_name="signatures", default=current.event_id)
    signer_id = models.UUIDField()
    username = models.CharField(max_length=150)
    printed_name = models.CharField(max_length=150)
    role = models.CharField(max_length=200)
    meaning = models.CharField(max_length=60)
    timezone = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    subject_version = DatabaseCount()
    manifest = models.JSONField()
    manifest_digest = models.CharField(max_length=64)
    full_credential = models.BooleanField()
    seal = DatabaseText(max_length=64, editable=False)

    class Meta:
        triggers: ClassVar = [SealSignature(name="seal"), *append_only()]
        indexes: ClassVar = [models.Index(fields=["subject_id", "at"])]

    def __str__(self) -> str:
        return f"{self.printed_name} · {self.meaning}"

    @property
    def is_withdrawn(self) -> bool:
        """Taken back by its signer. Costs no query where `withdrawal` was read along."""
        return hasattr(self, "withdrawal")


class Withdrawal(RecordedModel):
    """A signer takes a signature back. The signature stays, and beside it this act, which is signed itself (R-056)."""

    signature = models.OneToOneField(Signature, on_delete=models.DO_NOTHING, related_name="withdrawal")
    reason = models.TextField()

    class Meta(RecordedModel.Meta):
        pass

    def __str__(self) -> str:
        return f"Withdrawal of {self.signature}"

    def manifest(self) -> dict[str, Any]:
        withdrawn = self.signature
        return {
            "signature": str(withdrawn.id),
            "meaning": withdrawn.meaning,
            "record": f"{withdrawn.subject_type} {withdrawn.subject_id}",
            "digest": withdrawn.manifest_digest,
            "reason": self.reason,
        }


class SecurityEvent(models.Model):
    """An attempt on the system: sign-ins and their failures, refused acts, refused signatures."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=40)
    user_id = models.UUIDField(null=True)
    username = models.CharField(max_length=150, blank=True)
    site_code = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.TextField(blank=True)
    address = models.CharField(max_length=64, blank=True)
    tablet = models.CharField(max_length=60, blank=True)

    class Meta:
        triggers: ClassVar = append_only()
        indexes: ClassVar = [models.Index(fields=["user_id", "-at"]), models.Index(fields=["-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.username}"

    @property
    def kind_in_words(self) -> str:
        """For people: what the access log knows by a name of its own, else the code as it stands."""
        return ACCESS_KINDS.get(self.kind, self.kind.replace("_", " ").capitalize())


class Leaf(models.Model):
    """One event in the Merkle log: its content lists every row of the event with its SHA-256."""

    index = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    content = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"leaf {self.index}"


class Checkpoint(models.Model):
    """A signed statement: the log has `size` leaves and this root (RFC 9162 tree head).

    Every event of a transaction before `horizon` is among them. `frontier` holds the subtree roots needed to append.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    horizon = models.BigIntegerField()
    frontier = models.JSONField()
    at = models.DateTimeField()
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        triggers: ClassVar = append_only()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class IdempotencyKey(models.Model):
    """A call that was made once: written in the transaction of its act, answered again from here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField()
    key = models.CharField(max_length=100)
    path = models.CharField(max_length=300)
    body_digest = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user_id", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return self.key


def subject_type(subject: models.Model) -> str:
    """`batches.Step`: how records name a kind of thing without knowing it."""
    return subject._meta.label


def id_of(thing: Any) -> UUID | None:
    """The id of an object, or the id itself."""
    return None if thing is None else getattr(thing, "id", thing)
