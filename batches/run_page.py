"""The run screen: one step, one thing to do now. What to do comes from the step's own list of acts."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from batches.queries.run import run_screen
from batches.queries.visible import steps_visible_to, visible_to
from batches.queries.work import next_steps
from mes.accounts.models import User
from mes.accounts.sessions import continuity_of
from mes.records.signing import full_credential_needed
from mes.web import page

Json = dict[str, Any]

# What the big button says, act by act. A wait has no act: the worker or another person moves the step on.
BUTTONS = {
    "start": "Start step",
    "scan": "Scan the label",
    "unit": "Scan the unit",
    "entry": "Record value",
    "material": "Record material",
    "lot": "Scan the lot",
    "send": "Send to unit",
    "decide": "Choose one",
    "transfer": "Record volumes",
    "sample": "Sample drawn",
    "deviation": "Decide first",
    "verify": "Second person signs",
}
REASONS = (
    "True reading, confirmed by a repeat",
    "True reading, cause not known",
    "Material behaves differently",
    "Equipment behaves differently",
    "Sample or method in doubt",
    "Done later or differently than planned",
)
SLIPS = ("Typed wrong", "Read wrong", "Another instrument meant", "Measured again")
AT_A_GLANCE = 2
MOST_LINES = 3  # about values, done and to do, that fit above the one that is asked for
CORRECTABLE = ("RUNNING", "COMPLETE")
MOST_LIVE = 4  # lines that fit beside a step; the unit's own page has them all


@require_safe
@page("batches.view")
def run(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """To the step of this batch that is in work or comes next; to the batch when there is none."""
    batch = get_object_or_404(visible_to(cast(User, request.user)), id=batch_id)
    waiting = next_steps(list(batch.steps.open().order_by("position")))
    if not waiting:
        return redirect("batches:overview", batch_id=batch.id)
    return redirect("batches:step", step_id=waiting[0].id)


@never_cache
@require_safe
@page("batches.view")
def step(request: HttpRequest, step_id: UUID) -> HttpResponse:
    """One step for the person in front of it."""
    user = cast(User, request.user)
    found = get_object_or_404(steps_visible_to(user), id=step_id)
    shown = run_screen(found, user)
    full = full_credential_needed(user, continuity_of(request))
    may_command = user.may("batches.command", found.site)
    return render(request, "batches/run.html", screen(shown, full_credential=full, may_command=may_command))


def screen(shown: Json, *, full_credential: bool, may_command: bool) -> Json:
    """Everything run.html needs: the step, the one panel beside it, and the words of the one button."""
    panel = panel_of(shown)
    recorded = [each for each in shown["entries"] if each["value"]]
    glance = sorted(recorded, key=lambda each: bool(each["history"]))  # what was corrected is never out of sight
    return {
        "step": shown,
        "identity": identity_of(shown),
        "panel": panel,
        "entry": _open_entry(shown),
        "recorded": glance[-AT_A_GLANCE:],
        "recorded_before": len(glance[:-AT_A_GLANCE]),
        "correctable": recorded if shown["status"] in CORRECTABLE else [],
        "correction_is_signed": shown["status"] == "COMPLETE" and shown["signature"]["policy"] != "none",
        "later": _later_entries(shown) if panel == "entry" else [],
        "ahead": _to_do(shown)[: MOST_LINES - min(len(recorded), MOST_LINES - 1)],
        "live": (shown["equipment"] or {}).get("live", [])[:MOST_LIVE],
        "material": next((need for need in shown["materials"] if not need["done"]), None),
        "out": _out_of_limit(shown) if panel == "deviation" else None,
        "volumes": _volumes(shown["transfer"]),
        "button": _button(shown, panel),
        "reasons": REASONS,
        "slips": SLIPS,
        "full_credential": full_credential,
        "may_command": may_command,
    }


def panel_of(shown: Json) -> str:
    """Which panel stands beside the instruction: the first act that makes sense, or why there is none."""
    acts = [act for act in shown["acts"] if act != "correct"]
    if acts[:1] == ["material"] and all(need["done"] for need in shown["materials"]):
        return "lot"
    if acts:
        return str(acts[0])
    if shown["status"] == "COMPLETE":
        return "done"
    if "HELD" in (shown["batch"]["status"], shown["status"]):
        return "held"
    return "blocked" if shown["status"] == "IDLE" else "wait"


def identity_of(shown: Json) -> Json:
    """The banner's facts."""
    batch, day = shown["batch"], shown["day"]
    where = shown["unit_procedure"] if day is None else f"{shown['unit_procedure']} · day {day}"
    born = batch["second_identifier_kind"] == "year_of_birth"
    return {
        "coi_id": batch["coi_short"],
        "batch_number": batch["number"],
        "second_label": "born" if born else "initials",
        "second_identifier": batch["second_identifier"],
        "position": f"Step {shown['position']} of {shown['of']}",
        "operation": where,
        "performer": shown["performer"],
        "stamp": batch["clock"].removeprefix(" · "),
    }


def _button(shown: Json, panel: str) -> str:
    if panel == "complete":
        return "Sign & next" if shown["signature"]["policy"] != "none" else "Done – next step"
    if panel == "done":
        return "Next step" if shown["next"] else "To the batch"
    if panel == "send" and not shown["equipment"]["bound"]["takes_commands"]:
        return "Done at the unit"
    entry = _open_entry(shown)
    if panel == "entry" and entry and entry["type"] != "number":
        return "Record answer"
    return BUTTONS.get(panel, "Waiting")


def _open_entry(shown: Json) -> Json | None:
    return next(iter(_missing_entries(shown)), None)


def _later_entries(shown: Json) -> list[Json]:
    """What will be asked for after the value that is asked for now: a tablet without network goes on with it."""
    return _missing_entries(shown)[1:]


def _to_do(shown: Json) -> list[Json]:
    return [each for each in shown["entries"] if each["value"] is None and each is not _open_entry(shown)]


def _missing_entries(shown: Json) -> list[Json]:
    return [each for each in shown["entries"] if each["value"] is None and each["required"]]


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
            return {"label": result["name"], "value": result, "limits_text": "", "exceptions": ",".join(found)}
    return None


def _volumes(transfer: Json | None) -> list[str]:
    """One line per container to fill, the optional ones last."""
    if not transfer:
        return []
    named = [(each["kind"], number) for each in transfer["into"] for number in range(each["at_most"] or each["count"])]
    return [f"{kind.capitalize()} {number + 1}" if len(named) > 1 else kind.capitalize() for kind, number in named]
