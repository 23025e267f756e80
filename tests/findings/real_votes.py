"""Votes as published, from the folder beside the project, in the form that `mp.scale` reads."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from multipolar.sources.files import RawFile
from multipolar.sources.formats.rdata import Vector, frame, read_r

SHARED = Path(__file__).resolve().parents[3] / "shared"
VOTES = SHARED / "data/votes"
MASK = (1 << 64) - 1
EMPTY_SESSION = 19


def needed() -> None:
    """Skip where the files are missing."""
    if not VOTES.is_dir():
        pytest.skip("the publishers' files are not here (../shared/data)")


def _rda(name: str) -> dict[str, Vector]:
    path = VOTES / name
    return read_r(RawFile(path.name, str(path), 1 << 30, path))


def _mixed(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


@cache
def assembly() -> pl.DataFrame:
    """All votes of the General Assembly to 2020: texts matched by hand are one item; which are held out."""
    votes = frame(_rda("un_votes.rda")["un_votes"])
    calls = frame(_rda("un_roll_calls.rda")["un_roll_calls"]).cast({"session": pl.Int64})
    session = dict(calls.select(pl.col("rcid").cast(pl.Int64), "session").iter_rows())
    text = {call: call for call in session}

    def first(call: int) -> int:
        while text[call] != call:
            call = text[call]
        return call

    with open(VOTES / "Matches.csv", encoding="latin-1", newline="") as handle:
        for row in csv.DictReader(handle):
            a, b = int(row["rcid1"]), int(row["rcid2"])
            if a in text and b in text:
                text[first(a)] = first(b)
    cells = votes.select(pl.col("rcid").cast(pl.Int64), "country", position="vote")
    cells = cells.sort("rcid", "country")
    start = 20261123 + 0x9E3779B97F4A7C15
    out = [_mixed((i + start) & MASK) % 10 == 0 for i in range(cells.height)]
    call = pl.col("rcid")
    return cells.with_columns(
        pl.Series("held_out", out),
        roll_call=call.cast(pl.String),
        state=pl.col("country"),
        period=call.replace_strict(session),
        item=call.replace_strict({c: str(first(c)) for c in text}),
    ).filter(pl.col("period") != EMPTY_SESSION)


def _named(vector: Vector) -> dict[str, Vector]:
    """Return a list of R by the names of its members."""
    return dict(zip(vector.attributes["names"].values, vector.values, strict=True))


def court() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Votes of the Supreme Court by term, and the scores of Martin and Quinn."""
    data = _named(_rda("mq_data.rda")["mq_data"])
    given = _named(data["data.mq"])
    term, first, last = (
        np.asarray(given[name].values).astype(int).ravel()
        for name in ("bill.session", "startlegis", "endlegis")
    )
    # R keeps a matrix column by column.
    votes = np.asarray(given["rc"].values).reshape(len(term), len(first)).T
    i, j = np.nonzero(votes)
    cells = pl.DataFrame(
        {
            "roll_call": [f"case {k}" for k in j],
            "state": [f"J{k:02}" for k in i],
            "period": term[j],
            "position": np.where(votes[i, j] > 0, "yes", "no"),
        }
    )
    spans = [(k, t) for k in range(len(first)) for t in range(first[k], last[k] + 1)]
    scores = pl.DataFrame(
        {
            "state": [f"J{k:02}" for k, _ in spans],
            "period": [t for _, t in spans],
            "estimate": np.asarray(data["mq_mcmc"].values, dtype=float).ravel(),
        }
    )
    return cells, scores


def senate(congress: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Votes of a US Senate without the President, and the first dimension of NOMINATE."""
    number = pl.col("icpsr").cast(pl.Float64).cast(pl.Int64).cast(pl.String)
    votes = pl.read_csv(VOTES / f"S{congress}_votes.csv", infer_schema_length=0)
    members = pl.read_csv(VOTES / f"S{congress}_members.csv", infer_schema_length=0)
    members = members.filter(pl.col("chamber") == "Senate").select(
        state=number, estimate=pl.col("nominate_dim1").cast(pl.Float64, strict=False)
    )
    cast = pl.col("cast_code").cast(pl.Float64)
    position = pl.when(cast <= 3).then(pl.lit("yes")).when(cast <= 6).then(pl.lit("no"))
    cells = votes.select(
        roll_call=pl.col("rollnumber"),
        state=number,
        period=pl.lit(congress),
        position=position.otherwise(pl.lit("absent")),
    )
    return cells.join(members, on="state", how="semi"), members.drop_nulls()
