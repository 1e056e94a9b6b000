"""Traces: what a run did, read by names and ticks."""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from .errors import Error, RunError, UsageError, path_text
from .notebook import table

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas

LAST_TICK = 2**63 - 1


def open(path: str | os.PathLike[str]) -> Trace:
    """A trace that was written by `locus run --trace` or by run().

    >>> trace = locus.open(xor_trace)
    >>> trace
    Trace(xor.h5: ticks 0 to 31, 1 lane, 30 variables)
    >>> x = trace["hidden1.value.x"]
    >>> x.dims, x.shape
    (('tick', 'neuron'), (32, 4))
    >>> x.sel(tick=slice(4, 6), neuron=[0, 2]).shape
    (2, 2)
    """
    return Trace(path)


def _reading(method: Any) -> Any:
    """What h5py and NumPy say of a damaged or closed file is a RunError that names it."""

    @functools.wraps(method)
    def read(self: Trace, *arguments: Any) -> Any:
        try:
            return method(self, *arguments)
        except (OSError, LookupError, ValueError, TypeError, ArithmeticError, RuntimeError, AttributeError,
                MemoryError) as error:
            if isinstance(error, Error):
                raise
            text = error if self._file else "it is closed"
            raise RunError(f'cannot read "{self.path}": {text}') from None

    return read


