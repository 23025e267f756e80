"""One vote: who took which position, and sums over it that stay exact where weights are missing.

Where the weights of some members are not known, only their sum may be (total less what is known).
A comparison then holds for every way in which that sum can be spread, for none, or is undecided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from ..errors import BadInput
from .members import Members
from .quota import Quota

Position = Literal["yes", "no", "abstain", "absent"]
POSITIONS: tuple[Position, ...] = get_args(Position)
PRESENT: tuple[Position, ...] = ("yes", "no", "abstain")
VOTING: tuple[Position, ...] = ("yes", "no")
YES: tuple[Position, ...] = ("yes",)
Coefficients = Mapping[Position, Fraction]


@dataclass(frozen=True, slots=True)
class Ballot:
    """Positions of all members; ``rest`` is the position of those not known by name."""

    members: Members
    positions: Mapping[str, Position]
    rest: Position | None = None

    @classmethod
    def of(
        cls, positions: Mapping[str, Position], members: Members, rest: Position | None
    ) -> Ballot:
        """Give every member a position, and refuse a ballot with gaps or unknown words."""
        for state, position in positions.items():
            if position not in POSITIONS:
                raise BadInput(
                    f"{position!r} is not a position (of {state}).", candidates=POSITIONS
                )
        if strangers := tuple(state for state in positions if state not in members.ids):
            if members.complete:
                raise BadInput(f"{strangers[0]} is not a member.", candidates=members.ids[:5])
            members = members.naming(strangers)
        silent = [state for state in members.ids if state not in positions]
        if rest is None and (silent or not members.complete):
            who = silent[0] if silent else "the members not known by name"
            raise BadInput(f"no position of {who}.", hint='Say rest="absent" or rest="yes".')
        full = {state: positions.get(state, rest or "absent") for state in members.ids}
        return cls(members, full, None if members.complete else rest)

    def who(self, *positions: Position, among: Collection[str] = (), but: str = "") -> list[str]:
        """Return the named members with one of these positions."""
        return [
            state
            for state, position in self.positions.items()
            if position in positions and state != but and (not among or state in among)
        ]

    def anyone(self, *positions: Position, among: Collection[str] = (), but: str = "") -> bool:
        """Return whether a member, known by name or not, has one of these positions."""
        unnamed = self.rest in positions and not among
        return unnamed or bool(self.who(*positions, among=among, but=but))

    def count(
        self, *positions: Position, among: Collection[str] = (), but: str = ""
    ) -> Fraction | None:
        """Return how many members have one of these positions, or None where not known."""
        known = len(self.who(*positions, among=among, but=but))
        if among or self.rest not in positions:
            return Fraction(known)
        return None if self.members.unnamed is None else Fraction(known + self.members.unnamed)

    def counts_reach(
        self,
        quota: Quota,
        of: Collection[Position],
        among: Collection[str] = (),
        but: str = "",
    ) -> bool | None:
        """Return whether the members in favour reach a share of those in ``of``, or a number."""
        sums = {p: Fraction(len(self.who(p, among=among, but=but))) for p in POSITIONS}
        unnamed = self.members.unnamed
        spread = (Fraction(unnamed or 0), None if unnamed is None else Fraction(unnamed))
        holders = () if among or self.rest is None else (self.rest,)
        coefficients, constant = _favour(quota, of)
        return _decide(quota, coefficients, constant, sums, holders, spread)

    def weights_reach(
        self, quota: Quota, of: Collection[Position], name: str, yes: Collection[Position] = YES
    ) -> bool | None:
        """Return whether the weight in favour reaches a share of the weight in ``of``, or a number.

        ``of`` with all four positions means the total, as the body states it.
        """
        total = self.members.total(name)
        coefficients, constant = _favour(quota, of, yes)
        if quota.share and total is not None and len(of) == len(POSITIONS):
            coefficients = {p: Fraction(p in yes) for p in POSITIONS}
            constant = -quota.value * total
        return _decide(quota, coefficients, constant, *self._weight_sums(name))

    def weight(self, name: str, *positions: Position) -> Fraction | None:
        """Return the weight of the members with these positions, or None where not known."""
        sums, holders, (low, high) = self._weight_sums(name)
        known = sum((sums[p] for p in positions), Fraction(0))
        inside = [p in positions for p in holders]
        if not any(inside):
            return known
        return known + low if all(inside) and low == high else None

    def _weight_sums(
        self, name: str
    ) -> tuple[dict[Position, Fraction], tuple[Position, ...], tuple[Fraction, Fraction | None]]:
        sums = dict.fromkeys(POSITIONS, Fraction(0))
        for state in self.members.ids:
            sums[self.positions[state]] += self.members.weight(name, state) or Fraction(0)
        lacking = {self.positions[state] for state in self.members.lacking(name)}
        if self.rest is not None:
            lacking.add(self.rest)
        holders = tuple(p for p in POSITIONS if p in lacking)
        total = self.members.totals.get(name)
        if total is None:
            return sums, holders, (Fraction(0), None)
        left = max(total - self.members.known(name), Fraction(0))
        return sums, holders, (left, left)


def _favour(
    quota: Quota, of: Collection[Position], yes: Collection[Position] = YES
) -> tuple[Coefficients, Fraction]:
    """Write "in favour less what is needed" as coefficients of the four sums and a constant."""
    if not quota.share:
        return {p: Fraction(p in yes) for p in POSITIONS}, -quota.value
    return {p: Fraction(p in yes) - quota.value * (p in of) for p in POSITIONS}, Fraction(0)


def _decide(
    quota: Quota,
    coefficients: Coefficients,
    constant: Fraction,
    sums: Mapping[Position, Fraction],
    holders: Collection[Position],
    spread: tuple[Fraction, Fraction | None],
) -> bool | None:
    """Test the sum at the corners of what is possible; being linear, it has no other extremes."""
    base = constant + sum((coefficients[p] * sums[p] for p in POSITIONS), Fraction(0))
    if not holders:
        return quota.reached(base)
    results = set()
    for position in holders:
        slope = coefficients[position]
        results.add(quota.reached(base + slope * spread[0]))
        if spread[1] is not None:
            results.add(quota.reached(base + slope * spread[1]))
        elif slope:
            results.add(slope > 0)
    return results.pop() if len(results) == 1 else None
