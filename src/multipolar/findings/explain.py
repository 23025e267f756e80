"""From a finding down to its formula, its rows and their sources."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownFinding
from ..record.bulk import BY_NAME
from ..record.dates import parse_date
from ..record.store import Record
from .finding import LANGUAGES, Finding, Profile, RowRef, RowSet
from .phrases import catalogue

if TYPE_CHECKING:
    import polars as pl

SHOWN = 500
"""Rows of a set that are shown; the set says how many there are."""
_ID = re.compile(
    r"(?P<state>[^/@]+)/(?P<facet>[^/]+)/(?P<body>[^/]+)/(?P<measure>.+)@(?P<day>[^@/]+)"
)


def parse_id(finding_id: str) -> tuple[str, date]:
    """Return state code and day of a finding id.

    Raises
    ------
    BadInput
        The text is not of the form ``STATE/facet/body/measure@YYYY-MM-DD``.
    """
    match = _ID.fullmatch(finding_id.strip())
    if not match:
        raise BadInput(
            f"{finding_id!r} is not a finding id.",
            hint="An id has the form STATE/facet/body/measure@YYYY-MM-DD; `multipolar report STATE "
            "--format json` lists them.",
        )
    return match["state"], parse_date(match["day"])


def explain_finding(record: Record, profile: Profile, finding_id: str) -> dict[str, Any]:
    """Return formula, rows and sources of one finding of a profile.

    Raises
    ------
    UnknownFinding
        The profile has no such finding; the nearest ids are named.
    """
    finding = profile.find(finding_id)
    if finding is None:
        raise _unknown(profile, finding_id)
    return {
        "finding": finding.to_dict(),
        "state": finding.state,
        "facet": finding.facet,
        "body": finding.body,
        "formula_en": formula(finding, "en"),
        "formula_zh": formula(finding, "zh"),
        "rows": [
            *(
                {"table": ref.table, "key": ref.key, "row": plain(_row(record, ref))}
                for ref in finding.rows
            ),
            *(row for chosen in finding.sets for row in _rows(record, chosen)),
        ],
        "row_sets": [
            {
                "table": chosen.table,
                "dataset": chosen.dataset,
                "where": {name: _said(value) for name, value in chosen.where},
                "n": _select(record, chosen).height,
                "shown": min(_select(record, chosen).height, SHOWN),
            }
            for chosen in finding.sets
        ],
        "sources": [plain(record.keyed("sources")[s]) for s in finding.sources],
    }


def _row(record: Record, ref: RowRef) -> dict[str, Any]:
    """Return the row of a reference: the almanac's, or a pulled dataset's with this key."""
    if not ref.dataset:
        return record.keyed(ref.table)[ref.key]
    import polars as pl

    key = BY_NAME[ref.table].key
    parts = ref.key.split("|")
    same = [
        pl.col(name).cast(pl.String).fill_null("") == part
        for name, part in zip(key, parts, strict=True)
    ]
    found = record.scan(ref.table, ref.dataset).filter(pl.all_horizontal(same)).head(1).collect()
    return found.row(0, named=True)


def _rows(record: Record, chosen: RowSet) -> list[dict[str, Any]]:
    found = _select(record, chosen).head(SHOWN)
    key = [name for name in BY_NAME[chosen.table].key if name in found.columns]
    return [
        {
            "table": chosen.table,
            "key": "|".join("" if row[name] is None else str(row[name]) for name in key),
            "row": plain({n: v for n, v in row.items() if v is not None}),
        }
        for row in found.to_dicts()
    ]


def _select(record: Record, chosen: RowSet) -> pl.DataFrame:
    """Return the rows of a set; days of roll calls and sessions may be asked of their positions."""
    import polars as pl

    rows = record.scan(chosen.table, chosen.dataset)
    for name, value in chosen.where:
        if name == "roll_call_date" and isinstance(value, tuple):
            days = record.scan("roll_calls", chosen.dataset)
            days = days.filter(pl.col("date").is_between(*value)).select("roll_call_id")
            rows = rows.join(days, on="roll_call_id", how="semi")
        elif isinstance(value, tuple):
            rows = rows.filter(pl.col(name).is_between(*value))
        else:
            rows = rows.filter(pl.col(name) == value)
    return rows.collect()


def _said(value: object) -> object:
    if isinstance(value, tuple):
        return [_said(item) for item in value]
    return value if isinstance(value, str | int | float) else str(value)


def formula(finding: Finding, lang: str) -> str:
    """Return how the measure is computed, in words."""
    formulas: dict[str, str] = catalogue(lang)["formulas"]
    fits = [key for key in formulas if finding.method.startswith(key)]
    return formulas[max(fits, key=len)] if fits else formulas[f"facet_{finding.facet}"]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with values that JSON can hold: dates as ISO text, decimals as printed."""
    out: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or isinstance(value, str | int):
            out[name] = value
        elif isinstance(value, tuple):
            out[name] = ";".join(value)
        else:
            out[name] = str(value)
    return out


def _unknown(profile: Profile, finding_id: str) -> UnknownFinding:
    from difflib import get_close_matches

    ids = [finding.id for finding in profile.findings]
    near = get_close_matches(finding_id, ids, n=3, cutoff=0.4)
    return UnknownFinding(
        f"{profile.state} has no finding {finding_id!r} on {profile.as_of}.",
        hint=f"Nearest: {', '.join(near)}." if near else "",
        candidates=near,
    )


def check_catalogues() -> list[str]:
    """Return keys that one language has and another lacks."""
    problems = []
    for section in ("sentences", "nouns", "formulas"):
        keys = {lang: set(catalogue(lang)[section]) for lang in LANGUAGES}
        every = set.union(*keys.values())
        problems += [f"{lang}: {section}.{key}" for lang in LANGUAGES for key in every - keys[lang]]
    return sorted(problems)
