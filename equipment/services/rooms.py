"""Acts on rooms."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from equipment.errors import AlreadyKnown, RoomUnfit
from equipment.models import Cleaning, Grade, Room
from equipment.queries import reasons_room_unfit
from equipment.states import ROOM, RoomStatus
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import InvalidInput, WrongState
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer


def add_room(*, actor: User, site: Site, code: str, name: str, grade: str) -> Room:
    """A room of the site. It starts to be cleaned: nobody has vouched for it yet."""
    require(actor, "equipment.maintain", site)
    if grade not in Grade.values:
        raise InvalidInput(Phrase("There is no grade “{grade}”.", grade=grade), field="grade", known=Grade.values)
    room = Room(site=site, code=code, name=name, grade=grade)
    with act(actor, "equipment.add_room", site=site, subject=room):
        try:
            with transaction.atomic():
                room.save(force_insert=True)
        except IntegrityError as error:
            raise AlreadyKnown(
                Phrase("{site} already has a room {code}.", site=site.code, code=code), code=code
            ) from error
    return room


def use_room(*, actor: User, room: Room, batch_id: UUID, coi_id: str) -> Room:
    """Open a batch's material in this room; RoomUnfit while another patient's is there (domain section 6)."""
    with act(actor, "equipment.use_room", site=room.site, subject=room, batch=batch_id) as event:
        locked = _lock(room)
        if locked.status == RoomStatus.IN_USE and locked.batch_id == batch_id:
            return locked
        reasons = reasons_room_unfit(locked, grade=locked.grade, batch_id=batch_id)
        if reasons:
            raise RoomUnfit.by(reasons, Phrase("Room {room} cannot take this batch.", room=locked))
        ROOM.move(locked, "use", event=event)
        locked.batch_id, locked.coi_id = batch_id, coi_id
        locked.save(update_fields=["batch_id", "coi_id"])
    return locked


def leave_room(*, actor: User, room: Room) -> Room:
    """The batch's open work here is done; the room is to be cleaned before the next."""
    with act(actor, "equipment.leave_room", site=room.site, subject=room) as event:
        locked = _lock(room)
        event.batch_id = locked.batch_id
        _leave(locked, event)
    return locked


def _leave(room: Room, event: Event) -> None:
    ROOM.find("leave", room.status)
    # The batch goes first: the database allows one only in a room that is in use.
    room.batch_id, room.coi_id = None, ""
    room.save(update_fields=["batch_id", "coi_id"])
    ROOM.move(room, "leave", event=event)


def clean_room(*, actor: User, room: Room, procedure: str, checker: Signer) -> Cleaning:
    """The room was cleaned by `actor` and found clean by somebody else."""
    with act(actor, "equipment.clean_room", site=room.site, subject=room) as event:
        locked = _lock(room)
        ROOM.move(locked, "clean", event=event, signers=[checker])
        cleaning = Cleaning(
            room=locked,
            procedure=procedure,
            done_at=clock.now(room.site),
            performed_by=actor,
            checked_by=checker.user,
        )
        if checker.user == actor:
            raise InvalidInput("Somebody else checks a cleaning.", rule="not_own_work")
        cleaning.save(force_insert=True)
        sign(event, checker, subject=cleaning, meaning="checked")
    return cleaning


def take_room_out(*, actor: User, room: Room, reason: str) -> Room:
    with act(actor, "equipment.take_room_out", site=room.site, subject=room, reason=reason) as event:
        locked = _lock(room)
        ROOM.move(locked, "take_out", event=event)
    return locked


def bring_room_back(*, actor: User, room: Room) -> Room:
    """Back in service, and to be cleaned first."""
    with act(actor, "equipment.bring_room_back", site=room.site, subject=room) as event:
        locked = _lock(room)
        ROOM.move(locked, "bring_back", event=event)
    return locked


def set_room_status(
    *,
    actor: User,
    room: Room,
    status: str,
    reason: str = "",
    procedure: str = "",
    checker: Signer | None = None,
) -> Room:
    """The room to a status that needs no batch: each is the act that leads there."""
    if status == RoomStatus.CLEAN:
        if checker is None:
            raise InvalidInput("A clean room is checked by a second person.", field="checker")
        clean_room(actor=actor, room=room, procedure=procedure, checker=checker)
    elif status == RoomStatus.OUT_OF_SERVICE:
        take_room_out(actor=actor, room=room, reason=reason)
    elif status == RoomStatus.TO_CLEAN and room.status == RoomStatus.OUT_OF_SERVICE:
        bring_room_back(actor=actor, room=room)
    elif status == RoomStatus.TO_CLEAN:
        leave_room(actor=actor, room=room)
    else:
        raise WrongState("A room comes into use by a batch.", state=room.status, act=status)
    return Room.objects.get(pk=room.pk)


def _lock(room: Room) -> Room:
    return Room.objects.select_for_update(of=("self",)).select_related("site").get(pk=room.pk)
