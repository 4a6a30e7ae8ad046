"""Names of the OpenAPI components: the nested `Input` of `Approve` in recipes is `RecipesApproveInput`."""

from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction


class Schema(AutoSchema):
    def _get_serializer_name(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> str:
        """Rooms and views share short names; the room and the outer class make them unique."""
        kind = type(serializer)
        room = kind.__module__.removeprefix("mes.").split(".")[0]
        if "<locals>" in kind.__qualname__ or (room not in settings.ROOMS and "." not in kind.__qualname__):
            return str(super()._get_serializer_name(serializer, direction, bypass_extensions))
        words = [*room.split("_"), kind.__qualname__.replace(".", "")]
        return "".join(word[:1].upper() + word[1:] for word in words)
