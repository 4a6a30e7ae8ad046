"""What the API says about slots."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from scheduling.models import Notice, Slot, Suite, Therapy
from scheduling.queries import Move, Opening, warnings_of


class SuiteOutput(serializers.ModelSerializer[Suite]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Suite
        fields = ["id", "site", "code", "name", "capacity"]


class TherapyOutput(serializers.ModelSerializer[Therapy]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Therapy
        fields = ["id", "site", "product_code", "recipe_code", "suite_hours"]
        fields += ["collection_to_start_hours", "vein_to_vein_hours"]


class PlanReasonOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    subject = serializers.CharField()


class OpeningOutput(serializers.Serializer[Opening]):
    site = serializers.CharField(source="suite.site.code")
    suite = serializers.CharField(source="suite.code")
    start = serializers.DateTimeField()
    free_until = serializers.DateTimeField()


class SlotOutput(serializers.ModelSerializer[Slot]):
    site = serializers.CharField(source="site.code")
    suite = serializers.CharField(source="suite.code")
    coi_id = serializers.CharField(source="order.coi_id")
    product_code = serializers.CharField(source="order.product_code")
    start = serializers.DateTimeField(source="window.lower")
    end = serializers.DateTimeField(source="window.upper")
    collection_start = serializers.DateTimeField(source="collection.lower")
    collection_end = serializers.DateTimeField(source="collection.upper")
    order_id = serializers.UUIDField()
    batch_id = serializers.UUIDField(allow_null=True)
    batch_number = serializers.CharField(source="batch.number", allow_null=True, default=None)

    class Meta:
        model = Slot
        fields = ["id", "version", "site", "suite", "lane", "order_id", "coi_id", "product_code"]
        fields += ["start", "end", "collection_start", "collection_end", "hold_until"]
        fields += ["batch_id", "batch_number", "status"]


class SlotDetailOutput(SlotOutput):
    """One slot with what it binds and what will stand in its way."""

    units = serializers.SerializerMethodField()
    operators = serializers.SerializerMethodField()
    lots = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta(SlotOutput.Meta):
        fields = [*SlotOutput.Meta.fields, "units", "operators", "lots", "warnings"]

    def get_units(self, slot: Slot) -> list[str]:
        return list(slot.unit_bookings.filter(active=True).values_list("unit__code", flat=True))

    def get_operators(self, slot: Slot) -> list[str]:
        people = slot.operator_bookings.filter(active=True)
        return list(people.values_list("person__printed_name", flat=True))

    def get_lots(self, slot: Slot) -> list[str]:
        reserved = slot.lot_reservations.filter(active=True).select_related("lot__material")
        return [str(each.lot) for each in reserved]

    def get_warnings(self, slot: Slot) -> list[dict[str, str]]:
        return [dict(vars(reason)) for reason in warnings_of(slot)]


class SlotMoveOutput(serializers.Serializer[Move]):
    slot_id = serializers.UUIDField(source="slot.id")
    suite = serializers.CharField(source="suite.code")
    start = serializers.DateTimeField(source="window.start")
    end = serializers.DateTimeField(source="window.end")
    collection_start = serializers.DateTimeField(source="collection.start")
    collection_end = serializers.DateTimeField(source="collection.end")
    possible = serializers.BooleanField()
    blockers = PlanReasonOutput(many=True)
    warnings = PlanReasonOutput(many=True)
    alternatives = OpeningOutput(many=True)


class SlotNoticeOutput(serializers.ModelSerializer[Notice]):
    slot_id = serializers.UUIDField()
    order_id = serializers.UUIDField(source="slot.order_id")
    coi_id = serializers.CharField(source="slot.order.coi_id")

    class Meta:
        model = Notice
        fields = ["id", "at", "slot_id", "order_id", "coi_id", "clinic", "text"]
