"""The G20: summits, who came, the declarations, and acts of states towards the forum."""

from __future__ import annotations

from collections import Counter

from common import SHIPPABLE, Build, Fact
from meetings import Decisions, account, day_after, details, keyed, of_fact, of_found

LEVELS = {"leader": "head"}
STANCES = {"joined": "joined", "dissociated": "stood_aside", "absent": "absent"}
STANCE_NOTES = {
    "joined": "Stated by the presidency for the other members together; no record by member.",
    "absent": "Objected in writing on 15 November 2025 and through the White House on 22 November.",
}


def add_summits(build: Build, places: Decisions) -> None:
    """Add summits as sessions `g20-YEAR` (`-1`, `-2` in years with two) and their declarations."""
    ids = _ids(build)
    declarations = keyed(build.decisions("meetings_g20_declarations"), "session_id")
    for fact in _rows(build, "summit"):
        if fact["confidence"] not in SHIPPABLE:
            build.left_out(fact, "no source")
            continue
        place = places[fact["city"],]
        held = fact["declaration_adopted"] == "yes"
        session_id = ids[fact["summit_no"]]
        row = build.common(fact) | {"session_id": session_id, "body_id": "g20"}
        row |= {"number": fact["summit_no"], "start": fact["date_start"]}
        row |= {"end": day_after(fact["date_end"]), "date_precision": "day"}
        row |= {"place": place["place"], "place_zh": place["place_zh"], "host": fact["host"]}
        build.add("sessions", row | {"status": "held" if held else "scheduled"})
        build.kept(fact)
        if held:
            _add_declaration(build, fact, session_id, place, declarations.get((session_id,), {}))


def _add_declaration(
    build: Build, fact: Fact, session_id: str, place: dict[str, str], found: dict[str, str]
) -> None:
    year = fact["year"]
    city, city_zh = place["place"].split(" (")[0], place["place_zh"].split("（")[0]
    row = build.common(fact) | {"outcome_id": f"{session_id}-declaration", "body_id": "g20"}
    row |= {"session_id": session_id, "date": found.get("date") or fact["date_end"]}
    row |= {"date_precision": found.get("date_precision") or "month"}
    row |= {"mode": found.get("mode") or "adopted", "paragraphs_n": fact["paragraphs"]}
    row |= {"title_en": f"Leaders’ declaration of the G20 summit, {city} {year}"}
    row |= {"title_zh": f"二十国集团领导人{city_zh}峰会宣言（{year}年）"}
    build.add("outcomes", row | {"note": found.get("note", "")})


def add_attendance(build: Build, decisions: Decisions, offices: Decisions) -> None:
    """Add who came; sources written before a summit make a row `announced`."""
    ids = _ids(build)
    for fact in _rows(build, "attendance"):
        key = (ids[fact["summit_no"]], build.state(fact["member"]))
        found = decisions.get(key, {})
        row = of_fact(build, fact, found)
        if row is None:
            build.left_out(fact, "no source for the level")
            continue
        row |= {"session_id": key[0], "state_id": key[1], "mode": fact["mode"]}
        row |= {"level": found.get("level") or LEVELS.get(fact["level"], fact["level"])}
        row |= {"basis": found.get("basis") or "reported"}
        row |= details(offices, fact["level_detail"] or fact["level"], key[1], found)
        build.add("attendance", row)
        if row["basis"] == "announced":
            build.corrected(fact, "the source was written before the summit: announced")
        else:
            account(build, fact, row, {**found, "note": ""})


def add_positions(build: Build) -> None:
    """Add what members did about a declaration."""
    ids = _ids(build)
    for fact in _rows(build, "position"):
        stance = STANCES[fact["position"]]
        row = build.common(fact) | {"outcome_id": f"{ids[fact['summit_no']]}-declaration"}
        row |= {"state_id": build.state(fact["member"]), "stance": stance}
        build.add("outcome_positions", row | {"note": STANCE_NOTES.get(stance, "")})
        build.kept(fact)


def add_events(build: Build) -> None:
    """Add dated acts, in neutral words and kinds, those of the facts and those found in pages."""
    decisions = keyed(build.decisions("meetings_events"), "event_id")
    by_fact = {
        (d["fact_date"], d["fact_actor"], d["fact_kind"]): d
        for d in decisions.values()
        if d["fact_date"]
    }
    for fact in _rows(build, "event"):
        found = by_fact.pop((fact["event_date"], fact["actor"], fact["event_kind"]))
        row = of_fact(build, fact, found)
        if row is None:
            build.left_out(fact, "no source")
            continue
        build.add("events", row | _event(found))
        account(build, fact, row, {"source_url": found["source_url"]})
    if by_fact:
        raise LookupError(f"decisions without a fact: {sorted(by_fact)}")
    for found in decisions.values():
        if not found["fact_date"]:
            build.add("events", of_found(build, found) | _event(found))


def _event(found: dict[str, str]) -> dict[str, str]:
    names = ("event_id", "body_id", "session_id", "date", "date_precision", "actor", "target")
    return {name: found[name] for name in (*names, "kind", "text_en", "text_zh")}


def _rows(build: Build, record_type: str) -> list[Fact]:
    return [fact for fact in build.facts("g20") if fact["record_type"] == record_type]


def _ids(build: Build) -> dict[str, str]:
    """Return session ids by summit number, numbered within years that had two summits."""
    summits = _rows(build, "summit")
    per_year = Counter(fact["year"] for fact in summits)
    seen: Counter[str] = Counter()
    ids = {}
    for fact in summits:
        year = fact["year"]
        seen[year] += 1
        ids[fact["summit_no"]] = f"g20-{year}" + (f"-{seen[year]}" if per_year[year] > 1 else "")
    return ids
