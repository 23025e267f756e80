"""Small profiles to draw: one with every chart, one with nothing on record."""

from __future__ import annotations

from typing import Any

from multipolar.findings.finding import Exhibit, Finding, OpenQuestion, Profile

AS_OF = "2026-11-24"
STATES = {"AAA": ("Alphaland", "甲国"), "BBB": ("Betaland", "乙国"), "CCC": ("Gammaland", "丙国")}
BODIES = {"club": ("The Club", "俱乐部"), "fund": ("The Fund", "基金"), "upr": ("Review", "审议")}
SOURCES = {
    "one": {
        "publisher": "First Press",
        "title": "A <title> & more",
        "url": "https://example.org/a?b=1&c=2",
        "retrieved": "2026-11-23",
    },
    "two": {
        "publisher": "Second Press",
        "title": "Second",
        "url": "https://example.org/two",
        "retrieved": "2026-11",
    },
}


class Names:
    """A registry of three states."""

    def name(self, state_id: str, lang: str) -> str:
        return STATES.get(state_id, (state_id, state_id))[lang == "zh"]

    def body_name(self, body_id: str, lang: str) -> str:
        return BODIES.get(body_id, (body_id, body_id))[lang == "zh"]


def finding(measure: str, value: Any, unit: str, direction: str, **more: Any) -> Finding:
    """Return a finding of Alphaland with a sentence in both languages."""
    facet = more.pop("facet", "purse")
    return Finding(
        "AAA",
        facet,
        "fund",
        measure,
        AS_OF,
        value,
        unit,
        more.pop("coverage", "complete"),
        "share_of_total",
        more.pop("sources", ("one",)),
        (),
        {"en": f"Sentence on {measure}.", "zh": f"关于{measure}的结论。"},
        direction=direction,
        **more,
    )


def exhibit(exhibit_id: str, facet: str, rows: list[dict[str, Any]], **more: Any) -> Exhibit:
    """Return an exhibit with its id in the title."""
    return Exhibit(
        exhibit_id,
        facet,
        {"en": f"Title of {exhibit_id}", "zh": f"{exhibit_id}的标题"},
        {"en": "Per cent, 2020–2026", "zh": "百分比，2020—2026年"},
        rows,
        more.get("sources", ("two",)),
        more.get("coverage", "partial"),
    )


def step(
    action: str, date: str, status: str = "occurred", precision: str = "day"
) -> dict[str, Any]:
    """Return one step of an exit."""
    return {
        "action": action,
        "date": date,
        "precision": precision,
        "status": status,
        "list_id": None,
    }


def session(number: int, level: str | None, **more: Any) -> dict[str, Any]:
    """Return one session of the Club."""
    return {
        "session_id": f"club-{number}",
        "body_id": "club",
        "number": str(number),
        "date": f"{2015 + number}-06-01",
        "precision": "day",
        "place": "Riverton",
        "place_zh": "河镇",
        "host": "BBB",
        "level": level,
        "basis": more.get("basis", "reported" if level else None),
        "status": more.get("status", "held"),
        "peers": more.get("peers", {"head": 3, "minister": 1, "absent": 1, "recorded": 5}),
    }


def rule(decision: str, blockers: Any, focal_blocks: bool | None, **more: Any) -> dict[str, Any]:
    """Return one decision of the Fund."""
    return {
        "body_id": "fund",
        "decision": decision,
        "label_en": f"Decision {decision}",
        "label_zh": "一项决定",
        "rule_en": "A rule.",
        "rule_zh": "一项规则。",
        "article_en": "art. 1",
        "article_zh": "第一条",
        "member": more.get("member", True),
        "focal_blocks": focal_blocks,
        "blockers": blockers,
        "focal_share": more.get("focal_share"),
        "needed": more.get("needed"),
        "rest_share": more.get("rest_share"),
    }


def power(decision: str, shares: tuple[float, float, float], **more: Any) -> dict[str, Any]:
    """Return the power of Alphaland in one decision: share of votes, two indices."""
    votes, shapley, banzhaf = shares
    return {
        "body_id": more.get("body_id", "fund"),
        "decision": decision,
        "label_en": f"Decision {decision}",
        "label_zh": "一项决定",
        "members": 3,
        "weight": more.get("weight", "votes"),
        "vote_share": votes,
        "shapley_shubik": shapley,
        "banzhaf_normalised": banzhaf,
        "coleman_prevent": more.get("prevent", 0.5),
        "focal_blocks": "next_states" in more,
        "hidden": more.get("hidden", False),
        "next_states": more.get("next_states", []),
        "next_prevent": 0.875 if "next_states" in more else None,
    }


