"""Rules where only some weights are known: a quota on the sum, and what the rest holds together.

A table often names the largest members only. The sum over all members is still known, so that the
weight of the others together is known, but not how it is spread over them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from ..errors import BadInput
from .algebra import All, Rule
from .ballot import POSITIONS
from .legs import WEIGHED, Count, Quorum, Weighted, least
from .members import Members
from .quota import Quota

FINE = 1 << 20
"""Where weights are shares: the least number of units in which the rest is measured."""


@dataclass(frozen=True, slots=True)
class PartialGame:
    """A weighted game of which some players' weights are known, and of the others only the sum.

    A coalition wins if its weight is at least `quota`, and if it has at least `heads` players.

    Attributes
    ----------
    players : tuple of str
        The players whose weights are known.
    weights : tuple of int
        Their weights, in one unit with `rest` and `quota`.
    rest : int
        The weight of the other players together.
    others : int or None
        How many other players there are; None where that is not known.
    quota : int
        The least weight that is enough.
    heads : int or None
        The least number of players that is enough, or None.
    whole : bool
        Whether each of the others holds a whole number of units.
    error : int
        By how many units each known weight may be off, since printed shares are rounded; the sum
        of all weights is exact.
    largest : int or None
        What no single other player exceeds, where that is known.
    """

    players: tuple[str, ...]
    weights: tuple[int, ...]
    rest: int
    others: int | None
    quota: int
    heads: int | None = None
    whole: bool = True
    error: int = 0
    largest: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no game."""
        if not self.players or len(self.players) != len(self.weights):
            raise BadInput(f"{len(self.players)} players have {len(self.weights)} weights.")
        if len(set(self.players)) < len(self.players):
            raise BadInput("a player is named twice.")
        if min(*self.weights, self.rest, self.error, self.others or 0, 0) < 0:
            raise BadInput("a weight is below zero.")
        if self.rest and self.others == 0:
            raise BadInput(f"nobody holds the other {self.rest} votes.")
        if not 0 < self.quota <= self.total:
            raise BadInput(f"the quota {self.quota} is not between 1 and the total {self.total}.")
        if self.heads is not None and self.others is None:
            raise BadInput("the number of members is not known.")
        if self.heads is not None and self.heads > len(self.players) + (self.others or 0):
            raise BadInput(f"the quota {self.heads} is above the number of members.")
        most = self.rest if self.largest is None else self.largest * (self.others or self.rest)
        if most < self.rest:
            raise BadInput(f"{self.others} players with at most {self.largest} lack {self.rest}.")

    @property
    def total(self) -> int:
        """Return the weight of all players."""
        return sum(self.weights) + self.rest

    @property
    def coverage(self) -> Fraction:
        """Return the share of the total that the known players hold."""
        return Fraction(sum(self.weights), self.total)


def partial_of(members: Members, rule: Rule, *, ranked: bool = False) -> PartialGame | None:
    """Read a rule over members of whom some weights are not known.

    Everybody votes yes or no, so that everybody is present and all votes are cast.

    Parameters
    ----------
    members : Members
        Who decides; what the members without a known weight hold follows from the total.
    rule : Rule
        One condition, or several joined by "and": shares of one weight, numbers or shares of all
        members, and quorums.
    ranked : bool
        Whether the members with a known weight are the heaviest, as in a list of the twenty
        largest: then no other member is heavier than the lightest of them.

    Returns
    -------
    PartialGame or None
        None where the rule has another shape, where no weight or no total is known, where the
        number of members is asked but not known, and where the weights do not reach the quota.

    Raises
    ------
    BadInput
        A quota is above what there is.
    """
    rule.check(members)
    legs = list(rule.parts) if isinstance(rule, All) else [rule]
    names = {leg.weight for leg in legs if isinstance(leg, Weighted)}
    if len(names) != 1 or not all(_plain(leg, members) for leg in legs):
        return None
    name = names.pop()
    table, total = members.weights.get(name, {}), members.total(name)
    players = tuple(state for state in members.ids if state in table)
    if total is None or not players:
        return None
    lacking = len(members.lacking(name))
    others = None if members.unnamed is None else members.unnamed + lacking
    known = sum((table[state] for state in players), Fraction(0))
    rest = Fraction(0) if others == 0 else max(total - known, Fraction(0))
    heads = _heads([leg for leg in legs if isinstance(leg, Count)], len(players), others)
    if heads is not None and others is None:
        return None
    scale, whole, digits = _unit([*(table[s] for s in players), total], rest)
    need = 0
    for leg in legs:
        if isinstance(leg, Weighted):
            full = len(WEIGHED[leg.of][0]) == len(POSITIONS)
            need = max(
                need, least(_scaled(leg.quota, scale), (total if full else known + rest) * scale)
            )
    if need > (known + rest) * scale:
        return None
    weights = tuple(int(table[state] * scale) for state in players)
    # A share printed with d decimals is off by at most half a unit of the last one.
    error = 0 if digits is None else scale // (2 * 10**digits)
    top = min(weights) + error if ranked and rest else None
    return PartialGame(players, weights, int(rest * scale), others, need, heads, whole, error, top)


def _plain(leg: Rule, members: Members) -> bool:
    """Say whether a condition counts all members alike, or is met when everybody is present."""
    if isinstance(leg, Quorum):
        return leg.quota.share or not leg.weight or members.total(leg.weight) is not None
    return isinstance(leg, Weighted) or (
        isinstance(leg, Count) and not leg.among and not leg.except_
    )


def _heads(legs: Iterable[Count], known: int, others: int | None) -> int | None:
    """Return the members that are needed at least; None where heads are not counted."""
    whole = Fraction(known + (others or 0))
    return max((least(leg.quota, whole) for leg in legs), default=None)


def _scaled(quota: Quota, scale: int) -> Quota:
    return quota if quota.share else Quota(quota.value * scale, False, quota.strict)


def _unit(weights: list[Fraction], rest: Fraction) -> tuple[int, bool, int | None]:
    """Return units per vote, whether votes are whole numbers, and the decimals of printed shares.

    Shares are measured in units so small that the rest has many of them.
    """
    common = lcm(*(w.denominator for w in weights))
    if common == 1:
        return 1, True, None
    digits = next((d for d in range(1, 19) if 10**d % common == 0), None)
    unit = 2 * (common if digits is None else 10**digits)
    finer = -(-FINE // int(rest * unit)) if rest else 1
    return unit * finer, False, digits
