"""The simulated API: one call in, one answer out. It does its work in one piece, at a given time of the simulator's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qsl

from drempel.resivo.profile import Profile
from drempel.resivo.profile_names import OperationName
from drempel.simulators.playing import Answer, answer_json
from drempel.simulators.resivo.quirks import Quirks
from drempel.simulators.resivo.records import Authorization, Credential, Recipient, Refused, Site
from drempel.simulators.resivo.rendering import Renderer
from drempel.simulators.resivo.state import ResivoState
from drempel.simulators.resivo.tokens import Tokens
from drempel.simulators.resivo.understanding import Understanding

__all__ = ["Api", "Asked"]

PAGE_SIZE_DEFAULT: Final = 50
PROXY_PAGE: Final = b"<!doctype html><title>Error</title><h1>Error</h1>"
STATUS: Final = {
    OperationName.CREATE_REMOTE_ACCESS: 201,
    OperationName.CREATE_PIN_ACCESS: 201,
    OperationName.REVOKE_AUTHORIZATION: 204,
}


@dataclass(slots=True)
class Asked:
    """One request, taken apart by the profile."""

    operation: OperationName
    parameters: dict[str, str]
    query: dict[str, str]
    authorization: str
    body: bytes


class Api:
    """Answers by one profile from one state."""

    def __init__(self, *, profile: Profile, state: ResivoState, tokens: Tokens, quirks: Quirks) -> None:
        self._profile = profile
        self._state = state
        self._tokens = tokens
        self._quirks = quirks
        self._understanding = Understanding(profile)
        self._renderer = Renderer(profile, quirks)
        self._work: dict[OperationName, Callable[[Asked, Credential, datetime], Any]] = {
            OperationName.LIST_SITES: self._list_sites,
            OperationName.READ_SITE: self._read_site,
            OperationName.LIST_COMPONENTS: self._list_components,
            OperationName.CREATE_REMOTE_ACCESS: self._create_remote_access,
            OperationName.CREATE_PIN_ACCESS: self._create_pin_access,
            OperationName.LIST_AUTHORIZATIONS: self._list_authorizations,
            OperationName.READ_AUTHORIZATION: self._read_authorization,
            OperationName.REVOKE_AUTHORIZATION: self._revoke_authorization,
        }

    def query(self, operation: OperationName, raw: bytes) -> dict[str, str]:
        """The query in our names; a fixed entry of the profile that holds a placeholder gives that parameter."""
        sent = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else {}
        described = self._profile.operation(operation)
        found = {ours: sent[theirs] for ours, theirs in described.query_names.items() if theirs in sent}
        for theirs, template in described.query.items():
            if template.startswith("{") and template.endswith("}") and theirs in sent:
                found[template[1:-1]] = sent[theirs]
        return found

    def answer(self, asked: Asked, now: datetime) -> Answer:
        """Do what is asked. A refusal is an answer too."""
        try:
            if asked.operation is OperationName.TOKEN:
                value = self._token(asked, now)
            else:
                value = self._work[asked.operation](asked, self._holder(asked, now), now)
        except Refused as refused:
            return self.refusal(refused, asked.operation)
        success = self._profile.operation(asked.operation).success
        status = success[0] if success else STATUS.get(asked.operation, 200)
        if value is None:
            return Answer(status) if status == 204 else answer_json(status, {})
        return answer_json(status, value)

    def refusal(self, refused: Refused, operation: OperationName | None) -> Answer:
        """A refusal in the shape that the quirks ask for."""
        shape = self._quirks.error_body
        if shape == "empty":
            return Answer(refused.status)
        if shape == "html":
            return Answer(refused.status, PROXY_PAGE, ((b"content-type", b"text/html"),))
        if shape == "oauth" and operation is OperationName.TOKEN:
            word = "invalid_client" if refused.status == 401 else "unsupported_grant_type"
            return answer_json(refused.status, {"error": word, "error_description": refused.message})
        return answer_json(refused.status, self._renderer.error(refused.message))

    def _token(self, asked: Asked, now: datetime) -> Any:
        name = OperationName.TOKEN
        document = self._understanding.body(name, asked.body)
        client_id, client_secret = (self._understanding.text(name, document, key) for key in ("client_id", "client_secret"))
        if not client_id or not client_secret:
            raise Refused(400, "Unsupported grant type")
        credential = self._state.credentials.get(client_id)
        if credential is None or credential.client_secret != client_secret:
            raise Refused(401, "Invalid client credentials")
        told = self._quirks.token_lifetime_seconds
        really = self._quirks.token_ends_after_seconds
        text = self._tokens.issue(credential, now=now, seconds=told if really is None else really)
        return self._renderer.token(text, told)

    def _holder(self, asked: Asked, now: datetime) -> Credential:
        scheme, _, token = asked.authorization.partition(" ")
        holder = self._tokens.holder(token, now) if scheme.lower() == "bearer" else None
        if holder is None or self._state.credentials.get(holder.client_id) is not holder:
            raise Refused(401, "Unauthorized")
        return holder

    def _list_sites(self, asked: Asked, holder: Credential, _: datetime) -> Any:
        state = self._state
        site_owner_id = asked.parameters.get("site_owner_id", holder.site_owner_id)
        if site_owner_id not in state.site_owners:
            raise Refused(404, "Not found")
        if site_owner_id != holder.site_owner_id:
            raise Refused(403, "Forbidden")
        reached = (
            site for site in state.sites.values() if site.site_owner_id == site_owner_id and holder.site_id in {None, site.id}
        )
        return self._renderer.sites(reached)

    def _read_site(self, asked: Asked, holder: Credential, _: datetime) -> Any:
        return self._renderer.site(self._site(asked, holder))

    def _list_components(self, asked: Asked, holder: Credential, _: datetime) -> Any:
        site = self._site(asked, holder)
        return self._renderer.components(self._state.components_of(site.id))

    def _create_remote_access(self, asked: Asked, holder: Credential, now: datetime) -> Any:
        name = OperationName.CREATE_REMOTE_ACCESS
        site = self._site(asked, holder)
        document = self._understanding.body(name, asked.body)
        access = self._understanding.access(name, document)
        addresses = self._understanding.addresses(document)
        state = self._state
        created = state.create_remote_access(
            site,
            display_name=access.display_name,
            component_ids=access.component_ids,
            valid_from=access.valid_from,
            valid_to=access.valid_to,
            recipients=(
                Recipient(channel=channel, address=address, link_token=state.identities.secret())
                for channel, address in addresses
            ),
            now=now,
        )
        return self._renderer.created(name, created, now)

    def _create_pin_access(self, asked: Asked, holder: Credential, now: datetime) -> Any:
        name = OperationName.CREATE_PIN_ACCESS
        site = self._site(asked, holder)
        document = self._understanding.body(name, asked.body)
        access = self._understanding.access(name, document)
        created = self._state.create_pin_access(
            site,
            display_name=access.display_name,
            component_ids=access.component_ids,
            valid_from=access.valid_from,
            valid_to=access.valid_to,
            pins=self._understanding.pins(document, site),
            now=now,
        )
        return self._renderer.created(name, created, now)

    def _list_authorizations(self, asked: Asked, holder: Credential, now: datetime) -> Any:
        if self._quirks.list_missing is not None:
            raise Refused(self._quirks.list_missing, "Not found")
        site = self._site(asked, holder)
        operation = self._profile.operation(OperationName.LIST_AUTHORIZATIONS)
        page = _whole(asked.query.get("page"), default=operation.page_first) - operation.page_first
        page_size = _whole(asked.query.get("page_size"), default=min(PAGE_SIZE_DEFAULT, operation.page_size_max))
        if page < 0 or not 1 <= page_size <= operation.page_size_max:
            raise Refused(400, "page or pageSize is not valid")
        page_size = min(page_size, self._quirks.list_page_size_cap or page_size)
        name = None if self._quirks.list_ignores_display_name else asked.query.get("display_name")
        rows = self._state.authorizations_of(site.id, display_name=name)
        if self._quirks.list_reversed:
            rows = iter(list(rows)[::-1])
        status = asked.query.get("status")
        if status is not None:
            rows = (row for row in rows if self._renderer.status_word(row) == status)
        if operation.query_names.get("page"):
            rows = islice(rows, page * page_size, (page + 1) * page_size)
        return self._renderer.authorizations(list(rows), now)

    def _read_authorization(self, asked: Asked, holder: Credential, now: datetime) -> Any:
        return self._renderer.authorization(self._authorization(asked, holder), now)

    def _revoke_authorization(self, asked: Asked, holder: Credential, _: datetime) -> Any:
        self._understanding.body(OperationName.REVOKE_AUTHORIZATION, asked.body)
        self._state.revoke(self._authorization(asked, holder))

    def _site(self, asked: Asked, holder: Credential) -> Site:
        site_id = asked.parameters.get("site_id") or asked.query.get("site_id", "")
        site = self._state.sites.get(site_id)
        if site is None:
            raise Refused(404, "Site not found")
        if site.site_owner_id != holder.site_owner_id or holder.site_id not in {None, site.id}:
            raise Refused(403, "Forbidden")
        return site

    def _authorization(self, asked: Asked, holder: Credential) -> Authorization:
        wanted = asked.parameters.get("authorization_id") or asked.query.get("authorization_id", "")
        found = self._state.authorizations.get(wanted)
        if "site_id" in asked.parameters or "site_id" in asked.query:
            site = self._site(asked, holder)
            if found is not None and found.site_id != site.id:
                found = None
        if found is None:
            raise Refused(404, "Authorization not found")
        owner = self._state.sites[found.site_id]
        if owner.site_owner_id != holder.site_owner_id or holder.site_id not in {None, owner.id}:
            raise Refused(403, "Forbidden")
        return found


def _whole(text: str | None, *, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Refused(400, "page or pageSize is not valid")
    return int(text)
