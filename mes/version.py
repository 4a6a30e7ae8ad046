"""Which Baton this is: stamped on every event and print."""

import subprocess
from functools import lru_cache
from pathlib import Path

VERSION = "0.1.0"


@lru_cache(maxsize=1)
def build() -> str:
    """`0.1.0+3f2a91c` in a git checkout; the plain version where there is none (then the image carries the commit)."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return VERSION
    try:
        command = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return VERSION
    return f"{VERSION}+{answer.stdout.strip()}"
