"""The recipes that come with Baton. A site imports them as drafts and signs them itself."""

from pathlib import Path

HERE = Path(__file__).parent
CODES = ("CART-A", "CART-B")


def source_of(code: str) -> str:
    """The YAML text of a library recipe."""
    if code not in CODES:
        raise KeyError(code)
    return (HERE / f"{code.lower().replace('-', '_')}.yaml").read_text(encoding="utf-8")
