"""What waits for the laboratory and for the quality unit."""

from collections.abc import Iterator

from django.template.defaultfilters import pluralize
from django.urls import reverse

from mes.accounts.models import User
from mes.pages.panels import Panel, Rank, Task
from qc_release.models import Investigation
from qc_release.queries.bench import (
    investigations_to_close,
    may_check,
    results_to_check,
    samples_to_test,
    tubes_to_receive,
)
from qc_release.queries.files import files_to_match
from qc_release.queries.worklist import Waiting, batches_to_review, notices_to_give

SHOWN = 5


def panels(user: User) -> list[Panel]:
    return [*_quality(user), *_laboratory(user)]


def _quality(user: User) -> Iterator[Panel]:
    if not user.may_anywhere("qc.review"):
        return
    yield Panel(
        title="Batches to decide on",
        tasks=[_batch(each) for each in batches_to_review(user)[:SHOWN]],
        empty="No batch waits for a decision.",
        url=reverse("qc_release:worklist"),
        more="All batches to decide on",
    )
    if investigations := investigations_to_close(user):
        yield Panel(
            title="Investigations to approve",
            tasks=[_investigation(each) for each in investigations[:SHOWN]],
            url=reverse("qc_release:bench"),
            more="All investigations",
        )
    if notices := notices_to_give(user):
        yield Panel(
            title="Somebody must be told",
            tasks=[
                Task(
                    title=each.get_recipient_display(),
                    url=reverse("qc_release:notice", args=[each.pk]),
                    detail=each.subject,
                    action="Record the notice",
                    rank=Rank.DUE,
                    state="due",
                )
                for each in notices[:SHOWN]
            ],
        )


def _laboratory(user: User) -> Iterator[Panel]:
    if not user.may_anywhere("qc.result"):
        return
    tubes = len(tubes_to_receive(user)[:SHOWN])
    tasks = [_tubes(tubes)] if tubes else []
    tasks += [_files(number)] if (number := files_to_match(user).count()) else []
    tasks += [
        Task(
            title=f"Test {each.code}",
            url=reverse("qc_release:sample", args=[each.pk]),
            detail=f"{each.batch.number}, {each.description}",
            action="Enter results",
        )
        for each in samples_to_test(user)[:SHOWN]
    ]
    tasks += [
        Task(
            title=f"Check {each.test.name} of {each.sample.code}",
            url=reverse("qc_release:result", args=[each.pk]),
            detail=f"{each.shown}, entered by {each.analyst.printed_name}",
            action="Check result",
        )
        for each in [found for found in results_to_check(user) if may_check(user, found)][:SHOWN]
    ]
    yield Panel(
        title="Laboratory",
        tasks=tasks,
        empty="Nothing waits at the bench.",
        url=reverse("qc_release:bench"),
        more="The whole bench",
    )


def _tubes(number: int) -> Task:
    return Task(
        title="Samples to receive",
        url=reverse("qc_release:bench"),
        detail="1 tube was drawn and not registered"
        if number == 1
        else f"{number} tubes were drawn and not registered",
        action="Receive",
    )


def _files(number: int) -> Task:
    return Task(
        title="Instrument files to match",
        url=reverse("qc_release:files"),
        detail=f"{number} run{pluralize(number)} of instruments wait{pluralize(number, 's,')} for a person",
        action="Match",
    )


def _investigation(found: Investigation) -> Task:
    return Task(
        title=found.number,
        url=reverse("qc_release:investigation", args=[found.pk]),
        detail=found.result.reasoning,
        action="Approve or send back",
    )


def _batch(waiting: Waiting) -> Task:
    return Task(
        title=waiting.number,
        url=reverse("qc_release:review", args=[waiting.batch_id]),
        detail=f"{waiting.recipe}; {waiting.open_exceptions} exception{pluralize(waiting.open_exceptions)} to decide",
        action="Review",
        state=waiting.disposition,
        state_words=waiting.disposition_words,
    )
