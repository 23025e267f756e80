"""The documentation says what the program does: generated pages, commands, names, examples."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import pkgutil
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import multipolar
from multipolar import rules
from multipolar.record import tables

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")])
GENERATED = (
    "docs/cli.md",
    "docs/python.md",
    "docs/tables.md",
    "docs/formulas.md",
    "docs/almanac.md",
    "README.md",
    "README.zh.md",
)


def _docs_tool():
    spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools/docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _docs_tool()


@pytest.fixture(scope="module")
def made():
    return TOOL.pages()


def _read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def _name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_what_code_and_data_say(made, name):
    if made[name] is None:
        pytest.skip("the base of collected facts is not here")
    assert _read(name) == made[name], "run `python tools/docs.py`"


@pytest.mark.parametrize("path", list(TOOL.commands()), ids=" ".join)
def test_each_command_has_its_help_text_and_stands_in_the_readme(path):
    title = " ".join(("multipolar", *path))
    assert f"## `{title}`\n" in _read("docs/cli.md")
    if path and path != ("data",):
        assert title in _read("README.md")
        assert title in _read("README.zh.md")


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: table.name)
def test_each_table_and_column_is_described(table):
    page = _read("docs/tables.md")
    section = page.split(f"\n## `{table.name}`\n", 1)[1].split("\n## ", 1)[0]
    common = page.split("\n## Columns of every fact\n", 1)[1].split("\n## ", 1)[0]
    for column in table.columns:
        assert f"| `{column.name}` |" in section + common
        assert column.doc.strip(), f"{table.name}.{column.name} has no description"


def test_each_error_is_described_with_its_exit_code():
    page = _read("docs/python.md")
    for name, error in TOOL.error_classes():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert f"| `{error.code}` | {error.exit_code} |" in row


def test_each_public_name_is_described():
    page = _read("docs/python.md")
    for name in multipolar.__all__:
        assert re.search(rf"^## `{re.escape(name)}[`(]", page, re.M), name
    for name in rules.__all__:
        assert f"| `{name}` |" in page, name


def test_each_allowed_attendance_level_and_exit_action_stands_in_the_glossary():
    page = _read("docs/glossary.md")
    for table, column in (
        (tables.Attendance, "level"),
        (tables.Attendance, "basis"),
        (tables.Exits, "action"),
        (tables.Positions, "position"),
        (tables.Coverage, "coverage"),
    ):
        allowed = next(c.allowed for c in table.columns if c.name == column)
        for word in allowed:
            assert re.search(rf"\b{word}\b", page), f"{table.name}.{column}: {word}"


def _commands_in(page):
    """Yield the commands of shell blocks, of consoles, and of the examples in help texts."""
    lines = [line for block in _blocks(page, "sh") for line in block.splitlines()]
    for block in _blocks(page, "console"):
        lines += [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    for block in _blocks(page, "text"):
        lines += re.findall(r"Example:\n +(multipolar .*)", block)
    for line in lines:
        for part in re.split(r"&&|\||>|#", line):
            words = shlex.split(part)
            if words and words[0].rsplit("/", 1)[-1] == "multipolar":
                yield tuple(words[1:])


SHOWN = sorted({command for page in PAGES for command in _commands_in(page)})


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_a_command_that_the_documentation_shows_is_understood(words):
    from multipolar.cli import cli

    command, rest = cli, list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    assert command is not cli, f"{words[0]} is no command"
    command.make_context(command.name, rest)


def test_the_readme_shows_commands_at_all():
    assert ("report", "USA", "--open") in SHOWN
    assert len(SHOWN) >= 10


def test_the_test_command_is_one_line_between_its_marks():
    marked = re.search(
        r"<!-- test-command -->\n```sh\n(.*)\n```\n<!-- /test-command -->", _read("README.md")
    )
    assert marked, "the marks of the test command are not in the README"
    assert marked[1].endswith("-m pytest")


def _sessions():
    """Yield every shown command with the output that the page promises."""
    for page in PAGES:
        for block in _blocks(page, "console"):
            command, *lines = block.splitlines()
            yield pytest.param(command.removeprefix("$ "), lines, id=f"{_name(page)}: {command}")


@pytest.mark.parametrize(("command", "lines"), list(_sessions()))
def test_a_shown_command_prints_what_the_page_shows(command, lines):
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1", "XDG_DATA_HOME": "/nonexistent"},
        check=False,
    )
    printed = (done.stdout + done.stderr).splitlines()
    if lines[-1] == "…":
        lines = lines[:-1]
        printed = printed[: len(lines)]
    assert printed == lines


PYTHON = [
    pytest.param(block, id=f"{_name(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(_blocks(page, "python"))
]


@pytest.mark.parametrize("block", PYTHON)
def test_python_in_the_documentation_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "documentation", "exec"), {})
    assert capsys.readouterr().out
    assert any(tmp_path.iterdir())


MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(multipolar.__path__, "multipolar.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", ["multipolar", *MODULES])
def test_the_examples_of_a_module_hold(name):
    importlib.import_module(name)
    failed, _ = doctest.testmod(sys.modules[name])
    assert failed == 0


def test_there_are_examples_to_hold():
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = [importlib.import_module(name) and sys.modules[name] for name in MODULES]
    count = sum(len(test.examples) for module in modules for test in finder.find(module))
    assert count >= 20


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http:", "https:")):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(found), target


def _anchors(page):
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_picture_of_a_report_is_there_and_small():
    size = (ROOT / "docs/report.png").stat().st_size
    assert 10_000 < size < 300_000
