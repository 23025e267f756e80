"""Steps out of bodies and back, and the clauses that rule them."""

from __future__ import annotations

import re

from common import SHIPPABLE, Build, Fact
from references import sources_in

LIST_ITEM = re.compile(r"memorandum list item \((a|b)\)(\d+)")
LIST_ID = "USA-2026-01-07"
UN_MEANING = " For UN entities the memorandum means an end of participation or funding."


def convert_exits(build: Build) -> None:
    """Add exits, and account for every fact row."""
    for row in rows(build, account=True):
        build.add("exits", row)


def rows(build: Build, account: bool = False) -> list[dict[str, str]]:
    """Return the rows of exits.csv."""
    upgrades = {row["id"]: row for row in build.decisions("exits_upgrades")}
    changes = {row["id"]: row for row in build.decisions("exits_changes")}
    reasons = {row["reason"]: row for row in build.decisions("exits_reasons")}
    out = []
    for fact in build.facts("exits"):
        change = changes.get(fact["id"], {})
        found = upgrades.get(fact["id"], {})
        sourced = fact["confidence"] in SHIPPABLE
        if change.get("left_out"):
            if account:
                build.left_out(fact, change["left_out"])
            continue
        if not sourced and not found:
            if account:
                build.left_out(fact, "unverified, and no source was found")
            continue
        if account:
            _account(build, fact, change, found)
        out.append(
            (_common(build, fact, change) if sourced else _found(build, found))
            | {
                "exit_id": fact["id"],
                "state_id": build.state(fact["state"]),
                "body_id": build.body(fact["body_id"]),
                "action": change.get("action") or fact["action"],
                "date": change.get("date") or fact["date"],
                "date_precision": change.get("date_precision") or fact["date_precision"],
                "status": fact["status"],
                "notice_period": fact["notice_period"],
                "list_id": LIST_ID if LIST_ITEM.match(fact["note"]) else "",
                "note": _note(fact, change, found),
            }
            | _reason(reasons, fact["stated_reason"])
        )
    return out + [_added(build, reasons, row) for row in build.decisions("exits_added")]


def _common(build: Build, fact: Fact, change: dict[str, str]) -> dict[str, str]:
    """Return the sourced columns, with a later page where one was read."""
    common = build.common(fact)
    if change.get("url"):
        ids, as_of = sources_in(build, change["url"], change["title"])
        every = dict.fromkeys(f"{common['source_id']};{ids}".split(";"))
        return {
            "source_id": ";".join(every),
            "as_of": as_of or change["as_of"],
            "confidence": "two_sources" if len(every) > 1 else common["confidence"],
        }
    return common | ({"as_of": change["as_of"]} if change.get("as_of") else {})


def _found(build: Build, row: dict[str, str]) -> dict[str, str]:
    ids = [build.source(row["url"], row["title"])]
    if row["url_2"]:
        ids.append(build.source(row["url_2"], row["title_2"]))
    confidence = "two_sources" if len(ids) > 1 else "verified"
    return {"source_id": ";".join(ids), "as_of": row["as_of"], "confidence": confidence}


def _note(fact: Fact, change: dict[str, str], found: dict[str, str]) -> str:
    if found:
        return found["note"] or change.get("note", "")
    if change.get("note"):
        return change["note"]
    item = LIST_ITEM.match(fact["note"])
    if item:
        part, number = item.groups()
        return f"List item ({part}) {number}." + (UN_MEANING if part == "b" else "")
    if fact["note"] and not change:
        raise LookupError(f"{fact['id']}: no decision on the note {fact['note']!r}")
    return ""


def _reason(reasons: dict[str, dict[str, str]], text: str) -> dict[str, str]:
    if not text:
        return {}
    return {key: reasons[text][key] for key in ("reason_en", "reason_zh")}


def _added(build: Build, reasons: dict[str, dict[str, str]], row: dict[str, str]) -> dict[str, str]:
    ids = [sources_in(build, row["url"], row["title"])[0]]
    if row["url_2"]:
        ids.append(sources_in(build, row["url_2"], row["title_2"])[0])
    same = ("exit_id", "action", "date", "date_precision", "notice_period", "as_of", "note")
    return (
        {key: row[key] for key in (*same, "confidence")}
        | {
            "state_id": row["state"],
            "body_id": row["body"],
            "status": "occurred",
            "source_id": ";".join(dict.fromkeys(";".join(ids).split(";"))),
        }
        | _reason(reasons, row["reason"])
    )


def _account(build: Build, fact: Fact, change: dict[str, str], found: dict[str, str]) -> None:
    cells = ("action", "date", "date_precision")
    changed = [name for name in cells if change.get(name, "") not in ("", fact[name])]
    what = f"{', '.join(changed)} changed: {change['why'] or 'as found'}" if changed else ""
    if found:
        build.upgraded(fact, f"found in {found['title']}" + (f"; {what}" if what else ""))
    elif changed:
        build.corrected(fact, what)
    else:
        build.kept(fact)


def convert_rules(build: Build) -> None:
    """Add exit_rules; clauses that nobody read stay out."""
    texts = {(r["body"], r["who"]): r for r in build.decisions("exit_rules_texts")}
    upgrades = {(r["body"], r["who"]): r for r in build.decisions("exit_rules_upgrades")}
    for fact in build.facts("exit_rules"):
        key = fact["body"], fact["who"]
        sourced = fact["confidence"] in SHIPPABLE
        if not sourced and key not in upgrades:
            build.left_out(fact, "from memory, and the clause was not found")
            continue
        text = texts[key]
        same = ("effective_en", "effective_zh", "article_en", "article_zh", "conditions", "note")
        build.add(
            "exit_rules",
            _clause_source(build, fact, upgrades.get(key))
            | {name: text[name] for name in same}
            | {
                "body_id": build.body(fact["body"]),
                "who": text["who_out"],
                "notice_period": text["notice_period"] or fact["notice_period"],
            },
        )
        if not sourced:
            build.upgraded(fact, f"found in {upgrades[key]['title']}")
        elif text["who_out"] != fact["who"]:
            build.corrected(fact, "parts from memory left out")
        else:
            build.kept(fact)


def _clause_source(build: Build, fact: Fact, found: dict[str, str] | None) -> dict[str, str]:
    """Return the sourced columns of a clause, with the page where more of it was read."""
    if fact["confidence"] not in SHIPPABLE:
        return _found(build, found or {})
    common = build.common(fact)
    if found:
        common["source_id"] += ";" + _found(build, found)["source_id"]
    return common
