"""A typed client of dormakaba's Resivo API. It knows nothing of Drempel, and could be a package of its own.

The API is only partly public. What is assumed stands in a profile (`load_profile`), which a TOML file can overlay key by key.
"""

from drempel.resivo.client import PAGES_MAX, ResivoClient
from drempel.resivo.errors import (
    AnswerBroken,
    AuthorizationNotFound,
    Busy,
    CredentialRefused,
    DataRefused,
    FailureClass,
    NotSent,
    OutcomeUnknown,
    RequestImpossible,
    ResivoError,
    RevokeRefused,
    Sent,
    SetupRefused,
    TokenUnavailable,
)
from drempel.resivo.models import Authorization, AuthorizationCredential, Component, CreatedAuthorization, Liveness, Site
from drempel.resivo.profile import Profile, ProfileError, profile_from_json, profile_to_json
from drempel.resivo.profile_loading import load_profile, shipped_profiles

__all__ = [
    "PAGES_MAX",
    "AnswerBroken",
    "Authorization",
    "AuthorizationCredential",
    "AuthorizationNotFound",
    "Busy",
    "Component",
    "CreatedAuthorization",
    "CredentialRefused",
    "DataRefused",
    "FailureClass",
    "Liveness",
    "NotSent",
    "OutcomeUnknown",
    "Profile",
    "ProfileError",
    "RequestImpossible",
    "ResivoClient",
    "ResivoError",
    "RevokeRefused",
    "Sent",
    "SetupRefused",
    "Site",
    "TokenUnavailable",
    "load_profile",
    "profile_from_json",
    "profile_to_json",
    "shipped_profiles",
]
