"""Roll calls of the General Assembly from the R package unvotes: votes, roll calls, issues.

Dates before 2003 are not days: the "day" is mostly a weekday's number, the year is right. So the state
behind a name is asked on a day that follows from session and year, and roll calls of two sources are
joined by symbol. Up to session 17, and in the early special sessions, the source's reference is a page
of the official records (`R/1/66` is page 66 of session 1, not resolution 66), so there is no symbol.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import polars as pl

from ..errors import BadSource
from .files import RawFile
from .formats.rdata import r_frame, r_names
from .formats.text import check_header, read_rows
from .source import FileKind, Files, Parsed, Source, bad
from .states import States

_VOTES = ("rcid", "country", "country_code", "vote")
_CALLS = (
    "rcid",
    "session",
    "importantvote",
    "date",
    "unres",
    "amend",
    "para",
    "short",
    "descr",
)
_ISSUES = ("rcid", "short_name", "issue")
_NUMBERS = {"rcid", "session", "importantvote", "amend", "para"}
_NAMES = {"country", "country_code"}
"""Columns in which NA is a text: the code of a state, not R's missing value."""
_ROW_NAMES = ("_1", "X", "X1", "...1", "rownames")
"""What R and its readers call the column of row names."""
_POSITIONS = ("yes", "no", "abstain")
_FIRST_SYMBOLS = 18
"""From this session on the reference is the number of a resolution."""
_FIRST_DECISION = 400
_FIRST_LONG_SESSION = 57
"""Before this session no session had 300 resolutions; numbers above are those of decisions."""
_DAYS_FROM = 2003
_REFERENCE = re.compile(r"R/(\d+)/(\d+)([A-Z]{0,2})(?:/([A-Z]+))?")
_SPECIAL = re.compile(r"(E?S)S/(\d+)(?:/.*)?|A/RES/(E?S-\d+)/.*")
_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


