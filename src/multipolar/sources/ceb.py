"""Revenue of the United Nations system by contributor, agency and type, as its Chief Executives Board publishes it.

The Board offers CSV files: government donors, other donors, and totals of agencies. A third party
merged them, year by year, into JSON files in which every dollar of an agency has a contributor, the
unnamed ones as a remainder; the same rows are in circulation as one long table. All are read. For a
year that a JSON file covers its rows stand, and the other files are compared with it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from . import ceb_forms as forms
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States

BODIES = Path(__file__).parent / "ceb_bodies.csv"
CENT = 0.01
NO_AMOUNT = "no amount (empty, or a dash)"
COVERED = "a year that a merged file (donors-YYYY.json, or the long table) covers: only compared"
ALONE = "other donors of a year whose governments are not in this pull"


def parse(files: Files, states: States) -> Parsed:
    """Read contributions: one row per contributor, agency, type and year."""
    dropped: Counter[str] = Counter()
    merged = _merged(files, dropped)
    governments = forms.as_frame(
        line for raw in files.all("governments") for line in forms.from_donors(raw, True)
    )
    others = forms.as_frame(
        line for raw in files.all("others") for line in forms.from_donors(raw, False)
    )
    agencies = forms.as_frame(
        line for raw in files.all("agencies") for line in forms.from_agencies(raw)
    )
    read = sum(part.height for part in (merged, governments, others, agencies)) + dropped[COVERED]
    chosen = _chosen(merged, governments, others, dropped)
    totals = agencies.filter(pl.col("amount_usd").is_not_null())
    dropped[NO_AMOUNT] += agencies.height - totals.height
    money, unnamed = _money(chosen, states)
    years = sorted({*chosen["year"], *totals["year"]})
    tables = {"money": money} | ({"money_totals": _totals(totals)} if totals.height else {})
    return Parsed(
        edition=f"{years[-1]}-12-31" if years else "",
        tables=tables,
        rows_read=read,
        rows_kept=chosen.height + totals.height,
        dropped={reason: n for reason, n in dropped.items() if n},
        notes=[*_notes(chosen, money, unnamed), *_compared(merged, governments, chosen, totals)],
        first=date(years[0], 1, 1) if years else None,
        last=date(years[-1], 12, 31) if years else None,
    )


# --- which rows stand ---------------------------------------------------------------------------


def _merged(files: Files, dropped: Counter[str]) -> pl.DataFrame:
    """Return the rows of the JSON files, and of the long table for years without one."""
    parts = [forms.as_frame(())]
    seen: dict[int, str] = {}
    for raw in files.all("json"):
        year = forms.year_of(raw)
        if year in seen:
            raise bad(raw.name, f"holds {year}, as {seen[year]} does")
        seen[year] = raw.name
        parts.append(forms.as_frame(forms.from_json(raw, year)))
    for raw in files.all("long"):
        parts.append(_outside(forms.as_frame(forms.from_long(raw)), set(seen), dropped))
    return pl.concat(parts)


def _chosen(
    merged: pl.DataFrame, governments: pl.DataFrame, others: pl.DataFrame, dropped: Counter[str]
) -> pl.DataFrame:
    """Return the rows that stand: those of the merged files, else those of the CSV files."""
    covered = set(merged["year"])
    known = covered | set(governments["year"])
    beside = _outside(others, covered, dropped)
    if known:
        beside = beside.filter(pl.col("year").is_in(known))
        dropped[ALONE] += others.filter(~pl.col("year").is_in(known)).height
    found = pl.concat([merged, _outside(governments, covered, dropped), beside])
    chosen = found.filter(pl.col("amount_usd").is_not_null())
    dropped[NO_AMOUNT] += found.height - chosen.height
    return chosen


def _outside(frame: pl.DataFrame, years: set[int], dropped: Counter[str]) -> pl.DataFrame:
    """Return the rows of other years, and count those of these years as covered."""
    kept = frame.filter(~pl.col("year").is_in(years))
    dropped[COVERED] += frame.height - kept.height
    return kept


# --- the tables ---------------------------------------------------------------------------------


def _money(chosen: pl.DataFrame, states: States) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows of `money`, and the agencies that are not on the list of bodies."""
    named = {
        (payer, year, government): _state(states, payer, year, government)
        for payer, year, government in chosen.select("payer", "year", "government")
        .unique()
        .iter_rows()
    }
    codes = pl.DataFrame(
        [(*key, code) for key, code in named.items()],
        schema={
            **{name: forms.LINE[name] for name in ("payer", "year", "government")},
            "state_id": pl.String,
        },
        orient="row",
    )
    frame = _with_body(chosen).join(codes, on=["payer", "year", "government"], how="left")
    key = ["body_id", "stage", "year", "state_id", "payer"]
    money = (
        frame.group_by(key, maintain_order=True)
        .agg(
            pl.col("payer_kind").drop_nulls().unique().sort().str.join("; "),
            pl.col("amount_usd").sum(),
        )
        .with_columns(
            pl.lit("total").alias("budget"),
            pl.date(pl.col("year"), 1, 1).alias("start"),
            pl.date(pl.col("year") + 1, 1, 1).alias("end"),
            pl.col("payer", "payer_kind").replace("", None),
        )
        .sort("start", "body_id", "payer", "stage")
        .drop("year")
    )
    return money, sorted(set(chosen["agency"]) - set(bodies()))


