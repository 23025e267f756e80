"""Who pays: shares, rank, concentration, and what the others would have to add."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal


def rank(shares: Mapping[str, Decimal], state: str) -> int:
    """Return the rank of a payer, 1 for the largest; equal shares have equal rank.

    >>> rank({"A": Decimal(5), "B": Decimal(5), "C": Decimal(1)}, "C")
    3
    """
    return 1 + sum(share > shares[state] for share in shares.values())


def concentration(shares: Mapping[str, Decimal]) -> float:
    """Return the Herfindahl-Hirschman index of shares, 0 to 1.

    Shares are brought to a sum of one first, so that per cent and fractions give the same value.

    >>> concentration({"A": Decimal(50), "B": Decimal(50)})
    0.5
    """
    total = sum(shares.values())
    return float(sum((share / total) ** 2 for share in shares.values()))


def replacement(shares: Mapping[str, Decimal], state: str) -> float:
    """Return how much more each other payer pays if the others cover the state by their shares.

    >>> replacement({"A": Decimal(20), "B": Decimal(80)}, "A")
    0.25
    """
    others = sum(share for code, share in shares.items() if code != state)
    return float(shares[state] / others)