def case(date: str, focal: str, result: str, **more: Any) -> dict[str, Any]:
    """Return one occasion."""
    return {
        "date": date,
        "precision": "day",
        "body_id": "club",
        "what_en": "A text",
        "what_zh": "案文",
        "focal": focal,
        "result": result,
        "yes": more.get("yes"),
        "no": more.get("no"),
        "abstain": more.get("abstain"),
        "with": more.get("also"),
        "sources": ["one"],
    }


def vote(date: str, position: str | None, topic: str = "ukraine") -> dict[str, Any]:
    """Return one recorded vote."""
    return {
        "date": date,
        "symbol": "A/RES/1/1",
        "title_en": "A text",
        "title_zh": "案文",
        "topic": topic,
        "topic_en": topic.replace("_", " "),
        "topic_zh": "议题",
        "position": position,
        "yes": 100,
        "no": 10,
        "abstain": 20,
        "adopted": True,
    }


EXHIBITS = (
    exhibit(
        "exits",
        "seat",
        [
            {
                "body_id": "club",
                "un_system": "yes",
                "spells": [
                    {"status": "member", "start": "1990-01-01", "start_precision": "year"}
                    | {"end": None, "end_precision": None}
                ],
                "steps": [
                    step("announce", "2024-01-20"),
                    step("notify", "2024-02-01", precision="month"),
                    step("effective", "2027-02-01", status="scheduled"),
                ],
            },
            {"list_id": "l", "date": "2026-01-07", "n": 5, "n_un": 3, "n_other": 2}
            | {"bodies": ["club", "fund"]},
        ],
    ),
    exhibit(
        "attendance",
        "seat",
        [
            *(session(n, None, peers={"recorded": 0}) for n in range(1, 6)),
            session(6, "head"),
            session(7, "minister", basis="announced"),
            session(8, "absent"),
            session(9, "not_head"),
            session(10, None),
            session(11, None, status="scheduled", peers={"recorded": 0}),
        ],
    ),
    exhibit(
        "blockers",
        "nod",
        [
            rule("weighted", ["AAA"], True, focal_share=0.1649, needed=0.85, rest_share=0.8351),
            rule("simple", [], False, focal_share=0.1649, needed=0.5, rest_share=0.8351),
            rule("veto", ["AAA", "BBB"], True),
            rule("consensus", "any_member", True),
            rule("unknown", None, None),
            rule("outside", ["BBB"], None, member=False),
        ],
    ),
    exhibit(
        "power",
        "nod",
        [
            power("simple", (0.16, 0.19, 0.23)),
            power("special", (0.16, 0.2, 0.02), prevent=1.0, hidden=True, next_states=["BBB"]),
            power("other", (0.16, 0.2, 0.02), prevent=1.0, hidden=True, next_states=["BBB"]),
            power("few", (0.1, 0.00007, 0.0), body_id="club", weight="population"),
            power("seats", (0.1, 0.1, 0.3), body_id="club", weight="members", prevent=1.0)
            | {"focal_blocks": True, "next_states": ["BBB", "CCC"], "next_prevent": 0.25},
        ],
    ),
    exhibit(
        "votes",
        "voice",
        [
            *(vote(f"202{n}-03-02", p) for n, p in enumerate(("yes", "no", "abstain", None))),
            vote("2025-05-05", "no", topic="a_new_topic"),
        ],
    ),
    exhibit(
        "vetoes", "voice", [{"year": 1988, "n": 3, "alone": 2}, {"year": 1989, "n": 0, "alone": 0}]
    ),
    exhibit(
        "shares",
        "purse",
        [
            {
                "start": "1990-01-01",
                "end": "1993-01-01",
                "share_percent": 25.0,
                "rank": 1,
                "payers": 150,
            },
            {
                "start": "2000-01-01",
                "end": "2028-01-01",
                "share_percent": 22.0,
                "rank": 1,
                "payers": 193,
            },
        ],
    ),
    exhibit(
        "payers",
        "purse",
        [
            {"state_id": "AAA", "share_percent": 22.0, "rank": 1},
            {"state_id": "BBB", "share_percent": 20.004, "rank": 2},
        ],
    ),
    exhibit(
        "funds",
        "purse",
        [
            {"body_id": "fund", "budget": "irm", "stage": "pledged", "amount_usd": 3e9}
            | {"date": "2014-11-20", "share_of_stage": 0.29},
            {"body_id": "fund", "budget": "irm+gcf-2", "stage": "rescinded", "amount_usd": 4e9}
            | {"date": "2025-02-04", "share_of_stage": None},
            {"body_id": "fund", "budget": "irm", "stage": "paid", "amount_usd": None}
            | {"date": None, "share_of_stage": None},
        ],
    ),
    exhibit(
        "room",
        "voice",
        [
            {"year": year, "n": n, "listed": 80, "others_plurality": 0.8}
            | {"plurality_share": share, "adopted_side_share": share}
            for year, n, share in (
                (1990, 70, 0.6),
                (1991, 0, None),
                (1992, 75, 0.2),
                (1993, 9, 0.3),
            )
        ],
    ),
    exhibit(
        "ideal_points",
        "voice",
        [
            {"year": year, "ideal_point": at, "lo": low, "hi": at + 0.3, "median": -0.1}
            | {"votes": n, "series": "own"}
            for year, at, low, n in (
                (1946, -1.25, -1.6, 20),
                (1947, 0.5, 0.2, 31),
                (1949, 0.75, 0.4, None),
                (1951, 0.8, None, 60),
            )
        ],
    ),
    exhibit(
        "weights",
        "ties",
        [
            {"year": year, "gdp_nominal_share": 20.0, "gdp_ppp_share": 15.0}
            | {"population_share": None, "goods_trade_value": 5441.0}
            for year in (2000, 2025)
        ],
    ),
    exhibit(
        "trade",
        "ties",
        [
            {"date": "2025-04-02", "precision": "day", "kind": "tariff_action", "role": "actor"}
            | {
                "text_en": "A <tariff>",
                "text_zh": "关税",
                "standing_en": "In force",
                "standing_zh": "有效",
            }
            | {"sources": ["one"]}
        ],
    ),
    exhibit(
        "away",
        "record",
        [
            case("2025-11-22", "absent", "adopted", also=["BBB"]),
            case("2025-11-07", "did_not_take_part", "postponed"),
            case("2024-04-18", "vetoed", "not_adopted", yes=12, no=1, abstain=2),
            case("2026-05-01", "absent", "pending"),
            case("2020-10-28", "opposed_no", "adopted", yes=187, no=2, abstain=1),
        ],
    ),
)


