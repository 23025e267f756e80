"""Roll calls and positions of a body as one matrix, from the dataset that speaks for the body.

Where several datasets hold the votes of a body, one of them is read, never two at once: the order of
`library.PREFERRED`. The almanac's headline votes are read only where no dataset is pulled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .library import PREFERRED

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from .store import Record

POSITIONS = ("yes", "abstain", "no", "absent", "not_member", "unrecorded")
"""Codes of the matrix in their order; -1 is a state without a row."""
WITHOUT_VOTE = ("arrears", "barred", "merged", "vacant", "withdrawn")
"""Kinds of `seat_limits` in which a seat had no vote of its own; under `credentials` votes were cast."""


@dataclass(frozen=True)
class Votes:
    """Roll calls of a body and what each state did.

    Attributes
    ----------
    body : str
        Body.
    dataset : str
        Dataset that was read; ``almanac`` where none is pulled.
    source_id : str or None
        Its edition.
    roll_calls : frame, n_roll_calls rows
        In the order of time.
    states : tuple of str, n_states
        Sorted codes.
    matrix : array of int8, shape (n_states, n_roll_calls)
        Index into `POSITIONS`; -1 where the source has no row.
    """

    body: str
    dataset: str
    source_id: str | None
    roll_calls: pl.DataFrame
    states: tuple[str, ...]
    matrix: np.ndarray[Any, np.dtype[np.int8]]

    @property
    def years(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """Return the calendar year of each roll call."""
        years: np.ndarray[Any, np.dtype[np.int32]] = self.roll_calls["date"].dt.year().to_numpy()
        return years

    def limited(self, limits: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Say of which cells a limit keeps the seat from voting: there an absence is no position.

        Parameters
        ----------
        limits : frame
            Spells as `limited` returns them; those of kind ``credentials`` are passed over.

        Returns
        -------
        array of bool, shape (n_states, n_roll_calls)
            True where the day of the roll call lies in ``[start, end)`` of a spell of the state.
        """
        import numpy as np

        cells = np.zeros(self.matrix.shape, dtype=np.bool_)
        days = self.roll_calls["date"].to_numpy()
        place = {code: n for n, code in enumerate(self.states)}
        for row in limits.iter_rows(named=True):
            at = place.get(row["state_id"])
            if at is not None and row["kind"] in WITHOUT_VOTE:
                inside = days >= np.datetime64(row["start"], "D")
                if row["end"] is not None:
                    inside &= days < np.datetime64(row["end"], "D")
                cells[at] |= inside
        return cells


def limited(record: Record, body: str) -> pl.DataFrame:
    """Return the limits on seats of a body: state_id, start, end (empty: lasts), kind."""
    import polars as pl

    rows = record.table("seat_limits", "almanac").filter(pl.col("body_id") == body)
    return rows.select("state_id", "start", "end", "kind").sort("state_id", "start", "kind")


def speaker(record: Record, body: str) -> str:
    """Return the dataset that speaks for a body's votes, ``almanac`` where none is pulled."""
    import polars as pl

    for name in PREFERRED:
        if name in record.library.editions and name != "vetoes":
            lazy = record.scan("roll_calls", name).filter(pl.col("body_id") == body)
            if lazy.head(1).collect().height:
                return name
    return "almanac"


def votes(
    record: Record,
    body: str,
    first: date | None = None,
    last: date | None = None,
    *,
    states: Sequence[str] | None = None,
    dataset: str | None = None,
) -> Votes:
    """Return the roll calls of a body in a period, and the positions of all or some states.

    Parameters
    ----------
    record : Record
        The record.
    body : str
        Body id.
    first, last : date, optional
        First and last day, both included.
    states : sequence of str, optional
        States whose rows are read; without it all.
    dataset : str, optional
        Dataset to read; without it the preferred one of those that are pulled.

    Raises
    ------
    BadInput
        The dataset named is not pulled or holds no votes of the body.
    """
    import numpy as np
    import polars as pl

    chosen = dataset or speaker(record, body)
    if dataset not in (None, "almanac") and dataset not in record.library.editions:
        raise BadInput(
            f"the dataset {dataset!r} is not pulled.",
            hint=f"`multipolar data pull {dataset}` first.",
        )
    if chosen == "almanac":
        calls, positions = (
            record.table(name, "almanac").lazy() for name in ("roll_calls", "positions")
        )
    else:
        calls, positions = (record.scan(name, chosen) for name in ("roll_calls", "positions"))
    calls = calls.filter(pl.col("body_id") == body)
    if first is not None:
        calls = calls.filter(pl.col("date") >= first)
    if last is not None:
        calls = calls.filter(pl.col("date") <= last)
    listed = calls.sort("date", "roll_call_id").collect().with_row_index("_at")
    if states is not None:
        positions = positions.filter(pl.col("state_id").is_in(list(states)))
    code = pl.col("position").replace_strict(
        dict(zip(POSITIONS, range(len(POSITIONS)), strict=True)), return_dtype=pl.Int8
    )
    rows = (
        positions.select("roll_call_id", "state_id", "position")
        .join(listed.lazy().select("roll_call_id", "_at"), on="roll_call_id")
        .select("_at", "state_id", code.alias("code"))
        .collect()
    )
    names = tuple(rows["state_id"].unique().drop_nulls().sort())
    matrix = np.full((len(names), listed.height), -1, dtype=np.int8)
    if rows.height:
        at = rows["state_id"].cast(pl.Enum(names)).to_physical().to_numpy()
        matrix[at, rows["_at"].to_numpy()] = rows["code"].to_numpy()
    edition = record.library.editions.get(chosen)
    return Votes(
        body,
        chosen,
        edition.source_id if edition is not None else None,
        listed.drop("_at"),
        names,
        matrix,
    )
