"""One real object of every kind a URL can name, at one site: what a person of another site must not reach."""

from batches import services as batches_services
from batches.models import BatchException
from chain_of_identity.services import tell_clinic
from equipment import services as equipment_services
from equipment.tasks import read_files
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.outbox.services import send_test
from mes.records.models import Event, Signature
from mes.records.services import act
from qc_release.models import Certificate, FileMatch, Investigation, Notice, ReviewKind, Sample, SpecificationVersion
from qc_release.tasks import match_files
from recipes.models import RecipeVersion
from scheduling.models import Slot
from tests.given import (
    alarms,
    batches,
    chain_of_identity,
    equipment,
    materials,
    outbox,
    passkeys,
    people,
    qc_release,
    redlines,
    scheduling,
)
from tests.given.instrument_files import counted
from tests.given.pictures import taken

World = dict[str, str]


def a_world(site: Site) -> World:
    """Keyed by the name of the URL's argument. Recipe and specification versions share one; see `ids_for`."""
    facts = _release(site) | _manufacture(site) | _custody(site) | _plan(site) | _plant(site) | _people(site)
    facts |= _post(site)
    return {name: str(value) for name, value in facts.items()}


def ids_for(path: str, world: World) -> World:
    """The world as this path names it."""
    if path.startswith(("/api/v1/specifications/", "/specifications/")):
        return world | {"version_id": world["specification_version_id"]}
    return world


def _people(site: Site) -> dict[str, object]:
    olga = people.persona(site, "olga")
    passkey = passkeys.a_passkey(olga)[1]
    return {"site_id": site.id, "user_id": olga.id, "grant_id": olga.grants.get().id, "passkey_id": passkey.id}


def _post(site: Site) -> dict[str, object]:
    """A receiver, and a message that waits for it."""
    subscription, _ = outbox.subscribed(site, "https://clinic.example/baton")
    send_test(actor=people.persona(site, "anna"), subscription=subscription)
    return {"subscription_id": subscription.id, "message_id": subscription.messages.get().id}


def _manufacture(site: Site) -> dict[str, object]:
    """A batch under way with a photo, a value out of its limits, which became a deviation, and its record asked for."""
    batch = batches.running_batch(site)
    step = batches.started(batch, "S020")
    olga = people.persona(site, "olga")
    entry = batches_services.record_entry(actor=olga, step=step, name="viability", value="65", unit="%")
    exception = BatchException.objects.get(step=step)
    deviation = batches_services.open_deviation(
        actor=olga,
        batch=batch,
        title="Low viability",
        description="65 % on arrival.",
        severity="high",
        exceptions=[exception],
    )
    redline = redlines.proposed(batches.step(batch, "S020"))
    call = batches_services.call_supervisor(actor=olga, step=step, reason="The label cannot be read")
    document = batches_services.request_record(actor=olga, batch=batch)
    sven = people.persona(site, "sven")
    form = batches_services.issue_form(actor=sven, batch=batch, steps=[step], reason="The server is updated.")
    version = RecipeVersion.objects.get(pk=batch.recipe_version_id)
    return {
        "batch_id": batch.id,
        "step_id": step.id,
        "entry_id": entry.id,
        "exception_id": exception.id,
        "deviation_id": deviation.id,
        "photo_id": taken(step).id,
        "document_id": document.id,
        "redline_id": redline.id,
        "form_id": form.id,
        "call_id": call.id,
        "version_id": version.id,
        "recipe_id": version.recipe_id,
        "signature_id": Signature.objects.filter(event__batch_id=batch.id).latest("at").id,
        "event_id": Event.objects.filter(site_id=site.id, batch_id=batch.id).latest("at").id,
    }


def _release(site: Site) -> dict[str, object]:
    """A batch supplied out of specification, so that somebody must be told, with its certificate on the way."""
    batch = qc_release.batch_with_results(site, values={"viability": "75"})
    investigation = qc_release.closed(Investigation.objects.get(result__sample__batch=batch), cause="confirmed")
    qc_release.disposed(qc_release.reviewed(batch), "supplied_oos", supply=qc_release.DOCUMENTS)
    return {
        "sample_id": Sample.objects.get(batch=batch).id,
        "result_id": investigation.result_id,
        "investigation_id": investigation.id,
        "test_id": "viability",
        "kind": ReviewKind.RECORD,
        "certificate_id": Certificate.objects.get(file__batch=batch).id,
        "notice_id": Notice.objects.filter(file__batch=batch).latest("id").id,
        "specification_version_id": SpecificationVersion.objects.get(specification__site=site).id,
        "method_id": qc_release.approved_method(site, "FLOW-VIA").id,
    }


def _custody(site: Site) -> dict[str, object]:
    """A product at the bedside, and cells on offer to the courier, of which the clinic was told something."""
    treated = chain_of_identity.at_the_clinic(site)
    check = chain_of_identity.checked_at_the_bed(treated)
    order = chain_of_identity.collected(site)
    bag = chain_of_identity.bag_of(order)
    offer = chain_of_identity.given(people.persona(site, "clara"), order, [bag], "courier")
    with act(people.persona(site, "sven"), "test.tell", site=site, subject=order) as event:
        notice = tell_clinic(event, order=order, title="Batch stopped", text="The power failed.")
    return {
        "clinic_notice_id": notice.id,
        "order_id": order.id,
        "container_id": bag.id,
        "label": bag.label,
        "handover_id": offer.id,
        "check_id": check.id,
    }


def _plan(site: Site) -> dict[str, object]:
    later = 5 + 15 * Slot.objects.filter(site=site).count()
    return {"slot_id": scheduling.held_slot(scheduling.order(site), days=later).id}


def _plant(site: Site) -> dict[str, object]:
    unit = equipment.unit(site, "bioreactor")
    checked = equipment.checked(equipment.new_unit(site, "incubator"))
    alarm = alarms.raised(unit)
    waiting = a_file_to_match(site)
    return {
        "unit_id": unit.id,
        "file_id": waiting.file_id,
        "match_id": waiting.id,
        "equipment_check_id": checked.check_of_id,
        "room_id": unit.room_id,
        "alarm_id": alarm.id,
        "definition_id": alarm.definition_id,
        "command_id": equipment.requested(unit, "culture").id,
        "lot_id": materials.quarantined_lot(site, "IL-2").id,
        "terminal_id": equipment.terminal(unit.room).terminal.id,
    }


def a_file_to_match(site: Site) -> FileMatch:
    """A counter counted something nobody waits for."""
    counter = equipment.new_unit(site, "cell_counter", adapter="file_drop")
    file = equipment_services.keep_file(
        actor=system_user("gateway"), unit=counter, name="count.csv", content=counted("tube 3")
    )
    read_files()
    match_files()
    return FileMatch.objects.get(file=file)
