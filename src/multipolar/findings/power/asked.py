"""Choices as people write them: states in any spelling, blocs by name, weights as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from ...errors import BadInput, UnknownName
from ...record.store import Record
from ...rules.bodies import members_of
from ...rules.game import Game
from ...rules.members import Members
from .bodies import power_in_body
from .choices import Choices
from .decide import Subject, decided
from .result import PowerResult
from .series import PowerSeries, over_time

Given = Mapping[str, Any]


def ask_game(game: Game, given: Given) -> PowerResult:
    """Return the power in a user's game."""
    return decided(game, Subject(), choices_of(GameReader(game), game.members, given))


def ask_body(
    record: Record, body: str, decision: str, as_of: date, given: Given
) -> list[PowerResult]:
    """Return the power in one decision of a body, or in all."""
    members = members_of(record, body, as_of).members or Members(())
    choices = choices_of(BodyReader(record, members, as_of), members, given)
    return power_in_body(record, body, decision or None, as_of, choices)


def ask_over_time(
    record: Record, body: str, decision: str, first: date, last: date, given: Given
) -> PowerSeries:
    """Return the power in one decision over time; names are read as of the last day."""
    members = members_of(record, body, last).members or Members(())
    choices = choices_of(BodyReader(record, members, last), members, given)
    return over_time(record, body, decision, first, last, choices)


def choices_of(reader: Reader, members: Members, given: Given) -> Choices:
    """Read choices as people write them.

    Raises
    ------
    BadInput
        A choice is not known or cannot be meant.
    """
    strange = set(given) - {f.name for f in fields(Choices)}
    if strange:
        raise BadInput(f"power does not know the option {sorted(strange)[0]!r}.")
    read: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    for name in ("without", "concerned"):
        if read.get(name):
            read[name] = reader.state(read[name])
    for name in ("containing", "excluding"):
        read[name] = tuple(reader.state(text) for text in read.get(name, ()))
    read["blocs"] = tuple(reader.bloc(bloc) for bloc in read.get("blocs", ()))
    read["joining"] = joining_of(read.get("joining"), members, reader)
    return Choices(**read)


class Reader(Protocol):
    """Turns what is written into members."""

    def state(self, text: str) -> str:
        """Return the member that is meant."""

    def bloc(self, given: str | Iterable[str]) -> tuple[str, ...]:
        """Return the members of a bloc."""


class BodyReader:
    """Reads names by the registry, on the day of the question; a body's name is a bloc too."""

    def __init__(self, record: Record, members: Members, as_of: date) -> None:
        self.record, self.members, self.as_of = record, members, as_of

    def state(self, text: str) -> str:
        """Return a state's code."""
        return self.record.names.state(text, self.as_of)

    def bloc(self, given: str | Iterable[str]) -> tuple[str, ...]:
        """Return the members of a bloc: named one by one, or all members of a body."""
        if isinstance(given, str) and "," not in given:
            return self._body(given)
        texts = given.split(",") if isinstance(given, str) else given
        return tuple(dict.fromkeys(self.state(t.strip()) for t in texts if t.strip()))

    def _body(self, text: str) -> tuple[str, ...]:
        try:
            body = self.record.names.body(text)
        except UnknownName:
            raise BadInput(
                f"{text!r} is no body whose members could be a bloc.",
                hint='Name several members, as in "FRA,DEU".',
            ) from None
        roll = members_of(self.record, body, self.as_of)
        found = [s for s in self.members.ids if roll.members and s in roll.members.ids]
        if len(found) < 2:
            raise BadInput(f"fewer than two members of {body} sit here on {self.as_of}.")
        return tuple(found)


class GameReader:
    """Reads the names of a game as they stand."""

    def __init__(self, game: Game) -> None:
        self.game = game

    def state(self, text: str) -> str:
        """Return the member of this name."""
        return text

    def bloc(self, given: str | Iterable[str]) -> tuple[str, ...]:
        """Return members named one by one."""
        texts = given.split(",") if isinstance(given, str) else given
        return tuple(dict.fromkeys(t.strip() for t in texts if t.strip()))


def joining_of(
    given: Mapping[str, Any] | None, members: Members, reader: Reader
) -> dict[str, dict[str, Fraction]]:
    """Read new members with their weights.

    Raises
    ------
    BadInput
        A weight is missing, negative or no number.
    """
    out: dict[str, dict[str, Fraction]] = {}
    names = sorted(members.weights)
    for text, own in (given or {}).items():
        state = reader.state(text)
        if isinstance(own, Mapping):
            out[state] = {str(name): _weight(value, state) for name, value in own.items()}
        elif own is None or own == "":
            out[state] = {}
        elif len(names) == 1:
            out[state] = {names[0]: _weight(own, state)}
        else:
            raise BadInput(
                f"{state} joins with one number, but members here have {len(names)} weights.",
                candidates=names,
            )
    return out


def _weight(value: Any, state: str) -> Fraction:
    try:
        weight = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, TypeError, ZeroDivisionError):
        raise BadInput(f"the weight {value!r} of {state} is not a number.") from None
    if weight < 0:
        raise BadInput(f"the weight {value} of {state} is negative.")
    return weight
