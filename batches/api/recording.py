"""Calls that record something in a running step: scans, values, lots, units, decisions, containers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import services
from batches.api.shapes import TAGS, EntryOutput, StepOutput
from batches.api.steps import StepActView
from batches.models import Entry
from chain_of_identity.models import Cause
from mes import clock
from mes.api import SignatureInput, by_id, credential
from mes.device import APART, CAPTURED, SENT, STEPS
from mes.records.signing import authenticate_signer

CLOCKS = [
    OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=words)
    for name, kind, words in (
        (SENT, OpenApiTypes.DATETIME, "when the tablet sends it, by its clock"),
        (CAPTURED, OpenApiTypes.DATETIME, "when it was captured, by the same clock"),
        (APART, OpenApiTypes.INT, "for how many seconds there had been no network then"),
        (STEPS, OpenApiTypes.INT, "in how many steps something had been captured meanwhile"),
    )
]


SCANNED_FIRST = (
    "Where `scan.needed`, the label is read first (`/scans`): before that every act on the step's material is refused "
    "with 409 `identity_not_scanned`."
)


class ScanInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=200)


class ScanStep(StepActView):
    Input = ScanInput

    @extend_schema(
        operation_id="steps_scan",
        request=ScanInput,
        responses={201: StepOutput},
        summary="Read a label at the step; a wrong bag holds the batch",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        services.scan_for_step(actor=self.user, step=step, code=data["code"])
        return self.shown(step, 201)


class CannotScanInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40, help_text="the label as it stands on the container")
    cause = serializers.ChoiceField(choices=Cause.choices)
    reason = serializers.CharField(max_length=200)
    verification = SignatureInput()


class CannotScanStep(StepActView):
    Input = CannotScanInput

    @extend_schema(
        operation_id="steps_cannot_scan",
        request=CannotScanInput,
        responses={201: StepOutput},
        summary="A label no scanner reads, typed and signed by a second person; a wrong one stops as a scan does",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        verifier = authenticate_signer(
            credential(request, "verification"), meaning="verified", site=step.site, acting=self.user
        )
        services.cannot_scan_for_step(
            actor=self.user,
            verifier=verifier,
            step=step,
            label=data["code"],
            cause=data["cause"],
            reason=data["reason"],
        )
        return self.shown(step, 201)


class EntryInput(serializers.Serializer[Any]):
    """`id` is made by the client: the same entry sent again is recorded once."""

    id = serializers.UUIDField(required=False)
    name = serializers.CharField(max_length=60)
    value = serializers.CharField(max_length=2000)
    unit = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    performed_at = serializers.TimeField(
        required=False, help_text="when it was done, if earlier: the last time the clock of the site showed this"
    )
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)
    form = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=60, help_text="number of the paper form it is on"
    )


class Entries(StepActView):
    Input = EntryInput
    Output = EntryOutput

    @extend_schema(
        operation_id="steps_record_entry",
        request=EntryInput,
        responses={201: EntryOutput},
        parameters=CLOCKS,
        summary="Save one value; judged by the server at once",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        entry = services.record_entry(
            actor=self.user,
            step=step,
            name=data["name"],
            value=data["value"],
            unit=data["unit"],
            entry_id=data.get("id"),
            performed_at=clock.last(step.site, data["performed_at"]) if "performed_at" in data else None,
            reason=data["reason"],
            form=data["form"],
        )
        return self.answer(entry, status=201)


class NotApplicableInput(serializers.Serializer[Any]):
    id = serializers.UUIDField(required=False)
    name = serializers.CharField(max_length=60)
    reason = serializers.CharField(max_length=500)


class NotApplicable(StepActView):
    Input = NotApplicableInput
    Output = EntryOutput

    @extend_schema(
        operation_id="steps_record_not_applicable",
        request=NotApplicableInput,
        responses={201: EntryOutput},
        parameters=CLOCKS,
        summary="Say, with the reason, that a value asked for does not apply",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        entry = services.record_not_applicable(
            actor=self.user,
            step=step,
            name=data["name"],
            reason=data["reason"],
            entry_id=data.get("id"),
        )
        return self.answer(entry, status=201)


class CorrectionInput(serializers.Serializer[Any]):
    id = serializers.UUIDField(required=False)
    value = serializers.CharField(max_length=2000)
    unit = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    reason = serializers.CharField(max_length=500)
    signature = SignatureInput(required=False)


class CorrectEntry(StepActView):
    Input = CorrectionInput
    Output = EntryOutput

    @extend_schema(
        operation_id="steps_correct_entry",
        request=CorrectionInput,
        responses={201: EntryOutput},
        summary="Correct a value; the first one stays",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID, entry_id: UUID) -> Response:
        step = self.step(step_id)
        entry = by_id(Entry.objects.filter(step=step).select_related("by"), entry_id, "entry")
        entry.step = step
        data = self.read(request)
        corrected = services.correct_entry(
            actor=self.user,
            entry=entry,
            value=data["value"],
            unit=data["unit"],
            reason=data["reason"],
            entry_id=data.get("id"),
            signer=self.signer(request, step, "performed", "signature"),
        )
        return self.answer(corrected, status=201)


class MaterialInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=100, help_text="barcode of the lot")
    material = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    quantity = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    unit = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)


class Materials(StepActView):
    Input = MaterialInput

    @extend_schema(
        operation_id="steps_add_material",
        request=MaterialInput,
        responses={201: StepOutput},
        summary="Use a scanned lot, or choose the lot a calculation is made for",
        description=f"{SCANNED_FIRST} A material that the step has already is refused with 409 `already_recorded`.",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.add_material(actor=self.user, step=step, **self.read(request))
        return self.shown(step, 201)


class Units(StepActView):
    Input = ScanInput

    @extend_schema(
        operation_id="steps_bind_unit",
        request=ScanInput,
        responses={201: StepOutput},
        summary="Bind a scanned unit; at a line clearance the room",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.bind_unit(actor=self.user, step=step, code=self.read(request)["code"])
        return self.shown(step, 201)


class SendCommand(StepActView):
    @extend_schema(
        operation_id="steps_send",
        request=None,
        responses={202: StepOutput},
        summary="Send the step's command to its unit; where that takes none, confirm that you did it there",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.send_command(actor=self.user, step=step)
        return self.shown(step, 202)


class DecisionInput(serializers.Serializer[Any]):
    choice = serializers.CharField(max_length=60)
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


class Decide(StepActView):
    Input = DecisionInput

    @extend_schema(
        operation_id="steps_decide",
        request=DecisionInput,
        responses={201: StepOutput},
        summary="Record the path taken",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.decide(actor=self.user, step=step, **self.read(request))
        return self.shown(step, 201)


class TransferInput(serializers.Serializer[Any]):
    """One volume for each new container. Sources are the containers scanned in the step unless named."""

    volumes_ml = serializers.ListField(
        child=serializers.DecimalField(max_digits=9, decimal_places=3), allow_empty=False
    )
    sources = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    place = serializers.CharField(required=False, default="", allow_blank=True, max_length=80)


class TransferMaterial(StepActView):
    Input = TransferInput

    @extend_schema(
        operation_id="steps_transfer",
        request=TransferInput,
        responses={201: StepOutput},
        summary="Split, pool, transfer or fill as the recipe says",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.transfer_material(actor=self.user, step=step, **self.read(request))
        return self.shown(step, 201)


class SampleInput(serializers.Serializer[Any]):
    container = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=20, help_text="label, unless scanned"
    )


class DrawSample(StepActView):
    Input = SampleInput

    @extend_schema(
        operation_id="steps_sample",
        request=SampleInput,
        responses={201: StepOutput},
        summary="Draw the recipe's sample into a tube of its own",
        description=SCANNED_FIRST,
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.draw_sample(actor=self.user, step=step, **self.read(request))
        return self.shown(step, 201)
