"""Where the undoing of a half-done step begins, and what a journal leaves open: values in, values out."""

from __future__ import annotations

import pytest

from lockgate.errors import InDoubtError
from lockgate.model.run import Direction, Event, EventType
from lockgate.store.runs import find_attempt
from lockgate.workflow.open_step import choose_start


@pytest.mark.parametrize(
    ("forward", "backward", "done", "first"),
    [
        ("abc", "cba", 1, 1),
        ("abbc", "cbba", 1, 2),
        ("abbc", "cbba", 2, 1),
        ("ab", "bba", 1, 0),
        ("abb", "bbba", 1, 2),
        ("abb", "bbba", 2, 0),
        ("abc", "cbba", 1, 1),
    ],
)
def test_the_way_back_begins_where_it_passes_the_present_state(
    forward: str, backward: str, done: int, first: int
) -> None:
    assert choose_start(list(forward), list(backward), done) == first


def test_a_way_back_that_never_passes_the_present_state_is_in_doubt() -> None:
    with pytest.raises(InDoubtError):
        choose_start(list("abc"), list("cxa"), 1)


def event(seq: int, kind: EventType, statement: int = -1, direction: Direction = Direction.FORWARD) -> Event:
    return Event(run="r", seq=seq, type=kind, step=0, statement=statement, direction=direction)


def test_a_journal_leaves_open_what_was_begun_and_not_reported() -> None:
    begun = [event(1, EventType.STEP_STARTED, 0), event(2, EventType.STATEMENT_INTENT, 0)]
    attempt = find_attempt(begun)
    assert attempt is not None and (attempt.done, attempt.doubtful) == (0, 0)
    reported = [*begun, event(3, EventType.STATEMENT_DONE, 0), event(4, EventType.STATEMENT_INTENT, 1)]
    attempt = find_attempt(reported)
    assert attempt is not None and (attempt.done, attempt.doubtful) == (1, 1)
    assert find_attempt([*reported, event(5, EventType.STEP_UNDONE)]) is None


def test_an_undoing_of_an_open_step_remembers_where_both_began() -> None:
    events = [
        event(1, EventType.STEP_STARTED, 0),
        event(2, EventType.STATEMENT_DONE, 0),
        event(3, EventType.STEP_STARTED, 2, Direction.BACKWARD),
        event(4, EventType.STATEMENT_INTENT, 2, Direction.BACKWARD),
    ]
    attempt = find_attempt(events)
    assert attempt is not None
    assert (attempt.origin_seq, attempt.first_seq, attempt.first, attempt.doubtful) == (1, 3, 2, 2)
