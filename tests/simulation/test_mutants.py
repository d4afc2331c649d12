"""The world can fail: every planted fault can still be planted, and two of them are caught here. All of them: `python -m tests.simulation.mutants`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.mutants import PACKAGE, PLANTED, hunt
from tests.simulation.mutations import Mutation


@pytest.mark.parametrize("mutation", PLANTED, ids=lambda mutation: mutation.name)
def test_a_fault_can_be_planted_where_it_belongs(mutation: Mutation):
    text = Path(PACKAGE, mutation.file).read_text("utf-8")
    assert text.count(mutation.old) == 1, f"plant it anew: {mutation.file} has changed"


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own():
    assert len({mutation.name for mutation in PLANTED}) == len(PLANTED) >= 25


@pytest.mark.parametrize("name", ["an unknown outcome counts as not done", "a moved booking keeps its old access"])
def test_a_planted_fault_is_caught(name: str):
    mutation = next(one for one in PLANTED if one.name == name)
    assert hunt(mutation, first=100_000, seeds=60).caught
