"""Roll calls of the United States Congress, as Voteview publishes them: members, votes, roll calls.

Any number of chambers and congresses, one file each or all in one. Names of members are not stored. The
President's position stands among a chamber's votes but is not in its printed totals, so the totals are
compared without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from .files import RawFile
from .formats.text import check_header, read_rows
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States

_VOTES = ("congress", "chamber", "rollnumber", "icpsr", "cast_code")
_CALLS = ("congress", "chamber", "rollnumber", "yea_count", "nay_count")
_CALLS_MORE = ("date", "vote_question", "vote_desc", "dtl_desc")
_CALLS_OTHER = (
    "session",
    "clerk_rollnumber",
    "nominate_mid_1",
    "nominate_mid_2",
    "nominate_spread_1",
    "nominate_spread_2",
    "nominate_log_likelihood",
    "bill_number",
    "vote_result",
)
_MEMBERS = ("congress", "chamber", "icpsr", "party_code", "nominate_dim1", "nominate_dim2")
_MEMBERS_MORE = ("state_abbrev", "district_code")
_MEMBERS_OTHER = (
    "state_icpsr",
    "occupancy",
    "last_means",
    "bioname",
    "bioguide_id",
    "born",
    "died",
    "nominate_log_likelihood",
    "nominate_geo_mean_probability",
    "nominate_number_of_votes",
    "nominate_number_of_errors",
    "conditional",
    "nokken_poole_dim1",
    "nokken_poole_dim2",
)
_CHAMBERS = ("House", "Senate")
_PRESIDENT = "President"
_CHAMBER = pl.Enum(_CHAMBERS)
_NUMBERS = {"congress": "term", "rollnumber": "number", "icpsr": "member_id", "cast_code": "code"}
"""Columns of the votes that hold whole numbers, and what they are called here."""
CODES = {
    0: "not_member",
    1: "yes",
    2: "yes",
    3: "yes",
    4: "no",
    5: "no",
    6: "no",
    7: "abstain",
    8: "abstain",
    9: "absent",
}
"""0 not a member; 1 yea, 2 paired yea, 3 announced yea; 4 announced nay, 5 paired nay, 6 nay;
7 and 8 present; 9 not voting."""
_KEY = ["chamber", "term", "number"]


def parse(files: Files, states: States) -> Parsed:
    """Read the three kinds of file; no label in them is a state of the registry."""
    calls = _together(files.all("rollcalls"), _roll_calls, _KEY)
    listed = _together(files.all("members"), _members, ["chamber", "term", "member_id"])
    votes = _together(files.all("votes"), _votes, [*_KEY, "member_id"])
    members = listed.unique(maintain_order=True)
    if len(members) > members.select("chamber", "term", "member_id").n_unique():
        names = " and ".join(raw.name for raw in files.all("members"))
        raise bad(names, "differ in what they say of the President")
    positions = _positions(files, votes, calls)
    counted = _with_totals(calls, positions, members)
    days = calls["date"].drop_nulls()
    first: date | None = days.min() if days.len() else None  # type: ignore[assignment]
    last: date | None = days.max() if days.len() else None  # type: ignore[assignment]
    return Parsed(
        edition=last.isoformat() if last else f"congress-{max(calls['term'].to_list())}",
        tables={
            "chamber_roll_calls": counted.sort(_KEY),
            "chamber_members": members.sort("chamber", "term", "member_id"),
            "chamber_positions": positions.drop("term"),
        },
        rows_read=calls.height + listed.height + votes.height,
        rows_kept=calls.height + members.height + positions.height,
        dropped={
            "the President stands in the files of both chambers": listed.height - members.height
        },
        notes=_notes(counted, positions, members),
        first=first,
        last=last,
    )


def _together(
    raws: Sequence[RawFile], read: Callable[[RawFile], pl.DataFrame], key: list[str]
) -> pl.DataFrame:
    """Return the rows of all files of a kind; a key or a congress that stands twice is an error."""
    parts: list[pl.DataFrame] = []
    held: dict[tuple[str, int], str] = {}
    for raw in raws:
        part = read(raw)
        if twice := part.height - part.select(key).n_unique():
            shown = part.filter(pl.struct(key).is_duplicated()).select(key).row(0)
            said = ", ".join(str(value) for value in shown)
            raise bad(raw.name, f"{twice:,} rows repeat a key, as {said}")
        scopes = part.select("chamber", "term").unique().sort("term", "chamber").rows()
        for chamber, term in scopes:
            if chamber != _PRESIDENT and (chamber, term) in held:
                other = held[chamber, term]
                raise bad(raw.name, f"holds the {chamber} of congress {term}, as {other} does")
            held[chamber, term] = raw.name
        parts.append(part)
    return pl.concat(parts)


def _scanned(raw: RawFile) -> pl.LazyFrame:
    """Return the votes as texts, not yet read: this file may hold tens of millions of rows."""
    header = raw.header()
    check_header(raw, header, _VOTES, (), ("prob",))
    # all columns are asked for: with fewer, a row of too many cells would pass unseen
    return pl.scan_csv(raw.where, infer_schema=False, raise_if_empty=True).select(header)


def _collected(raw: RawFile, lazy: pl.LazyFrame) -> pl.DataFrame:
    try:
        return lazy.collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        problem = str(error).splitlines()[0]
        raise bad(raw.name, f"is not a whole CSV file in UTF-8: {problem}") from None


def _some(raw: RawFile, frame: pl.DataFrame) -> pl.DataFrame:
    if not frame.height:
        raise bad(raw.name, "holds no rows")
    return frame


def _refuse(raw: RawFile, frame: pl.DataFrame, wrong: pl.Series, name: str, problem: str) -> None:
    """Raise BadSource with the first row for which a condition holds."""
    if wrong.any():
        at = int(wrong.arg_max() or 0)
        raise bad(raw.name, f"{frame[name][at]!r} {problem}", row=int(frame["_row"][at]))


def _number(
    raw: RawFile, frame: pl.DataFrame, name: str, *, whole: bool = True, empty: bool = False
) -> pl.Series:
    """Return a column as numbers: 14226.0 is 14226; a text that is no number is an error."""
    printed = frame[name].str.strip_chars().replace("", None)
    number = printed.cast(pl.Float64, strict=False)
    wrong = printed.is_not_null() & (number.is_null() | ~number.is_finite().fill_null(False))
    if whole:
        wrong = wrong | (number != number.floor()).fill_null(False)
    if not empty:
        wrong = wrong | printed.is_null()
    what = "a whole number" if whole else "a number"
    _refuse(raw, frame, wrong, name, f"in {name} is not {what}")
    return number.cast(pl.Int64) if whole else number


def _chamber(raw: RawFile, frame: pl.DataFrame, known: Sequence[str]) -> pl.Series:
    wrong = ~frame["chamber"].is_in(known).fill_null(False)
    _refuse(raw, frame, wrong, "chamber", "is no chamber")
    return frame["chamber"]


def _roll_calls(raw: RawFile) -> pl.DataFrame:
    """Return roll calls in the columns of the table, without the comparison of totals."""
    frame = _some(raw, read_rows(raw, _CALLS, optional=_CALLS_MORE, passed_over=_CALLS_OTHER))
    printed = frame["date"].str.strip_chars().replace("", None)
    days = printed.str.to_date("%Y-%m-%d", strict=False)
    wrong = printed.is_not_null() & days.is_null()
    _refuse(raw, frame, wrong, "date", "is not a date (YYYY-MM-DD)")
    texts = [
        pl.when(pl.col(c).str.strip_chars() != "").then(pl.col(c).str.strip_chars())
        for c in ("vote_question", "vote_desc", "dtl_desc")
    ]
    return frame.select(
        _chamber(raw, frame, _CHAMBERS),
        _number(raw, frame, "congress").alias("term"),
        _number(raw, frame, "rollnumber").alias("number"),
        days.alias("date"),
        pl.coalesce(texts).alias("title_en"),
        _number(raw, frame, "yea_count", empty=True).alias("yes_n"),
        _number(raw, frame, "nay_count", empty=True).alias("no_n"),
    ).with_columns(pl.format("{}-{}-{}", *_KEY).alias("roll_call_id"))


def _members(raw: RawFile) -> pl.DataFrame:
    """Return members with published scores, without their names."""
    frame = _some(raw, read_rows(raw, _MEMBERS, optional=_MEMBERS_MORE, passed_over=_MEMBERS_OTHER))
    district = _number(raw, frame, "district_code", empty=True)
    place = frame["state_abbrev"]
    party = _number(raw, frame, "party_code", empty=True)
    return frame.select(
        _chamber(raw, frame, (*_CHAMBERS, _PRESIDENT)),
        _number(raw, frame, "congress").alias("term"),
        _number(raw, frame, "icpsr").cast(pl.String).alias("member_id"),
        party.cast(pl.String).alias("group"),
        pl.when(district > 0)
        .then(pl.format("{}-{}", place, district))
        .otherwise(place)
        .alias("district"),
        _number(raw, frame, "nominate_dim1", whole=False, empty=True).alias("dim1"),
        _number(raw, frame, "nominate_dim2", whole=False, empty=True).alias("dim2"),
    )


def _votes(raw: RawFile) -> pl.DataFrame:
    """Return votes as small numbers; a value that is none is refused with its row."""
    lazy = _scanned(raw)
    read = lazy.select(
        pl.col("chamber").cast(_CHAMBER, strict=False),
        *(_small(name).alias(new) for name, new in _NUMBERS.items()),
        pl.all_horizontal(pl.exclude(_VOTES).is_null()).alias("_rest"),
    )
    frame = _some(raw, _collected(raw, read).drop("_rest"))
    if sum(frame.null_count().row(0)) or not frame["code"].is_in(list(CODES)).all():
        _refuse_votes(raw, _collected(raw, lazy.select(_VOTES)).with_row_index("_row", 2))
    return frame


def _small(name: str) -> pl.Expr:
    """Return a column as whole numbers of 32 bits, nothing where it holds none."""
    number = pl.col(name).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(number == number.floor()).then(number).cast(pl.Int32, strict=False)


def _refuse_votes(raw: RawFile, frame: pl.DataFrame) -> None:
    """Raise BadSource with the first row that holds a value that is none."""
    _chamber(raw, frame, _CHAMBERS)
    numbers = {name: _number(raw, frame, name) for name in _NUMBERS}
    strange = ~numbers["cast_code"].is_in(list(CODES))
    _refuse(raw, frame, strange, "cast_code", "is no code of a vote")
    raise bad(raw.name, "holds a number that is too large")


def _positions(files: Files, votes: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Return the votes with their roll calls; a vote in a roll call that is not there is an error."""
    wide = calls.select(
        pl.col("chamber").cast(_CHAMBER),
        pl.col("term", "number").cast(pl.Int32),
        "roll_call_id",
    )
    placed = votes.join(wide, on=_KEY, how="left", maintain_order="left")
    if lost := placed["roll_call_id"].null_count():
        one = placed.filter(pl.col("roll_call_id").is_null()).row(0, named=True)
        names = ", ".join(raw.name for raw in files.all("rollcalls"))
        said = f"{one['chamber']} {one['term']}, number {one['number']}"
        raise bad(names, f"the roll calls of {lost:,} votes are missing, as that of {said}")
    return placed.select(
        "roll_call_id",
        pl.col("member_id").cast(pl.String),
        pl.col("code").replace_strict(CODES, return_dtype=pl.String).alias("position"),
        pl.col("code").cast(pl.String).alias("printed"),
        pl.col("term").cast(pl.Int64),
    )


