"""What kind of picture some bytes are, by their content alone; and that they carry nothing but the picture.

A camera writes into its files where it stood, when, and whose it is. A kept picture has no place for such things: only
the parts that draw it are let in, and nothing stands after its end. Nothing is decoded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mes.errors import InvalidInput

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
_APP0, _APP2, _APP14, _SCAN, _END = 0xE0, 0xE2, 0xEE, 0xDA, 0xD9
# Tables, frames and the restart interval; of the application's segments those that say how colours are meant.
_DRAWING = frozenset({0xC4, 0xDB, 0xDD, *range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_COLOUR = {_APP0: b"JFIF\0", _APP2: b"ICC_PROFILE\0", _APP14: b"Adobe"}
_RESTARTS = range(0xD0, 0xD8)
_PNG_PARTS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs".split())
_WEBP_PARTS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})


def media_type_of(content: bytes) -> str:
    """`image/jpeg`, `image/png` or `image/webp`. InvalidInput for all else, and for a picture that carries more."""
    for media_type, (begins, parts) in _KINDS.items():
        if begins(content):
            _require_bare(content, parts)
            return media_type
    raise InvalidInput("This is no JPEG, PNG or WebP picture.", field="content")


def _require_bare(content: bytes, parts: Callable[[bytes], Iterator[str]]) -> None:
    try:
        foreign = next(parts(content), None)
    except IndexError as error:
        raise InvalidInput("The picture is not whole.", field="content") from error
    if foreign is not None:
        raise InvalidInput(f"The picture carries more than a picture: {foreign}.", field="content", part=foreign)


def _in_jpeg(content: bytes) -> Iterator[str]:
    """Names of what does not belong in a bare JPEG."""
    at = 2
    while (marker := _marker(content, at)) != _END:
        body = at + 4
        after = at + 2 + _number(content, at + 2, 2)
        says_colour = marker in _COLOUR and content.startswith(_COLOUR[marker], body)
        if not says_colour and marker not in _DRAWING and marker != _SCAN:
            yield f"segment {marker:02X}"
        at = _end_of_scan(content, after) if marker == _SCAN else after
    if content[at + 2 :].strip(b"\0"):
        yield "bytes after its end"


def _marker(content: bytes, at: int) -> int:
    if content[at] != 0xFF:
        raise IndexError(at)
    return content[at + 1]


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next segment begins after compressed data, in which FF is followed by 0 or a restart mark."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError(at)
        if content[at + 1] != 0 and content[at + 1] not in _RESTARTS:
            return at
        at += 2


def _in_png(content: bytes) -> Iterator[str]:
    at, name = 8, b""
    while name != b"IEND":
        name = _name(content, at + 4)
        if name not in _PNG_PARTS:
            yield f"part {name.decode('latin-1')}"
        at += 12 + _number(content, at, 4)
    yield from _excess(content, at)


def _in_webp(content: bytes) -> Iterator[str]:
    end = 8 + int.from_bytes(content[4:8], "little")
    at = 12
    while at < end:
        name = _name(content, at)
        if name not in _WEBP_PARTS:
            yield f"part {name.decode('latin-1')}"
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    yield from _excess(content, at)


def _excess(content: bytes, end: int) -> Iterator[str]:
    if end > len(content):
        raise IndexError(end)
    if end < len(content):
        yield "bytes after its end"


def _name(content: bytes, at: int) -> bytes:
    if at + 4 > len(content):
        raise IndexError(at)
    return content[at : at + 4]


def _number(content: bytes, at: int, size: int) -> int:
    if at + size > len(content):
        raise IndexError(at)
    return int.from_bytes(content[at : at + size], "big")


_KINDS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes], Iterator[str]]]] = {
    JPEG: (lambda content: content.startswith(b"\xff\xd8\xff"), _in_jpeg),
    PNG: (lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"), _in_png),
    WEBP: (lambda content: content.startswith(b"RIFF") and content[8:12] == b"WEBP", _in_webp),
}
