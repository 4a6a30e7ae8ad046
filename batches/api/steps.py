"""Calls on a step: each act answers with the run screen as it is afterwards."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.batches import CommandInput, commander, gives
from batches.api.shapes import TAGS, EntryOutput, StepOutput, screen
from batches.models import Entry, Step
from mes.api import ActView, SignatureInput, by_id, credential
from mes.errors import InvalidInput
from mes.records.signing import Signer, authenticate_signer


class StepActView(ActView):
    """An act on a step. The step is one the person may see; the service decides the rest."""

    permission = "batches.execute"
    Output: ClassVar[type[serializers.Serializer[Any]]] = StepOutput

    def step(self, step_id: UUID) -> Step:
        step: Step = by_id(queries.steps_visible_to(self.user), step_id, "step")
        return step

    def shown(self, step: Step, status: int = 200) -> Response:
        return self.answer(screen(step, self.user), status=status)

    def signer(self, request: Request, step: Step, meaning: str, key: str) -> Signer | None:
        """The signature given under `key`; None where none was given."""
        if not gives(request, key):
            return None
        return authenticate_signer(
            credential(request, key),
            meaning=meaning,
            site=step.site,
            acting=self.user,
            subject=step,
        )


class StepView(StepActView):
    permission = "batches.view"

    @extend_schema(operation_id="steps_get", responses=StepOutput, summary="The run screen of a step", tags=TAGS)
    def get(self, request: Request, step_id: UUID) -> Response:
        return self.shown(self.step(step_id))


class StartStep(StepActView):
    @extend_schema(
        operation_id="steps_start",
        request=None,
        responses=StepOutput,
        summary="Start a step; refused with every closed gate",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        return self.shown(services.start_step(actor=self.user, step=self.step(step_id)))


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


class EntryInput(serializers.Serializer[Any]):
    """`id` is made by the client: the same entry sent again is recorded once."""

    id = serializers.UUIDField(required=False)
    name = serializers.CharField(max_length=60)
    value = serializers.CharField(max_length=2000)
    unit = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    device_at = serializers.DateTimeField(required=False)


class Entries(StepActView):
    Input = EntryInput
    Output = EntryOutput

    @extend_schema(
        operation_id="steps_record_entry",
        request=EntryInput,
        responses={201: EntryOutput},
        summary="Save one value; judged by the server at once",
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
            device_at=data.get("device_at"),
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
        summary="Send the step's command to its unit",
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
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        services.draw_sample(actor=self.user, step=step, **self.read(request))
        return self.shown(step, 201)


class CompletionInput(serializers.Serializer[Any]):
    signature = SignatureInput(required=False)
    verification = SignatureInput(required=False, help_text="the second person, where they are there")
    readings = serializers.DictField(child=serializers.CharField(), required=False, default=dict)


class CompleteStep(StepActView):
    Input = CompletionInput

    @extend_schema(
        operation_id="steps_complete",
        request=CompletionInput,
        responses=StepOutput,
        summary="Sign a step as performed; complete it where nobody has to verify",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        services.complete_step(
            actor=self.user,
            step=step,
            signer=self.signer(request, step, "performed", "signature"),
            verifier=self.signer(request, step, "verified", "verification"),
            readings=data["readings"],
        )
        return self.shown(step)


class VerificationInput(serializers.Serializer[Any]):
    verification = SignatureInput()
    readings = serializers.DictField(child=serializers.CharField(), required=False, default=dict)


class VerifyStep(StepActView):
    permission = "batches.verify"
    Input = VerificationInput

    @extend_schema(
        operation_id="steps_verify",
        request=VerificationInput,
        responses=StepOutput,
        summary="The second person's signature, after the performer's",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        verifier = self.signer(request, step, "verified", "verification")
        if verifier is None:
            raise InvalidInput("The second person signs.", field="verification")
        services.verify_step(actor=self.user, step=step, verifier=verifier, readings=data["readings"])
        return self.shown(step)


class CommandStep(StepActView):
    Input = CommandInput

    @extend_schema(
        operation_id="steps_command",
        request=CommandInput,
        responses=StepOutput,
        summary="Command one step (ISA-88)",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        services.command_step(
            actor=self.user,
            step=step,
            name=data["command"],
            reason=data["reason"],
            signer=commander(request, step.batch, self.user),
        )
        return self.shown(step)


class NextActions(ActView):
    permission = "batches.view"

    class Output(serializers.Serializer[Any]):
        batch_id = serializers.UUIDField()
        batch = serializers.CharField()
        coi_id = serializers.CharField()
        step_id = serializers.UUIDField()
        key = serializers.CharField()
        title = serializers.CharField()
        status = serializers.CharField()
        waits_for = serializers.CharField()
        not_before = serializers.DateTimeField(allow_null=True)
        due = serializers.DateTimeField(allow_null=True)

    @extend_schema(
        operation_id="next_actions",
        responses=Output(many=True),
        summary="The steps that wait for somebody at your sites",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        return self.answer(queries.next_actions(self.user), many=True)