def full() -> Profile:
    """Return a profile with something in each part."""
    findings = (
        finding("veto", True, "yes_no", "depends", facet="nod"),
        finding("assessed_share", 22.0, "percent", "depends"),
        finding("attended", 0.875, "share", "works_without", n=8, lo=0.53, hi=0.98, level=0.95),
        finding("rescinded", 4e9, "usd", "context", coverage="partial", sources=("two", "one")),
        finding("unknown", None, "count", "context", facet="ties", sources=()),
    )
    return Profile(
        "AAA",
        AS_OF,
        "2026-11-23",
        "0.1.0",
        {"en": "Alphaland", "zh": "甲国"},
        findings,
        findings[:4],
        EXHIBITS,
        (OpenQuestion("voice", {"en": "What is missing?", "zh": "缺什么？"}, ("unga", "unsc")),),
        (
            {
                "system": "gcf",
                "name_en": "Fund",
                "name_zh": "基金",
                "rows_n": 3,
                "coverage": "partial",
            }
            | {
                "known_en": "Known.",
                "known_zh": "已知。",
                "until": "2026-01-08",
                "datasets": ["ceb"],
            },
        ),
        {"en": ("A doubt.",), "zh": ("存疑。",)},
    )


def empty() -> Profile:
    """Return a profile of a state on which nothing is on record."""
    exhibits = tuple(
        exhibit(
            e.exhibit_id, e.facet, [], coverage="complete" if e.exhibit_id == "vetoes" else "none"
        )
        for e in EXHIBITS
    )
    names = {"en": "Betaland", "zh": "乙国"}
    return Profile("BBB", AS_OF, "2026-11-23", "0.1.0", names, (), (), exhibits, (), ())
