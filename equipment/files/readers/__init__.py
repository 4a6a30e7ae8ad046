"""The forms of file Baton reads. A new one is a copied file and a line here."""

from collections.abc import Sequence

from equipment.files.base import LONGEST_ID, MOST_RUNS, MOST_VALUES, Dropped, Reader, Run, Unreadable
from equipment.files.readers.cedex_bio_ht import CEDEX_BIO_HT
from equipment.files.readers.fcs import FCS
from equipment.files.readers.nc_view import NC_VIEW
from equipment.files.readers.nova_flex2 import NOVA_FLEX2
from equipment.files.readers.nucleoview import NUCLEOVIEW
from equipment.files.readers.vi_cell_blu import VI_CELL_BLU
from equipment.files.readers.vi_cell_xr import VI_CELL_XR

READERS: tuple[Reader, ...] = (NUCLEOVIEW, NC_VIEW, VI_CELL_BLU, VI_CELL_XR, NOVA_FLEX2, CEDEX_BIO_HT, FCS)


def read(content: bytes) -> tuple[Reader, list[Run]]:
    """Who read it, and what it says of each sample. Unreadable: a file is read as a whole or not at all."""
    dropped = Dropped(content)
    knowing = [reader for reader in READERS if reader.recognises(dropped)]
    if not knowing:
        raise Unreadable("No reader knows this form of file.")
    if len(knowing) > 1:
        raise Unreadable(f"Several readers know this file: {', '.join(reader.title for reader in knowing)}.")
    try:
        runs = knowing[0].read(dropped)
    except Unreadable:
        raise
    except Exception as error:
        # A file is the word of a stranger: whatever it does to a reader is a fault of the file.
        raise Unreadable(f"{knowing[0].title} could not be read: {type(error).__name__}: {error}"[:500]) from error
    _check_size(runs)
    return knowing[0], runs


def _check_size(runs: Sequence[Run]) -> None:
    if not runs:
        raise Unreadable("The file holds no sample.")
    if len(runs) > MOST_RUNS or any(len(run.values) > MOST_VALUES for run in runs):
        raise Unreadable(f"The file holds more than {MOST_RUNS} samples, or {MOST_VALUES} values of one.")
    words = [word for run in runs for word in (run.sample_id, run.measured_at, run.operator, run.warning)]
    words += [word for run in runs for value in run.values for word in (value.name, value.value, value.note)]
    if any(len(word) > LONGEST_ID or not word.isprintable() for word in words):
        raise Unreadable(f"A name in the file is longer than {LONGEST_ID} characters, or cannot be printed.")
