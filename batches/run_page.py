"""The run screen: one step, one thing to do now. What to do comes from the step's own list of acts."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from batches.models import Batch, Step
from batches.queries.run import run_screen
from batches.queries.visible import steps_visible_to, visible_to
from batches.run_ahead import act_shown, acts_ahead, button_of, missing_entries
from batches.run_help import ALWAYS, CALLS, NOTES, WHAT_TO_DO
from batches.run_resume import resume_of
from batches.states import State
from chain_of_identity.models import Cause
from mes.accounts.models import User
from mes.accounts.sessions import continuity_of
from mes.languages import language_of, translated
from mes.pages.camera import with_camera
from mes.phrases import Phrase
from mes.records.signing import full_credential_needed
from mes.web import page

Json = dict[str, Any]

TAKEN = "taken"  # the panel of a step that somebody else is on
NOT_HERE = "not_here"  # at a terminal that belongs elsewhere
READ_ONLY = (TAKEN, NOT_HERE)
# What the big button says, act by act. A wait has no act: the worker or another person moves the step on.
BUTTONS = {
    "start": Phrase("Start step"),
    "scan": Phrase("Scan the label"),
    "unit": Phrase("Scan the unit"),
    "material": Phrase("Record material"),
    "lot": Phrase("Scan the lot"),
    "send": Phrase("Send to unit"),
    "photo": Phrase("Take photo"),
    "decide": Phrase("Record decision"),
    "transfer": Phrase("Record volumes"),
    "sample": Phrase("Sample drawn"),
    "deviation": Phrase("Decide first"),
    "verify": Phrase("Second person signs"),
    TAKEN: Phrase("Take over"),
}
REASONS = (
    Phrase("True reading, confirmed by a repeat"),
    Phrase("True reading, cause not known"),
    Phrase("Material behaves differently"),
    Phrase("Equipment behaves differently"),
    Phrase("Sample or method in doubt"),
    Phrase("Done later or differently than planned"),
)
LEFT_OUT = (
    Phrase("Not done in this batch"),
    Phrase("Not used in this batch"),
    Phrase("Nothing there to be read"),
    Phrase("Done in another step"),
)
EARLIER = (
    Phrase("Hands were not free"),
    Phrase("No tablet at hand"),
    Phrase("Called away"),
    Phrase("Written on paper first"),
)
SLIPS = (Phrase("Typed wrong"), Phrase("Read wrong"), Phrase("Another instrument meant"), Phrase("Measured again"))
AT_A_GLANCE = 2
SCANNED = ("scan_missing", "unit_missing", "room_missing")
MOST_LOTS = 3
MOST_LINES = 3  # about values, done and to do, that fit above the one that is asked for
CORRECTABLE = ("RUNNING", "COMPLETE")
MOST_OPTIONAL = 3  # buttons that fit below what is signed
MOST_NEEDS = 10  # lines that say what a step needs; a set-point above them takes the room of one
MOST_LIVE = 4  # lines that fit beside a step; the unit's own page has them all


@require_safe
@page("batches.view")
def run(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """To the step of this batch that is in work or comes next; to the batch when there is none."""
    batch = get_object_or_404(visible_to(cast(User, request.user)), id=batch_id)
    first = batch.steps.open().order_by("position").first()
    if first is None:
        return redirect("batches:overview", batch_id=batch.id)
    return redirect("batches:step", step_id=first.id)


@translated
@never_cache
@require_safe
@with_camera
@page("batches.view")
def step(request: HttpRequest, step_id: UUID) -> HttpResponse:
    """One step for the person in front of it."""
    return _shown(request, get_object_or_404(steps_visible_to(cast(User, request.user)), id=step_id))


def page_after(request: HttpRequest, done: Step) -> str:
    """The page a tablet shows after an act: this step, or the next one once this is complete; "" where none is left."""
    of_batch = steps_visible_to(cast(User, request.user)).filter(batch=done.batch_id, needed=True)
    here, *after = of_batch.filter(position__gte=done.position).order_by("position")[:2]
    found = here if here.status != State.COMPLETE else next(iter(after), None)
    if found is None:
        return ""
    with translation.override(language_of(request)):
        return _shown(request, found).content.decode()


def _shown(request: HttpRequest, found: Step) -> HttpResponse:
    user = cast(User, request.user)
    # At one tablet the second person reads where the first one did: what they must not see is asked for on purpose.
    shown = run_screen(found, user, shared="values" not in request.GET)
    full = full_credential_needed(user, continuity_of(request))
    may_command = user.may("batches.command", found.site)
    context = screen(shown, full_credential=full, may_command=may_command, enter=request.GET.get("enter", ""))
    # Whoever only reads comes back to nothing.
    resume = None if context["panel"] in READ_ONLY else resume_of(found, user, shown)
    hides = shown["values_hidden"] and user.id in found.performer_ids()
    beside = {"resume": resume, "hides_my_values": hides, "units": _units_of(found.batch)}
    return render(request, "batches/run.html", context | beside)


def _units_of(batch: Batch) -> set[str]:
    """In which the values of this batch are asked for: a tablet says those of other steps, too, while it keeps them."""
    asked = batch.steps.values_list("spec__entries", flat=True)
    return {entry["unit"] for entries in asked for entry in entries or () if entry.get("unit")}


def screen(shown: Json, *, full_credential: bool, may_command: bool, enter: str = "") -> Json:
    """Everything run.html needs: the step, the one panel beside it, and the words of the one button.

    `enter` names a value that nobody has to record and somebody wants to.
    """
    only_read = panel_of(shown) in READ_ONLY
    optional = [] if only_read else _optional(shown)
    wished = [each for each in optional if each["name"] == enter] if "complete" in shown["acts"] else []
    asked = wished or missing_entries(shown)
    panel = "entry" if wished else panel_of(shown)
    recorded = [each for each in shown["entries"] if each["value"]]
    glance = sorted(recorded, key=lambda each: bool(each["history"]))  # what was corrected is never out of sight
    return {
        "step": shown,
        "identity": identity_of(shown),
        "panel": panel,
        "entry": next(iter(asked), None),
        "optional": optional[:MOST_OPTIONAL],
        "recorded": glance[-AT_A_GLANCE:],
        "recorded_before": len(glance[:-AT_A_GLANCE]),
        **_counted(shown, panel, len(recorded)),
        **_lots(shown, panel),
        **_needs(shown),
        "blind_below_zero": any(each["goes_below_zero"] for each in shown["blind_asked"]),
        "signer": _signer(shown),
        "scanned": list(dict.fromkeys(each["label"] for each in shown["scan"]["done"])),
        "exceptions": shown["exceptions"][-AT_A_GLANCE:],
        "exceptions_before": len(shown["exceptions"][:-AT_A_GLANCE]),
        "correctable": recorded if shown["status"] in CORRECTABLE and not only_read else [],
        "correction_is_signed": shown["status"] == "COMPLETE" and shown["signature"]["policy"] != "none",
        "signed_after": panel == "entry" and not wished and _is_signed_after(shown),
        "asked": _asked(shown, asked),
        "act_shown": "" if wished else act_shown(shown, panel),
        "acts_ahead": [] if wished else acts_ahead(shown, panel),
        "ahead": _to_do(shown, panel, len(recorded)),
        "live": (shown["equipment"] or {}).get("live", [])[:MOST_LIVE],
        "material": next((need for need in shown["materials"] if not need["done"]), None),
        "out": _out_of_limit(shown) if panel == "deviation" else None,
        "to_scan": _to_scan(shown),
        "photo": next((each for each in shown["missing"] if each["code"] == "photo_missing"), None),
        "volumes": _volumes(shown["transfer"]),
        "button": _button(shown, panel, next(iter(asked), None)),
        "reasons": shown["deviation_reasons"] or REASONS,
        "slips": SLIPS,
        "causes": Cause.choices,
        "calls": CALLS,
        "hand_over_notes": NOTES,
        "help": (*WHAT_TO_DO.get(panel, ()), *ALWAYS),
        "left_out": LEFT_OUT,
        "earlier": EARLIER,
        "full_credential": full_credential,
        "may_command": may_command,
    }


def panel_of(shown: Json) -> str:
    """Which panel stands beside the instruction: the first act that makes sense, or why there is none."""
    acts = [act for act in shown["acts"] if act != "correct"]
    if acts and (why := _only_read(shown, acts[0])):
        return why
    if acts[:1] == ["material"] and all(need["done"] for need in shown["materials"]):
        return "lot"
    if acts:
        return str(acts[0])
    if shown["status"] == "COMPLETE":
        return "done"
    if "HELD" in (shown["batch"]["status"], shown["status"]):
        return "held"
    return "blocked" if shown["status"] == "IDLE" else "wait"


def _only_read(shown: Json, act: str) -> str:
    if shown["not_here"]:
        return NOT_HERE
    return TAKEN if shown["holder"] and act != "verify" else ""


def identity_of(shown: Json) -> Json:
    """The banner's facts."""
    batch, day = shown["batch"], shown["day"]
    born, at = batch["second_identifier_kind"] == "year_of_birth", {"position": shown["position"], "of": shown["of"]}
    return {
        "coi_id": batch["coi_short"],
        "batch_number": batch["number"],
        "second_label": Phrase("born") if born else Phrase("initials"),
        "second_identifier": batch["second_identifier"],
        # The day stands before the name of the part, which may be long and then ends in dots.
        "position": Phrase("Step {position} of {of}", **at)
        if day is None
        else Phrase("Step {position} of {of} · day {day}", **at, day=day),
        "operation": shown["unit_procedure"],
        "stamp": batch["clock"],
    }


