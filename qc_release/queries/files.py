"""Runs of instrument files: which wait for a person, which sample a run names, which tests it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.db.models import Exists, OuterRef, QuerySet

from equipment.files.models import InstrumentFile, InstrumentRun
from mes.accounts.models import Site, User
from mes.errors import InvalidInput
from qc_release.document import Test
from qc_release.errors import NotMatched
from qc_release.models import FileMatch, Sample
from qc_release.queries.bench import waiting_tests
from qc_release.states import FileMatchState

Measured = Mapping[str, Any]  # one of the values of a run


def file_matches_visible_to(user: User) -> QuerySet[FileMatch]:
    found = FileMatch.objects.filter(site_id__in=user.sites_for("qc.view"))
    related = found.select_related("site", "file__unit__site", "file__reading", "run", "sample", "settled_by")
    return related.defer("file__content")


def files_to_match(user: User) -> QuerySet[FileMatch]:
    """Oldest first: a sample grows old."""
    return file_matches_visible_to(user).filter(status=FileMatchState.WAITING).order_by("id")


def unlooked_runs() -> QuerySet[InstrumentRun]:
    """Runs nobody has looked at yet, oldest first."""
    found = InstrumentRun.objects.filter(match=None).select_related("file__unit__site", "file__reading")
    return found.defer("file__content").order_by("file_id", "number")


def unlooked_quarantined() -> QuerySet[InstrumentFile]:
    found = InstrumentFile.objects.without_content().filter(matches=None, reading__reader="")
    return found.select_related("site", "unit", "reading").order_by("id")


def awaited_by_a_sample() -> QuerySet[FileMatch]:
    """Runs that came before their sample was received, and whose sample is there now."""
    named = Sample.objects.filter(site=OuterRef("site"), code=OuterRef("run__sample_id"))
    found = FileMatch.objects.filter(Exists(named), status=FileMatchState.WAITING, sample=None, run__isnull=False)
    return found.select_related("run__file__unit__site", "run__file__reading").defer("run__file__content")


def sample_of(site: Site, code: str) -> Sample | None:
    """The sample with this label at the site."""
    found = Sample.objects.filter(site=site, code=code.strip()) if code.strip() else Sample.objects.none()
    return found.select_related("site", "batch__order", "specification_version__specification").first()


def told_before(run: InstrumentRun) -> bool:
    """Did an earlier file of this instrument tell the very same run? Archives are exported again and again."""
    if not run.measured_at:
        return False
    twins = InstrumentRun.objects.filter(file__unit=run.file.unit, sample_id=run.sample_id, measured_at=run.measured_at)
    return twins.filter(values=run.values, id__lt=run.id).exclude(file=run.file).exists()


def answers_of(run: InstrumentRun, sample: Sample) -> dict[str, str]:
    """The tests that wait for this sample and that its specification lets this run answer: measurement by test."""
    content, reader = sample.specification_version.content, run.file.reading.reader
    tests = [content.test(sample.stage, waiting.id) for waiting in waiting_tests(sample)]
    return {test.id: test.file.measurement for test in tests if test.file and _tells(run, reader, test)}


def _tells(run: InstrumentRun, reader: str, test: Test) -> bool:
    return (
        test.file is not None
        and test.file.reader == reader
        and any(test.file.measurement == each["name"] for each in run.values)
    )


def measured(run: InstrumentRun, name: str) -> Measured:
    """The value of this name. InvalidInput when the run has none; NotMatched when it has several."""
    found = [cast(Measured, each) for each in run.values if each["name"] == name]
    if not found:
        raise InvalidInput(f"{run} has no “{name}”.", known=sorted({each["name"] for each in run.values}))
    if len(found) > 1:
        raise NotMatched(f"{run} has “{name}” {len(found)} times: nobody knows which counts.", measurement=name)
    return found[0]


def warnings_of(run: InstrumentRun, names: Mapping[str, str]) -> Iterator[str]:
    """What the instrument says is wrong with the run, or with one of the values that would be taken."""
    if run.warning:
        yield run.warning
    for each in run.values:
        if each["name"] in names.values() and each["note"]:
            yield f"{each['name']}: {each['note']}"
