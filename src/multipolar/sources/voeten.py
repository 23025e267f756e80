"""Published ideal points of states in the General Assembly, in the forms of their vintages.

The publisher changes name, separator, column names and key of the file from vintage to vintage: CSV by
session (2020, 2024), Stata by calendar year (2025), CSV or tab-separated by calendar year (2026). One to
three series stand side by side. States are told apart by COW code and period; the ISO codes repeat.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from .files import RawFile
from .formats.statistics import read_stata
from .formats.text import check_header, read_rows
from .source import FileKind, Files, Parsed, Source, bad
from .states import States

VARIANTS = ("fp", "all", "legacy")
"""Final passage, all votes, and the scale of the vintages before 2024; without suffix it is all."""
_LEVEL = 0.9
"""Between the quantiles of 5 and 95 per cent."""
_MEASURE = re.compile(rf"(?:idealpoint|nvotes|q(?:5|95))(?:{'|'.join(VARIANTS)})?")
_OTHER = re.compile(
    rf"|_1|x1?|\.{{3}}1|row|rownames|iso3c|countryname|q(?:o|0|10|50|90|100)(?:{'|'.join(VARIANTS)})?|[a-z]+agree"
)
"""Known columns that are not read: row numbers, names, other quantiles, agreement with one state."""
_MISSING = {"": None, "NA": None, "NaN": None, ".": None}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[-_ ]?(20\d\d)(?!\d)"
)
_NUMBERED = re.compile(r"(?<!\d)(20\d\d)[-_](0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<![\d-])(20\d\d)(?![\d-])")
_NO_ESTIMATE = "no estimate in any series"
_SECOND = "second row of one seat in one period; the one with more votes is kept"


def vintage(name: str, last_year: int) -> str:
    """Return the date in a file's name, as precise as it is there, else the last year covered.

    >>> vintage("IdealpointestimatesAll_Apr2020.csv", 2019), vintage("IdealpointsJuly2025.dta", 2024)
    ('2020-04', '2025-07')
    >>> vintage("IdealpointestimatesFP_2026FP.csv", 2025), vintage("Idealpointestimates1946-2025.tab", 2025)
    ('2026', '2025')
    """
    if found := _MONTH.search(name.lower()):
        return f"{found[2]}-{_MONTHS.index(found[1][:3]) + 1:02}"
    if found := _NUMBERED.search(name):
        return f"{found[1]}-{found[2]}"
    if found := _YEAR.search(name):
        return found[1]
    return str(last_year)


def column(printed: str) -> str:
    """Return a column's name in one spelling for all vintages.

    >>> [column(name) for name in ("IdealPointAll", "Q5%FP", "QO%", "Q95..All", "nvotesLegacy")]
    ['idealpointall', 'q5fp', 'qo', 'q95all', 'nvoteslegacy']
    """
    name = printed.strip().strip('"').lower()
    return name if name == "...1" else re.sub(r"[%.\s]", "", name)


def parse(files: Files, states: States) -> Parsed:
    """Read every file; each gives one to three series."""
    resolved: dict[tuple[int, int], str | None] = {}
    parts: list[pl.DataFrame] = []
    series: dict[str, str] = {}
    notes: list[str] = []
    rows_read = 0
    for number, raw in enumerate(files.all("estimates")):
        table = _table(raw)
        rows_read += table.height
        _note_unnamed(raw, table, notes)
        table = _with_states(table, states, resolved)
        label = vintage(raw.name, int(table["year"].max()))  # type: ignore[arg-type]
        for name in _variants(table):
            full = f"{name or 'all'}-{label}"
            if full in series:
                raise bad(raw.name, f"holds the series {full}, as {series[full]} does")
            series[full] = raw.name
            parts.append(_series(raw, table, name, full).with_columns(file=pl.lit(number)))
    every = pl.concat(parts)
    if states.unknown:
        every = every.filter(pl.col("state_id").is_not_null())
    given = every.filter(pl.col("estimate").is_not_null())
    kept = _one_of_each(given, notes)
    dropped = _dropped(every, given, kept)
    years = every["year"]
    return Parsed(
        edition="+".join(sorted({name.split("-", 1)[1] for name in series})),
        tables={"ideal_points": kept.drop("file", "_row", "year", "ccode")},
        rows_read=rows_read,
        rows_kept=kept.select("file", "_row").n_unique(),
        dropped=dropped,
        notes=notes,
        first=date(int(years.min()), 1, 1),  # type: ignore[arg-type]
        last=date(int(years.max()), 12, 31),  # type: ignore[arg-type]
    )


def _table(raw: RawFile) -> pl.DataFrame:
    """Return a file with numbers as such, columns in one spelling, and the year of each row."""
    if raw.is_stata():
        frame = read_stata(raw)
        printed = {name: column(name) for name in frame.columns}
        _check(raw, list(printed.values()))
        frame = frame.rename(printed).with_row_index("_row", 1)
    else:
        separator = _separator(raw)
        header = [name or f"_{n}" for n, name in enumerate(raw.header(separator), start=1)]
        _check(raw, [column(name) for name in header])
        frame = read_rows(raw, header, encoding=_encoding(raw), separator=separator)
        frame = frame.rename({name: column(name) for name in header})
    if not frame.height:
        raise bad(raw.name, "holds no rows")
    key = "session" if "session" in frame.columns else "year"
    for name in ("ccode", key, *(c for c in frame.columns if _MEASURE.fullmatch(c))):
        whole = name in ("ccode", key) or name.startswith("nvotes")
        frame = _number(raw, frame, name, whole=whole)
    low, high = (1, 200) if key == "session" else (1946, 2145)
    for name, wrong in (
        ("ccode", pl.col("ccode").is_null()),
        (key, ~pl.col(key).is_between(low, high).fill_null(False)),
        ("ccode", pl.struct("ccode", key).is_duplicated()),
    ):
        if (found := frame.filter(wrong).head(1)).height:
            code, period = found["ccode"][0], found[key][0]
            problem = (
                f"{name}: state {code} in {key} {period} is missing, impossible or there twice"
            )
            raise bad(raw.name, problem, row=int(found["_row"][0]))
    return frame.with_columns(
        year=pl.col(key) + (1945 if key == "session" else 0),
        period=pl.col(key).cast(pl.String),
        period_kind=pl.lit(key),
    )


def _check(raw: RawFile, names: list[str]) -> None:
    """Raise BadSource where the columns are not those of a known vintage."""
    known = [n for n in names if _MEASURE.fullmatch(n) or _OTHER.fullmatch(n)]
    check_header(raw, names, ("ccode",), ("session", "year"), known)
    keys = [n for n in ("session", "year") if n in names]
    if len(keys) != 1:
        raise bad(raw.name, "has not one column of sessions or of years", row=1)


def _separator(raw: RawFile) -> str:
    return "\t" if len(raw.header("\t")) > len(raw.header()) else ","


def _encoding(raw: RawFile) -> str:
    """Return the encoding: UTF-8 where the bytes are that, else Windows-1252, as up to 2020."""
    try:
        raw.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _number(raw: RawFile, frame: pl.DataFrame, name: str, *, whole: bool) -> pl.DataFrame:
    """Return a frame with a column as numbers; a text that is none is an error."""
    printed = pl.col(name)
    if frame.schema[name] == pl.String:
        printed = printed.str.strip_chars().replace(_MISSING)
    number = printed.cast(pl.Float64, strict=False)
    wrong = printed.is_not_null() & (number.is_null() | ~number.is_finite())
    if whole:
        wrong = wrong | (number != number.floor())
    if (found := frame.filter(wrong).head(1)).height:
        row, what = int(found["_row"][0]), "a whole number" if whole else "a number"
        raise bad(raw.name, f"{found[name][0]!r} in {name} is not {what}", row=row)
    return frame.with_columns(number.cast(pl.Int64 if whole else pl.Float64).alias(name))


def _note_unnamed(raw: RawFile, table: pl.DataFrame, notes: list[str]) -> None:
    """Say which rows the publisher left without name; their values are kept like all others."""
    if "iso3c" not in table.columns:
        return
    unnamed = table.filter(pl.col("iso3c").replace(_MISSING).is_null())
    if unnamed.height:
        held = [n or "all" for n in _variants(table) if unnamed[f"idealpoint{n}"].count()]
        notes.append(
            f"{raw.name}: {unnamed.height} rows have a COW code and no name; "
            f"they hold values of {' and '.join(held) or 'no series'} only"
        )


def _variants(table: pl.DataFrame) -> list[str]:
    return [v for v in ("", *VARIANTS) if f"idealpoint{v}" in table.columns]


def _with_states(
    table: pl.DataFrame, states: States, resolved: dict[tuple[int, int], str | None]
) -> pl.DataFrame:
    """Add the state: of the COW code on 20 December, when the main part of a session is over."""
    pairs = table.select("ccode", "year").unique().sort("ccode", "year").rows()
    for code, year in pairs:
        if (code, year) not in resolved:
            resolved[code, year] = _state(states, str(code), year)
    found = pl.DataFrame(
        [(*pair, resolved[pair]) for pair in pairs],
        schema={"ccode": pl.Int64, "year": pl.Int64, "state_id": pl.String},
        orient="row",
    )
    return table.join(found, on=["ccode", "year"], how="left", maintain_order="left")


def _state(states: States, code: str, year: int) -> str | None:
    """Return the state on 20 December, or, where it begins later, at the end of the session."""
    state = states.find(code, date(year, 12, 20), "cow")
    if state is None and (state := states.find(code, date(year + 1, 9, 1), "cow")) is not None:
        key = ("cow", code)
        states.unknown[key] -= 1
        if not states.unknown[key]:
            del states.unknown[key]
    return state


def _series(raw: RawFile, table: pl.DataFrame, variant: str, name: str) -> pl.DataFrame:
    """Return one series in the columns of the table, rows without an estimate included."""

    def given(stem: str, kind: type[pl.DataType]) -> pl.Expr:
        here = f"{stem}{variant}" in table.columns
        return pl.col(f"{stem}{variant}") if here else pl.lit(None, kind)

    frame = table.select(
        pl.lit("unga").alias("body_id"),
        pl.lit(name).alias("series"),
        "state_id",
        "period",
        "period_kind",
        given("idealpoint", pl.Float64).alias("estimate"),
        given("q5", pl.Float64).alias("lo"),
        given("q95", pl.Float64).alias("hi"),
        given("nvotes", pl.Int64).alias("n"),
        pl.col("_row").cast(pl.Int64),
        "year",
        "ccode",
    )
    wrong = frame.filter(pl.col("lo") > pl.col("hi")).head(1)
    if wrong.height:
        raise bad(raw.name, "the 5% quantile is above the 95% quantile", row=wrong["_row"][0])
    both = pl.col("lo").is_not_null() & pl.col("hi").is_not_null()
    return frame.with_columns(pl.when(both).then(_LEVEL).alias("level"))


def _one_of_each(given: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Return one row per series, state and period: of two rows of one seat that with more votes."""
    key = ["series", "state_id", "period"]
    ordered = given.sort(
        *key, "n", "ccode", descending=[False, False, False, True, False], nulls_last=True
    )
    kept = ordered.unique(key, keep="first", maintain_order=True)
    for row in ordered.join(kept, on=["series", "ccode", "period"], how="anti").iter_rows(
        named=True
    ):
        notes.append(
            f"{row['series']}: {row['state_id']} in {row['period']} has two rows; that of COW code "
            f"{row['ccode']} ({row['n']} votes) is left out"
        )
    return kept


