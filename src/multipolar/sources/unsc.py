"""Votes on adopted resolutions of the Security Council, as the UN Digital Library publishes them."""

from __future__ import annotations

import polars as pl

from . import undl
from .files import RawFile
from .source import FileKind, Files, Parsed, Source
from .states import States

PAGE = "https://digitallibrary.un.org/record/4055387"
_NEEDED = ("permanent_member", "date", "resolution", "description", "undl_link")
_KNOWN = (
    "draft",
    "meeting",
    "agenda",
    "subjects",
    "vote_note",
    "modality",
    *undl.TOTALS,
)


def _fits(raw: RawFile) -> bool:
    return undl.fits(raw, ("permanent_member",))


def parse(files: Files, states: States) -> Parsed:
    """Read roll calls and positions; texts adopted without a vote become outcomes by consensus."""
    raw = files.one("votes")
    notes: list[str] = []
    rows, calls = undl.read(raw, _NEEDED, _KNOWN)
    calls = undl.roll_calls(raw, calls, "unsc")
    placed = undl.positions(raw, rows, calls, states, notes)
    first, last = undl.dates(calls)
    silent = calls.filter(_without_vote(calls))
    voted = calls.join(silent, on="undl_id", how="anti", maintain_order="left")
    kept = placed.join(silent, on="undl_id", how="anti", maintain_order="left")
    counted = undl.with_counts(voted, kept, notes)
    return Parsed(
        edition=undl.edition(raw, last),
        tables={
            "roll_calls": undl.finished(counted, "unsc", "description", "agenda"),
            "positions": undl.table_of_positions(raw, kept, calls),
            "outcomes": _by_consensus(silent),
        },
        rows_read=rows.height,
        rows_kept=kept.height,
        dropped={
            "listed under a text adopted without a vote, where no positions exist": placed.height
            - kept.height
        },
        notes=notes,
        first=first,
        last=last,
    )


def _without_vote(calls: pl.DataFrame) -> pl.Expr:
    if "modality" not in calls.columns:
        return pl.lit(False)
    return pl.col("modality").str.to_lowercase().str.strip_chars() == "without vote"


def _by_consensus(calls: pl.DataFrame) -> pl.DataFrame:
    return calls.select(
        pl.col("roll_call_id").alias("outcome_id"),
        pl.lit("unsc").alias("body_id"),
        pl.col("day").alias("date"),
        pl.lit("day").alias("date_precision"),
        pl.col("description").alias("title_en"),
        pl.lit("consensus").alias("mode"),
        "symbol",
    )


SOURCE = Source(
    name="unsc",
    version=1,
    page=PAGE,
    hosts=("digitallibrary.un.org",),
    cite=(
        "United Nations Dag Hammarskjöld Library, Security Council Voting Data, United Nations, "
        "https://digitallibrary.un.org/record/4055387."
    ),
    kinds=(
        FileKind(
            "votes",
            "the voting file of the Security Council (CSV with ms_vote and permanent_member)",
            _fits,
            f"{PAGE}/files/2026_02_06_sc_voting.csv",
        ),
    ),
    covers="Votes on adopted resolutions since 25 January 1946.",
    defects=(
        "The address names the edition of 6 February 2026; a newer file is named with --from.",
        "The library may ask for a browser: then download the file there and name it with --from.",
        "Adopted texts only: vetoed and other failed drafts are not in it; see the dataset vetoes.",
        (
            "Texts adopted without a vote are printed with a letter for every member; they are kept as "
            "outcomes by consensus and have no positions."
        ),
        "One seat of China throughout; until 25 October 1971 the Republic of China held it.",
    ),
    parse=parse,
)
