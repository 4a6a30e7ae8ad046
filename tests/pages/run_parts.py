"""What a step of the run screen is made of: the step, its entries, its unit, its timer, its lots and photos."""

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
    "blind_asked": [],
    "manifest": {},
    "digest": "0" * 64,
    "gates": [],
    "missing": [],
    "exceptions": [],
    "acts": [],
    "beside": [],
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
    "limits_text": "Limits 1.5 – 2.5 10⁶/mL",
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
        | ({"breach": "is above the limit 2.5 10⁶/mL"} if verdict == "out_of_limit" else {})
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
        {"tag": "temperature", "label": "Temperature", "value": "37.0", "unit": "degC"},
        {"tag": "ph", "label": "pH", "value": "7.2", "unit": ""},
        {"tag": "dissolved oxygen", "label": "Dissolved oxygen", "value": "50", "unit": "%"},
        {"tag": "agitation", "label": "Agitation", "value": "12", "unit": "rpm"},
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
    "lasts": "15 min",
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
    "has_tolerance": True,
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
