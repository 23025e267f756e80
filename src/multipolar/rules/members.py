"""Members of a body with their voting weights, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

Weights = Mapping[str, Mapping[str, Fraction]]


@dataclass(frozen=True, slots=True)
class Members:
    """Who decides, and with what weight.

    Attributes
    ----------
    ids : tuple of str
        The members that are known by name.
    weights : mapping of str to mapping
        Weight name ("votes", "population") to member to weight; a member may be missing.
    totals : mapping of str to Fraction
        Sum over all members, where the body states it.
    unnamed : int or None
        Members that are not in ``ids``: their number, or None where even that is not known.
    """

    ids: tuple[str, ...]
    weights: Weights = field(default_factory=dict)
    totals: Mapping[str, Fraction] = field(default_factory=dict)
    unnamed: int | None = 0

    @classmethod
    def of(cls, members: Members | Iterable[str]) -> Members:
        """Return members as they are, or members without weights from their ids."""
        return members if isinstance(members, Members) else cls(tuple(members))

    @property
    def complete(self) -> bool:
        """Return whether every member is known by name."""
        return self.unnamed == 0

    def weight(self, name: str, state: str) -> Fraction | None:
        """Return a member's weight, or None where it is not known."""
        return self.weights.get(name, {}).get(state)

    def known(self, name: str) -> Fraction:
        """Return the sum of the weights that are known."""
        table = self.weights.get(name, {})
        return sum((table[state] for state in self.ids if state in table), Fraction(0))

    def lacking(self, name: str) -> tuple[str, ...]:
        """Return the named members whose weight is not known."""
        table = self.weights.get(name, {})
        return tuple(state for state in self.ids if state not in table)

    def total(self, name: str) -> Fraction | None:
        """Return the sum over all members: as stated, or added up where all are known."""
        if name in self.totals:
            return self.totals[name]
        whole = bool(self.ids) and self.complete and not self.lacking(name)
        return self.known(name) if whole else None

    def naming(self, states: tuple[str, ...]) -> Members:
        """Return the same members with some of the unnamed ones known by name, weights unknown."""
        left = None if self.unnamed is None else max(self.unnamed - len(states), 0)
        return Members((*self.ids, *states), self.weights, self.totals, left)

    def without(self, state: str) -> Members:
        """Return the members after one has left: its weight leaves every total."""
        if state not in self.ids and self.complete:
            return self
        if state not in self.ids:
            return self.naming((state,)).without(state)
        weights = {n: {s: w for s, w in t.items() if s != state} for n, t in self.weights.items()}
        totals = {
            name: total - own
            for name, total in self.totals.items()
            if (own := self.weight(name, state)) is not None
        }
        return Members(tuple(s for s in self.ids if s != state), weights, totals, self.unnamed)
