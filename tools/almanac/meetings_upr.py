"""The Universal Periodic Review: sessions and reviews."""

from __future__ import annotations

from common import Build, Fact
from meetings import Decisions, account, day_after, keyed, of_fact, of_found

RESULTS = {
    "reviewed": "held",
    "not_held_state_absent": "postponed",
    "rescheduled": "rescheduled",
    "scheduled": "scheduled",
}
INFERRED = "The delegation is inferred from the dialogue that took place."
CELLS = ("date", "date_precision", "national_report", "delegation")


def add_sessions(build: Build, sessions: Decisions) -> None:
    """Add the sessions of the working group, and account for the rows on cycles."""
    for fact in build.facts("upr"):
        if fact["record_type"] == "cycle":
            build.left_out(fact, "a cycle has no row of its own, its number stands on each session")
        if fact["record_type"] != "session":
            continue
        found = sessions.get((f"upr-{fact['session']}",), {})
        row = of_fact(build, fact, found)
        if row is None:
            build.left_out(fact, "no source for the dates")
            continue
        row |= {"session_id": f"upr-{fact['session']}", "body_id": "upr"}
        row |= {"number": fact["session"], "cycle": fact["cycle"]}
        row |= {"start": found.get("start") or fact["date_start"]}
        row |= {"end": found.get("end") or day_after(fact["date_end"])}
        row |= {"date_precision": found.get("date_precision") or fact["date_precision"]}
        row |= {"status": found.get("status") or "held"}
        row |= {"place": "Geneva", "place_zh": "日内瓦", "host": "CHE"}
        build.add("sessions", row)
        account(build, fact, row, found)


def add_reviews(build: Build) -> None:
    """Add the reviews of the facts and those found in pages."""
    decisions = keyed(build.decisions("meetings_reviews"), "state_id", "session")
    for fact in build.facts("upr"):
        if fact["record_type"] == "review":
            _add_review(build, fact, decisions.get((fact["state"], fact["session"])))
    for found in decisions.values():
        if found["added"]:
            names = ("state_id", "cycle", "result", *CELLS)
            row = of_found(build, found) | {name: found[name] for name in names}
            row |= {"body_id": "upr", "session_id": f"upr-{found['session']}"}
            build.add("reviews", row)


def _add_review(build: Build, fact: Fact, found: dict[str, str] | None) -> None:
    row = of_fact(build, fact, found)
    if row is None:
        build.left_out(fact, "no source")
        return
    row |= {"body_id": "upr", "state_id": build.state(fact["state"]), "cycle": fact["cycle"]}
    row |= {"session_id": f"upr-{fact['session']}", "result": RESULTS[fact["outcome"]]}
    if found:
        row |= {name: found[name] for name in CELLS}
        build.add("reviews", row)
        account(build, fact, row, found)
        return
    row |= {name: fact[name] for name in CELLS[1:]} | {"date": fact["date_start"]}
    if "delegation follows" in fact["note"] or "the delegation follows" in fact["note"]:
        row["note"] = INFERRED
    if "report and delegation cells from general knowledge" in fact["note"]:
        row |= {"national_report": "", "delegation": ""}
        build.corrected(fact, "report and delegation were not in the source")
    else:
        build.kept(fact)
    build.add("reviews", row)
