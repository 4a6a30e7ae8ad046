"""The demonstration site: its people, and a stage on which each room sets up its own part.

A room that has something to show has a module `<room>/demonstration.py`, made of service calls only: `load(stage)`
furnishes the room, and `play(stage)` is what its people have done since, as soon as every room is furnished.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from mes.accounts import enrolment, services
from mes.accounts.models import SignaturePolicy, Site, User
from mes.accounts.queries import system_user
from mes.accounts.rights import Role
from mes.records.signing import Credential, Signer, authenticate_signer

CODE = "GRAZ"
PASSWORD = "living medicine 2026"  # noqa: S105  printed at every start; the site is marked as a demonstration
PIN = "271828"


@dataclass(frozen=True)
class Persona:
    """Somebody of the demonstration site."""

    username: str
    printed_name: str
    role: Role
    does: str


PEOPLE = (
    Persona("olga", "Olga Berger", Role.OPERATOR, "runs the steps on the tablet"),
    Persona("vera", "Vera Lang", Role.OPERATOR, "second person: verifies"),
    Persona("sven", "Sven Huber", Role.SUPERVISOR, "issues batches, holds and restarts, approves low deviations"),
    Persona("quinn", "Quinn Silva", Role.QA_REVIEWER, "reviews by exception, approves deviations, releases"),
    Persona("petra", "Petra Novak", Role.QUALIFIED_PERSON, "certifies and releases"),
    Persona("carl", "Carl Weiss", Role.QC_ANALYST, "enters test results"),
    Persona("cora", "Cora Stein", Role.QC_ANALYST, "checks Carl's results"),
    Persona("ravi", "Ravi Patel", Role.RECIPE_ENGINEER, "writes recipes and specifications"),
    Persona("rita", "Rita Moser", Role.RECIPE_ENGINEER, "reviews Ravi's recipes"),
    Persona("ines", "Ines Costa", Role.PLANNER, "plans slots"),
    Persona("logan", "Logan Frey", Role.LOGISTICS, "receives and ships"),
    Persona("kurt", "Kurt Ito", Role.COURIER, "carries the shipper"),
    Persona("clara", "Clara Roth", Role.CLINIC, "orders, collects, infuses"),
    Persona("carlos", "Carlos Diaz", Role.CLINIC, "second person at the bedside"),
    Persona("anna", "Anna Adler", Role.ADMINISTRATOR, "manages accounts"),
)


@dataclass(frozen=True)
class Stage:
    """The site and its people; `signer("quinn", "approved")` is Quinn's proven signature."""

    site: Site
    people: dict[str, User]
    signer: Callable[[str, str], Signer]


def load() -> Stage | None:
    """Set up the demonstration site once. None when it is there already."""
    if Site.objects.filter(code=CODE).exists():
        return None
    site = services.create_site(
        actor=system_user("installer"),
        code=CODE,
        name="Graz demonstration site",
        facility_code="A9999",
        time_zone="Europe/Vienna",
        is_demonstration=True,
        idle_minutes=15,
    )
    policy = enrolment.issue_signature_policy(actor=system_user("installer"), text=enrolment.DRAFT_POLICY)
    people = {persona.username: _person(site, policy, persona) for persona in PEOPLE}
    stage = Stage(site, people, _signers(site))
    rooms = [import_module(f"{room}.demonstration") for room in settings.ROOMS if find_spec(f"{room}.demonstration")]
    for part in ("load", "play"):
        for room in rooms:
            if hasattr(room, part):
                getattr(room, part)(stage)
    return stage


def _person(site: Site, policy: SignaturePolicy, persona: Persona) -> User:
    installer = system_user("installer")
    user = services.create_user(
        actor=installer,
        username=persona.username,
        printed_name=persona.printed_name,
        password=PASSWORD,
        pin=PIN,
        badge=f"B-{persona.username}",
        must_change_password=False,
    )
    services.grant_role(actor=installer, user=user, site=site, role=persona.role)
    enrolment.record_identity_check(actor=installer, user=user, method="passport", checked_on=date(2026, 1, 7))
    enrolment.accept_signature_policy(user=user, number=policy.number, password=PASSWORD)
    return user


def _signers(site: Site) -> Callable[[str, str], Signer]:
    @cache  # the hash of a password is slow by design: who signs a hundred lots in one sitting proves it once
    def signer(username: str, meaning: str) -> Signer:
        user = User.objects.get(username=username)
        credential = Credential(username=username, password=PASSWORD)
        return authenticate_signer(credential, meaning=meaning, site=site, acting=user, full=True)

    return signer
