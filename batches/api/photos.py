"""Calls on photos: keeping one in a step, and its bytes."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from batches import queries, services
from batches.api.shapes import TAGS
from batches.api.steps import StepActView
from batches.models import StepPhoto
from batches.photo_files import as_it_came
from mes.api import ActView, by_id


class Base64Field(serializers.CharField):
    """Bytes as text."""

    default_error_messages = {"not_base64": "This is not Base64."}

    def to_internal_value(self, data: Any) -> Any:
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except ValueError:
            self.fail("not_base64")


class PhotoInput(serializers.Serializer[Any]):
    """`id` is made by the client: the same photo sent again is kept once.

    `name` is that of the recipe; a photo it did not ask for has none and says what it is `about`.
    """

    id = serializers.UUIDField(required=False)
    content = Base64Field(help_text="JPEG, PNG or WebP without metadata, at most 1 MB, as Base64")
    sha256 = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=64, help_text="of the bytes, when they were taken"
    )
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)
    about = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    retakes = serializers.UUIDField(required=False, help_text="the photo this one is taken again for; both stay")


class PhotoOutput(serializers.ModelSerializer[StepPhoto]):
    by = serializers.CharField(source="by.printed_name")

    class Meta:
        model = StepPhoto
        fields = ["id", "step", "name", "label", "sha256", "size", "media_type", "retakes", "hashed_by_tablet"]
        fields += ["by", "done_at", "at", "device_at"]


class Photos(StepActView):
    Input = PhotoInput
    Output = PhotoOutput

    @extend_schema(
        operation_id="steps_add_photo",
        request=PhotoInput,
        responses={201: PhotoOutput},
        summary="Keep a photo in a step, byte for byte",
        tags=TAGS,
    )
    def post(self, request: Request, step_id: UUID) -> Response:
        step = self.step(step_id)
        data = self.read(request)
        photo = services.add_photo(
            actor=self.user,
            step=step,
            content=data["content"],
            name=data["name"],
            label=data["about"],
            digest=data["sha256"],
            retakes=data.get("retakes"),
            photo_id=data.get("id"),
        )
        return self.answer(photo, status=201)


class PhotoContent(ActView):
    permission = "batches.view"

    @extend_schema(
        operation_id="photos_content",
        responses={(200, "image/*"): OpenApiTypes.BINARY},
        summary="The bytes of a photo, checked against their digest",
        tags=TAGS,
    )
    def get(self, request: Request, photo_id: UUID) -> HttpResponse:
        return as_it_came(by_id(queries.photos_visible_to(self.user), photo_id, "photo"))
