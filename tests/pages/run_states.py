"""One step of the run screen in every state it can have, as batches.queries.run.run_screen answers it."""

from copy import deepcopy
from typing import Any

from mes.phrases import Phrase

Json = dict[str, Any]

BASE: Json = {
    "id": "0198b3a4-0000-7000-8000-000000000007",
    "version": 3,
    "key": "S070",
    "kind": "entry",
    "title": "Count viable cells",
    "text": "Take the sample from the bag. Enter the density the counter shows.",
    "added": "",
    "call": None,
    "holder": None,
    "not_here": [],
    "citation": "",
    "illustrative": False,
    "severity": "high",
    "blocks": True,
    "deviation_reasons": [],
    "deviation_second_person": False,
    "status": "RUNNING",
    "attempt": 1,
    "needed": True,
    "position": 7,
    "of": 42,
    "grade": "C",
    "batch": {
        "id": "0198b3a4-0000-7000-8000-000000000001",
        "number": "GRAZ-26-0042",
        "coi_id": "CHA999926KX7204",
        "coi_short": "KX7-204",
        "second_identifier": "1961",
        "second_identifier_kind": "year_of_birth",
        "status": "RUNNING",
        "recipe": "CART-A",
        "recipe_version": 1,
        "suite": "SUITE-1",
        "clock": Phrase("demonstration clock ×{scale}", scale="8640"),
    },
    "unit_procedure": "Expansion",
    "operation": "Daily control",
    "day": 4,
    "performer": "Olga Operator",
    "started_at": "2026-11-22T09:30:00.000+00:00",
    "ended_at": None,
    "entries": [],
    "following": [],
    "results": [],
    "scan": {"needed": True, "done": [{"label": "KX7-204-A", "by": "Olga Operator", "at": ""}]},
    "materials": [],
    "lots_needed": [],
    "equipment": None,
    "room": None,
    "command": None,
    "timer": None,
    "decision": None,
    "transfer": None,
    "sample": None,
    "photos": {"asked": [], "taken": []},
    "signature": {
        "policy": "performed",
        "always_full": [],
        "performed": False,
        "verified": False,
        "waits_for_second_person": False,
        "lines": [],
    },
    "values_hidden": False,
    "blind_names": [],
    "manifest": {},
    "digest": "0" * 64,
    "gates": [],
    "missing": [],
    "exceptions": [],
    "acts": [],
    "offline": {"minutes": 15, "steps": 3, "online_only": False, "accepts": ["KX7-204-A"]},
    "previous": {"id": "0198b3a4-0000-7000-8000-000000000006", "key": "S060", "title": "Wash", "kind": "instruction"},
    "next": {
        "id": "0198b3a4-0000-7000-8000-000000000008",
        "key": "S080",
        "title": "Feed with 200 mL medium",
        "kind": "material_addition",
    },
}

DENSITY: Json = {
    "name": "density",
    "label": "Viable cell density",
    "type": "number",
    "unit": "1E6/mL",
    "precision": 1,
    "low": "1.5",
    "high": "2.5",
    "low_strict": False,
    "high_strict": False,
    "alert_low": None,
    "alert_high": None,
    "target": "2.0",
    "critical": True,
    "required": True,
    "choices": [],
    "accepted": [],
    "limits_text": "Limits 1.5 – 2.5 1E6/mL",
    "illustrative": True,
    "citation": "",
    "last": "2.1",
    "value": None,
    "history": [],
}
CLUMPS: Json = DENSITY | {
    "name": "clumps",
    "label": "Are clumps visible?",
    "type": "yes_no",
    "unit": "",
    "choices": ["yes", "no"],
    "low": None,
    "high": None,
    "limits_text": "",
    "illustrative": False,
}
REMARK: Json = CLUMPS | {"name": "remark", "label": "What do you see?", "type": "text", "choices": []}


def recorded(entry: Json, value: str, verdict: str = "within") -> Json:
    return entry | {
        "value": {"id": "e1", "value": value, "unit": entry["unit"], "verdict": verdict, "by": "Olga", "at": ""}
        | ({"breach": "is above the limit 2.5 1E6/mL"} if verdict == "out_of_limit" else {})
    }