def _with_totals(
    calls: pl.DataFrame, positions: pl.DataFrame, members: pl.DataFrame
) -> pl.DataFrame:
    """Say of each roll call whether the printed totals are those of its rows, the President left out."""
    president = members.filter(pl.col("chamber") == _PRESIDENT).select("term", "member_id")
    counts = (
        positions.join(president, on=["term", "member_id"], how="anti")
        .group_by("roll_call_id")
        .agg(
            (pl.col("position") == "yes").sum().alias("_yes"),
            (pl.col("position") == "no").sum().alias("_no"),
        )
    )
    given = pl.col("yes_n").is_not_null() & pl.col("no_n").is_not_null()
    same = (pl.col("yes_n") == pl.col("_yes")) & (pl.col("no_n") == pl.col("_no"))
    totals = (
        pl.when(~given | pl.col("_yes").is_null())
        .then(pl.lit("not_given"))
        .when(same)
        .then(pl.lit("agree"))
        .otherwise(pl.lit("differ"))
    )
    joined = calls.join(counts, on="roll_call_id", how="left", maintain_order="left")
    return joined.with_columns(totals.alias("totals")).drop("_yes", "_no")


def _notes(calls: pl.DataFrame, positions: pl.DataFrame, members: pl.DataFrame) -> list[str]:
    """Say what does not add up: totals, roll calls without votes, voters that are no members."""
    notes = []
    differ = calls.filter(pl.col("totals") == "differ").height
    if differ:
        notes.append(f"the printed totals of {differ:,} roll calls are not those of their rows")
    bare = calls.join(positions, on="roll_call_id", how="anti").height
    if bare:
        notes.append(f"{bare:,} roll calls have no votes in these files")
    strangers = positions.select("term", "member_id").unique()
    strangers = strangers.join(members, on=["term", "member_id"], how="anti")
    if strangers.height:
        notes.append(f"{strangers.height:,} voters are not in the files of members")
    return notes


