"""Whole runs: epochs of training and tests, trace and checkpoints, as `locus run` does them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _locus, _toml
from .errors import UsageError, check_count, path_text
from .netlist import Netlist, with_data
from .notebook import Progress, table
from .reports import as_netlist

if TYPE_CHECKING:
    import pandas

    from .traces import Trace


class Run:
    """What a run came to.

    >>> r = locus.load(netlists / "xor.toml").run(epochs=2)
    >>> [e["updates"] for e in r.epochs], r["hidden1.forward"].shape, r.stopped
    ([4, 8], (4, 2), False)
    """

    def __init__(self, native: _locus.Run) -> None:
        self._native = native
        #: what ``locus run --json`` writes
        self.results: dict[str, Any] = json.loads(native.results())
        self._trace = os.path.abspath(self.results["trace"]) if "trace" in self.results else ""

    @property
    def epochs(self) -> list[dict[str, Any]]:
        """A row an epoch: loss, accuracies, counters since the start. What was not measured is None."""
        return self.results["epochs"]

    @property
    def weights_sha256(self) -> str:
        """The hash that ``locus run`` prints."""
        return self.results["weights_sha256"]

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C ended it before its end."""
        return self.results["stopped"]

    @property
    def against(self) -> dict[str, Any] | None:
        """How its weights differ from the other circuit's, if it was compared with one."""
        return self.results.get("against")

    @property
    def simulator(self) -> _locus.Simulator:
        """The circuit as the run left it; it can go on, step by step."""
        return self._native.simulator

    def __getitem__(self, name: str) -> np.ndarray:
        """A copy: weights [post, pre] or a field [neuron, lane], as the run left them."""
        return self.simulator[name]

    def to_pandas(self) -> pandas.DataFrame:
        """The epochs, with the epoch as index."""
        import pandas

        frame = pandas.DataFrame(self.epochs)
        return frame.set_index("epoch") if len(frame) else frame

    @property
    def trace(self) -> Trace:
        """What was recorded."""
        from .traces import open

        if not self._trace:
            raise UsageError("nothing was recorded: give run() a trace or what to record")
        return open(self._trace)

    def __repr__(self) -> str:
        r = self.results
        return (f"Run({r['netlist']}: {r['updates']} updates in {r['wall_s']:.2f} s"
                f"{', stopped early' if self.stopped else ''}; weights sha256 {self.weights_sha256[:12]}…)")

    def _repr_html_(self) -> str:
        shown = [k for k in ("epoch", "loss", "test_loss", "train_accuracy", "test_accuracy", "train_r2", "test_r2",
                             "updates", "ticks", "messages", "spikes") if any(e[k] is not None for e in self.epochs)]
        return table([k.replace("_", " ") for k in shown], [[e[k] for k in shown] for e in self.epochs], repr(self))


def run(net: Netlist | str | os.PathLike[str] | None = None, *, data: object = None, test: object = None,
        epochs: int | None = None, record: str | Iterable[str] | None = None, trace: str | os.PathLike[str] | bool | None = None,
        against: str | os.PathLike[str] = "", checkpoint: str | os.PathLike[str] = "",
        resume: str | os.PathLike[str] = "", every_updates: int = 0, updates: int = 0, evaluate: bool = True,
        save_weights: str | os.PathLike[str] = "", messages: bool = False, force: bool = False,
        trace_limit: int | None = None, threads: int = 0, tracking: bool = True,
        settings: Any = None, progress: bool | None = None,
        on_epoch: Callable[[dict[str, Any]], object] | None = None,
        on_presentation: Callable[[_locus.Run], object] | None = None) -> Run:
    """Runs a netlist to its end: the same bits as ``locus run`` with the options of the same names.

    ``data``, ``test``: (inputs, targets), arrays [sample, column] or [sample, frame, column]; targets [sample] of whole
    numbers are classes. ``record``: patterns of variables to be recorded in each tick; into ``trace``, or a file that is
    deleted with the Run. ``trace``: False: nothing, whatever the netlist says. ``evaluate``: score the test set after each
    epoch. ``on_epoch`` is called with each epoch's row, ``on_presentation`` with the run, whose ``simulator`` can be read
    and changed, and which stop() ends; what they raise ends the run. ``trace_limit``: bytes before compression. ``settings``: further ones, as
    of load(). Without a netlist, ``resume`` has it.

    The first Ctrl-C ends the run after the presentation that is under way, and returns what it has come to (``stopped``);
    the second raises KeyboardInterrupt. SIGTERM ends the run in the same way, and then the process.
    """
    for name, count, most in (("updates", updates, 2**63), ("every_updates", every_updates, 2**63),
                              ("trace_limit", trace_limit or 0, 2**63), ("threads", threads, 256)):
        check_count(name, count, most)
    network = None if net is None else as_netlist(net)
    if network is None and not resume:
        raise UsageError("net: expected a netlist, or a checkpoint to resume")
    if network is None and (data is not None or test is not None):
        raise UsageError("data: name the netlist, too; the checkpoint's has its own")
    more = dict(settings or {})
    if epochs is not None:
        more["stimuli.epochs"] = epochs
    temporary = None
    if record is not None and trace is not False:
        more["trace.record"] = [record] if isinstance(record, str) else list(record)
        if trace is None:
            temporary = tempfile.mkdtemp(prefix="locus-")
            trace = os.path.join(temporary, "trace.h5")
    file = "" if trace is None or isinstance(trace, bool) else path_text(trace)
    try:
        if network is not None:
            if data is not None or test is not None:
                network = with_data(network, data, test)
            network = network.set(more) if more else network
        overrides = network.settings if network is not None else _toml.settings(more)
        with contextlib.nullcontext() if network is None else network.pointing():
            native = _locus.Run(
                network.native if network is not None else None, overrides,
                _locus.CheckpointRequest(path_text(checkpoint), path_text(resume), every_updates, force,
                                         path_text(against), evaluate),
                _locus.TraceRequest(trace is False, file, messages, force, trace_limit),
                path_text(save_weights), updates, threads, tracking, warnings.warn if network is None else None)
            bar = Progress(progress)
            try:
                with ended_by_signals(native):
                    native.go(None if on_epoch is None else lambda row: on_epoch(json.loads(row)), on_presentation,
                              lambda done, total, epoch: bar.show(f"epoch {epoch}", done, total))
            finally:
                bar.end()
    except BaseException:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
        raise
    done = Run(native)
    if temporary:
        weakref.finalize(done, shutil.rmtree, temporary, ignore_errors=True)
    return done


@contextlib.contextmanager
def ended_by_signals(work: Any) -> Iterator[None]:
    """While it lasts, the first SIGINT or SIGTERM calls work.stop(), which ends it in order; only where Python itself would have ended it."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    if threading.current_thread() is not threading.main_thread():
        usual = {}
    ours = [s for s, handler in usual.items() if signal.getsignal(s) == handler]
    came: list[int] = []

    def restore() -> None:
        for s in ours:
            signal.signal(s, usual[s])

    def first(number: int, _: object) -> None:
        came.append(number)
        restore()
        work.stop()

    for s in ours:
        signal.signal(s, first)
    try:
        yield
    finally:
        restore()
    if signal.SIGTERM in came:
        os.kill(os.getpid(), signal.SIGTERM)
