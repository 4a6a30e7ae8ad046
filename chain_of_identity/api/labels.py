"""Where the printed labels of an order are: reconciled for each batch."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from chain_of_identity import queries, services
from chain_of_identity.api.lookups import order_for, print_of
from chain_of_identity.api.outputs import LabelExplanationOutput, LabelFateOutput, ReconciliationOutput
from chain_of_identity.models import LabelFate
from mes.api import ActView

TAGS = ["chain of identity"]


class LabelAccounts(ActView):
    permission = "identity.view"
    Output = ReconciliationOutput

    @extend_schema(
        operation_id="order_label_accounts",
        responses=ReconciliationOutput(many=True),
        summary="Labels printed, used, returned and destroyed, for each batch of the order",
        tags=TAGS,
    )
    def get(self, request: Request, order_id: UUID) -> Response:
        return self.answer(queries.reconciliations(order_for(self.user, order_id)), many=True)


class LabelFates(ActView):
    permission = "identity.label"
    Output = LabelFateOutput

    class Input(serializers.Serializer[Any]):
        container = serializers.CharField(max_length=20, help_text="label of the container it was printed for")
        copy = serializers.IntegerField(min_value=1)
        what = serializers.ChoiceField(choices=LabelFate.What.choices)
        reason = serializers.CharField(max_length=200)

    @extend_schema(
        operation_id="order_label_fates_record",
        request=Input,
        responses={201: LabelFateOutput},
        summary="A printed label that is on no container was returned or destroyed",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        data = self.read(request)
        printed = print_of(order, data["container"], data["copy"])
        fate = services.account_for_label(
            actor=self.user, label_print=printed, what=data["what"], reason=data["reason"]
        )
        return self.answer(fate, status=201)


class LabelExplanations(ActView):
    permission = "identity.reconcile"
    Output = LabelExplanationOutput

    class Input(serializers.Serializer[Any]):
        batch_id = serializers.UUIDField()
        reason = serializers.CharField(max_length=400)

    @extend_schema(
        operation_id="order_label_explanations_record",
        request=Input,
        responses={201: LabelExplanationOutput},
        summary="Explain the labels of a batch that are left over; without it the batch is not released",
        tags=TAGS,
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        order = order_for(self.user, order_id)
        return self.answer(services.explain_labels(actor=self.user, order=order, **self.read(request)), status=201)
