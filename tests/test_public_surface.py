"""The two clients are packages of their own in all but name: what they offer changes only on purpose."""

from __future__ import annotations

import pytest

import drempel.ireserve
import drempel.resivo

SURFACES = {
    drempel.resivo: (
        "PAGES_MAX AnswerBroken Authorization AuthorizationCredential AuthorizationNotFound Busy Component CreatedAuthorization "
        "CredentialRefused DataRefused FailureClass Liveness NotSent OutcomeUnknown Profile ProfileError RequestImpossible ResivoClient "
        "ResivoError RevokeRefused Sent SetupRefused Site TokenUnavailable load_profile profile_from_json profile_to_json shipped_profiles"
    ),
    drempel.ireserve: (
        "HINT_BODY_BYTES_MAX BookedObject Booking BookingFields BookingUnreadable CredentialRefused Customer FieldReading FilterResult "
        "FilterRow IReserveClient IReserveError NotFound NotSent OutcomeUnknown PreconditionFailed Reason Refused RetryLater Sent "
        "Unreadable WrittenField booking_id_of field_number_of search"
    ),
}


@pytest.mark.parametrize("package", SURFACES, ids=lambda package: package.__name__)
def test_the_public_names_of_a_client_are_what_they_were(package):
    assert sorted(package.__all__) == sorted(SURFACES[package].split())
    assert all(hasattr(package, name) for name in package.__all__)
