"""Pictures of traces with matplotlib, drawn as `locus trace plot` draws them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import RunError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .sweep import Sweep
    from .traces import Trace, Variable

# Colours that differ for all kinds of eyes (M. Okabe and K. Ito, Color Universal Design)
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")
MOST_LINES = 8
MOST_PANELS = 16
TELLING = ("x", "eps", "error", "rate")
GREY = "#666666"

Panel = tuple[float, str, Callable[["Axes"], None]]  # height in inches, title, what draws it


def wave(trace: Trace, ticks: Sequence[int] | None, select: Sequence[str] | None, lane: int) -> Figure:
    _check_lane(trace, lane)
    first, end = _window(trace, ticks, trace.first_presentation)
    panels: list[Panel] = []
    bars = _stimuli(trace, first, end)
    if bars:
        panels.append((0.22 * len(bars) + 0.1, "stimuli: ticks in which a population is clamped",
                       lambda ax: _draw_bars(ax, bars, first, end)))
    names = _names(select, trace.variables) if select else _telling(trace)
    for name in names[:MOST_PANELS]:
        variable = trace[name]
        if variable.dims[1] != "neuron":
            raise UsageError(f"{name}: waves show values of neurons; plot_weights() shows weights")
        values = _values(variable, first, end, lane)
        if select or values.size and values.min() != values.max():
            panels.append(_of_values(name, variable, values, first, end))
    panels += _rasters(trace, trace.events, first, end, lane)
    marks = sorted({t for _, on, off, _ in bars for t in (on, off) if first < t < end}) if end - first <= 200 else []
    return _figure(trace, panels, first, end, lane, marks)


def raster(trace: Trace, ticks: Sequence[int] | None, select: Sequence[str] | None, lane: int) -> Figure:
    _check_lane(trace, lane)
    first, end = _window(trace, ticks, lambda: _extent(trace))
    panels = _rasters(trace, _names(select, trace.events) if select else trace.events, first, end, lane)
    return _figure(trace, panels, first, end, lane, [])


def weights(trace: Trace, ticks: Sequence[int] | None, select: Sequence[str] | None) -> Figure:
    first, end = _window(trace, ticks, lambda: _extent(trace))
    all_weights = [name for name in trace.variables if trace[name].dims[1] != "neuron"]
    names = _names(select, all_weights) if select else all_weights
    panels = [_of_weights(name, trace[name], first, end) for name in names[:MOST_PANELS]]
    if not panels:
        raise RunError(f'"{trace.path}" has no weights: record theta')
    return _figure(trace, panels, first, end, None, [])


# ---- what is shown ---------------------------------------------------------------------------------------------------


def _names(select: Sequence[str], known: Sequence[str]) -> list[str]:
    wanted = [select] if isinstance(select, str) else list(select)
    for name in wanted:
        if name not in known:
            raise UsageError(f'"{name}" was not recorded (known: {", ".join(known)})')
    return wanted


def _check_lane(trace: Trace, lane: int) -> None:
    if not 0 <= lane < trace.lanes:
        raise UsageError(f"lane {lane}: the trace has {trace.lanes}, counted from 0")


def _extent(trace: Trace) -> tuple[int, int]:
    ticks = trace.ticks
    if not len(ticks):
        raise RunError(f'"{trace.path}" has no ticks: there is nothing to draw')
    return int(ticks[0]), int(ticks[-1]) + 1


def _window(trace: Trace, ticks: Sequence[int] | None, usual: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    if ticks is None:
        return usual()
    first, end = (int(t) for t in ticks)
    low, high = _extent(trace)
    first, end = max(first, low), min(end, high)
    if first >= end:
        raise UsageError(f"ticks = {tuple(ticks)}: recorded were {low} to {high - 1}")
    return first, end


def _telling(trace: Trace) -> list[str]:
    """Of each population without events the variable that tells most: its value, or its error; otherwise the first."""
    chosen: dict[str, str] = {}
    for name in trace.variables:
        owner, _, field = name.rpartition(".")
        eventful = any(e == owner or e.startswith(owner + ".") for e in trace.events)
        if eventful or trace[name].dims[1] != "neuron":
            continue
        if owner not in chosen or _rank(field) < _rank(chosen[owner].rpartition(".")[2]):
            chosen[owner] = name
    return list(chosen.values())


def _rank(field: str) -> int:
    return TELLING.index(field) if field in TELLING else len(TELLING)


def _values(variable: Variable, first: int, end: int, lane: int) -> np.ndarray:
    chosen = variable.sel(tick=slice(first, end))
    return (chosen.sel(lane=lane) if "lane" in chosen.dims else chosen).values


def _stimuli(trace: Trace, first: int, end: int) -> list[tuple[int, int, int, str]]:
    """(row, on, off, population)"""
    bars, row = [], 0
    for name in trace.stimulated:
        windows = trace.stimuli(name)
        shown = [(int(a), int(b)) for a, b in zip(windows["on"], windows["off"]) if b > first and a < end]
        bars += [(row, a, b, name) for a, b in shown]
        row += bool(shown)
    return bars


# ---- panels ----------------------------------------------------------------------------------------------------------


def _of_values(name: str, variable: Variable, values: np.ndarray, first: int, end: int) -> Panel:
    title = f"{name}: {variable.long_name}" if variable.long_name else name
    ticks = variable.sel(tick=slice(first, end)).coords["tick"]
    neurons = variable.coords["neuron"]
    if values.shape[1] <= MOST_LINES:
        return 1.05, title, lambda ax: _draw_lines(ax, ticks, values, [f"[{n}]" for n in neurons])
    return (min(1.9, max(0.7, 0.035 * values.shape[1])), title,
            lambda ax: _draw_heat(ax, ticks, values, neurons))


def _draw_lines(ax: Axes, ticks: np.ndarray, values: np.ndarray, labels: Sequence[str]) -> None:
    marker = "o" if len(ticks) <= 60 else ""
    for column, label in enumerate(labels):
        ax.plot(ticks, values[:, column], color=COLOURS[column % len(COLOURS)], lw=1.3, marker=marker, ms=3, label=label)
    ax.axhline(0, color="#dddddd", lw=0.6, ls=":", zorder=0)
    ax.margins(y=0.12)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.06), frameon=False, fontsize=8, handlelength=1.4,
              labelspacing=0.3, borderaxespad=0)


def _draw_heat(ax: Axes, ticks: np.ndarray, values: np.ndarray, neurons: np.ndarray) -> None:
    largest = float(np.nanmax(np.abs(values))) or 1.0
    both = values.min() < 0 < values.max()
    limits: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest} if both else {"cmap": "viridis"}
    edges = np.append(ticks - 0.5, ticks[-1] + 0.5)
    mesh = ax.pcolormesh(edges, np.arange(len(neurons) + 1) - 0.5, values.T, rasterized=True, **limits)
    ax.set_ylim(-0.5, len(neurons) - 0.5)
    places = [int(p) for p in _locator(4, whole=True).tick_values(0, len(neurons) - 1) if 0 <= p < len(neurons)]
    ax.set_yticks(places, [str(neurons[p]) for p in places])
    ax.set_ylabel("neuron", fontsize=8, color=GREY)
    box = ax.inset_axes([1.015, 0, 0.014, 1])
    bar = ax.figure.colorbar(mesh, cax=box)
    bar.ax.tick_params(labelsize=7, length=2, colors=GREY)
    bar.locator = _locator(3)
    bar.outline.set_visible(False)


def _draw_bars(ax: Axes, bars: list[tuple[int, int, int, str]], first: int, end: int) -> None:
    rows = {row: name for row, _, _, name in bars}
    for row, on, off, _ in bars:
        a, b = max(on, first), min(off, end)
        ax.barh(row, b - a, left=a - 0.5, height=0.68, color=COLOURS[row % len(COLOURS)], lw=0)
    ax.set_yticks(list(rows), list(rows.values()))
    ax.set_ylim(len(rows) - 0.4, -0.6)


def _rasters(trace: Trace, populations: Sequence[str], first: int, end: int, lane: int) -> list[Panel]:
    lists = []
    for name in sorted(populations, key=lambda n: -trace._order["populations"].get(n, 0)):
        spikes = trace.spikes(name)
        shown = (spikes["tick"] >= first) & (spikes["tick"] < end) & (spikes["lane"] == lane)
        size = int(trace._file[f"circuit/populations/{name}"].attrs["size"]) \
            if name in trace._order["populations"] else int(spikes["neuron"].max(initial=0)) + 1
        lists.append((name, size, spikes["tick"][shown], spikes["neuron"][shown].astype(np.int64)))
    if not lists:
        return []
    rows = sum(size for _, size, _, _ in lists)
    return [(min(3.5, max(0.45, 0.12 * rows)), "events", lambda ax: _draw_raster(ax, lists, end - first))]


def _draw_raster(ax: Axes, lists: list[tuple[str, int, np.ndarray, np.ndarray]], length: int) -> None:
    rows = sum(size for _, size, _, _ in lists)
    width = float(np.clip(250 / length, 0.8, 5))
    at = 0
    middles = []
    for number, (name, size, ticks, neurons) in enumerate(lists):
        ax.vlines(ticks, at + neurons - 0.4, at + neurons + 0.4, lw=width,
                  color=COLOURS[(len(lists) - 1 - number) % len(COLOURS)])
        if number:
            ax.axhline(at - 0.5, color="#dddddd", lw=0.8)
        middles.append((at + (size - 1) / 2, name))
        at += size
    ax.set_yticks([m for m, _ in middles], [name for _, name in middles])
    ax.set_ylim(rows - 0.4, -0.6)


def _of_weights(name: str, variable: Variable, first: int, end: int) -> Panel:
    chosen = variable.sel(tick=slice(first, end))
    ticks = chosen.coords["tick"]
    values = chosen.values.reshape(len(ticks), -1)
    title = f"{name}: {variable.long_name}" if variable.long_name else name
    if values.shape[1] <= MOST_LINES:
        labels = [f"[{post}][{pre}]" for post in chosen.coords["post"] for pre in chosen.coords["pre"]] \
            if "post" in chosen.dims else [f"[{n}]" for n in chosen.coords["synapse"]]
        return 1.15, title, lambda ax: _draw_lines(ax, ticks, values, labels)
    return 1.15, f"{title}, {values.shape[1]} synapses", lambda ax: _draw_distribution(ax, ticks, values)


def _draw_distribution(ax: Axes, ticks: np.ndarray, values: np.ndarray) -> None:
    low, q1, median, q3, high = np.quantile(values, (0, 0.25, 0.5, 0.75, 1), axis=1)
    ax.fill_between(ticks, low, high, color=COLOURS[0], alpha=0.15, lw=0, label="range", step=None)
    ax.fill_between(ticks, q1, q3, color=COLOURS[0], alpha=0.4, lw=0, label="quartiles")
    ax.plot(ticks, median, color=COLOURS[0], lw=1.3, label="median")
    ax.axhline(0, color="#dddddd", lw=0.6, ls=":", zorder=0)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.06), frameon=False, fontsize=8, handlelength=1.4,
              labelspacing=0.3, borderaxespad=0)


# ---- the whole -------------------------------------------------------------------------------------------------------


def _locator(most: int, whole: bool = False) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(most, integer=whole, steps=[1, 2, 5, 10])


def _title(trace: Trace) -> str:
    """"xor: predictive-coding [2, 4, 1], fa-z-il", as far as the netlist says it."""
    text = os.path.splitext(os.path.basename(trace.path))[0]
    said = dict(re.findall(r"^(template|layers|rule) = (.*)$", trace.netlist, re.M))
    if "template" in said:
        text += ": " + said["template"].strip("\"'")
    if "layers" in said:
        text += " " + re.sub(r",\s*", "-", said["layers"].strip("[] "))
    return text + (", " + said["rule"].strip("\"'") if "rule" in said else "")


def _figure(trace: Trace, panels: list[Panel], first: int, end: int, lane: int | None, marks: Sequence[int]) -> Figure:
    import matplotlib.pyplot as plt

    if not panels:
        raise RunError(f'"{trace.path}" has nothing of that kind to draw')
    top, gap, below, width = 0.75, 0.42, 0.55, 10.0
    heights = [height for height, _, _ in panels]
    total = top + sum(heights) + gap * (len(panels) - 1) + below
    figure = plt.figure(figsize=(width, total))
    figure.text(0.02, 1 - 0.26 / total, _title(trace) + (f", lane {lane} of {trace.lanes}" if lane is not None and trace.lanes > 1 else ""),
                fontsize=13, va="center")
    at = total - top
    for number, (height, title, draw) in enumerate(panels):
        ax = figure.add_axes([0.13, (at - height) / total, 0.72, height / total])
        at -= height + gap
        draw(ax)
        last = number + 1 == len(panels)
        ax.set_title(title, loc="left", fontsize=10, pad=4)
        ax.set_xlim(first - 0.5, end - 0.5)
        ax.xaxis.set_major_locator(_locator(10 if end - first > 16 else 16, whole=True))
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
        for side in ("left", "bottom"):
            ax.spines[side].set_color(GREY)
        ax.tick_params(labelsize=8, length=3, color=GREY, labelbottom=last)
        for mark in marks:
            ax.axvline(mark - 0.5, color="#888888", lw=0.7, ls=":", zorder=3)
        if last:
            _label_time(ax, trace)
    plt.close(figure)  # a notebook shows what is returned, once
    return figure


def _label_time(ax: Axes, trace: Trace) -> None:
    dt = trace.attrs.get("dt")
    ax.set_xlabel("tick" if dt is None else f"tick (of {dt:g} ms)", fontsize=9)


# ---- sweeps ----------------------------------------------------------------------------------------------------------

LABELS = {"test_accuracy": "test accuracy (%)", "train_accuracy": "training accuracy (%)", "test_r2": "test R²",
          "train_r2": "training R²", "test_loss": "test loss"}
MOST_CURVES = 16  # more cannot be told apart
MOST_NAMED = 8
WIDE = 20  # axes whose ends have this ratio are logarithmic


def sweep(results: Sweep, score: str) -> Figure:
    import matplotlib.pyplot as plt

    columns = results._table
    score = score or results.main_score
    known = [name[:-5] for name in columns if name.endswith(" mean") and not name.endswith(" difference mean")]
    if not results.keys:
        raise UsageError("nothing is varied, so that there is nothing to draw it over")
    if not known:
        raise RunError("no run has come to an end, so that there is nothing to draw")
    if score not in known:
        raise UsageError(f'"{score}": no cell has it (known: {", ".join(known)})')
    along = _abscissa(columns, results.keys)
    values = list(dict.fromkeys(columns[along]))
    numeric = all(isinstance(v, (int, float)) for v in values)
    at = {v: v if numeric else place for place, v in enumerate(values)}
    others = [key for key in results.keys if key != along]
    curves: dict[str, list[int]] = {}
    for n in range(len(columns["done"])):
        if columns[f"{score} n"][n]:
            curves.setdefault(", ".join(_curve_part(key, columns[key][n], len(others)) for key in others), []).append(n)
    figure, ax = plt.subplots(figsize=(8.4, 4.6))
    for number, (name, rows) in enumerate(list(curves.items())[:MOST_CURVES]):
        # Neighbours at one name stand a little apart, so that their bars can be told from each other.
        apart = 0 if numeric else (number - (len(curves) - 1) / 2) * 0.5 / max(2, len(curves))
        rows = sorted(rows, key=lambda n: at[columns[along][n]])
        factor = 100 if score.endswith("accuracy") else 1
        sd = factor * np.nan_to_num([columns[f"{score} sd"][n] for n in rows])
        ax.errorbar([at[columns[along][n]] + apart for n in rows], [factor * columns[f"{score} mean"][n] for n in rows],
                    sd if sd.any() else None, color=COLOURS[number % len(COLOURS)], marker="os^D"[number // 4 % 4], ms=4.5,
                    lw=1.3, ls="-" if numeric else "", capsize=3, label=name)
    if numeric and min(values) > 0 and max(values) / min(values) >= WIDE:
        ax.set_xscale("log")
    if not numeric or len(values) <= MOST_NAMED:
        ax.set_xticks([at[v] for v in values], [f"{v:.3g}" if numeric else v for v in values])
        ax.minorticks_off()
    if not numeric:
        ax.set_xlim(-0.5, len(values) - 0.5)
    ax.set_xlabel(along, fontsize=9)
    ax.set_ylabel(LABELS.get(score, score), fontsize=9)
    ax.grid(axis="y", color="#e0e0e0", lw=0.8)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(labelsize=8, length=3, color=GREY)
    if others:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=8, alignment="left",
                  title=others[0] if len(others) == 1 else None, title_fontsize=9)
    notes = [f"mean ± s.d. over {len(set(results._cells['seed']))} seeds"] if max(columns[f"{score} n"]) > 1 else []
    notes += [f"{len(curves) - MOST_CURVES} more curves are not drawn"] if len(curves) > MOST_CURVES else []
    figure.suptitle(f"{', '.join(map(os.path.basename, results.netlists))}: {LABELS.get(score, score)}", x=0.02, ha="left",
                    fontsize=13)
    figure.text(0.02, 0.015, "; ".join(notes), fontsize=8, color=GREY)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    plt.close(figure)
    return figure


def _abscissa(columns: dict[str, list[Any]], keys: Sequence[str]) -> str:
    """The axis with most numbers; without numbers, the one with most values."""
    sizes = {key: len(set(columns[key])) for key in keys}
    numbers = [key for key in keys if isinstance(columns[key][0], (int, float)) and sizes[key] > 1]
    return max(numbers or keys, key=lambda key: sizes[key])


def _curve_part(key: str, value: object, keys: int) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if keys == 1 else f"{key.rpartition('.')[2]} {text}"
