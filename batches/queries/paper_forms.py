"""Paper forms: which are out, and what hangs on them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from batches.models import Batch, PaperForm, PaperFormStep, Step
from batches.queries.visible import visible_to
from batches.states import FormState
from mes.accounts.models import User
from mes.errors import Reason

PRINTED = Prefetch("printed", PaperFormStep.objects.select_related("step"))


def forms_visible_to(user: User) -> QuerySet[PaperForm]:
    """With what a list and a page show."""
    found = PaperForm.objects.filter(batch__in=visible_to(user).order_by().values("pk"))
    related = found.select_related("batch__site", "batch__order__patient", "issued_by", "settled_by", "scan")
    return related.defer("scan__content").prefetch_related(PRINTED)


def forms_out(user: User) -> QuerySet[PaperForm]:
    """The report of open forms: every number that has not come back (R-105)."""
    return forms_visible_to(user).filter(status=FormState.ISSUED)


def forms_of_step(step: Step) -> list[PaperForm]:
    """Forms on which this step is printed, from which its values may be entered."""
    found = PaperForm.objects.filter(printed__step=step).exclude(status=FormState.LOST)
    return list(found.order_by("issued_at", "id"))


def reasons_forms_out(batch: Batch) -> list[Reason]:
    """A batch is not released while a form of it is out."""
    found = PaperForm.objects.filter(batch=batch, status=FormState.ISSUED)
    return [Reason("form_out", f"Paper form {each.number} has not come back.", str(each.id)) for each in found]
