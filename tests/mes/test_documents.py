"""Printed records: archivable, readable by assistive technology, the same every time."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from django.conf import settings
from pypdf import PdfReader

from mes.documents import Attachment, DocumentRefused, render_pdf

MADE_AT = datetime(2026, 11, 22, 10, 42, 9, tzinfo=UTC)
ROWS = "".join(f"<tr><td>test {number}</td><td>{number}</td></tr>" for number in range(90))
PAGE = f"""<!doctype html><html lang="en"><body><h1 data-stamp="scaled clock ×8640">Certificate of analysis</h1>
<table><thead><tr><th>Test</th><th>Result ≥ µ</th></tr></thead><tbody>{ROWS}</tbody></table></body></html>"""
PROOF = Attachment("inclusion-proof.json", b'{"leaf": 7}', "application/json", "Inclusion proof")


def document(html: str = PAGE, *attachments: Attachment) -> bytes:
    return render_pdf(
        html, title="Certificate", identity='COI "KX7-204" \\ B-0042', made_at=MADE_AT, attachments=attachments
    )


def test_is_a_tagged_pdf_a_3a_in_a_named_language() -> None:
    with pikepdf.open(BytesIO(document())) as pdf:
        assert pdf.open_metadata().pdfa_status == "3A"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo.Title) == "Certificate"


def test_carries_its_attachments_byte_for_byte() -> None:
    with pikepdf.open(BytesIO(document(PAGE, PROOF))) as pdf:
        carried = pdf.attachments["inclusion-proof.json"]
        assert carried.get_file().read_bytes() == PROOF.content
        assert carried.get_file().mime_type == "application/json"
        assert carried.description == "Inclusion proof"


def test_every_page_says_who_it_belongs_to_and_how_many_there_are() -> None:
    pages = PdfReader(BytesIO(document())).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        text = page.extract_text()
        assert f"Page {number} of {len(pages)}" in text
        assert 'COI "KX7-204"' in text
        assert "scaled clock ×8640" in text


@pytest.mark.req("R-161")
def test_same_input_gives_the_same_bytes() -> None:
    assert document(PAGE, PROOF) == document(PAGE, PROOF)


def test_another_content_gives_another_identifier() -> None:
    first, second = (
        pikepdf.open(BytesIO(document(PAGE, proof))) for proof in (PROOF, Attachment("a", b"", "text/plain"))
    )
    assert bytes(first.trailer.ID[0]) != bytes(second.trailer.ID[0])


def test_embeds_every_font_it_uses() -> None:
    with pikepdf.open(BytesIO(document())) as pdf:
        fonts = [
            font
            for font in pdf.objects
            if isinstance(font, pikepdf.Dictionary) and font.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
        assert any("Atkinson" in str(font.FontName) for font in fonts)


@pytest.mark.parametrize(
    "address", ["http://example.org/logo.png", "file:///etc/hostname", "file:{static}/../manage.py"]
)
def test_refuses_to_fetch_anything_from_outside_the_installation(address: str) -> None:
    with pytest.raises(DocumentRefused):
        document(f'<img alt="" src="{address.format(static=f"//{settings.BASE_DIR}/static")}">')
