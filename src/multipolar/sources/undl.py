"""The UN Digital Library's voting files: one row per state and resolution.

Shared by the General Assembly's file and the Security Council's. Three editions with different headers
are known; a column that none of them has is refused. A position is what the letter says: Y, N, A, and X
(or NV, or nothing) for a member that is listed without a vote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from .files import RawFile
from .formats.text import check_header
from .source import bad
from .states import States

ROW = ("undl_id", "ms_code", "ms_name", "ms_vote")
"""Columns that change from row to row; all others belong to the resolution."""
OTHER_NAMES = {
    "ms_codes": "ms_code",
    "ms_names": "ms_name",
    "ms_votes": "ms_vote",
    "resolutions": "resolution",
    "agenda_titles": "agenda_title",
    "yes": "total_yes",
    "no": "total_no",
    "abstentions": "total_abstentions",
    "non-voting": "total_non_voting",
    "non_voting": "total_non_voting",
    "total-voting": "total_voting",
}
"""Names of the edition of September 2024, in today's."""
TOTALS = ("total_yes", "total_no", "total_abstentions", "total_non_voting", "total_ms")
LETTERS = {"Y": "yes", "N": "no", "A": "abstain", "X": "absent", "NV": "absent", "": "absent"}
_ENDING = re.compile(r"\s*:\s*P?\s*(?:resolution|decision)s?\s*/\s*adopted by\b.*$", re.I | re.S)
_FILE_DAY = re.compile(r"(\d{4})_(\d{1,2})_(\d{1,2})_")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def header(raw: RawFile) -> list[str]:
    """Return a file's columns in today's names."""
    return [OTHER_NAMES.get(name, name) for name in raw.header()]


def fits(raw: RawFile, telling: Sequence[str]) -> bool:
    """Say whether a file has the columns of a voting file and those that tell which."""
    return {*ROW, "resolution", *telling} <= set(header(raw))


