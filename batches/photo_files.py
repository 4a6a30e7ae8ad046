"""A photo over HTTP: what was kept, checked, and for no use but to be looked at."""

from django.http import HttpResponse

from batches.models import StepPhoto
from mes.records.files import content_of

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


def as_it_came(photo: StepPhoto) -> HttpResponse:
    """The bytes; FileAltered when they are not what was kept."""
    name = f"{photo.sha256[:16]}.{photo.media_type.partition('/')[2]}"
    headers = HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content_of(photo), content_type=photo.media_type, headers=headers)
