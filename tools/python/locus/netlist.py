"""Netlists: read from files, or built."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _locus, _toml
from .errors import UsageError

if TYPE_CHECKING:
    from .reports import Audit, Description
    from .run import Run

Settings = Mapping[str, object] | Iterable[str] | None
Arrays = tuple[Any, ...]

#: Arrays of at most so many numbers stand in the netlist; larger ones in files.
MOST_NUMBERS = 2000


def load(file: str | os.PathLike[str], settings: Settings = None) -> Netlist:
    """A netlist of either form, with settings as of the command line's ``--set``.

    >>> net = load(netlists / "xor.toml", {"learning.alpha": 0.2})
    >>> net.simulator().lanes
    1
    """
    name = os.fspath(file)
    with open(name, encoding="utf-8") as source:
        text = source.read()
    folder = os.path.dirname(os.path.abspath(name)) if os.path.isfile(name) else ""
    return Netlist(text, name=name, folder=folder, settings=settings)._checked()


class Netlist:
    """The text of a netlist, with settings; parts may be added. It is read when it is used, or checked.

    >>> net = Netlist(lanes=2)
    >>> net.population("in", "point-value", size=3)
    Netlist(netlist: 1 population)
    """

    def __init__(self, text: str = "", *, name: str = "netlist", folder: str | os.PathLike[str] = "",
                 settings: Settings = None, **circuit: object) -> None:
        """``text``: TOML, of either form. ``circuit``: keys of [circuit], such as precision, lanes, dt. ``folder``: what
        names of files are relative to, else the working directory."""
        self.name = name
        self._folder = os.fspath(folder)
        self._text = text
        self._settings = _toml.settings(settings)
        self._made: list[tuple[int, int, str, int]] = []  # lines of the text, and who called for them
        self._read: _locus.Netlist | None = None
        if circuit:
            self._add(_toml.table("[circuit]", circuit))

    # ---- building ----------------------------------------------------------------------------------------------------

    def population(self, name: str, model: str, size: int | None = None, *, shape: Iterable[int] | None = None,
                   **params: object) -> Netlist:
        """Adds neurons: so many, or on a grid of that shape. ``params``: of the model (``locus models NAME``)."""
        return self._add(_toml.table("[[population]]", {
            "name": name, "model": model, "size": size, "shape": shape, "params": params or None}))

    def projection(self, name: str, source: str, target: str, *, connect: object = None, synapse: str | None = None,
                   weights: object = None, initial: object = None, pre: object = None, post: object = None,
                   gate: str | None = None, gate_at: str | None = None, delay: object = None,
                   **params: object) -> Netlist:
        """Adds connections from an output ("hidden1.value.rate") to a port ("hidden1.error.prediction").

        ``weights``: a table such as {"init": "glorot-uniform", "seed": 1}, or an array [post, pre] ([1, connection] where
        not all are connected). ``params``: of the synapses' model. The rest is as in the long form.
        """
        if isinstance(weights, np.ndarray):
            weights = {"values": np.atleast_2d(weights)}
        return self._add(_toml.table("[[projection]]", {
            "name": name, "from": source, "to": target, "connect": connect, "synapse": synapse, "weights": weights,
            "initial": initial, "pre": pre, "post": post, "gate": gate, "gate_at": gate_at, "delay": delay,
            "params": params or None}))

    def stimulus(self, population: str, role: str, **keys: object) -> Netlist:
        """Adds what comes from outside: role input, teacher, control or imposed, with the keys of [[stimulus]]."""
        return self._add(_toml.table("[[stimulus]]", {"population": population, "role": role, **keys}))

    def presentation(self, **keys: object) -> Netlist:
        """Adds [stimuli]: data, predict, teach, rest, epochs, shuffle and the other keys."""
        return self._add(_toml.table("[stimuli]", keys))

    def model(self, text: str) -> Netlist:
        """Adds a model or an activation as text: [[model]] or [[activation]] tables (docs/rules.md)."""
        return self._add(text)

    def add(self, text: str) -> Netlist:
        """Adds any TOML."""
        return self._add(text)

    def set(self, settings: Settings = None, **keys: object) -> Netlist:
        """A copy with further settings: ``net.set({"learning.alpha": 0.1})``, ``net.set(precision="f32")`` (of [circuit])."""
        other = Netlist(self._text, name=self.name, folder=self._folder,
                        settings=[*self._settings, *_toml.settings(settings),
                                  *_toml.settings({f"circuit.{k}": v for k, v in keys.items()})])
        other._made = list(self._made)
        return other

    def _add(self, text: str) -> Netlist:
        caller = sys._getframe(2)
        if self._text and not self._text.endswith("\n"):
            self._text += "\n"
        first = self._text.count("\n") + 1
        self._text += text if text.endswith("\n") else text + "\n"
        self._made.append((first, self._text.count("\n"), caller.f_code.co_filename, caller.f_lineno))
        self._read = None
        return self

    # ---- what it is --------------------------------------------------------------------------------------------------

    def check(self) -> Netlist:
        """Reads it now and builds the circuit's outline: raises UsageError at the first mistake, warns of what is unusual."""
        self.describe()
        return self

    def _checked(self) -> Netlist:
        self.native
        return self

    @property
    def native(self) -> _locus.Netlist:
        """What the simulator was told."""
        if self._read is None:
            with self.pointing():
                self._read = _locus.Netlist.parse(self._text, self.name, self._folder, self._settings)
            for text in self._read.warnings:
                warnings.warn(f"{self.name}: {text}", stacklevel=3)
        return self._read

    @contextlib.contextmanager
    def pointing(self) -> Iterator[None]:
        """A mistake in what a call added is told by the call's own file and line; the message has the text's."""
        try:
            yield
        except UsageError as error:
            for first, last, file, line in self._made:
                if error.file == self.name and error.line is not None and first <= error.line <= last:
                    error.file, error.line, error.column = file, line, None
                    if hasattr(error, "add_note"):
                        error.add_note(f'added by "{file}", line {line}')
                    break
            raise

    def toml(self) -> str:
        """The long form: every population, projection and stimulus.

        >>> print(load(netlists / "xor.toml").toml().splitlines()[0])
        [circuit]
        """
        return self.native.toml()

    @property
    def text(self) -> str:
        """As it was written, without settings; with all that was added."""
        return self._text

    @property
    def settings(self) -> list[str]:
        return list(self._settings)

    @property
    def lanes(self) -> int:
        """Samples that are presented at once, each to a copy of the neurons' state."""
        return self.native.lanes

    def data(self) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """((inputs, targets), (test inputs, test targets)), each [sample, column] or [sample, frame, column], float64.

        >>> (x, t), _ = load(netlists / "digits.toml").data()
        >>> x.shape, t.shape
        ((1437, 64), (1437, 10))
        """
        return self.native.data()

    def order(self, epoch: int = 0, samples: int | None = None) -> np.ndarray:
        """The rows of the training data in the order in which an epoch (from 0) presents them: [place]."""
        if samples is None:
            samples = len(self.data()[0][0])
        return self.native.order(samples, epoch)

    def __repr__(self) -> str:
        count = self._text.count("[[population]]")
        what = f"{count} population{'s' if count > 1 else ''}" if count else "short form"
        return f"Netlist({self.name}: {what}{''.join(', ' + s for s in self._settings)})"

    def _repr_html_(self) -> str:
        return self.describe()._repr_html_()

    # ---- what it does ------------------------------------------------------------------------------------------------

    def simulator(self, threads: int = 1, tracking: bool = True) -> _locus.Simulator:
        """The circuit at its first tick, to be run step by step."""
        with self.pointing():
            return _locus.Simulator(self.native, threads, tracking)

    def run(self, **options: Any) -> Run:
        """A whole run: see locus.run."""
        from .run import run

        return run(self, **options)

    def describe(self) -> Description:
        """Counts of neurons, synapses and messages; schedule; memory."""
        from .reports import describe

        return describe(self)

    def audit(self, **options: Any) -> Audit:
        """Locality and autonomy, measured: see locus.audit."""
        from .reports import audit

        return audit(self, **options)


