"""What our calls have in common, in OpenAPI: names of components, and headers.

The nested `Input` of `Approve` in recipes is `RecipesApproveInput`.
"""

from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction, OpenApiParameter

ONCE = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    description="made by the client for one act: sent again with it, the act is done once and the answer is the same",
)
TERMINAL = OpenApiParameter(
    "X-Terminal-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="the key of a registered terminal: which device this comes from. A tablet's browser has it as a cookie",
)
LITTLE = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    enum=["return=minimal", "return=minimal, page"],
    description="answer with the id alone: half the work of an act is its answer. With `page`, as tablets ask for, the "
    "page of the run screen after the act comes with the answers that would else be that screen",
)


class Schema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        shared = [] if self.method == "GET" else [ONCE, TERMINAL]
        if shared and getattr(self.view, "answers_little", False):
            shared.append(LITTLE)
        return [*super().get_override_parameters(), *shared]

    def _get_serializer_name(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> str:
        """Rooms and views share short names; the room and the outer class make them unique."""
        kind = type(serializer)
        room = kind.__module__.removeprefix("mes.").split(".")[0]
        if "<locals>" in kind.__qualname__ or (room not in settings.ROOMS and "." not in kind.__qualname__):
            return str(super()._get_serializer_name(serializer, direction, bypass_extensions))
        words = [*room.split("_"), kind.__qualname__.replace(".", "")]
        return "".join(word[:1].upper() + word[1:] for word in words)
