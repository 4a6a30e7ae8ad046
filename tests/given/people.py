"""The people of the tests, made through the services: each with a role at the site GRAZ."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from rest_framework.test import APIClient

from mes import server_clock
from mes.accounts import enrolment, services
from mes.accounts.models import Site, User
from mes.accounts.queries import policy_in_force, system_user
from mes.accounts.rights import RIGHTS, Role
from mes.records import current
from mes.records.models import RecordedModel
from mes.records.signing import Credential, Signer, authenticate_signer
from tests.database import BeginWith

PASSWORD = "correct horse battery"
PIN = "271828"
# What only an administrator does, who has no role of GMP work.
OFFICE = RIGHTS[Role.ADMINISTRATOR] - {"records.view"}
PERSONAS: dict[str, tuple[str, tuple[Role, ...]]] = {
    "olga": ("Olga Operator", (Role.OPERATOR,)),
    "vera": ("Vera Verifier", (Role.OPERATOR, Role.VERIFIER)),
    "sven": ("Sven Supervisor", (Role.SUPERVISOR,)),
    "quinn": ("Quinn Quality", (Role.QA_REVIEWER,)),
    "petra": ("Petra Qualified", (Role.QUALIFIED_PERSON,)),
    "carl": ("Carl Analyst", (Role.QC_ANALYST,)),
    "cora": ("Cora Analyst", (Role.QC_ANALYST,)),
    "ravi": ("Ravi Recipe", (Role.RECIPE_ENGINEER,)),
    "rita": ("Rita Recipe", (Role.RECIPE_ENGINEER,)),
    "ines": ("Ines Planner", (Role.PLANNER,)),
    "logan": ("Logan Logistics", (Role.LOGISTICS,)),
    "kurt": ("Kurt Courier", (Role.COURIER,)),
    "clara": ("Clara Clinic", (Role.CLINIC,)),
    "carlos": ("Carlos Clinic", (Role.CLINIC,)),
    "anna": ("Anna Administrator", (Role.ADMINISTRATOR,)),
    "sam": ("Sam Stranger", ()),
}


def a_site(code: str = "GRAZ", facility_code: str = "A9999") -> Site:
    """A demonstration site with an unscaled clock, made when first asked for."""
    return Site.objects.filter(code=code).first() or services.create_site(
        actor=system_user("installer"),
        code=code,
        name=f"Site {code.capitalize()}",
        facility_code=facility_code,
        time_zone="Europe/Vienna",
        is_demonstration=True,
    )


def a_person(site: Site, username: str, *roles: Role, printed_name: str = "") -> User:
    """Somebody with these roles at the site, the tests' password and PIN, and a badge."""
    installer = system_user("installer")
    user = services.create_user(
        actor=installer,
        username=username,
        printed_name=printed_name or username.capitalize(),
        password=PASSWORD,
        pin=PIN,
        badge=f"B-{username}",
        must_change_password=False,
    )
    for role in roles:
        services.grant_role(actor=installer, user=user, site=site, role=role)
    return enrolled(user)


def enrolled(user: User) -> User:
    """The person as they may sign: identity checked, signature policy accepted."""
    installer = system_user("installer")
    policy = policy_in_force() or enrolment.issue_signature_policy(actor=installer, text="My signature binds me.")
    identity_checked(user)
    enrolment.accept_signature_policy(user=user, number=policy.number, password=PASSWORD)
    return user


def identity_checked(user: User) -> None:
    """Somebody saw the person's passport just now."""
    installer = system_user("installer")
    enrolment.record_identity_check(actor=installer, user=user, method="passport", checked_on=date(2026, 1, 7))


def persona(site: Site, name: str) -> User:
    """The persona of this name, made when first asked for."""
    known = User.objects.filter(username=name).first()
    printed_name, roles = PERSONAS[name]
    return known or a_person(site, name, *roles, printed_name=printed_name)


@contextmanager
def tablet(*, kept_for: timedelta, apart: timedelta | None = None, steps: int = 0) -> Iterator[None]:
    """What is done inside, a tablet captured so long ago, when it had had no network for so long."""
    now = server_clock.now()
    device = current.Device(sent_at=now, captured_at=now - kept_for, apart=apart, steps=steps)
    token = current.request.set(replace(current.request.get(), device=device))
    try:
        yield
    finally:
        current.request.reset(token)


def signer(
    user: User,
    meaning: str,
    *,
    site: Site | None = None,
    full: bool = False,
    subject: RecordedModel | None = None,
) -> Signer:
    """The user's proven signature, given with user name and password."""
    credential = Credential(username=user.username, password=PASSWORD)
    here = site or user.sites().get()
    return authenticate_signer(credential, meaning=meaning, site=here, acting=user, full=full, subject=subject)


def signature(user: User, *, pin: bool = False) -> dict[str, str]:
    """The `signature` of an API body: the full credential, or the PIN of a later signature."""
    return {"pin": PIN} if pin else {"username": user.username, "password": PASSWORD}


def client_of(user: User) -> APIClient:
    """An API client signed in as the user, by session, like the pages."""
    client = APIClient()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


@pytest.fixture(scope="module")
def town(begin_with: BeginWith) -> Iterator[None]:
    """The site GRAZ and everybody who works there, for modules that need many of them."""
    with begin_with("town", lambda: [persona(a_site(), name) for name in PERSONAS]):
        yield


@pytest.fixture
def site(db: None) -> Site:
    return a_site()


@pytest.fixture
def foreign_site(db: None) -> Site:
    return a_site("LYON", "B8888")


def _persona_fixture(name: str) -> Callable[[Site], User]:
    @pytest.fixture(name=name)
    def the_persona(site: Site) -> User:
        return persona(site, name)

    return the_persona


for _name in PERSONAS:
    globals()[f"{_name}_fixture"] = _persona_fixture(_name)
