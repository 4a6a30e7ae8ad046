"""One step of the run screen in every state it can have, as batches.queries.run.run_screen answers it."""

from copy import deepcopy

from mes.phrases import Phrase
from tests.pages.run_parts import (
    ASKED,
    BASE,
    BY_HAND,
    CLUMPS,
    COMMAND,
    DENSITY,
    LEFT_OUT,
    LIVE,
    LOT,
    OUT,
    PHOTO,
    REMARK,
    SEAL,
    TIMER,
    UNIT,
    USED,
    WAITING_SIGNATURE,
    Json,
    reason,
    recorded,
)

SHARES = [recorded(DENSITY | {"name": f"d{n}", "label": f"Share of CD{n} cells"}, "55.2") for n in range(3, 9)]
ANEW: Json = {"type": "number", "choices": [], "goes_below_zero": False}

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
    "many_in_time": {
        "acts": ["entry"],
        "timer": TIMER,
        "added": "Added: Rajesh Patel, approved Maria Silva",
        "entries": [
            *(recorded(DENSITY | {"name": f"d{n}", "label": f"Reading number {n}"}, "2.1") for n in range(3)),
            DENSITY,
            CLUMPS,
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
        "command": COMMAND
        | {"name": "count", "setpoints": [{"tag": "dilution", "label": "Dilution", "value": "10", "unit": ""}]},
    },
    "command_sent": {
        "kind": "equipment_command",
        "equipment": UNIT | {"live": LIVE},
        "command": COMMAND | {"status": "sent"},
        "missing": [reason("command_open", "The unit has not confirmed the command yet.")],
    },
    "hold_to_start": {
        "kind": "timed_hold",
        "status": "IDLE",
        "acts": ["start"],
        "timer": TIMER | {"lasts": "48 h", "started_at": None, "not_before": None, "late_after": None, "opens": ""},
    },
    "programme_to_start": {
        "kind": "timed_hold",
        "status": "IDLE",
        "acts": ["start"],
        "title": "Freeze at the controlled rate",
        "text": "Load the cassettes. The freezer follows its ramp.",
        "equipment": UNIT,
        "command": COMMAND | {"setpoints": [*COMMAND["setpoints"], COMMAND["setpoints"][0]]},
        "entries": [DENSITY, CLUMPS, REMARK, DENSITY | {"name": "d2"}],
        "timer": TIMER | {"lasts": "60 min", "started_at": None, "not_before": None, "late_after": None, "opens": ""},
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
        "command": COMMAND | {"status": "sent"},
        "missing": [
            reason("command_open", "The unit has not confirmed the command yet."),
            reason("too_early", "Not before 22 Nov 2026 10:45 CET."),
        ],
    },
    "sample": {
        "kind": "sample",
        "acts": ["sample"],
        "sample": {
            "code": "IPC-5",
            "stage": "in-process",
            "tests": ["car", "viability"],
            "test_titles": ["CAR expression", "Viability"],
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
                "name": "vector_volume",
                "label": "Vector volume",
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
        "transfer": {"action": "fill", "into": [{"kind": "bag", "count": 1, "at_most": 3}], "made": [], "filled": []},
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
    "complete_many": {"acts": ["complete"], "entries": SHARES},
    "beside_others": {
        "acts": ["entry", "correct"],
        "entries": [recorded(DENSITY, "2.1"), CLUMPS],
        "beside": [{"id": BASE["id"], "title": "Take the sample for the sterility test"}] * 3,
    },
    "verify_many": {
        "acts": ["verify", "correct"],
        "entries": SHARES,
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
        "blind_asked": [
            {"name": "density", "label": "Viable cell density", "unit": "1E6/mL"} | ANEW,
            {"name": "coldest", "label": "Temperature of the vapour", "unit": "°C"} | ANEW | {"goes_below_zero": True},
            {"name": "clumps", "label": "Clumps", "unit": ""} | ANEW | {"type": "yes_no", "choices": ["yes", "no"]},
        ],
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
