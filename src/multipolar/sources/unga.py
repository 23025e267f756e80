"""Recorded votes of the General Assembly, as the UN Digital Library publishes them."""

from __future__ import annotations

from . import undl
from .files import RawFile
from .source import MIB, FileKind, Files, Parsed, Source
from .states import States

PAGE = "https://digitallibrary.un.org/record/4060887"
_NEEDED = ("date", "resolution", "title", "undl_link")
_KNOWN = (
    "session",
    "draft",
    "committee_report",
    "meeting",
    "agenda_title",
    "subjects",
    "vote_note",
    "modality",
    "total_voting",
    *undl.TOTALS,
)


def _fits(raw: RawFile) -> bool:
    return undl.fits(raw, ("title",)) and "permanent_member" not in raw.header()


def parse(files: Files, states: States) -> Parsed:
    """Read roll calls and positions."""
    raw = files.one("votes")
    notes: list[str] = []
    rows, calls = undl.read(raw, _NEEDED, _KNOWN)
    calls = undl.roll_calls(raw, calls, "unga")
    placed = undl.positions(raw, rows, calls, states, notes)
    calls = undl.with_counts(calls, placed, notes)
    first, last = undl.dates(calls)
    return Parsed(
        edition=undl.edition(raw, last),
        tables={
            "roll_calls": undl.finished(calls, "unga", "title", "agenda_title"),
            "positions": undl.table_of_positions(raw, placed, calls),
        },
        rows_read=rows.height,
        rows_kept=placed.height,
        notes=notes,
        first=first,
        last=last,
    )


SOURCE = Source(
    name="unga",
    version=1,
    page=PAGE,
    hosts=("digitallibrary.un.org",),
    cite=(
        "United Nations Dag Hammarskjöld Library, General Assembly Voting Data, United Nations, "
        "https://digitallibrary.un.org/record/4060887."
    ),
    kinds=(
        FileKind(
            "votes",
            "the voting file of the General Assembly (CSV with ms_code, ms_name, ms_vote, title)",
            _fits,
            f"{PAGE}/files/2026_02_06_ga_voting.csv",
        ),
    ),
    covers="Recorded votes on adopted resolutions and decisions since 26 January 1946.",
    defects=(
        "The address names the edition of 6 February 2026; a newer file is named with --from.",
        "The library may ask for a browser: then download the file there and name it with --from.",
        "Adopted texts only: drafts that failed, amendments and separate votes are not in it.",
        "Votes as the voting machine recorded them; corrections announced later are not applied.",
        "Names are of the time or later than the time; the state is read from name and day.",
        "States are listed without a vote before their admission: these rows are `not_member`.",
        "A member that could not vote (seat frozen, suspended, in arrears) is printed like one that was absent.",
        "One seat of China throughout; until 25 October 1971 the Republic of China held it.",
    ),
    parse=parse,
    most_bytes=2048 * MIB,
)
