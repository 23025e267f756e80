"""Hypothesis strategies that several tests share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from multipolar.record.store import FIRST_DAY

days = st.dates(FIRST_DAY, date(2026, 6, 30))
"""Days of which the record can speak."""

cases = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
"""Successes among n cases."""


@st.composite
def payers(draw: st.DrawFn, least: int = 2) -> dict[str, Decimal]:
    """Shares of several payers in per cent, none of them zero; they need not sum to 100."""
    codes = draw(st.lists(st.sampled_from("ABCDEFGHIJ"), min_size=least, unique=True))
    cents = st.integers(1, 100_000)
    return {code: Decimal(draw(cents)) / 1000 for code in codes}