def _totals(agencies: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `money_totals`: what each agency received by type and year."""
    return (
        _with_body(agencies)
        .group_by("body_id", "stage", "year", maintain_order=True)
        .agg(pl.col("amount_usd").sum().round(2).alias("value"))
        .select(
            "body_id",
            pl.lit("total").alias("budget"),
            pl.col("stage").alias("measure"),
            pl.date(pl.col("year"), 12, 31).alias("date"),
            pl.lit("year").alias("date_precision"),
            "value",
            pl.lit("usd").alias("unit"),
        )
        .sort("date", "body_id", "measure")
    )


def _with_body(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the id of their body: ours where we have it, else ``ceb-`` and the agency."""
    named = bodies()
    found = {
        agency: named.get(agency) or f"ceb-{re.sub(r'[^a-z0-9]+', '-', agency.lower()).strip('-')}"
        for agency in frame["agency"].unique()
    }
    body = pl.col("agency").replace_strict(found, return_dtype=pl.String)
    return frame.with_columns(body.alias("body_id"))


def _state(states: States, payer: str, year: int, government: bool) -> str | None:
    """Return the state of a payer; others than governments have one only where the list says so."""
    label = payer.rstrip("*")
    if government:
        return states.in_year(label, year)
    listed = states.listed(label, date(year, 7, 1))
    return (listed.state_id or None) if listed else None


@cache
def bodies() -> dict[str, str]:
    """Return the reviewed list of agencies and our ids of bodies."""
    with open(BODIES, encoding="utf-8", newline="") as handle:
        return {row["agency"]: row["body_id"] for row in csv.DictReader(handle)}


# --- doubts -------------------------------------------------------------------------------------


def _notes(chosen: pl.DataFrame, money: pl.DataFrame, unnamed: Sequence[str]) -> list[str]:
    """Return what a user should know of the rows that stand."""
    notes = []
    negative = money.filter(pl.col("amount_usd") < 0)
    if negative.height:
        notes.append(
            f"{negative.height:,} amounts are negative, together {_usd(float(negative['amount_usd'].sum()))}: "
            "kept as printed"
        )
    size = pl.col("amount_usd").abs()
    if dust := money.filter((size > 0) & (size < CENT)).height:
        notes.append(f"{dust:,} amounts are smaller than a cent, kept as printed")
    if summed := chosen.height - money.height:
        notes.append(
            f"{summed:,} rows repeat payer, agency, type and year of another and were added to it"
        )
    if unnamed:
        notes.append(f"agencies that are not on the list of bodies: {', '.join(unnamed)}")
    return notes


def _compared(
    merged: pl.DataFrame,
    governments: pl.DataFrame,
    chosen: pl.DataFrame,
    totals: pl.DataFrame,
) -> list[str]:
    """Return, year by year, where the files of one pull differ in their sums."""
    notes = []
    named = _by_year(merged.filter(pl.col("government")))
    for year, total in _by_year(governments).items():
        if year in named:
            notes.append(
                f"{year}: the file of government donors adds up to {_usd(total)}, the governments of "
                f"the JSON file to {_usd(named[year])} (difference {_usd(total - named[year])})"
            )
    paid, received = _by_year(chosen), _by_year(totals)
    both = [year for year in received if year in paid]
    apart = [year for year in both if abs(received[year] - paid[year]) >= 1]
    if both:
        notes.append(
            f"totals of agencies and the sums of their payers agree to the dollar in "
            f"{len(both) - len(apart)} of {len(both)} years"
        )
    notes += [
        f"{year}: agencies report {_usd(received[year])}, their payers add up to {_usd(paid[year])} "
        f"(difference {_usd(received[year] - paid[year])})"
        for year in apart
    ]
    return notes


def _by_year(frame: pl.DataFrame) -> dict[int, float]:
    summed = frame.group_by("year").agg(pl.col("amount_usd").sum()).sort("year")
    return dict(summed.iter_rows())


def _usd(amount: float) -> str:
    return f"USD {amount:,.2f}"


_ADDRESS = "https://unsceb.org/sites/default/files/statistic_files/Financial/"
SOURCE = Source(
    name="ceb",
    version=1,
    page="https://unsceb.org/fs-revenue-government-donor",
    hosts=("unsceb.org", "www.unsceb.org"),
    cite="United Nations System Chief Executives Board for Coordination, Financial Statistics.",
    kinds=(
        FileKind(
            "json",
            "a JSON file of one year (donors-YYYY.json): contributor, agency, type, amount",
            forms.is_json,
            required=False,
            many=True,
        ),
        FileKind(
            "long",
            "a CSV file with the columns year, contributor, status, category, agency",
            lambda raw: set(forms.LONG) <= set(raw.header()),
            required=False,
        ),
        FileKind(
            "governments",
            "a CSV file with the columns government_donor, entity, rev_type, calendar_year, amount",
            lambda raw: set(forms.GOVERNMENTS) <= set(raw.header()),
            url=f"{_ADDRESS}revenue_government_donors.csv",
            required=False,
            many=True,
        ),
        FileKind(
            "others",
            "a CSV file with the columns donor, entity, rev_type, calendar_year, amount",
            lambda raw: set(forms.OTHERS) <= set(raw.header()),
            url=f"{_ADDRESS}revenue_non_gov_donors.csv",
            required=False,
        ),
        FileKind(
            "agencies",
            "a CSV file with the columns agency, sub_agency, calendar_year, amount, rev_type",
            lambda raw: set(forms.AGENCIES) <= set(raw.header()),
            url=f"{_ADDRESS}revenue_sub_agency.csv",
            required=False,
        ),
    ),
    covers="Revenue by contributor, agency and type: governments from 2013, totals of agencies from 2011.",
    defects=(
        "Only its file name gives the year of a JSON file.",
        "Contributors named Other…, and Unattributed, are what the named ones leave of a total.",
        "Types of revenue are printed in words and as codes, in several spellings.",
        "Amounts have blanks between thousands; a dash is no amount and the row is left out.",
        "Negative amounts are kept as printed.",
        "Some names of government donors have lost a letter; they stand on the list of labels.",
        "Three members of the United Nations have the status nonmember; the loader goes by the name.",
        "Agencies without a body in the almanac have an id that begins with ceb-.",
        "The file of other donors is partial and repeats rows: they are added up.",
        "The newest JSON file also says who paid the regular budget of 2026 on time: passed over.",
    ),
    parse=parse,
    most_bytes=128 * MIB,
)