def read(
    raw: RawFile, needed: Sequence[str], known: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of states and the roll calls of a file, all as texts.

    The file is read once. A roll call whose own columns differ from row to row is refused.
    """
    printed = raw.header()
    check_header(raw, header(raw), [*ROW, *needed], known)
    new = {name: OTHER_NAMES[name] for name in printed if name in OTHER_NAMES}
    own = [name for name in header(raw) if name not in ROW]
    key = [c for c in ("date", "session", "resolution", "modality", *TOTALS) if c in own]
    texts = [
        c for c in own if c not in key and c not in ("subjects", "committee_report", "meeting")
    ]
    turns = pl.any_horizontal(
        pl.col(c).ne_missing(pl.col(c).shift(1)) for c in ("undl_id", "undl_link", *key)
    )
    try:
        lazy = pl.scan_csv(raw.where, infer_schema=False, raise_if_empty=True).rename(new)
        rows, calls = pl.collect_all(
            [lazy.select(ROW), lazy.filter(turns).select("undl_id", *key, *texts)],
            engine="streaming",
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise bad(
            raw.name, f"is not a whole CSV file in UTF-8: {str(error).splitlines()[0]}"
        ) from None
    rows = rows.with_columns(pl.all().fill_null(""))
    calls = calls.with_columns(pl.all().fill_null(""))
    _check_whole(raw, rows, calls)
    calls = calls.unique(["undl_id", *key], keep="first", maintain_order=True)
    if calls.height != calls["undl_id"].n_unique():
        one = calls.filter(pl.col("undl_id").is_duplicated())["undl_id"][0]
        raise bad(raw.name, f"record {one} has more than one date, symbol or total")
    listed = rows["undl_id"].value_counts(name="rows_n")
    return rows, calls.join(listed, on="undl_id", how="left", maintain_order="left")


def _check_whole(raw: RawFile, rows: pl.DataFrame, calls: pl.DataFrame) -> None:
    if not rows.height:
        raise bad(raw.name, "holds no rows")
    wrong = calls.filter(~pl.col("undl_id").str.contains(r"^\d+$"))
    if wrong.height:
        number = rows["undl_id"].to_list().index(wrong["undl_id"][0]) + 2
        raise bad(raw.name, f"{wrong['undl_id'][0]!r} is not a record number", row=number)
    cut = calls.filter(pl.col("undl_link") == "")
    if cut.height:
        raise bad(raw.name, f"is cut off or has empty links (record {cut['undl_id'][0]})")


def positions(
    raw: RawFile, rows: pl.DataFrame, calls: pl.DataFrame, states: States, notes: list[str]
) -> pl.DataFrame:
    """Return the rows with the day of the vote, the state on that day, and its position."""
    numbers = rows["undl_id"].cast(pl.Enum(calls["undl_id"])).to_physical()
    joined = rows.with_columns(numbers.alias("nth"), calls["day"].gather(numbers).alias("day"))
    placed = _placed(raw, joined, states, notes)
    letters = _letters(raw, placed, notes)
    admitted = {c: r["un_admitted"] for c, r in states.rows.items() if r["un_admitted"] is not None}
    first = pl.col("state_id").replace_strict(admitted, default=None, return_dtype=pl.Date)
    early = (pl.col("position") == "absent") & (pl.col("day") < first)
    return letters.with_columns(
        pl.when(early).then(pl.lit("not_member")).otherwise(pl.col("position")).alias("position")
    )


def _placed(raw: RawFile, rows: pl.DataFrame, states: States, notes: list[str]) -> pl.DataFrame:
    """Add the state: by its name on the day, else by its code, which is said in a note."""
    placed = states.column(rows, "ms_name", "day")
    lost = placed.filter(pl.col("state_id").is_null())
    if lost.height:
        by_code = states.column(lost.drop("state_id"), "ms_code", "day", "iso3")
        for label, code in (
            by_code.select("ms_name", "ms_code").unique().sort("ms_name").iter_rows()
        ):
            here = by_code.filter(pl.col("ms_name") == label, pl.col("ms_code") == code)
            if here["state_id"].null_count() == 0:
                states.unknown.pop(("name", label), None)
                notes.append(f"{here.height:,} rows named {label!r} were read by their code {code}")
            else:
                states.unknown.pop(("iso3", code), None)
        placed = pl.concat([placed.filter(pl.col("state_id").is_not_null()), by_code])
    return placed


def _letters(raw: RawFile, rows: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Add the position; a doubled letter is read, two different letters are `unrecorded`."""
    meaning: dict[str, str] = {}
    for printed, n in rows["ms_vote"].value_counts().iter_rows():
        letter = printed.strip().upper()
        if letter in LETTERS:
            meaning[printed] = LETTERS[letter]
        elif len(letter) == 2 and set(letter) <= set("YNAX"):
            same = letter[0] == letter[1]
            meaning[printed] = LETTERS[letter[0]] if same else "unrecorded"
        else:
            number = rows["ms_vote"].to_list().index(printed) + 2
            raise bad(raw.name, f"{printed!r} is no code of a vote ({n:,} rows)", row=number)
        if printed not in ("Y", "N", "A", "X", "NV"):
            notes.append(f"{n:,} rows print {printed!r} for a vote, read as {meaning[printed]}")
    return rows.with_columns(
        pl.col("ms_vote").replace_strict(meaning, return_dtype=pl.String).alias("position")
    )


def roll_calls(raw: RawFile, calls: pl.DataFrame, body: str) -> pl.DataFrame:
    """Return roll calls with day, id and whole-number totals; nothing is checked against rows yet."""
    day = pl.col("date").str.strip_chars().str.to_date("%Y-%m-%d", strict=False)
    calls = calls.with_columns(day.alias("day"))
    wrong = calls.filter(pl.col("day").is_null())
    if wrong.height:
        raise bad(raw.name, f"{wrong['date'][0]!r} is not a date (record {wrong['undl_id'][0]})")
    present = [c for c in TOTALS if c in calls.columns]
    numbers = [
        pl.col(c).str.strip_chars().str.replace(r"^(\d+)\.0+$", "$1").str.to_integer(strict=False)
        for c in present
    ]
    checked = calls.with_columns(numbers)
    for c in present:
        lost = calls.filter((pl.col(c) != "") & checked[c].is_null())
        if lost.height:
            raise bad(
                raw.name, f"{lost[c][0]!r} in {c} is not a count (record {lost['undl_id'][0]})"
            )
    missing = [pl.lit(None, pl.Int64).alias(c) for c in TOTALS if c not in present]
    symbol = pl.col("resolution").str.replace_all(r"\s+", " ").str.strip_chars()
    calls = checked.with_columns(*missing, symbol.alias("symbol")).sort("day", "symbol", "undl_id")
    draft = pl.col("draft") if "draft" in calls.columns else pl.lit("")
    name = (
        pl.when(pl.col("symbol") != "")
        .then(pl.col("symbol"))
        .when(draft != "")
        .then(draft)
        .otherwise(pl.lit("record-") + pl.col("undl_id"))
        .str.replace_all(" ", "")
    )
    calls = calls.with_columns((pl.lit(f"{body}:") + name).alias("roll_call_id"))
    twice = pl.col("roll_call_id").is_duplicated()
    return calls.with_row_index("nth").with_columns(
        pl.when(twice)
        .then(pl.col("roll_call_id") + pl.lit("#") + pl.col("undl_id"))
        .otherwise(pl.col("roll_call_id"))
    )


def with_counts(calls: pl.DataFrame, rows: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Add the counts of the rows and whether the printed totals are theirs."""
    printed = rows.select(
        "nth",
        letter=pl.col("position").replace({"not_member": "absent", "unrecorded": "absent"}),
    )
    counts = printed.group_by("nth").agg(
        *(
            (pl.col("letter") == p).sum().cast(pl.Int64).alias(f"{p}_rows")
            for p in ("yes", "no", "abstain", "absent")
        )
    )
    pairs = (
        ("total_yes", "yes_rows"),
        ("total_no", "no_rows"),
        ("total_abstentions", "abstain_rows"),
        ("total_non_voting", "absent_rows"),
        ("total_ms", "rows_n"),
    )
    same = pl.all_horizontal(
        (pl.col(total).is_null() | (pl.col(total) == pl.col(rows_n).cast(pl.Int64)))
        for total, rows_n in pairs
    )
    given = pl.any_horizontal(pl.col(total).is_not_null() for total, _ in pairs)
    told = pl.format(
        "the rows give {} yes, {} no, {} abstentions, {} without a vote",
        *(f"{p}_rows" for p in ("yes", "no", "abstain", "absent")),
    )
    calls = calls.join(counts, on="nth", how="left", maintain_order="left").with_columns(
        pl.when(~given)
        .then(pl.lit("not_given"))
        .when(same)
        .then(pl.lit("agree"))
        .otherwise(pl.lit("differ"))
        .alias("totals")
    )
    calls = calls.with_columns(pl.when(pl.col("totals") == "differ").then(told).alias("note"))
    differ = calls.filter(pl.col("totals") == "differ").height
    if differ:
        notes.append(f"the printed totals of {differ:,} roll calls are not those of their rows")
    return calls


def finished(calls: pl.DataFrame, body: str, title: str, agenda: str) -> pl.DataFrame:
    """Return roll calls in the columns of the table."""

    def text(name: str) -> pl.Expr:
        found = pl.col(name) if name in calls.columns else pl.lit("")
        return pl.when(found != "").then(found)

    plain = pl.col(title).str.replace(_ENDING.pattern.replace(r"\b", ""), "").str.strip_chars()
    session = (
        pl.col("session").replace_strict(
            {s: session_number(s) for s in calls["session"].unique()}, return_dtype=pl.String
        )
        if "session" in calls.columns
        else pl.lit(None, pl.String)
    )
    return calls.select(
        "roll_call_id",
        pl.lit(body).alias("body_id"),
        pl.when(pl.col("symbol") != "").then(pl.col("symbol")).alias("symbol"),
        plain.alias("title_en"),
        pl.col("day").alias("date"),
        pl.lit("day").alias("date_precision"),
        pl.lit("yes").alias("adopted"),
        pl.coalesce("total_yes", "yes_rows").alias("yes_n"),
        pl.coalesce("total_no", "no_rows").alias("no_n"),
        pl.coalesce("total_abstentions", "abstain_rows").alias("abstain_n"),
        pl.col("undl_id").alias("number"),
        session.alias("session"),
        text(agenda).alias("agenda"),
        pl.coalesce("total_non_voting", "absent_rows").alias("absent_n"),
        pl.coalesce("total_ms", pl.col("rows_n").cast(pl.Int64)).alias("members_n"),
        "totals",
        text("undl_link").alias("url"),
        "note",
    )


def session_number(text: str) -> str:
    """Return a session as it is counted today: XXX as 30, ES-II as ES-2, 78 as 78.

    >>> [session_number(s) for s in ("I", "XXIX", "31", "S-III", "ES-11")]
    ['1', '29', '31', 'S-3', 'ES-11']
    """
    head, dash, tail = text.strip().rpartition("-")
    if tail and set(tail) <= set(_ROMAN):
        values = [_ROMAN[c] for c in tail]
        total = sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
        tail = str(total)
    return f"{head}{dash}{tail}"


def edition(raw: RawFile, last: date) -> str:
    """Return the day in the file's name, as the library names its files, or the last day covered."""
    found = _FILE_DAY.match(raw.name)
    if found:
        try:
            return date(*(int(part) for part in found.groups())).isoformat()
        except ValueError:
            pass
    return last.isoformat()


def table_of_positions(raw: RawFile, rows: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Return positions in the columns and the order of the table: by state, then by roll call.

    Raises
    ------
    BadSource
        A state stands twice in a roll call.
    """
    codes = pl.Enum(rows["state_id"].unique().sort().drop_nulls())
    number = rows["state_id"].cast(codes).to_physical().cast(pl.UInt64)
    order = (number * len(calls) + rows["nth"]).alias("_order")
    rows = rows.with_columns(order)[order.arg_sort()]
    twice = (rows["_order"] == rows["_order"].shift(1)).arg_max()
    if twice is not None and twice and rows["_order"][twice] == rows["_order"][twice - 1]:
        found = rows.row(twice, named=True)
        raise bad(raw.name, f"record {found['undl_id']} lists {found['ms_name']!r} twice")
    return rows.select(
        calls["roll_call_id"].gather(rows["nth"]).alias("roll_call_id"),
        "state_id",
        "position",
        pl.col("ms_vote").alias("printed"),
    )


def dates(calls: pl.DataFrame) -> tuple[date, date]:
    """Return the first and the last day."""
    first: Any = calls["day"].min()
    last: Any = calls["day"].max()
    return first, last
