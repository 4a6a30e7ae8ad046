"""Patients, their orders, the containers of their material, and everybody who held them."""

from chain_of_identity.models.containers import (
    Container,
    LabelExplanation,
    LabelFate,
    LabelPrint,
    Link,
    Transformation,
)
from chain_of_identity.models.custody import (
    Handover,
    HandoverAnswer,
    HandoverItem,
    Party,
    Receipt,
    ReceiptItem,
    Shipment,
    ShipmentItem,
)
from chain_of_identity.models.notices import ClinicNotice
from chain_of_identity.models.orders import Collection, Order, Patient, PatientIdentity, PlannedStop
from chain_of_identity.models.scans import Cause, Scan
from chain_of_identity.models.treatment import BedsideCheck, Infusion

__all__ = [
    "BedsideCheck",
    "Cause",
    "ClinicNotice",
    "Collection",
    "Container",
    "Handover",
    "HandoverAnswer",
    "HandoverItem",
    "Infusion",
    "LabelExplanation",
    "LabelFate",
    "LabelPrint",
    "Link",
    "Order",
    "Party",
    "Patient",
    "PatientIdentity",
    "PlannedStop",
    "Receipt",
    "ReceiptItem",
    "Scan",
    "Shipment",
    "ShipmentItem",
    "Transformation",
]
