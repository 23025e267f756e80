"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from helpers import leftovers
from multipolar import output
from multipolar.errors import CannotWrite
from multipolar.output import check_new, write_new


def test_a_new_file_holds_the_bytes_and_nothing_else_is_left(tmp_path):
    write_new(str(tmp_path / "a.csv"), b"1,2\n")
    assert (tmp_path / "a.csv").read_bytes() == b"1,2\n"
    assert leftovers(tmp_path) == ["a.csv"]


def test_a_new_file_can_be_read_as_the_umask_says(tmp_path):
    before = os.umask(0o027)
    try:
        write_new(str(tmp_path / "a.csv"), b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640


def test_an_existing_file_is_kept_without_force_and_replaced_with_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"mine")
    with pytest.raises(CannotWrite, match=r"a\.csv exists\. Use --force"):
        write_new(str(path), b"new")
    assert path.read_bytes() == b"mine"
    write_new(str(path), b"new", force=True)
    assert path.read_bytes() == b"new"


def test_a_dangling_link_counts_as_existing(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CannotWrite, match="exists"):
        check_new(str(tmp_path / "link"), force=False)


@pytest.mark.parametrize(("name", "words"), [(".", "is a directory"), ("no/a", "no directory")])
def test_a_directory_or_a_missing_one_is_refused_even_with_force(tmp_path, name, words):
    with pytest.raises(CannotWrite, match=words):
        write_new(str(tmp_path / name), b"", force=True)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, fault):
    path = tmp_path / "a.csv"
    path.write_bytes(b"mine")

    def fail(descriptor):
        raise fault

    monkeypatch.setattr(output.os, "fsync", fail)
    with pytest.raises((CannotWrite, KeyboardInterrupt)) as refused:
        write_new(str(path), b"new", force=True)
    assert isinstance(refused.value, KeyboardInterrupt) or "the disk is full" in str(refused.value)
    assert path.read_bytes() == b"mine"
    assert leftovers(tmp_path) == ["a.csv"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_device_is_written_to_directly_and_its_fault_is_told():
    with pytest.raises(CannotWrite, match="the disk is full"):
        write_new("/dev/full", b"x")