# ---- data ------------------------------------------------------------------------------------------------------------


def with_data(net: Netlist, data: object, test: object = None) -> Netlist:
    """A copy that presents these data.

    ``data``: (inputs, targets) or inputs, arrays [sample, column] or [sample, frame, column] (targets [sample] of whole
    numbers are classes), or a text that names data as netlists do. Small arrays stand in the netlist. Large ones are
    kept for a week in $XDG_CACHE_HOME/locus/arrays, under names that say what is in them, so that traces and checkpoints
    tell which data they are of.
    """
    if isinstance(data, str):
        if test is not None:
            raise UsageError("test: named data bring their own")
        return net.set({"stimuli.data": data})
    names = ("inputs", "targets", "test_inputs", "test_targets")
    parts = [*_pair(data), *_pair(test)]
    return net.set({"stimuli.data": {name: _data_value(x) for name, x in zip(names, parts) if x is not None}})


def _pair(data: object) -> tuple[Any, Any]:
    if data is None:
        return None, None
    if isinstance(data, (tuple, list)) and len(data) == 2 and np.ndim(data[0]) >= 2:
        return data[0], data[1]
    return data, None


def _data_value(x: object) -> object:
    if isinstance(x, str):
        return x
    array = np.asarray(x)
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise UsageError(f"data: expected numbers, found an array of {array.dtype}")
    if array.size <= MOST_NUMBERS:
        return array if array.dtype.kind in "iu" else array.astype(np.float64)
    return "npy:" + _stored(array)


def _stored(array: np.ndarray) -> str:
    """The file with these numbers, which is made unless it is there."""
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float64)
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(array), allow_pickle=False)
    data = content.getbuffer()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = os.path.join(cache, "locus", "arrays")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, hashlib.sha256(data).hexdigest() + ".npy")
    try:
        os.utime(path)
    except OSError:
        _forget_old(folder)
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    return path


def _forget_old(folder: str, days: float = 7) -> None:
    for entry in os.scandir(folder):
        try:
            if entry.stat().st_mtime < time.time() - days * 86400:
                os.unlink(entry.path)
        except OSError:
            pass  # another process was faster
