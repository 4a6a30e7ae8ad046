"""Orders, their labels and collections, and the whole journey."""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity import documents, queries, services
from chain_of_identity.api.lookups import container_for, container_of, fresh, order_for, scan_of, site_of
from chain_of_identity.api.outputs import (
    ChainReportOutput,
    CollectionOutput,
    ContainerOutput,
    JourneyOutput,
    LabelOutput,
    OrderDetailOutput,
    OrderOutput,
    RevealedOutput,
)
from chain_of_identity.models import Container, Order
from chain_of_identity.states import OrderStatus
from mes.api import ActView, ListView, check_version

TAGS = ["chain of identity"]


class PatientInput(serializers.Serializer[Any]):
    """Goes into the vault. Nothing of it comes back but through `identity`."""

    name = serializers.CharField(max_length=120)
    birth_date = serializers.DateField()
    hospital_number = serializers.CharField(max_length=40)


@extend_schema_view(
    get=extend_schema(
        operation_id="orders_list",
        parameters=[OpenApiParameter("status", str, enum=OrderStatus.values)],
        responses=OrderOutput,
        summary="Orders of your sites, newest first",
        tags=TAGS,
    )
)
class Orders(ListView):
    permission = {"get": "identity.view", "post": "identity.order"}
    serializer_class = OrderOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        patient = PatientInput()
        product_code = serializers.CharField(max_length=40)
        weight_kg = serializers.DecimalField(max_digits=5, decimal_places=2)
        physician = serializers.CharField(max_length=120)
        clinic = serializers.CharField(max_length=120)
        consent_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def get_queryset(self) -> QuerySet[Order]:
        orders = queries.visible_to(self.user)
        status = self.request.query_params.get("status")
        return orders.filter(status=status) if status else orders

    @extend_schema(
        operation_id="orders_place",
        request=Input,
        responses={201: OrderDetailOutput},
        summary="Enrol a patient and place an order; the chain-of-identity identifier is issued",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = cast(dict[str, Any], form.validated_data)
        site = site_of(self.user, data.pop("site"), "identity.order")
        order = services.open_therapy(actor=self.user, site=site, **data.pop("patient"), **data)
        return Response(OrderDetailOutput(order).data, status=201, headers={"ETag": f'"{order.version}"'})


class OrderView(ActView):
    permission = "identity.view"
    Output = OrderDetailOutput

    @extend_schema(
        operation_id="orders_read",
        responses=OrderDetailOutput,
        summary="One order, and why it is not ready for manufacturing",
        tags=TAGS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        return self.answer(order_for(self.user, order_id))


class CancelOrder(ActView):
    permission = "identity.order"
    Output = OrderOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=400)

    @extend_schema(
        operation_id="orders_cancel", request=Input, responses=OrderOutput, summary="Cancel an order", tags=TAGS
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        check_version(request, order)
        return self.answer(fresh(services.cancel_order(actor=self.user, order=order, **data)))


class RecordConsent(ActView):
    permission = "identity.order"
    Output = OrderOutput

    class Input(serializers.Serializer[Any]):
        consent_at = serializers.DateTimeField()

    @extend_schema(
        operation_id="orders_consent",
        request=Input,
        responses=OrderOutput,
        summary="Record the patient's consent",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        return self.answer(fresh(services.record_consent(actor=self.user, order=order, **data)))


class RevealIdentity(ActView):
    permission = "identity.reveal"
    Output = RevealedOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=400)

    @extend_schema(
        operation_id="orders_reveal_identity",
        request=Input,
        responses=RevealedOutput,
        summary="Who the patient is. Every reading is recorded with its reason",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        return self.answer(services.reveal_identity(actor=self.user, order=order, **self.read(request)))


class Containers(ActView):
    permission = {"get": "identity.view", "post": "identity.label"}
    Output = ContainerOutput

    class Input(serializers.Serializer[Any]):
        kind = serializers.ChoiceField(choices=Container.Kind.choices, default=Container.Kind.BAG)
        holds = serializers.ChoiceField(choices=Container.Holds.choices, default=Container.Holds.STARTING)
        description = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")

    @extend_schema(
        operation_id="order_containers_list",
        responses=ContainerOutput(many=True),
        summary="Every container of an order",
        tags=TAGS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        containers = order_for(self.user, order_id).containers.select_related("custodian")
        return self.answer(containers, many=True)

    @extend_schema(
        operation_id="order_containers_prepare",
        request=Input,
        responses={201: ContainerOutput},
        summary="Prepare an empty container with the next label of the order",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        return self.answer(services.prepare_container(actor=self.user, order=order, **data), status=201)


class DiscardContainer(ActView):
    permission = "identity.receive"
    Output = ContainerOutput

    class Input(serializers.Serializer[Any]):
        reason = serializers.CharField(max_length=400)

    @extend_schema(
        operation_id="containers_discard",
        request=Input,
        responses=ContainerOutput,
        summary="Discard a container",
        tags=TAGS,
    )
    def post(self, request: Request, container_id: UUID) -> Response:
        container = container_for(self.user, container_id)
        data = self.read(request)
        check_version(request, container)
        return self.answer(fresh(services.discard(actor=self.user, container=container, **data)))


class Labels(ActView):
    permission = "identity.label"
    Output = LabelOutput

    class Input(serializers.Serializer[Any]):
        container = serializers.CharField(
            max_length=20, required=False, default="", allow_blank=True, help_text="empty: the patient's wristband"
        )
        reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="order_labels_print",
        request=Input,
        responses={201: LabelOutput},
        summary="Print a label; a reprint needs a reason and is counted",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        container = container_of(order, data["container"]) if data["container"] else None
        printed = services.print_label(actor=self.user, order=order, container=container, reason=data["reason"])
        return self.answer(printed, status=201)


class Collections(ActView):
    permission = "identity.collect"
    Output = CollectionOutput

    class Input(serializers.Serializer[Any]):
        coi_id = serializers.CharField(help_text="as scanned from the kit, &/CH…")
        scan = serializers.UUIDField(help_text="scan of the labelled bag, purpose collection")
        din = serializers.CharField(help_text="scanned =…flags, or typed with its check character")
        scanned = serializers.BooleanField()
        volume_ml = serializers.DecimalField(max_digits=9, decimal_places=3)
        started_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
        ended_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    @extend_schema(
        operation_id="order_collections_record",
        request=Input,
        responses={201: CollectionOutput},
        summary="Record a collection with its donation number",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        scan = scan_of(order, data.pop("scan"))
        return self.answer(services.record_collection(actor=self.user, order=order, scan=scan, **data), status=201)


class JourneyView(ActView):
    permission = "identity.view"
    Output = JourneyOutput

    @extend_schema(
        operation_id="orders_journey", responses=JourneyOutput, summary="The journey from vein to vein", tags=TAGS
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        return self.answer(queries.journey(order_for(self.user, order_id)))


class ChainReportView(ActView):
    permission = "identity.view"
    Output = ChainReportOutput

    @extend_schema(
        operation_id="orders_chain_report",
        responses=ChainReportOutput,
        summary="The chain of identity, link by link, and what is missing from it",
        tags=TAGS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        return self.answer(queries.chain_report(order_for(self.user, order_id)))


class ChainReportPdf(ActView):
    permission = "identity.view"

    @extend_schema(
        operation_id="orders_chain_report_pdf",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        summary="The chain of identity as PDF/A",
        tags=TAGS,
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        report = queries.chain_report(order_for(self.user, order_id))
        return HttpResponse(
            documents.chain_report_pdf(report),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="chain-of-identity-{report.order.short}.pdf"'},
        )
