"""`[[integrations]]` and `[[integrations.mappings]]`: one Site Owner at Resivo, its rules, and which object opens which doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from drempel.domain.mapping import ObjectMapping
from drempel.domain.policy import FollowChanges, Policy
from drempel.domain.window import TIME_BEFORE_MINUTES_MAX
from drempel.engine.setup import DesiredIntegration
from drempel.resivo.profile import ProfileError, profile_to_json
from drempel.resivo.profile_loading import BASE_PROFILE, load_profile, shipped_profiles
from drempel.setup_file import values
from drempel.setup_file.sources import refuse_plain_http
from drempel.setup_file.table import Table

__all__ = ["INTEGRATION_KEYS", "MAPPING_KEYS", "own_profile_name", "read_integration", "shipped_profile_names"]

INTEGRATION_KEYS: Final = (
    "name",
    "kind",
    "source",
    "active",
    "profile",
    "base_url",
    "site_owner_id",
    "client_id",
    "client_secret",
    "site_id",
    "target_mobile_app_id",
    "trigger_statuses",
    "revoke_statuses",
    "time_before_minutes",
    "authorization_field",
    "default_language",
    "default_country",
    "follow_changes",
    "allow_insecure",
    "mappings",
)
MAPPING_KEYS: Final = ("object", "components", "site_id")
TIME_BEFORE_MINUTES_DEFAULT: Final = 15


def shipped_profile_names() -> list[str]:
    """The profiles that come with Drempel, the usual one first."""
    return sorted(shipped_profiles(), key=lambda name: (name != BASE_PROFILE, name))


def own_profile_name(profile_json: str) -> str | None:
    """The shipped profile whose content this is; None for one of its own."""
    return next((name for name in shipped_profile_names() if profile_to_json(load_profile(name)) == profile_json), None)


def read_integration(table: Table) -> DesiredIntegration:
    """The integration, with stand-ins where a problem was noted."""
    allow_insecure = table.flag("allow_insecure", default=False)
    base_url = values.checked(table, "base_url", values.address, table.text("base_url", default="", may_be_empty=True))
    refuse_plain_http(table, "base_url", base_url, allow_insecure=allow_insecure)
    site_id = values.checked(table, "site_id", values.site_id, table.text("site_id", default="", may_be_empty=True))
    return DesiredIntegration(
        name=values.checked(table, "name", values.name, table.text("name")),
        kind=table.one_of("kind", ["resivo"]),
        source=table.text("source"),
        policy=_policy(table),
        profile_json=_profile(table, base_url=base_url, allow_insecure=allow_insecure),
        base_url=base_url or None,
        site_owner_id=values.checked(table, "site_owner_id", values.site_id, table.text("site_owner_id")),
        client_id=table.text("client_id"),
        client_secret=table.secret("client_secret"),
        site_id=site_id or None,
        target_mobile_app_id=table.text("target_mobile_app_id", default="", may_be_empty=True),
        allow_insecure=allow_insecure,
        mappings=_mappings(table, site_id),
    )


def _policy(table: Table) -> Policy:
    triggers = table.texts("trigger_statuses", required=True, numbers_too=True)
    revokes = table.texts("revoke_statuses", required=False, numbers_too=True)
    if table.raw("trigger_statuses") == []:
        table.wrong("trigger_statuses", "names no status, so no access would ever be created. Name at least one.")
    for status in revokes:
        if status in triggers:
            table.wrong("revoke_statuses", f"status {status!r} stands in trigger_statuses too. Keep it in one of them.")
    minutes = table.whole_number(
        "time_before_minutes",
        default=TIME_BEFORE_MINUTES_DEFAULT,
        low=0,
        high=TIME_BEFORE_MINUTES_MAX,
        meaning=f"a whole number of minutes from 0 to {TIME_BEFORE_MINUTES_MAX}",
    )
    follow = table.one_of("follow_changes", [choice.value for choice in FollowChanges], default=FollowChanges.ANY.value)
    return Policy(
        trigger_statuses=frozenset(triggers),
        revoke_statuses=frozenset(revokes),
        time_before=timedelta(minutes=minutes),
        authorization_field=values.checked(table, "authorization_field", values.booking_field, table.text("authorization_field")),
        default_language=values.checked(
            table, "default_language", values.language, table.text("default_language", default="", may_be_empty=True)
        ),
        default_country=values.checked(
            table, "default_country", values.country, table.text("default_country", default="", may_be_empty=True)
        ),
        follow_changes=FollowChanges(follow) if follow in set(FollowChanges) else FollowChanges.ANY,
        active=table.flag("active", default=True),
    )


def _profile(table: Table, *, base_url: str, allow_insecure: bool) -> str:
    """The whole profile as it is stored: a later change of the file changes nothing until the next `drempel apply`."""
    named = table.text("profile", default=BASE_PROFILE)
    if not named:
        return ""
    try:
        profile = load_profile(named if named in shipped_profiles() else table.place.folder / named)
    except ProfileError as error:
        table.wrong("profile", "; ".join(str(error).splitlines()))
        return ""
    if not base_url:
        refuse_plain_http(table, "profile", profile.base_url, allow_insecure=allow_insecure, whose="its base_url ")
    return profile_to_json(profile)


def _mappings(table: Table, default_site_id: str) -> tuple[ObjectMapping, ...]:
    mappings: list[ObjectMapping] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(table.tables("mappings", keys=MAPPING_KEYS), start=1):
        object_id = values.checked(row, "object", values.object_id, row.id_text("object"))
        site_id = values.checked(row, "site_id", values.site_id, row.text("site_id", default=default_site_id, may_be_empty=True))
        site_id = site_id or default_site_id
        if not site_id:
            row.wrong("site_id", "is missing, and the integration has none either. Name the site of these doors.")
        components = row.texts("components", required=True)
        if row.raw("components") == []:
            row.wrong("components", "names no door. Name at least one, as it is called in the Resivo portal.")
        earlier = seen.setdefault((object_id, site_id), number)
        if earlier != number and object_id:
            row.wrong(
                "object",
                f"object {object_id!r} stands at this site already, in mapping {earlier}. Put all its doors in one mapping.",
            )
        mappings.append(ObjectMapping(object_id=object_id, site_id=site_id, component_names=tuple(components)))
    return tuple(mappings)
