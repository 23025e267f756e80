"""A share of cases with an interval that stays honest for few cases."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share and its interval.

    Attributes
    ----------
    value, lo, hi : float
        Share and interval bounds, 0 to 1.
    level : float
        Level of the interval.
    n : int
        Cases.
    """

    value: float
    lo: float
    hi: float
    level: float
    n: int


def proportion(successes: int, n: int, level: float = 0.95) -> Proportion:
    """Estimate a share from counts with the Wilson score interval.

    Parameters
    ----------
    successes : int
        Cases that count, 0 to ``n``.
    n : int
        All cases, at least 1.
    level : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Proportion
        The share ``successes / n`` and its bounds.

    Raises
    ------
    ValueError
        ``n`` is below 1 or ``successes`` is not between 0 and ``n``.

    Uncertainty
    -----------
    The interval treats the cases as draws from a longer series; it does not cover cases that the
    record misses.

    Source
    ------
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> result = proportion(8, 10)
    >>> round(result.lo, 3), result.value, round(result.hi, 3)
    (0.49, 0.8, 0.943)
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share of cases")
    z = NormalDist().inv_cdf((1 + level) / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Proportion(p, max(0.0, centre - half), min(1.0, centre + half), level, n)
