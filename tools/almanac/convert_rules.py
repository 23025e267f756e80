"""Decision rules: every sourced rule in the algebra of `multipolar.rules`, with its article."""

from __future__ import annotations

from common import SHIPPABLE, Build, Fact

from multipolar.rules import parse

READ_ON = "2026-11-24"
TEXTS = ("decision", "label_en", "label_zh", "form", "article_en", "article_zh")
REMARKS = ("remark_en", "remark_zh", "start", "note")


def convert(build: Build) -> None:
    """Write decision_rules.csv."""
    decided = {(row["body"], row["decision_type"]): row for row in build.decisions("rules")}
    for fact in build.facts("rules"):
        decision = decided.pop((fact["body"], fact["decision_type"]))
        if decision["left_out"]:
            build.left_out(fact, decision["left_out"])
            continue
        build.add("decision_rules", _row(build, fact, decision))
    if decided:
        raise LookupError(f"decisions without a fact: {sorted(decided)}")


def _row(build: Build, fact: Fact, decision: dict[str, str]) -> dict[str, str]:
    rule = decision["rule"] and str(parse(decision["rule"]))
    if rule != decision["rule"]:
        raise ValueError(f"{decision['rule']!r} is written {rule!r}")
    row = _sourced(build, fact, decision) | {"rule": rule}
    row |= {name: decision[name] for name in (*TEXTS, *REMARKS)}
    return row | {"body_id": decision["to_body"] or build.body(fact["body"])}


def _sourced(build: Build, fact: Fact, decision: dict[str, str]) -> dict[str, str]:
    """Return the common columns, from the sources found since where the fact had none."""
    if not decision["source_url"]:
        if fact["confidence"] not in SHIPPABLE:
            raise ValueError(f"rules.csv:{fact.line} is {fact['confidence']} and has no source")
        if decision["to_body"]:
            build.corrected(fact, f"a decision of {decision['to_body']}")
        else:
            build.kept(fact)
        return build.common(fact)
    found = [
        build.source(decision[f"source_url{n}"], decision[f"source_title{n}"], READ_ON)
        for n in ("", "_2")
        if decision[f"source_url{n}"]
    ]
    build.upgraded(fact, "the clause was found in a source")
    confidence = "two_sources" if len(found) > 1 else "verified"
    return {"source_id": ";".join(found), "as_of": READ_ON, "confidence": confidence}
