"""Statements: public positions, retold in our words in both languages."""

from __future__ import annotations

import re
from collections import defaultdict

from common import SHIPPABLE, Build

STATES = re.compile(r"[A-Z]{3}(;[A-Z]{3})*")
TEXTS = ("date_precision", "speaker", "state_id", "stance", "gist_en", "gist_zh", "note")


def convert(build: Build) -> None:
    """Write statements.csv; a fact that speaks for two states becomes two rows."""
    texts = defaultdict(list)
    for text in build.decisions("statements_texts"):
        texts[text["fact_date"], text["fact_speaker"]].append(text)
    for fact in build.facts("statements"):
        if fact["confidence"] not in SHIPPABLE:
            build.left_out(fact, "no source")
            continue
        rows = texts.pop((fact["date"], fact["speaker"]))
        about = fact["about_state"] if STATES.fullmatch(fact["about_state"]) else ""
        for text in rows:
            row = build.common(fact) | {"date": fact["date"], "about": about}
            row |= {name: text[name] for name in ("statement_id", "office_en", "office_zh")}
            build.add("statements", row | {name: text[name] for name in TEXTS})
        if len(rows) > 1:
            build.corrected(fact, "one row for each state that spoke")
        else:
            build.kept(fact)
    if texts:
        raise LookupError(f"texts without a fact: {sorted(texts)}")
