"""The table of roles, spelled out once more."""

from __future__ import annotations

import pytest

from drempel.domain.rights import RIGHTS, Right, Role, may, roles_with


def test_every_role_has_its_row() -> None:
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        (Right.SEE, "reception manager administrator"),
        (Right.RETRY, "reception manager administrator"),
        (Right.BOOKINGS, "manager administrator"),
        (Right.EMERGENCY, "manager administrator"),
        (Right.MAPPING, "manager administrator"),
        (Right.SECRETS, "administrator"),
        (Right.PEOPLE, "administrator"),
    ],
)
def test_who_may(right: Right, roles: str) -> None:
    assert [role.value for role in roles_with(right)] == roles.split()
    assert [role for role in Role if may(role, right)] == list(roles_with(right))


def test_each_role_has_every_right_of_the_one_before() -> None:
    assert RIGHTS[Role.RECEPTION] < RIGHTS[Role.MANAGER] < RIGHTS[Role.ADMINISTRATOR] == frozenset(Right)
