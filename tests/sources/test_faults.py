"""Faults of a pull: whatever happens, one line, and the last good edition whole."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import (
    FaultServer,
    Handler,
    cut,
    dripping,
    ranged,
    redirect,
    serving,
    stalling,
    status,
    whole,
)
from pulling import (
    NEW,
    OLD,
    OLDER,
    PATIENCE,
    current_json,
    hidden,
    in_force,
    paris_csv,
    pull_words,
    run_pull,
    shown,
)

from multipolar.errors import BadSource, MultipolarError, SourceUnavailable
from multipolar.record.library import Library
from multipolar.record.store import Record
from multipolar.sources import editions, paris
from multipolar.sources.files import find_files
from multipolar.sources.pull import pull, read

QUICK = {"MULTIPOLAR_TIMEOUT": "0.3"}
LOCAL = Path(__file__).parent


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as started:
        yield started


@pytest.fixture
def bring(record: Record, tmp_path: Path) -> Callable[..., dict[str, object]]:
    """Pull an edition in this process: ``bring(store, NEW)``."""

    def of(store: Path, day: str) -> dict[str, object]:
        path = tmp_path / f"made-{day}.csv"
        path.write_bytes(paris_csv(day))
        return pull(record, store, "paris", [str(path)])

    return of


@pytest.fixture
def store(tmp_path: Path, bring: Callable[..., object]) -> Path:
    """A store that holds one edition."""
    bring(tmp_path / "kept", OLD)
    return tmp_path / "kept"


@pytest.fixture
def fails(store: Path, one_line: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """Check that a pull fails with one line and leaves the store as it was; return the line."""

    def of(*froms: str | Path, code: int = 3, **more: object) -> str:
        before = shown(store)
        line = one_line(run_pull(store, "paris", *froms, env=QUICK, **more), code)
        assert shown(store) == before
        assert in_force(store) == OLD
        assert all(name.startswith(".download-") for name in hidden(store))
        return line

    return of


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Write a file of a test."""

    def of(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return of


# --- what servers do ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (cut(paris_csv(NEW), 4000), "broke off"),
        (stalling(paris_csv(NEW), 4000), "sent nothing for 0.3 seconds"),
        (stalling(paris_csv(NEW), None), "sent nothing for 0.3 seconds"),
        (status(404), "answered 404 (Not Found)"),
        (status(429, Retry_After="600"), "answered 429 (Too Many Requests)"),
        (status(500), "answered 500 (Internal Server Error)"),
        (status(202), "did not hand the file to a program"),
        (whole(b""), "did not hand the file to a program"),
        (
            whole(b"<html><title>Are you human?</title>", Content_Type="text/html"),
            "sent a web page",
        ),
        (whole(paris_csv(NEW), Content_MD5="AAAAAAAAAAAAAAAAAAAAAA=="), "does not have the hash"),
        (redirect("https://example.org/x.csv"), "example.org is not a host of this dataset"),
        (whole(b"Code;Name\nAFG;Afghanistan\n"), "is no file that paris knows"),
        (whole(paris_csv(NEW).replace(b"2018", b"20x8")), "x.csv, row 2: '20x8-"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_faulty_server_costs_one_line(server, fails, store, answer, words):
    assert words in fails(server.at("/x.csv", answer))


@pytest.mark.parametrize(
    "address", ["http://example.org/x.csv", "https://example.org/x.csv", "http://treaties.un.org/x"]
)
def test_an_address_elsewhere_is_refused(fails, address):
    assert "is refused" in fails(address, code=2)


def test_a_download_that_was_cut_off_goes_on_in_the_next_pull(server, fails, store):
    new = paris_csv(NEW)
    address = server.at("/x.csv", ranged(new, '"1"', until=4000), status(404))
    fails(address)
    assert len(hidden(store)) == 2
    server.at("/x.csv", ranged(new, '"1"'))
    assert run_pull(store, "paris", address).code == 0
    assert server.ranges() == [None, "bytes=4000-", "bytes=4000-"]
    assert (in_force(store), hidden(store)) == (NEW, [])


def test_a_file_that_changed_between_two_tries_is_taken_anew(server, store):
    address = server.at(
        "/x.csv", ranged(paris_csv(OLDER), '"1"', until=4000), ranged(paris_csv(NEW), '"2"')
    )
    assert run_pull(store, "paris", address).code == 0
    assert server.ranges() == [None, "bytes=4000-"]
    assert in_force(store) == NEW


def test_what_was_downloaded_and_cannot_be_read_is_not_kept(server, fails, store):
    fails(server.at("/x.csv", ranged(b"Code;Name\n", '"1"')))
    assert hidden(store) == []


def test_the_edition_names_address_and_hash(server, store):
    address = server.at("/files/parties%20list.csv", whole(paris_csv(NEW)))
    assert run_pull(store, "paris", address).code == 0
    told = Library(store).editions["paris"].manifest
    assert [(f["name"], f["origin"]) for f in told["files"]] == [("parties list.csv", address)]
    assert told["files"][0]["sha256"] == told["sha256"]


def test_a_download_beyond_the_limit_is_left(server, store, record, monkeypatch):
    monkeypatch.setattr(paris, "SOURCE", replace(paris.SOURCE, most_bytes=1000))
    before = shown(store)
    with pytest.raises(SourceUnavailable, match="the dataset's limit"):
        pull(record, store, "paris", [server.at("/x.csv", whole(paris_csv(NEW)))])
    assert (shown(store), hidden(store)) == (before, [])


# --- what files do ------------------------------------------------------------------------------


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    """Return 300 MiB of nothing in a few hundred KiB."""
    return gzip.compress(bytes(1 << 20)) * 300


def spoiled(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


GOOD = paris_csv(NEW)
BAD_FILES = {
    "member-too-large.zip": (lambda: zipped(**{"x.csv": bytes(300 << 20)}), "unpacks to more"),
    "bomb.csv.gz": (lambda: gzip.compress(GOOD) + bomb(), "unpacks to more"),
    "up.zip": (lambda: zipped(**{"../evil.csv": GOOD}), "leads out of its folder: '../evil.csv'"),
    "root.zip": (lambda: zipped(**{"/etc/evil.csv": GOOD}), "leads out of its folder"),
    "drive.zip": (lambda: zipped(**{"C:\\evil.csv": GOOD}), "leads out of its folder"),
    "back.zip": (lambda: zipped(**{"a\\..\\..\\evil.csv": GOOD}), "leads out of its folder"),
    "nested.zip": (lambda: zipped(**{"x.zip": zipped(**{"x.csv": GOOD})}), "is no file that paris"),
    "cut.zip": (lambda: zipped(**{"x.csv": GOOD})[:500], "is not a whole zip archive"),
    "flipped.zip": (lambda: spoiled(zipped(**{"x.csv": GOOD}), 400), "is not a whole zip archive"),
    "no-such-block.zip": (
        lambda: zipped(**{"x.csv": GOOD})[:35] + b"\xff" + zipped(**{"x.csv": GOOD})[36:],
        "is not a whole zip archive",
    ),
    "cut.csv.gz": (lambda: gzip.compress(GOOD)[:-300], "is cut off"),
    "flipped.csv.gz": (lambda: spoiled(gzip.compress(GOOD), 400), "is not a gz file"),
    "cut.csv.bz2": (lambda: bz2.compress(GOOD)[:-30], "is cut off"),
    "cut.csv.xz": (lambda: lzma.compress(GOOD)[:-300], "is cut off"),
    "empty.csv": (lambda: b"", "is empty"),
    "page.csv": (lambda: b"<!doctype html><p>no</p>", "is a web page, not the data"),
    "more-columns.csv": (lambda: GOOD.replace(b"Year\n", b"Year,Party\n"), "more-columns.csv"),
    "code.csv": (
        lambda: GOOD.replace(b"\nAFG,", b"\nQQQ,"),
        "no state is known by the label 'QQQ'",
    ),
    "encoding.csv": (lambda: GOOD.replace(b",AFG,", b",Afgh\xe9n,"), "encoding.csv"),
    "zeros.csv": (lambda: GOOD[:4000] + bytes(len(GOOD) - 4000), "zeros.csv"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_costs_one_line(file, fails, name):
    make, words = BAD_FILES[name]
    line = fails(file(name, make()))
    assert words in line
    assert name in line or name == "code.csv"


def test_many_members_that_are_small_alone_are_too_much_together(file, record, monkeypatch):
    small = replace(paris.SOURCE, most_bytes=1 << 20)
    many = {f"{n}.csv": bytes(1 << 19) for n in range(5)}
    with pytest.raises(BadSource, match=r"many\.zip: unpacks to more than a table would"):
        find_files(small, [file("many.zip", zipped(**many))])


def test_nothing_is_ever_unpacked_beside_or_above_an_archive(file, fails, tmp_path):
    fails(file("up.zip", zipped(**{"../evil.csv": GOOD, "fine.csv": GOOD})))
    assert list(tmp_path.rglob("*evil*")) == list(tmp_path.rglob("*fine*")) == []


def test_a_hash_that_was_asked_for_is_checked(file, fails, store):
    path = file("x.csv", GOOD)
    assert "has the hash" in fails(path, sha256="0" * 64)
    digest = hashlib.sha256(GOOD).hexdigest()
    assert run_pull(store, "paris", path, sha256=digest.upper()).code == 0
    assert in_force(store) == NEW


def test_the_hash_of_an_archive_is_that_of_the_archive_or_of_its_one_file(file, store, fails):

    packed = zipped(**{"x.csv": GOOD})
    path = file("x.zip", packed)
    assert "has the hash" in fails(path, sha256="0" * 64)
    for content in (packed, GOOD):
        found = run_pull(store, "paris", path, sha256=hashlib.sha256(content).hexdigest())
        assert found.code == 0, found.err


def test_what_is_neither_file_nor_folder_is_not_waited_for(fails, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in fails(tmp_path / "pipe", code=2)
    assert "there is no file" in fails(tmp_path / "nothing.csv", code=2)
    assert "cannot be read: File name too long" in fails("x" * 300, code=2)


def test_a_file_that_changes_while_it_is_read_is_refused(file, store, record, monkeypatch):
    path = file("x.csv", GOOD)

    def parse(files, states):
        path.write_bytes(GOOD + b"\n")
        return paris.parse(files, states)

    before = shown(store)
    monkeypatch.setattr(paris, "SOURCE", replace(paris.SOURCE, parse=parse))
    with pytest.raises(BadSource, match=r"x\.csv: the file changed while it was read"):
        pull(record, store, "paris", [str(path)])
    assert shown(store) == before


def test_a_file_that_changes_while_it_is_hashed_is_refused(file, store, record, monkeypatch):
    path = file("x.csv", GOOD)
    module = sys.modules[pull.__module__]
    hashes, done = module._hashes, threading.Event()

    def reading(*words):
        found = read(*words)
        done.set()
        return found

    def hashing(*words):
        assert done.wait(PATIENCE)
        path.write_bytes(GOOD + b"\n")
        return hashes(*words)

    before = shown(store)
    monkeypatch.setattr(module, "read", reading)
    monkeypatch.setattr(module, "_hashes", hashing)
    monkeypatch.setattr(module, "in_force", lambda directory: None)
    with pytest.raises(BadSource, match=r"x\.csv: the file changed while it was read"):
        pull(record, store, "paris", [str(path)])
    assert shown(store) == before


@pytest.mark.parametrize("change", ["longer", "replaced", "gone"])
def test_a_file_that_changed_since_it_was_found_is_refused(file, record, change):
    path = file("x.csv", GOOD)
    found = find_files(paris.SOURCE, [path])
    if change == "longer":
        path.write_bytes(GOOD + b"\n")
    elif change == "replaced":
        other = file("y.csv", GOOD)
        shutil.copystat(path, other)
        os.replace(other, path)
    else:
        path.unlink()
    with pytest.raises(BadSource, match="the file changed while it was read"):
        read(paris.SOURCE, found, record)


def test_a_file_that_breaks_a_loader_is_still_one_line(file, record, monkeypatch):
    def parse(files, states):
        raise IndexError("list index\nout of range")

    source = replace(paris.SOURCE, parse=parse)
    with pytest.raises(BadSource, match=r"cannot be read \(IndexError: list index\)"):
        read(source, find_files(source, [file("x.csv", GOOD)]), record)


# --- kills --------------------------------------------------------------------------------------


def check_after_kill(store: Path, before: dict[str, str], follow: Callable[[], object]) -> str:
    """Check what a killed pull left, then that the next one succeeds and cleans up."""
    seen = in_force(store)
    assert seen in (OLD, NEW)
    after = shown(store)
    if seen == OLD:
        assert before.items() <= after.items()
    follow()
    assert (in_force(store), hidden(store)) == (NEW, [])
    told = current_json(store)
    folders = {name for name, digest in shown(store).items() if digest == "folder"}
    assert folders == {told["version"], told["before"]}
    return seen


def killing(store: Path, address: str, step: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(LOCAL / "killed.py"), str(store), address, str(step)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture
def two(store: Path, bring: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two editions, so that a third pull also removes one."""
    monkeypatch.setattr(editions, "GRACE", 0.0)
    shutil.rmtree(store)
    bring(store, OLDER)
    bring(store, OLD)
    return store


def test_a_pull_killed_at_any_step_leaves_a_whole_edition(server, two, tmp_path, record):
    address = server.at("/x.csv", ranged(paris_csv(NEW), '"1"'))
    before = shown(two)
    counted = killing(Path(shutil.copytree(two, tmp_path / "count")), address, 0)
    steps = counted.stdout.split()
    assert counted.returncode == 0, counted.stderr
    assert {"write_parquet", "fsync", "rename", "replace"} <= set(steps)
    assert len(steps) >= 10
    seen = []
    for step in range(1, len(steps) + 1):
        place = Path(shutil.copytree(two, tmp_path / f"step-{step}"))
        assert killing(place, address, step).returncode == -9
        seen.append(
            check_after_kill(place, before, lambda p=place: pull(record, p, "paris", [address]))
        )
    switched = steps.index("replace") + 1
    assert seen == [OLD] * switched + [NEW] * (len(steps) - switched)


def test_a_pull_killed_at_any_time_leaves_a_whole_edition(server, two, tmp_path, record):
    new = paris_csv(NEW)
    address = server.at("/x.csv", dripping(new, 2000, 0.05))
    before = shown(two)
    place = Path(shutil.copytree(two, tmp_path / "whole"))
    began = time.monotonic()
    assert run_pull(place, "paris", address).code == 0
    lasts = time.monotonic() - began
    for part in range(10):
        place = Path(shutil.copytree(two, tmp_path / f"time-{part}"))
        with subprocess.Popen(
            pull_words(place, "paris", address), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running:
            time.sleep(lasts * (part + 1) / 11)
            running.kill()
        check_after_kill(place, before, lambda p=place: pull(record, p, "paris", [address]))


# --- two at once --------------------------------------------------------------------------------


@pytest.fixture
def gate(server: FaultServer) -> tuple[str, threading.Event]:
    """An address that sends the file when it is told to."""
    opened = threading.Event()

    def answer(to: Handler) -> None:
        to.start(200, len(GOOD), {})
        opened.wait(PATIENCE)
        to.write(GOOD)

    return server.at("/x.csv", answer), opened


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_of_two_pulls_at_once_the_second_is_told_to_wait(server, gate, store, fails):
    address, opened = gate
    with subprocess.Popen(
        pull_words(store, "paris", address), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as first:
        wait_until(lambda: server.asked)
        assert "another process is pulling paris" in fails(address)
        assert len(server.asked) == 1
        opened.set()
        _, err = first.communicate(timeout=PATIENCE)
        assert (first.returncode, err) == (0, b"")
    assert (in_force(store), hidden(store)) == (NEW, [])


def test_the_lock_goes_with_a_killed_process(server, gate, store, bring):
    address, _ = gate
    with subprocess.Popen(
        pull_words(store, "paris", address), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as first:
        wait_until(lambda: server.asked)
        first.kill()
    bring(store, NEW)
    assert (in_force(store), hidden(store)) == (NEW, [])


def test_a_pull_of_one_dataset_does_not_keep_another_from_being_pulled(store):
    with editions.writing(store, "g20"), editions.writing(store, "paris"):
        pass


# --- disks --------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 KiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(place)]
    try:
        done = subprocess.run(words, capture_output=True, check=False, text=True)
        problem = done.stderr.strip() if done.returncode else ""
    except OSError as error:
        problem = str(error)
    if problem:
        pytest.skip(f"a small disk cannot be mounted here: {problem}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def fill(disk: Path, leave: int) -> None:
    """Fill a disk up to so many pages of 4 KiB."""
    free = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - leave * 4096)))


def test_a_disk_that_is_full_at_any_point_costs_one_line(disk, bring, file, one_line):
    path = file("x.csv", GOOD)
    store = disk / "store"
    codes = []
    while 0 not in codes:
        shutil.rmtree(store, ignore_errors=True)
        (disk / "filler").unlink(missing_ok=True)
        bring(store, OLD)
        before = shown(store)
        fill(disk, len(codes))
        result = run_pull(store, "paris", path)
        codes.append(result.code)
        if result.code == 0:
            break
        assert "cannot be written: the disk is full. Nothing was changed." in one_line(result, 3)
        assert (shown(store), hidden(store)) == (before, [])
        assert in_force(store) == OLD
        assert len(codes) < 20
    assert in_force(store) == NEW
    assert len(codes) >= 3, "the disk was full at several points"


def test_a_download_that_fills_the_disk_is_removed(disk, bring, server, one_line):
    store = disk / "store"
    bring(store, OLD)
    before = shown(store)
    address = server.at("/x.csv", whole(bytes(1 << 20)))
    assert "the disk is full" in one_line(run_pull(store, "paris", address), 3)
    assert (shown(store), hidden(store), in_force(store)) == (before, [], OLD)


@pytest.mark.parametrize("most", [0, 100, 1000, 2000])
def test_a_limit_on_the_size_of_files_costs_one_line(fails, store, file, most):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    line = fails(file("x.csv", GOOD), preexec_fn=limit)
    assert "cannot be written: File too large. Nothing was changed." in line
    assert hidden(store) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="modes do not hold for root")
def test_a_store_without_the_right_to_write_costs_one_line(fails, store, file):
    folders = [store, *(p for p in store.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    (store / "datasets/paris/.lock").chmod(0o400)
    try:
        assert "cannot be written" in fails(file("x.csv", GOOD))
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_a_store_on_a_disk_that_cannot_be_written_costs_one_line(disk, bring, file, one_line):
    store = disk / "store"
    bring(store, OLD)
    before = shown(store)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True, capture_output=True)
    for place in (store, disk / "other"):
        result = run_pull(place, "paris", file("x.csv", GOOD))
        assert "cannot be written: Read-only file system" in one_line(result, 3)
    assert (shown(store), in_force(store)) == (before, OLD)


def test_a_store_that_is_a_file_costs_one_line(file, one_line):
    place = file("store", b"")
    one_line(run_pull(place, "paris", file("x.csv", GOOD)), 3)
    assert place.read_bytes() == b""


def test_a_fault_while_the_pointer_is_written_leaves_no_folder(store, bring, monkeypatch):
    before = shown(store)

    def fail(*words: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(MultipolarError, match="the disk is full") as caught:
            bring(store, NEW)
    assert caught.value.exit_code == 3
    assert (shown(store), hidden(store)) == (before, [])


def test_an_interruption_after_the_switch_keeps_the_new_edition(store, bring, monkeypatch):
    real = os.replace

    def then_stop(*words: str) -> None:
        real(*words)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", then_stop)
        with pytest.raises(KeyboardInterrupt):
            bring(store, NEW)
    assert in_force(store) == NEW


def test_an_edition_can_be_read_by_whom_the_users_mask_allows(tmp_path, bring):
    old = os.umask(0o022)
    try:
        bring(tmp_path / "open", OLD)
    finally:
        os.umask(old)
    root = tmp_path / "open/datasets/paris"
    place = root / current_json(tmp_path / "open")["version"]
    assert place.stat().st_mode & 0o777 == 0o755
    for path in (*place.iterdir(), root / "current.json"):
        assert path.stat().st_mode & 0o777 == 0o644


# --- readers ------------------------------------------------------------------------------------

READER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from pulling import in_force
store = Path(sys.argv[1])
seen = {in_force(store)}
print("ready", flush=True)
n = 0
while not (store / "over").exists():
    seen.add(in_force(store))
    n += 1
print(n, *sorted(seen))
"""


def test_readers_see_a_whole_edition_while_others_are_pulled(store, bring):
    words = [sys.executable, "-c", READER, str(store), str(LOCAL), str(LOCAL.parent)]
    readers = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    faults: list[BaseException] = []
    over = threading.Event()

    def read_on() -> None:
        try:
            while not over.is_set():
                assert in_force(store) in (OLD, NEW)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=read_on) for _ in range(2)]
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for thread in threads:
            thread.start()
        for n in range(10):
            bring(store, (NEW, OLD)[n % 2])
    finally:
        over.set()
        (store / "over").touch()
        for thread in threads:
            thread.join()
        told = [reader.communicate(timeout=PATIENCE) for reader in readers]
    assert faults == []
    for out, err in told:
        assert err == ""
        n, *seen = out.split()
        assert int(n) > 0
        assert set(seen) <= {OLD, NEW}


def test_an_edition_that_was_just_opened_outlives_two_pulls(store, bring):
    opened = Library(store)
    bring(store, NEW)
    bring(store, OLDER)
    assert opened.scan("memberships")["paris"].collect().height == 150
    assert opened.damaged == {}


def test_what_a_killed_pull_left_goes_also_where_nothing_is_new(store, bring):
    before = shown(store)
    for name in ("orphan-1", ".new-1", ".gone-1"):
        shutil.copytree(part(store, "manifest.json").parent, store / "datasets/paris" / name)
    for name in (".multipolar-1", ".download-1", ".download-1.json"):
        (store / "datasets/paris" / name).touch()
    assert bring(store, OLD)["unchanged"]
    assert (shown(store), hidden(store)) == (before, [])


def test_after_a_while_two_editions_stay(store, bring, monkeypatch):
    monkeypatch.setattr(editions, "GRACE", 0.0)
    opened = Library(store)
    bring(store, NEW)
    assert opened.scan("memberships")["paris"].collect().height == 150
    bring(store, OLDER)
    told = current_json(store)
    folders = {name for name, digest in shown(store).items() if digest == "folder"}
    assert folders == {told["version"], told["before"]}
    assert Library(store).scan("memberships")["paris"].collect().height == 150


# --- damage -------------------------------------------------------------------------------------


@pytest.fixture
def beside(store: Path) -> Path:
    """The store with a second dataset beside the first."""
    root = store / "datasets/g20"
    shutil.copytree(store / "datasets/paris", root)
    told = json.loads((root / "current.json").read_bytes())
    path = root / told["version"] / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"dataset": "paris"', b'"dataset": "g20"'))
    told["manifest"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (root / "current.json").write_text(json.dumps(told))
    return store


def part(store: Path, name: str) -> Path:
    root = store / "datasets/paris"
    return root / name if name == "current.json" else root / current_json(store)["version"] / name


DAMAGE: dict[str, Callable[[Path], object]] = {
    "flipped": lambda path: path.write_bytes(spoiled(path.read_bytes(), path.stat().st_size // 2)),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "emptied": lambda path: path.write_bytes(b""),
    "removed": lambda path: path.unlink(),
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", ["current.json", "manifest.json", "memberships.parquet"])
def test_a_damaged_file_is_named_and_the_rest_works(beside, bring, name, how):
    DAMAGE[how](part(beside, name))
    library = Library(beside)
    found = library.scan("memberships")
    assert list(found) == ["g20"]
    assert found["g20"].collect().height == 150
    assert list(library.damaged) == ["paris"]
    assert name in library.damaged["paris"]
    bring(beside, OLD)
    assert in_force(beside) == OLD


def test_no_flipped_bit_of_the_pointer_shows_something_wrong(store):
    path = part(store, "current.json")
    whole_pointer = path.read_bytes()
    named = 0
    for at in range(len(whole_pointer)):
        path.write_bytes(spoiled(whole_pointer, at))
        library = Library(store)
        found = library.scan("memberships")
        named += bool(library.damaged)
        assert set(found) ^ set(library.damaged) == {"paris"}
        for frame in found.values():
            assert str(frame.collect()["start"][0]) == OLD
    assert named > 64


def test_no_flipped_bit_of_a_manifest_goes_unseen(store):
    path = part(store, "manifest.json")
    good = path.read_bytes()
    for at in range(0, len(good), 7):
        path.write_bytes(spoiled(good, at))
        assert list(Library(store).damaged) == ["paris"]


def test_a_store_of_a_later_form_is_left_alone(store):
    path = part(store, "manifest.json")
    path.write_bytes(path.read_bytes().replace(b'"schema": 1', b'"schema": 9'))
    pointer = current_json(store)
    pointer["manifest"] = hashlib.sha256(path.read_bytes()).hexdigest()
    part(store, "current.json").write_text(json.dumps(pointer))
    assert "was written by a later version" in Library(store).damaged["paris"]
