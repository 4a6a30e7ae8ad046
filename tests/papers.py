"""What a PDF says."""

import pypdfium2


def words_of(pdf: bytes) -> str:
    """The text of all pages, with every run of space as one."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[number] for number in range(len(document))]
        return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in pages).split())