class Trace:
    """A file of a run. ``trace["hidden1.value.x"]`` is a Variable; also a context manager, which closes the file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        #: its file
        self.path = path_text(path)
        try:
            self._file = h5py.File(self.path, "r")
        except OSError as error:
            raise RunError(f'cannot read "{self.path}": {error}') from None
        self._begin()

    @_reading
    def _begin(self) -> None:
        attributes = self._file.attrs
        if attributes.get("format") != "locus-trace":
            raise RunError(f'"{self.path}" is no trace: its format is {attributes.get("format")!r}')
        #: format_version, precision, version, complete, ended and the rest of what the file says of itself
        self.attrs: dict[str, Any] = {k: v for k, v in attributes.items()}
        self.lanes = int(attributes["lanes"])
        self._frames = self._file["trace/tick"][:]
        self._order = {kind: {name: int(group.attrs["index"]) for name, group in self._file[f"circuit/{kind}"].items()}
                       for kind in ("populations", "projections")}
        self._variables = self._list()

    def __enter__(self) -> Trace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    # ---- variables ---------------------------------------------------------------------------------------------------

    def _list(self) -> dict[str, tuple[str, h5py.Group | h5py.Dataset]]:
        found = {}
        for kind in ("trace", "changes"):
            for owner, group in self._file[kind].items():
                if isinstance(group, h5py.Group):
                    for name, each in group.items():
                        found[f"{owner}.{name}"] = kind, each
        places = {**self._order["populations"], **{k: v + 10**9 for k, v in self._order["projections"].items()}}
        return dict(sorted(found.items(), key=lambda item: places.get(item[0].rpartition(".")[0], 0)))

    @property
    def variables(self) -> list[str]:
        """All that was recorded, in the netlist's order: populations first."""
        return list(self._variables)

    @property
    @_reading
    def windows(self) -> np.ndarray:
        """[window, 2]: the ticks [first, last) in which there was recording."""
        last = int(self.attrs.get("ended_tick", max([-1, *self._frames[-1:]]) + 1))
        return np.minimum(self._file.attrs["windows"], last)

    @property
    def ticks(self) -> np.ndarray:
        """All ticks in which something was recorded."""
        if len(self._frames):
            return self._frames
        return np.concatenate([np.arange(a, b) for a, b in self.windows] or [np.empty(0, np.int64)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __contains__(self, name: str) -> bool:
        return name in self._variables

    @_reading
    def __getitem__(self, name: str) -> Variable:
        """A variable: of neurons [tick, neuron] or [tick, neuron, lane]; weights [tick, post, pre], or [tick, synapse]
        where not all are connected or not all were recorded. Nothing is read yet."""
        if name not in self._variables:
            near = difflib.get_close_matches(name, self._variables, 1)
            raise UsageError(f'"{name}" was not recorded' +
                             (f' (did you mean "{near[0]}"?)' if near else f" (known: {', '.join(self._variables)})"))
        kind, stored = self._variables[name]
        return self._frames_of(name, stored) if kind == "trace" else self._changes_of(name, stored)

    def _frames_of(self, name: str, stored: h5py.Dataset) -> Variable:
        owner = name.rpartition(".")[0]
        weights = owner in self._order["projections"]
        coords: dict[str, np.ndarray] = {"tick": self._frames[:len(stored)]}
        if weights:
            coords["synapse"] = np.arange(stored.shape[1])
        else:
            coords["neuron"] = stored.dims[1][0][:]
            if stored.ndim > 2:
                coords["lane"] = stored.dims[2][0][:]
        dims = tuple(coords)
        if stored.shape[1:] != tuple(len(coords[d]) for d in dims[1:]):
            raise RunError(f'cannot read "{self.path}": {name} has another size than its labels')

        @_reading
        def read(_: Trace, first: int, last: int) -> np.ndarray:
            return stored[first:last]

        v = Variable(name, dims, coords, functools.partial(read, self), stored.dtype, stored.attrs.get("long_name", ""))
        return self._as_matrix(v, stored, owner) if weights else v

    def _as_matrix(self, v: Variable, stored: h5py.Dataset | h5py.Group, owner: str) -> Variable:
        """Weights as [tick, post, pre] where that is what they are."""
        facts = self._file[f"circuit/projections/{owner}"].attrs
        if facts["shape"] == "all-to-all":
            post, pre = (int(self._file[f"circuit/populations/{facts[end].rpartition('.')[0]}"].attrs["size"])
                         for end in ("to", "from"))
        else:  # the kernel of a shared window, or a row
            post, pre = map(int, stored.attrs.get("matrix_shape", (1, 0)))
            if post == 1:
                return v
        if v.shape[1] != post * pre:  # not all were recorded
            return v
        coords = {"tick": v.coords["tick"], "post": np.arange(post), "pre": np.arange(pre)}
        flat = v._read
        return Variable(v.name, ("tick", "post", "pre"), coords,
                        lambda first, last: flat(first, last).reshape(-1, post, pre), v.dtype, v.long_name)

    def _changes_of(self, name: str, stored: h5py.Group) -> Variable:
        """What was recorded on change, tick by tick."""
        owner = name.rpartition(".")[0]
        column = "synapse" if "synapse" in stored else "neuron"
        count = min(len(stored[c]) for c in ("tick", column, "lane", "value"))
        ticks = np.concatenate([np.arange(a, b) for a, b in self.windows])
        changed = stored["tick"][:count]
        who, lane = stored[column][:count], stored["lane"][:count]
        ids, place = np.unique(who, return_inverse=True)
        lanes = self.lanes if column == "neuron" else 1
        coords = {"tick": ticks, column: ids}
        dims = ["tick", column]
        if lanes > 1:
            coords["lane"] = np.arange(lanes)
            dims.append("lane")
        cell = place * lanes + lane

        @_reading
        def read(_: Trace, first: int, last: int) -> np.ndarray:
            end = int(np.searchsorted(changed, ticks[last - 1], "right")) if last > first else 0
            values = stored["value"][:end]
            out = np.zeros((last - first, len(ids) * lanes), stored["value"].dtype)
            since = np.zeros(out.shape, np.int64)
            row = np.maximum(np.searchsorted(ticks[first:last], changed[:end]), 0)
            out[row, cell[:end]] = values
            since[row, cell[:end]] = row
            since = np.maximum.accumulate(since, axis=0)
            return np.take_along_axis(out, since, axis=0).reshape(-1, *(len(c) for c in list(coords.values())[1:]))

        v = Variable(name, dims, coords, functools.partial(read, self), stored["value"].dtype, stored["value"].attrs.get("long_name", ""))
        return self._as_matrix(v, stored, owner) if column == "synapse" else v

    # ---- tables ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _table(group: h5py.Group, names: dict[str, str]) -> Table:
        """As many rows as its shortest column has: a run that was killed may leave others longer."""
        rows = min(len(group[stored]) for stored in names)
        return Table({name: group[stored][:rows] for stored, name in names.items()})

    @property
    @_reading
    def events(self) -> list[str]:
        """Populations whose events were recorded."""
        return list(self._file["spikes"])

    @_reading
    def spikes(self, population: str) -> Table:
        """tick, neuron and lane of each event.

        >>> list(locus.open(xor_trace).spikes("hidden1.phi"))
        ['tick', 'neuron', 'lane']
        """
        if population not in self._file["spikes"]:
            raise UsageError(f'"{population}" has no recorded events (known: {", ".join(self.events)})')
        t = self._table(self._file["spikes"][population], {"timestamps": "tick", "node_ids": "neuron", "lanes": "lane"})
        t.columns["tick"] = t.columns["tick"].astype(np.int64)
        return t

    @property
    @_reading
    def presentations(self) -> Table:
        """tick, teacher, end (ticks), number, epoch, lane, sample and label of each presentation."""
        columns = ("tick", "teacher", "end", "number", "epoch", "lane", "sample", "label")
        return self._table(self._file["presentations"], {k: k for k in columns})

    @_reading
    def stimuli(self, population: str) -> Table:
        """on, off: the ticks [on, off) in which a stimulus held a population."""
        if population not in self._file["stimuli"]:
            raise UsageError(f'no stimulus held "{population}" (known: {", ".join(self.stimulated)})')
        return self._table(self._file["stimuli"][population], {"on": "on", "off": "off"})

    @property
    @_reading
    def stimulated(self) -> list[str]:
        """Populations that stimuli held, in the netlist's order."""
        return sorted(self._file["stimuli"], key=lambda name: self._order["populations"].get(name, 0))

    @property
    @_reading
    def messages(self) -> Table:
        """Each message: tick, level, connection (its name), source, target, lane, sent, value."""
        if "messages" not in self._file:
            raise UsageError("messages were not recorded: run with messages=True")
        group = self._file["messages"]
        t = self._table(group, {k: k for k in ("tick", "level", "connection", "source", "target", "lane", "sent", "value")})
        names = group["connections/name"].asstr()[:]
        t.columns["connection"] = names[t.columns["connection"]] if len(t) else np.empty(0, object)
        return t

    @property
    def netlist(self) -> str:
        """The netlist as it was run."""
        return self.attrs["netlist"]

    def first_presentation(self) -> tuple[int, int]:
        """The ticks [first, end) of the first presentation that was recorded from its beginning."""
        ticks = self.ticks
        if not len(ticks):
            raise RunError(f'"{self.path}" has no ticks')
        first, last = int(ticks[0]), int(ticks[-1]) + 1
        p = self.presentations
        for tick, end in zip(p["tick"], p["end"]) if len(p) else ():
            if first <= tick < last:
                return int(tick), min(last, int(end))
        return first, min(last, first + 40)

    def __repr__(self) -> str:
        ticks = self.ticks
        extent = f"ticks {ticks[0]} to {ticks[-1]}" if len(ticks) else "no ticks"
        return (f"Trace({os.path.basename(self.path)}: {extent}, {self.lanes} lane{'s' if self.lanes > 1 else ''}, "
                f"{len(self._variables)} variables{'' if self.attrs['complete'] else ', not complete'})")

    def _repr_html_(self) -> str:
        rows = [(name, " x ".join(map(str, v.shape)), ", ".join(v.dims), str(v.dtype), v.long_name)
                for name, v in ((n, self[n]) for n in self)]
        return table(["variable", "shape", "dimensions", "numbers", "what"], rows, repr(self))

    # ---- pictures ----------------------------------------------------------------------------------------------------

    def plot_wave(self, ticks: Sequence[int] | None = None, *, select: Sequence[str] | None = None,
                  lane: int = 0) -> matplotlib.figure.Figure:
        """Stimuli, of each population its value or error, and events: of ticks [first, end), else of the first
        presentation. ``select``: names of variables."""
        from . import plots

        return plots.wave(self, ticks, select, lane)

    def plot_raster(self, ticks: Sequence[int] | None = None, *, select: Sequence[str] | None = None,
                    lane: int = 0) -> matplotlib.figure.Figure:
        """Events, a row a neuron. ``select``: names of populations."""
        from . import plots

        return plots.raster(self, ticks, select, lane)

    def plot_weights(self, ticks: Sequence[int] | None = None, *,
                     select: Sequence[str] | None = None) -> matplotlib.figure.Figure:
        """Weights over time: lines, or range, quartiles and median of more than 8 synapses. ``select``: names of
        projections' variables ("hidden1.forward.theta")."""
        from . import plots

        return plots.weights(self, ticks, select)


class Variable:
    """A recorded variable: ``values`` with ``dims`` and ``coords``, selected by labels (sel) or places (isel).

    Slices of labels are like those of places: with the first, without the last.
    """

    def __init__(self, name: str, dims: Sequence[str], coords: dict[str, np.ndarray], read: Any, dtype: np.dtype,
                 long_name: str, chosen: dict[str, np.ndarray | int] | None = None) -> None:
        self.name = name
        self.long_name = long_name
        self.dtype = dtype
        self._all_dims = tuple(dims)
        self._all_coords = coords
        self._read = read
        self._chosen = chosen or {}

    def _place(self, dim: str) -> np.ndarray | int:
        return self._chosen.get(dim, np.arange(len(self._all_coords[dim])))

    @property
    def dims(self) -> tuple[str, ...]:
        return tuple(d for d in self._all_dims if not isinstance(self._chosen.get(d), int))

    @property
    def coords(self) -> dict[str, np.ndarray]:
        """{dimension: labels}: ticks, and the numbers of neurons and lanes."""
        return {d: self._all_coords[d][self._place(d)] for d in self.dims}

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(c) for c in self.coords.values())

    def isel(self, **places: Any) -> Variable:
        """By places: isel(tick=-1), isel(neuron=slice(0, 8))."""
        chosen = dict(self._chosen)
        for dim, place in places.items():
            current = self._known(dim)
            picked = current[place]
            chosen[dim] = int(picked) if np.ndim(picked) == 0 else picked
        return Variable(self.name, self._all_dims, self._all_coords, self._read, self.dtype, self.long_name, chosen)

    def sel(self, **labels: Any) -> Variable:
        """By labels: sel(tick=7), sel(tick=slice(0, 40), neuron=[3, 5], lane=0)."""
        places = {}
        for dim, label in labels.items():
            places_left = self._known(dim)
            known = self._all_coords[dim][places_left]
            if isinstance(label, slice):
                low, high = (None if x is None else int(np.searchsorted(known, x)) for x in (label.start, label.stop))
                places[dim] = slice(low, high, label.step)
                continue
            wanted = np.asarray(label)
            if wanted.dtype.kind == "b":
                raise UsageError(f"{self.name}: {dim}: expected labels, found flags; isel() takes those")
            at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
            missing = wanted[known[at] != wanted] if wanted.ndim else wanted[None][known[[int(at)]] != wanted]
            if missing.size:
                raise UsageError(f"{self.name}: {dim} {missing.flat[0]} was not recorded")
            places[dim] = int(at) if wanted.ndim == 0 else at
        return self.isel(**places)

    def _known(self, dim: str) -> np.ndarray:
        if dim not in self.dims:
            raise UsageError(f"{self.name} has no dimension {dim} (known: {', '.join(self.dims)})")
        return np.asarray(self._place(dim))

    @property
    def values(self) -> np.ndarray:
        """The numbers, read now: an array in the order of ``dims``."""
        rows = np.atleast_1d(self._place("tick"))
        if not len(rows):
            return np.empty(self.shape, self.dtype)
        first, last = int(rows.min()), int(rows.max()) + 1
        out = self._read(first, last)[rows - first]
        for axis, dim in enumerate(self._all_dims[1:], 1):
            if dim in self._chosen:
                out = np.take(out, np.atleast_1d(self._chosen[dim]), axis=axis)
        return out.reshape(self.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.values if dtype is None else self.values.astype(dtype)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, where: Any) -> np.ndarray:
        return self.values[where]

    def to_pandas(self) -> pandas.DataFrame:
        """A row a tick, a column a neuron (or the levels neuron and lane, post and pre)."""
        import pandas

        kept = self if "tick" in self.dims else Variable(
            self.name, self._all_dims, self._all_coords, self._read, self.dtype, self.long_name,
            {**self._chosen, "tick": np.atleast_1d(self._chosen["tick"])})
        others = [d for d in kept.dims if d != "tick"]
        index = pandas.Index(kept.coords["tick"], name="tick")
        values = kept.values.reshape(len(index), -1)
        if not others:
            return pandas.DataFrame(values, index=index, columns=[self.name])
        if len(others) == 1:
            columns: Any = pandas.Index(kept.coords[others[0]], name=others[0])
        else:
            columns = pandas.MultiIndex.from_product([kept.coords[d] for d in others], names=others)
        return pandas.DataFrame(values, index=index, columns=columns)

    def to_xarray(self) -> Any:
        """An xarray.DataArray, if xarray is installed."""
        import xarray

        return xarray.DataArray(self.values, dims=self.dims, coords=self.coords, name=self.name,
                                attrs={"long_name": self.long_name})

    def __repr__(self) -> str:
        sizes = ", ".join(f"{d}: {n}" for d, n in zip(self.dims, self.shape))
        return f"Variable({self.name} ({sizes}) {self.dtype}{': ' + self.long_name if self.long_name else ''})"


class Table:
    """Columns of equal length, by name."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = columns

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def to_pandas(self) -> pandas.DataFrame:
        import pandas

        return pandas.DataFrame(self.columns)

    def __repr__(self) -> str:
        return f"Table({len(self)} rows: {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        shown = min(len(self), 10)
        rows = [[c[i].item() if isinstance(c[i], np.generic) else c[i] for c in self.columns.values()] for i in range(shown)]
        return table(list(self.columns), rows, f"{len(self)} rows" + (", the first 10" if len(self) > 10 else ""))
