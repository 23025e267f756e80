"""Our reader of R's data files against the maintained one, and on files that are not whole."""

from __future__ import annotations

import gzip
import warnings

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources.files import RawFile
from multipolar.sources.formats.rdata import r_frame, r_names


def raw(path):
    return RawFile(path.name, str(path), 1 << 29, path=path)


@pytest.mark.parametrize(
    "place", ["votes/un_roll_call_issues.rda", "votes/un_roll_calls.rda", "states/gw_system.rda"]
)
def test_a_data_frame_holds_what_the_maintained_reader_finds(shared, place):
    rdata = pytest.importorskip("rdata", reason="the reader that serves as oracle is not installed")
    path = shared / place
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (theirs,) = rdata.conversion.convert(rdata.parser.parse_file(path)).values()
    ours = r_frame(raw(path))
    assert ours.columns == [str(name) for name in theirs.columns]
    assert ours.height == len(theirs)
    for name in ours.columns:
        column = ours[name]
        if column.dtype == pl.Date:
            column = column.to_physical()
        for mine, other in zip(column, theirs[name], strict=True):
            if mine is None:
                assert str(other) in ("<NA>", "None", "nan", "NaT")
            elif isinstance(mine, str):
                assert mine == str(other)
            else:
                assert float(mine) == float(other)


def test_a_file_cut_off_is_refused(shared, tmp_path):
    whole = raw(shared / "votes/un_roll_call_issues.rda").content
    path = tmp_path / "cut.rda"
    path.write_bytes(gzip.compress(whole[: len(whole) // 2]))
    with pytest.raises(BadSource, match="is not a whole R data file"):
        r_frame(raw(path))


def test_a_file_that_is_none_of_r_has_no_names(tmp_path):
    path = tmp_path / "x.rda"
    path.write_bytes(b"a,b\n1,2\n")
    assert r_names(raw(path)) == set()
