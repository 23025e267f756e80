"""Decision rules: every sourced rule in the algebra of `multipolar.rules`, with its article.

What was decided about the rules of the fact base stands in `decisions/rules.csv`; rules that were read
since, and earlier readings of a rule with the day on which they ended, in `decisions/rules_added.csv`.
"""

from __future__ import annotations

from common import SHIPPABLE, Build, Fact

from multipolar.rules import parse

READ_ON = "2026-11-24"
TEXTS = ("decision", "label_en", "label_zh", "form", "article_en", "article_zh")
REMARKS = ("remark_en", "remark_zh", "start", "end", "note")


def convert(build: Build) -> None:
    """Write decision_rules.csv."""
    decided = {(row["body"], row["decision_type"]): row for row in build.decisions("rules")}
    for fact in build.facts("rules"):
        decision = decided.pop((fact["body"], fact["decision_type"]))
        if decision["left_out"]:
            build.left_out(fact, decision["left_out"])
            continue
        body = decision["to_body"] or build.body(fact["body"])
        build.add("decision_rules", _sourced(build, fact, decision) | _row(decision, body))
    for added in build.decisions("rules_added"):
        build.add("decision_rules", _read(build, added) | _row(added, added["body_id"]))
    if decided:
        raise LookupError(f"decisions without a fact: {sorted(decided)}")


def _row(decision: dict[str, str], body: str) -> dict[str, str]:
    rule = decision["rule"] and str(parse(decision["rule"]))
    if rule != decision["rule"]:
        raise ValueError(f"{decision['rule']!r} is written {rule!r}")
    return {name: decision[name] for name in ("rule", *TEXTS, *REMARKS)} | {"body_id": body}


def _sourced(build: Build, fact: Fact, decision: dict[str, str]) -> dict[str, str]:
    """Return the common columns: the fact's own, or from what was read since, or from both."""
    found = _read(build, decision)
    if decision["source_url"]:
        build.upgraded(fact, "the clause was found in a source")
        return found
    if fact["confidence"] not in SHIPPABLE:
        raise ValueError(f"rules.csv:{fact.line} is {fact['confidence']} and has no source")
    common = build.common(fact)
    if decision["source_url_2"]:
        build.corrected(fact, "a further clause was found in a source")
        ids = f"{common['source_id']};{found['source_id']}"
        return common | {"source_id": ids, "as_of": found["as_of"], "confidence": "two_sources"}
    if decision["to_body"]:
        build.corrected(fact, f"a decision of {decision['to_body']}")
    else:
        build.kept(fact)
    return common


def _read(build: Build, decision: dict[str, str]) -> dict[str, str]:
    """Return the common columns from the sources that the decision itself names."""
    day = decision["read_on"] or READ_ON
    found = [
        build.source(decision[f"source_url{n}"], decision[f"source_title{n}"], day)
        for n in ("", "_2")
        if decision[f"source_url{n}"]
    ]
    confidence = "two_sources" if len(found) > 1 else "verified"
    return {"source_id": ";".join(found), "as_of": day, "confidence": confidence}
