"""Seats of the General Assembly without a vote, or held by others: spells that were read in sources.

The facts came with their sources and stand in the decision file themselves; each row of it ships or
says why not. Days that are only a bound ("had paid by then") do not ship as the day itself.
"""

from __future__ import annotations

from common import Build, Fact

BODY = "unga"
READ_ON = "2026-11"
TEXTS = ("text_en", "text_zh", "end_text_en", "end_text_zh")


def convert(build: Build) -> None:
    """Write seat_limits.csv and account for every row of the decision file."""
    for fact in _facts(build):
        if fact["left_out"]:
            build.left_out(fact, fact["left_out"])
            continue
        build.add("seat_limits", _row(build, fact))
        if fact["change"]:
            build.corrected(fact, fact["change"])
        else:
            build.kept(fact)


def _facts(build: Build) -> list[Fact]:
    """Return the rows of the decision file as facts of the ledger."""
    facts = []
    for line, row in enumerate(build.decisions("seat_limits"), start=2):
        fact = Fact(row)
        fact.file, fact.line = "seat_limits", line
        facts.append(fact)
    build.seen["seat_limits"] = facts
    return facts


def _row(build: Build, fact: Fact) -> dict[str, str]:
    pages = [
        build.source(fact[f"source_url{n}"], fact[f"source_title{n}"], READ_ON)
        for n in ("", "_2", "_3", "_4")
        if fact[f"source_url{n}"]
    ]
    return {
        "body_id": BODY,
        "state_id": build.state(fact["state_id"]),
        "kind": fact["kind"],
        "start": fact["start"],
        "start_precision": "day",
        "end": fact["end"],
        "end_precision": "day" if fact["end"] else "",
        "source_id": ";".join(pages),
        **{name: fact[name] for name in (*TEXTS, "as_of", "confidence", "note")},
    }
