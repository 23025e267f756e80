"""The forms in which revenue of the United Nations system is published: lines of all in one frame."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

import polars as pl

from .files import RawFile
from .formats.text import decode, read_rows
from .source import bad

GOVERNMENT = "Government"
STATUSES = {"member": True, "nonmember": True, "observer": True, "organization": False}
"""Status of a contributor in the JSON files, and whether it is a government."""
_JSON_KEYS = {"status", "category", "contributions"}
_JSON_MORE = {"is_other", "payment_status", "payment_date"}
LONG = ("year", "contributor", "status", "category", "agency", "revenue_type", "amount_usd")
GOVERNMENTS = ("government_donor", "entity", "rev_type", "calendar_year", "amount")
OTHERS = ("donor", "entity", "rev_type", "calendar_year", "amount")
AGENCIES = ("agency", "sub_agency", "calendar_year", "amount", "rev_type", "sub_type")
STAGES = {
    "assessed": "assessed",
    "assessed contributions": "assessed",
    "r01": "assessed",
    "voluntary un-earmarked": "voluntary_unearmarked",
    "voluntary core (un-earmarked) contributions": "voluntary_unearmarked",
    **dict.fromkeys(("r02", "r02a", "r02b", "r08", "r08b"), "voluntary_unearmarked"),
    "voluntary earmarked": "voluntary_earmarked",
    "voluntary non-core (earmarked) contributions": "voluntary_earmarked",
    **dict.fromkeys(("r03", "r03a", "r03b", "r03c", "r03d", "r03e", "r03f"), "voluntary_earmarked"),
    **dict.fromkeys(("r07", "r09", "r10", "r11", "r12"), "voluntary_earmarked"),
    "other": "other",
    "revenue from other activities": "other",
    **dict.fromkeys(("r04", "r04a", "r04b", "r04c", "r05"), "other"),
}
"""Types of revenue, in words and as codes, and our stage."""
_AMOUNT = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
_SPACES = re.compile(r"[ \u00a0\u202f]")
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
LINE = {
    "year": pl.Int64,
    "payer": pl.String,
    "payer_kind": pl.String,
    "government": pl.Boolean,
    "agency": pl.String,
    "stage": pl.String,
    "amount_usd": pl.Float64,
}
Line = tuple[int, str, str | None, bool, str, str, float | None]


def as_frame(lines: Iterable[Line]) -> pl.DataFrame:
    """Return lines of any form as one frame; an amount that is not there is null."""
    return pl.DataFrame(list(lines), schema=LINE, orient="row")


def from_json(raw: RawFile, year: int) -> Iterable[Line]:
    """Yield the rows of one year's JSON file: contributor, agency, type, amount."""
    try:
        told = json.loads(decode(raw, "utf-8-sig"), object_pairs_hook=_once, parse_constant=_no)
    except ValueError as error:
        raise bad(raw.name, f"is not JSON of the expected form: {error}") from None
    if not isinstance(told, dict):
        raise bad(raw.name, "is not an object of contributors")
    for payer, said in told.items():
        if not isinstance(said, dict) or not set(said) >= _JSON_KEYS:
            raise bad(raw.name, f"{payer!r} lacks one of {', '.join(sorted(_JSON_KEYS))}")
        if strange := set(said) - _JSON_KEYS - _JSON_MORE:
            raise bad(raw.name, f"{payer!r} has {min(strange)!r}, which this loader does not know")
        government = _status(raw, said["status"], payer)
        if not isinstance(said["contributions"], dict):
            raise bad(raw.name, f"contributions of {payer!r} are not an object of agencies")
        for agency, types in said["contributions"].items():
            if not isinstance(types, dict):
                raise bad(raw.name, f"{payer!r}, {agency!r}: not an object of types of revenue")
            for kind, amount in types.items():
                if amount is not None and (
                    type(amount) not in (int, float) or not isfinite(amount)
                ):
                    raise bad(raw.name, f"{payer!r}, {agency!r}: {amount!r} is not an amount")
                stage = _stage(raw, kind, None)
                value = None if amount is None else float(amount)
                yield year, payer, str(said["category"]), government, agency, stage, value


