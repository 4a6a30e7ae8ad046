"""The life of a recipe version: written, checked by a second person, approved by quality, in force."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition


class VersionStatus(TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    REVIEWED = "reviewed", "Reviewed"
    APPROVED = "approved", "Approved"
    EFFECTIVE = "effective", "Effective"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


IN_WORK = (VersionStatus.DRAFT, VersionStatus.IN_REVIEW, VersionStatus.REVIEWED)
IN_FORCE = (VersionStatus.APPROVED, VersionStatus.EFFECTIVE)

VERSION = StateMachine(
    Transition(
        "submit",
        sources=(VersionStatus.DRAFT,),
        target=VersionStatus.IN_REVIEW,
        permission="recipes.draft",
        signed_as=("prepared",),
    ),
    Transition(
        "send_back",
        sources=(VersionStatus.IN_REVIEW, VersionStatus.REVIEWED),
        target=VersionStatus.DRAFT,
        permission="recipes.review",
        needs_reason=True,
    ),
    Transition(
        "review",
        sources=(VersionStatus.IN_REVIEW,),
        target=VersionStatus.REVIEWED,
        permission="recipes.review",
        signed_as=("reviewed",),
        not_by=("preparers",),
    ),
    Transition(
        "approve",
        sources=(VersionStatus.REVIEWED,),
        target=VersionStatus.APPROVED,
        permission="recipes.approve",
        signed_as=("approved",),
        not_by=("preparers", "reviewers"),
    ),
    Transition("take_effect", sources=(VersionStatus.APPROVED,), target=VersionStatus.EFFECTIVE),
    Transition("supersede", sources=(VersionStatus.EFFECTIVE,), target=VersionStatus.SUPERSEDED),
    Transition(
        "withdraw",
        sources=IN_FORCE,
        target=VersionStatus.WITHDRAWN,
        permission="recipes.approve",
        signed_as=("withdrawn",),
        needs_reason=True,
    ),
    initial=VersionStatus.DRAFT,
)
