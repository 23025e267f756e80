"""Votes as arrays of places in labels, and how each position word is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
YES, ABSTAIN, NO, ABSENT, NO_VOTE = 0, 1, 2, 3, 4
"""Categories of cells; the last is a state that had no vote, or of which the source says nothing."""
WORDS = {
    YES: ("yes", "y", "yea", "aye", "for", "in favour", "in favor", "1", "赞成"),
    ABSTAIN: ("abstain", "a", "abstained", "abstention", "abstaining", "2", "弃权"),
    NO: ("no", "n", "nay", "against", "3", "反对"),
    ABSENT: (
        "absent",
        "x",
        "nv",
        "not voting",
        "non-voting",
        "did not vote",
        "8",
        "缺席",
        "未投票",
    ),
    NO_VOTE: ("not_member", "not a member", "unrecorded", "9", "非成员"),
}
"""How a position may be written, in any case; the numbers are those of the files on the Assembly."""
READ = {word: code for code, words in WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Cells:
    """Votes of a body: labels, and one entry per state and roll call.

    Attributes
    ----------
    states, roll_calls, items : tuple of str
        Labels in their order.
    periods : tuple
        Numbers, days or texts in the order of time.
    titles : tuple of str or None, one per roll call
        What was voted on, where the source says.
    item, period : array of int, one per roll call
        Places in `items` and `periods`.
    state, call, category : array of int, one per cell
        Who, in which roll call, and how: 0 yes, 1 abstain, 2 no, 3 absent.
    """

    states: tuple[str, ...]
    roll_calls: tuple[str, ...]
    items: tuple[str, ...]
    periods: tuple[Any, ...]
    titles: tuple[str | None, ...]
    item: Array
    period: Array
    state: Array
    call: Array
    category: Array

    def chosen(self, kept: Array) -> Cells:
        """Return the cells for which an array says so; labels stay."""
        return replace(
            self, state=self.state[kept], call=self.call[kept], category=self.category[kept]
        )

    def cast(self, absence: str, response: str) -> Cells:
        """Return the votes that count, with absences and abstentions as a choice reads them.

        Parameters
        ----------
        absence : str
            ``missing`` leaves absences out; ``no`` and ``abstain`` count them as such.
        response : str
            ``binary`` leaves abstentions out.
        """
        category = self.category
        if absence != "missing":
            as_vote = {"no": NO, "abstain": ABSTAIN}[absence]
            category = np.where(category == ABSENT, as_vote, category)
        kept = category <= NO
        if response == "binary":
            kept &= category != ABSTAIN
        return replace(self, category=category).chosen(kept)

    def counts(self) -> Array:
        """Return how many said yes, abstained and said no, one row per roll call."""
        flat = np.bincount(
            self.call * 3 + np.minimum(self.category, NO).astype(np.int64),
            weights=self.category <= NO,
            minlength=3 * len(self.roll_calls),
        )
        return flat.reshape(-1, 3).astype(np.int64)


def first_row(wrong: Sequence[bool] | Array) -> int:
    """Return the number of the first row for which a condition holds, counted from 1."""
    return int(np.argmax(np.asarray(wrong))) + 1
