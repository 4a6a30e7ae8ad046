"""Three patients of the demonstration site, enrolled and ordered for by the clinic."""

from datetime import date, timedelta
from decimal import Decimal

from chain_of_identity import services
from mes import clock
from mes.demonstration import Stage

# Invented people. name, birth date, hospital number, product, weight in kg
PATIENTS = (
    ("Anton Demo", date(1958, 4, 11), "DEMO-0001", "CART-A", "78.5"),
    ("Berta Demo", date(1971, 9, 30), "DEMO-0002", "CART-A", "64.0"),
    ("Cyril Demo", date(1984, 1, 23), "DEMO-0003", "CART-B", "91.2"),
)


def load(stage: Stage) -> None:
    for name, birth_date, hospital_number, product_code, weight_kg in PATIENTS:
        services.open_therapy(
            actor=stage.people["clara"],
            site=stage.site,
            name=name,
            birth_date=birth_date,
            hospital_number=hospital_number,
            product_code=product_code,
            weight_kg=Decimal(weight_kg),
            physician="Dr. R. Moser",
            clinic="St. Anna",
            consent_at=clock.now(stage.site) - timedelta(days=2),
        )
