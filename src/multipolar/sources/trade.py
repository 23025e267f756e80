"""Trade between states and of states with the world (Correlates of War): imports in current US dollars.

The bilateral file has one row per pair and year, with the imports of either from the other; it becomes
two rows, one per direction. A flow that the publisher does not know stays empty; a zero is a zero.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import polars as pl

from .codes import BEFORE, drop_reasons, meanings, ranked
from .files import RawFile
from .formats.numbers import check_once, check_range, columns, pack, read_numbers
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States

DYADS = ("ccode1", "ccode2", "year")
FLOWS = ("flow1", "flow2")
SMOOTH = ("smoothflow1", "smoothflow2")
TOTALS = ("imports", "exports")
_EXTRA = ("source1", "source2", "version")
DYADS_PASSED_OVER = (
    *("importer1", "importer2", "smoothtotrade", "spike1", "spike2", "dip1", "dip2", "trdspike"),
    *("tradedip", "bel_lux_alt_flow1", "bel_lux_alt_flow2", "china_alt_flow1", "china_alt_flow2"),
    *_EXTRA,
)
NATIONAL_PASSED_OVER = ("statename", "stateabb", "alt_imports", "alt_exports", *_EXTRA)
MISSING = -9
UNIT = 1e6
"""The publisher counts in millions of current US dollars."""
SECOND = "repeats a state and year under a second COW code"
SAME = "both codes mean the same state"


def _is_dyads(raw: RawFile) -> bool:
    return {*DYADS, *FLOWS} <= set(columns(raw))


def _is_national(raw: RawFile) -> bool:
    return {"ccode", "year", *TOTALS} <= set(columns(raw))


def parse(files: Files, states: States) -> Parsed:
    """Read the bilateral and the national file, or whichever of the two is there."""
    out = Parsed("", {}, 0, 0)
    for kind, read in (("bilateral", _bilateral), ("national", _national)):
        raw = files.maybe(kind)
        if raw is None:
            out.notes.append(f"The {kind} file was not given; its table is not there.")
            continue
        frame = read(raw, states, out)
        years = frame.select(pl.col("year").min().alias("a"), pl.col("year").max().alias("b")).row(
            0
        )
        out.first = min(out.first or date.max, date(years[0], 1, 1))
        out.last = max(out.last or date.min, date(years[1], 12, 31))
        out.edition = out.edition or _version(raw)
    out.edition = out.edition or (out.last.isoformat() if out.last else "")
    return out


def _bilateral(raw: RawFile, states: States, out: Parsed) -> pl.DataFrame:
    """Read the pairs into ``trade``: what each of the two imported from the other."""
    frame = read_numbers(
        raw, DYADS, (*FLOWS, *SMOOTH), optional=SMOOTH, passed_over=DYADS_PASSED_OVER
    )
    smooth = [name for name in SMOOTH if name in frame.columns]
    frame = _emptied(raw, frame, (*FLOWS, *smooth))
    _check_pairs(raw, frame)
    frame = _placed(frame, states, DYADS[:2])
    frame = _without(frame, DYADS[:2], out)
    same = pl.col("rank1") == pl.col("rank2")
    _drop(out, "pairs", SAME, frame.filter(same).height)
    frame = _once_a_state(_ordered(frame.filter(~same), "rank1", "rank2"), FLOWS, out)
    names = pl.Series(ranked(states), dtype=pl.String)
    both = pl.concat(
        frame.select(
            pl.col(f"rank{mine}").alias("importer"),
            pl.col(f"rank{other}").alias("exporter"),
            "year",
            (pl.col(f"flow{mine}") * UNIT).alias("value_usd"),
            *((pl.col(f"smoothflow{mine}") * UNIT).alias("smoothed_usd") for _ in smooth[:1]),
        )
        for mine, other in ((1, 2), (2, 1))
    )
    both = both[pack(both, ("importer", "exporter", "year")).arg_sort()]
    out.rows_kept += frame.height
    out.tables["trade"] = both.with_columns(
        names.gather(both[side]).alias(side) for side in ("importer", "exporter")
    )
    return frame


def _check_pairs(raw: RawFile, frame: pl.DataFrame) -> None:
    """Raise BadSource where a pair stands twice in a year, also the other way round."""
    check_range(raw, frame, "year", 1800, 2100)
    wrong = frame.filter(pl.col("ccode1") == pl.col("ccode2"))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise bad(raw.name, f"ccode1 and ccode2 are both {row['ccode1']}", row=row["_row"])
    check_once(raw, _ordered(frame, "ccode1", "ccode2"), ("low", "high", "year"))


def _ordered(frame: pl.DataFrame, one: str, two: str) -> pl.DataFrame:
    """Return the frame with the lower and the higher of two numbers."""
    return frame.with_columns(
        pl.min_horizontal(one, two).alias("low"), pl.max_horizontal(one, two).alias("high")
    )


def _national(raw: RawFile, states: States, out: Parsed) -> pl.DataFrame:
    """Read the states' own totals into ``trade_totals``."""
    frame = read_numbers(raw, ("ccode", "year"), TOTALS, passed_over=NATIONAL_PASSED_OVER)
    check_range(raw, frame, "year", 1800, 2100)
    check_once(raw, frame, ("ccode", "year"))
    frame = _placed(_emptied(raw, frame, TOTALS), states, ("ccode",))
    frame = _without(frame, ("ccode",), out)
    frame = _ordered(frame, "rank1", "rank1")
    frame = _once_a_state(frame, TOTALS, out, "totals")
    out.rows_kept += frame.height
    out.tables["trade_totals"] = frame.select(
        pl.col("state1").alias("state_id"),
        "year",
        *((pl.col(name) * UNIT).alias(f"{name}_usd") for name in TOTALS),
    ).sort("state_id", "year")
    return frame


