"""Secrets at rest: bound to their place, several keys at once."""

from __future__ import annotations

import pytest

from drempel.adapters.secrets import Keyring, WrongSecretKey

PLACE = {"table": "sources", "row": "club", "field": "password"}


def test_what_was_encrypted_is_decrypted_and_never_looks_the_same() -> None:
    keyring = Keyring("one")
    texts = {keyring.encrypt("sécret", **PLACE) for _ in range(5)}
    assert len(texts) == 5
    assert all("cret" not in text for text in texts)
    assert {Keyring("one").decrypt(text, **PLACE) for text in texts} == {"sécret"}


@pytest.mark.parametrize("other", [{"table": "connections"}, {"row": "gym"}, {"field": "token"}])
def test_a_text_opens_only_in_its_place(other: dict[str, str]) -> None:
    keyring = Keyring("one")
    text = keyring.encrypt("secret", **PLACE)
    with pytest.raises(WrongSecretKey):
        keyring.decrypt(text, **{**PLACE, **other})


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-6], lambda t: t[:-6] + "AAAAAA", lambda t: "v2" + t[2:], lambda _: "", lambda _: "v1.x.!"]
)
def test_a_spoiled_text_is_refused(spoil: object) -> None:
    keyring = Keyring("one")
    text = keyring.encrypt("secret", **PLACE)
    with pytest.raises(WrongSecretKey):
        keyring.decrypt(spoil(text), **PLACE)  # type: ignore[operator]


def test_the_wrong_key_is_refused_with_a_remedy() -> None:
    text = Keyring("one").encrypt("secret", **PLACE)
    with pytest.raises(WrongSecretKey, match="NEW,OLD"):
        Keyring("two").decrypt(text, **PLACE)


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old, both, new = Keyring("old"), Keyring("new, old"), Keyring("new")
    text = old.encrypt("secret", **PLACE)
    assert both.decrypt(text, **PLACE) == "secret"
    assert not both.is_under_first(text)
    again = both.encrypt("secret", **PLACE)
    assert both.is_under_first(again)
    assert new.decrypt(again, **PLACE) == "secret"


@pytest.mark.parametrize("empty", ["", " ", ",", "one,", ",one", "one,,two"])
def test_an_empty_key_is_refused(empty: str) -> None:
    with pytest.raises(ValueError, match="SECRET_KEY"):
        Keyring(empty)


def test_a_fingerprint_is_keyed() -> None:
    one, other = Keyring("one"), Keyring("two")
    one.use_fingerprint_key(b"a" * 32)
    other.use_fingerprint_key(b"a" * 32)
    assert one.fingerprint("x") == other.fingerprint("x") != one.fingerprint("y")
    assert len(one.fingerprint("x")) == 32
    other.use_fingerprint_key(b"b" * 32)
    assert one.fingerprint("x") != other.fingerprint("x")
