"""R's ``save`` files: data frames of plain vectors, factors and lists, read straight into arrays.

The format is R's own serialization (R Internals, section 1.8): XDR, versions 2 and 3. The maintained
reader of this form took 29 seconds for 870,109 votes and brings two data-frame libraries along; this
one takes about one and needs numpy only. It reads data and nothing else: code, environments and
objects of classes are refused.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from ..files import RawFile
from ..source import bad

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

NA_INTEGER = -2147483648
DEEPEST = 64
_NULL, _GLOBAL, _REFERENCE, _ALTREP = 254, 253, 255, 238
_BASE_LIKE = (241, 242, 247, 251, 252)


class Vector:
    """An R vector: values and attributes (``names``, ``class``, ``levels``…)."""

    __slots__ = ("attributes", "values")

    def __init__(self, values: Any, attributes: dict[str, Any] | None = None) -> None:
        self.values = values
        self.attributes = attributes or {}

    def __len__(self) -> int:
        return len(self.values)


def read_r(raw: RawFile) -> dict[str, Vector]:
    """Return the objects of an ``.rda`` file by name.

    Raises
    ------
    BadSource
        The file is not whole, or holds something other than data.
    """
    cached: dict[str, Vector] | None = getattr(raw, "r_objects", None)
    if cached is not None:
        return cached
    data = raw.content
    if not data.startswith((b"RDX2\nX\n", b"RDX3\nX\n")):
        raise bad(raw.name, "is not a data file of R in binary form")
    try:
        found = _Reader(data, 7).pairs()
    except (struct.error, IndexError, KeyError, ValueError, TypeError, UnicodeDecodeError) as error:
        raise bad(raw.name, f"is not a whole R data file: {error}") from None
    raw.r_objects = found  # type: ignore[attr-defined]
    return found


def r_names(raw: RawFile) -> set[str]:
    """Return the names of the objects in an ``.rda`` file; empty where it is no such file."""
    return set(read_r(raw)) if raw.is_r_data() else set()


def r_frame(raw: RawFile, name: str = "") -> pl.DataFrame:
    """Return one data frame: the one named, or the only one.

    Factors become texts, dates become dates, R's NA becomes null, and the text "NA" stays a text.
    """
    objects = {k: v for k, v in read_r(raw).items() if _is_frame(v)}
    chosen = objects.get(name) if name else None
    if chosen is None and not name and len(objects) == 1:
        chosen = next(iter(objects.values()))
    if chosen is None:
        wanted = f"the data frame {name!r}" if name else "one data frame"
        raise bad(
            raw.name, f"does not hold {wanted} (it holds {', '.join(sorted(objects)) or 'none'})"
        )
    return frame(chosen)


def frame(vector: Vector) -> pl.DataFrame:
    """Return an R data frame as a polars frame."""
    import polars as pl

    names = vector.attributes["names"].values
    return pl.DataFrame(
        [series(str(name), column) for name, column in zip(names, vector.values, strict=True)]
    )


def series(name: str, vector: Vector) -> pl.Series:
    """Return an R vector as a polars series, with R's missing values as null."""
    import numpy as np
    import polars as pl

    values, attributes = vector.values, vector.attributes
    classes = attributes["class"].values if "class" in attributes else ()
    if isinstance(values, list):
        return pl.Series(name, values, dtype=pl.String, strict=True)
    if "levels" in attributes:
        levels = pl.Series(attributes["levels"].values, dtype=pl.String)
        codes = pl.Series(np.where(values < 1, 0, values - 1).astype(np.uint32))
        known = pl.Series(values >= 1)
        texts = levels.gather(codes)
        return pl.select(pl.when(known).then(texts).otherwise(None).alias(name)).to_series()
    if values.dtype.kind == "i":
        out = pl.Series(name, values.astype(np.int64))
        missing = pl.Series(values == NA_INTEGER)
        out = pl.select(pl.when(missing).then(None).otherwise(out).alias(name)).to_series()
    else:
        out = pl.Series(name, values.astype(np.float64), nan_to_null=True)
    if "Date" in classes:
        return (
            out.floor().cast(pl.Int32).cast(pl.Date)
            if out.dtype.is_float()
            else out.cast(pl.Int32).cast(pl.Date)
        )
    return out


def _is_frame(value: object) -> bool:
    return (
        isinstance(value, Vector)
        and "class" in value.attributes
        and "data.frame" in value.attributes["class"].values
    )


