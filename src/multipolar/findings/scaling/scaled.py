"""What results of one and of two dimensions have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from .cells import ABSTAIN, NO, YES, Array
from .choices import Choices, Note, Subject
from .estimate import Check, Dropped, Polarity

PRIORS = ("step", "pull", "slope", "middle", "gap_shape", "gap_rate")


class Scaled(ABC):
    """A result: where the votes were read, what was asked, the search, and remarks.

    Attributes
    ----------
    subject : Subject
        Where the votes were read.
    choices : Choices
        What was asked.
    fitted
        The search and its arrays, on the scale of the model.
    notes : tuple of (str, str)
        What has to be known to read the numbers, in English and Chinese.
    """

    subject: Subject
    choices: Choices
    fitted: Any
    notes: tuple[Note, ...]

    # -- what each has in its own way --------------------------------------------------------------

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Return the number of dimensions."""

    @property
    @abstractmethod
    def points(self) -> pl.DataFrame:
        """Return the ideal points."""

    @property
    @abstractmethod
    def items(self) -> pl.DataFrame:
        """Return the items that were fitted, one row each."""

    @property
    @abstractmethod
    def model(self) -> str:
        """Return the model in words."""

    @abstractmethod
    def reading(self, lang: str = "en") -> list[str]:
        """Return model, search, scale and limits, one per line."""

    # -- what was found ----------------------------------------------------------------------------

    @property
    def table(self) -> pl.DataFrame:
        """Return the ideal points as a frame."""
        return self.points

    @cached_property
    def roll_calls(self) -> pl.DataFrame:
        """Return the roll calls that were fitted: roll_call, item, period, its item's numbers, votes."""
        fitted, counted = self.fitted, self.fitted.counted
        kept = np.flatnonzero(self._in_fit)
        counts = counted.counts()[kept]
        shared = self.items[fitted.item_of[counted.item[kept]]]
        known = ("beta", "beta2", "cut_yes", "cut_no", "angle", "side")
        return pl.DataFrame(
            {
                "roll_call": pl.Series(counted.roll_calls, dtype=pl.String)[kept],
                "item": shared["item"],
                "period": pl.Series(list(counted.periods))[counted.period[kept]],
                "title": pl.Series(counted.titles, dtype=pl.String)[kept],
                **{name: shared[name] for name in known if name in shared.columns},
                "yes": counts[:, YES],
                "abstain": counts[:, ABSTAIN],
                "no": counts[:, NO],
            }
        )

    @cached_property
    def _in_fit(self) -> Array:
        """Return which roll calls are on items that were fitted, and have votes."""
        counted = self.fitted.counted
        cast = np.bincount(counted.call, minlength=len(counted.roll_calls)) > 0
        return np.asarray(cast & (self.fitted.item_of[counted.item] >= 0))

    def _item_counts(self) -> tuple[Array, Array]:
        """Return of every item how many roll calls share it, and its votes (yes, abstain, no)."""
        fitted, n = self.fitted, len(self.fitted.given.items)
        flat = np.bincount(
            fitted.given.item_of * 3 + fitted.given.category, minlength=3 * n
        ).reshape(-1, 3)
        calls = np.bincount(fitted.item_of[fitted.counted.item][self._in_fit], minlength=n)
        return calls.astype(np.int64), flat.astype(np.int64)

    # -- how it was found --------------------------------------------------------------------------

    @property
    def body(self) -> str | None:
        """Return the body; None for votes of the user's own."""
        return self.subject.body

    @property
    def level(self) -> float:
        """Return the level of the intervals."""
        return self.choices.level

    @property
    def converged(self) -> bool:
        """Return whether the search ended at a mode: its gradient is within the tolerance."""
        fitted = self.fitted
        return bool(fitted.mode.converged and fitted.errors.curvature != "gauss-newton")

    @property
    def integrated(self) -> bool:
        """Return whether items were integrated out, since few vote on each beside how often."""
        return bool(self.fitted.errors.curvature == "integrated")

    @property
    def gradient_norm(self) -> float:
        """Return the largest absolute derivative of the log posterior at the end."""
        return float(self.fitted.mode.gradient_norm)

    @property
    def iterations(self) -> int:
        """Return the number of Newton steps."""
        return int(self.fitted.mode.iterations)

    @property
    def log_likelihood(self) -> float:
        """Return the log likelihood of the votes."""
        return float(self.fitted.mode.log_likelihood)

    @property
    def seconds(self) -> float:
        """Return the time from coded votes to standard errors."""
        return float(self.fitted.seconds)

    @property
    def polarity(self) -> Polarity:
        """Return which end of the first axis is up, and by what rule."""
        found: Polarity = self.fitted.polarity
        return found

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Return what was left out of the fit."""
        found: tuple[Dropped, ...] = self.fitted.dropped
        return found

    @property
    def check(self) -> Check | None:
        """Return the comparison with a search from a far start, where one was made."""
        found: Check | None = self.fitted.check
        return found

    def _told(self) -> dict[str, Any]:
        """Return what the JSON form of every result has before its points."""
        fitted, subject, check = self.fitted, self.subject, self.check
        return {
            "body": subject.body,
            "dimensions": self.dimensions,
            "model": self.model,
            "converged": self.converged,
            "gradient_norm": self.gradient_norm,
            "iterations": self.iterations,
            "seconds": round(self.seconds, 3),
            "level": self.level,
            "log_likelihood": self.log_likelihood,
            "dataset": subject.dataset,
            "source_id": subject.source_id,
            "period_kind": subject.period,
            "response": self.choices.response,
            "dynamics": self.choices.dynamics,
            "absence": self.choices.absence,
            "priors": {name: getattr(fitted.settings, name) for name in PRIORS},
            "polarity": polarity_told(self.polarity),
            "errors": fitted.errors.curvature,
            "votes": int(fitted.given.cells),
            "absences": fitted.absent,
            "dropped": [
                {"reason": d.reason, "items": d.items, "votes": d.votes} for d in self.dropped
            ],
            "check": None
            if check is None
            else {
                "agrees": check.agrees,
                "largest_difference": check.largest_difference,
                "state": check.state,
                "period": plain_value(check.period),
            },
            "notes": [en for en, _ in self.notes],
            "notes_zh": [zh for _, zh in self.notes],
        }

    def _rows(self) -> dict[str, Any]:
        """Return points, roll calls and sources as the JSON form has them."""
        return {
            "points": rows_of(self.points),
            "roll_calls": rows_of(self.roll_calls),
            "sources": [dict(source) for source in self.subject.sources],
        }


def polarity_told(polarity: Polarity) -> dict[str, Any]:
    """Return a rule for which end is up as the JSON form has it."""
    return {
        "rule": polarity.rule,
        "states": list(polarity.states),
        "value": polarity.value,
    }


def plain_value(value: Any) -> Any:
    """Return a label as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value


def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as rows of plain values."""
    if frame.schema["period"].is_temporal():
        kind = frame.schema["period"]
        form = "%Y-%m-%d" if kind == pl.Date else "%Y-%m-%dT%H:%M:%S"
        frame = frame.with_columns(pl.col("period").dt.strftime(form))
    return frame.to_dicts()
