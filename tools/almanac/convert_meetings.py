"""Meetings: climate conferences, the Universal Periodic Review, the G20, and single others.

Writes sessions, attendance, outcomes, outcome_positions, reviews and events. One file of facts
holds several kinds of record; each kind has its table here.
"""

from __future__ import annotations

import meetings_cop
import meetings_g20
import meetings_upr
from common import Build
from meetings import Decisions, keyed, of_found

OUTCOME = ("outcome_id", "body_id", "session_id", "date", "date_precision", "title_en", "title_zh")
SESSION = ("session_id", "body_id", "number", "cycle", "start", "end", "date_precision", "status")
ATTENDANCE = ("session_id", "state_id", "level", "basis", "detail_en", "detail_zh")


def convert(build: Build) -> None:
    """Add every meeting and what happened at it."""
    sessions = keyed(build.decisions("meetings_sessions"), "session_id")
    places = keyed(build.decisions("meetings_places"), "city")
    offices = keyed(build.decisions("meetings_offices"), "text", "state_id")
    attendance = keyed(build.decisions("meetings_attendance"), "session_id", "state_id")
    meetings_cop.add_sessions(build, sessions, places)
    meetings_cop.add_attendance(build, attendance, offices)
    meetings_upr.add_sessions(build, sessions)
    meetings_upr.add_reviews(build)
    meetings_g20.add_summits(build, places)
    meetings_g20.add_attendance(build, attendance, offices)
    meetings_g20.add_positions(build)
    meetings_g20.add_events(build)
    _add_found(build, sessions, places, attendance)


def _add_found(build: Build, sessions: Decisions, places: Decisions, attendance: Decisions) -> None:
    """Add what the facts do not hold: further sessions, attendance, outcomes and positions."""
    present = {row["session_id"] for row in build.rows["sessions"]}
    for found in sessions.values():
        if found["session_id"] not in present:
            place = places[found["city"],]
            row = of_found(build, found) | {name: found[name] for name in SESSION}
            row |= {"place": place["place"], "place_zh": place["place_zh"], "host": found["host"]}
            build.add("sessions", row)
    for found in attendance.values():
        if found["added"]:
            row = of_found(build, found) | {name: found[name] for name in ATTENDANCE}
            build.add("attendance", row)
    for found in build.decisions("meetings_outcomes"):
        row = of_found(build, found) | {name: found[name] for name in (*OUTCOME, "mode")}
        build.add("outcomes", row)
    for found in build.decisions("meetings_outcome_positions"):
        names = ("outcome_id", "state_id", "stance")
        row = of_found(build, found) | {name: found[name] for name in names}
        build.add("outcome_positions", row)
