"""How scanning does at the person's sites: where it fails, and why labels had to be read by two people."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from batches.models import Batch
from chain_of_identity.models import Cause, Scan
from mes import server_clock
from mes.accounts.models import User

DAYS = 30
_RIGHT, _BY_EYE = Q(verdict=Scan.Verdict.RIGHT), Q(verdict=Scan.Verdict.CANNOT_SCAN)


@dataclass(frozen=True)
class PlaceLine:
    """Scans of one tablet in one suite. A scan outside a batch has no suite, one from a program no tablet."""

    suite: str
    tablet: str
    scans: int
    refused: int
    by_eye: int

    @property
    def percent_by_eye(self) -> int:
        return round(100 * self.by_eye / self.scans)


@dataclass(frozen=True)
class ScanHealth:
    days: int
    places: list[PlaceLine]
    causes: list[tuple[str, int]]


def scan_health(user: User) -> ScanHealth:
    """Two queries, whatever the number of scans. Where most labels had to be read by eye comes first."""
    since = server_clock.now() - timedelta(days=DAYS)
    scans = Scan.objects.filter(order__site_id__in=user.sites_for("batches.command"), at__gte=since).order_by()
    return ScanHealth(DAYS, _places(scans), _causes(scans.filter(_BY_EYE)))


def _places(scans: QuerySet[Scan]) -> list[PlaceLine]:
    suite = Coalesce(Subquery(Batch.objects.filter(id=OuterRef("batch_id")).values("suite")), Value(""))
    counted = scans.values("tablet", suite=suite).annotate(
        scans=Count("id"), by_eye=Count("id", filter=_BY_EYE), refused=Count("id", filter=~(_RIGHT | _BY_EYE))
    )
    lines = [PlaceLine(**each) for each in counted]
    return sorted(lines, key=lambda line: (-line.percent_by_eye, -line.refused, line.suite, line.tablet))


def _causes(by_eye: QuerySet[Scan]) -> list[tuple[str, int]]:
    counted = by_eye.values("cause").annotate(number=Count("id")).order_by("-number", "cause")
    names = dict(Cause.choices)
    return [(names.get(each["cause"], "Not said"), each["number"]) for each in counted]
