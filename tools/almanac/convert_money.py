"""Money: the UN scale of assessments and arrears, and the Green Climate Fund's pledges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from common import SHIPPABLE, Build, Fact

MILLION = 1_000_000
TOTAL = "_TOTAL"
UNIT = {"usd_m": "usd", "count": "members"}
# measure in the facts -> (budget, stage of `money` or measure of `money_totals`)
UN_MEASURES = {
    "arrears_regular": ("regular", "arrears"),
    "arrears_peacekeeping": ("peacekeeping", "arrears"),
    "arrears_tribunals": ("tribunals", "arrears"),
    "arrears_total_regular": ("regular", "arrears"),
    "dues_paid_regular": ("regular", "paid"),
    "members_paid_in_full": ("regular", "members_paid_in_full"),
    "regular_budget_total": ("regular", "budget"),
}
GCF_STAGES = {
    "pledged": "pledged",
    "confirmed": "confirmed",
    "paid": "paid",
    "paid_instalment": "paid_part",
    "rescinded": "rescinded",
    "pledged_total": "pledged",
    "approved_portfolio": "approved_portfolio",
}


def convert(build: Build) -> None:
    """Write money.csv and money_totals.csv."""
    _scale(build)
    _united_nations(build)
    _green_climate_fund(build)
    _found(build)


def units(millions: str) -> str:
    """Return a figure given in millions as plain units, exactly; empty stays empty."""
    if not millions:
        return ""
    value = Decimal(millions) * MILLION
    return f"{value.quantize(1) if value == value.to_integral() else value.normalize():f}"


def _scale(build: Build) -> None:
    renamed = build.decisions("money_scale_states")
    for fact in build.facts("scale"):
        if fact["confidence"] not in SHIPPABLE:
            build.left_out(fact, "no source")
            continue
        first, last = int(fact["start_year"]), int(fact["end_year"])
        other = next(
            (
                rule
                for rule in renamed
                if rule["state"] == fact["state"]
                and int(rule["first_year"]) <= first
                and last <= int(rule["last_year"])
            ),
            None,
        )
        row = _assessed(build, fact, first, last)
        if other:
            row |= {"state_id": other["state_id"], "note": other["note"]}
            build.corrected(fact, f"{fact['state']} is {other['state_id']} in {first}-{last}")
        else:
            build.kept(fact)
        build.add("money", row)


def _assessed(build: Build, fact: Fact, first: int, last: int) -> dict[str, str]:
    return build.common(fact) | {
        "body_id": "un",
        "budget": "regular",
        "stage": "assessed",
        "state_id": build.state(fact["state"]),
        "start": f"{first}-01-01",
        "end": f"{last + 1}-01-01",
        "share_percent": fact["share_pct"],
    }


def _united_nations(build: Build) -> None:
    notes = build.decisions("money_un_notes")
    for fact in build.facts("assessments"):
        decision = _decision(notes, measure=fact["measure"], state=fact["state"], date=fact["date"])
        if decision["left_out"]:
            build.left_out(fact, decision["left_out"])
            continue
        _check_shippable(fact)
        budget, measure = UN_MEASURES[fact["measure"]]
        unit = UNIT[fact["unit"]]
        value = units(fact["value"]) if unit == "usd" else fact["value"]
        row = build.common(fact) | {"body_id": "un", "budget": budget, "date": fact["date"]}
        row |= {"date_precision": decision["date_precision"], "note": decision["note"]}
        if fact["state"] == TOTAL:
            build.add("money_totals", row | {"measure": measure, "value": value, "unit": unit})
        else:
            year = int(fact["period"])
            row |= {"start": f"{year}-01-01", "end": f"{year + 1}-01-01", "amount_usd": value}
            build.add("money", row | {"stage": measure, "state_id": build.state(fact["state"])})
        build.kept(fact)


def _green_climate_fund(build: Build) -> None:
    notes = build.decisions("money_gcf_notes")
    periods = {row["budget"]: row for row in build.decisions("money_periods")}
    for fact in build.facts("gcf"):
        decision = _decision(
            notes,
            period=fact["period"],
            status=fact["status"],
            contributor=fact["contributor"],
            date=fact["date"],
        )
        if decision["left_out"]:
            build.left_out(fact, decision["left_out"])
            continue
        _check_shippable(fact)
        row = build.common(fact) | {
            "body_id": "gcf",
            "budget": fact["period"].lower(),
            "date": decision["new_date"] or fact["date"],
            "date_precision": decision["date_precision"],
            "note": decision["note"],
        }
        _account_for_date(build, fact, decision, row)
        stage = GCF_STAGES[fact["status"]]
        if fact["contributor"] == TOTAL:
            row |= {"measure": stage, "value": units(fact["amount_usd_m"]), "unit": "usd"}
            build.add("money_totals", row)
            continue
        period = periods[row["budget"]]
        row |= {"stage": stage, "state_id": build.state(fact["contributor"])}
        row |= {"start": period["start"], "end": period["end"]}
        row |= {
            "amount_usd": units(fact["amount_usd_m"]),
            "amount_original": units(fact["amount_original_m"]),
            "currency": fact["currency"],
        }
        build.add("money", row)


def _account_for_date(
    build: Build, fact: Fact, decision: Mapping[str, str], row: dict[str, str]
) -> None:
    """Add the page in which a day was found, and say so in the ledger."""
    if not decision["source_url"]:
        build.kept(fact)
        return
    found = build.source(decision["source_url"], decision["source_title"], retrieved="2026-11-24")
    row["source_id"] = ";".join(dict.fromkeys([*row["source_id"].split(";"), found]))
    if decision["new_date"]:
        build.corrected(fact, f"the day is {decision['new_date']} ({decision['source_url']})")
    else:
        build.upgraded(fact, f"the day was found in {decision['source_url']}")


def _found(build: Build) -> None:
    """Add figures that are not in the fact base, read in a public page."""
    for found in build.decisions("money_found"):
        ids = [
            build.source(found[f"source_url{n}"], found[f"source_title{n}"], "2026-11-24")
            for n in ("", "_2")
            if found[f"source_url{n}"]
        ]
        row = {name: found[name] for name in ("budget", "date", "date_precision", "note")}
        row |= {name: found[name] for name in ("confidence", "as_of")}
        row |= {"body_id": "un", "source_id": ";".join(ids)}
        if found["table"] == "money_totals":
            row |= {name: found[name] for name in ("measure", "value", "unit")}
        else:
            row |= {name: found[name] for name in ("state_id", "start", "end")}
            row |= {"stage": found["measure"], "amount_usd": found["value"]}
        build.add(found["table"], row)


def _decision(rules: list[dict[str, str]], **wanted: str) -> dict[str, str]:
    """Return the most exact rule: `*` fits any state, an empty date fits any date."""
    fitting = [
        rule
        for rule in rules
        if all(
            rule[name] == value
            or (rule[name] == "*" and value != TOTAL)
            or (name == "date" and not rule[name])
            for name, value in wanted.items()
        )
    ]
    if not fitting:
        raise LookupError(f"no decision for {wanted}")
    return max(fitting, key=lambda rule: sum(rule[name] == wanted[name] for name in wanted))


def _check_shippable(fact: Fact) -> None:
    if fact["confidence"] not in SHIPPABLE:
        raise ValueError(f"{fact.file}.csv:{fact.line} is {fact['confidence']} and has no decision")
