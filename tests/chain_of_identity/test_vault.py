"""The lock on personal data."""

import base64
from datetime import date

import pytest

from chain_of_identity.vault import PersonalData, Sealed, Vault, VaultLocked

OLD = "2025:" + base64.b64encode(b"a" * 32).decode()
NEW = "2026:" + base64.b64encode(b"b" * 32).decode()
DATA = PersonalData(name="Ana Muster", birth_date=date(1961, 3, 7), hospital_number="743967")


def test_opens_what_it_sealed() -> None:
    assert Vault([NEW]).open(Vault([NEW]).seal(DATA, owner="one"), owner="one") == DATA


@pytest.mark.req("R-043")
def test_the_box_shows_nothing_and_never_the_same_twice() -> None:
    first, second = (Vault([NEW]).seal(DATA, owner="one") for _ in range(2))
    assert first.box != second.box
    assert b"Muster" not in base64.b64decode(first.box)


def test_a_new_key_locks_and_the_old_one_still_opens() -> None:
    old = Vault([OLD]).seal(DATA, owner="one")
    rotated = Vault([NEW, OLD])
    assert rotated.open(old, owner="one") == DATA
    assert (old.key_id, rotated.seal(DATA, owner="one").key_id) == ("2025", "2026")


def test_a_box_opens_only_for_its_owner() -> None:
    with pytest.raises(VaultLocked):
        Vault([NEW]).open(Vault([NEW]).seal(DATA, owner="one"), owner="other")


def test_a_changed_box_does_not_open() -> None:
    sealed = Vault([NEW]).seal(DATA, owner="one")
    raw = bytearray(base64.b64decode(sealed.box))
    raw[-1] ^= 1
    with pytest.raises(VaultLocked):
        Vault([NEW]).open(Sealed(sealed.key_id, base64.b64encode(raw).decode()), owner="one")


def test_says_which_key_is_missing() -> None:
    with pytest.raises(VaultLocked) as refusal:
        Vault([NEW]).open(Vault([OLD]).seal(DATA, owner="one"), owner="one")
    assert refusal.value.details == {"key_id": "2025"}


def test_needs_a_key() -> None:
    with pytest.raises(VaultLocked, match="VAULT_KEYS"):
        Vault([])
