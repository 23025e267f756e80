"""States, their names in six languages, the names that are refused, and the names of bodies.

`decisions/names_*.csv` hold what was decided by hand. Admission days and regional groups are read
from the lists beside the fact base; names that the decisions leave open come from CLDR (babel).
"""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

from babel import Locale
from common import Build

AS_OF = "2026-11-23"
LANGUAGES = ("en", "zh", "fr", "es", "ru", "ar")
CLDR = {"zh-TW": "zh_Hant", "zh-HK": "zh_Hant_HK"}
GROUPS = {
    "African Group": "African",
    "Asia-Pacific Group": "Asia-Pacific",
    "Eastern European Group": "Eastern European",
    "GRULAC": "Latin American and Caribbean",
    "WEOG": "Western European and Others",
}
MEMBERS = ("https://www.un.org/en/about-us/member-states", "Member States", "United Nations")
GROUP_PAGE = (
    "https://www.un.org/dgacm/en/content/regional-groups",
    "Regional groups of Member States",
    "United Nations, Department for General Assembly and Conference Management",
)
M49 = (
    "https://unstats.un.org/unsd/methodology/m49/",
    "Standard country or area codes for statistical use (M49)",
    "United Nations Statistics Division",
)
COW = (
    "https://correlatesofwar.org/data-sets/state-system-membership/",
    "State System Membership (v2016)",
    "Correlates of War Project",
)
GW = (
    "http://ksgleditsch.com/data-4.html",
    "List of independent states since 1816 (K. S. Gleditsch and M. D. Ward)",
    "K. S. Gleditsch",
)
# States whose CLDR name is wider or narrower than the state.
CLDR_SKIPPED = {"MAF", "PSE"}


def convert(build: Build) -> None:
    """Add states, state_names, ambiguous_names and body_names."""
    data = build.facts_dir.parent / "data/states"
    states = build.decisions("names_states")
    _states(build, states, _admissions(data, build), _groups(data))
    names = _state_names(build, states)
    for row in build.decisions("names_ambiguous"):
        build.add("ambiguous_names", row)
    bodies = {build.body(fact["id"]) for fact in build._read("bodies")}
    bodies |= {row["body_id"] for row in build.decisions("bodies_extra")}
    body_names = build.decisions("names_bodies")
    for row in _unique(body_names, "body_id"):
        build.add("body_names", row)
    named = {row["body_id"] for row in body_names if row["kind"] == "short"}
    if bodies != named:
        raise ValueError(f"bodies without names, or names without bodies: {sorted(bodies ^ named)}")
    for row in names:
        build.add("state_names", row)


def _states(
    build: Build,
    states: list[dict[str, str]],
    admissions: dict[str, str],
    groups: dict[str, str],
) -> None:
    members = build.source(MEMBERS[0], MEMBERS[1], publisher=MEMBERS[2])
    group_page = build.source(GROUP_PAGE[0], GROUP_PAGE[1], publisher=GROUP_PAGE[2])
    m49 = build.source(M49[0], M49[1], publisher=M49[2])
    cow = build.source(COW[0], COW[1], publisher=COW[2])
    gw = build.source(GW[0], GW[1], publisher=GW[2])
    articles = {row["state_id"] for row in build.decisions("names_articles")}
    for row in states:
        row = dict(row)
        row["article_en"] = "the" if row["state_id"] in articles else ""
        if row["kind"] == "state":
            row["un_admitted"] = admissions[row["state_id"]]
            row["un_group"] = groups[row["state_id"]]
        url, title = row.pop("source_url"), row.pop("source_title")
        seats = [members] if row["kind"] in ("state", "observer", "former_state") else []
        sources = [
            *seats,
            *([group_page] if row["kind"] == "state" else []),
            *([m49] if row["m49"] else []),
            *([cow] if row["cow"] else []),
            *([gw] if row["gw"] else []),
            *([build.source(url, title)] if url else []),
        ]
        row |= {"source_id": ";".join(sources), "as_of": AS_OF}
        row["confidence"] = "two_sources" if len(sources) > 1 else "verified"
        build.add("states", row)


