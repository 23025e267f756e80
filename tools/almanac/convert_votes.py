"""Votes: headline roll calls with the positions that a source names, and vetoes since 1946."""

from __future__ import annotations

import re
from collections import Counter

from common import SHIPPABLE, Build, Fact

READ_ON = "2026-11-24"
KEPT = "="
# As the fact base writes a resolution, and as the United Nations do.
SPELLINGS = (
    (r"R/(\d+/\d+)", r"A/RES/\1"),
    (r"((?:ES-)?\d+/\d+)", r"A/RES/\1"),
    (r"(\d+)", r"S/RES/\1"),
    (r"(A/RES/.+|A/\d+/L\.\d+|S/\d+/\d+)", r"\1"),
)
DRAFT = r"S/(\d{4}/)?\d+(/(Rev|Corr)\.\d+)?"


def convert(build: Build) -> None:
    """Write roll_calls.csv, positions.csv and vetoes.csv."""
    _roll_calls(build)
    _vetoes(build)


def symbol_of(resolution: str) -> str:
    """Return a document symbol in its one spelling; empty stays empty."""
    for pattern, spelling in SPELLINGS:
        if match := re.fullmatch(pattern, resolution):
            return match.expand(spelling)
    if resolution:
        raise ValueError(f"{resolution!r} is not a resolution")
    return ""


def _roll_calls(build: Build) -> None:
    titles = {row["title"]: row for row in build.decisions("votes_titles")}
    topics = {row["topic"]: row for row in build.decisions("topics")}
    decided = {(r["body"], r["resolution"], r["date"]): r for r in build.decisions("votes")}
    for fact in build.facts("votes_reference"):
        decision = decided.pop((fact["body"], fact["resolution"], fact["date"]), {})
        if decision.get("left_out"):
            build.left_out(fact, decision["left_out"])
            continue
        common = _sources(build, fact, decision)
        symbol = decision.get("symbol", KEPT)
        symbol = symbol_of(fact["resolution"]) if symbol == KEPT else symbol
        body = build.body(fact["body"])
        identifier = f"{body}:{symbol or fact['date']}"
        title = titles[fact["title"]]
        row = {"roll_call_id": identifier, "body_id": body, "symbol": symbol}
        row |= {name: title[name] for name in ("title_en", "title_zh")}
        row |= {name: fact[name] for name in ("topic", "date", "date_precision")}
        row |= topics[fact["topic"]]
        row |= {f"{name}_n": fact[name] for name in ("yes", "no", "abstain")}
        row["adopted"] = "no" if "(vetoed)" in fact["title"] else "yes"
        build.add("roll_calls", common | row | {"note": decision.get("note", "")})
        for state, position in sorted(_positions(fact, decision).items()):
            row = {"roll_call_id": identifier, "state_id": build.state(state)}
            build.add("positions", common | row | {"position": position})
    _all_used(decided)


def _positions(fact: Fact, decision: dict[str, str]) -> dict[str, str]:
    """Return the positions that the lists name; a list and the column on one state must agree."""
    lists = {
        "no": (fact["against_list"], decision.get("no", "")),
        "abstain": (fact["abstain_list"], decision.get("abstain", "")),
        "yes": ("", decision.get("yes", "")),
    }
    found: dict[str, str] = {}
    for position, texts in lists.items():
        for state in filter(None, ";".join(texts).split(";")):
            if found.setdefault(state, position) != position:
                raise ValueError(f"{state} stands in two lists of {fact['resolution']}")
    if fact["us_vote"] and found.setdefault("USA", fact["us_vote"]) != fact["us_vote"]:
        raise ValueError(f"votes_reference.csv:{fact.line}: us_vote differs from the lists")
    return found


def _vetoes(build: Build) -> None:
    topics = build.decisions("veto_topics")
    decided = {(r["date"], r["draft_symbol"]): r for r in build.decisions("vetoes")}
    used: set[tuple[str, str]] = set()
    number: Counter[str] = Counter()
    for fact in build.facts("vetoes"):
        key = fact["date"], fact["draft_symbol"]
        decision = decided.get(key, {})
        used.add(key)
        number[fact["date"]] += 1
        topic = _topic(topics, fact)
        row = _sources(build, fact, decision) | {"note": decision.get("note", "")}
        row |= {"veto_id": f"{fact['date']}-{number[fact['date']]}", "date": fact["date"]}
        row |= {"symbol": _draft(fact, decision), "kind": fact["kind"]}
        row |= {"meeting": decision.get("meeting") or fact["meeting_record"]}
        row |= {"topic_en": topic["topic_en"], "topic_zh": topic["topic_zh"]}
        for state in fact["vetoing_states_historic"].split(";"):
            build.add("vetoes", row | {"state_id": build.state(state)})
    _all_used({key: row for key, row in decided.items() if key not in used})


def _draft(fact: Fact, decision: dict[str, str]) -> str:
    """Return the draft's symbol; a meeting record is not one."""
    symbol = decision.get("symbol", KEPT)
    symbol = fact["draft_symbol"] if symbol == KEPT else symbol
    if symbol.startswith("S/PV."):
        return ""
    if symbol and not re.fullmatch(DRAFT, symbol):
        raise ValueError(f"{symbol!r} is not the symbol of a draft")
    return symbol


def _topic(topics: list[dict[str, str]], fact: Fact) -> dict[str, str]:
    """Return the topic whose words in the agenda item are the most exact."""
    fitting = [
        row
        for row in topics
        if row["topic"] == fact["topic"] and row["agenda"] in fact["agenda_item"]
    ]
    if not fitting:
        raise LookupError(f"vetoes.csv:{fact.line} has no topic")
    return max(fitting, key=lambda row: len(row["agenda"]))


def _sources(build: Build, fact: Fact, decision: dict[str, str]) -> dict[str, str]:
    """Return the common columns and account for the fact."""
    found = [
        build.source(decision[f"source_url{n}"], decision[f"source_title{n}"], READ_ON)
        for n in ("", "_2", "_3")
        if decision.get(f"source_url{n}")
    ]
    if fact["confidence"] not in SHIPPABLE:
        if not found:
            raise ValueError(f"{fact.file}.csv:{fact.line} is {fact['confidence']}")
        build.upgraded(fact, decision.get("change") or "found in a source")
        own: list[str] = []
        as_of = READ_ON
    else:
        own = build.sources_of(fact).split(";")
        as_of = fact["as_of"]
        if decision.get("change"):
            build.corrected(fact, decision["change"])
        else:
            build.kept(fact)
    confidence = decision.get("confidence") or fact["confidence"]
    ids = ";".join(dict.fromkeys([*own, *found]))
    return {"source_id": ids, "as_of": as_of, "confidence": confidence, "note": ""}


def _all_used(left: dict[tuple[str, ...], dict[str, str]]) -> None:
    if left:
        raise LookupError(f"decisions without a fact: {sorted(left)}")
