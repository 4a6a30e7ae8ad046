"""Materials and lots over /api/v1/."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from materials import queries, services
from materials.models import Lot, LotUse, Material, MaterialKind
from materials.states import LotStatus
from mes.accounts.models import Site, User
from mes.api import ActView, ListView, SignatureInput, by_id, check_version, credential
from mes.errors import NotFound
from mes.quantities import Quantity
from mes.records.queries import manifest_digest
from mes.records.signing import authenticate_signer

TAGS = ["materials"]


def exact(**options: Any) -> serializers.DecimalField:
    """A decimal as text, without the zeros a column pads it with."""
    return serializers.DecimalField(max_digits=24, decimal_places=9, normalize_output=True, **options)


class QuantityInput(serializers.Serializer[Any]):
    value = serializers.DecimalField(max_digits=None, decimal_places=None)
    unit = serializers.CharField(allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> Any:
        return Quantity(attrs["value"], attrs["unit"])


class MaterialOutput(serializers.ModelSerializer[Material]):
    site = serializers.CharField(source="site.code")

    class Meta:
        model = Material
        fields = ["id", "site", "code", "name", "kind", "unit"]


class LotOutput(serializers.ModelSerializer[Lot]):
    site = serializers.CharField(source="site.code")
    material = serializers.CharField(source="material.code")
    quantity = exact()
    remaining = exact()
    received_by = serializers.CharField(source="received_by.printed_name")
    manifest_digest = serializers.SerializerMethodField()

    class Meta:
        model = Lot
        fields = ["id", "version", "site", "material", "number", "barcode", "quantity"]
        fields += ["remaining", "unit", "expires_at", "received_at", "received_by", "attributes"]
        fields += ["status", "manifest_digest"]

    def get_manifest_digest(self, lot: Lot) -> str:
        return manifest_digest(lot)


class LotUseOutput(serializers.ModelSerializer[LotUse]):
    lot_id = serializers.UUIDField()
    material = serializers.CharField(source="lot.material.code")
    lot = serializers.CharField(source="lot.number")
    quantity = exact()
    by = serializers.CharField(source="event.actor_name")

    class Meta:
        model = LotUse
        fields = ["id", "at", "by", "lot_id", "material", "lot", "quantity", "unit"]
        fields += ["batch_id", "step_id"]


class Materials(ActView):
    permission = {"get": "materials.view", "post": "materials.release"}
    Output = MaterialOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        code = serializers.CharField(max_length=40)
        name = serializers.CharField(max_length=200)
        kind = serializers.ChoiceField(choices=MaterialKind.choices)
        unit = serializers.CharField(max_length=30, allow_blank=True)

    @extend_schema(
        operation_id="materials_list",
        responses=MaterialOutput(many=True),
        summary="All materials of your sites",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        return self.answer(queries.materials_visible_to(self.user), many=True)

    @extend_schema(
        operation_id="materials_add",
        request=Input,
        responses={201: MaterialOutput},
        summary="Add a material",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        data = self.read(request)
        site = site_of(self.user, data.pop("site"), "materials.release")
        return self.answer(services.add_material(actor=self.user, site=site, **data), status=201)


LOT_FILTERS = [
    OpenApiParameter("status", str, enum=LotStatus.values),
    OpenApiParameter("material", str, description="Code of the material"),
    OpenApiParameter("q", str, description="Part of a number, a code or a name; or a whole label"),
]


@extend_schema_view(
    get=extend_schema(
        operation_id="lots_list",
        parameters=LOT_FILTERS,
        responses=LotOutput,
        summary="Lots, newest first",
        tags=TAGS,
    )
)
class Lots(ListView):
    permission = {"get": "materials.view", "post": "materials.receive"}
    serializer_class = LotOutput

    class Input(serializers.Serializer[Any]):
        site = serializers.CharField()
        material = serializers.CharField()
        number = serializers.CharField(max_length=60)
        quantity = QuantityInput()
        expires_at = serializers.DateTimeField()
        barcode = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
        attributes = serializers.DictField(child=QuantityInput(), required=False)

    def get_queryset(self) -> QuerySet[Lot]:
        return queries.narrowed(queries.lots_visible_to(self.user), self.request.query_params.dict())

    @extend_schema(
        operation_id="lots_receive",
        request=Input,
        responses={201: LotOutput},
        summary="Receive a lot into quarantine",
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        form = self.Input(data=request.data)
        form.is_valid(raise_exception=True)
        data = cast(dict[str, Any], form.validated_data)
        site = site_of(self.user, data.pop("site"), "materials.receive")
        material = queries.material(site, data.pop("material"))
        lot = services.receive_lot(actor=self.user, material=material, **data)
        return Response(LotOutput(lot).data, status=201, headers={"ETag": f'"{lot.version}"'})


class LotView(ActView):
    permission = "materials.view"
    Output = LotOutput

    @extend_schema(operation_id="lots_read", responses=LotOutput, summary="One lot", tags=TAGS)
    def get(self, request: Request, lot_id: UUID) -> Response:
        return self.answer(lot_for(self.user, lot_id))


class LotLookup(ActView):
    permission = "materials.view"
    Output = LotOutput

    @extend_schema(
        operation_id="lots_lookup",
        parameters=[OpenApiParameter("site", str), OpenApiParameter("code", str, required=True)],
        responses=LotOutput,
        summary="The lot behind a scanned label",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        code = request.query_params.get("code", "")
        lots = queries.lots_visible_to(self.user).filter(barcode=code)
        if site := request.query_params.get("site"):
            lots = lots.filter(site__code=site)
        found = lots.first()
        if found is None:
            raise NotFound(f"No lot carries the label {code}.", scanned=code)
        return self.answer(found)


class ReleaseLot(ActView):
    permission = "materials.release"
    Output = LotOutput

    class Input(serializers.Serializer[Any]):
        signature = SignatureInput()

    @extend_schema(
        operation_id="lots_release",
        request=Input,
        responses=LotOutput,
        summary="Release a lot from quarantine (signed, not by its receiver)",
        tags=TAGS,
    )
    def post(self, request: Request, lot_id: UUID) -> Response:
        lot = lot_for(self.user, lot_id)
        self.read(request)
        check_version(request, lot)
        signer = authenticate_signer(
            credential(request), meaning="released", site=lot.site, acting=self.user, subject=lot
        )
        return self.answer(fresh(services.release_lot(actor=self.user, lot=lot, signer=signer)))


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField()


class RejectLot(ActView):
    permission = "materials.release"
    Input = ReasonInput
    Output = LotOutput

    @extend_schema(
        operation_id="lots_reject",
        request=ReasonInput,
        responses=LotOutput,
        summary="Reject a lot in quarantine",
        tags=TAGS,
    )
    def post(self, request: Request, lot_id: UUID) -> Response:
        lot = lot_for(self.user, lot_id)
        data = self.read(request)
        check_version(request, lot)
        return self.answer(fresh(services.reject_lot(actor=self.user, lot=lot, **data)))


class RecallLot(ActView):
    permission = "materials.release"
    Input = ReasonInput
    Output = LotOutput

    @extend_schema(
        operation_id="lots_recall",
        request=ReasonInput,
        responses=LotOutput,
        summary="Withdraw a lot that was released",
        tags=TAGS,
    )
    def post(self, request: Request, lot_id: UUID) -> Response:
        lot = lot_for(self.user, lot_id)
        data = self.read(request)
        check_version(request, lot)
        return self.answer(fresh(services.recall_lot(actor=self.user, lot=lot, **data)))


class TouchedOutput(serializers.Serializer[queries.Touched]):
    batch_id = serializers.UUIDField()
    number = serializers.CharField()
    uses = LotUseOutput(many=True)


class LotBatches(ActView):
    permission = "materials.view"
    Output = TouchedOutput

    @extend_schema(
        operation_id="lots_batches",
        responses=TouchedOutput(many=True),
        summary="Every batch a lot went into",
        tags=TAGS,
    )
    def get(self, request: Request, lot_id: UUID) -> Response:
        return self.answer(queries.batches_touched_by(lot_for(self.user, lot_id)), many=True)


class LotUses(ActView):
    permission = "materials.view"
    Output = LotUseOutput

    class Input(serializers.Serializer[Any]):
        batch_id = serializers.UUIDField()

    @extend_schema(
        operation_id="lot_uses_of_batch",
        parameters=[Input],
        responses=LotUseOutput(many=True),
        summary="Every lot that went into a batch",
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        wanted = self.Input(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        sites = self.user.sites_for("materials.view")
        uses = queries.lots_used_in(wanted.validated_data["batch_id"]).filter(lot__site_id__in=sites)
        return self.answer(uses, many=True)


def site_of(user: User, code: str, permission: str) -> Site:
    """The site of this code where the person has the right; a foreign one is not there for them."""
    site = Site.objects.filter(code=code, id__in=user.sites_for(permission)).first()
    if site is None:
        raise NotFound(f"You have no site {code}.", site=code)
    return site


def lot_for(user: User, lot_id: UUID) -> Lot:
    return cast(Lot, by_id(queries.lots_visible_to(user), lot_id, "lot"))


def fresh(lot: Lot) -> Lot:
    """The lot with the version the database has just counted to."""
    lot.refresh_from_db(fields=["version"])
    return lot
