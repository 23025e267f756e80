"""What the converters of meetings share: dates, found sources, decisions by key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from common import SHIPPABLE, Build, Fact

TODAY = "2026-11-24"
Decisions = dict[tuple[str, ...], dict[str, str]]


def day_after(iso: str) -> str:
    """Return the day after an ISO date, so that an interval is half-open; empty stays empty."""
    return (date.fromisoformat(iso) + timedelta(days=1)).isoformat() if iso else ""


def keyed(rows: list[dict[str, str]], *names: str) -> Decisions:
    """Return decision rows by key; a key that comes twice is an error."""
    out: Decisions = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        if key in out:
            raise ValueError(f"decision {key} comes twice")
        out[key] = row
    return out


def details(
    offices: Decisions, text: str, state_id: str, found: Mapping[str, str]
) -> dict[str, str]:
    """Return who led a delegation in both languages: as decided, else by the printed office.

    An office may have another Chinese name in one state than in others.
    """
    office = offices.get((text, state_id)) or offices[text, ""]
    row = {name: found.get(name) or office[name] for name in ("detail_en", "detail_zh")}
    return row | {"delegation_n": found.get("delegation_n", "")}


def found_sources(build: Build, found: Mapping[str, str]) -> list[str]:
    """Register the pages that a decision names and return their source ids."""
    return [
        build.source(found[f"source_url{n}"], found[f"source_title{n}"], TODAY)
        for n in ("", "_2")
        if found.get(f"source_url{n}")
    ]


def of_fact(build: Build, fact: Fact, found: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return the common columns of a fact, with what a decision found; None if it may not ship."""
    found = found or {}
    pages = found_sources(build, found)
    if fact["confidence"] in SHIPPABLE:
        row = build.common(fact)
        row["source_id"] = ";".join(dict.fromkeys([*row["source_id"].split(";"), *pages]))
    elif pages:
        row = {"source_id": ";".join(pages), "as_of": TODAY, "note": "", "confidence": "verified"}
    else:
        return None
    changes = {name: found.get(name, "") for name in ("confidence", "as_of", "note")}
    return row | {name: value for name, value in changes.items() if value}


def of_found(build: Build, found: Mapping[str, str]) -> dict[str, str]:
    """Return the common columns of a row that is not in the facts but was read in a page."""
    return {
        "source_id": ";".join(found_sources(build, found)),
        "confidence": found["confidence"],
        "as_of": found.get("as_of") or TODAY,
        "note": found["note"],
    }


def account(build: Build, fact: Fact, row: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Say in the ledger whether a shipped fact stood, gained a source, or changed a cell."""
    page = found.get("source_url", "")
    if fact["confidence"] not in SHIPPABLE:
        build.upgraded(fact, f"found in {page}")
        return
    changed = [
        name
        for name, value in found.items()
        if value and fact.get(name) and name in row and value != fact[name]
    ]
    changed = [name for name in changed if name not in ("confidence", "as_of", "note")]
    if changed:
        build.corrected(fact, f"{', '.join(changed)} from {page or 'the note of the row'}")
    elif page:
        build.upgraded(fact, f"more in {page}")
    else:
        build.kept(fact)
