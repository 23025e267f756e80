"""From a publisher's label to a state, on the day of the row.

The registry of names reads most labels. What it cannot read stands on one reviewed list, the files of
``labels/``: other spellings, errors of a source, codes of a scheme, and labels that are no state.
A label that neither knows stops the pull; nothing is guessed and nothing is dropped unseen.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AmbiguousName, UnknownName

if TYPE_CHECKING:
    import polars as pl

    from ..record.names import Registry

LABELS = Path(__file__).parent / "labels"
SCHEMES = ("name", "iso3", "iso2", "cow", "gw", "m49")


@dataclass(frozen=True, slots=True)
class Label:
    """A row of the reviewed list; empty dates are open, an empty state is none of the registry."""

    dataset: str
    scheme: str
    label: str
    start: str
    end: str
    state_id: str
    kind: str
    reason: str

    def holds(self, day: str) -> bool:
        """Say whether the row speaks of a day."""
        return (not self.start or self.start <= day) and (not self.end or day < self.end)


class States:
    """Resolves the labels of one dataset.

    Attributes
    ----------
    unknown : Counter of (scheme, label)
        Labels met that neither the registry nor the list knows, with how often each was asked.
    """

    def __init__(self, names: Registry, rows: Iterable[Mapping[str, Any]], dataset: str) -> None:
        self.names, self.dataset = names, dataset
        self.rows = {row["state_id"]: row for row in rows}
        self.unknown: Counter[tuple[str, str]] = Counter()
        self._listed: dict[tuple[str, str], list[Label]] = {}
        for row in labels():
            if row.dataset in ("*", dataset):
                self._listed.setdefault((row.scheme, row.label), []).append(row)
        for found in self._listed.values():
            found.sort(key=lambda row: row.dataset == "*")
        self._by_code: dict[tuple[str, str], list[str]] = {}
        for code, known in self.rows.items():
            for scheme in ("iso2", "cow", "gw", "m49"):
                if known[scheme] is not None:
                    self._by_code.setdefault((scheme, _code(known[scheme])), []).append(code)
        self._later = {
            row["continues"]: code for code, row in self.rows.items() if row["continues"]
        }
        self._memo: dict[tuple[str, str, date], str | None] = {}

    def find(self, label: str, day: date, scheme: str = "name") -> str | None:
        """Return the state that a label means on a day; None where it is none, or is not known.

        Parameters
        ----------
        label : str
            The label as printed; codes as text (COW 2 as ``"2"``).
        day : date
            The day of the row; for a row that speaks of a year see `in_year`.
        scheme : str
            One of `SCHEMES`.
        """
        key = (scheme, label, day)
        if key not in self._memo:
            self._memo[key] = self._find(label, day, scheme)
        return self._memo[key]

    def in_year(self, label: str, year: int, scheme: str = "name") -> str | None:
        """Return the state that a label means in a year: on 1 July."""
        return self.find(label, date(year, 7, 1), scheme)

    def spans(
        self, label: str, first: date, last: date, scheme: str = "name"
    ) -> list[tuple[date, str | None]]:
        """Return what a label means from ``first`` to ``last``: days from which, and the state.

        A label is asked once per span in which neither its spelling nor a state behind it changes,
        so that a column of a million rows costs as many questions as it has labels.
        """
        listed = self._listed.get((scheme, label.strip()), ())
        days = {row.start for row in listed} | {row.end for row in listed}
        if scheme == "name":
            days |= set(self.names.turns(label))
        turns = {date.fromisoformat(day) for day in days if day}
        asked: dict[date, str | None] = {}
        while wanted := {first, *(t for t in turns if first < t <= last)} - set(asked):
            for day in wanted:
                asked[day] = code = self.find(label, day, scheme)
                turns |= self._around(code) if code else self._turns
        out: list[tuple[date, str | None]] = []
        for day in sorted(asked):
            if not out or out[-1][1] != asked[day]:
                out.append((day, asked[day]))
        return out

    def _around(self, code: str) -> set[date]:
        """Return the days on which a state, or one whose seat it shares, begins or ends."""
        same = {code}
        while more := {self.rows[c]["continues"] for c in same} | {
            self._later.get(c) for c in same
        }:
            if more <= same | {None}:
                break
            same |= {c for c in more if c}
        if self.rows[code]["start"] is None and self.rows[code]["end"] is None and len(same) == 1:
            return set()
        shared = set(self._sharing(same))
        return {self.rows[c][d] for c in same | shared for d in ("start", "end") if self.rows[c][d]}

    def _sharing(self, codes: set[str]) -> set[str]:
        """Return the states that carry a number of one of these states too."""
        return {
            other
            for c in codes
            for scheme in ("iso2", "cow", "gw", "m49")
            if self.rows[c][scheme] is not None
            for other in self._by_code[scheme, _code(self.rows[c][scheme])]
        }

    @cached_property
    def _turns(self) -> set[date]:
        """Return the days on which a state begins or ends."""
        return {
            row[c] for row in self.rows.values() for c in ("start", "end") if row[c] is not None
        }

    def column(
        self, frame: pl.DataFrame, label: str, day: str, scheme: str = "name"
    ) -> pl.DataFrame:
        """Return a frame with ``state_id`` added: what its labels mean on its days.

        Parameters
        ----------
        frame : frame
            Rows with a text column ``label`` and a date column ``day``, both without nulls.
        label, day : str
            Their names.
        scheme : str
            One of `SCHEMES`.
        """
        import numpy as np
        import polars as pl

        texts = frame[label].unique()
        at = frame[label].cast(pl.Enum(texts)).to_physical()
        ranges = (
            pl.DataFrame({"at": at, "day": frame[day]})
            .group_by("at")
            .agg(pl.col("day").min().alias("first"), pl.col("day").max().alias("last"))
            .sort("at")
        )
        spans = [self.spans(texts[n], first, last, scheme) for n, first, last in ranges.iter_rows()]
        codes = sorted({code for found in spans for _, code in found if code is not None})
        number = {code: n for n, code in enumerate(codes)} | {None: len(codes)}
        state = np.array([number[found[0][1]] for found in spans], dtype=np.int32)[at.to_numpy()]
        days = frame[day].to_physical().to_numpy()
        for n, found in enumerate(spans):
            for start, code in found[1:]:
                after = (start - date(1970, 1, 1)).days
                state[(at.to_numpy() == n) & (days >= after)] = number[code]
        known = pl.Series([*codes, None], dtype=pl.String)
        return frame.with_columns(known.gather(pl.Series(state)).alias("state_id"))

    def listed(self, label: str, day: date, scheme: str = "name") -> Label | None:
        """Return the row of the reviewed list that speaks of a label on a day."""
        said = day.isoformat()
        found = self._listed.get((scheme, label.strip()), ())
        return next((row for row in found if row.holds(said)), None)

    def holder(self, code: str, day: date) -> str | None:
        """Return who held the seat of a state on a day: itself, one before it, or one after it."""
        seen = {code}
        row = self.rows[code]
        while row["start"] is not None and day < row["start"]:
            code = row["continues"]
            if not code or code in seen:
                return None
            seen.add(code)
            row = self.rows[code]
        while row["end"] is not None and day >= row["end"]:
            code = self._later.get(code, "")
            if not code or code in seen:
                return None
            seen.add(code)
            row = self.rows[code]
            if row["start"] is not None and day < row["start"]:
                return code
        return code

    def member(self, code: str, day: date) -> bool:
        """Say whether a state was a Member of the United Nations on a day, as far as is known."""
        row = self.rows[code]
        return row["un_admitted"] is None or row["un_admitted"] <= day

    def _find(self, label: str, day: date, scheme: str) -> str | None:
        listed = self.listed(label, day, scheme)
        if listed is not None:
            return listed.state_id or None
        code = self._by_name(label, day) if scheme == "name" else self._coded(label, day, scheme)
        if code is None:
            self.unknown[scheme, label] += 1
            return None
        return code

    def _by_name(self, label: str, day: date) -> str | None:
        try:
            code = self.names.state(label, day)
        except (UnknownName, AmbiguousName):
            return None
        return self.holder(code, day)

    def _coded(self, label: str, day: date, scheme: str) -> str | None:
        label = label.strip()
        if scheme == "iso3":
            return self.holder(label, day) if label in self.rows else None
        codes = self._by_code.get((scheme, _code(label)), [])
        alive = [c for c in codes if self._exists(c, day)]
        if len(alive) == 1:
            return alive[0]
        if len(codes) == 1:
            return self.holder(codes[0], day)
        return None

    def _exists(self, code: str, day: date) -> bool:
        row = self.rows[code]
        return (row["start"] is None or row["start"] <= day) and (
            row["end"] is None or day < row["end"]
        )


def _code(value: object) -> str:
    """Return a code as it is compared: without leading zeros."""
    return str(value).strip().lstrip("0") or "0"


@cache
def labels() -> tuple[Label, ...]:
    """Return the reviewed list of labels."""
    found: list[Label] = []
    for path in sorted(LABELS.glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as handle:
            found += [Label(**row) for row in csv.DictReader(handle)]
    return tuple(found)