def _dropped(every: pl.DataFrame, given: pl.DataFrame, kept: pl.DataFrame) -> dict[str, int]:
    """Count the rows of the files of which nothing was kept, by reason."""
    rows = every.select("file", "_row").unique()
    of_none = rows.join(given, on=["file", "_row"], how="anti").height
    left = given.select("file", "_row").unique().join(kept, on=["file", "_row"], how="anti").height
    return {_NO_ESTIMATE: of_none, _SECOND: left}


def _fits(raw: RawFile) -> bool:
    if raw.is_stata():
        start = raw.head.lower()
        return b"idealpoint" in start and b"ccode\0" in start and b"ccode1" not in start
    names = {column(name) for name in raw.header(_separator(raw))}
    points = any(name.startswith("idealpoint") for name in names)
    return points and "ccode" in names and bool(names & {"session", "year"})


SOURCE = Source(
    name="voeten",
    version=1,
    page="https://doi.org/10.7910/DVN/LEJUQZ",
    hosts=("dataverse.harvard.edu",),
    cite=(
        "Bailey, M. A., Strezhnev, A., and Voeten, E. (2017). Estimating Dynamic State Preferences "
        "from United Nations Voting Data. Journal of Conflict Resolution 61(2), 430-456, "
        "https://doi.org/10.1177/0022002715595700; data: Harvard Dataverse, "
        "https://doi.org/10.7910/DVN/LEJUQZ (name the version)."
    ),
    kinds=(
        FileKind(
            "estimates",
            "a file of ideal points (CSV, tab-separated or Stata with ccode, session or year, IdealPoint…)",
            _fits,
            many=True,
        ),
    ),
    covers="Published ideal points by state and session or year, from 1946.",
    defects=(
        "Vintages differ in scale, key and series; a series here is one variant of one vintage.",
        "ISO codes repeat (one for both Yemens, one for Yugoslavia and Serbia); COW code and period are used.",
        "In July 2025, 17 rows at the end have a COW code and no name; they hold values of the legacy series (kept under their code) and none of the other two.",
        "Two rows for the seat of China in 1971; the one with more votes is kept, the other counted.",
        "No standard errors; the interval is that of the 5% and 95% quantiles, the legacy series has none.",
    ),
    parse=parse,
)