def _emptied(raw: RawFile, frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the frame with the publisher's mark for a missing value as null."""
    frame = frame.with_columns(
        pl.when(pl.col(n) != MISSING).then(pl.col(n)).otherwise(None).alias(n) for n in names
    )
    for name in names:
        wrong = frame.filter(pl.col(name) < 0)
        if wrong.height:
            row = wrong.row(0, named=True)
            raise bad(raw.name, f"{name} is {row[name]}, below zero", row=row["_row"])
    return frame


def _placed(frame: pl.DataFrame, states: States, codes: Sequence[str]) -> pl.DataFrame:
    """Return the frame with state, way of reading, and whether the code is the state's own, per code."""
    pairs = pl.concat([frame.select(pl.col(c).alias("code"), "year") for c in codes]).unique()
    read = meanings(states, pairs.iter_rows())
    for number, name in enumerate(codes, start=1):
        mine = {c: f"{c}{number}" for c in ("state", "how", "own", "rank")} | {"code": name}
        frame = frame.join(read.rename(mine), on=[name, "year"], how="left", maintain_order="left")
    return frame


def _without(frame: pl.DataFrame, codes: Sequence[str], out: Parsed) -> pl.DataFrame:
    """Count the rows and return those that name states; say how many years lie before a state began."""
    numbers = range(1, len(codes) + 1)
    hows = [f"how{n}" for n in numbers]
    what = "pairs" if len(codes) == 2 else "totals"
    nowhere = pl.any_horizontal(pl.col(f"state{n}").is_null() for n in numbers)
    out.rows_read += frame.height
    for reason, n in drop_reasons(frame.filter(nowhere), hows, codes).items():
        _drop(out, what, reason, n)
    frame = frame.filter(~nowhere)
    early = frame.filter(pl.any_horizontal(pl.col(h) == BEFORE for h in hows)).height
    if early:
        out.notes.append(
            f"{early:,} {what} speak of a year before a state began; they stand under its code, for the "
            "territory or the earlier state that became it."
        )
    return frame


def _once_a_state(
    frame: pl.DataFrame, values: Sequence[str], out: Parsed, what: str = "pairs"
) -> pl.DataFrame:
    """Return the frame with one row per state (or pair) and year, where two codes fall on one state.

    The row with more values stays; of two with as many, the one under the state's own code.
    """
    key = ("low", "high", "year")
    packed = pack(frame, key)
    if packed.n_unique() == packed.len():
        return frame
    twice = packed.is_duplicated()
    known = pl.sum_horizontal(pl.col(v).is_not_null().cast(pl.Int8) for v in values)
    own = pl.sum_horizontal(pl.col(c).cast(pl.Int8) for c in frame.columns if c.startswith("own"))
    kept = (
        frame.filter(twice)
        .sort(known, own, descending=True, maintain_order=True)
        .unique(key, keep="first", maintain_order=True)
    )
    _drop(out, what, SECOND, int(twice.sum()) - kept.height)
    return pl.concat([frame.filter(~twice), kept])


def _drop(out: Parsed, what: str, reason: str, n: int) -> None:
    if n:
        out.dropped[f"{what}: {reason}"] = n


def _version(raw: RawFile) -> str:
    """Return the version in the file's name, as the publisher writes it; nothing where there is none."""
    found = re.search(r"COW_(?:Trade_)?(\d+\.\d+)", raw.name, re.IGNORECASE)
    return found[1] if found else ""


SOURCE = Source(
    name="trade",
    version=1,
    page="https://correlatesofwar.org/data-sets/bilateral-trade/",
    hosts=("correlatesofwar.org", "www.correlatesofwar.org"),
    cite=(
        "Barbieri and Keshk. 2016. Correlates of War Project Trade Data Set Codebook, Version 4.0; "
        "Barbieri, Keshk and Pollins. 2009. Trading Data: Evaluating our Assumptions and Coding Rules. "
        "Conflict Management and Peace Science 26(5): 471-491."
    ),
    kinds=(
        FileKind(
            "bilateral",
            "bilateral trade by pair and year, with the columns ccode1, ccode2, year, flow1, flow2",
            _is_dyads,
            url="https://correlatesofwar.org/wp-content/uploads/COW_Trade_4.0.zip",
            required=False,
        ),
        FileKind(
            "national",
            "national trade, with the columns ccode, year, imports, exports",
            _is_national,
            required=False,
        ),
    ),
    covers="Imports of states from each other, and their imports and exports in all, 1870-2014.",
    defects=(
        (
            "Values are in millions of current US dollars. The copy in the R package peacesciencer is rounded "
            "to whole millions in the bilateral table, so that its zeros include flows below half a million."
        ),
        (
            "The published files write -9 for a missing value, the R package leaves it blank: both are empty "
            "here. Zero is zero as printed."
        ),
        "Smoothed values are the publisher's own filling and averaging.",
        (
            "National totals go back to 1960 for territories that became states later; they stand under the "
            "code of the state."
        ),
        (
            "In 1990 Germany stands under two codes (260, 255), and in the national file 260 has empty rows for "
            "1960-1990 beside the values under 255: the row with more values is kept."
        ),
        (
            "Some empty rows stand for states before or after they existed (1998-2009); those after "
            "the end of a state are left out."
        ),
        (
            "Austria-Hungary, Bavaria, Baden, Württemberg and Korea before 1905 are not in the registry; their "
            "rows are left out and counted."
        ),
    ),
    parse=parse,
    most_bytes=512 * MIB,
)
