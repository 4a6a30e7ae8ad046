"""What calls for an alarm, the alarms there were, and how far the readings are judged."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from equipment.alarms.judgement import Limits, Progress
from equipment.states import LIVE_ALARMS, OPEN_ALARMS, UNSEEN_ALARMS, AlarmStatus, DefinitionStatus
from mes.accounts.models import Site, User
from mes.accounts.rights import RIGHTS, Role
from mes.phrases import Phrase
from mes.records.models import RecordedModel


class Priority(models.TextChoices):
    """By consequence and time to act (ISA-18.2). `diag` is a fault of an instrument or of its data.

    The last two are no alarms: a prompt asks and never sounds, an event is only recorded.
    """

    P1 = "p1", "Priority 1"
    P2 = "p2", "Priority 2"
    P3 = "p3", "Priority 3"
    DIAG = "diag", "Instrument fault"
    PROMPT = "prompt", "Prompt"
    EVENT = "event", "Event"


class AlarmKind(models.TextChoices):
    LIMIT = "limit", "Value outside its limits"
    LOST_DATA = "lost_data", "No readings"


# The longest time to respond a priority allows: who has longer has a lower one. A shift is twelve hours.
NO_ALARMS = (Priority.PROMPT, Priority.EVENT)
RESPOND_WITHIN = {
    Priority.P1: timedelta(minutes=10),
    Priority.P2: timedelta(minutes=60),
    Priority.P3: timedelta(hours=12),
    Priority.DIAG: timedelta(hours=12),
    Priority.PROMPT: timedelta(hours=12),
    Priority.EVENT: timedelta(hours=12),
}
# Nobody has acknowledged: after this long the supervisor is told, after two and a half times as long everybody is.
ESCALATE_AFTER = {
    Priority.P1: timedelta(minutes=2),
    Priority.P2: timedelta(minutes=10),
    Priority.P3: timedelta(hours=1),
    Priority.DIAG: timedelta(minutes=10),
}
RANKED = (Priority.P1, Priority.P2, Priority.DIAG, Priority.P3, *NO_ALARMS)
RANKS = {priority: rank for rank, priority in enumerate(RANKED)}
OWNERS = [(role.value, role.label) for role in Role if "equipment.acknowledge" in RIGHTS[role]]


class AlarmDefinition(RecordedModel):
    """A condition of a unit that calls for a response. Without a response it is an event, and the database says so too.

    `delay` is process time; `low`, `high` and `deadband` are in the unit of the tag. For lost data `delay` is how long
    the unit may be silent beyond what its sampling allows. `owner` is the role that answers for the response.
    """

    unit = models.ForeignKey("equipment.Unit", on_delete=models.PROTECT, related_name="alarm_definitions")
    kind = models.CharField(max_length=10, choices=AlarmKind.choices, default=AlarmKind.LIMIT)
    tag = models.CharField(max_length=40, blank=True)
    low = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)
    deadband = models.DecimalField(max_digits=16, decimal_places=6, default=Decimal(0))
    delay_seconds = models.PositiveIntegerField(default=10)
    priority = models.CharField(max_length=6, choices=Priority.choices)
    consequence = models.CharField(max_length=300)
    response = models.CharField(max_length=300, blank=True)
    respond_minutes = models.PositiveIntegerField(default=10)
    owner = models.CharField(max_length=20, choices=OWNERS, default=Role.OPERATOR)
    comment_required = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=DefinitionStatus.choices, default=DefinitionStatus.IN_FORCE)

    class Meta(RecordedModel.Meta):
        ordering = ["unit__code", "tag", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(consequence="") & (~Q(response="") | Q(priority=Priority.EVENT)),
                name="alarm_definition_says_what_it_means_and_what_to_do",
            ),
            models.CheckConstraint(
                condition=Q(kind=AlarmKind.LOST_DATA, tag="", low=None, high=None)
                | (Q(kind=AlarmKind.LIMIT) & ~Q(tag="") & (Q(low__isnull=False) | Q(high__isnull=False))),
                name="alarm_definition_has_a_limit",
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(kind=AlarmKind.LOST_DATA, status=DefinitionStatus.IN_FORCE),
                name="one_definition_of_lost_data_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.label}"

    @property
    def site(self) -> Site:
        return self.unit.site

    @property
    def label(self) -> str:
        if self.kind == AlarmKind.LOST_DATA:
            return "No readings"
        page = self.unit.page.tag(self.tag)
        return page.label if page else self.tag

    @property
    def measured_in(self) -> str:
        page = self.unit.page.tag(self.tag)
        return page.unit if page else ""

    @property
    def limits_text(self) -> str:
        return limits_in_words(self.low, self.high, self.measured_in)

    @property
    def delay(self) -> timedelta:
        return timedelta(seconds=self.delay_seconds)

    @property
    def limits(self) -> Limits:
        return Limits(self.low, self.high, self.delay, self.deadband)


class AlarmProgress(models.Model):
    """How far a definition is judged, written with the readings it was judged by: a restart goes on from here."""

    definition = models.OneToOneField(
        AlarmDefinition, on_delete=models.PROTECT, primary_key=True, related_name="progress"
    )
    until = models.DateTimeField(null=True)
    active = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.definition} until {self.until}"

    @property
    def standing(self) -> Progress:
        return Progress(self.until, self.active, self.since)

    @standing.setter
    def standing(self, progress: Progress) -> None:
        self.until, self.active, self.since = progress.until, progress.active, progress.since


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def open(self) -> AlarmQuerySet:
        """Not closed: active, or not acknowledged, or shelved."""
        return self.filter(status__in=OPEN_ALARMS)

    def unseen(self) -> AlarmQuerySet:
        """New or back to normal, and nobody has acknowledged."""
        return self.filter(status__in=UNSEEN_ALARMS)

    def live(self) -> AlarmQuerySet:
        return self.filter(status__in=LIVE_ALARMS)


class Alarm(RecordedModel):
    """One time a condition was met. What the definition said then is kept here, whatever it says later.

    `began_at`, `raised_at` and `cleared_at` are source times of readings, in process time; `known_at`, `escalate_at`,
    `shelved_until` and `acknowledged_at` are times of the server's clock, since people answer in real minutes.
    `useful` is what somebody said of it afterwards.
    `batch_ids` are the batches in the unit between the beginning and the raising. `is_late` marks an alarm that only
    readings arriving out of order called for.
    """

    definition = models.ForeignKey(AlarmDefinition, on_delete=models.PROTECT, related_name="alarms")
    unit = models.ForeignKey("equipment.Unit", on_delete=models.PROTECT, related_name="alarms")
    status = models.CharField(max_length=12, choices=AlarmStatus.choices, default=AlarmStatus.NEW)
    kind = models.CharField(max_length=10, choices=AlarmKind.choices)
    tag = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=80)
    measured_in = models.CharField(max_length=20, blank=True)
    value = models.FloatField(null=True)
    low = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    priority = models.CharField(max_length=6, choices=Priority.choices)
    consequence = models.CharField(max_length=300)
    response = models.CharField(max_length=300, blank=True)
    respond_minutes = models.PositiveIntegerField(default=10)
    owner = models.CharField(max_length=20, choices=OWNERS, default=Role.OPERATOR)
    comment_required = models.BooleanField(default=False)
    batch_ids = ArrayField(models.UUIDField(), default=list)
    coi_ids = ArrayField(models.CharField(max_length=40), default=list)
    is_late = models.BooleanField(default=False)
    began_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    known_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    acknowledged_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)
    shelved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    shelved_until = models.DateTimeField(null=True)
    shelf_reason = models.TextField(blank=True)
    useful = models.BooleanField(null=True)
    escalation = models.PositiveSmallIntegerField(default=0)
    escalate_at = models.DateTimeField(null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["unit", "raised_at"]),
            models.Index(fields=["status", "-id"], condition=Q(status__in=OPEN_ALARMS), name="open_alarms"),
            models.Index(fields=["known_at"]),
            GinIndex(fields=["batch_ids"], name="alarm_batches"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AlarmStatus.values), name="alarm_status_known"),
            models.UniqueConstraint(fields=["definition", "raised_at"], name="alarm_raised_once"),
            models.UniqueConstraint(
                fields=["definition"], condition=Q(cleared_at=None), name="one_active_alarm_of_a_definition"
            ),
            models.CheckConstraint(
                condition=~Q(status=AlarmStatus.SHELVED) | (Q(shelved_until__isnull=False) & ~Q(shelf_reason="")),
                name="shelved_alarm_has_an_end_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None) | Q(cleared_at__gte=F("raised_at")),
                name="alarm_clears_after_it_was_raised",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.what}"

    @property
    def site(self) -> Site:
        return self.unit.site

    def manifest(self) -> dict[str, Any]:
        """What somebody sees who acknowledges: the condition, what it means and what is to be done."""
        names = ("priority", "consequence", "response", "coi_ids", "began_at", "raised_at")
        return {"unit": self.unit.code, "what": self.what} | {name: getattr(self, name) for name in names}

    @property
    def needs_signature(self) -> bool:
        """Patient material is at risk: whoever takes it in hand is proven to be that person."""
        return self.priority == Priority.P1

    @property
    def is_event(self) -> bool:
        """Only recorded: nobody is asked to acknowledge."""
        return self.priority == Priority.EVENT

    @property
    def rank(self) -> int:
        """0 is the most pressing."""
        return RANKS[Priority(self.priority)]

    @property
    def what(self) -> str:
        """The condition in words: “Temperature 38.2 °C (limit 36.5–37.5 °C)”."""
        if self.value is None:
            return self.label
        value = f"{self.value:.10g}\u00a0{self.measured_in}".strip()
        return Phrase("{label} {value} (limit {limits})", label=self.label, value=value, limits=self.limits_text)

    @property
    def limits_text(self) -> str:
        return limits_in_words(self.low, self.high, self.measured_in)


def limits_in_words(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    """“36.5–37.5 °C”, “at least 4.5 %”, “at most 30 °C”."""
    tail = f"\u00a0{unit}" if unit else ""
    if low is not None and high is not None:
        return f"{_plain(low)}–{_plain(high)}{tail}"
    if low is not None:
        return Phrase("at least {limit}", limit=f"{_plain(low)}{tail}")
    if high is not None:
        return Phrase("at most {limit}", limit=f"{_plain(high)}{tail}")
    return ""


def _plain(limit: Decimal) -> str:
    return f"{limit.normalize():f}"
