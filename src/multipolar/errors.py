"""Errors that a user can act on: what was asked, what was found, what to type next.

Each error knows the exit code of the command line: 2 the user's input, 3 the data, 4 not converged.
"""

from __future__ import annotations

from collections.abc import Sequence


class MultipolarError(Exception):
    """Base of every error that multipolar raises on purpose."""

    exit_code = 2
    code = "error"

    def __init__(self, message: str, *, hint: str = "", candidates: Sequence[str] = ()) -> None:
        self.message = message
        self.hint = hint
        self.candidates = tuple(candidates)
        super().__init__(f"{message} {hint}".strip())

    def __reduce__(self) -> tuple[object, ...]:
        """Travel whole from one process to another."""
        return _again, (type(self), self.args, self.__dict__)


def _again(
    kind: type[MultipolarError], args: tuple[object, ...], fields: dict[str, object]
) -> object:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(fields)
    return error


class UnknownName(MultipolarError, KeyError):
    """A spelling that the registry does not know."""

    code = "unknown_name"

    def __init__(self, text: str, kind: str, candidates: Sequence[str] = ()) -> None:
        self.text = text
        near = f" Nearest: {', '.join(candidates[:5])}." if candidates else ""
        super().__init__(
            f"no {kind} is called {text!r}.{near}",
            hint="`multipolar names TEXT` shows what a spelling resolves to.",
            candidates=candidates[:5],
        )

    def __str__(self) -> str:
        return f"{self.message} {self.hint}"


class AmbiguousName(MultipolarError, ValueError):
    """A spelling that fits several states or bodies; multipolar refuses to guess."""

    code = "ambiguous_name"

    def __init__(self, text: str, reason: str, candidates: Sequence[str]) -> None:
        self.text = text
        self.reason = reason
        super().__init__(
            f"{text!r} is ambiguous: {reason.rstrip('.')}.",
            hint=f"Type one of: {', '.join(candidates[:8])}.",
            candidates=candidates,
        )


class OutOfCoverage(MultipolarError, ValueError):
    """A date, or a state on a date, of which the record says nothing."""

    code = "out_of_coverage"


class BadInput(MultipolarError, ValueError):
    """An option or argument that cannot be used as it stands."""

    code = "bad_input"


class BadDate(BadInput):
    """A date that is impossible, or that leaves out the year."""

    code = "bad_date"


class BadTable(MultipolarError, ValueError):
    """A table that breaks its schema; names file, row and column."""

    exit_code = 3
    code = "bad_table"

    def __init__(self, file: str, row: int | None, column: str | None, problem: str) -> None:
        self.file, self.row, self.column = file, row, column
        at = file + (f", row {row}" if row is not None else "")
        at += f", column {column}" if column else ""
        super().__init__(f"{at}: {problem}")


class CannotWrite(MultipolarError, OSError):
    """An output that cannot be written; whatever was there before is untouched."""

    code = "cannot_write"

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class MissingExtra(MultipolarError, ImportError):
    """A format that needs an optional dependency."""

    code = "missing_extra"


class UnknownFinding(MultipolarError, KeyError):
    """A finding id that does not exist for this state and date."""

    code = "unknown_finding"

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadSource(MultipolarError, ValueError):
    """A file of a publisher that is not what its loader knows; names file, row and what was found."""

    exit_code = 3
    code = "bad_source"


class SourceUnavailable(MultipolarError, OSError):
    """A download that failed, was refused, or did not arrive whole."""

    exit_code = 3
    code = "source_unavailable"

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class StoreBusy(MultipolarError, RuntimeError):
    """Another process is writing the same dataset."""

    exit_code = 3
    code = "store_busy"


class StoreFault(MultipolarError, OSError):
    """A store that cannot be written, or a file of it that is damaged; what was there stays."""

    exit_code = 3
    code = "store_fault"

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()
