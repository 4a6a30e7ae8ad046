"""What the calls answer with. No output but RevealedOutput holds personal data."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chain_of_identity import queries
from chain_of_identity.models import (
    BedsideCheck,
    Collection,
    Container,
    Handover,
    HandoverAnswer,
    Infusion,
    LabelExplanation,
    LabelFate,
    LabelPrint,
    Order,
    Receipt,
    Scan,
    Shipment,
)
from chain_of_identity.queries.chain import ChainReport
from chain_of_identity.queries.journey import Journey, Station


def millilitres(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=9, decimal_places=3, normalize_output=True, **options)


def celsius(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=6, decimal_places=2, normalize_output=True, **options)


class ReasonOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    subject = serializers.CharField()


class OrderOutput(serializers.ModelSerializer[Order]):
    site = serializers.CharField(source="site.code")
    short = serializers.CharField()
    patient = serializers.CharField(source="patient.pseudonym", help_text="pseudonym")
    second_identifier = serializers.CharField(source="patient.second_identifier")
    second_identifier_kind = serializers.CharField(source="patient.second_identifier_kind")
    weight_kg = serializers.DecimalField(max_digits=5, decimal_places=2, normalize_output=True)

    class Meta:
        model = Order
        fields = ["id", "version", "site", "coi_id", "short", "patient", "second_identifier", "second_identifier_kind"]
        fields += ["product_code", "weight_kg", "physician", "clinic", "consent_at", "placed_at", "status"]


class OrderDetailOutput(OrderOutput):
    reasons_not_ready = serializers.SerializerMethodField()

    class Meta(OrderOutput.Meta):
        fields = [*OrderOutput.Meta.fields, "reasons_not_ready"]

    @extend_schema_field(ReasonOutput(many=True))
    def get_reasons_not_ready(self, order: Order) -> list[dict[str, str]]:
        return [vars(reason) for reason in queries.reasons_not_ready(order)]


class RevealedOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    birth_date = serializers.DateField()
    hospital_number = serializers.CharField()


class ContainerOutput(serializers.ModelSerializer[Container]):
    order_id = serializers.UUIDField()
    custodian = serializers.CharField(source="custodian.printed_name")
    volume_ml = millilitres()

    class Meta:
        model = Container
        fields = ["id", "version", "order_id", "label", "kind", "holds", "description", "volume_ml", "place", "custody"]
        fields += ["custodian", "batch_id", "batch_number", "made_at", "ended_at", "expires_at", "thawed_at", "use_by"]
        fields += ["status", "release_status", "judged_at"]


class LabelOutput(serializers.ModelSerializer[LabelPrint]):
    container = serializers.CharField(source="container.label", default=None, allow_null=True)

    class Meta:
        model = LabelPrint
        fields = ["id", "at", "container", "copy", "reason", "printed_at"]


class CollectionOutput(serializers.ModelSerializer[Collection]):
    coi_id = serializers.CharField(source="order.coi_id")
    container = serializers.CharField(source="container.label")
    printed_din = serializers.CharField(source="donation.eye_readable")
    volume_ml = millilitres()

    class Meta:
        model = Collection
        fields = ["id", "coi_id", "container", "din", "flags", "printed_din", "volume_ml", "started_at", "ended_at"]


class LabelFateOutput(serializers.ModelSerializer[LabelFate]):
    container = serializers.CharField(source="label_print.container.label", default=None, allow_null=True)
    copy = serializers.IntegerField(source="label_print.copy")
    by = serializers.CharField(source="by.printed_name")

    class Meta:
        model = LabelFate
        fields = ["id", "container", "copy", "what", "reason", "by", "done_at"]


class LabelExplanationOutput(serializers.ModelSerializer[LabelExplanation]):
    by = serializers.CharField(source="by.printed_name")

    class Meta:
        model = LabelExplanation
        fields = ["id", "batch_id", "differences", "reason", "by", "done_at"]


class LabelAccountOutput(serializers.Serializer[Any]):
    container = serializers.CharField()
    contents = serializers.CharField()
    printed = serializers.IntegerField()
    used = serializers.IntegerField()
    returned = serializers.IntegerField()
    destroyed = serializers.IntegerField()
    difference = serializers.IntegerField()


class ReconciliationOutput(serializers.Serializer[Any]):
    """The labels of one batch: printed, used, returned, destroyed, and what is left over."""

    batch_id = serializers.UUIDField(allow_null=True)
    batch_number = serializers.CharField()
    lines = LabelAccountOutput(many=True)
    explanations = LabelExplanationOutput(many=True)
    is_settled = serializers.BooleanField()


class ScanOutput(serializers.ModelSerializer[Scan]):
    container = serializers.CharField(source="container.label", default=None, allow_null=True)
    by = serializers.CharField(source="by.printed_name")
    verifier = serializers.CharField(source="verifier.printed_name", default=None, allow_null=True)

    class Meta:
        model = Scan
        fields = ["id", "at", "by", "code", "expected", "container", "verdict", "purpose", "scanned_at"]
        fields += ["batch_id", "step_id", "verifier", "cause", "reason", "tablet"]


class AnswerOutput(serializers.ModelSerializer[HandoverAnswer]):
    by = serializers.CharField(source="by.printed_name")

    class Meta:
        model = HandoverAnswer
        fields = ["id", "by", "outcome", "place", "seal", "logger_celsius", "condition", "reason", "answered_at"]


class HandoverOutput(serializers.ModelSerializer[Handover]):
    order_id = serializers.UUIDField()
    coi_id = serializers.CharField(source="order.coi_id")
    giver = serializers.CharField(source="giver.printed_name")
    containers = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()

    class Meta:
        model = Handover
        fields = ["id", "order_id", "coi_id", "giver", "from_party", "to_party", "place", "shipper", "seal"]
        fields += ["logger_celsius", "condition", "offered_at", "containers", "answer"]

    def get_containers(self, handover: Handover) -> list[str]:
        return [item.container.label for item in handover.items.all()]

    @extend_schema_field(AnswerOutput(allow_null=True))
    def get_answer(self, handover: Handover) -> Any:
        return None if handover.is_open else AnswerOutput(handover.answer).data


class ShipmentOutput(serializers.ModelSerializer[Shipment]):
    order_id = serializers.UUIDField()
    handover_id = serializers.SerializerMethodField(help_text="what the courier confirms")
    containers = serializers.SerializerMethodField()

    class Meta:
        model = Shipment
        fields = [
            "id",
            "version",
            "order_id",
            "shipper",
            "seal",
            "logger_celsius",
            "destination",
            "packed_at",
            "status",
        ]
        fields += ["handover_id", "containers"]

    def get_handover_id(self, shipment: Shipment) -> str:
        return str(shipment.handovers.earliest("id").id)

    def get_containers(self, shipment: Shipment) -> list[str]:
        return list(shipment.items.values_list("container__label", flat=True))


class ReceiptOutput(serializers.ModelSerializer[Receipt]):
    order_id = serializers.UUIDField()
    containers = serializers.SerializerMethodField()

    class Meta:
        model = Receipt
        fields = ["id", "version", "order_id", "identity_ok", "shipper_ok", "logger_ok", "bag_ok", "accepted", "note"]
        fields += ["place", "received_at", "containers"]

    def get_containers(self, receipt: Receipt) -> list[str]:
        return list(receipt.items.values_list("container__label", flat=True))


class BedsideCheckOutput(serializers.ModelSerializer[BedsideCheck]):
    container = serializers.CharField(source="container.label")
    first = serializers.CharField(source="first.printed_name")
    second = serializers.CharField(source="second.printed_name")

    class Meta:
        model = BedsideCheck
        fields = ["id", "version", "container", "second_identifier", "first", "second", "checked_at"]


class InfusionOutput(serializers.ModelSerializer[Infusion]):
    container = serializers.CharField(source="container.label")
    volume_ml = millilitres()
    order_status = serializers.SerializerMethodField()

    class Meta:
        model = Infusion
        fields = [
            "id",
            "version",
            "container",
            "volume_ml",
            "started_at",
            "ended_at",
            "outcome",
            "note",
            "order_status",
        ]

    def get_order_status(self, infusion: Infusion) -> str:
        return Order.objects.values_list("status", flat=True).get(id=infusion.order_id)


class StationOutput(serializers.Serializer[Station]):
    title = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=["done", "now", "ahead"])
    where = serializers.CharField()
    identity = serializers.IntegerField(help_text="identity scans that were right")
    custody = serializers.CharField(help_text="giver → receiver")
    details = serializers.ListField(child=serializers.CharField())
    batch_id = serializers.UUIDField(allow_null=True)


class JourneyOutput(serializers.Serializer[Journey]):
    coi_id = serializers.CharField(source="order.coi_id")
    short = serializers.CharField(source="order.short")
    status = serializers.CharField(source="order.status")
    stations = StationOutput(many=True)
    holder = serializers.CharField()
    place = serializers.CharField()
    checks = serializers.IntegerField()
    refused = ScanOutput(many=True)
    containers = ContainerOutput(many=True)
    open_handovers = HandoverOutput(many=True)


class MoveOutput(serializers.Serializer[Any]):
    action = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField())
    targets = serializers.ListField(child=serializers.CharField())
    difference = serializers.CharField(help_text="out minus in")


class SegmentOutput(serializers.Serializer[Any]):
    container = serializers.CharField()
    party = serializers.CharField()
    holder = serializers.CharField()
    place = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class ChainReportOutput(serializers.Serializer[ChainReport]):
    coi_id = serializers.CharField(source="order.coi_id")
    patient = serializers.CharField(source="order.patient.pseudonym", help_text="pseudonym")
    status = serializers.CharField(source="order.status")
    made_at = serializers.DateTimeField()
    is_unbroken = serializers.BooleanField()
    is_closed = serializers.BooleanField()
    problems = ReasonOutput(many=True)
    collections = CollectionOutput(many=True)
    containers = ContainerOutput(many=True)
    moves = MoveOutput(many=True)
    scans = ScanOutput(many=True)
    segments = SegmentOutput(many=True)
    bedside_checks = BedsideCheckOutput(many=True)
    infusions = InfusionOutput(many=True)
