"""Voting weights: one row per body, edition and member; editions of a body are never mixed.

The members of the Security Council before the first year of the fact base stand, with their
sources, in `decisions/council_members.csv`; every day on which one of them changes begins an edition.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from common import SHIPPABLE, Build, Fact

# Only these bodies have members with different kinds of seat.
SEATS = {
    ("UNSC", "permanent_veto"): "permanent",
    ("UNSC", "elected"): "elected",
    ("NDB", "founding member"): "founding",
    ("NDB", "member"): "member",
}
COUNCIL = "unsc"
COUNCIL_READ = "2026-11-25"
COUNCIL_AS_OF = "2026-07-02"


def convert(build: Build) -> None:
    """Write weights.csv."""
    editions = build.decisions("weights_editions")
    for fact in build.facts("weights"):
        edition = _edition(editions, fact)
        if edition["left_out"]:
            build.left_out(fact, edition["left_out"])
        elif fact["confidence"] not in SHIPPABLE:
            raise ValueError(f"weights.csv:{fact.line} is {fact['confidence']} and has no decision")
        elif edition["edition"] == "yearly":
            _add_seat_years(build, fact, edition)
        else:
            build.add("weights", _row(build, fact, edition))
            _account(build, fact, edition)
    _add_councils(build)


def _edition(editions: list[dict[str, str]], fact: Fact) -> dict[str, str]:
    keys = ("body", "valid_from", "basis", "as_of")
    found = [e for e in editions if all(e[key] in ("*", fact[key]) for key in keys)]
    if len(found) != 1:
        raise LookupError(f"weights.csv:{fact.line} fits {len(found)} editions")
    return found[0]


def _row(build: Build, fact: Fact, edition: dict[str, str]) -> dict[str, str]:
    by_votes = edition["weight_name"] in ("votes", "seat")
    printed = edition["total"] == "as_printed"
    return build.common(fact) | {
        "body_id": build.body(fact["body"]),
        "edition": edition["edition"],
        "weight_name": edition["weight_name"],
        "state_id": build.state(fact["state"]),
        "weight": fact["votes"] if by_votes else fraction(fact["share_pct"]),
        "total": fact["total_votes"] if printed else edition["total"],
        "start": edition["start"],
        "end": edition["end"],
        "basis": edition["basis_out"],
        "seat": SEATS.get((fact["body"], fact["seat"]), ""),
        "note": edition["note"],
    }


def _add_seat_years(build: Build, fact: Fact, edition: dict[str, str]) -> None:
    """Add one row for each calendar year of a term, so that an edition is a whole council.

    Last days of the facts are inclusive; years outside the edition's span lack other members.
    """
    first = max(fact["valid_from"], edition["start"])
    last = fact["valid_to"] or "9999-12-31"
    years = range(int(first[:4]), min(int(last[:4]) + 1, int(edition["end"][:4])))
    for year in years:
        span = {"edition": f"{year}-01-01", "start": f"{year}-01-01", "end": f"{year + 1}-01-01"}
        build.add("weights", _row(build, fact, edition) | span)
    build.corrected(fact, f"shown by calendar year, {len(years)} rows")


def _add_councils(build: Build) -> None:
    """Add the Security Council from its first meeting on: one edition from change to change."""
    pages = {page["key"]: page for page in build.decisions("council_sources")}
    terms = build.decisions("council_members")
    changes = sorted({day for term in terms for day in (term["start"], term["end"])})
    for start, end in pairwise(changes):
        sitting = [term for term in terms if term["start"] <= start < term["end"]]
        for term in sitting:
            found = [pages[key] for key in term["sources"].split(";")]
            ids = [build.source(p["url"], p["title"], COUNCIL_READ, p["publisher"]) for p in found]
            build.add(
                "weights",
                {
                    "body_id": COUNCIL,
                    "edition": start,
                    "weight_name": "seat",
                    "state_id": term["state_id"],
                    "weight": "1",
                    "total": str(len(sitting)),
                    "start": start,
                    "end": end,
                    "basis": "as_listed",
                    "seat": term["seat"],
                    "source_id": ";".join(ids),
                    "as_of": COUNCIL_AS_OF,
                    "confidence": "two_sources" if len(ids) > 1 else "verified",
                    "note": term["note"],
                },
            )


def _account(build: Build, fact: Fact, edition: dict[str, str]) -> None:
    if edition["basis_out"].replace("largest", "as_listed") != fact["basis"]:
        build.corrected(fact, "votes are as listed, only the share was computed")
    else:
        build.kept(fact)


def fraction(percent: str) -> str:
    """Return a percentage as a fraction of one, exactly."""
    return f"{Decimal(percent) / 100:f}"
