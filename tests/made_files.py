"""Small files in the forms of publishers, written for tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

GA_COLUMNS = [
    "undl_id",
    "ms_code",
    "ms_name",
    "ms_vote",
    "date",
    "session",
    "resolution",
    "draft",
    "committee_report",
    "meeting",
    "title",
    "agenda_title",
    "subjects",
    "vote_note",
    "total_yes",
    "total_no",
    "total_abstentions",
    "total_non_voting",
    "total_ms",
    "undl_link",
]
SC_COLUMNS = [
    "undl_id",
    "ms_code",
    "ms_name",
    "permanent_member",
    "ms_vote",
    "date",
    "resolution",
    "draft",
    "meeting",
    "description",
    "agenda",
    "subjects",
    "vote_note",
    "modality",
    "total_yes",
    "total_no",
    "total_abstentions",
    "total_non_voting",
    "total_ms",
    "undl_link",
]
NAMES = {"FJI": "FIJI", "TON": "TONGA", "KEN": "KENYA", "PER": "PERU"}
PARIS_HEAD = "Code,Name,Signature,Ratification,Kind,Date-Of-Effect,Emissions,Percentage,Year\n"
PARIS = (
    PARIS_HEAD
    + "FJI,Fiji,2016-04-22,2016-04-22,Ratification,2016-11-04,2196,0.01,2004\n"
    + "PER,Peru,2016-04-22,2016-07-25,Ratification,2016-11-04,80591,0.22,2000\n"
)
PARIS_NEWER = PARIS + "KEN,Kenya,2016-04-22,2016-12-28,Ratification,2017-01-27,21468,0.06,1994\n"


def ga_rows(
    number: int, day: str, votes: Mapping[str, str], symbol: str = "", **own: str
) -> list[dict[str, str]]:
    """Return the rows of one roll call of the General Assembly; totals are those of the letters."""
    letters = [v.strip().upper() for v in votes.values()]
    absent = sum(letter not in ("Y", "N", "A") for letter in letters)
    shared = {
        "undl_id": str(number),
        "date": day,
        "session": str(int(day[:4]) - 1945),
        "resolution": symbol or f"A/RES/{int(day[:4]) - 1945}/{number}",
        "title": f"Question {number} : resolution / adopted by the General Assembly",
        "agenda_title": "QUESTIONS",
        "total_yes": str(letters.count("Y")),
        "total_no": str(letters.count("N")),
        "total_abstentions": str(letters.count("A")),
        "total_non_voting": str(absent),
        "total_ms": str(len(letters)),
        "undl_link": f"https://digitallibrary.un.org/record/{number}",
        **own,
    }
    return [
        {**shared, "ms_code": code, "ms_name": NAMES.get(code, code), "ms_vote": vote}
        for code, vote in votes.items()
    ]


def written(rows: Iterable[Mapping[str, str]], columns: Iterable[str] = GA_COLUMNS) -> str:
    """Return rows as CSV in the columns given."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(
        text, list(columns), restval="", extrasaction="ignore", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


GA = written(
    [
        *ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "Y", "KEN": "N", "PER": "A"}),
        *ga_rows(2, "2019-11-01", {"FJI": "Y", "TON": "X", "KEN": "Y", "PER": "Y"}),
        *ga_rows(3, "2020-11-02", {"FJI": "N", "TON": "N", "KEN": "Y", "PER": "Y"}),
    ]
)
GA_NEWER = written(
    [
        *ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "Y", "KEN": "A", "PER": "A"}),
        *ga_rows(3, "2020-11-02", {"FJI": "N", "TON": "N", "KEN": "Y", "PER": "Y"}),
        *ga_rows(4, "2021-11-03", {"FJI": "Y", "TON": "Y", "KEN": "Y", "PER": "X"}),
    ]
)
