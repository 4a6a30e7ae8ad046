"""Labels: what must stand on a container, and its DataMatrix symbols."""

import re
from dataclasses import dataclass
from functools import lru_cache

import zint

AUTOLOGOUS = "FOR AUTOLOGOUS USE ONLY"
# Everything zint writes before the drawing itself: prologue, size, description.
_SVG_HEAD = re.compile(r'.*?<svg width="(?P<size>\d+)".*?</desc>', re.DOTALL)
# ISO/IEC 16022 asks for one module, and printers and foils bleed; ISO/IEC 18004 asks for four.
QUIET_MODULES = {zint.Symbology.DATAMATRIX: 2, zint.Symbology.QRCODE: 4}


@dataclass(frozen=True)
class Label:
    """The face of one label. The container's code and the chain's code are two symbols: two identifiers."""

    code: str
    chain_id: str
    contents: str
    recipient: str
    facility: str
    expiry: str = ""
    donation_number: str = ""
    copy: int = 1
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything a person reads, from top to bottom. The autologous statement is not an option."""
        return tuple(
            line
            for line in (
                self.code,
                self.chain_id,
                self.contents,
                self.recipient,
                self.donation_number,
                self.facility,
                self.expiry and f"Expires {self.expiry}",
                AUTOLOGOUS,
                *self.warnings,
                f"Copy {self.copy}" if self.copy > 1 else "",
            )
            if line
        )

    @property
    def code_symbol(self) -> str:
        return data_matrix_svg(self.code)

    @property
    def chain_symbol(self) -> str:
        return data_matrix_svg(chain_scan_code(self.chain_id))


def chain_scan_code(chain_id: str) -> str:
    """The identifier with its ISBT 128 data identifier, as it stands in a bar code."""
    return f"&/{chain_id}"


@lru_cache(maxsize=512)
def data_matrix_svg(text: str) -> str:
    """A square DataMatrix as an `<svg>` element to stand in a page: scaled by its style, named for a screen reader."""
    return _element(text, _draw(text, "symbol.svg"))


@lru_cache(maxsize=64)
def qr_svg(text: str) -> str:
    """A QR code as such an element: any camera finds it, from any side."""
    return _element(text, _draw(text, "symbol.svg", symbology=zint.Symbology.QRCODE))


def _element(text: str, drawing: bytes) -> str:
    return _SVG_HEAD.sub(
        lambda head: (
            f'<svg class="symbol" viewBox="0 0 {head["size"]} {head["size"]}" role="img"'
            f' xmlns="http://www.w3.org/2000/svg"><title>{_escaped(text)}</title>'
        ),
        drawing.decode(),
        count=1,
    )


def data_matrix_png(text: str, *, scale: int = 4) -> bytes:
    """A square DataMatrix as PNG, `scale` × 2 pixels to the module."""
    return _draw(text, "symbol.png", scale=scale)


def _draw(text: str, name: str, *, scale: int = 1, symbology: zint.Symbology = zint.Symbology.DATAMATRIX) -> bytes:
    symbol = zint.Symbol()
    symbol.symbology = symbology
    if symbology == zint.Symbology.DATAMATRIX:
        symbol.option_3 = int(zint.DataMatrixOptions.SQUARE)
    symbol.output_options |= zint.OutputOptions.BARCODE_MEMORY_FILE
    symbol.show_text = False
    symbol.scale = scale
    symbol.whitespace_width = symbol.whitespace_height = QUIET_MODULES[symbology]
    symbol.outfile = name
    symbol.encode(text)
    symbol.print()
    return bytes(symbol.memfile or b"")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
