"""A picture that is kept carries nothing but the picture, and is told by its content."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from mes.errors import InvalidInput
from mes.pictures import media_type_of
from tests.given.pictures import from_a_camera, picture


@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_knows_a_picture_by_its_content(form: str, media_type: str) -> None:
    assert media_type_of(picture(form=form)) == media_type
    assert media_type_of(picture(form=form, icc_profile=b"\0" * 200)) == media_type


def test_a_progressive_jpeg_is_a_jpeg() -> None:
    noise = Image.effect_noise((200, 150), 80)
    stream = BytesIO()
    noise.save(stream, "JPEG", progressive=True, restart_marker_rows=1)
    assert media_type_of(stream.getvalue()) == "image/jpeg"


def with_text() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Olga")
    return picture(form="PNG", pnginfo=text)


CARRYING_MORE = {
    "the place in a JPEG": (from_a_camera(), "segment E1"),
    "a comment in a JPEG": (picture(comment=b"Olga"), "segment FE"),
    "text in a PNG": (with_text(), "tEXt"),
    "the place in a WebP": (picture(form="WEBP", exif=b"Exif\0\0II*\0"), "EXIF"),
    "bytes after a JPEG": (picture() + b"PK\x03\x04", "after its end"),
    "bytes after a PNG": (picture(form="PNG") + b"\0", "after its end"),
    "bytes after a WebP": (picture(form="WEBP") + b"\0", "after its end"),
    "another JFIF": (picture().replace(b"JFIF", b"JFXX", 1), "segment E0"),
}


@pytest.mark.parametrize(("content", "part"), CARRYING_MORE.values(), ids=CARRYING_MORE.keys())
def test_refuses_what_carries_more_than_a_picture(content: bytes, part: str) -> None:
    with pytest.raises(InvalidInput, match=part):
        media_type_of(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_refuses_a_picture_cut_anywhere(form: str) -> None:
    whole = picture(form=form)
    for end in range(12, len(whole)):
        with pytest.raises(InvalidInput):
            media_type_of(whole[:end])


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89a", b"%PDF-1.7", b"\xff\xd8\xff" + b"\0" * 40])
def test_refuses_what_is_no_such_picture(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        media_type_of(content)
