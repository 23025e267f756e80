"""Bodies, memberships, and the ways out of bodies (the last in `exits.py`).

What was decided by hand lies in `decisions/bodies*.csv`, `blocs_*.csv`, `memberships_*.csv`,
`exits_*.csv` and `exit_rules_*.csv`. A source cell that begins with `@` names a row of a fact file.
Numbers of members that were found later stand in `bodies_members.csv`.

Rule for `un_system`: organs, subsidiary bodies, funds, programmes, specialised agencies and related
organisations of the United Nations, and treaties served by a unit of its secretariat. For the items
of a list that sorts its own items into two classes, the class of the list is kept.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import exits
from common import SHIPPABLE, Build, Fact
from references import sources_in

# The fact base calls candidates also those whom BRICS invited.
INVITING = {"brics"}
MERGED = {"unfccc-cop": "the Conference of the Parties is kept under unfccc"}


def convert(build: Build) -> None:
    """Add bodies, memberships, exits and exit_rules."""
    _bodies(build)
    _memberships(build)
    exits.convert_exits(build)
    exits.convert_rules(build)


def _bodies(build: Build) -> None:
    decided = {row["id"]: row for row in build.decisions("bodies")}
    counted = {row["body_id"]: row for row in build.decisions("bodies_members")}
    for fact in build.facts("bodies"):
        if fact["id"] in MERGED:
            build.left_out(fact, MERGED[fact["id"]])
            continue
        row = decided[fact["id"]]
        verified = fact["verified_fields"]
        founded = fact["founded"] if "founded" in verified else ""
        members = fact["members_count"] if "members_count" in verified else ""
        seen = [("founded", founded), ("members_n", members), ("ended", row["ended"])]
        made = _where_from(build, fact, row) | {
            "body_id": build.body(fact["id"]),
            "kind": fact["kind"],
            "parent": _parent(build, fact, row),
            "un_system": row["un_system"],
            "founded": founded,
            "founded_basis": row["founded_basis"] if founded else "",
            "ended": row["ended"],
            "members_n": members,
            "members_as_of": (row["members_as_of"] or fact["members_as_of"]) if members else "",
            "members_basis": "count" if members else "",
            "verified_fields": ";".join(name for name, value in seen if value),
            "note": row["note"],
        }
        if found := counted.pop(made["body_id"], None):
            made |= _counted(build, made, found)
        build.add("bodies", made)
    if counted:
        raise LookupError(f"numbers of members of bodies that are not listed: {sorted(counted)}")
    for extra in build.decisions("bodies_extra"):
        fixed = {key: extra[key] for key in ("body_id", "kind", "parent", "un_system", "as_of")}
        source = build.source(extra["source_url"], extra["source_title"])
        build.add("bodies", fixed | {"source_id": source, "confidence": "verified"})


def _counted(build: Build, made: dict[str, str], found: dict[str, str]) -> dict[str, str]:
    """Return the columns that change with a number of members and its sources."""
    ids = [*made["source_id"].split(";"), *_two(build, found)]
    seen = {*made["verified_fields"].split(";"), "members_n"}
    return {
        "members_n": found["members_n"],
        "members_as_of": found["members_as_of"],
        "members_basis": found["members_basis"],
        "verified_fields": ";".join(n for n in ("founded", "members_n", "ended") if n in seen),
        "source_id": ";".join(dict.fromkeys(ids)),
        "as_of": max(made["as_of"], found["as_of"]),
        "note": " ".join(text for text in (made["note"], found["note"]) if text),
    }


def _two(build: Build, row: dict[str, str]) -> list[str]:
    """Register one or two addresses of a decision file."""
    pairs = ((row["url"], row["title"]), (row["url_2"], row["title_2"]))
    return [build.source(url, title, "2026-11-25") for url, title in pairs if url]


def _parent(build: Build, fact: Fact, row: dict[str, str]) -> str:
    parent = row["parent"] or fact["parent"]
    return "" if parent in ("", "-") else build.body(parent)


def _where_from(build: Build, fact: Fact, row: dict[str, str]) -> dict[str, str]:
    """Return the sourced columns, and account for the fact."""
    if fact["confidence"] in SHIPPABLE:
        dropped = [
            name
            for name, key in (("founded", "founded"), ("members_count", "members_count"))
            if fact[key] and name not in fact["verified_fields"]
        ]
        if dropped:
            build.corrected(fact, "cells without a source dropped: " + ", ".join(dropped))
        else:
            build.kept(fact)
        common = build.common(fact)
        if row["url"]:
            common["source_id"] += ";" + sources_in(build, row["url"], row["title"])[0]
        return common
    if not row["url"]:
        raise ValueError(f"body {fact['id']} has no source")
    source_id, as_of = sources_in(build, row["url"], row["title"])
    build.upgraded(fact, f"exists by {source_id}; cells without a source dropped")
    return {"source_id": source_id, "as_of": row["as_of"] or as_of, "confidence": "verified"}


def _memberships(build: Build) -> None:
    upgrades = {(r["bloc"], r["state"]): r for r in build.decisions("blocs_upgrades")}
    patterns = [(re.compile(r["pattern"]), r["note"]) for r in build.decisions("blocs_notes")]
    for fact in build.facts("blocs"):
        body = build.body(fact["bloc"])
        inviting = fact["status"] == "candidate" and body in INVITING
        row = {
            "body_id": body,
            "state_id": build.state(fact["state"]),
            "status": "invited" if inviting else fact["status"],
            "start": fact["start"],
            "start_precision": "" if fact["date_precision"] == "none" else fact["date_precision"],
            "end": day_after(fact["end"]),
            "end_precision": fact["date_precision"] if fact["end"] else "",
            "note": _bloc_note(patterns, fact["note"]),
        }
        found = upgrades.get((fact["bloc"], fact["state"]))
        if fact["confidence"] in SHIPPABLE:
            build.add("memberships", build.common(fact) | row)
            _account(build, fact, inviting)
        elif found:
            build.add("memberships", row | _upgrade(build, fact, found))
        else:
            build.left_out(fact, "unverified, and no source was found")
    _add_suspensions(build)
    _add_listed(build)


def _account(build: Build, fact: Fact, inviting: bool) -> None:
    if inviting:
        build.corrected(fact, "status: invited, as the note says")
    elif fact["end"]:
        build.corrected(fact, "end: the inclusive last day became the first day no longer")
    else:
        build.kept(fact)


def _upgrade(build: Build, fact: Fact, found: dict[str, str]) -> dict[str, str]:
    start = "" if found["start"] == "-" else found["start"] or fact["start"]
    ids = [build.source(found["url"], found["title"])]
    if found["url_2"]:
        ids.append(build.source(found["url_2"], found["title_2"]))
    build.upgraded(fact, f"found in {';'.join(ids)}")
    return {
        "start": start,
        "start_precision": found["date_precision"],
        "source_id": ";".join(ids),
        "as_of": found["as_of"],
        "confidence": "two_sources" if len(ids) > 1 else "verified",
        "note": found["note"],
    }


def _bloc_note(patterns: list[tuple[re.Pattern[str], str]], text: str) -> str:
    if not text:
        return ""
    for pattern, note in patterns:
        if pattern.fullmatch(text):
            return note
    raise LookupError(f"no decision on the note {text!r}")


def _add_suspensions(build: Build) -> None:
    """Add the suspensions that only exits.csv knows, each with its lifting."""
    known = {row["exit_id"]: row for row in exits.rows(build)}
    for row in build.decisions("memberships_added"):
        steps = [known[row["start_exit"]], known[row["end_exit"]]]
        ids = [i for step in steps for i in step["source_id"].split(";")]
        keep = ("status", "start", "start_precision", "end", "end_precision", "note")
        build.add(
            "memberships",
            {key: row[key] for key in keep}
            | {
                "body_id": row["body"],
                "state_id": row["state"],
                "source_id": ";".join(dict.fromkeys(ids)),
                "as_of": max(step["as_of"] for step in steps),
                "confidence": "verified",
            },
        )


def _add_listed(build: Build) -> None:
    """Add lists of members that were read in sources; exits name the steps that bound a spell."""
    known = {row["exit_id"]: row for row in exits.rows(build)}
    for row in build.decisions("memberships_listed"):
        ids = _two(build, row)
        for step in filter(None, row["exits"].split(";")):
            ids += known[step]["source_id"].split(";")
        keep = ("status", "start", "start_precision", "end", "end_precision", "as_of", "note")
        build.add(
            "memberships",
            {key: row[key] for key in keep}
            | {
                "body_id": row["body"],
                "state_id": row["state"],
                "source_id": ";".join(dict.fromkeys(ids)),
                "confidence": "two_sources",
            },
        )


def day_after(day: str) -> str:
    """Turn an inclusive last day into the first day no longer."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat() if day else ""
