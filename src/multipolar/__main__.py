"""Entry of the command line: every failure is one line on standard error and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from .output import OutputClosed

CLOSED, INTERRUPTED = 141, 130


class _Interrupted(BaseException):
    """Ctrl-C; a class of its own, so that no library prints for it."""


def main() -> NoReturn:
    """Run the command line."""
    signal.signal(signal.SIGINT, _interrupt)
    _open_streams()
    debug = "--debug" in sys.argv
    try:
        code = _run()
        sys.stdout.flush()
    except _Interrupted:
        code = _fail("interrupted.", INTERRUPTED)
    except (BrokenPipeError, OutputClosed):
        _silence()
        code = _fail("the reader of the output closed it.", CLOSED)
    except OSError as error:
        if debug:
            raise
        _silence()
        code = _fail(f"the output cannot be written: {error.strerror or error}.", 2)
    except MemoryError:
        code = _fail("out of memory.", 3)
    try:
        sys.stdout.flush()
    except OSError:
        _silence()
    sys.exit(code)


def _open_streams() -> None:
    """Give a process that was started without output streams ones that lead nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _run() -> int:
    import click

    from .cli import cli
    from .errors import MultipolarError

    try:
        result = cli.main(standalone_mode=False, prog_name="multipolar")
        return result if isinstance(result, int) else 0
    except MultipolarError as error:
        if "--debug" in sys.argv:
            raise
        return _fail(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return 2
    except click.UsageError as error:
        hint = f" `{error.ctx.command_path} --help` shows how." if error.ctx else ""
        return _fail(f"{error.format_message()}{hint}", 2)
    except click.ClickException as error:
        return _fail(error.format_message(), 2)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _fail("interrupted.", INTERRUPTED)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise _Interrupted


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    try:
        sys.stderr.write(f"multipolar: {line}\n")
        sys.stderr.flush()
    except OSError:
        pass
    return code


def _silence() -> None:
    """Point standard output at nothing, so that closing it at exit prints nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
