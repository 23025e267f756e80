"""Power as the quota moves, and over time as rules, weights and members change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...errors import BadInput
from ...measures.power.sweep import sweep
from ...record.store import Record
from ...rules.bodies import PLENARY
from .bodies import power_in_body
from .choices import Choices
from .result import PowerResult, number

if TYPE_CHECKING:
    import polars as pl

MOST_DAYS = 400
COLUMNS = (
    "weight_share",
    "banzhaf_absolute",
    "banzhaf_normalised",
    "shapley_shubik",
    "coleman_prevent",
    "coleman_initiate",
    "veto",
)


@dataclass(frozen=True)
class PowerSeries:
    """The power of every member along quotas or days.

    Attributes
    ----------
    body, decision : str or None
        Which decision; None for a game.
    along : str
        ``quota`` or ``as_of``.
    rows : tuple of dict
        ``quota, quota_share`` or ``as_of``, then ``state`` and the indices; None where not known.
    skipped : tuple of dict
        Days on which the power is not known, each with the reason.
    method : str
        How the values came about.
    """

    body: str | None
    decision: str | None
    along: str
    rows: tuple[dict[str, Any], ...]
    skipped: tuple[dict[str, str], ...]
    method: str

    @property
    def table(self) -> pl.DataFrame:
        """Return the rows as a frame."""
        import polars as pl

        return pl.DataFrame(list(self.rows), infer_schema_length=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the series as JSON has it."""
        return {
            "body": self.body,
            "decision": self.decision,
            "along": self.along,
            "method": self.method,
            "rows": list(self.rows),
            "skipped": list(self.skipped),
        }


def along_quotas(result: PowerResult, quotas: Sequence[Fraction] = ()) -> PowerSeries:
    """Return the power of every member for shares of the votes from 50 to 100 per cent.

    Parameters
    ----------
    result : PowerResult
        A decision or game with one weighted condition and nothing else.
    quotas : sequence of Fraction, optional
        Shares of the total, above 0 and at most 1; by default each per cent from 50 to 100, of
        which the first means "more than half".

    Raises
    ------
    BadInput
        The rule has further conditions, or its weights are not all known.
    """
    if result.indices is None:
        raise BadInput("the quota can be moved only where all weights are known.")
    form = result.game.form()
    if len(form.yes) != 1:
        raise BadInput("the quota can be moved only in a rule with one condition.")
    whole = form.totals[0]
    half = Fraction(1, 2)
    shares = list(quotas) or [Fraction(k, 100) for k in range(50, 101)]
    if bad := [s for s in shares if not 0 < s <= 1]:
        raise BadInput(f"the quota {bad[0]} is not between 0 and 1.")
    least = [
        whole // 2 + 1
        if s == half and not quotas
        else max(1, -(-(s * whole).numerator // (s * whole).denominator))
        for s in shares
    ]
    found = sweep(form, least)
    weights = {row["state"]: row["weight_share"] for row in result.members}
    rows = []
    for share, threshold, made in zip(shares, least, found, strict=True):
        for i, state in enumerate(made.players):
            away = whole - form.yes[0][i]
            rows.append(
                {
                    "quota_share": float(share),
                    "quota": threshold,
                    "state": state,
                    "weight_share": weights.get(state),
                    "banzhaf_absolute": made.banzhaf_absolute[i],
                    "banzhaf_normalised": made.banzhaf_normalised[i],
                    "shapley_shubik": made.shapley_shubik[i] if made.shapley_shubik else None,
                    "coleman_prevent": made.prevent[i] if made.prevent else None,
                    "coleman_initiate": made.initiate[i] if made.initiate else None,
                    "veto": away < threshold,
                }
            )
    return PowerSeries(
        result.body, result.decision, "quota", tuple(rows), (), found[0].method if found else ""
    )


def over_time(
    record: Record, body: str, decision: str, first: date, last: date, choices: Choices
) -> PowerSeries:
    """Return the power of every member on every day on which rule, weights or members changed.

    Raises
    ------
    BadInput
        The period is empty, the body has no such decision in it, or it changes too often.
    """
    if last < first:
        raise BadInput(f"{first} is after {last}.")
    days = [d for d in _changes(record, body) if first < d <= last]
    days = [first, *days]
    if len(days) > MOST_DAYS:
        raise BadInput(
            f"{body} changed on {len(days)} days between {first} and {last}.",
            hint="Ask for a shorter period.",
        )
    rows: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    methods: list[str] = []
    for day in days:
        try:
            (result,) = power_in_body(record, body, decision, day, choices)
        except ValueError as error:
            skipped.append({"as_of": day.isoformat(), "reason": str(error)})
            continue
        if result.indices is None and result.can_decide is None:
            skipped.append({"as_of": day.isoformat(), "reason": result.notes[-1][0]})
            continue
        methods.append(result.method)
        for row in result.members:
            rows.append(
                {
                    "as_of": day.isoformat(),
                    "state": row["state"],
                    "quota": number(result.game.quota),
                    "weight": row["weight"],
                    **{name: row[name] for name in COLUMNS},
                }
            )
    if not rows:
        reason = skipped[0]["reason"] if skipped else "nothing is on record"
        raise BadInput(f"no power of {body} is known between {first} and {last}: {reason}")
    return PowerSeries(
        body, decision, "as_of", tuple(rows), tuple(skipped), "; ".join(dict.fromkeys(methods))
    )


def _changes(record: Record, body: str) -> list[date]:
    """Return the days on which rules, weights or members of a body changed on record."""
    members = PLENARY.get(body, body)
    days: set[date] = set()
    for table, of in (("decision_rules", body), ("weights", body), ("memberships", members)):
        for row in record.where(table, "body_id", of):
            days |= {row[edge] for edge in ("start", "end") if row.get(edge)}
    if members == "un":
        for row in record.rows("states"):
            days |= {row[edge] for edge in ("un_admitted", "un_ended") if row.get(edge)}
    return sorted(days)
