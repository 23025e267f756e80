"""The house: arrows between the rooms, the import budget, and no state's name in the code."""

from __future__ import annotations

import ast
import csv
import json
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from multipolar.record.store import ALMANAC

PACKAGE = Path(__file__).resolve().parents[1] / "src/multipolar"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(PACKAGE)) for path in MODULES]

BASE = {"errors", "words", "output"}
"""Modules that stand below the rooms and ask none of them."""
ROOMS = ("record", "sources", "rules", "measures", "findings", "report")
"""Left to right: a room asks only rooms to its left."""
FRONT = (
    "inventory",
    "api",
    "api_scale",
    "batch",
    "screen",
    "cli_data",
    "cli_power",
    "cli_scale",
    "cli",
    "__main__",
)
"""Modules in front of the rooms, each asking only what stands before it."""
ORDER = (*ROOMS, *FRONT)

HEAVY = ("polars", "jinja2", "numpy", "click", "weasyprint")
WORDS_NOT_CODES = {"AND", "ARE", "CAN", "PER"}
"""State codes that are English words; none of them stands alone in the code today."""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path) -> str:
    """Return the room or module that a file belongs to; the package's own file is ''."""
    relative = path.relative_to(PACKAGE)
    if len(relative.parts) > 1:
        return relative.parts[0]
    return "" if relative.stem == "__init__" else relative.stem


def asked(path: Path) -> set[str]:
    """Return the rooms and modules of the package that a file imports, anywhere in it."""
    package = ["multipolar", *path.relative_to(PACKAGE).parts[:-1]]
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            names = [".".join([*module, alias.name]) for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "multipolar" and len(parts) > 1:
                found.add(parts[1])
    return {name for name in found if name in BASE | set(ORDER)}


def test_every_room_and_module_has_a_place_in_the_order():
    unplaced = {place(path) for path in MODULES} - BASE - set(ORDER) - {""}
    assert unplaced == set()


@pytest.mark.parametrize(
    "path", [p for p in MODULES if place(p)], ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_a_room_asks_only_rooms_to_its_left(path):
    mine = place(path)
    allowed = BASE | {mine} | set(ORDER[: ORDER.index(mine)] if mine in ORDER else ())
    assert asked(path) <= allowed


def test_the_test_of_arrows_sees_arrows():
    assert asked(PACKAGE / "api.py") >= {"findings", "record", "report"}
    assert asked(PACKAGE / "findings/view.py") >= {"record", "errors"}


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_no_module_grows_beyond_600_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 600


# --- import budget ------------------------------------------------------------------------------


def loaded_after(code: str) -> set[str]:
    """Return the modules that a fresh process holds after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint('\\n' + repr(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {name.split(".")[0] for name in ast.literal_eval(done.stdout.splitlines()[-1])}


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import multipolar").isdisjoint(HEAVY)


def test_looking_up_a_name_loads_no_data_frames_and_no_templates():
    found = loaded_after(
        "from multipolar.cli import cli\ncli.main(['names', 'Zaire'], standalone_mode=False)"
    )
    assert "click" in found
    assert found.isdisjoint(set(HEAVY) - {"click"})


def test_help_loads_no_data_frames_and_no_templates():
    found = loaded_after(
        "from multipolar.cli import cli\ncli.main(['report', '--help'], standalone_mode=False)"
    )
    assert found.isdisjoint(set(HEAVY) - {"click"})


def test_public_names_are_those_announced():
    import multipolar

    missing = [name for name in multipolar.__all__ if not hasattr(multipolar, name)]
    assert missing == []
    assert sorted(multipolar.__all__) == dir(multipolar)


def test_public_functions_stay_in_place_when_rooms_of_the_same_name_are_imported():
    code = (
        "import json, multipolar, multipolar.report.html, multipolar.record.names\n"
        "print(json.dumps([callable(multipolar.report), callable(multipolar.names)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == [True, True]


# --- neutrality ---------------------------------------------------------------------------------


@cache
def spoken_names() -> set[str]:
    """Return codes of states and the short names shown in English and Chinese."""
    with open(ALMANAC / "states.csv", encoding="utf-8", newline="") as handle:
        codes = {row["state_id"] for row in csv.DictReader(handle)}
    with open(ALMANAC / "state_names.csv", encoding="utf-8", newline="") as handle:
        shown = {
            row["name"]
            for row in csv.DictReader(handle)
            if row["kind"] == "short" and row["lang"] in ("en", "zh")
        }
    return (codes | shown) - WORDS_NOT_CODES


def constants(path: Path) -> set[str]:
    """Return the texts in a module's code, docstrings left out."""
    parsed = tree(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(parsed)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(parsed)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    }


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_no_state_is_named_in_the_code(path):
    assert constants(path) & spoken_names() == set()


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.toml")), ids=lambda p: p.name)
def test_no_state_is_named_in_the_words_of_the_report(path):
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    sections.pop("topics", None)  # what a vote was about, in the words of its title
    text = json.dumps(sections, ensure_ascii=False)
    long_names = {name for name in spoken_names() if not name.isascii() or len(name) > 4}
    assert [name for name in long_names if name in text] == []


def test_the_test_of_neutrality_sees_names(tmp_path):
    probe = tmp_path / "probe.py"
    probe.write_text('"""FRA"""\nHOST = ["FRA", "法国"]\n', encoding="utf-8")
    assert constants(probe) & spoken_names() == {"FRA", "法国"}
