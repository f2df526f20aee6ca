"""The tests bite: each faulty planner is noticed by a trap statement or by a check of the tree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fedgate.planner.treetools import Ids, inner_rels, substitute
from fedgate.sql.tree import INT4, BoolExpr, NullTest, SubLink, TableRef, Target, Var
from fedgate.sql.tree import Block as TreeBlock
from tests.conftest import PostgresServer
from tests.planner.mutants import MUTANTS, Mutant
from tests.planner.test_differential import World, differences, statements
from tests.planner.world import DEVICES, var


@pytest.fixture(scope="module")
def world(postgres: PostgresServer) -> Iterator[World]:
    made = World(postgres)
    yield made
    made.connection.close()


def substitution_keeps_ids_apart() -> bool:
    """A replacement that holds a subquery, put into two places, has relations of its own in each."""
    query = TreeBlock((Target(1, var(DEVICES, "device", 7), "d"),), (TableRef(7, DEVICES),))
    link = SubLink("scalar", query, INT4)
    column = Var(1, 1, INT4)
    twice = BoolExpr("and", (NullTest(column, False), NullTest(column, True)))
    copied = substitute(twice, {(1, 1): link}, Ids(100))
    return len(inner_rels(copied)) == 2


def noticed(world: World) -> bool:
    """Whether any check sees a fault; the statements stop at the first one."""
    if not substitution_keeps_ids_apart():
        return True
    for layout in ("sites-empty", "twenty-skewed"):
        for statement in statements():
            try:
                if differences(world.fleets[layout], [statement]):
                    return True
            except AssertionError:
                return True
    return False


def test_substitution_gives_each_copy_its_own_relations() -> None:
    assert substitution_keeps_ids_apart()


@pytest.mark.nightly
def test_the_planner_itself_is_not_noticed(world: World) -> None:
    assert not noticed(world)


@pytest.mark.nightly
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m.name)
def test_mutant(world: World, mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant.apply(monkeypatch)
    assert noticed(world)
