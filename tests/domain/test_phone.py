from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.domain.phone import NoSms, SkippedNumber, sms_number


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+31612345678", "+31612345678"),
        ("0031 6 1234 5678", "+31612345678"),
        ("+31 (0)6-12 34.56 78", "+31612345678"),
        ("\u200b+31612345678".strip("\u200b"), "+31612345678"),
        ("+41 79 123 45 67", "+41791234567"),
        ("+1 202 555 0123", "+12025550123"),  # the plan does not tell mobile from fixed: passed on
    ],
)
def test_a_mobile_number_with_country_code_becomes_e164(raw, expected):
    assert sms_number(raw) == expected


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", NoSms.EMPTY),
        ("   ", NoSms.EMPTY),
        ("06 12345678", NoSms.NO_COUNTRY_CODE),
        ("020 1234567", NoSms.NO_COUNTRY_CODE),
        ("+31 20 123 4567", NoSms.NOT_MOBILE),
        ("+31 800 0112", NoSms.NOT_MOBILE),
        ("+31 6 123", NoSms.NOT_VALID),
        ("+999 12345678", NoSms.NOT_VALID),
        ("000", NoSms.NOT_VALID),
        ("call me", NoSms.NOT_A_NUMBER),
        ("+31612345678 ext 5", NoSms.NOT_A_NUMBER),
        ("+31612345678; +31687654321", NoSms.NOT_A_NUMBER),
    ],
)
def test_what_gets_no_sms_says_why(raw, reason):
    assert sms_number(raw) == SkippedNumber(reason)


@pytest.mark.parametrize(
    ("raw", "country", "expected"), [("06 12345678", "NL", "+31612345678"), ("079 123 45 67", "ch", "+41791234567")]
)
def test_a_default_country_completes_a_national_number(raw, country, expected):
    assert sms_number(raw, default_country=country) == expected


def test_a_default_country_does_not_touch_a_number_that_has_a_country_code():
    assert sms_number("+41791234567", default_country="NL") == "+41791234567"


@given(st.text(max_size=40), st.sampled_from(["", "NL", "DE", "XX"]))
def test_any_text_gives_a_number_in_e164_or_a_reason(raw, country):
    answer = sms_number(raw, default_country=country)
    assert isinstance(answer, SkippedNumber) or (answer.startswith("+") and answer[1:].isdigit() and len(answer) <= 16)


@given(st.from_regex(r"\+?[0-9 ()-]{6,18}", fullmatch=True))
def test_what_was_accepted_once_is_accepted_unchanged_again(raw):
    answer = sms_number(raw)
    if isinstance(answer, str):
        assert sms_number(answer) == answer
