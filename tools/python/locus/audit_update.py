"""Other people's learning rules: does an update reach only what its author's circuit can reach?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import UsageError
from .notebook import table

Arrays = dict[str, np.ndarray]
Reach = dict[str, np.ndarray]  # {population: [neuron], whether something came there}


@dataclass(frozen=True)
class Synapses:
    """Where a parameter sits: weights [post, pre] of a projection, or one number a neuron (pre is None)."""

    pre: str | None
    post: str
    modulators: tuple[str, ...] = ()
    broadcast: tuple[str, ...] = ()
    transposed: bool = False
    state_of: str | None = None


@dataclass
class Graph:
    """The circuit that the author of a rule declares: populations, by name, and which parameter joins which.

    ``input``: the population that shows x, whose last axis is its neurons; ``target``: the one that is shown y.

    >>> g = Graph(input="in", target="error")
    >>> g.synapses("W", "in", "out", modulators=["error"]).link("out", "error")
    Graph(input='in', target='error': W in -> out, link out -> error)
    """

    input: str
    target: str
    parts: dict[str, Synapses] = field(default_factory=dict)
    shared: list[tuple[str, Synapses]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    def synapses(self, parameter: str, pre: str, post: str, *, modulators: Iterable[str] = (),
                 broadcast: Iterable[str] = (), transposed: bool = False) -> Graph:
        """A parameter [post, pre] (``transposed``: [pre, post]) is the weights of a projection.

        ``modulators``: populations of which each neuron is joined one-to-one to the synapses onto the neuron of its
        number. ``broadcast``: populations whose signal all these synapses share. A parameter that is named a second time
        is used there, too, by whoever does not own it.
        """
        made = Synapses(pre, post, tuple(modulators), tuple(broadcast), transposed)
        if parameter in self.parts:
            self.shared.append((parameter, made))
        else:
            self.parts[parameter] = made
        return self

    def biases(self, parameter: str, population: str, *, modulators: Iterable[str] = (),
               broadcast: Iterable[str] = ()) -> Graph:
        """A parameter [neuron] is a number of each neuron's own."""
        self.parts[parameter] = Synapses(None, population, tuple(modulators), tuple(broadcast))
        return self

    def state(self, parameter: str, of: str) -> Graph:
        """A parameter is what the synapses (or neurons) of another one keep: a number each, as momentum."""
        if of not in self.parts:
            raise UsageError(f'state("{parameter}", of="{of}"): declare "{of}" first')
        kept = self.parts[of]
        self.parts[parameter] = Synapses(kept.pre, kept.post, kept.modulators, kept.broadcast, kept.transposed, of)
        return self

    def link(self, source: str, target: str) -> Graph:
        """Each neuron of a population tells the one of its number in another what it does."""
        self.links.append((source, target))
        return self

    def __repr__(self) -> str:
        said = [f"{n} {s.pre} -> {s.post}" if s.pre else f"{n} of {s.post}" for n, s in self.parts.items()]
        said += [f"{n} again {s.pre} -> {s.post}" for n, s in self.shared] + [f"link {a} -> {b}" for a, b in self.links]
        return f"Graph(input={self.input!r}, target={self.target!r}: {', '.join(said)})"


@dataclass
class Finding:
    """What one parameter learns from."""

    parameter: str
    level: int  #: the lowest class that allows all that was seen, 0 to 4
    probes: int  #: numbers that were perturbed
    reached: int  #: of them, those that changed an update of it
    example: str  #: one that asks for this class

    @property
    def verdict(self) -> str:
        return f"consistent with class {self.level} over {self.probes} probes"


class UpdateAudit:
    """What an update depends on, held against a declared graph. ``findings``: one a parameter that changes."""

    def __init__(self, findings: list[Finding], probes: int) -> None:
        self.findings = findings
        self.probes = probes

    @property
    def level(self) -> int:
        """The highest class of all parameters."""
        return max((f.level for f in self.findings), default=0)

    @property
    def classes(self) -> dict[str, int]:
        return {f.parameter: f.level for f in self.findings}

    @property
    def verdict(self) -> str:
        return f"consistent with class {self.level} over {self.probes} probes"

    def __repr__(self) -> str:
        lines = [self.verdict] + [f"  {f.parameter}: {f.verdict}" + (f" ({f.example})" if f.example else "")
                                  for f in self.findings]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return table(["parameter", "verdict", "probes that reached it", "such as"],
                     [(f.parameter, f.verdict, f.reached, f.example) for f in self.findings], self.verdict)


