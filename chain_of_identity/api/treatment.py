"""Thaw, bedside check and infusion."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity import services
from chain_of_identity.api.lookups import check_of, fresh, order_for, scan_of
from chain_of_identity.api.outputs import BedsideCheckOutput, ContainerOutput, InfusionOutput
from chain_of_identity.models import Infusion
from mes.api import ActView, SignatureInput, credential
from mes.records.signing import authenticate_signer

TAGS = ["chain of identity"]


class Thaw(ActView):
    permission = "identity.bedside"
    Output = ContainerOutput

    class Input(serializers.Serializer[Any]):
        scan = serializers.UUIDField(help_text="scan of the bag, purpose thaw")
        use_within_minutes = serializers.IntegerField(min_value=1)

    @extend_schema(
        operation_id="order_thaw",
        request=Input,
        responses=ContainerOutput,
        summary="Thaw a bag: from now on its time runs",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        scan = scan_of(order, data.pop("scan"))
        return self.answer(fresh(services.thaw(actor=self.user, scan=scan, **data)))


class CheckAtTheBed(ActView):
    permission = "identity.bedside"
    Output = BedsideCheckOutput

    class Input(serializers.Serializer[Any]):
        bag = serializers.UUIDField(help_text="scan of the bag, purpose bedside")
        wristband = serializers.UUIDField(help_text="scan of the wristband, purpose wristband")
        second_identifier = serializers.CharField(max_length=20, help_text="as the patient says it")
        signature = SignatureInput()
        verification = SignatureInput()

    @extend_schema(
        operation_id="order_bedside_check",
        request=Input,
        responses={201: BedsideCheckOutput},
        summary="Two people compare bag, wristband and what the patient says",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        signer = authenticate_signer(credential(request), meaning="performed", site=order.site, acting=self.user)
        verifier = authenticate_signer(
            credential(request, "verification"), meaning="verified", site=order.site, acting=self.user
        )
        check = services.bedside_check(
            bag=scan_of(order, data["bag"]),
            wristband=scan_of(order, data["wristband"]),
            second_identifier=data["second_identifier"],
            signer=signer,
            verifier=verifier,
        )
        return self.answer(check, status=201)


class RecordInfusion(ActView):
    permission = "identity.infuse"
    Output = InfusionOutput

    class Input(serializers.Serializer[Any]):
        bedside_check = serializers.UUIDField()
        volume_ml = serializers.DecimalField(max_digits=9, decimal_places=3)
        outcome = serializers.ChoiceField(choices=Infusion.Outcome.choices)
        started_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
        ended_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
        note = serializers.CharField(max_length=400, required=False, default="", allow_blank=True)

    @extend_schema(
        operation_id="order_infusions_record",
        request=Input,
        responses={201: InfusionOutput},
        summary="Record an infusion; with the last bag the chain is closed",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        check = check_of(order, data.pop("bedside_check"))
        return self.answer(services.record_infusion(actor=self.user, check=check, **data), status=201)
