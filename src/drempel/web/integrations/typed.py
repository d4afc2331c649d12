"""Forms of an integration, taken apart: what was typed, as the set-up file would say it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from starlette.datastructures import FormData

from drempel.web.integrations.frame import text

__all__ = ["STATUS_PREFIX", "authentication", "details", "merged", "no_codes"]

STATUS_PREFIX: Final = "status:"
STATUSES_MAX: Final = 100
_APART: Final = re.compile(r"[,;\s]+")


def authentication(form: FormData) -> dict[str, Any]:
    """An empty secret means: as it is."""
    plain = ("base_url", "site_owner_id", "client_id", "site_id", "target_mobile_app_id")
    typed: dict[str, Any] = {key: text(form, key) for key in plain}
    typed["allow_insecure"] = text(form, "allow_insecure") == "yes"
    if secret := text(form, "client_secret"):
        typed["client_secret"] = secret
    return typed


def details(form: FormData) -> dict[str, Any]:
    """Statuses come as one choice each, and as text for those that were never seen."""
    chosen = [(key[len(STATUS_PREFIX) :], text(form, key)) for key in list(form) if key.startswith(STATUS_PREFIX)][:STATUSES_MAX]
    minutes = text(form, "time_before_minutes")
    return {
        "trigger_statuses": _with(chosen, "trigger", text(form, "more_trigger")),
        "revoke_statuses": _with(chosen, "revoke", text(form, "more_revoke")),
        "time_before_minutes": int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 7 else minutes,
        "authorization_field": text(form, "authorization_field"),
        "default_language": text(form, "default_language"),
        "default_country": text(form, "default_country"),
        "follow_changes": text(form, "follow_changes"),
    }


def no_codes(form: FormData, *, known: Collection[str]) -> frozenset[str]:
    """The fields in which a status stands that is no number and that no booking and no rule had so far: it would match nothing, silently."""
    wrong = {
        field
        for field, name in (("trigger_codes", "more_trigger"), ("revoke_codes", "more_revoke"))
        for code in filter(None, _APART.split(text(form, name)))
        if not (code.isascii() and code.isdecimal()) and code not in known
    }
    return frozenset(wrong)


def _with(chosen: Iterable[tuple[str, str]], meaning: str, more: str) -> list[str]:
    named = [code for code, choice in chosen if choice == meaning]
    return list(dict.fromkeys([*named, *filter(None, _APART.split(more))]))


def merged(
    content: Mapping[str, Any], typed: Mapping[str, Any], *, mappings: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The content with what was typed in its place."""
    more = {} if mappings is None else {"mappings": list(mappings)}
    return {**content, **typed, **more}
