"""Acts on files of instruments: keeping one, and reading it."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256

from django.db import IntegrityError

from equipment.files.base import Run, Unreadable
from equipment.files.models import FileReading, InstrumentFile, InstrumentFileQuerySet, InstrumentRun
from equipment.files.queries import content_of
from equipment.files.readers import read
from equipment.models import Unit
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.records.services import act

MOST_BYTES = 32 * 1024 * 1024
LONGEST_NAME = 255


def keep_file(*, actor: User, unit: Unit, name: str, content: bytes) -> InstrumentFile:
    """The bytes into the record. The same bytes again are the file that is there already."""
    digest = sha256(content).hexdigest()
    file = InstrumentFile(unit=unit, name=_shown(name), sha256=digest, size=len(content), content=content)
    return _kept(actor, file, known=InstrumentFile.objects.filter(site_id=unit.site_id, sha256=digest))


def report_large_file(*, actor: User, unit: Unit, name: str, size: int) -> InstrumentFile:
    """A file too large to be kept stays in its folder, and is in quarantine with its name and size."""
    file = InstrumentFile(unit=unit, name=_shown(name), size=size)
    known = InstrumentFile.objects.filter(unit=unit, name=file.name, size=size, sha256="")
    return _kept(actor, file, known=known)


def _kept(actor: User, file: InstrumentFile, *, known: InstrumentFileQuerySet) -> InstrumentFile:
    site = file.unit.site
    require(actor, "equipment.keep_file", site)
    found = known.without_content().first()
    if found is not None:
        return found
    file.site, file.taken_at = site, clock.now(site)
    try:
        with act(actor, "equipment.keep_file", site=site, subject=file, data=_told(file)):
            file.save(force_insert=True)
    except IntegrityError:
        # Somebody else was a moment faster with the same bytes.
        return known.without_content().get()
    return file


def read_file(*, actor: User, file: InstrumentFile) -> FileReading:
    """Read a file that was kept, once: its runs, or the reason why it is in quarantine, in one transaction."""
    require(actor, "equipment.keep_file", file.site)
    reader, runs, reason = _attempt(file)
    with act(actor, "equipment.read_file", site=file.site, subject=file, reason=reason) as event:
        reading = FileReading.objects.create(file=file, reader=reader, quarantine=reason)
        InstrumentRun.objects.bulk_create(_row(file, number, run) for number, run in enumerate(runs, start=1))
        event.data |= {"reader": reader, "runs": len(runs)}
    return reading


def _attempt(file: InstrumentFile) -> tuple[str, list[Run], str]:
    """The reader, what it read, and why it could not."""
    if not file.sha256:
        return "", [], f"The file has {file.size} bytes, more than {MOST_BYTES}: it was left in its folder."
    try:
        reader, runs = read(content_of(file))
    except Unreadable as refusal:
        return "", [], str(refusal)
    return reader.name, runs, ""


def _row(file: InstrumentFile, number: int, run: Run) -> InstrumentRun:
    return InstrumentRun(
        file=file,
        number=number,
        sample_id=run.sample_id,
        measured_at=run.measured_at,
        operator=run.operator,
        warning=run.warning,
        values=[asdict(value) for value in run.values],
    )


def _shown(name: str) -> str:
    """A file name as it can be kept and printed; what cannot becomes a question mark."""
    text = name.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)[-LONGEST_NAME:]


def _told(file: InstrumentFile) -> dict[str, str | int]:
    return {"unit": file.unit.code, "sha256": file.sha256, "size": file.size}