def symbol(reference: str, session: int) -> str | None:
    """Return the UN symbol that a reference means; None where it is a page or of another session.

    >>> symbol("R/26/2775E", 26), symbol("R/31/5", 31), symbol("A/RES/74/56", 74)
    ('A/RES/2775(XXVI)[E]', 'A/RES/31/5', 'A/RES/74/56')
    >>> symbol("R/33/116B/VII", 33), symbol("R/33/442", 33), symbol("R/1/66", 1)
    ('A/RES/33/116[B-VII]', 'A/DEC/33/442', None)
    """
    if reference.startswith("A/RES/"):
        return reference
    found = _REFERENCE.fullmatch(reference)
    if not found or int(found[1]) != session or session < _FIRST_SYMBOLS:
        return None
    number, part = int(found[2]), found[3]
    if found[4]:
        part = f"[{part}-{found[4]}]" if part else f"[{found[4]}]"
    if session <= 30:
        roman = "X" * (session // 10) + _UNITS[session % 10]
        return f"A/RES/{number}({roman})" + (f"[{part}]" if part.isalpha() else part)
    least = _FIRST_DECISION if session >= _FIRST_LONG_SESSION else 300
    return f"A/{'DEC' if number > least else 'RES'}/{session}/{number}{part}"


def session_text(reference: str, session: int) -> str:
    """Return the session as the Assembly counts: 26, S-4, ES-10.

    >>> session_text("R/26/2775E", 26), session_text("ESS/5/70", 22), session_text("SS/5", 23)
    ('26', 'ES-5', 'S-5')
    """
    found = _SPECIAL.fullmatch(reference)
    if not found:
        return str(session)
    return found[3] or f"{found[1]}-{found[2]}"


def day_of_states(printed: date, session: int) -> date:
    """Return the day on which the names of a roll call are read.

    From 2003 the day printed. Before: 20 December of the year in which the session opened, by when
    its main part is over; 1 July of the next year for its resumed part.
    """
    if printed.year >= _DAYS_FROM:
        return printed
    opened = session + 1945
    if printed.year == opened + 1:
        return date(printed.year, 7, 1)
    return date(printed.year if printed.year == opened - 1 else opened, 12, 20)


def parse(files: Files, states: States) -> Parsed:
    """Read the three tables; counts of a roll call are those of its rows."""
    votes = _table(files.one("votes"), "un_votes", _VOTES)
    calls = _calls(files.one("roll_calls"))
    issues = _issues(files.one("issues"), calls)
    placed = _placed(files.one("votes"), votes, calls, states)
    first: date = calls["date"].min()  # type: ignore[assignment]
    last: date = calls["date"].max()  # type: ignore[assignment]
    early = calls.filter(pl.col("date_precision") == "year").height
    paged = calls["note"].is_not_null().sum()
    rows = votes.height + calls.height + issues.height
    return Parsed(
        edition=last.isoformat(),
        tables={
            "roll_calls": _with_counts(calls, placed),
            "positions": placed.select("roll_call_id", "state_id", "position", "printed"),
            "roll_call_issues": issues.select("roll_call_id", "issue", "issue_en"),
        },
        rows_read=rows,
        rows_kept=placed.height + calls.height + issues.height,
        notes=[
            f"the dates of {early:,} roll calls before {_DAYS_FROM} are right in the year only",
            f"{paged:,} roll calls have a reference that is no symbol; it stands in their note",
        ],
        first=first,
        last=last,
    )


def _table(raw: RawFile, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return a table with whole numbers as such, missing values as null, and row numbers."""
    if raw.is_r_data():
        frame = r_frame(raw, name)
        check_header(raw, frame.columns, columns)
        frame = frame.with_row_index("_row", 1)
    else:
        frame = read_rows(raw, columns, passed_over=_ROW_NAMES)
        texts = [c for c in columns if c not in _NAMES]
        frame = frame.with_columns(pl.col(texts).replace({"NA": None}))
        frame = frame.with_columns(pl.col(c).replace({"": None}) for c in columns if c in _NUMBERS)
    for column in _NUMBERS & set(columns):
        frame = _whole(raw, frame, column)
    if not frame.height:
        raise bad(raw.name, "holds no rows")
    for column in {"rcid", "country", "vote", "session", "date"} & set(columns):
        _refuse(raw, frame, pl.col(column).is_null(), column, "is missing")
    return frame


def _whole(raw: RawFile, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    number = pl.col(column).cast(pl.Float64, strict=False)
    wrong = pl.col(column).is_not_null() & (number.is_null() | (number != number.floor()))
    _refuse(raw, frame, wrong, column, "is not a whole number")
    return frame.with_columns(number.cast(pl.Int64).alias(column))


def _refuse(raw: RawFile, frame: pl.DataFrame, wrong: pl.Expr, column: str, problem: str) -> None:
    """Raise BadSource with the first row for which a condition holds."""
    found = frame.filter(wrong).head(1)
    if found.height:
        value, row = found[column][0], int(found["_row"][0])
        raise bad(raw.name, f"{column} {value!r} {problem}", row=row)


def _calls(raw: RawFile) -> pl.DataFrame:
    """Return roll calls in the columns of the table, with the day on which names are read."""
    frame = _table(raw, "un_roll_calls", _CALLS)
    _refuse(raw, frame, pl.col("rcid").is_duplicated(), "rcid", "stands twice")
    _refuse(raw, frame, ~pl.col("session").is_between(1, 200), "session", "is no session")
    for column in ("importantvote", "amend", "para"):
        _refuse(raw, frame, ~pl.col(column).is_in([0, 1]), column, "is neither 0 nor 1")
    if frame.schema["date"] != pl.Date:
        parsed = pl.col("date").str.to_date("%Y-%m-%d", strict=False)
        _refuse(raw, frame, parsed.is_null(), "date", "is not a date (YYYY-MM-DD)")
        frame = frame.with_columns(parsed.alias("date"))
    asked = frame.select(pl.col("unres").fill_null(""), "session", "date").rows()
    title = pl.coalesce(
        pl.when(pl.col(c).str.strip_chars() != "").then(pl.col(c)) for c in ("descr", "short")
    )
    exact = pl.col("date").dt.year() >= _DAYS_FROM
    return frame.select(
        pl.format("unga:rcid-{}", "rcid").alias("roll_call_id"),
        pl.lit("unga").alias("body_id"),
        pl.Series("symbol", [symbol(r, s) for r, s, _ in asked], dtype=pl.String),
        title.fill_null(pl.format("Roll call {}", "rcid")).alias("title_en"),
        "date",
        pl.when(exact).then(pl.lit("day")).otherwise(pl.lit("year")).alias("date_precision"),
        pl.col("rcid").cast(pl.String).alias("number"),
        pl.Series("session", [session_text(r, s) for r, s, _ in asked]),
        pl.lit("not_given").alias("totals"),
        pl.when(pl.col("importantvote") == 1)
        .then(pl.lit("yes"))
        .when(pl.col("importantvote") == 0)
        .then(pl.lit("no"))
        .alias("important"),
        _kind().alias("kind"),
        pl.Series("note", [_reference_note(r, s) for r, s, _ in asked], dtype=pl.String),
        "rcid",
        pl.Series("_day", [day_of_states(d, s) for _, s, d in asked], dtype=pl.Date),
    ).sort("rcid")


def _kind() -> pl.Expr:
    """Return what was voted on; unknown where the source leaves out what would tell."""
    amend, para = pl.col("amend"), pl.col("para")
    return (
        pl.when(amend == 1)
        .then(pl.lit("amendment"))
        .when(para == 1)
        .then(pl.lit("paragraph"))
        .when((amend == 0) & (para == 0))
        .then(pl.lit("text"))
    )


def _reference_note(reference: str, session: int) -> str | None:
    if not reference or symbol(reference, session):
        return None
    if session < _FIRST_SYMBOLS or _SPECIAL.fullmatch(reference):
        return f"The source's reference {reference} is read as a page of the official records."
    return f"The source's reference {reference} is no symbol of this session."


def _issues(raw: RawFile, calls: pl.DataFrame) -> pl.DataFrame:
    """Return issue codes by roll call."""
    frame = _table(raw, "un_roll_call_issues", _ISSUES)
    twice = pl.struct("rcid", "short_name").is_duplicated()
    _refuse(raw, frame, twice, "rcid", "has an issue twice")
    for column in ("short_name", "issue"):
        _refuse(raw, frame, pl.col(column).fill_null("") == "", column, "is missing")
    known = frame.join(calls.select("rcid", "roll_call_id"), on="rcid", how="left")
    _refuse(raw, known, pl.col("roll_call_id").is_null(), "rcid", "is no roll call")
    return known.select("roll_call_id", pl.col("short_name").alias("issue"), issue_en="issue")


def _placed(raw: RawFile, votes: pl.DataFrame, calls: pl.DataFrame, states: States) -> pl.DataFrame:
    """Return positions with their states, by state and then by roll call."""
    _refuse(raw, votes, ~pl.col("vote").is_in(_POSITIONS), "vote", "is no vote")
    joined = votes.join(
        calls.select("rcid", "roll_call_id", "_day"), on="rcid", how="left", maintain_order="left"
    )
    _refuse(raw, joined, pl.col("_day").is_null(), "rcid", "is no roll call")
    placed = states.column(joined, "country", "_day")
    if not states.unknown:
        twice = pl.struct("rcid", "state_id").is_duplicated()
        _refuse(raw, placed, twice, "country", "has a second vote in one roll call")
    return placed.sort("state_id", "_day", "rcid").with_columns(
        pl.col("vote").alias("position"), pl.col("vote").alias("printed")
    )


def _with_counts(calls: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Return roll calls with counts of their rows; the source gives no totals of its own."""
    counts = placed.group_by("roll_call_id").agg(
        (pl.col("position") == position).sum().cast(pl.Int64).alias(f"{position}_n")
        for position in _POSITIONS
    )
    numbers = [f"{position}_n" for position in _POSITIONS]
    joined = calls.join(counts, on="roll_call_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col(numbers).fill_null(0)).drop("rcid", "_day")


def _holds(name: str, columns: Sequence[str]) -> Callable[[RawFile], bool]:
    """Return the test for a file that holds a table, as R's object or as CSV."""

    def fits(raw: RawFile) -> bool:
        if not raw.is_r_data():
            return set(columns) <= set(raw.header())
        try:
            return name in r_names(raw)
        except BadSource:  # a damaged file is named by the parser, another's is passed over
            return name.encode() in raw.head[:200]

    return fits


_DATA = "https://raw.githubusercontent.com/dgrtwo/unvotes/master/data/"
SOURCE = Source(
    name="unvotes",
    version=1,
    page="https://cran.r-project.org/package=unvotes",
    hosts=("raw.githubusercontent.com",),
    cite=(
        "Robinson, D. (2021). unvotes: United Nations General Assembly Voting Data. R package, "
        "https://cran.r-project.org/package=unvotes; data by E. Voeten, "
        "https://doi.org/10.7910/DVN/LEJUQZ."
    ),
    kinds=(
        FileKind(
            "votes",
            "the votes (un_votes.rda, or CSV with rcid, country, vote)",
            _holds("un_votes", _VOTES),
            _DATA + "un_votes.rda",
        ),
        FileKind(
            "roll_calls",
            "the roll calls (un_roll_calls.rda, or CSV with rcid, session, unres)",
            _holds("un_roll_calls", _CALLS),
            _DATA + "un_roll_calls.rda",
        ),
        FileKind(
            "issues",
            "the issues (un_roll_call_issues.rda, or CSV with rcid, short_name, issue)",
            _holds("un_roll_call_issues", _ISSUES),
            _DATA + "un_roll_call_issues.rda",
        ),
    ),
    covers="Votes cast in the General Assembly, amendments and separate votes included, 1946 to 2020.",
    defects=(
        "Dates before 2003 are right in the year only; roll calls of two sources are joined by symbol.",
        "Up to session 17 and in early special sessions the reference is a page, not a resolution; these roll calls have no symbol.",
        "Absences are not recorded: a missing row is a member absent, or no member.",
        "Names are of one time: one series for the Soviet Union and Russia, for Yugoslavia and Serbia; the state is read from name and day.",
        "No totals are given; the counts are those of the rows.",
        "Where a vote was on an amendment to a paragraph, it is an amendment here.",
    ),
    parse=parse,
)
