"""Agreement of states in the recorded votes of a body, year by year, and with the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, OutOfCoverage
from ..record.store import Record
from ..record.votes import Votes, votes

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class AgreementResult:
    """Agreement of pairs of states, and of states with the room, by calendar year.

    Attributes
    ----------
    body, measure, dataset : str
        Body, measure (``same`` or ``lijphart``), and the dataset that was read.
    source_id : str or None
        Its edition.
    rows : tuple of dict
        ``a, b, period, agreement, n``; no row where the pair cast no vote together.
    majority : tuple of dict
        ``state, period, with_plurality, with_adopted, n``.
    """

    body: str
    measure: str
    dataset: str
    source_id: str | None
    rows: tuple[dict[str, Any], ...]
    majority: tuple[dict[str, Any], ...]

    @property
    def table(self) -> pl.DataFrame:
        """Return the pairs as a frame."""
        import polars as pl

        kinds = {"a": pl.String, "b": pl.String, "period": pl.Int64, "agreement": pl.Float64}
        return pl.DataFrame(list(self.rows), schema={**kinds, "n": pl.Int64})

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the JSON contract has it."""
        return {
            "body": self.body,
            "measure": self.measure,
            "dataset": self.dataset,
            "source_id": self.source_id,
            "rows": list(self.rows),
            "majority": list(self.majority),
        }


def agreement_of(
    record: Record,
    states: Sequence[str],
    body: str,
    measure: str = "same",
    first: date | None = None,
    last: date | None = None,
) -> AgreementResult:
    """Return the agreement of states: of one with all others, of several among themselves.

    Parameters
    ----------
    record : Record
        With the body's votes pulled; the almanac's headline votes are too few to speak of.
    states : sequence of str
        Codes; a former state and the one that continues its seat are two.
    body : str
        Body id.
    measure : str
        ``same`` or ``lijphart``, see `measures.alignment.agreement`.
    first, last : date, optional
        First and last day, both included.

    Raises
    ------
    OutOfCoverage
        No votes of the body are pulled, or none falls into the period, or a state cast none.
    BadInput
        The measure is not known.
    """
    from ..measures.alignment import MEASURES

    if measure not in MEASURES:
        raise BadInput(f"{measure!r} is no measure.", hint=f"There are: {', '.join(MEASURES)}.")
    found = votes(record, body, first, last)
    if found.dataset == "almanac":
        raise OutOfCoverage(
            f"no roll calls of {body} are pulled; the almanac holds headline votes only.",
            hint="`multipolar data pull unga` (or unsc, unvotes) first.",
        )
    if not found.roll_calls.height:
        raise OutOfCoverage(f"{found.dataset} holds no roll call of {body} in this period.")
    absent = [code for code in states if code not in found.states]
    if absent:
        raise OutOfCoverage(
            f"{found.source_id} has no row of {', '.join(absent)} in {body} in this period.",
            hint="A former state has a code of its own; `multipolar names` shows it.",
        )
    rows, majority = _by_year(found, list(dict.fromkeys(states)), measure)
    return AgreementResult(
        body, measure, found.dataset, found.source_id, tuple(rows), tuple(majority)
    )


def _by_year(
    found: Votes, states: Sequence[str], measure: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    import numpy as np

    from ..measures.alignment import agreement, with_room

    adopted = (found.roll_calls["adopted"] == "yes").fill_null(False).to_numpy()
    at = {code: n for n, code in enumerate(found.states)}
    rows: list[dict[str, Any]] = []
    majority: list[dict[str, Any]] = []
    years = found.years
    for year in np.unique(years).tolist():
        here = years == year
        codes = found.matrix[:, here]
        pairs, room = agreement(codes, measure), with_room(codes, adopted[here])
        for place, a in enumerate(states):
            i = at[a]
            others = found.states if len(states) == 1 else states[place + 1 :]
            rows += [
                {
                    "a": a,
                    "b": b,
                    "period": year,
                    "agreement": float(pairs.share[i, at[b]]),
                    "n": int(pairs.n[i, at[b]]),
                }
                for b in others
                if b != a and pairs.n[i, at[b]]
            ]
            if room.n[i]:
                known = room.n_adopted[i] > 0
                majority.append(
                    {
                        "state": a,
                        "period": year,
                        "with_plurality": float(room.with_plurality[i]),
                        "with_adopted": float(room.with_adopted[i]) if known else None,
                        "n": int(room.n[i]),
                    }
                )
    return rows, majority
