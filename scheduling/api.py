"""Suites, slots and moves over /api/v1/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity.models import Order
from chain_of_identity.queries import visible_to as orders_visible_to
from equipment.models import Unit
from materials.models import Lot
from mes.accounts.models import User
from mes.accounts.queries import people_of
from mes.api import ActView, ListView, by_id, check_version
from mes.errors import InvalidInput, NotFound
from mes.quantities import Quantity
from scheduling import queries, services
from scheduling.models import Notice, Slot, Suite
from scheduling.openings import Interval
from scheduling.outputs import (
    OpeningOutput,
    SlotDetailOutput,
    SlotMoveOutput,
    SlotNoticeOutput,
    SlotOutput,
    SuiteOutput,
    TherapyOutput,
)
from scheduling.queries import Opening
from scheduling.states import SlotStatus

TAGS = ["scheduling"]


class Suites(ActView):
    permission = {"get": "scheduling.view", "post": "scheduling.plan"}
    Output = SuiteOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        code = serializers.CharField(max_length=40)
        name = serializers.CharField(max_length=200)
        capacity = serializers.IntegerField(min_value=1, max_value=100, default=1)

    @extend_schema(
        operation_id="suites_list", responses=SuiteOutput(many=True), summary="All suites of your sites", tags=TAGS
    )
    def get(self, request: Request) -> Response:
        return self.answer(queries.suites_visible_to(self.user), many=True)

    @extend_schema(
        operation_id="suites_add", request=Input, responses={201: SuiteOutput}, summary="Add a suite", tags=TAGS
    )
    def post(self, request: Request) -> Response:
        data = self.read(request)
        site = queries.site_to_plan(self.user, data.pop("site"))
        return self.answer(services.add_suite(actor=self.user, site=site, **data), status=201)


class Therapies(ActView):
    permission = {"get": "scheduling.view", "post": "scheduling.plan"}
    Output = TherapyOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        product_code = serializers.CharField(max_length=40)
        recipe_code = serializers.CharField(max_length=40)
        suite_hours = serializers.IntegerField(min_value=1)
        collection_to_start_hours = serializers.IntegerField(min_value=1)
        vein_to_vein_hours = serializers.IntegerField(min_value=1)
        reason = serializers.CharField(required=False, allow_blank=True, default="")

    @extend_schema(
        operation_id="therapies_list",
        responses=TherapyOutput(many=True),
        summary="How each product is planned",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        return self.answer(queries.therapies_visible_to(self.user), many=True)

    @extend_schema(
        operation_id="therapies_plan",
        request=Input,
        responses=TherapyOutput,
        summary="Set how a product is planned",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        data = self.read(request)
        site = queries.site_to_plan(self.user, data.pop("site"))
        return self.answer(services.plan_therapy(actor=self.user, site=site, **data))


class SlotFilter(serializers.Serializer[Any]):
    """What a list of slots is narrowed by; the page and the API ask alike."""

    site = serializers.CharField(required=False)
    suite = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=SlotStatus.choices, required=False)
    order_id = serializers.UUIDField(required=False)
    start = serializers.DateTimeField(required=False, help_text="Only slots that end after this")
    end = serializers.DateTimeField(required=False, help_text="Only slots that start before this")


@extend_schema_view(
    get=extend_schema(
        operation_id="slots_list",
        parameters=[SlotFilter],
        responses=SlotOutput,
        summary="Slots, newest first",
        tags=TAGS,
    )
)
class Slots(ListView):
    permission = {"get": "scheduling.view", "post": "scheduling.plan"}
    serializer_class = SlotOutput

    class Input(serializers.Serializer[Any]):
        order_id = serializers.UUIDField()
        suite = serializers.CharField()
        start = serializers.DateTimeField()
        end = serializers.DateTimeField(required=False)
        collection_start = serializers.DateTimeField(required=False)
        collection_end = serializers.DateTimeField(required=False)
        hold_hours = serializers.IntegerField(min_value=1, max_value=14 * 24, default=72)

    def get_queryset(self) -> QuerySet[Slot]:
        wanted = SlotFilter(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        return queries.narrowed(queries.slots_visible_to(self.user), wanted.validated_data)

    @extend_schema(
        operation_id="slots_hold",
        request=Input,
        responses={201: SlotOutput},
        summary="Hold a slot for an order; 409 slot_taken tells the nearest openings",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = cast(dict[str, Any], form.validated_data)
        order = cast(Order, by_id(orders_visible_to(self.user), data["order_id"], "order"))
        slot = services.hold_slot(
            actor=self.user,
            order=order,
            suite=queries.suite_of(order.site, data["suite"]),
            start=data["start"],
            end=data.get("end"),
            collection=_collection(data),
            hold_for=timedelta(hours=data["hold_hours"]),
        )
        return Response(SlotOutput(slot).data, status=201, headers={"ETag": f'"{slot.version}"'})


class OpenSlots(ActView):
    permission = "scheduling.view"
    Output = OpeningOutput

    class Input(serializers.Serializer[Any]):
        order_id = serializers.UUIDField(required=False, help_text="Take site and length from this order")
        site = serializers.CharField(required=False)
        suite = serializers.CharField(required=False)
        hours = serializers.IntegerField(required=False, min_value=1, help_text="Length of the slot")
        start = serializers.DateTimeField(required=False, help_text="From now on, unless given")
        end = serializers.DateTimeField(required=False, help_text="60 days ahead, unless given")

    @extend_schema(
        operation_id="slots_open",
        parameters=[Input],
        responses=OpeningOutput(many=True),
        summary="Where there is room, earliest first",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        form = self.Input(data=request.query_params)
        form.is_valid(raise_exception=True)
        return self.answer(_search(self.user, form.validated_data), many=True)


class SlotView(ActView):
    permission = "scheduling.view"
    Output = SlotDetailOutput

    @extend_schema(operation_id="slots_read", responses=SlotDetailOutput, summary="One slot", tags=TAGS)
    def get(self, request: Request, slot_id: UUID) -> Response:
        return self.answer(slot_for(self.user, slot_id))


class ConfirmSlot(ActView):
    permission = "scheduling.plan"
    Output = SlotDetailOutput

    @extend_schema(
        operation_id="slots_confirm",
        request=None,
        responses=SlotDetailOutput,
        summary="Confirm a held slot; the batch gets its number",
        tags=TAGS,
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        slot = slot_for(self.user, slot_id)
        check_version(request, slot)
        services.confirm_slot(actor=self.user, slot=slot)
        return self.answer(slot_for(self.user, slot_id))


class ReleaseSlot(ActView):
    permission = "scheduling.plan"
    Output = SlotDetailOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="slots_release",
        request=Input,
        responses=SlotDetailOutput,
        summary="Give a place back; a confirmed one needs a reason",
        tags=TAGS,
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        slot = slot_for(self.user, slot_id)
        data = self.read(request)
        check_version(request, slot)
        services.release_slot(actor=self.user, slot=slot, **data)
        return self.answer(slot_for(self.user, slot_id))


class MoveSlot(ActView):
    permission = "scheduling.plan"
    Output = SlotMoveOutput

    class Input(serializers.Serializer[Any]):
        start = serializers.DateTimeField()
        suite = serializers.CharField(required=False, help_text="The slot's own suite, unless given")
        reason = serializers.CharField(required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="slots_move",
        request=Input,
        parameters=[OpenApiParameter("dry_run", bool, description="Only tell what the move would do")],
        responses=SlotMoveOutput,
        summary="Move a slot, or preview the move",
        tags=TAGS,
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        slot = slot_for(self.user, slot_id)
        data = self.read(request)
        suite = queries.suite_of(slot.site, data.get("suite", slot.suite.code))
        preview = queries.preview_move(slot, suite=suite, start=data["start"])
        if request.query_params.get("dry_run") != "true":
            check_version(request, slot)
            services.move_slot(actor=self.user, slot=slot, suite=suite, start=data["start"], reason=data["reason"])
        return self.answer(preview)


class BookUnit(ActView):
    permission = "scheduling.plan"
    Output = SlotDetailOutput

    class Input(serializers.Serializer[Any]):
        unit = serializers.CharField(help_text="Code of the unit")

    @extend_schema(
        operation_id="slots_book_unit",
        request=Input,
        responses=SlotDetailOutput,
        summary="Bind a unit to a slot",
        tags=TAGS,
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        slot = slot_for(self.user, slot_id)
        data = self.read(request)
        unit = Unit.objects.filter(site=slot.site, code=data["unit"]).first()
        if unit is None:
            raise NotFound(f"{slot.site.code} has no unit {data['unit']}.", unit=data["unit"])
        services.book_unit(actor=self.user, slot=slot, unit=unit)
        return self.answer(slot_for(self.user, slot_id))


class AssignOperator(ActView):
    permission = "scheduling.plan"
    Output = SlotDetailOutput

    class Input(serializers.Serializer[Any]):
        username = serializers.CharField()

    @extend_schema(
        operation_id="slots_assign_operator",
        request=Input,
        responses=SlotDetailOutput,
        summary="Plan a person for a slot",
        tags=TAGS,
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        slot = slot_for(self.user, slot_id)
        data = self.read(request)
        person = people_of([slot.site_id]).filter(username__iexact=data["username"], is_active=True).first()
        if person is None:
            raise NotFound(f"Nobody is called {data['username']}.", username=data["username"])
        services.assign_operator(actor=self.user, slot=slot, person=person)
        return self.answer(slot_for(self.user, slot_id))


class ReserveLot(ActView):
    permission = "scheduling.plan"
    Output = SlotDetailOutput

    class Input(serializers.Serializer[Any]):
        lot_id = serializers.UUIDField()
        quantity = serializers.DecimalField(max_digits=None, decimal_places=None)
        unit = serializers.CharField(allow_blank=True)

    @extend_schema(
        operation_id="slots_reserve_lot",
        request=Input,
        responses=SlotDetailOutput,
        summary="Set a quantity of a lot aside for a slot",
        tags=TAGS,
    )
    def post(self, request: Request, slot_id: UUID) -> Response:
        slot = slot_for(self.user, slot_id)
        data = self.read(request)
        lot = cast(Lot, by_id(Lot.objects.filter(site=slot.site), data["lot_id"], "lot"))
        quantity = Quantity(data["quantity"], data["unit"])
        services.reserve_lot(actor=self.user, slot=slot, lot=lot, quantity=quantity)
        return self.answer(slot_for(self.user, slot_id))


@extend_schema_view(
    get=extend_schema(
        operation_id="slot_notices_list", responses=SlotNoticeOutput, summary="What clinics were told", tags=TAGS
    )
)
class Notices(ListView):
    permission = "scheduling.view"
    serializer_class = SlotNoticeOutput

    def get_queryset(self) -> QuerySet[Notice]:
        return queries.notices_visible_to(self.user)


def slot_for(user: User, slot_id: UUID) -> Slot:
    return cast(Slot, by_id(queries.slots_visible_to(user), slot_id, "slot"))


def _collection(data: dict[str, Any]) -> Interval | None:
    start, end = data.get("collection_start"), data.get("collection_end")
    if start is None and end is None:
        return None
    if start is None or end is None or end < start:
        raise InvalidInput("Give start and end of the collection, in that order.", field="collection_start")
    return Interval(start, end)


def _search(user: User, wanted: dict[str, Any]) -> list[Opening]:
    suites: QuerySet[Suite] = queries.suites_visible_to(user)
    hours = wanted.get("hours")
    if "order_id" in wanted:
        order = cast(Order, by_id(orders_visible_to(user), wanted["order_id"], "order"))
        suites = suites.filter(site=order.site)
        hours = hours or queries.therapy_of(order).suite_hours
    if "site" in wanted:
        suites = suites.filter(site__code=wanted["site"])
    if "suite" in wanted:
        suites = suites.filter(code=wanted["suite"])
    if hours is None:
        raise InvalidInput("Say for how long: an order, or hours.", field="hours")
    return queries.search_openings(suites, timedelta(hours=hours), wanted.get("start"), wanted.get("end"))