def _has(columns: Sequence[str]) -> Callable[[RawFile], bool]:
    return lambda raw: set(columns) <= set(raw.header())


_DATA = "https://voteview.com/static/data/out"
SOURCE = Source(
    name="voteview",
    version=1,
    page="https://voteview.com/data",
    hosts=("voteview.com",),
    cite=(
        "Lewis, Jeffrey B., Keith Poole, Howard Rosenthal, Adam Boche, Aaron Rudkin, and Luke Sonnet. "
        "Voteview: Congressional Roll-Call Votes Database. https://voteview.com/ (name the year)."
    ),
    kinds=(
        FileKind(
            "votes",
            "the votes (CSV with congress, chamber, rollnumber, icpsr, cast_code)",
            _has(_VOTES),
            f"{_DATA}/votes/HSall_votes.csv",
            many=True,
        ),
        FileKind(
            "members",
            "the members (CSV with congress, chamber, icpsr, party_code, nominate_dim1)",
            _has(_MEMBERS),
            f"{_DATA}/members/HSall_members.csv",
            many=True,
        ),
        FileKind(
            "rollcalls",
            "the roll calls (CSV with congress, chamber, rollnumber, yea_count, nay_count)",
            _has(_CALLS),
            f"{_DATA}/rollcalls/HSall_rollcalls.csv",
            many=True,
        ),
    ),
    covers="Roll calls of the House and the Senate since 1789, with published scores of members.",
    defects=(
        "The President stands among the voters of a chamber and is not in its printed totals.",
        "Codes 2 to 5 are pairs and announcements; they count as yes and no, as in the printed totals.",
        "Not voting is one code: absent, or present and silent, cannot be told apart.",
        "Numbers and codes are printed as 14226.0 and 6.0 in some files.",
    ),
    parse=parse,
    most_bytes=2048 * MIB,
)
