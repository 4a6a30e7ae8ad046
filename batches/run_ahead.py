"""What a tablet without network asks for, act by act. The page carries it, so that a step goes on without the server.

Only what the server takes without looking anything up: the start after a done step, the scan of a label that the
page knows, values, photos, the end of a step nobody signs. Everything else waits, and the page says for what.
"""

from collections.abc import Iterator
from typing import Any

from mes.phrases import Phrase

Json = dict[str, Any]
WAITING = Phrase("Waiting")
FIRST = "earlier_step_open"  # the one gate that the step before opens


def act_shown(shown: Json, panel: str) -> str:
    """The act the panel on the screen asks for, as the tablet's journal knows it; empty when it needs the server."""
    if panel == "entry":
        return f"entry:{missing_entries(shown)[0]['name']}"
    if panel == "complete" and shown["signature"]["policy"] != "none":
        return ""
    if panel == "photo":
        return f"photo:{_missing_photos(shown)[0]['name']}"
    if panel == "blocked":
        return "blocked" if _waits_for_the_step_before(shown) else ""
    return panel if panel in ("start", "scan", "complete") else ""


def acts_ahead(shown: Json, panel: str) -> list[Json]:
    """Every act from the start of the step to its end that has not been done, in the order a person does them."""
    if not act_shown(shown, panel) or shown["offline"]["online_only"]:
        return []
    return [*_acts(shown), *_again(shown), _act("stopped", "apart")]


def _acts(shown: Json) -> Iterator[Json]:
    if shown["status"] == "IDLE":
        yield _act("start", "start", Phrase("Start step"))
    if _scan_asked(shown):
        yield _act("scan", "scan", Phrase("Scan the label"), dead=True)
    if need := _place(shown):
        yield _act("wait", "apart", need=need)
        return
    for entry in missing_entries(shown):
        yield _act(f"entry:{entry['name']}", "entry", button_of(entry)) | {"entry": entry}
    for wanted in _missing_photos(shown):
        asked = {"subject": wanted["name"], "message": Phrase("Take a photo: {name}.", name=wanted["label"])}
        yield _act(f"photo:{wanted['name']}", "photo", Phrase("Take photo")) | {"photo": asked}
    yield from _end(shown)


def _again(shown: Json) -> Iterator[Json]:
    """For whoever comes back while there is no network."""
    if shown["status"] == "RUNNING" and shown["offline"]["accepts"]:
        yield _act("again", "scan", Phrase("Scan the label"), dead=True)


def _scan_asked(shown: Json) -> bool:
    """At the beginning of the step, or once more by whoever came back to it."""
    return any(each["code"] == "scan_missing" for each in shown["missing"]) or (
        bool(shown["scan"]["needed"]) and not shown["scan"]["done"]
    )


def _end(shown: Json) -> Iterator[Json]:
    if need := _rest(shown):
        yield _act("wait", "apart", need=need)
    elif shown["signature"]["policy"] != "none":
        yield _act("sign", "apart", Phrase("Sign when back online"))
    else:
        yield _act("complete", "complete", Phrase("Done – next step"))
        yield _act("done", "gone", Phrase("Next step") if shown["next"] else Phrase("To the batch"))


def button_of(entry: Json) -> str:
    return Phrase("Record value") if entry["type"] == "number" else Phrase("Record answer")


def _act(name: str, panel: str, button: str = WAITING, *, need: str = "", dead: bool | None = None) -> Json:
    """`dead`: a press of the button says what is missing."""
    return {
        "act": name,
        "panel": panel,
        "button": button,
        "need": need,
        "dead": panel == "apart" if dead is None else dead,
    }


def _waits_for_the_step_before(shown: Json) -> bool:
    before = shown["previous"]
    gates = [(gate["code"], gate["subject"]) for gate in shown["gates"]]
    return before is not None and gates == [(FIRST, before["key"])]


def _place(shown: Json) -> str:
    """What has to be scanned before the first value, and the tablet cannot judge."""
    equipment = shown["equipment"]
    if equipment and not equipment["bound"]:
        return Phrase("the scan of the unit")
    if shown["kind"] == "line_clearance" and not shown["room"]:
        return Phrase("the scan of the room")
    return ""


def _rest(shown: Json) -> str:
    """What comes after the values and is the server's to judge or to do."""
    waits = {
        Phrase("the scan of the lot"): any(not need["done"] for need in shown["materials"]),
        Phrase("the computed value"): shown["kind"] == "calculation",
        Phrase("the decision"): bool(shown["decision"]) and not shown["decision"]["chosen"],
        Phrase("the volumes"): bool(shown["transfer"]) and not shown["transfer"]["made"],
        Phrase("the sample"): bool(shown["sample"]) and not shown["sample"]["made"],
        Phrase("the unit"): bool(shown["command"]),
        Phrase("the end of the time"): bool(shown["timer"]),
    }
    return next((words for words, is_needed in waits.items() if is_needed), "")


def _missing_photos(shown: Json) -> list[Json]:
    taken = {photo["name"] for photo in shown["photos"]["taken"]}
    return [need for need in shown["photos"]["asked"] if need["required"] and need["name"] not in taken]


def missing_entries(shown: Json) -> list[Json]:
    return [each for each in shown["entries"] if each["value"] is None and each["required"]]
