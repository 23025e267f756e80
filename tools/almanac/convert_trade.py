"""Trade: shares of the world economy as indicators; tariff actions, answers and agreements."""

from __future__ import annotations

import re

from common import SHIPPABLE, STATE_CODES, Build, Fact

UNITS = {
    "per cent of world": "percent_of_world",
    "USD billion, exports plus imports": "usd_billion",
}
FOUND_ON = "2026-11-24"


def convert(build: Build) -> None:
    """Write indicators.csv and trade_events.csv."""
    facts = build.facts("trade")
    _indicators(build, [fact for fact in facts if fact["record_type"] == "share"])
    _events(build, [fact for fact in facts if fact["record_type"] != "share"])


def _indicators(build: Build, facts: list[Fact]) -> None:
    rewrites = build.decisions("trade_notes")
    for fact in facts:
        if fact["confidence"] not in SHIPPABLE:
            build.left_out(fact, "no source")
            continue
        row = build.common(fact) | {
            "entity_id": build.state(fact["entity"]),
            "metric": fact["metric"],
            "year": fact["year"],
            "value": fact["value"],
            "unit": UNITS[fact["unit"]],
            "note": _rewritten(fact, rewrites),
        }
        build.add("indicators", row)
        build.kept(fact)


def _rewritten(fact: Fact, rewrites: list[dict[str, str]]) -> str:
    """Return the fact's note in short words, by the first rule that fits."""
    note = fact["note"].strip()
    for rule in rewrites if note else []:
        match = re.fullmatch(rule["pattern"], note)
        if match and rule["entity"] in ("*", STATE_CODES.get(fact["entity"], fact["entity"])):
            return match.expand(rule["note"])
    if note:
        raise LookupError(f"no rule for the note {note!r}")
    return ""


def _events(build: Build, facts: list[Fact]) -> None:
    decided = build.decisions("trade_facts")
    by_event: dict[str, list[Fact]] = {}
    for fact in facts:
        rule = _rule(decided, fact)
        by_event.setdefault(rule["event_id"], []).append(fact)
        if rule["outcome"] == "upgraded":
            build.upgraded(fact, f"{rule['event_id']}: {rule['why']}")
        elif fact["confidence"] not in SHIPPABLE:
            raise ValueError(f"trade.csv:{fact.line} is {fact['confidence']} and has no decision")
        elif rule["outcome"] == "corrected":
            build.corrected(fact, f"{rule['event_id']}: {rule['why']}")
        else:
            build.kept(fact)
    for event in build.decisions("trade_events"):
        build.add("trade_events", _row(build, event, by_event.get(event["event_id"], [])))


def _rule(decided: list[dict[str, str]], fact: Fact) -> dict[str, str]:
    found = [
        rule
        for rule in decided
        if all(rule[key] == fact[key] for key in ("date", "actor", "target"))
        and fact["instrument"].startswith(rule["instrument"])
    ]
    if len(found) != 1:
        raise LookupError(f"trade.csv:{fact.line} fits {len(found)} decisions")
    return found[0]


def _row(build: Build, event: dict[str, str], facts: list[Fact]) -> dict[str, str]:
    """Return the event; facts that had no source contribute nothing but the pointer to it."""
    sourced = [fact for fact in facts if fact["confidence"] in SHIPPABLE]
    ids = [i for fact in sourced for i in build.sources_of(fact).split(";")]
    titles = event["source_titles"].split(" | ")
    for url, title in zip(event["source_urls"].split(), titles, strict=bool(event["source_urls"])):
        ids.append(build.source(url, title, FOUND_ON))
    own = {key: value for key, value in event.items() if not key.startswith("source_")}
    return own | {
        "source_id": ";".join(dict.fromkeys(ids)),
        "as_of": event["as_of"] or max(fact["as_of"] for fact in sourced),
        "confidence": event["confidence"] or sourced[0]["confidence"],
    }
