"""Whatever goes wrong: one line on standard error, the right exit code, no trace, no half file."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from helpers import Result, leftovers

FINDING = "FJI/purse/un/assessed_share@2026-01-01"
WRITING = {
    "report": ("report", "FJI"),
    "compare": ("compare", "FJI", "TON"),
    "names": ("names", "Fiji"),
    "explain": ("explain", FINDING),
    "power": ("power", "unsc", "--decision", "substantive"),
    "data list": ("data", "list"),
}


# --- what is typed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report", "Nowhereland"), "no state is called 'Nowhereland'"),
        (("report", "Frannce"), "Nearest: FRA"),
        (("report", "Korea"), "Type one of: KOR, PRK."),
        (("report", "Congo"), "Type one of: COD, COG."),
        (("report", "America"), "is ambiguous"),
        (("report", ""), "name a state"),
        (("report", "who"), "no state is called"),
        (("report",), "name a state"),
        (("report", "FJI", "--as-of", "2025-02-30"), "does not exist in the calendar"),
        (("report", "FJI", "--as-of", "2025-11"), "not a full date"),
        (("report", "FJI", "--as-of", "7 November"), "not a full date"),
        (("report", "FJI", "--as-of", "0000-01-01"), "does not exist in the calendar"),
        (("report", "FJI", "--as-of", "1945-10-23"), "before the record begins"),
        (("report", "FJI", "--as-of", "9999-12-31"), "after the record ends"),
        (("report", "USSR"), "it ended on 1991-12"),
        (("report", "RUS", "--as-of", "1980-01-01", "--lang", "fr"), "--lang"),
        (("report", "South Sudan", "--as-of", "2011-07-08"), "it begins on 2011-07-09"),
        (("report", "FJI", "--format", "xml"), "--format"),
        (("report", "FJI", "TON"), "unexpected extra argument"),
        (("report", "--all"), "needs a directory"),
        (("report", "--all", "FJI", "-o", "d"), "takes no STATE"),
        (("report", "--all", "-o", "d", "--format", "pdf"), "not pdf"),
        (("report", "--all", "-o", "d", "--jobs", "0"), "--jobs"),
        (("report", "--all", "-o", "d", "--as-of", "1900-01-01"), "before the record begins"),
        (("power",), "name a body or --game FILE"),
        (("power", "IMF", "--game", "x.json"), "one of the two"),
        (("power", "Nowhere"), "no body is called 'Nowhere'"),
        (("power", "IMF", "--decision", "nap"), "has no decision 'nap'"),
        (("power", "IMF", "--without", "Korea"), "is ambiguous"),
        (("power", "UNSC", "--without", "Switzerland"), "is not a member"),
        (("power", "--game", "no.json"), "no file 'no.json'"),
        (("power", "--game", "no.json", "--decision", "x"), "a game has no decision"),
        (("power", "IMF", "--from", "2000"), "--from and --to go together"),
        (
            ("power", "IMF", "--from", "1900", "--to", "2000", "--decision", "ordinary"),
            "not a year",
        ),
        (("power", "IMF", "--from", "2020", "--to", "2024"), "needs one --decision"),
        (("power", "IMF", "--quotas"), "needs one --decision"),
        (("power", "IMF", "--format", "vega"), "needs one --decision"),
        (("power", "UNSC", "--index", "holler"), "need one decision"),
        (
            ("power", "IMF", "--index", "holler", "--decision", "ordinary"),
            "too many for the indices",
        ),
        (("power", "IMF", "--draws", "3"), "--draws"),
        (("power", "IMF", "--index", "fame"), "--index"),
        (("power", "IMF", "--as-of", "1900-01-01"), "before the record begins"),
        (("power", "UNSC", "--bloc", "nobody"), "no body whose members"),
        (("power", "AIIB", "--join", "JPN=abc"), "is not a number"),
        (("scale",), "name a body or --votes FILE"),
        (("scale", "unga", "--votes", "v.csv"), "one of the two"),
        (("scale", "unga"), "no roll calls of unga are pulled"),
        (("scale", "Nowhere"), "no body is called 'Nowhere'"),
        (("scale", "unga", "--from", "0"), "0 is not a year"),
        (("scale", "unga", "--from", "2020", "--to", "2019"), "is after"),
        (("scale", "unga", "--polarity", "USA"), "polarity names two states"),
        (("scale", "unga", "--polarity", "USA,Korea"), "is ambiguous"),
        (("scale", "unga", "--anchor", "USA"), "anchors are two states"),
        (("scale", "unga", "--anchor", "USA=x"), "is not STATE=NUMBER"),
        (("scale", "unga", "--level", "90"), "level is 90.0, not between 0 and 1"),
        (("scale", "unga", "--dynamics", "wild"), "--dynamics"),
        (("scale", "unga", "--static", "--dynamics", "random-walk"), "exclude one another"),
        (("scale", "unga", "--issue", "me"), "no pulled dataset names issues"),
        (("scale", "unga", "--dataset", "unvotes"), "is not pulled"),
        (("scale", "--votes", "no.csv"), "no file 'no.csv'"),
        (("scale", "--votes", "."), "is a directory"),
        (("scale", "--votes", "no.csv", "--from", "2000"), "--votes takes no body, years"),
        (("compare", "FJI"), "at least two"),
        (("compare", "FJI", "Korea"), "is ambiguous"),
        (("compare",), "Missing argument"),
        (("names", "Nowhereland"), "no state or body"),
        (("names", "Guinea-"), "'Guinea-'"),
        (("names", "Virgin Islands"), "Candidates: "),
        (("names", "Fiji", "--as-of", "2025"), "not a full date"),
        (("explain", "what"), "is not a finding id"),
        (("explain", "FJI/purse/un/nothing@2026-01-01"), "has no finding"),
        (("explain", "Korea/purse/un/assessed_share@2026-01-01"), "is ambiguous"),
        (("explain", "FJI/purse/un/assessed_share@2026-02-30"), "does not exist in the calendar"),
        (("explain", "FJI/purse/un/assessed_share"), "is not a finding id"),
        (("data", "export", "exit"), "Nearest: exits"),
        (("data", "export", "zzzz"), "data list"),
        (("data", "export"), "name one table"),
        (("data", "export", "exits", "vetoes"), "name one table"),
        (("data", "nothing"), "No such command"),
        (("reprot", "FJI"), "No such command"),
        (("report", "FJI", "--colour"), "No such option"),
        (("data", "list", "--store", "not-there"), "there is no store at"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_answered_is_one_line_and_code_2(here, one_line, tmp_path, words, said):
    assert said in one_line(here(*words), 2)
    assert leftovers(tmp_path / "work") == []


VOTES = "roll_call,state,period,position\n"
FULL = VOTES + "".join(
    f"{call},{state},2000,{position}\n"
    for call, said in (("a", "yny"), ("b", "nny"), ("c", "yay"))
    for state, position in zip(("X", "Y", "Z"), said, strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "votes.csv is empty"),
        (VOTES, "the votes have no rows"),
        ("a,b\n1,2\n", "no column 'roll_call'; they have 'a', 'b'"),
        (VOTES + "1,X,2000,yes,more\n", "is not UTF-8 text in columns"),
        (b"roll_call,state,period,position\n1,\xff,2000,yes\n", "is not UTF-8 text in columns"),
        (FULL.replace("a,X,2000,y", "a,X,2000,perhaps"), "the position 'perhaps' in row 1"),
        (FULL.replace("a,X,2000,y", "a,X,2000,"), "position is empty in row 1"),
        (FULL.replace("b,Z,2000,y", "b,,2000,y"), "state is empty in row 6"),
        (FULL + "c,Z,2000,y\n", "'Z' stands twice in roll call 'c'"),
        (FULL + "c,W,2001,y\n", "roll call 'c' stands in period 2001 and in period 2000"),
        (FULL.replace(",a\n", ",y\n").replace(",n\n", ",y\n"), "on every item all voted alike"),
    ],
    ids=str,
)
def test_a_file_of_votes_that_cannot_be_scaled_is_one_line(here, one_line, tmp_path, text, said):
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "work/votes.csv").write_bytes(data)
    line = one_line(here("scale", "--votes", "votes.csv"), 2)
    assert any(
        each in line
        for each in (said, said.replace("2001 and in period 2000", "2000 and in period 2001"))
    )
    assert leftovers(tmp_path / "work") == ["votes.csv"]


def test_a_file_that_is_no_parquet_is_told(here, one_line, tmp_path):
    (tmp_path / "work/votes.parquet").write_text(FULL)
    assert "is not Parquet" in one_line(here("scale", "--votes", "votes.parquet"), 2)


def test_a_search_that_did_not_converge_is_written_marked_and_exits_with_4(
    here, one_line, tmp_path
):
    (tmp_path / "work/votes.csv").write_text(FULL)
    assert here("scale", "--votes", "votes.csv").code == 0
    cut = ("scale", "--votes", "votes.csv", "--steps", "1")
    for format_, mark in (
        ("json", '"converged": false'),
        ("table", "NOT CONVERGED"),
        ("csv", ",False"),
        ("vega", "NOT CONVERGED"),
    ):
        result = here(*cut, "--format", format_, "-o", f"made.{format_}")
        assert "not converged after 1 steps" in one_line(result, 4)
        assert mark in (tmp_path / f"work/made.{format_}").read_text()


def test_one_line_also_where_the_input_has_several(here, one_line):
    assert "'two\\nlines'" in one_line(here("report", "two\nlines"), 2)
    assert "no table" in one_line(here("data", "export", "two\nlines"), 2)


def test_debug_shows_the_trace_that_is_hidden_otherwise(process):
    result = process("report", "Nowhereland", "--debug")
    assert "Traceback" in result.err
    assert result.code != 0


# --- where it is written ------------------------------------------------------------------------


@pytest.mark.parametrize("command", WRITING)
def test_an_existing_file_is_refused_and_kept_then_replaced_with_force(
    here, one_line, tmp_path, command
):
    kept = tmp_path / "work/kept"
    kept.write_text("mine")
    assert "kept exists. Use --force" in one_line(here(*WRITING[command], "-o", "kept"), 2)
    assert kept.read_text() == "mine"
    assert here(*WRITING[command], "-o", "kept", "--force").code == 0
    assert kept.read_text() != "mine"
    assert leftovers(tmp_path / "work") == ["kept"]


@pytest.mark.parametrize("command", WRITING)
def test_a_missing_directory_is_named_and_not_made(here, one_line, tmp_path, command):
    assert "there is no directory" in one_line(here(*WRITING[command], "-o", "no/where"), 2)
    assert not (tmp_path / "work/no").exists()


@pytest.mark.parametrize("command", WRITING)
def test_a_directory_in_place_of_a_file_is_refused(here, one_line, tmp_path, command):
    assert "is a directory" in one_line(here(*WRITING[command], "-o", ".", "--force"), 2)
    assert leftovers(tmp_path / "work") == []


@pytest.mark.parametrize("words", [("report", "--all"), ("data", "export")], ids=" ".join)
def test_several_files_are_refused_together_if_one_exists(here, one_line, tmp_path, words):
    out = tmp_path / "work/out"
    out.mkdir()
    (out / "ZWE.html").write_text("mine")
    (out / "weights.csv").write_text("mine")
    assert "exists. Use --force" in one_line(here(*words, "-o", "out"), 2)
    assert leftovers(out) == ["ZWE.html", "weights.csv"]
    assert (out / "ZWE.html").read_text() == (out / "weights.csv").read_text() == "mine"


@pytest.mark.parametrize("words", [("report", "--all"), ("data", "export")], ids=" ".join)
def test_a_file_in_place_of_a_directory_is_refused_and_kept(here, one_line, tmp_path, words):
    (tmp_path / "work/out").write_text("mine")
    assert "cannot be made" in one_line(here(*words, "-o", "out"), 2)
    assert (tmp_path / "work/out").read_text() == "mine"


@pytest.fixture
def small_disk(tmp_path):
    """A directory on a disk of a given size; needs the right to mount one."""
    held = []

    def make(*options: str):
        place = tmp_path / f"disk{len(held)}"
        place.mkdir()
        if os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("mounting a small disk needs root")
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(place)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("this machine does not let its root mount a small disk")
        held.append(place)
        return place

    yield make
    for place in held:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_fills_up_leaves_no_file(process, one_line, small_disk):
    disk = small_disk("size=64k")
    assert "the disk is full" in one_line(process("report", "FJI", "-o", f"{disk}/a.html"), 2)
    assert leftovers(disk) == []
    line = one_line(process("data", "export", "money", "-o", str(disk / "out")), 2)
    assert "the disk is full" in line
    assert leftovers(disk) == []


def test_a_disk_that_fills_up_keeps_the_old_file_also_with_force(process, one_line, small_disk):
    disk = small_disk("size=64k")
    (disk / "a.html").write_text("mine")
    result = process("report", "FJI", "-o", f"{disk}/a.html", "--force")
    assert "the disk is full" in one_line(result, 2)
    assert (disk / "a.html").read_text() == "mine"
    assert leftovers(disk) == ["a.html"]


def test_a_disk_that_fills_up_under_many_reports_leaves_only_whole_ones(
    process, one_line, small_disk
):
    disk = small_disk("size=1m")
    assert "the disk is full" in one_line(process("report", "--all", "-o", f"{disk}/all"), 2)
    for path in (disk / "all").iterdir():
        assert path.suffix == ".html"
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_disk_that_cannot_be_written_to_is_told(process, one_line, small_disk):
    disk = small_disk("ro")
    line = one_line(process("report", "FJI", "-o", f"{disk}/a.html"), 2)
    assert "cannot be written: Read-only file system" in line
    assert "cannot be made" in one_line(process("report", "--all", "-o", f"{disk}/all"), 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into any directory")
def test_a_directory_without_permission_is_told(process, one_line, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    line = one_line(process("report", "FJI", "-o", f"{closed}/a.html"), 2)
    assert "cannot be written: Permission denied" in line


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [*WRITING.values(), ("data", "export", "money")], ids=" ".join)
def test_a_full_standard_output_is_told(process, one_line, words):
    with open("/dev/full", "wb") as full:
        line = one_line(process(*words, stdout=full), 2)
    assert "No space left" in line


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", WRITING)
def test_a_full_device_named_with_o_is_told(here, one_line, command):
    assert "the disk is full" in one_line(here(*WRITING[command], "-o", "/dev/full"), 2)


def test_a_closed_pipe_is_one_line(process, one_line):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = process("data", "export", "money", stdout=writing)
    finally:
        os.close(writing)
    assert "closed" in one_line(result, 141)


def test_a_reader_that_takes_one_line_gets_it(tmp_path):
    script = f"{sys.executable} -m multipolar data export money 2>err | head -1"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, check=True, timeout=60
    )
    assert done.stdout.startswith(b"body_id,budget,stage,")
    assert done.stdout.count(b"\n") == 1
    err = (tmp_path / "err").read_text()
    assert err.startswith("multipolar: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("closing", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_standard_streams_make_no_trace(tmp_path, closing):
    script = f"{sys.executable} -m multipolar names Korea {closing}"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == ("2>&-" not in closing)


# --- what is read -------------------------------------------------------------------------------

ROW = {
    "exit_id": "X900",
    "state_id": "FJI",
    "body_id": "who",
    "action": "announce",
    "date": "2025-03-01",
    "date_precision": "day",
    "status": "occurred",
}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"date": "2025-02-30"}, "date"),
        ({"date": "2025"}, "date"),
        ({"date": "2025-W09-6"}, "date"),
        ({"date": ""}, "date"),
        ({"action": "leave"}, "action"),
        ({"state_id": "QQQ"}, "state_id"),
        ({"state_id": " FJI"}, "state_id"),
        ({"body_id": "nothing"}, "body_id"),
        ({"source_id": "nothing"}, "source_id"),
        ({"source_id": ""}, "source_id"),
        ({"as_of": "2025-02-30"}, "as_of"),
        ({"as_of": "last year"}, "as_of"),
        ({"confidence": "unverified"}, "confidence"),
        ({"exit_id": "X001"}, "exit_id"),
    ],
    ids=str,
)
@pytest.mark.parametrize("words", [("report", "FJI"), ("data", "list")], ids=" ".join)
def test_a_broken_row_is_named_by_file_row_and_column(here, one_line, store, words, change, column):
    place = store(exits=[{**ROW, "exit_id": "X901"}, {**ROW, **change}])
    line = one_line(here(*words, "--store", str(place)), 3)
    assert f"{place}/almanac/exits.csv, row 3, column {column}: " in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column 'exit_id' is missing"),
        ("exit_id,state_id\n", "column 'body_id' is missing"),
        ("\x00\n", "column 'exit_id' is missing"),
        ('"never closed', "not CSV"),
        (b"\xff\xfe", "not UTF-8"),
    ],
    ids=["empty", "short header", "nul", "open quote", "not text"],
)
def test_a_file_that_is_no_table_is_named(here, one_line, store, text, said):
    place = store()
    data = text if isinstance(text, bytes) else text.encode()
    (place / "almanac/exits.csv").write_bytes(data)
    line = one_line(here("report", "FJI", "--store", str(place)), 3)
    assert f"{place}/almanac/exits.csv" in line
    assert said in line


def test_a_row_with_too_few_cells_is_named(here, one_line, store):
    place = store(exits=[ROW])
    with open(place / "almanac/exits.csv", "a") as handle:
        handle.write("X902,FJI\n")
    assert "exits.csv, row 3: 2 cells" in one_line(here("report", "FJI", "--store", str(place)), 3)


def test_a_file_that_no_table_has_the_name_of_is_not_passed_over(here, one_line, store):
    place = store()
    (place / "almanac/exists.csv").write_text("exit_id\n")
    line = one_line(here("report", "FJI", "--store", str(place)), 3)
    assert "exists.csv: there is no table of this name" in line


def test_a_rule_that_cannot_be_read_is_named(here, one_line, store):
    rule = {
        "body_id": "un",
        "decision": "probe",
        "label_en": "Probe",
        "label_zh": "试",
        "rule": 'count("2/3"',
        "form": "vote",
        "article_en": "Art. 1",
        "article_zh": "第一条",
    }
    line = one_line(here("report", "FJI", "--store", str(store(decision_rules=[rule]))), 3)
    assert "decision_rules" in line


def test_a_store_named_by_the_environment_is_asked_too(here, one_line, tmp_path, monkeypatch):
    monkeypatch.setenv("MULTIPOLAR_STORE", str(tmp_path / "none"))
    for words in WRITING.values():
        assert "there is no store at" in one_line(here(*words), 2)


# --- who stops it -------------------------------------------------------------------------------


def interrupted(words: tuple[str, ...], cwd, seconds: float, *, group: bool) -> Result:
    """Start a process, press Ctrl-C after a while, and return what it left."""
    started = subprocess.Popen(
        [sys.executable, "-m", "multipolar", *words],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(seconds)
    if group:
        os.killpg(started.pid, signal.SIGINT)
    else:
        started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    return Result(started.returncode, out, err.decode())


@pytest.mark.parametrize("group", [True, False], ids=["all processes", "the parent only"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_many_reports_with_one_line_and_only_whole_files(
    one_line, tmp_path, jobs, group
):
    words = ("report", "--all", "-o", "all", "--jobs", jobs)
    result = interrupted(words, tmp_path, 1.5, group=group)
    assert "interrupted" in one_line(result, 130)
    for name in leftovers(tmp_path):
        assert name.startswith("all/")
        assert name.endswith(".html")
        assert (tmp_path / name).read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_ctrl_c_ends_one_report_that_waits_for_its_reader(one_line, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    result = interrupted(("report", "FJI", "-o", "pipe"), tmp_path, 1.5, group=True)
    assert "interrupted" in one_line(result, 130)
    assert os.listdir(tmp_path) == ["pipe"]