LEFT_OUT: Json = CLUMPS | {
    "value": {"id": "e0", "value": "N/A", "unit": "", "verdict": "not_applicable", "note": "Nothing there to be read"}
}


def reason(code: str, message: str) -> Json:
    return {"code": code, "message": message, "subject": ""}


SIGNED_LINE = {
    "printed_name": "Olga Operator",
    "username": "olga",
    "role": "operator",
    "meaning": "performed",
    "at": "",
    "timezone": "Europe/Vienna",
    "valid": True,
}
WAITING_SIGNATURE = {"performed": True, "waits_for_second_person": True, "lines": [SIGNED_LINE]}
COMMAND: Json = {
    "name": "culture",
    "setpoints": [
        {"tag": "temperature", "value": "37.0", "unit": "degC"},
        {"tag": "pH", "value": "7.2", "unit": ""},
        {"tag": "dissolved oxygen", "value": "50", "unit": "%"},
        {"tag": "agitation", "value": "12", "unit": "rpm"},
    ],
    "status": None,
    "failure": "",
    "read_back": {},
}
UNIT = {
    "alias": "culture_unit",
    "unit_class": "bioreactor",
    "class_name": "Bioreactor",
    "bound": {"id": "u1", "code": "BR-01", "name": "Bioreactor 1", "room": "R-101", "takes_commands": True},
}
BY_HAND = {
    "alias": "counter",
    "unit_class": "cell_counter",
    "class_name": "Cell counter",
    "bound": {"id": "u2", "code": "NC202-1", "name": "Cell counter", "room": "R-101", "takes_commands": False},
}


def live(label: str, setpoint: str | None, value: str | None, unit: str, **more: Any) -> Json:
    line = {"tag": label.lower(), "label": label, "setpoint": setpoint, "value": value, "unit": unit}
    return line | {"at": "", "age": "12 s", "quality": "good", "state": "live"} | more


LIVE = [
    live("Temperature", "37.0", "36.9", "°C"),
    live("Dissolved oxygen", "50", "61", "%", quality="uncertain"),
    live("Agitation", "60", "60", "rpm", state="late", age="3 min"),
    live("pH", "7.2", None, "pH", state="down", quality="bad", age="2 h"),
    live("Viable cell density", None, None, "10⁶/mL", state="not_known", at=None, age=None),
    live("Glucose", None, "4.1", "mmol/L"),
]
TIMER = {
    "minutes": "15",
    "tolerance_minutes": "5",
    "started_at": "2026-11-22T09:30:00.000+00:00",
    "due_at": "2026-11-22T09:45:00.000+00:00",
    "not_before": "2026-11-22T09:45:00.000+00:00",
    "late_after": "2026-11-22T09:50:00.000+00:00",
    "now": "2026-11-22T09:32:20.000+00:00",
    "clock_scale": "1",
    "opens": "10:45",
    "closes": "10:50",
}
LOT = {
    "code": "IL-2",
    "quantity": "200.0",
    "unit": "IU/mL",
    "tolerance_percent": "5",
    "illustrative": False,
    "used": [],
    "done": False,
}
USED = LOT | {
    "code": "TEXMACS",
    "unit": "mL",
    "used": [{"lot": "TEXMACS TX-2601", "quantity": "200.0", "unit": "mL", "by": "Olga", "at": ""}],
    "done": True,
}
OUT = {
    "id": "x1",
    "kind": "out_of_limit",
    "severity": "high",
    "blocks": True,
    "text": "Viable cell density 3.1 is above 2.5",
    "status": "open",
    "value": "e1",
    "deviation": None,
}

PHOTO = {"id": "0198b3a4-0000-7000-8000-0000000000f1", "name": "bag", "label": "Appearance of the bag"}
ASKED = {"name": "bag", "label": "Appearance of the bag", "required": True, "has_room": True}
SEAL = ASKED | {"name": "seal", "label": "Seal"}

