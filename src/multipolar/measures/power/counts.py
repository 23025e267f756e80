"""What every way of counting returns: coalitions that win, and each player's swings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial

Sizes = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Counts:
    """Winning coalitions and swings of a game of n players, as exact whole numbers.

    Attributes
    ----------
    winning : int
        Coalitions that win.
    swings : tuple of int
        Per player, the coalitions of the others that win with it and lose without it.
    sizes : tuple of tuple of int, or None
        The swings of each player by the number of others in the coalition, 0 to n - 1.
    method : str
        How they were counted.
    """

    winning: int
    swings: tuple[int, ...]
    sizes: tuple[tuple[int, ...], ...] | None
    method: str

    @property
    def shapley(self) -> tuple[Fraction, ...] | None:
        """Return the Shapley–Shubik index of every player, exactly; None without sizes."""
        return None if self.sizes is None else shapley_of(self.sizes)


def shapley_of(sizes: Sizes) -> tuple[Fraction, ...]:
    """Return sum over s of swings(s) s! (n - 1 - s)! / n!, for every player.

    Source: L. S. Shapley and M. Shubik, American Political Science Review 48 (1954), 787-792.
    """
    n = len(sizes)
    factorials = [factorial(k) for k in range(n + 1)]
    ways = [factorials[s] * factorials[n - 1 - s] for s in range(n)]
    known: dict[tuple[int, ...], Fraction] = {}
    out = []
    for own in sizes:
        key = tuple(own)
        if key not in known:
            top = sum(count * way for count, way in zip(key, ways, strict=True) if count)
            known[key] = Fraction(top, factorials[n])
        out.append(known[key])
    return tuple(out)
