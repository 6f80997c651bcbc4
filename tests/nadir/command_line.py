"""The command line called in this process and in one of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from nadir.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]


class Said(NamedTuple):
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


def nadir(home: Path, *arguments: str) -> Said:
    """Run ``nadir`` with these arguments for the studies below ``home``."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("NADIR_HOME", str(home))
        patch.setattr(sys, "argv", ["nadir", *arguments])
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def complaint(said: Said) -> str:
    """The message of a user's mistake: exit code 2, nothing on standard output, no traceback; spaces as single ones."""
    assert said.code == 2, said
    assert "Traceback" not in said.out + said.err
    assert said.err.startswith("Error: "), said
    return " ".join(said.err.split())


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """The program ``nadir`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from nadir.cli import main; main()", *arguments],
        env={**os.environ, "NADIR_HOME": str(home), "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
    )


def ended(process: subprocess.Popen[str]) -> Said:
    """The end of a started program."""
    out, err = process.communicate(timeout=120)
    return Said(process.returncode, out, err)
