"""Calls on a step as a whole: each act answers with the run screen as it is afterwards."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.batches import CommandInput, commander
from batches.api.shapes import TAGS, StepOutput, screen
from batches.models import Step
from batches.run_page import page_after
from mes import clock
from mes.api import ActView, SignatureInput, by_id, signer_given, wants_little, wants_page
from mes.errors import InvalidInput
from mes.records.signing import Signer


class StepActView(ActView):
    """An act on a step. The step is one the person may see; the service decides the rest."""

    permission = "batches.execute"
    answers_little = True
    shown_once = frozenset({"page"})  # a call that is sent again may come much later
    _signers: tuple[Signer, ...] = ()
    Output: ClassVar[type[serializers.Serializer[Any]]] = StepOutput

    def step(self, step_id: UUID) -> Step:
        found = queries.steps_to_act_on if wants_little(self.request) else queries.steps_visible_to
        step: Step = by_id(found(self.user), step_id, "step")
        return step

    def shown(self, step: Step, status: int = 200) -> Response:
        """The screen of the step after the act, which costs as much as the act; a tablet asks for the page instead."""
        if wants_little(self.request):
            page = {"page": page_after(self.request._request, step)} if wants_page(self.request) else {}
            little = {"id": step.id, **self._signed(step), **page}
            return Response(little, status=status, headers={"Preference-Applied": "return=minimal"})
        return self.answer(screen(step, self.user), status=status)

    def _signed(self, step: Step) -> dict[str, Any]:
        """The signature this call gave, as the bar after it says it."""
        given = [signer.signature for signer in self._signers if signer.signature]
        if not given:
            return {}
        line = given[-1]
        at = clock.show(step.site, line.at)
        return {"signed": {"printed_name": line.printed_name, "meaning": line.meaning.capitalize(), "at": at}}

    def signer(self, request: Request, step: Step, meaning: str, key: str) -> Signer | None:
        """The signature given under `key`; None where none was given."""
        full = step.says.credential == "full"
        given = signer_given(
            request, meaning=meaning, site=step.site, acting=self.user, subject=step, key=key, full=full
        )
        self._signers += (given,) if given else ()
        return given


class StepView(StepActView):
    permission = "batches.view"

    @extend_schema(operation_id="steps_get", responses=StepOutput, summary="The run screen of a step", tags=TAGS)
    def get(self, request: Request, step_id: UUID) -> Response:
        return self.answer(queries.run_screen(self.step(step_id), self.user))


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


class TakeOverStep(StepActView):
    """Go on with a step that somebody else is on. The run screen says who that is, under `holder`."""

    @extend_schema(
        operation_id="steps_take_over",
        request=None,
        responses=StepOutput,
        summary="Take over a step from somebody else",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        return self.shown(services.take_over_step(actor=self.user, step=self.step(step_id)))


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

    class Input(serializers.Serializer[Any]):
        batch = serializers.UUIDField(required=False, help_text="all that may be done in this batch alone")

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
        parameters=[Input],
        responses=Output(many=True),
        summary="The steps that wait for somebody at your sites",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """The soonest due first, of fifty batches, with the first few steps of what may be done side by side."""
        wanted = self.Input(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        return self.answer(queries.next_actions(self.user, batch_id=wanted.validated_data.get("batch")), many=True)
