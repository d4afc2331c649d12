"""No secret and no personal data in a text that may be logged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.resivo.scrubbing import DETAIL_CHARS_MAX, scrub

SECRET = "a-Secret/with+signs="


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("fine", "fine"),
        ("mail ada@example.com now", "mail [e-mail] now"),
        ("ada%40example.com", "[e-mail]"),
        ("<ada@example.com>", "<[e-mail]>"),
        ("ädä@exämple.nl", "[e-mail]"),
        ("o'brien\"x@example.com", "[e-mail]"),
        (r"ada\u0040example.com", "[e-mail]"),
        ("ada&#64;example.com", "[e-mail]"),
        ("+31612345678", "[number]"),
        ("+31 (0)6 1234-5678", "[number]"),
        ("%2B31612345678", "[number]"),
        ("tel:+31612345678;", "tel:[number];"),
        ("call 0031 6 1234 5678", "call [number]"),
        ("x0612345678x", "x[number]x"),
        ("status 400 at 10", "status 400 at 10"),
        ("https://door.test/open/1234567890", "[link]"),
        ("Bearer abc.def", "[token]"),
        ("eyJhbGciOiJSUzI1NiJ9.payload.signature", "[token]"),
        (f"got {SECRET}", "got [secret]"),
        ("got a-Secret%2Fwith%2Bsigns%3D", "got [secret]"),
    ],
)
def test_each_kind_of_secret_is_replaced(text: str, scrubbed: str) -> None:
    assert scrub(text, (SECRET,)) == scrubbed


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("no mailbox Ada.Love!ace at Example.ORG", "no mailbox [e-mail] at [e-mail]"),
        ("ADA.LOVE!ACE@EXAMPLE.ORG bounced", "[e-mail] bounced"),
        ("ada.love%21ace", "[e-mail]"),
        ("an example", "an example"),
    ],
)
def test_what_is_echoed_of_a_recipient_is_replaced_in_any_case_and_each_half_of_an_address_too(text: str, scrubbed: str) -> None:
    assert scrub(text, recipients=("ada.love!ace@example.org", "+31612345678")) == scrubbed


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_secret_never_survives_whatever_stands_around_it(before: str, after: str) -> None:
    found = scrub(f"{before} {SECRET} {after}", (SECRET,))
    assert SECRET not in found
    assert len(found) <= DETAIL_CHARS_MAX
    assert found.isprintable()


@pytest.mark.parametrize("length", range(1990, 2010))
def test_a_secret_at_the_edge_of_what_is_read_is_not_halved(length: int) -> None:
    text = "ada@example.com" + "x" * (length - 30) + "@y " + SECRET * 3
    assert "a-Secret" not in scrub(text, (SECRET,))


def test_a_text_made_to_be_slow_is_not() -> None:
    assert len(scrub("a" * 1_000_000)) <= DETAIL_CHARS_MAX
    assert len(scrub("1 " * 1_000_000)) <= DETAIL_CHARS_MAX