def audit_update(update: Callable[[Any, Any, Any], Any], params: Mapping[str, Any], x: Any, y: Any, graph: Graph, *,
                 probes: int = 2000, seed: int = 1) -> UpdateAudit:
    """Perturbs what an update is given, one number at a time, and holds what changes against the declared graph.

    ``update(params, x, y)`` returns the new params: {name: array}, NumPy or PyTorch, of the shapes of ``params``. It must
    be a function: what it remembers has to be among the params. x and y: [neuron] or [sample, neuron]. Numbers of
    parameters, x and y are perturbed as they are, and again where some weights are 0: over a connection whose weight is 0
    no message comes, so that what still arrives came some other way. For each parameter the answer is the lowest class
    of plasticity that explains all that was seen (docs/audit.md):

    0 the own weight and the two neurons at its ends; 1 and what the synapse has kept; 2 and a modulator joined one-to-one;
    3 and a signal that a population shares; 4 the state or the weights of others.

    A black box shows what it does, not what it could do: "consistent with class k over n probes" is all that can be said.

    >>> def delta_rule(p, x, y):
    ...     return {"W": p["W"] + 0.1 * np.outer(y - p["W"] @ x, x)}
    >>> graph = Graph(input="in", target="error").synapses("W", "in", "out", modulators=["error"]).link("out", "error")
    >>> rng = np.random.default_rng(1)
    >>> print(audit_update(delta_rule, {"W": rng.normal(size=(3, 4))}, rng.normal(size=4), rng.normal(size=3), graph,
    ...                    probes=200).verdict)
    consistent with class 2 over 114 probes
    """
    probe = _Probe(update, params, x, y, graph)
    rng = np.random.default_rng(seed)
    cuts = list(probe.cuts(rng))
    share = max(1, probes // len(cuts))
    seen = {name: Finding(name, int(s.state_of is not None), 0, 0, "") for name, s in graph.parts.items()}
    total = 0
    for number, (what, base) in enumerate(cuts):
        budget = probes - total if number + 1 == len(cuts) else min(share, probes - total)
        places = probe.places()
        if len(places) > budget:
            places = [places[i] for i in sorted(rng.choice(len(places), budget, replace=False))]
        before = probe.run(base)
        for name, at in places:
            total += 1
            probe.judge(base, before, what, name, at, rng, seen)
    changing = [f for f in seen.values() if f.parameter in probe.learning]
    for each in changing:
        each.probes = total
    return UpdateAudit(changing, total)


class _Probe:
    def __init__(self, update: Callable[[Any, Any, Any], Any], params: Mapping[str, Any], x: Any, y: Any,
                 graph: Graph) -> None:
        self.update, self.graph, self.originals = update, graph, {**params, " x": x, " y": y}
        self.arrays: Arrays = {name: _numbers(value) for name, value in self.originals.items()}
        for name, array in self.arrays.items():
            if array.dtype.kind != "f":
                raise UsageError(f"{name.strip()}: expected floating-point numbers, found {array.dtype}")
        for name in graph.parts:
            if name not in params:
                raise UsageError(f'the graph declares "{name}", which is no parameter (known: {", ".join(params)})')
        undeclared = [name for name in params if name not in graph.parts]
        if undeclared:
            raise UsageError(f"the graph does not say where these parameters are: {', '.join(undeclared)}")
        self.sizes = self._sizes()
        before, again = self.run(self.arrays), self.run(self.arrays)
        for name in before:
            if not np.array_equal(before[name], again[name], equal_nan=True):
                raise UsageError(f"{name}: equal numbers gave different results: fix the seeds of what is drawn")
        self.learning = {name for name in before if not np.array_equal(before[name], self.arrays[name])}

    def _sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = {}

        def note(population: str, size: int, why: str) -> None:
            if sizes.setdefault(population, size) != size:
                raise UsageError(f"{why}: {population} has {size} neurons here and {sizes[population]} elsewhere")

        note(self.graph.input, self.arrays[" x"].shape[-1], "x")
        note(self.graph.target, self.arrays[" y"].shape[-1], "y")
        for name, s in [*self.graph.parts.items(), *self.graph.shared]:
            array = self.arrays[name]
            if array.ndim != (1 if s.pre is None else 2):
                raise UsageError(f"{name}: expected an array [{'neuron' if s.pre is None else 'post, pre'}], "
                                 f"found shape {list(array.shape)}")
            shape = array.shape[::-1] if s.transposed else array.shape
            note(s.post, shape[0], name)
            if s.pre is not None:
                note(s.pre, shape[1], name)
            for each in s.modulators:
                note(each, shape[0], f"{name}, modulator {each}")
        for _ in self.graph.links:  # sizes go along chains of links
            for a, b in self.graph.links:
                for one, other in ((a, b), (b, a)):
                    if one in sizes:
                        note(other, sizes[one], f"link {a} -> {b}")
        for s in self.graph.parts.values():
            for each in s.broadcast:
                sizes.setdefault(each, 1)
        return sizes

    def run(self, arrays: Arrays) -> Arrays:
        """The new parameters."""
        given = {name: _as_given(arrays[name], original) for name, original in self.originals.items()}
        x, y = given.pop(" x"), given.pop(" y")
        new = self.update(given, x, y)
        out = {}
        for name in given:
            if name not in new:
                raise UsageError(f'the update returned no "{name}"')
            out[name] = _numbers(new[name])
            if out[name].shape != self.arrays[name].shape:
                raise UsageError(f"{name}: the update changed its shape from {list(self.arrays[name].shape)} to "
                                 f"{list(out[name].shape)}")
        return out

    def cuts(self, rng: np.random.Generator) -> Iterator[tuple[str, Arrays]]:
        """Base points: as given; without each projection; without a random half of all connections."""
        yield "", self.arrays
        weights = [name for name, s in self.graph.parts.items() if s.pre is not None and s.state_of is None]
        for name in weights:
            yield f" with all of {name} at 0", {**self.arrays, name: np.zeros_like(self.arrays[name])}
        for _ in range(4):
            cut = {name: self.arrays[name] * (rng.random(self.arrays[name].shape) < 0.5) for name in weights}
            yield " with half of the connections at 0", {**self.arrays, **cut}

    def places(self) -> list[tuple[str, tuple[int, ...]]]:
        return [(name, at) for name, array in self.arrays.items() for at in np.ndindex(array.shape)]

    # ---- one probe -------------------------------------------------------------------------------------------------

    def judge(self, base: Arrays, before: Arrays, what: str, name: str, at: tuple[int, ...], rng: np.random.Generator,
              seen: dict[str, Finding]) -> None:
        changed = base[name].copy()
        changed[at] += rng.choice([-1, 1]) * (0.5 + rng.random()) * (abs(changed[at]) + 0.1)
        perturbed = {**base, name: changed}
        after = self.run(perturbed)
        levels = self._levels(perturbed, name, at)
        for parameter, finding in seen.items():
            different = ~np.isclose(after[parameter], before[parameter], rtol=0, atol=0, equal_nan=True)
            if parameter == name:
                different[at] = False  # an update of it by itself is always allowed
            if not different.any():
                continue
            finding.reached += 1
            level = np.where(different, levels[parameter], -1)
            worst = np.unravel_index(int(level.argmax()), level.shape)
            if level[worst] > finding.level or not finding.example:
                finding.level = max(finding.level, int(level[worst]))
                finding.example = (f"{_text(name, at)} changes the update of {_text(parameter, worst)}{what}")

    def _levels(self, arrays: Arrays, name: str, at: tuple[int, ...]) -> Arrays:
        """{parameter: the lowest class that allows a number there to change the update of each of its numbers}"""
        reach = self._reach(arrays, name, at)
        out = {}
        for parameter, s in self.graph.parts.items():
            levels = np.full(self._shape(parameter, s), 4)
            for each in s.broadcast:
                if reach[each].any():
                    levels[...] = 3
            for each in s.modulators:
                levels[reach[each]] = 2
            levels[reach[s.post]] = 0
            if s.pre is not None:
                levels[:, reach[s.pre]] = 0
            levels = levels.T if s.transposed else levels
            other = self.graph.parts.get(name)
            if other is not None and parameter != name and parameter in (other.state_of, name) or \
                    other is not None and s.state_of == name:
                levels[at] = min(int(levels[at]), 1)
            out[parameter] = levels
        return out

    def _shape(self, parameter: str, s: Synapses) -> tuple[int, ...]:
        shape = self.arrays[parameter].shape
        return shape[::-1] if s.transposed else shape

    def _reach(self, arrays: Arrays, name: str, at: tuple[int, ...]) -> Reach:
        """The neurons that messages can reach from a number: over links, and connections whose weight is not 0 and that
        no other projection owns."""
        reach = {population: np.zeros(size, bool) for population, size in self.sizes.items()}
        if name == " x":
            reach[self.graph.input][at[-1]] = True
        elif name == " y":
            reach[self.graph.target][at[-1]] = True
        else:
            s = self.graph.parts[name]
            if s.state_of is None:
                reach[s.post][at[-1] if s.transposed else at[0]] = True
        ways = [(s.pre, s.post, (arrays[n].T if s.transposed else arrays[n]) != 0)
                for n, s in self.graph.parts.items() if s.pre is not None and s.state_of is None]
        ways += [(a, b, np.eye(self.sizes[b], dtype=bool)) for a, b in self.graph.links]
        moved = True
        while moved:
            moved = False
            for source, target, connected in ways:
                new = reach[target] | (connected & reach[source]).any(axis=1)
                moved = moved or bool((new != reach[target]).any())
                reach[target] = new
        return reach


def _text(name: str, at: Any) -> str:
    return f"{name.strip()}[{', '.join(str(int(i)) for i in at)}]"


def _numbers(value: Any) -> np.ndarray:
    """A copy as a NumPy array; of PyTorch's tensors, too."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.array(value)


def _as_given(array: np.ndarray, original: Any) -> Any:
    """A copy of the kind that the update's author uses."""
    if hasattr(original, "detach"):
        import torch

        tensor = torch.from_numpy(array.copy()).to(dtype=original.dtype, device=original.device)
        return tensor.requires_grad_(original.requires_grad)
    return array.copy()
