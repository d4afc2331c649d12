"""Mobile numbers: what may be sent to Resivo as the recipient of an SMS.

Rule of the seed description (i-Reserve contract, section 12.8) and design section 2, row *Phone*: a leading `00` becomes `+`; spaces, `-`, `.`,
`(0)` and brackets go out; the rest must be a valid E.164 number; known fixed-line numbers are skipped; a number without country code is skipped
unless a default country is set. Skipped means: only the SMS is dropped, with a reason that is shown.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberType

from drempel.domain.values import value

__all__ = ["HANGS_ON_COUNTRY", "REGIONS", "NoSms", "SkippedNumber", "sms_number"]


class NoSms(StrEnum):
    """Why a number gets no SMS."""

    EMPTY = "phone.empty"
    NO_COUNTRY_CODE = "phone.no_country_code"
    NOT_A_NUMBER = "phone.not_a_number"
    NOT_VALID = "phone.not_valid"
    NOT_MOBILE = "phone.not_mobile"


HANGS_ON_COUNTRY: Final = frozenset({NoSms.NO_COUNTRY_CODE, NoSms.NOT_VALID, NoSms.NOT_MOBILE})
"""A number without country code may have been read by no default country, or by a wrong one."""
REGIONS: Final[frozenset[str]] = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""Every country that can be the default one: it has a calling code."""


@value(frozen=True, slots=True)
class SkippedNumber:
    """A number that gets no SMS. The number itself is not kept."""

    reason: NoSms


NEVER_MOBILE: Final = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
"""Kinds that the numbering plan tells apart from mobile numbers. What the plan leaves open is passed on."""

NUMBERS_REMEMBERED: Final = 2048
_TRUNK_ZERO: Final = re.compile(r"\(\s*0\s*\)")
_FILLING: Final = re.compile(r"[\s\-.()\[\]\u2010-\u2015]")
_DIGITS: Final = re.compile(r"\+?[0-9]{1,20}")


@lru_cache(maxsize=NUMBERS_REMEMBERED)
def sms_number(raw: str, *, default_country: str = "") -> str | SkippedNumber:
    """The number in E.164 (`+31612345678`), or why it gets no SMS.

    Remembered for the last numbers, in memory only: each decision about a booking asks again.

    `default_country` is an ISO 3166 code (`NL`); empty means that a number without country code is skipped.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        return SkippedNumber(NoSms.EMPTY)
    text = _FILLING.sub("", _TRUNK_ZERO.sub("", text))
    if text.startswith("00"):
        text = "+" + text[2:]
    if not _DIGITS.fullmatch(text):
        return SkippedNumber(NoSms.NOT_A_NUMBER)
    if not text.startswith("+") and not default_country:
        return SkippedNumber(NoSms.NO_COUNTRY_CODE)
    try:
        number = phonenumbers.parse(text, default_country.upper() or None)
    except phonenumbers.NumberParseException:
        return SkippedNumber(NoSms.NOT_VALID)
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        # The library's word for a number that is not valid; `is_valid_number` asks this too, and answers no more.
        return SkippedNumber(NoSms.NOT_VALID)
    if kind in NEVER_MOBILE:
        return SkippedNumber(NoSms.NOT_MOBILE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
