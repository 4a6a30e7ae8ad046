"""The cell counter that leaves a file for each count (NucleoView, as its vendor writes it). Argument: its folder."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.given.instrument_files import counted
from tests.plant.living import Order, obey, say


def main(folder: Path) -> None:
    def count(order: Order) -> str:
        """One sample; under its own name only when it is whole, as the instrument does."""
        unfinished = folder / f"{order['sample']}.csv.tmp"
        unfinished.write_bytes(counted(order["sample"], viability=order["viability"]))
        whole = unfinished.rename(folder / f"{order['sample']}.csv")
        return whole.name

    say({"port": 0})
    obey({"clock": lambda _order: None, "count": count})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