class _Reader:
    """Walks the serialized bytes."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at
        self.references: list[Any] = []
        self.strings: dict[bytes, str] = {}
        version = self.integer()
        self.at += 8
        if version == 3:
            encoding = self.integer()
            self.at += encoding
        elif version != 2:
            raise ValueError(f"version {version} of the format")

    def pairs(self) -> dict[str, Vector]:
        found = self.item(0)
        if not isinstance(found, dict):
            raise ValueError("it holds no named objects")
        return found

    def integer(self) -> int:
        (value,) = struct.unpack_from(">i", self.data, self.at)
        self.at += 4
        return int(value)

    def length(self) -> int:
        n = self.integer()
        if n == -1:
            high, low = self.integer(), self.integer()
            n = (high << 32) + low
        if n < 0 or n > len(self.data):
            raise ValueError(f"a vector of {n:,} values in {len(self.data):,} bytes")
        return n

    def numbers(self, kind: str) -> np.ndarray[Any, Any]:
        import numpy as np

        n = self.length()
        width = 4 if kind == ">i4" else 8
        if self.at + n * width > len(self.data):
            raise ValueError("the data end early")
        values = np.frombuffer(self.data, kind, n, self.at)
        self.at += n * width
        return values.astype(kind[1:])

    def item(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError("nested too deep")
        flags = self.integer()
        kind = flags & 0xFF
        if kind in (_NULL, _GLOBAL, *_BASE_LIKE):
            return None
        if kind == _REFERENCE:
            return self.references[(flags >> 8 or self.integer()) - 1]
        if kind == 1:
            symbol = self.item(depth + 1)
            self.references.append(symbol)
            return symbol
        if kind == 9:
            return self.text()
        if kind == 2:
            return self.pairlist(flags, depth)
        if kind == _ALTREP:
            return self.compact(depth)
        if kind in (10, 13):
            values: Any = self.numbers(">i4")
        elif kind == 14:
            values = self.numbers(">f8")
        elif kind == 16:
            values = self.texts()
        elif kind in (19, 20):
            values = [self.item(depth + 1) for _ in range(self.length())]
        else:
            raise ValueError(f"an object of R's type {kind}, which is not data")
        return Vector(values, self.item(depth + 1) if flags & 0x200 else None)

    def text(self) -> str | None:
        n = self.integer()
        if n == -1:
            return None
        raw = self.data[self.at : self.at + n]
        if len(raw) < n:
            raise ValueError("the data end early")
        self.at += n
        found = self.strings.get(raw)
        if found is None:
            try:
                found = raw.decode()
            except UnicodeDecodeError:
                found = raw.decode("latin-1")
            self.strings[raw] = found
        return found

    def texts(self) -> list[str | None]:
        data, at, strings = self.data, 0, self.strings
        out: list[str | None] = []
        n = self.length()
        at = self.at
        unpack = struct.Struct(">ii").unpack_from
        for _ in range(n):
            flags, size = unpack(data, at)
            if flags & 0xFF != 9:
                raise ValueError("a text was expected")
            at += 8
            if size == -1:
                out.append(None)
                continue
            raw = data[at : at + size]
            at += size
            found = strings.get(raw)
            if found is None:
                self.at = at - size - 4
                found = self.text()
            out.append(found)
        self.at = at
        if at > len(data):
            raise ValueError("the data end early")
        return out

    def pairlist(self, flags: int, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        while True:
            if flags & 0x200:
                self.item(depth + 1)
            tag = self.item(depth + 1) if flags & 0x400 else None
            value = self.item(depth + 1)
            out[str(tag) if tag is not None else f"#{len(out)}"] = value
            flags = self.integer()
            if flags & 0xFF == _NULL:
                return out
            if flags & 0xFF != 2:
                raise ValueError("a list does not end")

    def compact(self, depth: int) -> Any:
        """Read one of R's compact forms: a range, or a vector wrapped or deferred."""
        import numpy as np

        info, state, attributes = (self.item(depth + 1) for _ in range(3))
        name = str(next(iter(info.values()))) if isinstance(info, dict) else ""
        if name in ("compact_intseq", "compact_realseq"):
            n, first, step = (float(v) for v in state.values)
            if n > 1 << 31:
                raise ValueError("a range too long")
            kind = np.int32 if name == "compact_intseq" else np.float64
            return Vector((first + step * np.arange(int(n))).astype(kind), attributes)
        if name.startswith("wrap_"):
            inner = state[0] if isinstance(state, list) else state.values[0]
            return Vector(inner.values, {**inner.attributes, **(attributes or {})})
        if name == "deferred_string":
            inner = next(iter(state.values()))
            texts = [None if v == NA_INTEGER else f"{v:g}" for v in inner.values.tolist()]
            return Vector(texts, attributes)
        raise ValueError(f"R's compact form {name!r}")
