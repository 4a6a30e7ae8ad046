"""Two requests of one session at the same time: the one that ends last does not undo the other."""

import pytest

from mes.accounts.session_store import BACK_AT, LOCKED, SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> str:
    session = SessionStore()
    session["seen"] = 1
    session.save()
    assert session.session_key is not None
    return session.session_key


@pytest.mark.req("R-030")
def test_an_older_copy_does_not_open_the_lock_nor_forget_who_came_back(key: str) -> None:
    under_way, locking = SessionStore(key), SessionStore(key)
    assert under_way["seen"] == 1
    locking[LOCKED], locking[BACK_AT] = True, 20.0
    locking.save()
    under_way["seen"] = 2
    under_way.save()
    found = SessionStore(key)
    assert (found[LOCKED], found[BACK_AT], found["seen"]) == (True, 20.0, 2)


def test_whoever_has_just_proven_to_be_there_opens_it(key: str) -> None:
    locked = SessionStore(key)
    locked[LOCKED] = True
    locked.save()
    opened = SessionStore(key)
    del opened[LOCKED]
    opened.is_opened = True
    opened.save()
    assert LOCKED not in SessionStore(key)
