"""The table of transitions in a docstring, compared with the one that runs."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

State = TypeVar("State", bound=Enum)
Event = TypeVar("Event", bound=Enum)


def check_table(states: type[State], events: type[Event], transitions: Mapping[tuple[State, Event], State]) -> None:
    """Fails when the docstring of `states` and the transitions differ, or a state or an event is never used."""
    names = [[state.name for state in states], [event.name for event in events]]
    documented = {
        (state, event): after
        for row in _rows(states)
        for state in (names[0] if row[0] == "any" else [row[0]])
        for event in (names[1] if row[1] == "any" else [row[1]])
        for after in [row[2]]
    }
    assert documented == {(state.name, event.name): after.name for (state, event), after in transitions.items()}
    used = {name for (state, _), after in documented.items() for name in (state, after)}
    assert used == set(names[0])
    assert {event for _, event in documented} == set(names[1])


def _rows(states: type[Enum]) -> list[list[str]]:
    """The rows of the docstring's table, without its head."""
    lines = [line.strip() for line in (states.__doc__ or "").splitlines()]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    assert rows[0][1:] == ["event", "next"]
    return rows[1:]