def _button(shown: Json, panel: str, entry: Json | None) -> str:
    if panel == "complete":
        return Phrase("Sign & next") if shown["signature"]["policy"] != "none" else Phrase("Done – next step")
    if panel == "done":
        return Phrase("Next step") if shown["next"] else Phrase("To the batch")
    if panel == "entry" and entry:
        return Phrase("Record & sign") if _is_signed_after(shown) else button_of(entry)
    return _at_the_place(shown, panel) or BUTTONS.get(panel, Phrase("Waiting"))


def _at_the_place(shown: Json, panel: str) -> str:
    if panel == "unit" and _to_scan(shown)["code"] == "room_missing":
        return Phrase("Scan the room")
    takes_none = panel == "send" and not shown["equipment"]["bound"]["takes_commands"]
    return Phrase("Done at the unit") if takes_none else ""


def _to_scan(shown: Json) -> Json:
    """The first of what is to be scanned: one thing at a time."""
    return next((each for each in shown["missing"] if each["code"] in SCANNED), {"code": "", "message": ""})


def _asked(shown: Json, entries: list[Json]) -> str:
    """Under which name the tablet keeps what is typed next, also while a label is to be scanned before."""
    names = [each["name"] for each in entries] + [need["code"] for need in shown["materials"] if not need["done"]]
    return next(iter(names), "")


