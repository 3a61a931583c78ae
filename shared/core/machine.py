"""State machines as tables: state, command, who may, next state. One way to make a move, and to say what is open.

`docs/state-machines.md` is made from these tables, so that a machine reads the same in the code and on paper.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.core.errors import Forbidden, IllegalMove


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a table."""

    state: str
    command: str
    who: frozenset[str]
    """Sides or roles that may make it; ``time`` for what happens by itself."""
    next: str


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of one kind of entity and every move between them; what is not in the table does not exist."""

    entity: str
    """As errors name it, such as ``handover``."""
    start: str
    moves: tuple[Move, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order in which the table names them."""
        named = (state for move in self.moves for state in (move.state, move.next))
        return tuple(dict.fromkeys((self.start, *named)))

    def open_moves(self, state: str, who: Collection[str] | None = None) -> tuple[str, ...]:
        """The commands that are possible in this state, for these sides or roles; None: for whomever."""
        found = (m.command for m in self.moves if m.state == state and (who is None or m.who & set(who)))
        return tuple(dict.fromkeys(found))

    def allows(self, state: str, command: str, following: str) -> bool:
        """Whether this command may lead from this state to that one: what undoes has a row for each way back."""
        return any((m.state, m.command, m.next) == (state, command, following) for m in self.moves)

    def after(self, state: str, command: str, who: Collection[str]) -> str:
        """The state after this command. `who`: the sides and roles of the one who gives it.

        Raises `Forbidden` when the command is never theirs, `IllegalMove` when it is not open to them now.
        """
        theirs = [m for m in self.moves if m.command == command and m.who & set(who)]
        if not theirs:
            raise Forbidden(f"'{command}' of {self.entity} is not for {', '.join(sorted(who))}")
        found = next((m for m in theirs if m.state == state), None)
        if found is None:
            raise IllegalMove(self.entity, state, command, self.open_moves(state, who))
        return found.next


def moves(table: Sequence[tuple[str, str, Collection[str], str]]) -> tuple[Move, ...]:
    """Rows as they are written down: state, command, who, next state."""
    return tuple(Move(state, command, frozenset(who), following) for state, command, who, following in table)
