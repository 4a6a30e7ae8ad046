"""Investigations of out-of-specification results (21 CFR 211.192)."""

from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, NotPermitted
from mes.records.queries import manifest_digest
from mes.records.services import act, sign
from mes.records.signing import Signer
from qc_release.models import Cause, Investigation, Result
from qc_release.services.shared import as_seen, require_own
from qc_release.states import INVESTIGATION


def open_investigation(*, actor: User, result: Result) -> Investigation:
    """Inside the act that found the result: nobody has to remember to open it."""
    site = result.site
    with act(actor, "qc_release.open_investigation", site=site, subject=result, batch=result.sample.batch_id) as event:
        investigation = Investigation.objects.create(
            site=site,
            batch_id=result.sample.batch_id,
            result=result,
            number=_next_number(result),
            opened_at=clock.now(site),
        )
        event.data |= {"investigation": investigation.number}
    return investigation


def plan_retests(*, actor: User, investigation: Investigation, number: int) -> Investigation:
    """Fix how many retests there will be, once and before the first of them (R-154)."""
    site = investigation.site
    require(actor, "qc.review", site)
    if not 1 <= number <= MOST_RETESTS:
        raise InvalidInput(f"Plan 1 to {MOST_RETESTS} retests.", field="number")
    with act(actor, "qc_release.plan_retests", site=site, subject=investigation, batch=investigation.batch_id) as event:
        investigation = _locked(investigation)
        if investigation.retests_planned is not None:
            raise Conflict("The number of retests was fixed already.", planned=investigation.retests_planned)
        INVESTIGATION.find("conclude", investigation.status)
        investigation.retests_planned = number
        investigation.save(update_fields=["retests_planned"])
        event.data |= {"retests": number}
    return investigation


MOST_RETESTS = 9  # FDA's guidance asks for a number fixed beforehand; more than nine looks for a passing value


def conclude_investigation(
    *,
    actor: User,
    investigation: Investigation,
    cause: str,
    findings: str,
    other_batches: str,
    conclusion: str,
    follow_up: str,
    signer: Signer,
) -> Investigation:
    """What was found, whether other batches are affected, the conclusion and the follow-up; all four (R-164)."""
    require_own(signer, actor)
    texts = {
        "findings": findings,
        "other_batches": other_batches,
        "conclusion": conclusion,
        "follow_up": follow_up,
    }
    _require_all(cause, texts)
    site = investigation.site
    with act(
        actor, "qc_release.conclude_investigation", site=site, subject=investigation, batch=investigation.batch_id
    ) as event:
        investigation = _locked(investigation)
        signer = as_seen(signer, manifest_digest(investigation))
        INVESTIGATION.move(investigation, "conclude", event=event, signers=[signer])
        investigation.cause, investigation.investigator = cause, actor
        for name, text in texts.items():
            setattr(investigation, name, text)
        investigation.save(update_fields=["cause", "investigator", *texts])
        sign(event, signer, subject=investigation, meaning="performed")
    return investigation


def return_investigation(*, actor: User, investigation: Investigation, reason: str) -> Investigation:
    """Quality is not convinced; the laboratory goes on."""
    site = investigation.site
    with act(
        actor,
        "qc_release.return_investigation",
        site=site,
        subject=investigation,
        batch=investigation.batch_id,
        reason=reason,
    ) as event:
        investigation = _locked(investigation)
        INVESTIGATION.move(investigation, "return", event=event)
    return investigation


def close_investigation(*, actor: User, investigation: Investigation, signer: Signer) -> Investigation:
    """Quality approves the conclusion. Never the investigator or the analyst of the result."""
    require_own(signer, actor)
    site = investigation.site
    require(actor, "qc.review", site)
    with act(
        actor, "qc_release.close_investigation", site=site, subject=investigation, batch=investigation.batch_id
    ) as event:
        investigation = _locked(investigation)
        if actor.id in (investigation.investigator_id, investigation.analyst_id):
            raise NotPermitted("Nobody approves their own investigation.", rule="not_own_work")
        investigation.approved_by = actor
        investigation.save(update_fields=["approved_by"])
        INVESTIGATION.move(investigation, "close", event=event, signers=[signer])
        sign(event, signer, subject=investigation, meaning="approved")
    return investigation


def investigation_of(result: Result) -> Investigation | None:
    return Investigation.objects.filter(result=result).first()


def _require_all(cause: str, texts: dict[str, str]) -> None:
    missing = [name for name, text in texts.items() if not text.strip()]
    if cause not in Cause.values:
        missing.insert(0, "cause")
    if missing:
        words = ", ".join(name.replace("_", " ") for name in missing)
        raise InvalidInput(f"An investigation is concluded with: {words}.", missing=missing, causes=Cause.values)


def _next_number(result: Result) -> str:
    batch = result.sample.batch
    return f"OOS-{batch.number}-{Investigation.objects.filter(batch=batch).count() + 1:02d}"


def _locked(investigation: Investigation) -> Investigation:
    rows = Investigation.objects.select_related("site", "batch", "result__sample__batch", "result__method")
    return rows.select_for_update(of=("self",)).get(pk=investigation.pk)
