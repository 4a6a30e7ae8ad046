"""The demonstration site has what the library recipes need."""

import pytest

from equipment import demonstration, queries
from equipment.classes import EQUIPMENT_CLASSES
from equipment.models import Alarm, Room, Unit
from mes import clock
from mes.accounts.models import Site
from mes.demonstration import Stage
from mes.records.signing import Signer
from tests.given import people


@pytest.mark.django_db
def test_every_class_is_there_and_fit_but_for_the_incubator_nobody_cleaned(site: Site) -> None:
    crew = {name: people.persona(site, name) for name in ("olga", "vera", "sven", "ravi")}

    def signer(name: str, meaning: str) -> Signer:
        return people.signer(crew[name], meaning, site=site)

    demonstration.load(Stage(site, crew, signer))
    now = clock.now(site)
    unfit = {
        unit.code: [reason.code for reason in reasons]
        for unit in Unit.objects.all()
        if (reasons := queries.reasons_unfit(unit, class_code=unit.class_code, batch_id=None, at=now))
    }
    assert unfit == {"INC-2": ["not_clean"]}
    assert set(Unit.objects.values_list("class_code", flat=True)) == set(EQUIPMENT_CLASSES)
    [alarm] = Alarm.objects.all()
    assert (alarm.unit.code, alarm.status, alarm.acknowledged_by) == ("INC-2", "closed", crew["olga"])
    assert set(Room.objects.values_list("status", flat=True)) == {"clean"}
