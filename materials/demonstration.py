"""The store of the demonstration site: what the library recipes need, released twice; a lot of every other status."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from time import sleep

from materials import services
from materials.models import Lot, Material, MaterialKind
from mes import clock
from mes.accounts.queries import system_user
from mes.demonstration import Stage
from mes.quantities import Quantity

# code, name, kind, unit in which it is counted, quantity of a delivery
STORE = (
    ("TEXMACS", "TexMACS culture medium", MaterialKind.MEDIUM, "mL", 40_000),
    ("HS-AB", "Human AB serum", MaterialKind.REAGENT, "mL", 2_000),
    ("IL-2", "Interleukin-2", MaterialKind.REAGENT, "IU", 20_000_000),
    ("VEC-CD20", "Lentiviral vector, anti-CD20 CAR", MaterialKind.VECTOR, "mL", 200),
    ("TRANSACT", "T cell activation reagent", MaterialKind.REAGENT, "mL", 100),
    ("CD4-BEADS", "CD4 selection beads", MaterialKind.REAGENT, "mL", 100),
    ("CD8-BEADS", "CD8 selection beads", MaterialKind.REAGENT, "mL", 100),
    ("BEADS-CD3CD28", "CD3/CD28 activation beads", MaterialKind.REAGENT, "mL", 200),
    ("PBS-EDTA", "PBS/EDTA wash buffer", MaterialKind.MEDIUM, "mL", 30_000),
    ("PLASMALYTE", "Plasma-Lyte A", MaterialKind.EXCIPIENT, "mL", 2_000),
    ("D5-HALFNS", "Dextrose 5 % / sodium chloride 0.45 %", MaterialKind.EXCIPIENT, "mL", 1_000),
    ("LMD", "Dextran 40 10 % in dextrose 5 %", MaterialKind.EXCIPIENT, "mL", 500),
    ("HSA-25", "Human serum albumin 25 %", MaterialKind.EXCIPIENT, "mL", 500),
    ("DMSO", "Dimethyl sulfoxide", MaterialKind.EXCIPIENT, "mL", 200),
    ("TUBING-TS520", "Tubing set TS 520", MaterialKind.CONSUMABLE, "", 20),
    ("BAG-SET", "Product bag set", MaterialKind.CONSUMABLE, "", 40),
)
SHELF_LIFE = timedelta(days=730)
RUNS_OUT, SHORT_LIVED = timedelta(seconds=1), "24-017"
TITRE = {"titre_tu_per_ml": Quantity(Decimal("1E8"), "TU/mL")}


def load(stage: Stage) -> None:
    for code, name, kind, unit, amount in STORE:
        material = services.add_material(
            actor=stage.people["quinn"], site=stage.site, code=code, name=name, kind=kind, unit=unit
        )
        for number in (1, 2):
            _release(stage, _receive(stage, material, f"26-{number:03}", amount, SHELF_LIFE))
    medium, serum, buffer = (
        Material.objects.get(site=stage.site, code=code) for code in ("TEXMACS", "HS-AB", "PBS-EDTA")
    )
    _receive(stage, medium, "26-003", 10_000, SHELF_LIFE)
    _release(stage, _receive(stage, serum, SHORT_LIVED, 500, RUNS_OUT))
    frozen = _receive(stage, buffer, "26-003", 5_000, SHELF_LIFE)
    services.reject_lot(actor=stage.people["quinn"], lot=frozen, reason="The logger of the delivery shows frost.")


def play(stage: Stage) -> None:
    """The serum has run out while the other rooms were furnished; where that was quick, it is waited for."""
    serum = Lot.objects.get(site=stage.site, material__code="HS-AB", number=SHORT_LIVED)
    sleep(max(0.0, (serum.expires_at - clock.now(stage.site)).total_seconds()))
    services.expire_due(actor=system_user("dispatcher"), site=stage.site)


def _receive(stage: Stage, material: Material, number: str, amount: int, lasts: timedelta) -> Lot:
    return services.receive_lot(
        actor=stage.people["logan"],
        material=material,
        number=number,
        quantity=Quantity(Decimal(amount), material.unit),
        expires_at=clock.now(stage.site) + lasts,
        attributes=TITRE if material.kind == MaterialKind.VECTOR else None,
    )


def _release(stage: Stage, lot: Lot) -> None:
    services.release_lot(actor=stage.people["quinn"], lot=lot, signer=stage.signer("quinn", "released"))