def _admissions(data: Path, build: Build) -> dict[str, str]:
    """Return the day of admission by state, from the tabulated list of Members."""
    short = {_plain(row["en"]): row["state_id"] for row in build.decisions("names_short")}
    for row in build.decisions("names_short"):
        short.setdefault(_plain(row["en_official"]), row["state_id"])
    short |= {"congo": "COG"}
    out = {}
    with open(data / "un_members_wikipedia.csv", encoding="utf-8") as handle:
        for line in handle:
            name, _, day = (cell.strip() for cell in line.split(",")[:3])
            out[short[_plain(name)]] = datetime.strptime(day, "%d %B %Y").date().isoformat()
    return out


def _groups(data: Path) -> dict[str, str]:
    """Return the regional group by state; a second group of a state is in its note."""
    out: dict[str, str] = {}
    with open(data / "groups/un-regional-groups.csv", encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["Code"] not in out or row["Region"] == "WEOG":
                out[row["Code"]] = GROUPS[row["Region"]]
    return out


def _state_names(build: Build, states: list[dict[str, str]]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []

    def add(state_id: str, lang: str, kind: str, name: str, start: str = "", end: str = "") -> None:
        rows.append(
            {
                "state_id": state_id,
                "lang": lang,
                "kind": kind,
                "name": name,
                "start": start,
                "end": end,
            }
        )

    iso2 = {row["state_id"]: row["iso2"] for row in states if row["kind"] != "former_state"}
    iso2["EU"] = "EU"
    decided = {row["state_id"]: row for row in build.decisions("names_short")}
    spellings = build.decisions("names_spellings")
    settled = {(row["state_id"], row["lang"]) for row in spellings if row["kind"] == "short"}
    territories = {
        lang: Locale.parse(CLDR.get(lang, lang)).territories for lang in (*LANGUAGES, *CLDR)
    }
    for state in states:
        state_id = state["state_id"]
        row = decided.get(state_id, {})
        for lang, known in territories.items():
            cldr = _clean(known.get(iso2.get(state_id, ""), ""), lang)
            short = row.get(lang, "") or cldr
            if (state_id, lang) in settled:
                continue
            if short:
                add(state_id, lang, "short", short)
            elif lang in LANGUAGES:
                raise ValueError(f"{state_id} has no {lang} name")
            if cldr and cldr != short and state_id not in CLDR_SKIPPED:
                add(state_id, lang, "alias", cldr)
        for lang in ("en", "zh"):
            official = row.get(f"{lang}_official", "")
            if official and official != row.get(lang):
                add(state_id, lang, "official", official)
    for row in spellings:
        add(*(row[name] for name in ("state_id", "lang", "kind", "name", "start", "end")))
    return _unique(rows, "state_id")


def _unique(rows: list[dict[str, str]], owner: str) -> list[dict[str, str]]:
    """Drop an undated alias that repeats another spelling of the same owner and language."""
    rank = {"short": 0, "official": 1, "former": 2, "abbreviation": 2, "alias": 3}
    out: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for row in sorted(rows, key=lambda r: rank.get(r["kind"], 0)):
        if row["kind"] in ("adjective", "demonym"):
            out[row[owner], row["lang"], row["kind"], row["name"]] = row
        else:
            out.setdefault((row[owner], row["lang"], "name", row["name"]), row)
    return list(out.values())


def _clean(name: str, lang: str) -> str:
    """Write a CLDR name as running text does."""
    if lang == "en":
        name = re.sub(r"\bSt\.", "Saint", name.replace("&", "and"))
    if lang == "ru":
        name = name.replace("о-ва", "острова").replace("о-в", "остров")
    return name.replace("’", "'")


def _plain(name: str) -> str:
    return re.sub(
        r"[^a-z]",
        "",
        name.lower()
        .replace("ü", "u")
        .replace("ã", "a")
        .replace("ô", "o")
        .replace("é", "e")
        .replace("í", "i"),
    )
