"""What others may import; a change here is a change of the interface."""

from __future__ import annotations

import drempel.resivo


def test_the_public_names_are_what_they_were() -> None:
    assert set(drempel.resivo.__all__) == {
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
    }
    assert all(hasattr(drempel.resivo, name) for name in drempel.resivo.__all__)
