"""The WeasyPrint side of `mes.documents`."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import weasyprint
from django.conf import settings
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from mes.documents import Attachment, DocumentRefused, Picture


def write(
    html: str,
    *,
    title: str,
    identity: str,
    made_at: datetime,
    attachments: Sequence[Attachment],
    pictures: Mapping[str, Picture],
) -> bytes:
    moment = made_at.astimezone(UTC)
    fetcher = LocalFetcher(attachments, pictures)
    try:
        document = _lay_out(html, identity, fetcher)
        _describe(document.metadata, title, moment)
        pdf: bytes = document.write_pdf(
            pdf_variant="pdf/a-3a",
            pdf_identifier=_identifier(html, title, identity, moment, [*attachments, *pictures.values()]),
            attachments=fetcher.embedded(moment),
        )
    except FatalURLFetchingError as error:
        raise DocumentRefused(
            f"{title}: {error.__cause__}. A document uses only files of this installation."
        ) from error
    return pdf


class LocalFetcher(URLFetcher):
    """Gives WeasyPrint the files under static/, data: URIs, the pictures and the attachments, and nothing else."""

    def __init__(self, attachments: Sequence[Attachment], pictures: Mapping[str, Picture]) -> None:
        super().__init__(allowed_protocols={"file", "data"}, allow_redirects=False, fail_on_errors=True)
        self.attachments = {f"attachment:{number}": attachment for number, attachment in enumerate(attachments)}
        self.given = self.attachments | {f"picture:{key}": picture for key, picture in pictures.items()}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url in self.given:
            given = self.given[url]
            return URLFetcherResponse(url, given.content, {"Content-Type": given.media_type})
        if url.startswith("file:") and not _is_static(url):
            raise ValueError(f"{url} is outside static/")
        return super().fetch(url, headers)

    def embedded(self, moment: datetime) -> list[weasyprint.Attachment]:
        return [
            weasyprint.Attachment(
                url=url,
                url_fetcher=self,
                name=attachment.name,
                description=attachment.description,
                created=moment,
                modified=moment,
                relationship="Supplement",
            )
            for url, attachment in self.attachments.items()
        ]


def _lay_out(html: str, identity: str, fetcher: LocalFetcher) -> weasyprint.Document:
    fonts = FontConfiguration()
    sheets = [
        weasyprint.CSS(string=css, base_url=_static_url(), url_fetcher=fetcher, font_config=fonts)
        for css in (_print_css(), _running_header(identity))
    ]
    page = weasyprint.HTML(string=html, base_url=_static_url(), url_fetcher=fetcher)
    return page.render(font_config=fonts, stylesheets=sheets)


def _describe(metadata: weasyprint.document.DocumentMetadata, title: str, moment: datetime) -> None:
    metadata.title = title
    metadata.lang = metadata.lang or "en"
    metadata.generator = "Baton"
    metadata.created = metadata.modified = f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _print_css() -> str:
    return (Path(settings.BASE_DIR) / "templates" / "documents" / "print.css").read_text(encoding="utf-8")


def _static() -> Path:
    return Path(settings.BASE_DIR) / "static"


def _static_url() -> str:
    return _static().as_uri() + "/"


def _is_static(url: str) -> bool:
    return Path(url2pathname(urlsplit(url).path)).resolve().is_relative_to(_static().resolve())


def _running_header(identity: str) -> str:
    return f"@page {{ @top-left {{ content: {_css_string(identity)} }} }}"


def _css_string(text: str) -> str:
    """Quoted for CSS: whatever could end the string is written as a code point."""
    return '"' + re.sub(r'["\\\n\r\f]', lambda match: f"\\{ord(match[0]):06x}", text) + '"'


def _identifier(html: str, title: str, identity: str, moment: datetime, parts: Sequence[Attachment | Picture]) -> bytes:
    """WeasyPrint would take a digest of the file as identifier; ours is of what went in, so it names the content."""
    digest = sha256(f"{html}\0{title}\0{identity}\0{moment.isoformat()}".encode())
    for part in parts:
        digest.update(sha256(part.content).digest())
    return digest.hexdigest()[:32].encode()