def from_long(raw: RawFile) -> Iterable[Line]:
    """Yield the rows of the JSON files as one long table."""
    frame = read_rows(raw, LONG)
    _check_repeats(raw, frame, LONG[:6])
    for line in frame.iter_rows(named=True):
        row = line["_row"]
        yield (
            _year(raw, line["year"], row),
            line["contributor"],
            line["category"],
            _status(raw, line["status"], row),
            _named(raw, line["agency"], row),
            _stage(raw, line["revenue_type"], row),
            _amount(raw, line["amount_usd"], row),
        )


def from_donors(raw: RawFile, government: bool) -> Iterable[Line]:
    """Yield the rows of the Board's file of government donors, or of other donors."""
    columns = GOVERNMENTS if government else OTHERS
    frame = read_rows(raw, columns, optional=("_currency", "contrib_type"))
    if government:
        _check_repeats(raw, frame, columns)
    for line in frame.iter_rows(named=True):
        row = line["_row"]
        if line["_currency"] not in ("", "USD"):
            raise bad(raw.name, f"{line['_currency']!r} is not USD", row=row)
        kind = line["contrib_type"] or (GOVERNMENT if government else None)
        payer = line[columns[0]].strip()
        if government and not payer:
            raise bad(raw.name, "a government donor without a name", row=row)
        yield (
            _year(raw, line["calendar_year"], row),
            payer,
            kind,
            government,
            _named(raw, line["entity"], row),
            _stage(raw, line["rev_type"], row),
            _amount(raw, line["amount"], row),
        )


def from_agencies(raw: RawFile) -> Iterable[Line]:
    """Yield the rows of the Board's file of agencies; type and code of type must agree."""
    for line in read_rows(raw, AGENCIES, passed_over=("sub_type_name",)).iter_rows(named=True):
        row = line["_row"]
        stage = _stage(raw, line["rev_type"], row)
        if _stage(raw, line["sub_type"], row) != stage:
            problem = f"type {line['rev_type']!r} and code {line['sub_type']!r} do not agree"
            raise bad(raw.name, problem, row=row)
        agency, amount = _named(raw, line["agency"], row), _amount(raw, line["amount"], row)
        yield _year(raw, line["calendar_year"], row), "", None, False, agency, stage, amount


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; a key that stands twice is an error, not the last one's."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        raise ValueError(f"{twice!r} stands twice")
    return found


def _no(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")


def _check_repeats(raw: RawFile, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    twice = frame.filter(frame.select(columns).is_duplicated())
    if twice.height:
        said = ", ".join(twice.select(columns).row(0))
        raise bad(raw.name, f"the row stands twice: {said}", row=twice["_row"][1])


def year_of(raw: RawFile) -> int:
    """Return the year of a JSON file, which only its name gives."""
    found = {match.group() for match in _YEAR.finditer(raw.name)}
    if len(found) != 1:
        raise bad(
            raw.name,
            "the file's name does not give its one year, and nothing inside does",
            hint="Name it donors-YYYY.json.",
        )
    return int(found.pop())


def _year(raw: RawFile, text: str, row: int) -> int:
    if not _YEAR.fullmatch(text.strip()):
        raise bad(raw.name, f"{text!r} is not a year", row=row)
    return int(text)


def _status(raw: RawFile, text: Any, at: int | str) -> bool:
    if text not in STATUSES:
        who = f"{at!r}: " if isinstance(at, str) else ""
        row = at if isinstance(at, int) else None
        raise bad(raw.name, f"{who}{text!r} is no status of a contributor", row=row)
    return STATUSES[text]


def _stage(raw: RawFile, text: str, row: int | None) -> str:
    stage = STAGES.get(text.strip().lower())
    if stage is None:
        raise bad(raw.name, f"{text!r} is not a type of revenue that this loader knows", row=row)
    return stage


def _named(raw: RawFile, text: str, row: int) -> str:
    if not text.strip():
        raise bad(raw.name, "no agency", row=row)
    return text.strip()


def _amount(raw: RawFile, text: str, row: int) -> float | None:
    """Return an amount with blanks between thousands; None where there is none, or only a dash."""
    plain = _SPACES.sub("", text)
    if plain in ("", "-"):
        return None
    if not _AMOUNT.fullmatch(plain):
        raise bad(raw.name, f"{text!r} is not an amount", row=row)
    return float(plain)


def is_json(raw: RawFile) -> bool:
    """Say whether this is a JSON file of contributors."""
    head = raw.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"{") and b'"contributions"' in head and b'"status"' in head
