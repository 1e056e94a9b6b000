"""Values of netlists as TOML."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Mapping

import numpy as np


def value(x: object) -> str:
    """A value as TOML on one line; floats by their shortest digits, which are read as the same bits.

    >>> print(value({"init": "uniform", "scale": np.float64(0.5)}), value([1, 2.0, True]))
    {init = "uniform", scale = 0.5} [1, 2.0, true]
    """
    if isinstance(x, np.ndarray):
        x = x.tolist()
    elif isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, (str, os.PathLike)):
        return json.dumps(os.fspath(x), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(x, int):
        return str(x)
    if isinstance(x, float):
        if not math.isfinite(x):
            return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
        return repr(x)
    if isinstance(x, Mapping):
        return "{" + ", ".join(f"{key(k)} = {value(v)}" for k, v in x.items()) + "}"
    if isinstance(x, Iterable):
        return "[" + ", ".join(map(value, x)) + "]"
    raise TypeError(f"{x!r}: expected a number, a text, a flag, a list or a table of these")


def key(name: str) -> str:
    """A key, in quotes if it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def table(header: str, entries: Mapping[str, object]) -> str:
    """A table under its header; entries that are None are left out.

    >>> print(table("[[population]]", {"name": "a", "size": 2, "shape": None}), end="")
    [[population]]
    name = "a"
    size = 2
    """
    lines = [f"{key(k)} = {value(v)}" for k, v in entries.items() if v is not None]
    return "\n".join([header, *lines]) + "\n"


def settings(given: Mapping[str, object] | Iterable[str] | None) -> list[str]:
    """Settings as the command line's --set has them.

    >>> settings({"learning.alpha": 0.01, "circuit.layers": [2, 3, 1]})
    ['learning.alpha=0.01', 'circuit.layers=[2, 3, 1]']
    """
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [f"{name}={value(v)}" for name, v in given.items()]
    if isinstance(given, str):
        raise TypeError(f"settings: expected {{key: value}} or a list of texts, found {given!r}")
    return list(given)
