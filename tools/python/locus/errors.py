"""What goes wrong, as the program says it. Messages that name an option (``--force``) mean the argument of that name."""

from __future__ import annotations

import operator
import os


class Error(Exception):
    """A mistake in a netlist or in what was asked for, or a run that could not go on."""

    file: str | None = None  #: where a netlist says it
    line: int | None = None  #: from 1
    column: int | None = None  #: from 1


class UsageError(Error, ValueError):
    """A mistake in a netlist, a setting or an argument.

    >>> import locus
    >>> try:
    ...     locus.Netlist("[circuit]\\ntemplate = 'predictive-codin'", name="mine.toml").check()
    ... except locus.UsageError as e:
    ...     print(e.file, e.line, e.column)
    mine.toml 2 12
    """


class RunError(Error, RuntimeError):
    """A run that could not go on: unreadable data, a full disk, a simulator that is busy."""


class NonFiniteError(RunError):
    """A number became infinite or no number."""

    where: str = ""  #: "hidden1.value.x[3], lane 0, tick 17: inf"


class RequirementError(Error):
    """A circuit is not as it is required to be."""

    audit: object = None  #: the Audit


class InternalError(Error):
    """A bug in Locus: please report it."""


def check_count(name: str, x: object, most: int) -> None:
    """Raises UsageError unless it is a whole number from 0 to ``most``."""
    try:
        if 0 <= operator.index(x) <= most:  # type: ignore[arg-type]
            return
    except TypeError:
        pass
    raise UsageError(f"{name} = {x!r}: expected a whole number from 0 to {most}")


def path_text(path: str | os.PathLike[str]) -> str:
    text = os.fsdecode(path)
    if "\0" in text:
        raise UsageError(f"{text!r}: names of files have no NUL")
    return text
