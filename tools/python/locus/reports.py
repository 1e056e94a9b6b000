"""What `locus describe`, `audit` and `trace diff` find, for Python and for notebooks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from . import _locus
from .errors import RequirementError, check_count, path_text
from .netlist import Netlist, load
from .notebook import Progress, svg, table

MARKS = {"holds": "✔", "fails": "✘", "not measured": "-"}


def as_netlist(net: Netlist | str | os.PathLike[str]) -> Netlist:
    return net if isinstance(net, Netlist) else load(net)


class Description:
    """Counts of a circuit. ``facts``: what ``locus describe --json`` writes; ``dot``: a picture for Graphviz.

    >>> d = locus.describe(netlists / "xor.toml")
    >>> d.facts["neurons"], d.facts["synapses"]
    (18, 21)
    """

    def __init__(self, net: Netlist) -> None:
        with net.pointing():
            text, self._text, self.dot = _locus.describe(net.native)
        self.facts: dict[str, Any] = json.loads(text)

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        f = self.facts
        populations = table(["population", "neurons", "model"],
                            [(p["name"], p["neurons"], p["title"]) for p in f["populations"]], f["netlist"])
        projections = table(["projection", "connections", "model", "shape", "learns"],
                            [(p["name"], p["connections"], p["model"], p["shape"], "✔" if p["plastic"] else "")
                             for p in f["projections"]])
        sums = (f"<p>{f['neurons']:,} neurons, {f['synapses']:,} synapses, {f['plastic_weights']:,} of which learn; "
                f"{f['memory']['total']:,} bytes</p>").replace(",", " ")
        return populations + projections + sums + svg(self.dot)


def describe(net: Netlist | str | os.PathLike[str]) -> Description:
    """Counts, schedule, memory and control of a circuit; nothing is run."""
    return Description(as_netlist(net))


class Audit:
    """Verdicts on a circuit, with evidence. ``facts``: what ``locus audit --json`` writes.

    >>> a = locus.audit(netlists / "xor.toml", updates=2)
    >>> a.verdicts["local-plasticity"], a.holds("full-autonomy"), a.classes["hidden1.forward"]
    ('holds', True, 2)
    """

    def __init__(self, found: tuple[str, str, str, str, list[str]]) -> None:
        text, self._table, self.evidence, self.dot, self.objections = found
        #: the text of ``locus audit --json``, for ``locus audit --verify``
        self.json = text
        self.facts: dict[str, Any] = json.loads(text)

    @property
    def circuit(self) -> dict[str, Any]:
        return self.facts["circuits"][0]

    @property
    def verdicts(self) -> dict[str, str]:
        """{criterion: "holds", "fails" or "not measured"}"""
        return {name: v["result"] for name, v in self.circuit["verdicts"].items()}

    @property
    def classes(self) -> dict[str, int]:
        """{projection: class of its plasticity, from 0, the most local, to 4}"""
        return {c["projection"]: c["class"] for c in self.circuit["classes"]}

    def holds(self, criterion: str) -> bool:
        return self.verdicts[criterion] == "holds"

    def table(self) -> str:
        """One row, as Table 2 of Song et al. 2020."""
        return self._table

    def __str__(self) -> str:
        return f"{self._table}\n{self.evidence}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        verdicts = [(f"{MARKS[v['result']]} {name}", v["detail"], "; ".join(e["text"] for e in v["evidence"][:3]))
                    for name, v in self.circuit["verdicts"].items()]
        classes = [(c["projection"], c["class"], c["uses"]) for c in self.circuit["classes"]]
        paths = svg(self.dot) if any(e["path"] for v in self.circuit["verdicts"].values() for e in v["evidence"]) else ""
        return (table(["criterion", "", "evidence"], verdicts, self.circuit["circuit"]) +
                table(["projection", "class", "learns from"], classes) + paths)


def audit(net: Netlist | str | os.PathLike[str], *, require: Iterable[str] = (), twin: str | os.PathLike[str] = "",
          angle: str | os.PathLike[str] = "", seed: int = 1, updates: int = 20, presentations: int = 2,
          progress: bool | None = None) -> Audit:
    """Measures locality, autonomy and equivalence to backpropagation.

    ``require``: criteria such as "local-plasticity" or "local-plasticity=2"; if one does not hold, RequirementError, whose
    ``audit`` has all that was found. ``twin``, ``angle``: netlists to compare with. The options are those of ``locus audit``.
    """
    for name, count in (("seed", seed), ("updates", updates), ("presentations", presentations)):
        check_count(name, count, 2**63)
    net = as_netlist(net)
    bar = Progress(progress)
    required = [require] if isinstance(require, str) else list(require)
    try:
        with net.pointing():
            found = Audit(_locus.audit(net.native, net.settings, path_text(twin), path_text(angle), seed, updates,
                                       presentations, required, bar.show))
    finally:
        bar.end()
    if found.objections:
        error = RequirementError(f"{net.name}: " + "; ".join(found.objections))
        error.audit = found
        raise error
    return found


class Difference:
    """Where two traces or netlists differ. It is true if they do.

    >>> net = locus.load(netlists / "xor.toml")
    >>> locus.diff(net, net.set({"learning.alpha": 0.2})).first[0]
    'projection[12].params.alpha'
    """

    def __init__(self, equal: bool, notes: list[str], recorded: list[str], first: tuple[Any, ...] | None,
                 variables: list[tuple[Any, ...]]) -> None:
        self.equal, self.notes, self.recorded, self.first, self.variables = equal, notes, recorded, first, variables

    def __bool__(self) -> bool:
        return not self.equal

    def __repr__(self) -> str:
        lines = [f"settings differ: {n}" for n in self.notes] + [f"recorded differs: {n}" for n in self.recorded]
        if self.first is None:
            lines.append("no value differs" if self.equal else "")
        elif len(self.first) == 3:
            lines.append(f"{self.first[0]}: {self.first[1] or 'nothing'} against {self.first[2] or 'nothing'}")
        else:
            tick, entity, lane, a, b, ulps = self.first
            lines.append(f"first difference: tick {tick}, {entity}, lane {lane}: {a!r} against {b!r}, {ulps} ulp")
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        rows = [(v[0], v[4][0], v[2], v[1], v[3]) for v in self.variables if v[4] is not None]
        return table(["variable", "first tick", "values differ", "of", "largest |a - b|"], rows, repr(self))


def diff(a: Any, b: Any, select: Iterable[str] = ()) -> Difference:
    """Compares two traces (files, or what locus.open returns) bit by bit, or two netlists (Netlist).

    ``select``: patterns of the variables to be compared, as of ``locus trace diff``.
    """
    if isinstance(a, Netlist) and isinstance(b, Netlist):
        first = a.native.first_difference(b.native)
        return Difference(first is None, [], [], first, [])
    files = [os.fspath(getattr(x, "path", x)) for x in (a, b)]
    return Difference(*_locus.compare_traces(*files, [select] if isinstance(select, str) else list(select)))
