"""Locus: circuits that may learn as brains do, neuron by neuron and tick by tick, with the command line's bits.

>>> net = locus.load(netlists / "xor.toml", {"learning.alpha": 0.1})
>>> sim = net.simulator()
>>> sim.clamp("input.value", np.array([0.0, 1.0]))
>>> sim.run(ticks=8)
>>> sim["output.value.x"].shape, sim["hidden1.forward"].shape         # [neuron, lane], [post, pre]
((1, 1), (4, 2))
>>> run = net.run(epochs=3, progress=False)
>>> run.epochs[-1]["updates"], len(run.weights_sha256)
(12, 64)

load(), Netlist: netlists. Netlist.simulator(): a Simulator, step by step. run(): whole runs. sweep(): many. describe(), audit(), diff().
open(): traces. audit_update(): other people's learning rules.
"""

from ._locus import Simulator, __version__, bits_version, models
from .audit_update import Graph, UpdateAudit, audit_update
from .errors import Error, InternalError, NonFiniteError, RequirementError, RunError, UsageError
from .netlist import Netlist, load
from .reports import Audit, Description, Difference, audit, describe, diff
from .run import Run, run
from .sweep import Sweep, join_sweeps, sweep
from .traces import Trace, Variable, open

__all__ = [
    "Audit", "Description", "Difference", "Error", "Graph", "InternalError", "Netlist", "NonFiniteError",
    "RequirementError", "Run", "RunError", "Simulator", "Sweep", "Trace", "UpdateAudit", "UsageError", "Variable", "__version__",
    "audit", "audit_update", "bits_version", "describe", "diff", "join_sweeps", "load", "models", "open", "run", "sweep",
]
