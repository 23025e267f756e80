"""A pull that kills itself: `killed.py STORE ORIGIN N` dies at its N-th step, and with 0 counts them.

A step is a call that changes what lies on the disk. It is killed before the call is made.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from multipolar.record.store import Record
from multipolar.sources import editions
from multipolar.sources.pull import pull

DEADLY = int(sys.argv[3])
steps: list[str] = []


def watch(owner: Any, name: str) -> None:
    """Count the calls of a function, and die at the deadly one."""
    real: Callable[..., Any] = getattr(owner, name)

    def call(*words: Any, **more: Any) -> Any:
        steps.append(name)
        if len(steps) == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*words, **more)

    setattr(owner, name, call)


for owner, names in (
    (os, ("mkdir", "rename", "replace", "fsync", "unlink")),
    (shutil, ("rmtree",)),
    (pl.DataFrame, ("write_parquet",)),
    (Path, ("write_bytes", "write_text", "touch")),
):
    for name in names:
        watch(owner, name)
editions.GRACE = 0.0
pull(Record(), Path(sys.argv[1]), "paris", [sys.argv[2]])
print(" ".join(steps))
