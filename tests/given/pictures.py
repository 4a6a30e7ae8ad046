"""Pictures as tablets send them, and as cameras write them."""

from io import BytesIO
from typing import Any

from PIL import Image

from batches import services
from batches.models import Step, StepPhoto
from tests.given import people


def picture(colour: str = "maroon", form: str = "JPEG", **written: object) -> bytes:
    """A small picture of one colour; what is `written` goes into the file beside it."""
    stream = BytesIO()
    Image.new("RGB", (96, 72), colour).save(stream, form, **written)
    return stream.getvalue()


def from_a_camera() -> bytes:
    """With the place where it was taken in it: Graz."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 4.0, 14.0), 3: "E", 4: (15.0, 26.0, 26.0)})
    return picture(exif=exif)


def taken(step: Step, *, by: str = "olga", **facts: Any) -> StepPhoto:
    """A photo kept in a step."""
    facts.setdefault("content", picture())
    return services.add_photo(actor=people.persona(step.site, by), step=step, **facts)
