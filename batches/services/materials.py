"""Lots that go into the batch, by scan."""

from __future__ import annotations

from decimal import Decimal
from typing import NoReturn

from batches.errors import AlreadyRecorded
from batches.models import LotChoice, MaterialUse, Step
from batches.queries.inputs import lots_asked, value_of
from batches.services.calculations import compute_if_ready
from batches.services.capture import note_capture
from batches.services.locks import lock_step
from batches.services.running import require_at_work, require_scanned
from materials.errors import LotUnusable
from materials.models import Lot
from materials.queries import find_lot, reasons_unusable
from materials.services import record_unusable, use_lot
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, Reason
from mes.phrases import Phrase
from mes.quantities import Quantity, convert, parse_decimal
from mes.records.models import Event
from mes.records.services import act
from recipes.document import MaterialNeed


def add_material(*, actor: User, step: Step, code: str, quantity: str = "", unit: str = "", material: str = "") -> Step:
    """Use a scanned lot in the step (R-090); in a calculation, choose the lot it is made for.

    `code` is the barcode of the lot; `quantity` what was really added. Every refusal of a lot is logged.
    """
    require(actor, "batches.execute", step.site)
    lot = find_lot(step.site, code)
    try:
        return _add(actor, step, lot, quantity, unit, material)
    except LotUnusable as refusal:
        record_unusable(actor=actor, lot=lot, refusal=refusal)
        raise


def _add(actor: User, step: Step, lot: Lot, quantity: str, unit: str, material: str) -> Step:
    with act(actor, "batches.add_material", site=step.site, subject=step, batch=step.batch_id) as event:
        step = lock_step(step)
        require_at_work(step, actor)
        event.data |= {"lot": str(lot), "quantity": quantity, "unit": unit}
        note_capture(event, step, f"The use of {lot}")
        if step.kind == "calculation":
            _choose(event, step, lot)
        else:
            _use(event, step, lot, quantity, unit, material)
    return step


def amount_needed(step: Step, need: MaterialNeed) -> Quantity | None:
    """How much the recipe asks for: written, or computed by a former step; None while that is not computed."""
    if need.quantity is not None:
        return Quantity(need.quantity, need.unit)
    found = value_of(step.batch, need.quantity_from or "")
    return convert(found, need.unit) if found else None


def _choose(event: Event, step: Step, lot: Lot) -> None:
    asked = lots_asked(step)
    code = lot.material.code
    if code not in asked:
        words = Phrase("This is {code}; the step asks for {asked}.", code=code, asked=", ".join(asked))
        _refuse(lot, [Reason("wrong_material", words, str(lot))])
    nothing = Quantity(Decimal(0), lot.unit)
    now = clock.now(step.site)
    reasons = reasons_unusable(lot, material_code=code, quantity=nothing, at=now)
    if reasons:
        _refuse(lot, reasons)
    LotChoice.objects.create(step=step, attempt=step.attempt, by=event.actor, done_at=now, lot=lot, material_code=code)
    compute_if_ready(step, event=event)


def _use(event: Event, step: Step, lot: Lot, quantity: str, unit: str, material: str) -> None:
    require_scanned(step)
    need = _need(step, material or lot.material.code, lot)
    _refuse_twice(step, need)
    _require_chosen_lot(step, lot, need)
    used = Quantity(parse_decimal(quantity), unit)
    _check_amount(step, need, used)
    taken = use_lot(
        actor=event.actor,
        lot=lot,
        material_code=need.code,
        quantity=used,
        batch_id=step.batch_id,
        step_id=step.id,
    )
    MaterialUse.objects.create(
        step=step,
        attempt=step.attempt,
        by=event.actor,
        done_at=clock.now(step.site),
        lot_use=taken,
        material_code=need.code,
        quantity=quantity.strip(),
        unit=unit,
    )


def _need(step: Step, code: str, lot: Lot) -> MaterialNeed:
    need = next((each for each in step.says.materials if each.code == code), None)
    if need is None:
        asked = ", ".join(each.code for each in step.says.materials) or "no material"
        words = Phrase("This is {code}; the step asks for {asked}.", code=code, asked=asked)
        _refuse(lot, [Reason("wrong_material", words, str(lot))])
    return need


def _refuse_twice(step: Step, need: MaterialNeed) -> None:
    """The amount that is asked for is added at once: what comes after it would be a second dose."""
    if step.materials.filter(attempt=step.attempt, material_code=need.code).exists():
        raise AlreadyRecorded(
            Phrase("{code} was added in this step already. Was it added twice? Hold the batch.", code=need.code),
            material=need.code,
        )


def _require_chosen_lot(step: Step, lot: Lot, need: MaterialNeed) -> None:
    """A volume computed for one lot is right for no other."""
    chosen = LotChoice.objects.filter(step__batch=step.batch_id, material_code=need.code)
    choice = chosen.select_related("lot__material").order_by("at", "id").last()
    if choice is not None and choice.lot_id != lot.id:
        words = Phrase("The amount was computed for lot {lot}.", lot=choice.lot)
        _refuse(lot, [Reason("other_lot", words, str(lot))])


def _other_amount(wanted: Quantity, tolerance_percent: Decimal, used: Quantity) -> Phrase:
    if not tolerance_percent:
        return Phrase("The step asks for {wanted}, not {used}.", wanted=wanted, used=used)
    return Phrase(
        "The step asks for {wanted} ± {tolerance_percent:f} %, not {used}.",
        wanted=wanted,
        tolerance_percent=tolerance_percent,
        used=used,
    )


def _check_amount(step: Step, need: MaterialNeed, used: Quantity) -> None:
    """What was added lies within the recipe's tolerance; judged exactly, in the recipe's unit."""
    wanted = amount_needed(step, need)
    if wanted is None:
        raise InvalidInput(Phrase("How much {code} is needed has not been computed yet.", code=need.code))
    amount = convert(used, need.unit).value
    margin = wanted.value * need.tolerance_percent / 100
    if not wanted.value - margin <= amount <= wanted.value + margin:
        raise InvalidInput(
            _other_amount(wanted, need.tolerance_percent, used),
            field="quantity",
            wanted=str(wanted),
        )


def _refuse(lot: Lot, reasons: list[Reason]) -> NoReturn:
    raise LotUnusable.by(reasons, Phrase("Lot {lot} cannot be used here.", lot=lot))
