"""Gates of release that look at the laboratory and at the quality unit's own reviews."""

from collections.abc import Iterator

from mes import clock
from mes.errors import Reason
from mes.records.queries import is_signed
from qc_release.models import FileMatch, Investigation, ReleaseFile, ReviewKind
from qc_release.queries.lines import lines_of
from qc_release.queries.lookups import expiry_of
from qc_release.queries.reviews import reviewed_content
from qc_release.states import FileMatchState, InvestigationState


def results_missing(file: ReleaseFile, *, with_pending: bool = False) -> Iterator[Reason]:
    """Tests without a final result, apart from those that may come after a conditional release."""
    for line in lines_of(file):
        if line.is_open and not (with_pending and line.test.may_be_pending):
            words = f"{line.test.name} ({line.test.stage}) has no final result."
            yield Reason("result_missing", words, line.test.key)


def results_checked(file: ReleaseFile) -> Iterator[Reason]:
    for line in lines_of(file):
        for result in line.unchecked:
            words = f"{line.test.name} of {result.sample} waits for its second analyst."
            yield Reason("result_not_checked", words, line.test.key)


def files_settled(file: ReleaseFile) -> Iterator[Reason]:
    """What an instrument told of a sample is in a result, or set aside with a reason: nothing is tried in silence."""
    waiting = FileMatch.objects.filter(sample__batch=file.batch, status=FileMatchState.WAITING)
    for match in waiting.select_related("file", "run", "sample").defer("file__content"):
        words = f"{match} says something of sample {match.sample} that is in no result."
        yield Reason("file_not_matched", words, str(match.id))


def specification_met(file: ReleaseFile) -> Iterator[Reason]:
    """A failing result counts until it is invalidated; a passing retest beside it changes nothing (R-152)."""
    for line in lines_of(file):
        for result in line.failing:
            yield Reason("specification_not_met", f"{line.test.name}: {result.reasoning}", line.test.key)


def investigations_closed(file: ReleaseFile) -> Iterator[Reason]:
    found = Investigation.objects.filter(batch=file.batch).exclude(status=InvestigationState.CLOSED)
    for each in found:
        yield Reason("investigation_open", f"Investigation {each} is not closed.", str(each.id))


def expiry_computed(file: ReleaseFile) -> Iterator[Reason]:
    expires = expiry_of(file)
    if expires is None:
        words = "The expiry cannot be computed: the specification has no shelf life, or the batch has no end."
        yield Reason("expiry_not_computed", words, file.batch.number)
    elif expires <= clock.now(file.site):
        yield Reason("expired", f"The product expired {clock.show(file.site, expires)}.", file.batch.number)


def reviews_signed(file: ReleaseFile) -> Iterator[Reason]:
    """Each review is signed, and nothing it looked at has changed since."""
    for kind in ReviewKind:
        review = file.reviews.filter(kind=kind).last()
        if review is None or not is_signed(review, "reviewed"):
            yield Reason(f"{kind}_not_reviewed", f"{kind.label}: nobody has signed the review.", kind)
        elif review.content != reviewed_content(file, kind):
            when = clock.show(file.site, review.reviewed_at)
            yield Reason(f"{kind}_changed", f"{kind.label}: something changed after the review of {when}.", kind)
