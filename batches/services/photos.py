"""Photos: kept byte for byte as they left the tablet. One taken again stands beside the first, never in its place."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from batches.errors import AlreadyRecorded
from batches.models import Step, StepPhoto
from batches.services.capture import captured_at, note_capture
from batches.services.locks import lock_step
from batches.services.running import look_again_if_overdue
from batches.states import State
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, StaleVersion, WrongState
from mes.ids import uuid7
from mes.phrases import Phrase
from mes.pictures import media_type_of
from mes.records.models import Event
from mes.records.queries import is_signed
from mes.records.services import act
from recipes.document import PhotoNeed

MOST_BYTES = 1_000_000  # a tablet sends half of it at most
# What holds a batch is what a photo is good for: a wrong bag, a leak.
TAKES_PHOTOS = frozenset({State.RUNNING, State.HOLDING, State.HELD})


def add_photo(
    *,
    actor: User,
    step: Step,
    content: bytes,
    name: str = "",
    label: str = "",
    digest: str = "",
    retakes: UUID | None = None,
    photo_id: UUID | None = None,
) -> StepPhoto:
    """Keep a photo. `name` is that of the recipe, empty for one it did not ask for; `label` says what that one shows.

    `digest` is the SHA-256 the tablet computed when it was taken, `retakes` the photo it is taken again for, `photo_id`
    the tablet's: sent twice, kept once.
    """
    require(actor, "batches.execute", step.site)
    actual = _checked(content, digest)
    known = StepPhoto.objects.defer("content").filter(pk=photo_id).first() if photo_id else None
    if known is not None:
        return _same(known, step, actual)
    media_type = media_type_of(content)
    with act(actor, "batches.add_photo", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        _require_takes_photos(step)
        first = _taken_again(step, name, retakes)
        shown = _label(step, name, label, first)
        _note(event, shown, actual)
        photo = StepPhoto.objects.create(
            id=photo_id or uuid7(),
            step=step,
            attempt=step.attempt,
            by=actor,
            done_at=clock.now(step.site),
            name=name,
            label=shown,
            sha256=actual,
            size=len(content),
            content=content,
            media_type=media_type,
            retakes=first,
            hashed_by_tablet=bool(digest),
            device_at=captured_at(),
        )
        note_capture(event, step, f"The photo “{shown}”", photo=str(photo.id))
        look_again_if_overdue(step)
    return photo


def _checked(content: bytes, digest: str) -> str:
    """The digest of what arrived; InvalidInput when it is not what was taken."""
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            Phrase("The photo has {size} bytes; {most} is the most.", size=len(content), most=MOST_BYTES),
            field="content",
        )
    actual = sha256(content).hexdigest()
    if digest and digest != actual:
        raise InvalidInput("The photo did not arrive as it was taken. Take it again.", field="sha256", arrived=actual)
    return actual


def _same(known: StepPhoto, step: Step, digest: str) -> StepPhoto:
    """The same photo delivered again is the same photo; another one under its id is not."""
    if (known.step_id, known.sha256) != (step.id, digest):
        raise Conflict("This photo id was used for another photo.", id=str(known.id))
    return known


def _require_takes_photos(step: Step) -> None:
    for element in (step.batch, step):
        if element.status not in TAKES_PHOTOS:
            raise WrongState(
                Phrase("{step} is {status}.", step=element, status=Phrase(element.get_status_display().lower())),
                state=element.status,
            )
    if is_signed(step, "performed"):
        raise WrongState("The step is signed: a photo would not be among what was signed.", state=step.status)


def _taken_again(step: Step, name: str, retakes: UUID | None) -> StepPhoto | None:
    if retakes is None:
        return None
    first = StepPhoto.objects.defer("content").filter(pk=retakes, step=step, attempt=step.attempt, name=name).first()
    if first is None:
        raise InvalidInput("That photo is not one of this step.", field="retakes")
    if StepPhoto.objects.filter(retakes=first).exists():
        raise StaleVersion("This photo was taken again already. Look at the newer one.")
    return first


def _label(step: Step, name: str, label: str, first: StepPhoto | None) -> str:
    """What the photo shows, in words."""
    if not name:
        return label.strip() or (first.label if first else "Photo")
    need = photo_need(step, name)
    if first is None and _current(step, name) >= need.at_most:
        raise AlreadyRecorded(Phrase("“{name}” has its photo. Take that one again.", name=need.name), name=name)
    return need.name


def photo_need(step: Step, name: str) -> PhotoNeed:
    """What the recipe asks for under this name."""
    for need in step.says.photos:
        if need.id == name:
            return need
    known = [need.id for need in step.says.photos]
    raise InvalidInput(Phrase("Step {step} has no photo “{name}”.", step=step, name=name), field="name", known=known)


def _current(step: Step, name: str) -> int:
    return step.photos.filter(attempt=step.attempt, name=name, retaken_by=None).count()


def _note(event: Event, label: str, digest: str) -> None:
    event.data |= {"photo": label, "sha256": digest}