def _counted(shown: Json, panel: str, recorded: int) -> Json:
    """How far the step is, where it asks for value after value or lot after lot."""
    if panel == "material":
        needs = shown["materials"]
        return {"recorded_in_all": sum(need["done"] for need in needs), "values": len(needs)}
    return {"recorded_in_all": recorded, "values": recorded + len(missing_entries(shown)) if panel == "entry" else 0}


def _lots(shown: Json, panel: str) -> Json:
    """The last lots used, as many as there is room for; the others are counted. Signed, every one is on the sheet."""
    used = [use for need in shown["materials"] for use in need["used"]]
    most = 1 if panel == "material" else MOST_LOTS
    return {"lots": used[-most:], "lots_before": len(used[:-most])}


def _needs(shown: Json) -> Json:
    """The lots and values a step will ask for, as many as there is room for; the others are counted."""
    points = len(shown["command"]["setpoints"]) if shown["command"] else 0
    others = [shown["scan"]["needed"], shown["equipment"], shown["timer"], shown["citation"], "how it is signed"]
    room = max(MOST_NEEDS - points - sum(map(bool, others)), 1)
    lots, values = shown["materials"], shown["entries"]
    left = len(lots) + len(values)
    most = left if left <= room else room - 1
    kept = {"needs_lots": lots[:most], "needs_values": values[: max(most - len(lots), 0)]}
    return kept | {"needs_more": left - sum(map(len, kept.values()))}


def _signer(shown: Json) -> str | None:
    """Who signed the work, as long as nobody has whoever began it: after a take-over they are two people."""
    signed = [line["printed_name"] for line in shown["signature"]["lines"] if line["meaning"] == "performed"]
    signer: str | None = signed[-1] if signed else shown["performer"]
    return signer


def _is_signed_after(shown: Json) -> bool:
    """The value that is asked for is the last thing missing: once it is recorded the sign sheet opens by itself."""
    return len(shown["missing"]) == 1 and shown["signature"]["policy"] != "none"


def _to_do(shown: Json, panel: str, recorded: int) -> list[Json]:
    """The values after the one that is asked for, as many as there is room for; what is hidden is not to do."""
    most = 0 if panel in ("start", "verify") or shown["values_hidden"] else MOST_LINES - min(recorded, MOST_LINES - 1)
    first = 1 if panel == "entry" else 0  # the one that is asked for stands in large beside the keys
    return missing_entries(shown)[first : first + most]


def _optional(shown: Json) -> list[Json]:
    """What nobody has to record and nobody has."""
    return [each for each in shown["entries"] if each["value"] is None and not each["required"]]


def _out_of_limit(shown: Json) -> Json | None:
    """The value that is outside its limits and has no deviation yet."""
    covered = {each["value"] for each in shown["exceptions"] if each["deviation"]}
    for entry in shown["entries"]:
        value = entry["value"]
        if value and value["verdict"] == "out_of_limit" and value["id"] not in covered:
            found = [each["id"] for each in shown["exceptions"] if each["value"] == value["id"]]
            return {**entry, "exceptions": ",".join(found)}
    for result in shown["results"]:
        if result["verdict"] == "out_of_limit":
            found = [each["id"] for each in shown["exceptions"] if each["kind"] == "out_of_limit"]
            return {"label": result["label"], "value": result, "limits_text": "", "exceptions": ",".join(found)}
    return None


def _volumes(transfer: Json | None) -> list[str]:
    """One line per container to fill, the optional ones last."""
    if not transfer:
        return []
    named = [(each["kind"], number) for each in transfer["into"] for number in range(each["at_most"] or each["count"])]
    kinds = [(Phrase(kind.capitalize()), number + 1) for kind, number in named]
    return [Phrase("{kind} {number}", kind=kind, number=number) if len(kinds) > 1 else kind for kind, number in kinds]
