"""An attack on the protection that knows everything but the pupils: the rules, the program and every publication.

It tries every possible world, publishes each with the real program, and asks of each hidden cell whether all worlds
that look alike agree on it. Nothing of the program is used to answer that. Small limits make all worlds countable.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import pytest

from shared.core.protection import TOTAL, Cell, Row, hide

World = tuple[tuple[int, ...], ...]
"""Per column: expected, known and applied pupils, numbers that never rise."""
NAMES = ("expected", "known", "applied")


@dataclass(frozen=True)
class Game:
    """Which tables the attacker sees, and how many pupils there may be."""

    columns: int
    order: tuple[int, ...]
    """The rows of `NAMES`, in the order in which they are protected."""
    most: int
    limit: int

    @property
    def names(self) -> list[str]:
        return [NAMES[r] for r in sorted(self.order)]


def worlds(game: Game) -> Iterator[World]:
    """Every world with at most so many pupils, each row a part of the one before it."""
    rows = len(game.order)
    column = [c for c in product(range(game.most + 1), repeat=rows) if list(c) == sorted(c, reverse=True)]

    def fill(left: int, room: int) -> Iterator[World]:
        if not left:
            yield ()
            return
        for one in column:
            if one[0] <= room:
                yield from ((one, *rest) for rest in fill(left - 1, room - one[0]))

    return fill(game.columns, game.most)


def cells(world: World, game: Game) -> dict[Cell, int]:
    """The true value of every cell."""
    true = {(name, f"c{c}"): column[r] for c, column in enumerate(world) for r, name in enumerate(game.names)}
    return true | {(name, TOTAL): sum(column[r] for column in world) for r, name in enumerate(game.names)}


def published(world: World, game: Game, *earlier: Mapping[Cell, int]) -> dict[Cell, int]:
    """What anybody can read."""
    rows: list[Row] = []
    for r in game.order:
        counts = {f"c{c}": column[r] for c, column in enumerate(world)}
        rows.append(Row(NAMES[r], counts, tuple(row.name for row in rows)))
    hidden = hide(rows, earlier, game.limit)
    return {cell: n for cell, n in cells(world, game).items() if cell not in hidden}


def is_plain(cell: Cell, shown: Mapping[Cell, int], game: Game) -> bool:
    """Nobody in a large group, or everybody, says so of every part of it; that is no secret."""
    name, column = cell
    for whole in game.names[: game.names.index(name) + 1]:
        seen = sum(n for (row, place), n in shown.items() if row == whole and place != TOTAL)
        if shown.get((whole, TOTAL)) == seen or shown.get((whole, column)) == 0:
            return True
    totals = [shown[each, TOTAL] for each in game.names if (each, TOTAL) in shown]
    return len(set(totals)) < len(totals)


SINGLE = [
    Game(2, (0, 1), 16, 2),
    Game(3, (0, 1), 13, 3),
    Game(2, (0, 1, 2), 12, 2),
    Game(2, (0, 2, 1), 12, 2),
    Game(3, (0, 1, 2), 8, 3),
    Game(3, (0, 2, 1), 8, 3),
    Game(3, (0,), 24, 3),
    Game(4, (0,), 20, 4),
]


@pytest.mark.parametrize("game", SINGLE, ids=str)
def test_no_hidden_cell_of_one_publication_can_be_computed(game: Game) -> None:
    alike: defaultdict[frozenset[tuple[Cell, int]], list[World]] = defaultdict(list)
    for world in worlds(game):
        alike[frozenset(published(world, game).items())].append(world)
    for publication, possible in alike.items():
        shown = dict(publication)
        for cell in set(cells(possible[0], game)) - set(shown):
            values = {cells(world, game)[cell] for world in possible}
            assert len(values) > 1 or is_plain(cell, shown, game), (possible, cell, shown)


PAIRS = [Game(2, (0,), 16, 2), Game(3, (0,), 10, 2), Game(2, (0, 1), 7, 2)]


@pytest.mark.parametrize("game", PAIRS, ids=str)
def test_no_small_change_between_two_publications_can_be_computed(game: Game) -> None:
    alike: defaultdict[tuple[frozenset[tuple[Cell, int]], ...], list[tuple[World, World]]] = defaultdict(list)
    every = list(worlds(game))
    for before in every:
        first = published(before, game)
        for after in every:
            second = published(after, game, first)
            alike[frozenset(first.items()), frozenset(second.items())].append((before, after))
    for publications, possible in alike.items():
        if any(sum(column[0] for column in world) == game.most for pair in possible for world in pair):
            continue  # larger worlds may look the same
        for cell in cells(possible[0][0], game):
            moves = {cells(after, game)[cell] - cells(before, game)[cell] for before, after in possible}
            assert len(moves) > 1 or not 1 <= abs(moves.pop()) <= game.limit, (cell, possible, publications)