CHANGES: dict[str, Json] = {
    "instruction": {"kind": "instruction", "acts": ["start"], "status": "IDLE", "entries": [DENSITY, CLUMPS]},
    "called": {
        "acts": ["entry"],
        "entries": [DENSITY, CLUMPS],
        "call": {"id": "c1", "status": "answered", "words": "Called 10:41 · Sven Supervisor is on the way"},
    },
    "added": {
        "key": "S070.R1",
        "kind": "instruction",
        "added": "Added: Rajesh Patel, approved Maria Silva",
        "acts": ["start"],
        "status": "IDLE",
        "title": "Mix once more",
        "text": "Turn the bag over five times. Look for clumps.",
    },
    "blocked": {
        "status": "IDLE",
        "gates": [
            reason("not_calibrated", "Calibration of BR-01 ended on 20 Nov 2026."),
            reason("training", "Olga Operator is not trained on recipe:CART-A version 1."),
            reason("not_cleared", "The room R-101 has no line clearance for this batch."),
        ],
    },
    "scan": {
        "kind": "identity_check",
        "acts": ["scan"],
        "scan": {"needed": True, "done": []},
        "missing": [reason("scan_missing", "Scan the label of this patient's material.")],
    },
    "offline": {
        "kind": "identity_check",
        "status": "IDLE",
        "acts": ["start"],
        "scan": {"needed": True, "done": []},
        "entries": [DENSITY],
        "signature": BASE["signature"] | {"policy": "none"},
    },
    "offline_signed": {"acts": ["entry"], "entries": [DENSITY]},
    "unit": {
        "kind": "line_clearance",
        "acts": ["unit"],
        "missing": [reason("room_missing", "Scan the room you cleared.")],
    },
    "number": {"acts": ["entry"], "entries": [DENSITY, CLUMPS]},
    "last_number": {
        "acts": ["entry"],
        "entries": [DENSITY],
        "missing": [reason("entry_missing", "The density is missing.")],
    },
    "may_be_left_out": {"acts": ["entry"], "entries": [LEFT_OUT, DENSITY | {"can_be_left_out": True}]},
    "choice": {"acts": ["entry"], "entries": [recorded(DENSITY, "2.1"), CLUMPS]},
    "text": {"acts": ["entry"], "entries": [recorded(DENSITY, "2.1"), REMARK]},
    "photo": {
        "acts": ["photo"],
        "entries": [recorded(DENSITY, "2.1")],
        "photos": {"asked": [ASKED, SEAL], "taken": []},
        "missing": [{"code": "photo_missing", "message": "Take a photo: Appearance of the bag.", "subject": "bag"}],
    },
    "number_with_photos": {
        "acts": ["entry"],
        "entries": [recorded(DENSITY, "2.1"), DENSITY | {"name": "d2"}, CLUMPS],
        "photos": {"asked": [ASKED | {"has_room": False}, SEAL], "taken": [PHOTO] * 4},
    },
    "many": {
        "acts": ["entry"],
        "text": "Enter what the processor shows at the end of the run. All five values are on its last screen. "
        "Read them from top to bottom and keep the print-out with the batch, signed and dated.",
        "entries": [
            *(recorded(DENSITY | {"name": f"d{n}", "label": f"Reading number {n}"}, "2.1") for n in range(5)),
            DENSITY,
        ],
    },
    "out_of_limit": {
        "acts": ["deviation"],
        "entries": [recorded(DENSITY, "3.1", "out_of_limit")],
        "exceptions": [OUT],
        "missing": [reason("deviation_missing", "3.1 is outside its limits.")],
    },
    "material": {"kind": "material_addition", "acts": ["material"], "materials": [USED, LOT]},
    "command": {"kind": "equipment_command", "acts": ["send"], "equipment": UNIT, "command": COMMAND},
    "command_by_hand": {
        "kind": "equipment_command",
        "acts": ["send"],
        "equipment": BY_HAND,
        "command": COMMAND | {"name": "count", "setpoints": [{"tag": "dilution", "value": "10", "unit": ""}]},
    },
    "command_sent": {
        "kind": "equipment_command",
        "equipment": UNIT | {"live": LIVE},
        "command": COMMAND | {"status": "sent"},
        "missing": [reason("command_open", "The unit has not confirmed the command yet.")],
    },
    "hold": {
        "kind": "timed_hold",
        "timer": TIMER,
        "missing": [reason("too_early", "Not before 22 Nov 2026 10:45 CET.")],
    },
    "hold_of_a_unit": {
        "kind": "timed_hold",
        "timer": TIMER,
        "equipment": UNIT | {"live": LIVE},
        "missing": [reason("too_early", "Not before 22 Nov 2026 10:45 CET.")],
    },
    "sample": {
        "kind": "sample",
        "acts": ["sample"],
        "sample": {
            "code": "IPC-5",
            "stage": "in-process",
            "tests": ["CAR expression", "viability"],
            "quantity": "2.0",
            "unit": "mL",
            "made": [],
        },
    },
    "calculation": {
        "kind": "calculation",
        "acts": ["complete"],
        "results": [
            {
                "name": "Vector volume",
                "value": "4.1666",
                "shown": "4.17",
                "unit": "mL",
                "verdict": "not_judged",
                "formula": "viable_cells * moi / titre",
                "formula_version": 1,
                "inputs": [
                    {"name": "viable_cells", "reference": "S050.tnc", "value": "8.3E7", "unit": "cells"},
                    {"name": "moi", "reference": "parameter.moi", "value": "5", "unit": "TU/cell"},
                    {"name": "titre", "reference": "lot.VEC", "value": "1E8", "unit": "TU/mL"},
                ],
                "rounding": "shown to 2 decimals",
            }
        ],
    },
    "transfer": {
        "kind": "transfer",
        "acts": ["transfer"],
        "transfer": {"action": "fill", "into": [{"kind": "bag", "count": 1, "at_most": 3}], "made": []},
    },
    "decision": {
        "kind": "decision",
        "acts": ["decide"],
        "decision": {"question": "Which enrichment path?", "choices": ["high CD14", "low CD14"], "chosen": None},
    },
    "complete": {"acts": ["complete"], "entries": [recorded(DENSITY, "2.1")]},
    "complete_but_optional": {
        "acts": ["complete"],
        "entries": [recorded(DENSITY, "2.1"), REMARK | {"required": False}, CLUMPS | {"required": False}],
    },
    "verify_observed": {
        "acts": ["verify", "correct"],
        "entries": [recorded(DENSITY, "2.1")],
        "signature": BASE["signature"] | WAITING_SIGNATURE | {"policy": "verified_observed"},
    },
    "complete_in_full": {
        "acts": ["complete"],
        "entries": [recorded(DENSITY, "2.1")],
        "signature": BASE["signature"] | {"always_full": ["performed", "verified"]},
    },
    "verify_in_full": {
        "acts": ["verify"],
        "entries": [recorded(DENSITY, "2.1")],
        "signature": BASE["signature"]
        | WAITING_SIGNATURE
        | {"policy": "verified_observed", "always_full": ["performed", "verified"]},
    },
    "verify_blind": {
        "acts": ["verify", "correct"],
        "entries": [DENSITY | {"last": None}],
        "values_hidden": True,
        "blind_names": ["density"],
        "signature": BASE["signature"] | WAITING_SIGNATURE | {"policy": "verified_blind"},
    },
    "held": {"batch": BASE["batch"] | {"status": "HELD"}, "status": "HELD"},
    "not_here": {
        "acts": ["entry"],
        "entries": [DENSITY],
        "not_here": [
            reason(
                "terminal_of_another_room",
                Phrase(
                    "{terminal} belongs to room {its_room}; the work is in room {room}.",
                    terminal="T-02",
                    its_room="CR-2",
                    room="CR-1",
                ),
            )
        ],
    },
    "taken": {
        "acts": ["entry"],
        "entries": [recorded(DENSITY, "2.1"), REMARK],
        "missing": [reason("entry_missing", "Remark is missing.")],
        "holder": {
            "person": "Agnieszka Okafor-Wiśniewska",
            "tablet": "T-04",
            "since": "2026-11-22T09:42:00.000+00:00",
            "words": Phrase(
                "{person} is on this step (tablet {tablet}).", person="Agnieszka Okafor-Wiśniewska", tablet="T-04"
            ),
        },
    },
    "done": {"status": "COMPLETE", "acts": ["correct"], "entries": [recorded(DENSITY, "2.1")]},
}


def state(name: str) -> Json:
    return deepcopy(BASE | CHANGES[name])
