"""Who may open which door, now: the rule that a test asks, and the landing page."""

from __future__ import annotations

from datetime import datetime

from drempel.simulators.resivo.records import AUTHORIZATION_ACTIVE, REMOTE_ACCESS, Authorization
from drempel.simulators.resivo.state import ResivoState

__all__ = ["may_open", "why_shut"]


def may_open(state: ResivoState, recipient: str, component_id: str, at: datetime) -> bool:
    """Whether any authorization lets this recipient open this component at that time."""
    return any(
        not why_shut(state, authorization, component_id, at)
        for authorization in state.authorizations.values()
        if any(known.address == recipient for known in authorization.recipients)
    )


def why_shut(state: ResivoState, authorization: Authorization, component_id: str, at: datetime) -> str:
    """The first reason why the door stays shut; empty if it opens. The window is [valid from, valid to)."""
    if authorization.type != REMOTE_ACCESS:
        return "this is no remote access"
    if authorization.status != AUTHORIZATION_ACTIVE:
        return "the access was revoked"
    if at < (authorization.valid_from or authorization.created_at):
        return "it is too early"
    if authorization.expired(at):
        return "the time is over"
    if component_id not in authorization.component_ids:
        return "this door does not belong to the access"
    component = state.components.get(component_id)
    if component is None:
        return "this door is no longer there"
    if not component.online:
        return "this door is offline"
    return ""
