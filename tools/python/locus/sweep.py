"""Sweeps: many runs of a netlist, as `locus sweep` does them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _locus, _toml, errors
from .errors import InternalError, RunError, UsageError, check_count, path_text
from .netlist import Netlist
from .notebook import Progress, table
from .reports import as_netlist
from .run import ended_by_signals

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

Path = str | os.PathLike[str]
MOST_WARNINGS = 10
TEXTS = ("state", "message", "weights_sha256")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)|", re.I)


class Sweep:
    """What a sweep came to, or has come to so far: the file of one, whoever made it.

    >>> s = locus.sweep(netlists / "xor.toml", {"learning.alpha": [0.05, 0.1]}, seeds=2, updates=8, progress=False)
    >>> s.cells[["learning.alpha", "seed", "state", "updates"]]
       learning.alpha  seed state  updates
    0            0.05     1  done        8
    1            0.05     2  done        8
    2            0.10     1  done        8
    3            0.10     2  done        8
    >>> list(s.table["loss n"]), list(s.against({"learning.alpha": 0.05}).table["loss difference n"])
    ([2, 2], [0, 2])
    """

    def __init__(self, file: Path, against: object = ()) -> None:
        """``against``: {key: value}, as of sweep()."""
        self.file = os.path.abspath(path_text(file))
        #: whether Ctrl-C ended it before its end
        self.stopped = False
        self._folder: object = None  # which goes with the last Sweep that needs it
        self._against = _fixed(against)
        cells, settings, self.main_score, self.keys, self.netlists = _locus.sweep_tables(self.file, self._against)
        self._cells, self._table = _columns(cells, self.keys), _columns(settings, self.keys)

    @property
    def cells(self) -> pandas.DataFrame:
        """A row a cell: values of the axes, seed, state (missing, done, failed, died), hash of the weights, counts, scores
        of the last epoch. What was not measured is not-a-number."""
        return _frame(self._cells)

    @property
    def table(self) -> pandas.DataFrame:
        """A row for each combination of values: cells that are done and that failed, and of each score the mean, the
        standard deviation and the number of runs ("test_accuracy mean", "... sd", "... n"); with against() likewise the
        differences, seed by seed ("test_accuracy difference mean")."""
        return _frame(self._table)

    def against(self, settings: object) -> Sweep:
        """The same, with each setting held against the one where these keys have these values: {"learning.alpha": 0.1}."""
        other = Sweep(self.file, settings)
        other.stopped, other._folder = self.stopped, self._folder
        return other

    def curve(self, score: str) -> np.ndarray:
        """A score after each epoch, [cell, epoch]; not-a-number where there was none. Likewise "ticks", "updates"."""
        import h5py

        with h5py.File(self.file, "r", locking=False) as file:
            if score not in file["curves"]:
                raise UsageError(f'"{score}" is no curve of the sweep (known: {", ".join(file["curves"])})')
            return file["curves"][score][:]

    def plot(self, score: str = "") -> Figure:
        """A score over the axis with most numbers, a curve for each combination of the others; bars are standard
        deviations. Without a name: the score that says most."""
        from .plots import sweep

        return sweep(self, score)

    def _count(self, *states: str) -> int:
        return sum(state in states for state in self._cells["state"])

    def __repr__(self) -> str:
        states = [(self._count(s), s) for s in ("done", "failed", "died", "missing")]
        return (f"Sweep({' x '.join(self.keys) or 'nothing varied'}: {len(self._cells['cell'])} cells, "
                f"{', '.join(f'{n} {s}' for n, s in states if n or s == 'done')}{', stopped early' if self.stopped else ''})")

    def _repr_html_(self) -> str:
        def shown(column: str) -> str:
            return column[:-5].replace("_", " ")

        means = [c for c in self._table if c.endswith(" mean")]
        rows = []
        for n in range(len(self._table["done"])):
            row = [self._table[k][n] for k in [*self.keys, "done"]]
            for mean in means:
                value, sd = self._table[mean][n], self._table[mean[:-5] + " sd"][n]
                row.append("" if value != value else f"{value:.4g}" if sd != sd else f"{value:.4g} ± {sd:.2g}")
            rows.append(row)
        return table([*self.keys, "runs", *map(shown, means)], rows, repr(self))


def sweep(nets: Netlist | Path | Iterable[Netlist | Path], over: Mapping[str, object] | None = None, *,
          seeds: int | Iterable[int] | None = None, jobs: int = 0, out: Path = "", against: object = (), shard: str = "",
          updates: int = 0, evaluate: bool = True, threads: int = 1, settings: Any = None, force: bool = False,
          progress: bool | None = None) -> Sweep:
    """Runs a netlist for each combination of values and seeds, ``jobs`` of them at the same time (0: as many as there are
    processors), each with the bits of a single run with its settings. It is ``locus sweep``, with its options and its file.

    ``nets``: one, or several, which are an axis then. ``over``: {key: values}: a list or an array, or a text such as
    "1e-4:1e-2:log5" as of ``--over``. ``seeds``: 5 for 1 to 5, or a list; they go where a run draws anew, but not into
    keys that ``settings`` or those of a netlist name. ``against``: {key: value}: also differences, seed by seed, from the
    cells with this value. ``shard``: "3/10", the third of ten parts (give each a file of its own, and join_sweeps).
    ``evaluate``: score the test sets. ``threads``: of each run.

    ``out``: the file of results. The same call goes on with what is missing there; ``force`` begins anew. Without it the
    results live as long as the Sweep.

    A cell that fails is a warning, and the others go on. The first Ctrl-C ends what is running, and returns what the file
    has (``stopped``); the second raises KeyboardInterrupt.
    """
    networks = [as_netlist(n) for n in ([nets] if isinstance(nets, (str, os.PathLike, Netlist)) else nets)]
    if not networks:
        raise UsageError("nets: expected a netlist, or several")
    if settings is not None:
        networks = [n.set(settings) for n in networks]
    for network in networks:
        network.native  # mistakes are told where they were made
    for name, count, most in (("jobs", jobs, 1024), ("threads", threads, 256), ("updates", updates, 2**63)):
        check_count(name, count, most)
    held = None if out else _Folder()
    file = os.path.abspath(path_text(out)) if held is None else os.path.join(held.path, "sweep.h5")
    wanted = {
        "netlists": [(n.text, n.name, n._folder, n.settings) for n in networks],
        "over": [_axis(key, values) for key, values in (over or {}).items()], "seeds": _seeds(seeds),
        "fixed": list(dict.fromkeys(s for n in networks for s in n.settings)), "updates": updates, "evaluate": evaluate,
        "file": file, "jobs": jobs, "threads": threads, "shard": shard, "force": force, "against": _fixed(against)}
    bar = Progress(progress)
    try:
        stopped = _ask(wanted, bar)
    finally:
        bar.end()
    done = Sweep(file, against)
    done.stopped, done._folder = stopped, held
    return done


def join_sweeps(files: Iterable[Path], out: Path, *, force: bool = False, against: object = ()) -> Sweep:
    """The files of parts (``shard``) as one. ``force``: replace what is there."""
    names = [path_text(f) for f in files]
    if not names:
        raise UsageError("files: expected the files of a sweep's parts")
    _locus.join_sweeps(names, path_text(out), force)
    return Sweep(out, against)


class _Folder:
    """A temporary one, which goes with this object."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="locus-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class _Process:
    """A sweep on its way, which stop() ends in order."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        # In a session of its own: Ctrl-C comes to this process alone.
        script = os.path.join(os.path.dirname(__file__), "_sweep_process.py")
        self._process = subprocess.Popen([sys.executable, "-I", "-S", script], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, start_new_session=True)
        self.stopped = False
        self._tell(json.dumps(wanted).encode() + b"\n")

    def _tell(self, text: bytes) -> None:
        try:
            self._process.stdin.write(text)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it died: answers() says so

    def stop(self) -> None:
        self.stopped = True
        self._process.stdin.close()

    def answers(self) -> Iterable[list[Any]]:
        for line in self._process.stdout:
            yield json.loads(line)
        code = self._process.wait()
        if code != 0:
            how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise RunError(f"the process of the sweep died ({how}); the same call goes on with what is missing")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


def _ask(wanted: dict[str, Any], bar: Progress) -> bool:
    """Whether it was stopped."""
    process = _Process(wanted)
    ended = total = failures = 0
    try:
        with ended_by_signals(process):
            for what, *told in process.answers():
                if what == "error":
                    _raise(*told)
                elif what == "warning":
                    warnings.warn(told[0], stacklevel=3)
                elif what == "begin":
                    to_run, ended = told
                    total = to_run + ended
                    bar.show(f"{ended} of {total} runs", ended, total)
                else:
                    cell, failure = told
                    ended += 1
                    bar.show(f"{ended} of {total} runs", ended, total)
                    failures += bool(failure)
                    if failure and failures <= MOST_WARNINGS:
                        more = "; further failures are in `cells` alone" if failures == MOST_WARNINGS else ""
                        warnings.warn(f"({cell}) failed: {failure}{more}", stacklevel=3)
    finally:
        process.end()
    return process.stopped


def _raise(name: str, text: str, where: dict[str, Any]) -> None:
    error = getattr(errors, name, InternalError)(text)
    for key, value in where.items():
        setattr(error, key, value)
    raise error


# ---- arguments -------------------------------------------------------------------------------------------------------


def _value(x: object) -> str:
    """As --over has it: words without quotes, so that the results are those of the program to the letter.

    >>> _value("tanh"), _value("true"), _value(np.float64(0.1)), _value("a,b")
    ('tanh', '"true"', '0.1', '"a,b"')
    """
    if isinstance(x, (str, os.PathLike)):
        text = os.fspath(x)
        if re.fullmatch(r"[A-Za-z_./~][\w./~-]*", text, re.A) and text not in ("true", "false", "inf", "nan"):
            return text
    return _toml.value(x)


def _axis(key: str, values: object) -> str:
    if key == "netlist":
        raise UsageError("over: several netlists are the first argument")
    if isinstance(values, str):
        return f"{key}={values}"
    if isinstance(values, (Mapping, bytes)) or not isinstance(values, Iterable):
        raise UsageError(f"over: {key}: expected a list of values, or a text such as 1e-4:1e-2:log5")
    each = [_value(x) for x in values]
    if not each:
        raise UsageError(f"over: {key}: expected at least one value")
    return f"{key}={','.join(each)}"


def _seeds(seeds: int | Iterable[int] | None) -> list[int]:
    if seeds is None:
        return []
    whole = isinstance(seeds, (int, np.integer))
    if whole and not 1 <= seeds <= 1_000_000:
        raise UsageError(f"seeds = {seeds}: expected 1 to 1000000, which are the seeds from 1 on, or a list of them")
    each = list(range(1, int(seeds) + 1)) if whole else list(seeds)
    for seed in each:
        if not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
            raise UsageError(f"seeds: {seed!r}: expected whole numbers from 0 to 2^63 - 1")
    if not each:
        raise UsageError("seeds: expected at least one")
    return [int(seed) for seed in each]


def _fixed(against: object) -> list[str]:
    if isinstance(against, Mapping):
        return [f"{key}={_value(x)}" for key, x in against.items()]
    return [against] if isinstance(against, str) else list(against or ())


# ---- tables ----------------------------------------------------------------------------------------------------------


def _columns(rows: Sequence[Sequence[str]], keys: Sequence[str]) -> dict[str, list[Any]]:
    """{name: values}: numbers where all are (an empty one is not-a-number), otherwise texts."""
    columns = {}
    for k, name in enumerate(rows[0]):
        texts = [row[k] for row in rows[1:]]
        is_text = name in TEXTS or not all(map(NUMBER.fullmatch, texts)) or (name in keys and "" in texts)
        if is_text:
            columns[name] = texts
        elif all(map(str.isdigit, texts)):
            columns[name] = [int(x) for x in texts]
        else:
            columns[name] = [float(x or "nan") for x in texts]
    return columns


def _frame(columns: dict[str, list[Any]]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame(columns)
