"""A photo as the pages show it: the browser makes it small, and large on its own."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from batches import queries
from batches.photo_files import as_it_came
from mes.accounts.models import User
from mes.web import page


@require_safe
@page("batches.view")
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    return as_it_came(get_object_or_404(queries.photos_visible_to(cast(User, request.user)), id=photo_id))
