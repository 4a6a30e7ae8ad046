"""Every change of identity and custody. One verb, one act, one event; the caller names the actor."""

from chain_of_identity.services.custody import give, receive, refuse, withdraw
from chain_of_identity.services.labels import account_for_label, explain_labels, prepare_container, print_label
from chain_of_identity.services.material import (
    Into,
    discard,
    enter_batch,
    set_aside_material,
    set_release_status,
    take_sample,
    transfer,
)
from chain_of_identity.services.notices import confirm_notice, tell_clinic
from chain_of_identity.services.orders import (
    cancel_order,
    enrol_patient,
    open_therapy,
    place_order,
    plan_stop,
    record_collection,
    record_consent,
    reveal_identity,
)
from chain_of_identity.services.scans import Compared, cannot_scan, compare, scan, scan_or_reading, write_down
from chain_of_identity.services.shipping import accept_receipt, ship
from chain_of_identity.services.treatment import bedside_check, record_infusion, thaw

__all__ = [
    "Compared",
    "Into",
    "accept_receipt",
    "account_for_label",
    "bedside_check",
    "cancel_order",
    "cannot_scan",
    "compare",
    "confirm_notice",
    "discard",
    "enrol_patient",
    "enter_batch",
    "explain_labels",
    "give",
    "open_therapy",
    "place_order",
    "plan_stop",
    "prepare_container",
    "print_label",
    "receive",
    "record_collection",
    "record_consent",
    "record_infusion",
    "refuse",
    "reveal_identity",
    "scan",
    "scan_or_reading",
    "set_aside_material",
    "set_release_status",
    "ship",
    "take_sample",
    "tell_clinic",
    "thaw",
    "transfer",
    "withdraw",
    "write_down",
]
