"""Climate conferences: sessions and who came, at what level."""

from __future__ import annotations

from common import Build, Fact
from meetings import Decisions, account, day_after, details, of_fact

ABSENT_BASES = {"announced_absent": "announced", "reported_absent": "reported"}
OTHER_BASES = {"host": "reported", "not_registered": "reported"}


def add_sessions(build: Build, sessions: Decisions, places: Decisions) -> None:
    """Add the conferences; the other rows of the file are added by `add_attendance`."""
    for fact in build.facts("cop_attendance"):
        if fact["record_type"] != "session":
            continue
        session_id = f"cop-{fact['cop']}"
        found = sessions[session_id,]
        row = of_fact(build, fact, found)
        if row is None:
            build.left_out(fact, "no source")
            continue
        place = places[fact["city"],]
        row |= {"session_id": session_id, "body_id": "unfccc", "number": fact["cop"]}
        row |= {"start": found["start"] or fact["date_start"]}
        last = fact["date_end_actual"] or fact["date_end_scheduled"]
        row |= {"end": found["end"] or day_after(last)}
        row |= {"date_precision": found["date_precision"], "status": found["status"] or "held"}
        row |= {"place": place["place"], "place_zh": place["place_zh"], "host": fact["country"]}
        row |= {"parties_n": fact["parties_registered"], "delegates_n": fact["party_delegates"]}
        build.add("sessions", row)
        if row["end"] != day_after(last):
            build.corrected(fact, f"the last day in the source is not {last}")
        else:
            account(build, fact, row, found)


def add_attendance(build: Build, decisions: Decisions, offices: Decisions) -> None:
    """Add who came, was announced, was not to come, or was not registered."""
    for fact in build.facts("cop_attendance"):
        if fact["record_type"] != "representation":
            continue
        key = (f"cop-{fact['cop']}", build.state(fact["state"]))
        found = decisions.get(key, {})
        row = of_fact(build, fact, found)
        if row is None:
            build.left_out(fact, "announced in a provisional list only")
            continue
        given = fact["basis"]
        basis = ABSENT_BASES.get(given) or OTHER_BASES.get(given) or given
        row |= {"session_id": key[0], "state_id": key[1]}
        row |= {"level": found.get("level") or fact["level"]}
        row |= {"basis": found.get("basis") or basis}
        row |= details(offices, _office(fact), key[1], found)
        build.add("attendance", row)
        account(build, fact, row, {**found, "note": ""})


def _office(fact: Fact) -> str:
    """Return the key of the office: as printed, or what is known where none is printed."""
    return fact["person_role"] or f"{fact['level']} {fact['basis']}"
