"""Scans, hand-overs, receipt and shipment."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity import queries, services
from chain_of_identity.api.lookups import container_of, handover_for, order_for, scans_of
from chain_of_identity.api.outputs import (
    AnswerOutput,
    HandoverOutput,
    ReceiptOutput,
    ScanOutput,
    ShipmentOutput,
    celsius,
)
from chain_of_identity.models import Cause, Handover, Party, Scan
from chain_of_identity.models.custody import NO_DAMAGE
from mes.api import ActView, ListView, SignatureInput, credential
from mes.records.signing import authenticate_signer

TAGS = ["chain of identity"]


def scan_ids() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, help_text="scans made for this, one for each container"
    )


class Scans(ActView):
    permission = {"get": "identity.view", "post": "identity.scan"}
    Output = ScanOutput

    class Input(serializers.Serializer[Any]):
        code = serializers.CharField(max_length=120, trim_whitespace=True)
        purpose = serializers.ChoiceField(choices=Scan.Purpose.choices)
        container = serializers.CharField(
            max_length=20, required=False, default="", allow_blank=True, help_text="when that very container is needed"
        )
        batch_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        step_id = serializers.UUIDField(required=False, allow_null=True, default=None)

    @extend_schema(
        operation_id="order_scans_list",
        responses=ScanOutput(many=True),
        summary="Every scan for an order, the refused ones too",
        tags=TAGS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        scans = order_for(self.user, order_id).scans.select_related("by", "container", "verifier")
        return self.answer(scans, many=True)

    @extend_schema(
        operation_id="order_scans_record",
        request=Input,
        responses={201: ScanOutput},
        summary="Scan a code for an order; 409 wrong_bag (recorded) when it is not the order's",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        label = data.pop("container")
        container = container_of(order, label) if label else None
        return self.answer(services.scan(actor=self.user, order=order, container=container, **data), status=201)


class CannotScan(ActView):
    permission = "identity.scan"
    Output = ScanOutput

    class Input(serializers.Serializer[Any]):
        container = serializers.CharField(max_length=20)
        purpose = serializers.ChoiceField(choices=Scan.Purpose.choices)
        cause = serializers.ChoiceField(choices=Cause.choices, required=False, default=Cause.OTHER)
        reason = serializers.CharField(max_length=200)
        batch_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        step_id = serializers.UUIDField(required=False, allow_null=True, default=None)
        verification = SignatureInput()

    @extend_schema(
        operation_id="order_scans_cannot",
        request=Input,
        responses={201: ScanOutput},
        summary="A label no scanner reads: reason and a second person who signs",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        data.pop("verification")
        container = container_of(order, data.pop("container"))
        verifier = authenticate_signer(
            credential(request, "verification"),
            meaning="verified",
            site=order.site,
            acting=self.user,
            subject=container,
        )
        return self.answer(
            services.cannot_scan(actor=self.user, verifier=verifier, container=container, **data), status=201
        )


@extend_schema_view(
    get=extend_schema(
        operation_id="handovers_list",
        parameters=[OpenApiParameter("open", bool, description="only those that wait for an answer")],
        responses=HandoverOutput,
        summary="Hand-overs of the orders you may see, newest first",
        tags=TAGS,
    )
)
class Handovers(ListView):
    permission = "identity.view"
    serializer_class = HandoverOutput

    def get_queryset(self) -> QuerySet[Handover]:
        handovers = queries.handovers_visible_to(self.user).prefetch_related("items__container")
        if self.request.query_params.get("open") in {"true", "1"}:
            handovers = handovers.filter(answer=None)
        return handovers


class Give(ActView):
    permission = "identity.handover"
    Output = HandoverOutput

    class Input(serializers.Serializer[Any]):
        scans = scan_ids()
        to = serializers.ChoiceField(choices=Party.choices)
        place = serializers.CharField(max_length=80)
        shipper = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
        seal = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
        logger_celsius = celsius(required=False, allow_null=True, default=None)
        condition = serializers.CharField(max_length=200, required=False, default=NO_DAMAGE)

    @extend_schema(
        operation_id="order_handovers_give",
        request=Input,
        responses={201: HandoverOutput},
        summary="Offer scanned containers to the next party; custody changes when they confirm",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        scans = scans_of(order, data.pop("scans"))
        return self.answer(services.give(actor=self.user, order=order, scans=scans, **data), status=201)


class ReceiveHandover(ActView):
    permission = "identity.handover"
    Output = AnswerOutput

    class Input(serializers.Serializer[Any]):
        scans = scan_ids()
        place = serializers.CharField(max_length=80)
        seal = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
        logger_celsius = celsius(required=False, allow_null=True, default=None)
        condition = serializers.CharField(max_length=200, required=False, default=NO_DAMAGE)

    @extend_schema(
        operation_id="handovers_receive",
        request=Input,
        responses={201: AnswerOutput},
        summary="Confirm a hand-over: now custody has changed",
        tags=TAGS,
    )
    def post(self, request: Request, handover_id: UUID) -> Response:
        handover = handover_for(self.user, handover_id)
        data = self.read(request)
        scans = scans_of(handover.order, data.pop("scans"))
        return self.answer(services.receive(actor=self.user, handover=handover, scans=scans, **data), status=201)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class RefuseHandover(ActView):
    permission = "identity.handover"
    Input = ReasonInput
    Output = AnswerOutput

    @extend_schema(
        operation_id="handovers_refuse",
        request=ReasonInput,
        responses={201: AnswerOutput},
        summary="Refuse what was offered; the giver keeps it",
        tags=TAGS,
    )
    def post(self, request: Request, handover_id: UUID) -> Response:
        handover = handover_for(self.user, handover_id)
        return self.answer(services.refuse(actor=self.user, handover=handover, **self.read(request)), status=201)


class WithdrawHandover(ActView):
    permission = "identity.handover"
    Input = ReasonInput
    Output = AnswerOutput

    @extend_schema(
        operation_id="handovers_withdraw",
        request=ReasonInput,
        responses={201: AnswerOutput},
        summary="Take an open offer back",
        tags=TAGS,
    )
    def post(self, request: Request, handover_id: UUID) -> Response:
        handover = handover_for(self.user, handover_id)
        return self.answer(services.withdraw(actor=self.user, handover=handover, **self.read(request)), status=201)


class AcceptReceipt(ActView):
    permission = "identity.receive"
    Output = ReceiptOutput

    class Input(serializers.Serializer[Any]):
        scans = scan_ids()
        identity_ok = serializers.BooleanField()
        shipper_ok = serializers.BooleanField()
        logger_ok = serializers.BooleanField()
        bag_ok = serializers.BooleanField()
        accepted = serializers.BooleanField()
        place = serializers.CharField(max_length=80)
        note = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)
        signature = SignatureInput()

    @extend_schema(
        operation_id="order_receipt_decide",
        request=Input,
        responses={201: ReceiptOutput},
        summary="Decide on incoming material: identity, shipper, logger, bag (signed)",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        data.pop("signature")
        scans = scans_of(order, data.pop("scans"))
        signer = authenticate_signer(credential(request), meaning="received", site=order.site, acting=self.user)
        receipt = services.accept_receipt(actor=self.user, order=order, scans=scans, signer=signer, **data)
        return self.answer(receipt, status=201)


class Ship(ActView):
    permission = "identity.ship"
    Output = ShipmentOutput

    class Input(serializers.Serializer[Any]):
        scans = scan_ids()
        shipper = serializers.CharField(max_length=40)
        seal = serializers.CharField(max_length=40)
        destination = serializers.CharField(max_length=120)
        place = serializers.CharField(max_length=80)
        logger_celsius = celsius(required=False, allow_null=True, default=None)

    @extend_schema(
        operation_id="order_shipments_pack",
        request=Input,
        responses={201: ShipmentOutput},
        summary="Pack released product and offer it to the courier",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        scans = scans_of(order, data.pop("scans"))
        return self.answer(services.ship(actor=self.user, order=order, scans=scans, **data), status=201)
