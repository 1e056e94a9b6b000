#!/usr/bin/env python3
"""Writes the netlists of the collection into a folder: tests/audit/collection/make.py FOLDER
Without a folder, it writes the table of README.md.

A case is a function that returns a circuit, under @honest or @cheat with its name, what it does and what must come out.
Circuits are built from a few parts: a layer that learns by the delta rule, the predictive-coding circuit of xor.toml,
loops that pulse, delays that count.
"""
import math
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).parent
CRITERIA = ["local-plasticity", "local-computation", "no-weight-transport", "partial-autonomy", "full-autonomy"]
PLASTIC, COMPUTE, TRANSPORT, PARTIAL, FULL = CRITERIA
cases = []


def honest(name, what, holds=None, unmeasured=(), alarms=()):
    """holds: criteria; all of them without it. unmeasured: those of which nothing can be said. alarms: those that hold,
    and of which the audit says wrongly that they fail."""
    def add(build):
        expect = {c: "holds" for c in (holds or CRITERIA)}
        expect |= {c: "not-measured" for c in unmeasured} | {c: "fails" for c in alarms}
        cases.append(dict(name="honest-" + name, kind="honest", what=what, twin=None, build=build, expect=expect,
                          alarms=alarms))
        return build
    return add


def cheat(name, what, twin, fails, holds=(), missed=(), unmeasured=()):
    """missed: criteria that should fail and hold: what the audit cannot see."""
    def add(build):
        expect = {c: "fails" for c in fails} | {c: "holds" for c in (*holds, *missed)}
        expect |= {c: "not-measured" for c in unmeasured}
        cases.append(dict(name="cheat-" + name, kind="cheat", what=what, twin="honest-" + twin, build=build,
                          expect=expect, missed=missed))
        return build
    return add


# ---------------------------------------------------------------------------------------------------------- text

def toml(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k} = {toml(x)}" for k, x in v.items()) + " }"
    if isinstance(v, list):
        return "[" + ", ".join(toml(x) for x in v) + "]"
    return f'"{v}"' if isinstance(v, str) else f"{v:.12g}" if isinstance(v, float) else str(v)


class Net:
    """A netlist in the long form."""

    def __init__(self, data, P=4, T=2, Q=2, circuit=None, **stimuli):
        self.circuit = circuit or {}
        self.stimuli = dict(data=data, predict=P, teach=T, rest=Q, **({"epochs": 3} | stimuli))
        self.P, self.T, self.Q = P, T, Q
        self.pops, self.projs, self.stims, self.sizes = [], [], [], {}

    def pop(self, name, model, size, **params):
        self.sizes[name] = size
        self.pops.append(dict(name=name, model=model, size=size) | ({"params": params} if params else {}))

    def find(self, name):
        return next(p for p in self.projs + self.pops if p["name"] == name)

    def drop(self, *names):
        self.projs = [p for p in self.projs if p["name"] not in names]

    def link(self, src, to, connect=None, delay=0, name=None):
        same = self.sizes[pop_of(src)] == self.sizes[pop_of(to)]
        p = dict(name=name or f"{src}->{to}", to=to, connect=connect or ("one-to-one" if same else "all-to-all"))
        p = {"name": p["name"], "from": src, "to": to, "connect": p["connect"]}
        self.projs.append(p | ({"delay": delay} if delay else {}))

    def syn(self, name, src, to, weights, model="fixed", connect="all-to-all", delay=0, post=None, pre=None, gate=None,
            gate_at="post", **params):
        p = {"name": name, "from": src, "to": to, "connect": connect, "synapse": model, "weights": weights}
        if pre:
            p["pre"] = pre
        if post:
            p["post"] = post
        if gate:
            p |= {"gate": gate, "gate_at": gate_at}
        if params:
            p["params"] = params
        self.projs.append(p | ({"delay": delay} if delay else {}))

    def weighed(self, src, to, w, delay=0, name=None):
        """Fixed synapses, one-to-one if the sizes agree, all of weight w; or a matrix."""
        same = self.sizes[pop_of(src)] == self.sizes[pop_of(to)]
        if isinstance(w, list):
            connect, values = "all-to-all", {"values": w}
        else:
            connect = "one-to-one" if same else "all-to-all"
            values = {"init": "constant", "scale": w}
        self.syn(name or f"{src}->{to}", src, to, values, connect=connect, delay=delay)

    def stim(self, population, role, **more):
        self.stims.append(dict(population=population, role=role) | more)

    def text(self):
        out = ""
        for head, table in (("circuit", self.circuit), ("stimuli", self.stimuli)):
            if table:
                out += f"[{head}]\n" + lines(table) + "\n"
        for head, rows in (("population", self.pops), ("projection", self.projs), ("stimulus", self.stims)):
            for row in rows:
                out += f"[[{head}]]\n" + lines(row) + "\n"
        return out


def lines(table):
    return "".join(f"{k} = {toml(v)}\n" for k, v in table.items())


def pop_of(reference):
    return reference.rsplit(".", 1)[0]


class Short:
    """A netlist in the short form: tables in their order."""

    def __init__(self, **tables):
        self.tables = tables

    def text(self):
        return "".join(f"[{head}]\n" + lines(table) + "\n" for head, table in self.tables.items())


# ---------------------------------------------------------------------------------------------------------- data

def drawn(n_in=3, n_out=2, seed=1, samples=20):
    """Regression, drawn by the netlist."""
    return {"teacher": [n_in, n_out], "activation": "identity", "scale": 1.0, "samples": samples, "test_samples": 0,
            "seed": seed}


def classes(n_in=3, n_out=2, samples=20, seed=1, absent=0, extra=None):
    """One-hot targets by the largest of n_out projections; `absent` more columns stay 0, `extra` makes more columns."""
    r = random.Random(seed)
    rows = [[r.randrange(-9, 10) / 10 or 0.5 for _ in range(n_in)] for _ in range(samples)]
    w = [[r.uniform(-1, 1) for _ in range(n_in)] for _ in range(n_out)]
    targets = []
    for x in rows:
        y = [sum(a * b for a, b in zip(x, row)) for row in w]
        targets.append([int(i == y.index(max(y))) for i in range(n_out)] + [0] * absent + (extra(r) if extra else []))
    return {"inputs": rows, "targets": targets}


def signed(samples=20, seed=1, n_in=3, n_out=2):
    """Regression, written out; the first input takes both signs in turns."""
    r = random.Random(seed)
    w = [[r.uniform(-1, 1) for _ in range(n_in)] for _ in range(n_out)]
    rows = [[(1 if k % 2 else -1) * r.randrange(4, 10) / 10] + [r.randrange(-9, 10) / 10 for _ in range(n_in - 1)]
            for k in range(samples)]
    return {"inputs": rows, "targets": [[round(sum(a * b for a, b in zip(x, row)), 3) for row in w] for x in rows]}


def zeroed(data, rows, *what):
    """In these rows all inputs are 0, or all of `what`."""
    for table in what or ["inputs"]:
        for k in rows:
            data[table][k] = [0] * len(data[table][k])
    return data


XOR = {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}


# --------------------------------------------------------------------------------------------------------- parts

def glorot(seed=1, scale=1.0):
    return {"init": "glorot-uniform", "scale": scale, "seed": seed}


def source(net, n_in=3):
    net.pop("in", "two-compartment-value", n_in, activation="identity")
    net.stim("in", "input")


def noisy_inputs(net, sigma, delay=0, noise_delay=0):
    """Input neurons "in", whose messages pass through neurons "noisy" that hear noise, too."""
    source(net)
    net.pop("hum", "noise", 3, sigma=sigma)
    net.pop("noisy", "backprop-hidden", 3, activation="identity")
    net.link("in.rate", "noisy.prediction", delay=delay)
    net.link("hum.rate", "noisy.prediction", delay=noise_delay)


def leaky(net, src, name, size, gamma):
    """Membranes that follow src by gamma of the distance in each tick; returns what they send."""
    net.pop(name, "two-compartment-value", size, gamma=gamma, activation="identity")
    net.link(src, name + ".prediction")
    return name + ".rate"


def one(net, *to):
    """A constant neuron, which all of these hear."""
    net.pop("one", "constant", 1)
    for port in to:
        net.link("one.rate", port, connect="all-to-all")


def delta(net, n_in=3, n_out=2, gate=None, alpha=0.1, src="in.rate", gamma=1.0, inputs=True, gate_at="post", **more):
    """in -> out by the delta rule: out.error = target - prediction. gate: None (always plastic), "phi" (at the
    teacher's onset) or an output."""
    if inputs:
        source(net, n_in)
    net.pop("out", "two-compartment-value", n_out, gamma=gamma, activation="identity")
    net.pop("err", "error", n_out)
    net.link("out.b", "err.value")
    net.link("err.mu", "out.prediction")
    if gate == "phi":
        phi(net, "phi", n_out, "err")
        gate = "phi.spike"
    net.syn("forward", src, "err.prediction", more.pop("weights", glorot()), model=more.pop("model", "gated-hebbian"),
            post=more.pop("post", "err.eps"), gate=gate, gate_at=gate_at, alpha=alpha, **more)
    net.stim("out", "teacher", answer="out.x")


def phi(net, name, size, err, **params):
    net.pop(name, "phi", size, **params)
    net.link(err + ".eps", name + ".error")
    net.link(err + ".mu", name + ".prediction")


def layer(net, n, size, activation="tanh", teacher=False, quiet=1, gamma=1.0, tolerance=0.0):
    """Value, error and phi neurons of a layer of predictive coding."""
    net.pop(n, "two-compartment-value", size, gamma=gamma, activation=activation)
    net.pop(n + ".err", "error", size)
    net.link(n + ".b", n + ".err.value")
    net.link(n + ".a", n + ".err.apical")
    net.link(n + ".err.mu", n + ".prediction")
    phi(net, n + ".phi", size, n + ".err", quiet_ticks=quiet, tolerance=tolerance)
    net.link(n + ".phi.spike", n + ".err.gate")
    if teacher:
        net.stim(n, "teacher", answer=n + ".x")


def pc(net, sizes=(3, 3, 2), alpha=0.05, feedback="learned", gates=None, connect="all-to-all", activation="tanh",
       out="identity"):
    """The circuit of xor.toml, layers in, h1, h2, ..., out. gates: layer -> output instead of the layer's phi.
    feedback: learned | fixed | apart (learned, born apart) | tied."""
    names = ["in"] + [f"h{i}" for i in range(1, len(sizes) - 1)] + ["out"]
    gates = gates or {}
    net.pop("in", "two-compartment-value", sizes[0], activation="identity")
    net.stim("in", "input")
    for n, size in zip(names[1:], sizes[1:]):
        layer(net, n, size, activation if n != "out" else out, n == "out")
    for k in range(1, len(names)):
        n, below = names[k], names[k - 1]
        gate = gates.get(n, n + ".phi.spike")
        net.syn(n + ".forward", below + ".rate", n + ".err.prediction", glorot(k), model="gated-hebbian",
                connect=connect, post=n + ".err.eps", gate=gate, alpha=alpha)
        if k > 1:
            back(net, below, n, feedback, gate, alpha)
    return names


def back(net, below, n, feedback, gate, alpha):
    own = {"same_initial_as": n + ".forward", "transposed": True}
    if feedback == "tied":
        own = {"shared": n + ".forward", "transposed": True}
    if feedback in ("fixed", "apart"):
        own = glorot(9)
    if feedback in ("fixed", "tied"):
        net.syn(below + ".feedback", n + ".err.burst", below + ".feedback", own)
        return
    net.syn(below + ".feedback", n + ".err.burst", below + ".feedback", own, model="gated-hebbian", pre=n + ".err.eps",
            post=below + ".rate", gate=gate, gate_at="pre", alpha=alpha)


def edge(net, src="in", width=3, name="edge"):
    """A spike of `name` whenever the input changes."""
    net.pop(name + ".change", "error", width)
    net.link(src + ".rate", name + ".change.value")
    net.link(src + ".rate", name + ".change.prediction", delay=1)
    net.pop(name, "phi", 1, quiet_ticks=0, cause_gate=False)
    net.weighed(name + ".change.eps", name + ".error", [[1.0, 0.7, 0.45, 0.3][:width]])


def kick_by_constant(net, name="kick", tick=3):
    """A single spike at `tick`, because a constant neuron's message takes as long."""
    net.pop(name + ".one", "constant", 1)
    net.pop(name, "phi", 1, cause_gate=False)
    net.link(name + ".one.rate", name + ".error", delay=tick)


def loop(net, kick, period, name="loop", out=None):
    """A controller that excites itself after `period` ticks, set off by kick."""
    net.pop(name, "controller", 1)
    net.link(name + ".signal", name + ".trigger", delay=period - 1)
    net.link(kick, name + ".trigger")


def gates(net, src, size=2, delay=0, name="now"):
    """A neuron for each output that passes src on to the synapses, joined one-to-one to the outputs' errors."""
    net.pop(name, "controller", size)
    net.link(src, name + ".trigger", connect="all-to-all", delay=delay)
    net.link(name + ".signal", "err.gate", connect="one-to-one")
    return name + ".signal"


def split_edge(net, plus, minus, to):
    """At each change of the input: a pulse as large as the first input, after `plus` ticks if it is positive, after
    `minus` if it is negative."""
    net.pop("sign", "backprop-hidden", 2, activation="relu")
    net.weighed("in.rate", "sign.prediction", [[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
    net.pop("split", "error", 2)
    net.link("sign.rate", "split.value")
    net.link("edge.spike", "split.gate", connect="all-to-all", delay=1)
    for which, (name, delay) in enumerate((("plus", plus), ("minus", minus))):
        pairs = [[i, which] for i in range(net.sizes[pop_of(to)])]
        net.link("split.burst", to, connect={"post_pre": pairs}, delay=delay, name=name)


def loop_by_sign(net, period, after):
    """pace.spike: a loop that each change of the input stops and sets off anew, `after` ticks later or one more, as
    the first input's sign is."""
    edge(net)
    net.pop("pace", "phi", 1, tolerance=1e-6, cause_gate=False)
    split_edge(net, after, after + 1, "pace.error")
    net.pop("fed", "error", 1)
    net.link("pace.spike", "fed.value", delay=period)
    one(net, "fed.gate")
    for d in range(period + 1):
        net.weighed("edge.spike", "fed.gate", -1.0, delay=d, name=f"stop{d}")
    net.link("fed.burst", "pace.error")


def bias_always(net):
    """Synapses of a constant neuron that learn a little in every tick, so that more is learnt in more time."""
    net.pop("bias", "constant", 1)
    net.syn("bias.forward", "bias.rate", "err.prediction", {"init": "constant", "scale": 0.0}, model="gated-hebbian",
            post="err.eps", alpha=1e-4)


def trace(net, gamma):
    """Each change of an input leaves a trace that fades; returns it."""
    source(net)
    net.pop("change", "error", 3)
    net.link("in.rate", "change.value")
    net.link("in.rate", "change.prediction", delay=1)
    return leaky(net, "change.eps", "trace", 3, gamma)


def adapting(net, gamma, share):
    """Inputs whose response falls off by this share while they stay; returns it."""
    source(net)
    leaky(net, "in.rate", "tired", 3, gamma)
    net.pop("adapting", "error", 3)
    net.link("in.rate", "adapting.value")
    net.weighed("tired.rate", "adapting.prediction", share)
    return "adapting.eps"


def late_axons(net):
    """Inputs that arrive after five ticks; returns them."""
    source(net)
    net.pop("axon", "backprop-hidden", 3, activation="identity")
    net.link("in.rate", "axon.prediction", delay=5)
    return "axon.rate"


def resonator(net, r, angle=0.7, name="res"):
    """Two neurons that ring for long when they are pushed: a turn by `angle` in each tick, and r times as large."""
    net.pop(name, "controller", 2)
    c, s = r * math.cos(angle), r * math.sin(angle)
    net.syn(name + ".ring", name + ".signal", name + ".trigger", {"values": [[c, -s], [s, c]]})
    return name + ".signal"


def reservoir(net, n, scale, seed=1):
    """Sparse random recurrent tanh neurons that hear the input."""
    source(net)
    net.pop("pool", "backprop-hidden", n, activation="tanh")
    net.syn("pool.in", "in.rate", "pool.prediction", glorot(seed + 1))
    net.syn("pool.recurrent", "pool.rate", "pool.prediction", {"init": "uniform", "scale": scale, "seed": seed},
            connect={"fixed_indegree": 4, "seed": seed})
    return "pool.rate"


def labels(net, src=None, weights=None, connect="all-to-all", alpha=0.05):
    """Label neurons tell error neurons beside them the target, and their synapses when it comes."""
    if src is None:
        net.pop("in", "backprop-hidden", 3, activation="identity")
        net.stim("in", "input")
    net.pop("label", "bmvr-label", 2)
    net.pop("miss", "error", 2)
    net.link("label.label", "miss.value")
    net.syn("forward", src or "in.rate", "miss.prediction", weights or glorot(), model="gated-hebbian", connect=connect,
            post="miss.eps", gate="label.onset", alpha=alpha)
    net.link("miss.mu", "label.prediction")
    net.stim("label", "teacher", answer="label.x")


# ==================================================================================================== honest: one layer

@honest("onset-delta", "a layer learns by the delta rule in the tick in which its teacher comes")
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    return net


@honest("always-delta", "a layer learns by the delta rule in every tick, and more the longer the teacher stays")
def _():
    net = Net(drawn(), P=4, T=4)
    delta(net, alpha=0.05)
    return net


@honest("late-learner", "learns two ticks after the teacher's onset, while the teacher is still there")
def _():
    net = Net(drawn(), P=4, T=5)
    delta(net, gate="phi.spike")
    net.pop("phi", "phi", 2)
    net.link("err.eps", "phi.error", delay=2)
    net.link("err.mu", "phi.prediction", delay=2)
    return net


@honest("plateau",
        "the teacher's onset sets off a plateau that fades within some ticks and lets the synapses learn so long")
def _():
    net = Net(drawn(seed=4), P=6, T=6, Q=3)
    delta(net, post="err.burst")
    phi(net, "phi", 2, "err", quiet_ticks=2)
    net.pop("plateau", "two-compartment-value", 2, gamma=0.5, activation="identity")
    net.link("phi.spike", "plateau.prediction")
    net.link("plateau.x", "err.gate")
    return net


@honest("label-onset", "label neurons say that they are taught, and their own synapses learn just then")
def _():
    net = Net(classes(3, 2), P=3, T=2, Q=1)
    net.pop("in", "backprop-hidden", 3, activation="identity")
    net.pop("label", "bmvr-label", 2)
    net.syn("forward", "in.rate", "label.prediction", glorot(), model="decaying-hebbian", post="label.label",
            gate="label.onset", alpha=0.05, **{"lambda": 0.95})
    net.stim("in", "input")
    net.stim("label", "teacher", answer="label.x")
    return net


@honest("absent-class", "two of four classes never occur in the data: their targets are always 0")
def _():
    net = Net(classes(3, 2, absent=2))
    delta(net, n_out=4, gate="phi")
    return net


@honest("constant-class", "a target that is always 1 is predicted and learnt like any other")
def _():
    net = Net(classes(3, 2, extra=lambda r: [1]))
    delta(net, n_out=3, gate="phi")
    return net


@honest("one-class", "all samples have the same target")
def _():
    net = Net({"inputs": classes()["inputs"], "targets": [[1, 0]] * 20})
    delta(net, gate="phi")
    return net


@honest("classes-always", "one-hot classes, learnt in every tick, with weights that decay all the time")
def _():
    net = Net(classes(4, 3), P=3, T=5, Q=2)
    delta(net, 4, 3, model="decaying-hebbian", alpha=0.1, **{"lambda": 0.995})
    return net


@honest("f32", "the delta rule in single precision, in every tick")
def _():
    net = Net(drawn(seed=5), P=4, T=3, Q=1, circuit={"precision": "f32"})
    delta(net, alpha=0.05)
    return net


@honest("lanes", "five lanes share the synapses of a layer that learns at the teacher's onset")
def _():
    net = Net(drawn(seed=6, samples=30), circuit={"lanes": 5})
    delta(net, gate="phi", alpha=0.03)
    return net


@honest("noise-idle", "noise neurons that nobody hears, beside the delta rule")
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    net.pop("hum", "noise", 3)
    return net


@honest("noise-membrane", "input neurons' messages pass through noisy neurons; the layer learns in every tick")
def _():
    net = Net(drawn(seed=7), P=4, T=4, Q=2)
    noisy_inputs(net, 0.05)
    delta(net, src="noisy.rate", inputs=False, alpha=0.05)
    return net


@honest("noise-delays", "noise is heard, and messages take two and three ticks")
def _():
    net = Net(drawn(seed=8), P=8, T=4, Q=3)
    noisy_inputs(net, 0.1, delay=3, noise_delay=2)
    delta(net, src="noisy.rate", inputs=False, alpha=0.05)
    return net


@honest("leaky-input", "membranes behind the input neurons take some ticks to follow them, and P is not quite enough")
def _():
    net = Net(drawn(seed=2), P=6, T=4, Q=2)
    source(net)
    net.pop("membrane", "two-compartment-value", 3, gamma=0.3, activation="identity")
    net.link("in.rate", "membrane.prediction")
    delta(net, src="membrane.rate", inputs=False, alpha=0.05)
    return net


@honest("slow-input", "membranes so slow that they keep a part of the samples before")
def _():
    net = Net(drawn(seed=3), P=8, T=4, Q=2)
    source(net)
    net.pop("membrane", "two-compartment-value", 3, gamma=0.05, activation="identity")
    net.link("in.rate", "membrane.prediction")
    delta(net, src="membrane.rate", inputs=False, alpha=0.1)
    return net


@honest("adapting-input", "input neurons whose response falls off to two thirds while the input stays")
def _():
    net = Net(drawn(seed=2), P=6, T=4, Q=2)
    source(net)
    net.pop("tired", "two-compartment-value", 3, gamma=0.3, activation="identity")
    net.pop("adapting", "error", 3)
    net.link("in.rate", "tired.prediction")
    net.link("in.rate", "adapting.value")
    net.weighed("tired.rate", "adapting.prediction", 0.33)
    delta(net, src="adapting.eps", inputs=False, alpha=0.05)
    return net


@honest("tonic", "a constant neuron gives the outputs a tonic drive over fixed synapses")
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    net.pop("tone", "constant", 1, value=0.5)
    net.weighed("tone.rate", "err.prediction", [[0.4], [-0.2]])
    return net


@honest("tonic-slow", "a tonic drive that rises over some hundred ticks, because its membrane is slow")
def _():
    net = Net(drawn(), P=4, T=3)
    delta(net, alpha=0.05)
    net.pop("tone", "constant", 1, value=1.0)
    net.pop("membrane", "two-compartment-value", 1, gamma=0.01, activation="identity")
    net.link("tone.rate", "membrane.prediction")
    net.weighed("membrane.rate", "err.prediction", [[0.4], [-0.2]])
    return net


@honest("bias", "a constant neuron's synapses learn like all others")
def _():
    net = Net(drawn(seed=9))
    delta(net, gate="phi")
    net.pop("bias", "constant", 1)
    net.syn("bias.forward", "bias.rate", "err.prediction", {"init": "constant", "scale": 0.0}, model="gated-hebbian",
            post="err.eps", gate="phi.spike", alpha=0.1)
    return net


@honest("two-teachers", "the targets teach two populations, each with synapses of its own")
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    layer(net, "second", 2, "identity", teacher=True)
    net.syn("second.forward", "in.rate", "second.err.prediction", glorot(4), model="gated-hebbian",
            post="second.err.eps", gate="second.phi.spike", alpha=0.05)
    return net


@honest("hold-teacher", "the teacher stays until the next one comes; the layer learns in every tick")
def _():
    net = Net(drawn(), P=2, T=6, Q=0, teacher_off=False)
    delta(net, alpha=0.03)
    return net


@honest("no-rest", "the next input comes in the tick in which the teacher goes")
def _():
    net = Net(drawn(), P=3, T=1, Q=0)
    delta(net, gate="phi")
    return net


@honest("zeros", "in some samples all inputs are 0, in some all targets, in some both")
def _():
    data = classes(3, 2)
    for i in (0, 3, 4, 9):
        data["inputs"][i] = [0, 0, 0]
    for i in (1, 4, 5):
        data["targets"][i] = [0, 0]
    net = Net(data)
    delta(net, gate="phi")
    return net


@honest("repeated-samples", "each sample comes twice in a row, so that the input does not change then")
def _():
    data = classes(3, 2, samples=10)
    net = Net({k: [row for row in rows for _ in (0, 1)] for k, rows in data.items()})
    delta(net, gate="phi")
    return net


@honest("jitter", "P, T and Q are drawn for each presentation; a layer learns at the teacher's onset")
def _():
    net = Net(drawn(), P=[3, 9], T=[1, 4], Q=[0, 5])
    delta(net, gate="phi")
    return net


@honest("partial-input", "only two of five input neurons are connected")
def _():
    net = Net(drawn(5, 2))
    delta(net, n_in=5, gate="phi", connect={"post_pre": [[0, 1], [0, 3], [1, 1], [1, 3]]},
          weights={"init": "uniform", "scale": 0.5, "seed": 1})
    return net


@honest("sparse", "each output hears two random inputs")
def _():
    net = Net(drawn(6, 4))
    delta(net, 6, 4, gate="phi", connect={"fixed_indegree": 2, "seed": 3})
    return net


@honest("axon-delays", "messages take five ticks to the end of an axon, where the synapses are and learn")
def _():
    net = Net(drawn(seed=3), P=9, T=3, Q=2)
    source(net)
    net.pop("axon", "backprop-hidden", 3, activation="identity")
    net.link("in.rate", "axon.prediction", delay=5)
    delta(net, src="axon.rate", inputs=False, gate="phi")
    return net


@honest("slow-outputs", "output membranes with gamma = 0.2 that never come quite to rest; always plastic")
def _():
    net = Net(drawn(seed=3), P=7, T=5, Q=3)
    delta(net, gamma=0.2, alpha=0.03)
    return net


@honest("gate-everywhere-of-one", "one output whose own phi gates all of its synapses, written as everywhere")
def _():
    net = Net(drawn(4, 1))
    delta(net, 4, 1, gate="phi", gate_at="everywhere")
    return net


@honest("weak-join", "phi neurons hear their error neurons over synapses of weight 0.001, and that is enough for them")
def _():
    net = Net(drawn(seed=6))
    delta(net, gate="phi.spike")
    net.pop("phi", "phi", 2, tolerance=1e-9)
    net.weighed("err.eps", "phi.error", 0.001)
    net.link("err.mu", "phi.prediction")
    return net


@honest("noisy-phi", "phi neurons hear their own error neurons, and noise below their threshold")
def _():
    net = Net(drawn(seed=6), P=5, T=3)
    delta(net, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=0.05)
    net.pop("hum", "noise", 2, sigma=0.005)
    net.link("hum.rate", "phi.error")
    return net


@honest("listed-pairs", "four more synapses, listed one by one, and gated as the others are by their own neuron's phi")
def _():
    net = Net(drawn(4, 3, seed=2))
    delta(net, 4, 3, gate="phi", alpha=0.05)
    net.syn("extra", "in.rate", "err.prediction", {"init": "constant", "scale": 0.1}, model="gated-hebbian",
            connect={"post_pre": [[0, 1], [1, 3], [2, 0], [2, 2]]}, post="err.eps", gate="phi.spike", alpha=0.01)
    return net


@honest("no-prediction", "input and teacher come in the same tick; the layer learns in every tick")
def _():
    net = Net(drawn(seed=2), P=0, T=5, Q=0)
    delta(net, alpha=0.05)
    return net


@honest("long-parts", "P, T and Q of 20, 12 and 7 ticks, in which nothing happens after a few")
def _():
    net = Net(drawn(seed=2), P=20, T=12, Q=7)
    delta(net, gate="phi")
    return net


@honest("idle-clock", "a loop pulses every eight ticks, and nobody hears it; the layer learns at the teacher's onset")
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    return net


@honest("idle-control", "a control stimulus drives a neuron that nobody hears; the layer learns at the teacher's onset")
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    net.pop("update", "controller", 1)
    net.stim("update", "control", onset=1, ticks=1, value=1.0)
    return net


@honest("random-plasticity", "each output's synapses may learn whenever a noise neuron of its own draws a large number",
        unmeasured=["full-autonomy"])
def _():
    net = Net(drawn(seed=6), P=5, T=4)
    delta(net, post="err.burst", alpha=0.2)
    net.pop("hum", "noise", 2)
    net.pop("lucky", "phi", 2, quiet_ticks=0, tolerance=1.0, cause_gate=False)
    net.link("hum.rate", "lucky.error")
    net.link("lucky.spike", "err.gate")
    return net


@honest("change-learner", "learns when its output neuron begins to move, be it that the teacher comes or that it goes")
def _():
    net = Net(drawn(seed=2), P=6, T=4, Q=6)
    delta(net, post="err.burst", gamma=0.5)
    net.pop("moves", "phi", 2, quiet_ticks=1, tolerance=0.05, cause_gate=False)
    net.weighed("out.b", "moves.error", 1.0)
    net.weighed("out.b", "moves.error", -1.0, delay=1, name="out.b->moves.error.before")
    net.link("moves.spike", "err.gate")
    return net


# ================================================================================================== honest: more layers

@honest("pc", "the circuit of xor.toml with three inputs, three hidden neurons and two outputs")
def _():
    net = Net(drawn())
    pc(net)
    return net


@honest("pc-deep", "the circuit of xor.toml with four layers of synapses")
def _():
    net = Net(drawn(2, 2), P=6, T=2, Q=4)
    pc(net, (2, 3, 3, 2, 2))
    return net


@honest("pc-apart", "its feedback synapses are born apart from the forward ones, and learn")
def _():
    net = Net(drawn())
    pc(net, feedback="apart")
    return net


@honest("pc-fixed-feedback", "its feedback synapses are random and fixed")
def _():
    net = Net(drawn())
    pc(net, feedback="fixed")
    return net


@honest("pc-square", "all layers have three neurons, so that every matrix is square")
def _():
    net = Net(drawn(3, 3))
    pc(net, (3, 3, 3))
    return net


@honest("pc-narrow", "one neuron in each layer; forward and feedback have a weight each")
def _():
    net = Net(drawn(1, 1))
    pc(net, (1, 1, 1))
    return net


@honest("pc-dead-unit", "one of two hidden relu neurons is dead")
def _():
    net = Net(classes(3, 2))
    pc(net, (3, 2, 2), activation="relu")
    net.find("h1.forward")["weights"] = {"values": [[0.5, 0.3, 0.4], [-2.0, -2.0, -2.0]]}
    net.stimuli["data"]["inputs"] = [[abs(x) for x in row] for row in net.stimuli["data"]["inputs"]]
    return net


@honest("pc-born-equal-fixed",
        "forward synapses of the output never learn, and the feedback synapses started, and stay, equal")
def _():
    net = Net(drawn())
    pc(net, feedback="learned")
    for name in ("out.forward", "h1.feedback"):
        p = net.find(name)
        p["synapse"] = "fixed"
        for key in ("post", "pre", "gate", "gate_at", "params"):
            p.pop(key, None)
    return net


@honest("pc-all-alike",
        "all weights start at 0.5, forward and backward, so that neurons and matrices cannot be told apart")
def _():
    net = Net(drawn(3, 3), circuit={})
    pc(net, (3, 3, 3), feedback="fixed")
    for name in ("h1.forward", "out.forward", "h1.feedback"):
        net.find(name)["weights"] = {"init": "constant", "scale": 0.5}
    return net


@honest("pc-sparse", "forward synapses go from two random neurons to each, and feedback ones are random, too")
def _():
    net = Net(drawn(4, 3))
    pc(net, (4, 4, 3), connect={"fixed_indegree": 2, "seed": 2}, feedback="fixed")
    net.find("h1.feedback")["connect"] = {"probability": 0.5, "seed": 4}
    return net


@honest("pc-recurrent",
        "hidden neurons excite each other weakly over fixed synapses, and settle within P ticks, but for the last bits")
def _():
    net = Net(drawn(), P=24, T=3, Q=8)
    pc(net)
    net.find("h1.phi")["params"]["tolerance"] = 1e-4
    net.find("out.phi")["params"]["tolerance"] = 1e-4
    net.syn("h1.lateral", "h1.rate", "h1.err.prediction", {"values": [[0, 0.2, -0.1], [0.1, 0, 0.2], [-0.2, 0.1, 0]]},
            delay=1)
    return net


@honest("pc-several-lanes", "four lanes, two hidden layers, single precision")
def _():
    net = Net(drawn(2, 2, samples=24), P=5, T=2, Q=2, circuit={"precision": "f32", "lanes": 4})
    pc(net, (2, 3, 3, 2), alpha=0.02)
    return net


@honest("pc-absent-class", "a hidden layer and three classes, of which the third never occurs")
def _():
    net = Net(classes(3, 2, absent=1), P=6, T=2, Q=3)
    pc(net, (3, 4, 3))
    return net


@honest("pc-noise-idle", "noise neurons run beside the hidden layer, and nobody hears them")
def _():
    net = Net(drawn())
    pc(net)
    net.pop("hum", "noise", 4, sigma=0.3)
    return net


@honest("pc-noise-recurrent", "hidden neurons hear noise that goes round in a loop and fades")
def _():
    net = Net(drawn(), P=6, T=2, Q=3)
    pc(net)
    net.pop("hum", "noise", 3, sigma=0.3)
    net.pop("echo", "controller", 3)
    net.link("hum.rate", "echo.trigger")
    net.weighed("echo.signal", "echo.trigger", [[0, 0.5, 0], [0, 0, 0.5], [0.5, 0, 0]], delay=2)
    net.weighed("echo.signal", "h1.feedback", 0.01)
    for phi_of in ("h1.phi", "out.phi"):
        net.find(phi_of)["params"]["cause_gate"] = False
        net.find(phi_of)["params"]["tolerance"] = 0.3
    return net


@honest("pc-feedback-delay", "feedback takes two ticks, and the hidden layer learns two ticks later")
def _():
    net = Net(drawn(), P=5, T=3, Q=4)
    pc(net, feedback="fixed")
    net.find("h1.feedback")["delay"] = 2
    return net


@honest("pc-silent-controller",
        "a controller that nothing drives, so that it always sends 0, is connected to the hidden layer")
def _():
    net = Net(drawn())
    pc(net)
    net.pop("silent", "controller", 1)
    net.link("silent.signal", "h1.feedback", connect="all-to-all")
    return net


@honest("xor-short", "the short form of predictive coding; backpropagation bit for bit", ["equivalence"] + CRITERIA)
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [2, 2, 1], "activation": "tanh", "bias": True},
                 learning={"alpha": 0.1}, stimuli=dict(data=XOR, encode="rate", predict=4, teach=2, rest=2, epochs=5))


@honest("pc-short-f32", "the short form in single precision, segregated neurons", CRITERIA)
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [3, 2, 2], "neuron": "segregated",
                          "precision": "f32"},
                 learning={"alpha": 0.05}, stimuli=dict(data=drawn(), encode="rate", predict=4, teach=2, rest=2))


@honest("pc-continuous",
        "point neurons with gamma = 0.5 whose errors always flow, and that have not settled after P ticks")
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [3, 2, 2], "activation": "sigmoid",
                          "neuron": "point", "feedback_weights": "fixed-random"},
                 learning={"rule": "fa-z-il", "alpha": 0.02, "gamma": 0.5, "feedback": "continuous",
                           "phi": {"quiet_ticks": 2, "tolerance": 0.01}},
                 stimuli=dict(data=classes(), encode="rate", predict=16, teach=4, rest=4))


@honest("bmvr-apart", "BMVR whose interneurons have synapses of their own in both directions")
def _():
    return Short(circuit={"template": "bmvr", "layers": [3, 2, 2], "activation": "identity",
                          "interneurons": "born-apart"},
                 excitation={"weights": glorot(2)}, apical={"weights": glorot(3)}, learning={"alpha": 0.02},
                 stimuli=dict(data=drawn(), encode="rate", predict=3, teach=2, rest=1))


@honest("bmvr-mean", "BMVR with mean-subtracted relus, whose running mean is a constant neuron's synapse")
def _():
    return Short(circuit={"template": "bmvr", "layers": [3, 3, 2], "activation": "relu", "mean": "after",
                          "interneurons": "born-equal"},
                 apical={"weights": glorot(3)}, learning={"alpha": 0.02},
                 stimuli=dict(data=classes(), encode="rate", predict=3, teach=2, rest=1))


def alignment(net, gate=None, sizes=(3, 3, 2), alpha=0.03, activation="tanh", gamma=1.0):
    """Feedback alignment that never stops: errors always flow over fixed synapses; gate: None or "phi"."""
    net.pop("in", "two-compartment-value", sizes[0], activation="identity")
    net.stim("in", "input")
    layer(net, "h", sizes[1], activation, gamma=gamma)
    layer(net, "out", sizes[2], "identity", teacher=True, gamma=gamma)
    for n, below, seed in (("h", "in", 1), ("out", "h", 2)):
        net.syn(n + ".forward", below + ".rate", n + ".err.prediction", glorot(seed), model="gated-hebbian",
                post=n + ".err.eps", gate=gate and gate.replace("*", n), alpha=alpha)
    net.syn("h.feedback", "out.err.eps", "h.feedback", glorot(5), connect="all-to-all")


@honest("acting-modulators",
        "a neuron beside each hidden one hears the outputs' errors over random weights of its own, drives it and "
        "gates its synapses")
def _():
    net = Net(drawn(), P=6, T=4, Q=4)
    pc(net, gates={"h1": "mod.signal"}, feedback="fixed")
    net.drop("h1.feedback")
    net.pop("mod", "controller", 3)
    net.syn("tell", "out.err.burst", "mod.trigger", {"values": [[0.7, -0.4], [0.5, 0.9], [-0.6, 0.3]]})
    net.link("mod.signal", "h1.err.apical")
    return net


@honest("pc-born-untransposed",
        "square layers; the feedback's first weights are the forward ones', not transposed, and then they learn")
def _():
    net = Net(drawn(3, 3))
    pc(net, (3, 3, 3))
    net.find("h1.feedback")["weights"] = {"same_initial_as": "out.forward"}
    return net


@honest("always-alignment",
        "feedback alignment without gates: errors always flow, and every synapse learns in every tick")
def _():
    net = Net(drawn(), P=8, T=6, Q=2)
    alignment(net)
    return net


@honest("always-alignment-slow",
        "feedback alignment without gates, with slow membranes, which come to rest neither before the teacher nor "
        "after")
def _():
    net = Net(drawn(seed=2), P=6, T=14, Q=4)
    alignment(net, gamma=0.6, alpha=0.01)
    return net


@honest("always-recurrent", "always plastic, with a recurrent hidden layer that rings for some ticks and settles")
def _():
    net = Net(drawn(seed=2), P=12, T=6, Q=4)
    alignment(net)
    net.weighed("h.rate", "h.err.prediction", [[0, 0.6, 0], [0, 0, 0.6], [-0.6, 0, 0]], delay=1)
    return net


@honest("always-noise", "always plastic, with noise that hidden neurons hear")
def _():
    net = Net(drawn(seed=2), P=8, T=6, Q=4)
    alignment(net)
    net.pop("hum", "noise", 3, sigma=0.05)
    net.link("hum.rate", "h.feedback")
    return net


@honest("direct-alignment", "the outputs' errors go straight to each of two hidden layers over fixed random synapses")
def _():
    net = Net(drawn(), P=6, T=4, Q=4)
    names = pc(net, (3, 3, 3, 2), feedback="fixed")
    net.drop("h1.feedback")
    net.syn("h1.direct", "out.err.burst", "h1.feedback", glorot(7))
    return net


@honest("kolen-pollack-onset",
        "forward and feedback synapses are born apart, learn by the same product, and both decay")
def _():
    net = Net(drawn())
    pc(net, feedback="apart")
    for name in ("out.forward", "h1.feedback"):
        p = net.find(name)
        p["synapse"] = "decaying-hebbian"
        p["params"]["lambda"] = 0.99
    return net


# --------------------------------------------------------------------------------------------------- no teacher

def hebbian(net, lateral=None, alpha=0.02, keep=0.98, model="decaying-hebbian"):
    source(net, 4)
    net.pop("h", "backprop-hidden", 3, activation="tanh")
    net.syn("forward", "in.rate", "h.prediction", glorot(), model=model, post="h.rate", alpha=alpha,
            **{"lambda": keep})
    if lateral:
        net.weighed("h.rate", "h.prediction", lateral)


@honest("hebbian", "no teacher: Hebbian synapses that learn and decay in every tick")
def _():
    net = Net(drawn(4, 1), P=6, T=1, Q=1)
    hebbian(net)
    return net


@honest("hebbian-lateral",
        "no teacher: Hebbian synapses that learn in every tick, and neurons that inhibit each other, in a fading "
        "oscillation")
def _():
    net = Net(drawn(4, 1, seed=3), P=9, T=2, Q=1)
    hebbian(net, [[0, -0.4, -0.4], [-0.4, 0, -0.4], [-0.4, -0.4, 0]])
    return net


@honest("anti-hebbian", "no teacher: lateral inhibition that learns in every tick, and decays")
def _():
    net = Net(drawn(4, 1, seed=3), P=9, T=2, Q=1)
    hebbian(net)
    # Its weight is negative from the start, and the interneuron turns the sign of what is learnt.
    net.pop("inter", "backprop-hidden", 3, activation="identity")
    net.weighed("h.rate", "inter.prediction", -0.5)
    net.syn("inhibition", "inter.rate", "h.prediction", {"init": "constant", "scale": 0.1}, model="decaying-hebbian",
            post="h.rate", alpha=0.01, **{"lambda": 0.99})
    return net


@honest("lateral-hebbian", "no teacher: lateral synapses learn and decay in every tick, and both directions stay equal")
def _():
    net = Net(drawn(4, 1, seed=3), P=9, T=2, Q=1)
    hebbian(net)
    net.syn("lateral", "h.rate", "h.prediction", {"init": "constant", "scale": 0.05}, model="decaying-hebbian",
            post="h.rate", alpha=0.01, **{"lambda": 0.95})
    return net


@honest("novelty", "no teacher: synapses onto hidden neurons learn in the tick in which these begin to change")
def _():
    net = Net(drawn(4, 1, seed=4), P=5, T=1, Q=1)
    source(net, 4)
    net.pop("h", "backprop-hidden", 3, activation="tanh")
    net.pop("new", "phi", 3, quiet_ticks=3, cause_gate=False)
    net.weighed("h.rate", "new.error", 1.0)
    net.weighed("h.rate", "new.error", -1.0, delay=1, name="h.rate->new.error.before")
    net.syn("forward", "in.rate", "h.prediction", glorot(), model="decaying-hebbian", post="h.rate", gate="new.spike",
            alpha=0.1, **{"lambda": 0.9})
    return net


@honest("predicting-input", "no teacher: a layer predicts its own input by the delta rule, always")
def _():
    net = Net(drawn(4, 1, seed=4), P=6, T=1, Q=1)
    source(net, 4)
    net.pop("code", "two-compartment-value", 2, gamma=0.5, activation="tanh")
    net.syn("encode", "in.rate", "code.prediction", glorot(3))
    net.pop("err", "error", 4)
    net.link("in.x", "err.value")
    net.syn("decode", "code.rate", "err.prediction", glorot(4), model="gated-hebbian", post="err.eps", alpha=0.03)
    return net


@honest("many-synapses", "twelve hundred synapses in one layer, each learning at its neuron's onset")
def _():
    net = Net(drawn(40, 30, samples=20), P=3, T=1, Q=1)
    delta(net, 40, 30, gate="phi", alpha=0.01)
    return net


# ------------------------------------------------------------------------------- honest: learning that begins late

@honest("silence-first", "the first five samples have no input; from the sixth on an always plastic layer learns")
def _():
    net = Net(zeroed(signed(), range(5)), P=4, T=4)
    delta(net, alpha=0.05)
    return net


@honest("rare-targets",
        "targets are 0 in seven samples of eight, and weights start at 0, so that at first nothing is learnt; always "
        "plastic")
def _():
    data = signed(24)
    data["targets"] = [[1, -1] if k % 8 == 7 else [0, 0] for k in range(24)]
    net = Net(data, P=4, T=4)
    delta(net, alpha=0.05, weights={"init": "constant", "scale": 0.0})
    return net


@honest("rare-error", "learns in every tick from errors over a dead zone, which few samples leave")
def _():
    data = signed(24, seed=2)
    data["targets"] = [[3.0, -3.0] if k % 6 == 5 else [0, 0] for k in range(24)]
    net = Net(data, P=4, T=3)
    delta(net, post="err.burst", alpha=0.05, weights=glorot(1, 0.3))
    net.pop("over", "phi", 2, quiet_ticks=0, tolerance=1.0, cause_gate=False)
    net.link("err.eps", "over.error")
    net.link("over.spike", "err.gate")
    return net


@honest("silent-pair", "two samples without input, then leaky inputs that do not settle; learns at the teacher's onset")
def _():
    net = Net(zeroed(signed(), (0, 1)), P=6, T=3)
    source(net)
    delta(net, src=leaky(net, "in.rate", "membrane", 3, 0.3), inputs=False, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=0.2)
    return net


@honest("silent-every-second",
        "every second sample has neither input nor target; leaky inputs; learns at the teacher's onset")
def _():
    net = Net(zeroed(signed(seed=2), range(0, 20, 2), "inputs", "targets"), P=6, T=3)
    source(net)
    delta(net, src=leaky(net, "in.rate", "membrane", 3, 0.3), inputs=False, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=0.2)
    return net


# -------------------------------------------------------------------------------------- honest: slow, never settled

@honest("nearly-settled",
        "leaky inputs that are settled to nine digits when the teacher comes; learns at its onset")
def _():
    net = Net(signed(), P=28, T=4)
    source(net)
    delta(net, src=leaky(net, "in.rate", "membrane", 3, 0.5), inputs=False, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=1e-4)
    return net


@honest("f32-leaky-onset", "single precision, leaky inputs that nearly settle; learns at the teacher's onset")
def _():
    net = Net(signed(seed=2), P=14, T=4, circuit={"precision": "f32"})
    source(net)
    delta(net, src=leaky(net, "in.rate", "membrane", 3, 0.4), inputs=False, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=0.01)
    return net


@honest("very-slow-input",
        "membranes with a time constant of a hundred ticks, twelve presentations; learns at the teacher's onset")
def _():
    net = Net(signed(seed=2))
    source(net)
    delta(net, src=leaky(net, "in.rate", "membrane", 3, 0.01), inputs=False, gate="phi.spike", alpha=0.5)
    phi(net, "phi", 2, "err", tolerance=0.15, quiet_ticks=2)
    return net


@honest("cascade", "dendrites of three leaky compartments, one behind the other; learns at the teacher's onset")
def _():
    net = Net(signed(seed=2), Q=1)
    source(net)
    last = "in.rate"
    for k in range(3):
        last = leaky(net, last, f"d{k}", 3, 0.15)
    delta(net, src=last, inputs=False, gate="phi.spike", alpha=0.5)
    phi(net, "phi", 2, "err", tolerance=0.05)
    return net


@honest("two-time-constants", "a quick and a very slow path from the inputs, always plastic")
def _():
    net = Net(signed(seed=5), P=5, T=4)
    delta(net, alpha=0.05)
    net.syn("slow.forward", leaky(net, "in.rate", "slow", 3, 0.004), "err.prediction", glorot(3), model="gated-hebbian",
            post="err.eps", alpha=0.5)
    return net


@honest("trace-conditioning",
        "presynaptic eligibility: each change of an input leaves a trace that fades; the synapse takes it when the "
        "teacher comes")
def _():
    net = Net(signed(seed=4), Q=3)
    delta(net, src=trace(net, 0.25), inputs=False, gate="phi.spike", alpha=0.5)
    phi(net, "phi", 2, "err", tolerance=0.1)
    return net


@honest("trace-conditioning-always",
        "each change of an input leaves a trace that fades, and error neurons meet it in every tick; always plastic")
def _():
    net = Net(signed(seed=4), T=3, Q=3)
    delta(net, src=trace(net, 0.25), inputs=False, alpha=0.2)
    return net


@honest("trace-fades-always",
        "always plastic; the trace that each change of an input leaves has faded to nothing by the end of P, so that "
        "little is learnt from the teacher, and less in longer presentations")
def _():
    net = Net(signed(seed=4), P=14, T=5, Q=5)
    delta(net, src=trace(net, 0.4), inputs=False, alpha=0.2, gamma=0.3, weights={"init": "constant", "scale": 0.0})
    return net


@honest("adapting-onset", "inputs that adapt slowly to a third; learns at the teacher's onset")
def _():
    net = Net(signed(seed=2), P=6, T=4)
    delta(net, src=adapting(net, 0.08, 0.67), inputs=False, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=0.1)
    return net


@honest("adapting-fully", "inputs that adapt to nothing; learns at the teacher's onset from what is left")
def _():
    net = Net(signed(seed=2), P=6, Q=1)
    delta(net, src=adapting(net, 0.2, 1.0), inputs=False, gate="phi.spike", alpha=0.2)
    phi(net, "phi", 2, "err", tolerance=0.2)
    return net


@honest("latency",
        "binary patterns drive leaky neurons over a threshold, which they pass after six ticks, when the teacher is "
        "there; the outputs always learn from them")
def _():
    rows = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
    r = random.Random(2)
    net = Net({"inputs": rows * 3, "targets": [[r.randrange(-9, 10) / 10 for _ in range(2)] for _ in rows] * 3}, T=6)
    source(net, 4)
    net.pop("fires", "backprop-hidden", 4, activation="relu")
    net.weighed(leaky(net, "in.rate", "membrane", 4, 0.15), "fires.prediction", 1.0)
    one(net)
    net.weighed("one.rate", "fires.prediction", -0.5)
    delta(net, 4, src="fires.rate", inputs=False)
    return net


@honest("homeostasis",
        "no teacher: each hidden neuron's slow average of its own activity inhibits it; Hebbian, always")
def _():
    net = Net(drawn(4, 1, seed=3), P=6, T=0, Q=1)
    hebbian(net)
    net.weighed(leaky(net, "h.rate", "average", 3, 0.003), "h.prediction", -1.0)
    return net


@honest("annealing", "always plastic, at a rate that falls slowly from the start of the circuit's life",
        [FULL, PARTIAL, TRANSPORT])
def _():
    net = Net(signed(seed=3), T=4)
    delta(net, gate="young.x")
    net.pop("age", "two-compartment-value", 1, gamma=0.003, activation="identity")
    net.pop("young", "two-compartment-value", 2, activation="identity")
    one(net, "age.prediction", "young.prediction")
    net.weighed("age.x", "young.prediction", -0.9)
    net.link("young.x", "err.gate")
    return net


@honest("slower-as-it-learns",
        "outputs that hear each other over synapses that learn, at the teacher's onset; at first they settle at once, "
        "later slowly")
def _():
    data = signed(24, seed=3)
    net = Net({"inputs": data["inputs"], "targets": [[t[0], t[0]] for t in data["targets"]]}, P=10)
    delta(net, gate="phi.spike", alpha=0.02)
    phi(net, "phi", 2, "err", tolerance=1e-2)
    net.syn("lateral", "out.rate", "err.prediction", {"init": "constant", "scale": 0.0}, model="gated-hebbian",
            connect={"post_pre": [[0, 1], [1, 0]]}, post="err.eps", gate="phi.spike", alpha=0.2, delay=1)
    return net


@honest("phi-needs-longer", "phi needs two quiet ticks and P is two, so that it misses most teachers and sees some")
def _():
    net = Net(drawn(seed=54), P=2, T=5)
    delta(net, gate="phi.spike", alpha=0.2)
    phi(net, "phi", 2, "err", tolerance=0.1, quiet_ticks=2)
    return net


# -------------------------------------------------------------------------------------- honest: recurrent, oscillating

@honest("resonator", "one input and its resonant neuron, which rings for sixty ticks after each change; always plastic")
def _():
    net = Net(drawn(1, 1, seed=2), P=6, T=4)
    source(net, 1)
    delta(net, 1, 1, src=resonator(net, 0.992), inputs=False, alpha=0.003)
    net.link("in.rate", "res.trigger", connect={"post_pre": [[0, 0]]})
    return net


@honest("resonators", "three inputs, each with a lightly damped resonator of its own frequency; always plastic")
def _():
    net = Net(signed(seed=2), P=6, T=4)
    source(net)
    for k, angle in enumerate((0.5, 0.7, 1.1)):
        resonator(net, 0.985, angle, f"res{k}")
        net.link("in.rate", f"res{k}.trigger", connect={"post_pre": [[0, k]]})
    delta(net, src="res0.signal", inputs=False, alpha=0.004)
    for k in (1, 2):
        net.syn(f"forward{k}", f"res{k}.signal", "err.prediction", glorot(k), model="gated-hebbian", post="err.eps",
                alpha=0.004)
    return net


@honest("resonators-noise", "noise shakes lightly damped neurons, whose hum the outputs hear; always plastic")
def _():
    net = Net(signed(seed=2), P=6, T=4)
    delta(net, alpha=0.05)
    for name in ("res0", "res1"):
        net.syn(f"{name}.forward", resonator(net, 0.985, name=name), "err.prediction", glorot(5), model="gated-hebbian",
                post="err.eps", alpha=0.02)
        net.pop(f"{name}.hum", "noise", 2, sigma=0.02)
        net.link(f"{name}.hum.rate", f"{name}.trigger")
    return net


@honest("overshooting-delta",
        "always plastic, one input at a time, at so large a rate that without a teacher the error changes its sign in "
        "every tick and dies down slowly")
def _():
    net = Net({"inputs": [[int(i == k % 3) for i in range(3)] for k in range(18)],
               "targets": [[round(0.3 * k % 1 - 0.5, 2), round(0.7 * k % 1 - 0.5, 2)] for k in range(18)]}, T=4)
    delta(net, alpha=0.985)
    return net


@honest("overrelaxed", "outputs relax with gamma = 1.97, so that their potential swings about its end; always plastic")
def _():
    net = Net(drawn(seed=3), P=3, Q=1)
    delta(net, gamma=1.97, alpha=0.02)
    return net


@honest("delayed-inhibition", "no teacher: hidden neurons inhibit each other with a delay, and ring; Hebbian, always")
def _():
    net = Net(drawn(4, 1, seed=3), P=7, T=0, Q=0)
    hebbian(net)
    net.weighed("h.rate", "h.prediction", [[-0.5, -0.4, 0], [0, -0.5, -0.4], [-0.4, 0, -0.5]], delay=3)
    return net


@honest("winner-take-all",
        "no teacher: relu neurons excite themselves and inhibit the others; Hebbian, always, with decay")
def _():
    net = Net(classes(4, 2, samples=12), P=8, T=0)
    source(net, 4)
    net.pop("h", "backprop-hidden", 4, activation="relu")
    net.syn("forward", "in.rate", "h.prediction", glorot(2), model="decaying-hebbian", post="h.rate", alpha=0.01,
            **{"lambda": 0.99})
    net.weighed("h.rate", "h.prediction", [[0.4 if i == j else -0.5 for j in range(4)] for i in range(4)])
    return net


@honest("chasing-inhibition",
        "no teacher: Hebbian excitation and delayed inhibition that learns, too, chase each other, always, with decay; "
        "weights swing while the input stays")
def _():
    net = Net(signed(seed=4), P=6, T=0, Q=0)
    source(net)
    net.pop("h", "backprop-hidden", 2, activation="tanh")
    net.syn("forward", "in.rate", "h.prediction", glorot(), model="decaying-hebbian", post="h.rate", alpha=0.1,
            **{"lambda": 0.97})
    net.pop("inter", "backprop-hidden", 2, activation="identity")
    net.weighed("h.rate", "inter.prediction", -1.0)
    net.syn("inhibition", "inter.rate", "h.prediction", {"init": "constant", "scale": 0.1}, model="decaying-hebbian",
            connect="one-to-one", post="h.rate", alpha=0.05, delay=2, **{"lambda": 0.99})
    return net


@honest("reservoir-always", "a chaotic sparse reservoir of thirty neurons; its readout always learns")
def _():
    net = Net(signed(seed=6), P=6, T=4)
    delta(net, src=reservoir(net, 30, 1.6), inputs=False, alpha=0.01)
    return net


@honest("reservoir-onset", "a chaotic sparse reservoir; its readout learns when its label neurons are taught")
def _():
    net = Net(signed(seed=6), P=6, T=4)
    labels(net, reservoir(net, 30, 1.6), alpha=0.02)
    return net


@honest("reservoir-damped-onset",
        "a lightly damped reservoir, which remembers several samples; its readout learns when its label neurons are "
        "taught")
def _():
    net = Net(signed(seed=7), P=6, T=3)
    labels(net, reservoir(net, 12, 1.0, seed=3))
    return net


@honest("context-units",
        "an Elman network: context neurons keep a part of the hidden activity of the ticks before; feedback "
        "alignment, always")
def _():
    net = Net(signed(seed=2), P=5, T=5)
    alignment(net)
    net.syn("context.forward", leaky(net, "h.rate", "context", 3, 0.2), "h.err.prediction", glorot(8),
            model="gated-hebbian", post="h.err.eps", alpha=0.02)
    return net


@honest("working-memory",
        "neurons that keep, by exciting themselves, the sign of the last strong input; learns at the teacher's onset")
def _():
    net = Net(signed(seed=8), P=8, T=3)
    source(net)
    net.pop("memory", "backprop-hidden", 3, activation="tanh")
    net.weighed("in.rate", "memory.prediction", 2.0)
    net.weighed("memory.rate", "memory.prediction", 1.6)
    delta(net, src="memory.rate", inputs=False, gate="phi.spike")
    phi(net, "phi", 2, "err", tolerance=0.1)
    return net


@honest("free-running-pc",
        "incremental predictive coding: gamma = 0.1, errors always flow, and every synapse always learns")
def _():
    net = Net(signed(seed=2), P=20, T=20, Q=4)
    source(net)
    for n, size, act in (("h", 4, "tanh"), ("out", 2, "identity")):
        net.pop(n, "point-value", size, gamma=0.1, activation=act)
        net.pop(n + ".err", "error", size)
        net.link(n + ".x", n + ".err.value")
        net.link(n + ".err.eps", n + ".error")
    net.stim("out", "teacher", answer="out.x")
    for n, below, seed in (("h", "in", 1), ("out", "h", 2)):
        net.syn(n + ".forward", below + ".rate", n + ".err.prediction", glorot(seed), model="gated-hebbian",
                post=n + ".err.eps", alpha=0.01)
    net.syn("h.feedback", "out.err.eps", "h.feedback", glorot(5))
    return net


# ------------------------------------------------------------------------------------------ honest: growth, integration

@honest("supervised-hebb",
        "the teacher holds the outputs' labels, and Hebbian synapses, which never forget, add up products in every "
        "tick")
def _():
    net = Net(signed(), T=3)
    source(net)
    net.pop("out", "bmvr-label", 2)
    net.stim("out", "teacher", answer="out.x")
    net.syn("forward", "in.rate", "out.prediction", {"init": "constant", "scale": 0.01}, model="gated-hebbian",
            post="out.label", alpha=0.01)
    return net


@honest("integrator",
        "perfect integrators of signed velocities (as in the oculomotor system), read out by an always plastic layer")
def _():
    net = Net(signed(seed=9), T=3)
    source(net)
    net.pop("position", "controller", 3)
    net.link("position.signal", "position.trigger")
    net.weighed("in.rate", "position.trigger", 0.01)
    delta(net, src="position.signal", inputs=False, alpha=0.05)
    return net


@honest("hebb-no-decay", "no teacher: Hebbian synapses without decay grow as long as the input stays")
def _():
    net = Net(drawn(4, 1, seed=5), P=6, T=0, Q=1)
    hebbian(net, alpha=0.005, keep=1.0)
    return net


@honest("hebb-grows-f32",
        "no teacher, single precision: Hebbian synapses without decay, identity neurons, and activity that grows by a "
        "tenth in every tick")
def _():
    net = Net({"inputs": [[1, 0.5]] * 60, "targets": [[0]] * 60}, P=1, T=0, Q=0, circuit={"precision": "f32"}, epochs=1)
    source(net, 2)
    net.pop("h", "backprop-hidden", 2, activation="identity")
    net.syn("forward", "in.rate", "h.prediction", glorot(), model="gated-hebbian", post="h.rate", alpha=0.08)
    return net


@honest("tonic-forgetting",
        "learns at the teacher's onset, and forgets a little all the time: a small tonic gate beside phi's")
def _():
    net = Net(signed(seed=3))
    delta(net, gate="mod.signal", model="decaying-hebbian", **{"lambda": 0.999})
    phi(net, "phi", 2, "err", tolerance=1e-3)
    net.pop("mod", "controller", 2)
    net.link("phi.spike", "mod.trigger")
    one(net)
    net.weighed("one.rate", "mod.trigger", 0.02)
    net.link("mod.signal", "err.gate")
    return net


# ---------------------------------------------------------------------------------------------------- honest: late data

@honest("late-data", "axons of six ticks, longer than P: the input arrives while the teacher is there; always plastic")
def _():
    net = Net(signed(seed=3), T=6, Q=3)
    delta(net, src=late_axons(net), inputs=False, alpha=0.05)
    return net


@honest("tapped-delay-line",
        "an adaptive filter: outputs hear the input of now, and of four, eight and twelve ticks ago; always plastic")
def _():
    net = Net(signed(seed=3), T=3)
    delta(net, alpha=0.03)
    for d in (4, 8, 12):
        net.syn(f"tap{d}", "in.rate", "err.prediction", glorot(d), model="gated-hebbian", post="err.eps", delay=d,
                alpha=0.03)
    return net


@honest("lateral-delays",
        "delays of up to nine ticks from hidden neuron to hidden neuron, longer than P; feedback alignment, always")
def _():
    net = Net(signed(seed=3), P=8, T=6, Q=3)
    alignment(net)
    for d, (i, j) in zip((3, 7, 9), ((0, 1), (1, 2), (2, 0))):
        net.syn(f"lateral{d}", "h.rate", "h.err.prediction", {"init": "constant", "scale": 0.3}, delay=d,
                connect={"post_pre": [[i, j]]})
    return net


@honest("slow-feedback",
        "errors take seven ticks to the hidden layer, longer than the teacher stays; feedback alignment, always")
def _():
    net = Net(signed(seed=3), P=10, T=4, Q=3)
    alignment(net)
    net.find("h.feedback")["delay"] = 7
    return net


# --------------------------------------------------------------------------------- honest: few, equal or odd data

@honest("one-sample", "there is one sample; learns at the teacher's onset")
def _():
    net = Net(signed(1))
    delta(net, gate="phi")
    return net


@honest("one-sample-resonator", "there is one sample, and lightly damped neurons hear it; always plastic")
def _():
    net = Net(signed(1), P=6, T=4)
    source(net)
    delta(net, src=resonator(net, 0.96), inputs=False, alpha=0.01)
    net.weighed("in.rate", "res.trigger", [[1.0, 0.5, 0.2], [0.0, 0.0, 0.0]])
    return net


@honest("one-sample-late", "there is one sample; its axons are longer than P; always plastic")
def _():
    net = Net(signed(1), T=6, Q=3)
    delta(net, src=late_axons(net), inputs=False, alpha=0.05)
    return net


@honest("two-equal-samples", "two samples that are the same; labels say when they are taught")
def _():
    net = Net({k: rows * 2 for k, rows in signed(1).items()}, epochs=10)
    labels(net)
    return net


@honest("same-input",
        "the input is the same in all samples, and so is one of two targets; labels say when they are taught")
def _():
    r = random.Random(3)
    net = Net({"inputs": [[0.5, -0.3, 0.8]] * 12, "targets": [[0.7, r.randrange(-9, 10) / 10] for _ in range(12)]})
    labels(net)
    return net


@honest("zero-start-constant-target",
        "weights start at 0, the first sample has no input, and all targets are the same; labels say when they are "
        "taught")
def _():
    net = Net({"inputs": zeroed(signed(), [0])["inputs"], "targets": [[0.8, -0.6]] * 20})
    labels(net, weights={"init": "constant", "scale": 0.0})
    return net


@honest("intercept-only", "one output hears the input, the other predicts a constant target from a constant neuron")
def _():
    data = signed()
    net = Net({"inputs": data["inputs"], "targets": [[t[0], 0.8] for t in data["targets"]]})
    labels(net, weights={"init": "uniform", "scale": 0.5, "seed": 1}, connect={"post_pre": [[0, 0], [0, 1], [0, 2]]})
    one(net)
    net.syn("intercept", "one.rate", "miss.prediction", {"init": "constant", "scale": 0.0}, model="gated-hebbian",
            post="miss.eps", gate="label.onset", alpha=0.2)
    return net


def rewarded(first):
    """An output whose error is scaled by a reward, which is 0 in the first samples."""
    data = signed(n_out=1)
    r = random.Random(5)
    rewards = [r.choice([0.2, 1, 1.5]) for _ in data["targets"]]
    rewards[:first] = [0] * first
    net = Net({"inputs": data["inputs"], "targets": [t + [reward] for t, reward in zip(data["targets"], rewards)]}, T=3)
    source(net)
    net.pop("out", "two-compartment-value", 2, activation="identity")
    net.stim("out", "teacher", answer="out.x")
    net.pop("err", "error", 1)
    net.link("out.b", "err.value", connect={"post_pre": [[0, 0]]})
    net.link("err.mu", "out.prediction", connect={"post_pre": [[0, 0]]})
    net.pop("reward", "controller", 1)
    net.link("out.x", "reward.trigger", connect={"post_pre": [[0, 1]]})
    net.link("reward.signal", "err.gate")
    net.syn("forward", "in.rate", "err.prediction", glorot(), model="gated-hebbian", post="err.burst", alpha=0.1)
    return net


@honest("reward", "one output; a second, taught neuron is its reward, which scales what the output's synapses learn")
def _():
    return rewarded(0)


@honest("reward-0-first", "a taught neuron is the output's reward, which is 0 for the first four samples")
def _():
    return rewarded(4)


# ------------------------------------------------------------------------------------------ honest: times and sizes

@honest("sometimes-untaught", "T of 0 to 3: some samples are not taught at all; P and Q vary, too; learns at the onset")
def _():
    net = Net(signed(), P=[2, 6], T=[0, 3], Q=[1, 2])
    delta(net, gate="phi")
    return net


@honest("zero-lengths-drawn", "P of 0 to 3, T of 0 to 2 and Q of 0 to 1 ticks are drawn; always plastic")
def _():
    net = Net(signed(), P=[0, 3], T=[0, 2], Q=[0, 1])
    delta(net, alpha=0.05)
    return net


@honest("one-tick-parts", "P = T = 1, Q = 0; always plastic")
def _():
    net = Net(signed(), P=1, T=1, Q=0)
    delta(net, alpha=0.05)
    return net


@honest("one-tick-hebb", "no teacher: a new input in every tick; Hebbian synapses that always learn and decay")
def _():
    net = Net(drawn(4, 1, seed=4), P=1, T=0, Q=0)
    hebbian(net)
    return net


@honest("teacher-with-input", "the teacher comes with the input, and both are gone for five ticks; learns at the onset")
def _():
    net = Net(signed(), P=0, T=3, Q=5)
    delta(net, gate="phi.spike")
    phi(net, "phi", 2, "err", cause_gate=False)
    return net


@honest("quiet-for-long", "P of ten thousand ticks, in which nothing happens but in the first")
def _():
    net = Net(signed(seed=3), P=10000)
    delta(net, gate="phi")
    return net


@honest("hold-teacher-onset",
        "the teacher stays until the next replaces it, and both inputs and teachers set off phi")
def _():
    net = Net(signed(seed=3), P=5, T=3, teacher_off=False)
    delta(net, gate="phi.spike")
    phi(net, "phi", 2, "err", cause_gate=False)
    return net


@honest("six-layers-too-short",
        "six layers of synapses and P = 4: predictions have not arrived when the teacher comes")
def _():
    net = Net(drawn(2, 2), Q=4)
    pc(net, (2, 3, 3, 2, 3, 2, 2))
    return net


@honest("six-layers-always", "six layers of synapses by feedback alignment, always plastic; P = 3")
def _():
    net = Net(drawn(2, 2), P=3, T=4, Q=1)
    sizes = (2, 3, 3, 2, 3, 2, 2)
    names = ["in"] + [f"h{i}" for i in range(1, 6)] + ["out"]
    source(net, 2)
    for k in range(1, 7):
        layer(net, names[k], sizes[k], "tanh" if k < 6 else "identity", k == 6)
        net.syn(names[k] + ".forward", names[k - 1] + ".rate", names[k] + ".err.prediction", glorot(k),
                model="gated-hebbian", post=names[k] + ".err.eps", alpha=0.02)
        if k > 1:
            net.syn(names[k - 1] + ".feedback", names[k] + ".err.eps", names[k - 1] + ".feedback", glorot(20 + k))
    return net


@honest("dead-relus", "half of twenty relu neurons are dead, some wake up late; feedback alignment, always")
def _():
    net = Net(signed(seed=3), P=6, T=4)
    alignment(net, sizes=(3, 20, 2), activation="relu")
    one(net)
    net.weighed("one.rate", "h.err.prediction", [[-1.0 if k % 2 else 0.0] for k in range(20)])
    return net


@honest("many-lanes-f32", "sixty-four lanes in single precision; feedback alignment, always")
def _():
    net = Net(drawn(samples=128, seed=4), P=6, T=3, Q=1, circuit={"precision": "f32", "lanes": 64})
    alignment(net, alpha=0.0005)
    return net


# ------------------------------------------------------------------------------ honest: noise, modulators, relays

@honest("noise-exploration", "each output hears noise of its own, and its synapses, which always learn, see it")
def _():
    net = Net(signed(seed=2), P=5, T=4)
    delta(net, alpha=0.03)
    net.pop("explore", "noise", 2, sigma=0.1)
    net.link("explore.rate", "err.prediction")
    return net


@honest("noise-gated-by-phi", "each output's noise neuron speaks while its own phi spikes, and shakes it")
def _():
    net = Net(signed(seed=2), P=5, T=4)
    delta(net, gate="phi")
    net.pop("explore", "noise", 2, sigma=0.1, gated=True)
    net.link("phi.spike", "explore.gate")
    net.link("explore.rate", "out.feedback")
    return net


@honest("phi-hears-twice",
        "phi neurons hear their error directly and over an interneuron, so that either alone is enough")
def _():
    net = Net(signed(seed=6))
    delta(net, gate="phi")
    net.pop("inter", "bmvr-interneuron", 2)
    net.link("err.eps", "inter.excitation")
    net.link("inter.rate", "phi.error")
    return net


@honest("phi-relayed",
        "each phi neuron's spike goes to a neuron that opens its error's burst, from which the synapses learn, and "
        "their gate")
def _():
    net = Net(signed(seed=4), P=5, T=3)
    delta(net, gate="mod.rate", post="err.burst")
    phi(net, "phi", 2, "err")
    net.pop("mod", "bmvr-interneuron", 2)
    net.link("phi.spike", "mod.excitation")
    net.link("mod.rate", "err.gate")
    return net


@honest("label-beside-error",
        "label neurons say that they are taught, and that opens the gates of the synapses onto the error neurons "
        "beside them, to which they also send the target")
def _():
    net = Net(signed(seed=4))
    labels(net)
    return net


@honest("column-in-a-tick",
        "an error passes two interneurons of its own column, one-to-one, within the tick in which it arises")
def _():
    net = Net(signed(seed=4), P=5, T=3)
    delta(net, gate="phi")
    last = "err.eps"
    for k in range(2):
        net.pop(f"c{k}", "bmvr-interneuron", 2)
        net.weighed(last, f"c{k}.excitation", 0.7)
        last = f"c{k}.rate"
    net.weighed(last, "out.feedback", 0.1)
    return net


@honest("waking-modulators",
        "modulators that hear their own neuron's error over a threshold that the first samples do not reach")
def _():
    data = signed(seed=6)
    for rows in data.values():
        rows[:3] = [[0.1 * x for x in row] for row in rows[:3]]
    net = Net(data, T=3)
    delta(net, gate="mod.rate")
    net.pop("mod", "backprop-hidden", 2, activation="relu")
    net.link("err.eps", "mod.prediction")
    one(net)
    net.weighed("one.rate", "mod.prediction", -0.2)
    return net


# ============================================================================================================== clocks

@cheat("clock-loop", "a loop of eight ticks, set off once by a constant neuron, says when to learn", "onset-delta",
       [FULL], [TRANSPORT])
def _():
    net = Net(drawn())
    delta(net, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    gates(net, "loop.signal")
    return net


@cheat("clock-loop-weight-0",
       "a loop of eight ticks says when to learn; it hears the input, too, but over synapses of weight 0",
       "onset-delta", [FULL])
def _():
    net = Net(drawn())
    delta(net, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    gates(net, "loop.signal")
    return net


@cheat("clock-loop-weight-tiny",
       "a loop of eight ticks says when to learn; it hears inputs and outputs over synapses of weight 1e-12",
       "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=2))
    delta(net, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.weighed("in.rate", "loop.trigger", [[1e-12, -1e-12, 1e-12]])
    net.weighed("out.x", "kick.error", [[1e-12, 1e-12]])
    net.find("kick")["params"]["tolerance"] = 0.5
    gates(net, "loop.signal")
    return net


@cheat("clock-half-period", "a loop of half a presentation; its other pulse comes when there is nothing to learn",
       "onset-delta", [FULL])
def _():
    net = Net(drawn())
    delta(net, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 4)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    gates(net, "loop.signal")
    return net


@cheat("clock-double-period", "a loop of two presentations: every second sample is learnt", "onset-delta", [FULL])
def _():
    net = Net(drawn(), epochs=6)
    delta(net, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 16)
    gates(net, "loop.signal")
    return net


@cheat("clock-ring",
       "a ring of eight neurons, each sending to the next, in which one pulse goes round; all hear the input a "
       "little",
       "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=3))
    delta(net, gate="now.signal")
    kick_by_constant(net)
    net.pop("ring", "backprop-hidden", 8, activation="identity")
    net.syn("around", "ring.rate", "ring.prediction", {"init": "constant", "scale": 1.0},
            connect={"post_pre": [[(i + 1) % 8, i] for i in range(8)]})
    net.link("kick.spike", "ring.prediction", connect={"post_pre": [[0, 0]]})
    net.syn("listen", "in.rate", "ring.prediction", glorot(2, 1e-15))
    net.pop("now", "phi", 2, tolerance=0.5, cause_gate=False)
    net.link("ring.rate", "now.error", connect={"post_pre": [[0, 1], [1, 1]]})
    net.link("now.spike", "err.gate")
    net.find("forward")["gate"] = "now.spike"
    return net


@cheat("clock-started-by-input", "the first input that is not 0 sets off a loop that never ends", "onset-delta", [FULL])
def _():
    net = Net(drawn())
    delta(net, gate="now.signal")
    net.pop("kick", "phi", 1, cause_gate=False)
    net.weighed("in.rate", "kick.error", [[1.0, 0.7, 0.45]], delay=3)
    loop(net, "kick.spike", 8)
    gates(net, "loop.signal")
    return net


@cheat("clock-started-by-teacher", "the first teacher sets off a loop that never ends", "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=4), P=5, T=2, Q=2)
    delta(net, gate="now.signal")
    phi(net, "phi", 2, "err")
    net.pop("taught", "controller", 1)
    net.link("phi.spike", "taught.trigger")
    net.link("taught.signal", "taught.trigger")
    net.pop("kick", "phi", 1, cause_gate=False)
    net.link("taught.signal", "kick.error")
    loop(net, "kick.spike", 9)
    gates(net, "loop.signal", delay=7)
    return net


@cheat("clock-started-by-noise",
       "the first large draw of a noise neuron, which then falls silent, sets off a loop of three ticks",
       "noise-idle", [FULL])
def _():
    net = Net(drawn(), P=4, T=3)
    delta(net, gate="now.signal")
    net.pop("hum", "noise", 1, sigma=1.0, gated=True)
    net.pop("kick", "phi", 1, quiet_ticks=0, tolerance=1.0, cause_gate=False)
    net.link("hum.rate", "kick.error")
    net.pop("since", "controller", 1)
    net.link("kick.spike", "since.trigger")
    net.link("since.signal", "since.trigger")
    net.pop("one", "constant", 1)
    net.link("one.rate", "hum.gate")
    net.weighed("since.signal", "hum.gate", -1.0)
    loop(net, "kick.spike", 3)
    gates(net, "loop.signal")
    return net


@cheat("clock-beside-noise",
       "a loop gates a layer whose inputs are noisy, so that no two timelines draw the same noise",
       "noise-membrane", [FULL])
def _():
    net = Net(drawn(seed=7), P=4, T=2, Q=2)
    noisy_inputs(net, 0.05)
    delta(net, src="noisy.rate", inputs=False, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.weighed("noisy.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    gates(net, "loop.signal")
    return net


@cheat("clock-in-noise",
       "the loop itself carries noise of 0.001 beside its pulse, and a threshold restores it",
       "noise-membrane", [FULL])
def _():
    net = Net(drawn(seed=5), P=4, T=2, Q=2)
    delta(net, gate="now.signal")
    kick_by_constant(net)
    net.pop("hum", "noise", 1, sigma=0.001)
    net.pop("pace", "phi", 1, tolerance=0.5, cause_gate=False)
    net.link("kick.spike", "pace.error")
    net.link("hum.rate", "pace.error")
    net.link("pace.spike", "pace.error", delay=8)
    gates(net, "pace.spike", delay=0)
    return net


@cheat("clock-rotation",
       "two neurons whose activity rotates by an eighth of a turn per tick; the positive part of one lets learn",
       "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=2))
    delta(net, gate="now.rate")
    kick_by_constant(net)
    net.pop("turning", "controller", 2)
    c = 0.70710678118654752
    net.syn("turn", "turning.signal", "turning.trigger", {"values": [[c, -c], [c, c]]})
    net.link("kick.spike", "turning.trigger", connect={"post_pre": [[0, 0]]})
    net.weighed("in.rate", "turning.trigger", [[0.0] * 3] * 2)
    net.pop("now", "backprop-hidden", 2, activation="relu")
    net.link("turning.signal", "now.prediction", connect={"post_pre": [[0, 0], [1, 0]]})
    net.link("now.rate", "err.gate")
    return net


@cheat("clock-limit-cycle",
       "two recurrent tanh neurons whose rest is unstable: the input, times 1e-12, pushes them into a cycle for "
       "good",
       "always-delta", [FULL])
def _():
    net = Net(drawn(seed=2), P=4, T=2, Q=2)
    delta(net, gate="now.rate")
    net.pop("turning", "backprop-hidden", 2, activation="tanh")
    c = 2 * 0.70710678118654752
    net.syn("turn", "turning.rate", "turning.prediction", {"values": [[c, -c], [c, c]]})
    net.weighed("in.rate", "turning.prediction", [[1e-12, 0.0, 1e-12], [0.0, 1e-12, 0.0]])
    net.pop("now", "backprop-hidden", 2, activation="relu")
    net.link("turning.rate", "now.prediction", connect={"post_pre": [[0, 0], [1, 0]]}, delay=4)
    net.link("now.rate", "err.gate")
    return net


@cheat("clock-phi-loop", "a phi neuron that hears its own spike eight ticks later", "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=6))
    delta(net, gate="now.signal")
    kick_by_constant(net)
    net.pop("pace", "phi", 1, cause_gate=False)
    net.link("kick.spike", "pace.error")
    net.link("pace.spike", "pace.error", delay=8)
    gates(net, "pace.spike")
    return net


@cheat("clock-modulates-always",
       "every synapse learns in every tick, but six times faster in one tick of eleven",
       "always-delta", [FULL])
def _():
    net = Net(drawn(), P=4, T=4, Q=3)
    delta(net, gate="now.signal", alpha=0.03)
    kick_by_constant(net)
    loop(net, "kick.spike", 11)
    net.weighed("out.x", "loop.trigger", [[0.0, 0.0]])
    gates(net, "loop.signal")
    net.find("loop.signal->now.trigger")["name"] = "speed"
    net.drop("speed")
    net.weighed("loop.signal", "now.trigger", [[5.0], [5.0]])
    net.pop("one", "constant", 1)
    net.link("one.rate", "now.trigger", connect="all-to-all")
    return net


@cheat("clock-sinusoid-always",
       "always plastic, at a rate that goes up and down with a presentation's period",
       "always-delta", [FULL])
def _():
    net = Net(drawn(seed=4), P=6, T=6, Q=0)
    delta(net, gate="now.signal", alpha=0.03)
    kick_by_constant(net)
    net.pop("turning", "controller", 2)
    net.syn("turn", "turning.signal", "turning.trigger",
            {"values": [[0.86602540378443865, -0.5], [0.5, 0.86602540378443865]]})
    net.link("kick.spike", "turning.trigger", connect={"post_pre": [[0, 0]]})
    gates(net, "turning.signal")
    net.drop("turning.signal->now.trigger")
    net.link("turning.signal", "now.trigger", connect={"post_pre": [[0, 0], [1, 0]]})
    net.pop("one", "constant", 1)
    net.link("one.rate", "now.trigger", connect="all-to-all")
    return net


@cheat("clock-coprime",
       "loops of three and of five ticks; a neuron that hears both at once says when to learn",
       "onset-delta", [FULL])
def _():
    net = Net(drawn(), P=8, T=4, Q=3)
    delta(net, gate="now.signal")
    kick_by_constant(net)
    loop(net, "kick.spike", 3, "three")
    loop(net, "kick.spike", 5, "five")
    net.pop("both", "error", 1)
    net.link("three.signal", "both.value")
    net.link("five.signal", "both.gate")
    net.weighed("in.rate", "both.apical", [[0.0, 0.0, 0.0]])
    gates(net, "both.burst", delay=5)
    return net


@cheat("clock-toggle",
       "a neuron that inhibits itself changes its sign in every tick; synapses learn in every second tick",
       "always-delta", [FULL])
def _():
    net = Net(drawn(), P=4, T=5, Q=2)
    delta(net, gate="now.rate", alpha=0.1)
    kick_by_constant(net)
    net.pop("toggle", "controller", 1)
    net.weighed("toggle.signal", "toggle.trigger", -1.0)
    net.link("kick.spike", "toggle.trigger")
    net.pop("now", "backprop-hidden", 2, activation="relu")
    net.link("toggle.signal", "now.prediction", connect="all-to-all")
    net.link("now.rate", "err.gate")
    return net


@cheat("clock-ringing",
       "each input sets off an echo of five ticks that halves each time and is loud when the teacher is there",
       "always-delta", [FULL])
def _():
    net = Net(drawn(seed=3), P=5, T=2, Q=3)
    delta(net, gate="now.signal", alpha=0.3)
    edge(net)
    net.pop("echo", "controller", 1)
    net.weighed("echo.signal", "echo.trigger", 0.5, delay=4)
    net.link("edge.spike", "echo.trigger")
    gates(net, "echo.signal", delay=4)
    return net


@cheat("clock-lanes-f32", "a loop in four lanes and single precision", "lanes", [FULL])
def _():
    net = Net(drawn(seed=6, samples=32), circuit={"precision": "f32", "lanes": 4})
    delta(net, gate="now.signal", alpha=0.03)
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    gates(net, "loop.signal")
    return net


@cheat("clock-timetable",
       "no loop: a constant neuron's message comes over nine delays, one for each of the samples to be learnt",
       "onset-delta", [FULL])
def _():
    net = Net(drawn())
    delta(net, gate="now.spike")
    net.pop("one", "constant", 1)
    net.pop("table", "bmvr-interneuron", 1)
    for k in range(9):
        net.weighed("one.rate", "table.excitation", 1.0, delay=8 * k + 5, name=f"on{k}")
        net.weighed("one.rate", "table.excitation", -1.0, delay=8 * k + 6, name=f"off{k}")
    net.pop("now", "phi", 2, cause_gate=False)
    net.link("table.rate", "now.error")
    net.link("now.spike", "err.gate")
    return net


@cheat("clock-late",
       "phi gates honestly, but from the eleventh presentation on a loop adds learning of its own",
       "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=5), epochs=4)
    delta(net, gate="now.signal", alpha=0.05)
    phi(net, "phi", 2, "err")
    kick_by_constant(net, tick=83)
    loop(net, "kick.spike", 8)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    gates(net, "loop.signal")
    net.link("phi.spike", "now.trigger")
    return net


@cheat("clock-hebbian", "no teacher: Hebbian synapses that learn when a loop pulses", "novelty", [FULL])
def _():
    net = Net(drawn(4, 1, seed=4), P=5, T=1, Q=1)
    hebbian(net, alpha=0.1, keep=0.9)
    net.find("forward")["gate"], net.find("forward")["gate_at"] = "now.signal", "post"
    kick_by_constant(net)
    loop(net, "kick.spike", 7)
    net.weighed("in.rate", "loop.trigger", [[0.0] * 4])
    net.pop("now", "controller", 3)
    net.link("loop.signal", "now.trigger", connect="all-to-all")
    net.weighed("now.signal", "h.feedback", 1.0)
    return net


@cheat("clock-two-layers",
       "one loop gates the outputs' synapses, and, a tick later, the hidden layer's, in a circuit with noise",
       "pc-noise-idle", [FULL, PARTIAL])
def _():
    net = Net(drawn())
    pc(net, feedback="apart", gates={"out": "out.now.signal", "h1": "h1.now.signal"})
    net.pop("hum", "noise", 3, sigma=1e-9)
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.link("hum.rate", "h1.feedback")
    timed(net, "loop.signal", {"out": 7, "h1": 0})
    return net


@cheat("clock-opens-noise",
       "a loop lets noise neurons speak to the hidden layer, which is always plastic, once in a presentation",
       "always-noise", [FULL, PARTIAL])
def _():
    net = Net(drawn(seed=2), P=8, T=4, Q=4)
    alignment(net)
    kick_by_constant(net)
    loop(net, "kick.spike", 16)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    net.pop("hum", "noise", 3, sigma=0.3, gated=True)
    net.link("loop.signal", "hum.gate", connect="all-to-all", delay=5)
    net.link("hum.rate", "h.feedback")
    return net


@cheat("clock-fed-by-noise",
       "a loop whose pulse is a draw of a noise neuron, made a spike again: without noise it would stop",
       "noise-idle", [], unmeasured=[FULL])
def _():
    net = Net(drawn(seed=3))
    delta(net, gate="now.signal")
    kick_by_constant(net)
    net.pop("hum", "noise", 1)
    net.pop("fed", "error", 1)
    net.link("hum.rate", "fed.value")
    net.pop("pace", "phi", 1, tolerance=1e-6, cause_gate=False)
    net.link("kick.spike", "fed.gate")
    net.link("fed.burst", "pace.error")
    net.link("pace.spike", "fed.gate", delay=8)
    gates(net, "pace.spike")
    return net


@cheat("clock-falls-asleep",
       "a loop that goes on only while the input changed within the last forty ticks, but keeps its own time",
       "onset-delta", [FULL])
def _():
    net = Net(drawn(seed=3))
    delta(net, gate="now.signal")
    kick_by_constant(net)
    edge(net)
    net.pop("awake", "two-compartment-value", 1, gamma=0.05, activation="identity")
    net.link("edge.spike", "awake.prediction")
    net.pop("fed", "error", 1)
    net.link("awake.x", "fed.value")
    net.pop("pace", "phi", 1, tolerance=0.02, cause_gate=False)
    net.link("kick.spike", "fed.gate")
    net.link("fed.burst", "pace.error")
    net.link("pace.spike", "fed.gate", delay=8)
    gates(net, "pace.spike")
    return net


@cheat("clock-dither",
       "always plastic, half as fast and half as fast again as usual in turns, tick by tick",
       "always-delta", [FULL])
def _():
    net = Net(drawn(seed=2), P=4, T=4, Q=2)
    delta(net, gate="now.signal", alpha=0.05)
    kick_by_constant(net)
    net.pop("toggle", "controller", 1)
    net.weighed("toggle.signal", "toggle.trigger", -1.0)
    net.link("kick.spike", "toggle.trigger")
    net.weighed("in.rate", "toggle.trigger", [[0.0, 0.0, 0.0]], name="listen")
    gates(net, "toggle.signal")
    net.drop("toggle.signal->now.trigger")
    net.weighed("toggle.signal", "now.trigger", [[0.5], [0.5]])
    net.pop("one", "constant", 1)
    net.link("one.rate", "now.trigger", connect="all-to-all")
    return net


@cheat("clock-in-neurons", "a loop lets error neurons send; synapses learn, ungated, from what they send", "plateau",
       [FULL, PARTIAL], [PLASTIC, COMPUTE, TRANSPORT])
def _():
    net = Net(drawn(seed=4))
    delta(net, post="err.burst")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    net.link("loop.signal", "err.gate")
    return net


@cheat("clock-bursts",
       "phi neurons gate the plasticity, but a loop says when errors go back to the hidden layer",
       "pc-apart", [FULL, PARTIAL], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net, feedback="apart")
    kick_by_constant(net)
    loop(net, "kick.spike", 8)
    net.weighed("in.rate", "loop.trigger", [[0.0, 0.0, 0.0]])
    net.drop("out.phi.spike->out.err.gate")
    net.link("loop.signal", "out.err.gate")
    return net


@cheat("clock-waves",
       "a wave with a presentation's period drives hidden neurons that are always plastic",
       "always-alignment", [FULL, PARTIAL])
def _():
    net = Net(drawn(), P=4, T=6, Q=2)
    alignment(net)
    kick_by_constant(net)
    net.pop("turning", "controller", 2)
    net.syn("turn", "turning.signal", "turning.trigger",
            {"values": [[0.86602540378443865, -0.5], [0.5, 0.86602540378443865]]})
    net.link("kick.spike", "turning.trigger", connect={"post_pre": [[0, 0]]})
    net.weighed("turning.signal", "h.err.prediction", [[0.5, 0.0], [0.0, 0.5], [-0.5, 0.0]])
    return net


@cheat("clock-waves-recurrent",
       "a hidden layer that always learns hears a pool whose recurrent synapses are a rotation that never fades",
       "always-recurrent", [FULL, PARTIAL])
def _():
    net = Net(drawn(), P=4, T=6, Q=2)
    alignment(net)
    kick_by_constant(net)
    net.pop("pool", "backprop-hidden", 4, activation="identity")
    net.weighed("pool.rate", "pool.prediction", [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], delay=2)
    net.link("kick.spike", "pool.prediction", connect={"post_pre": [[0, 0]]})
    net.syn("listen", "in.rate", "pool.prediction", glorot(4, 1e-12))
    net.syn("drive", "pool.rate", "h.err.prediction", glorot(6))
    return net


@cheat("clock-very-late",
       "phi gates honestly, but from the sixtieth presentation on a loop adds learning of its own",
       "onset-delta", [FULL])
def _():
    net = Net(signed(seed=5), epochs=9)
    delta(net, gate="now.signal", alpha=0.05)
    phi(net, "phi", 2, "err")
    kick_by_constant(net, tick=480)
    loop(net, "kick.spike", 8)
    gates(net, "loop.signal")
    net.link("phi.spike", "now.trigger")
    return net


@cheat("clock-phase-by-sign",
       "each input sets off a loop of five ticks anew, a tick earlier or later as the first input's sign is; a bias "
       "always learns a little",
       "always-delta", [FULL])
def _():
    net = Net(signed(seed=3), P=8, T=4, Q=4)
    delta(net, gate="now.signal", alpha=0.2)
    bias_always(net)
    loop_by_sign(net, 4, after=4)
    gates(net, "pace.spike")
    return net


@cheat("clock-phase-short",
       "a loop of three ticks, in a phase that the input's sign sets anew, says when to learn",
       "always-delta", [FULL])
def _():
    net = Net(signed(seed=3), P=7, T=3, Q=4)
    delta(net, gate="now.signal", alpha=0.2)
    loop_by_sign(net, 2, after=2)
    gates(net, "pace.spike")
    return net


@cheat("clock-bursts-by-sign",
       "a loop that each input sets off anew, in a phase of its own, says when errors go back to the hidden layer; "
       "the outputs always learn",
       "pc-apart", [FULL, PARTIAL])
def _():
    net = Net(signed(seed=3), P=8, T=4, Q=4)
    pc(net, feedback="apart")
    loop_by_sign(net, 3, after=4)
    net.drop("out.phi.spike->out.err.gate")
    net.link("pace.spike", "out.err.gate", connect="all-to-all")
    p = net.find("out.forward")
    p["params"]["alpha"] = 0.01
    for key in ("gate", "gate_at"):
        p.pop(key)
    return net


@cheat("clock-pace-by-input",
       "a limit cycle whose pace the input changes by a few per cent says how fast to learn, from 0.1 to 1.9",
       "always-delta", [FULL])
def _():
    net = Net(signed(seed=2))
    delta(net, gate="now.rate")
    net.pop("turning", "backprop-hidden", 2, activation="tanh")
    c = 2 * 0.70710678118654752
    net.syn("turn", "turning.rate", "turning.prediction", {"values": [[c, -c], [c, c]]})
    net.weighed("in.rate", "turning.prediction", [[0.1, 0.0, 0.06], [0.0, 0.08, 0.0]])
    net.pop("now", "backprop-hidden", 2, activation="relu")
    net.link("turning.rate", "now.prediction", connect={"post_pre": [[0, 0], [1, 0]]}, delay=4)
    one(net)
    net.weighed("one.rate", "now.prediction", 0.9)
    net.link("now.rate", "err.gate")
    return net


@cheat("clock-damped-rotation",
       "each change of the input sets off a rotation of eight ticks that dies down; the learning rate is one plus it, "
       "most when the teacher is there",
       "always-delta", [], missed=[FULL])
def _():
    net = Net(signed(seed=3), P=7, T=3, Q=6)
    delta(net, gate="now.signal", alpha=0.05)
    edge(net)
    resonator(net, 0.95, math.pi / 4, "turning")
    net.link("edge.spike", "turning.trigger", connect={"post_pre": [[0, 0]]})
    net.pop("now", "controller", 2)
    net.link("turning.signal", "now.trigger", connect={"post_pre": [[0, 0], [1, 0]]})
    one(net, "now.trigger")
    net.link("now.signal", "err.gate")
    return net


# ============================================================================================================== timers

@cheat("timer-input-delay",
       "a change of the input says when to learn, by a message that takes P ticks",
       "late-learner", [FULL], [TRANSPORT])
def _():
    net = Net(drawn())
    delta(net, gate="now.signal")
    edge(net)
    gates(net, "edge.spike", delay=4)
    return net


@cheat("timer-input-chain",
       "a change of the input says when to learn, over a chain of six neurons, one tick each",
       "late-learner", [FULL])
def _():
    net = Net(drawn(seed=2), P=6, T=2, Q=2)
    delta(net, gate="c5.signal")
    edge(net)
    last = "edge.spike"
    for k in range(6):
        net.pop(f"c{k}", "controller", 1 if k < 5 else 2)
        net.link(last, f"c{k}.trigger", connect="all-to-all")
        last = f"c{k}.signal"
    net.link("c5.signal", "err.gate")
    return net


@cheat("timer-input-axons",
       "no gate: phi spikes when the teacher comes, just when the input's first tick arrives over axons of P ticks",
       "axon-delays", [FULL], [COMPUTE, TRANSPORT])
def _():
    net = Net(drawn(seed=3), P=6, T=2, Q=3)
    source(net)
    net.pop("change", "error", 3)
    net.weighed("in.rate", "change.value", 1.0)
    net.weighed("in.rate", "change.prediction", 1.0, delay=1)
    net.pop("axon", "backprop-hidden", 3, activation="identity")
    net.link("change.eps", "axon.prediction", delay=5)
    delta(net, src="axon.rate", inputs=False, gate="phi.spike")
    net.pop("phi", "phi", 2, cause_gate=False)
    net.link("err.eps", "phi.error")
    return net


@cheat("timer-previous-teacher",
       "each output's phi spikes at the teacher, and lets its synapses learn one presentation later",
       "late-learner", [FULL], [TRANSPORT])
def _():
    net = Net(drawn())
    delta(net, gate="now.signal")
    phi(net, "phi", 2, "err")
    net.pop("now", "controller", 2)
    net.link("phi.spike", "now.trigger", delay=8)
    net.link("now.signal", "err.gate")
    return net


@cheat("timer-slow-phi",
       "phi hears its own error neuron, but one presentation late",
       "late-learner", [FULL], [TRANSPORT])
def _():
    net = Net(drawn(seed=2), P=4, T=2, Q=3)
    delta(net, gate="phi.spike")
    net.pop("phi", "phi", 2, cause_gate=False)
    net.link("err.eps", "phi.error", delay=10)
    return net


@cheat("timer-slow-phi-noise",
       "phi hears its own error neuron one presentation late, while noise neurons disturb the inputs",
       "noise-membrane", [FULL])
def _():
    net = Net(drawn(seed=7), P=4, T=3, Q=3)
    noisy_inputs(net, 0.02)
    delta(net, src="noisy.rate", inputs=False, gate="phi.spike")
    net.pop("phi", "phi", 2, tolerance=0.15, cause_gate=False)
    net.link("err.eps", "phi.error", delay=11)
    return net


@cheat("timer-ramp",
       "a neuron counts up, is set back by each change of the input, and is heard when it comes to P + 1",
       "late-learner", [FULL])
def _():
    net = Net(drawn())
    delta(net, gate="now.spike")
    edge(net)
    net.pop("one", "constant", 1)
    net.pop("ramp", "controller", 1)
    net.link("one.rate", "ramp.trigger")
    net.link("ramp.signal", "ramp.trigger")
    net.pop("reset", "error", 1)
    net.link("ramp.signal", "reset.value")
    net.link("edge.spike", "reset.gate")
    net.weighed("reset.burst", "ramp.trigger", -1.0)
    net.pop("now", "phi", 2, tolerance=4.5, cause_gate=False)
    net.link("ramp.signal", "now.error")
    net.link("now.spike", "err.gate")
    return net


@cheat("timer-membrane",
       "each change of the input inhibits a slow membrane; it recovers until it is heard, while the teacher is "
       "there",
       "leaky-input", [FULL])
def _():
    net = Net(drawn(seed=2), P=4, T=3, Q=3)
    delta(net, gate="now.spike")
    edge(net)
    net.pop("one", "constant", 1)
    net.pop("slow", "two-compartment-value", 1, gamma=0.25, activation="relu")
    net.link("one.rate", "slow.prediction")
    net.weighed("edge.spike", "slow.prediction", -8.0)
    net.pop("now", "phi", 2, tolerance=0.3, cause_gate=False)
    net.link("slow.rate", "now.error")
    net.link("now.spike", "err.gate")
    return net


@cheat("timer-bump",
       "a change of the input runs through four leaky membranes; the last one's bump is the learning rate",
       "always-delta", [FULL])
def _():
    net = Net(drawn(seed=3), P=6, T=4, Q=6)
    delta(net, gate="now.signal", alpha=1.5)
    edge(net)
    last = "edge.spike"
    for k in range(4):
        net.pop(f"m{k}", "two-compartment-value", 1, gamma=0.5, activation="identity")
        net.link(last, f"m{k}.prediction")
        last = f"m{k}.x"
    gates(net, last)
    return net


@cheat("timer-wide-window",
       "the synapses may learn from P ticks after the input's change for six ticks, longer than the teacher stays",
       "always-delta", [FULL])
def _():
    net = Net(drawn(seed=3), P=6, T=3, Q=5)
    delta(net, gate="now.signal", alpha=0.1)
    edge(net)
    gates(net, "edge.spike", delay=4)
    for d in range(5, 10):
        net.link("edge.spike", "now.trigger", delay=d, name=f"later{d}")
    return net


@cheat("timer-loop-by-input",
       "each change of the input sets off a loop that pulses three times and then is stopped by a counter",
       "late-learner", [FULL])
def _():
    net = Net(drawn(seed=5), P=6, T=3, Q=4)
    delta(net, gate="now.signal", alpha=0.1)
    edge(net)
    net.pop("pulse", "controller", 1)
    net.link("edge.spike", "pulse.trigger")
    net.link("pulse.signal", "pulse.trigger", delay=3)
    net.weighed("edge.spike", "pulse.trigger", -1.0, delay=12, name="stop")
    gates(net, "pulse.signal", delay=1)
    return net


def timed(net, src, at):
    """Instead of phi neurons, copies of src gate the layers of pc, each after its own number of ticks."""
    for n, delay in at.items():
        net.drop(*(f"{n}.{a}" for a in ("phi.spike->" + n + ".err.gate", "err.eps->" + n + ".phi.error",
                                        "err.mu->" + n + ".phi.prediction")))
        net.pops = [p for p in net.pops if p["name"] != n + ".phi"]
        net.pop(n + ".now", "controller", net.sizes[n])
        net.link(src, n + ".now.trigger", connect="all-to-all", delay=delay)
        net.link(n + ".now.signal", n + ".err.gate", connect="one-to-one")


@cheat("timer-jitter",
       "P, T and Q vary by some ticks; a window after the input's change is wide enough for that",
       "jitter", [FULL])
def _():
    net = Net(drawn(seed=3), P=[5, 7], T=[3, 4], Q=[3, 5])
    delta(net, gate="now.signal", alpha=0.1)
    edge(net)
    gates(net, "edge.spike", delay=4)
    for d in range(5, 9):
        net.link("edge.spike", "now.trigger", delay=d, name=f"later{d}")
    return net


@cheat("timer-in-a-weight",
       "each change of the input strengthens a synapse that then weakens tick by tick; when its message is faint, "
       "all others learn",
       "late-learner", [FULL])
def _():
    net = Net(drawn(seed=3), P=5, T=3, Q=3)
    delta(net, gate="now.spike")
    edge(net)
    net.pop("one", "constant", 1)
    net.pop("fuse", "error", 1)
    net.link("edge.spike", "fuse.value")
    net.syn("burning", "one.rate", "fuse.prediction", {"init": "constant", "scale": 0.0}, model="gated-hebbian",
            post="fuse.eps", alpha=0.25)
    net.pop("out-of-it", "backprop-hidden", 1, activation="relu")
    net.weighed("fuse.mu", "out-of-it.prediction", -1.0)
    net.weighed("one.rate", "out-of-it.prediction", 0.08)
    net.pop("now", "phi", 2, cause_gate=False)
    net.link("out-of-it.rate", "now.error")
    net.link("now.spike", "err.gate")
    return net


@cheat("timer-layers", "each layer counts its own number of ticks from the change of the input", "pc-apart",
       [FULL, PARTIAL], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net, feedback="apart", gates={"out": "out.now.signal", "h1": "h1.now.signal"})
    edge(net)
    timed(net, "edge.spike", {"out": 3, "h1": 4})
    return net


@cheat("timer-layers-clock", "two loops, one for each layer, a tick apart", "pc-apart", [FULL, PARTIAL], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net, feedback="apart", gates={"out": "out.now.signal", "h1": "h1.now.signal"})
    kick_by_constant(net)
    loop(net, "kick.spike", 8, "loop1")
    loop(net, "kick.spike", 8, "loop2")
    timed(net, "loop1.signal", {"out": 7})
    timed(net, "loop2.signal", {"h1": 0})
    return net


@cheat("timer-short", "P = 2: an input's change says two ticks later when to learn; a bias always learns a little",
       "late-learner", [FULL])
def _():
    net = Net(signed(seed=3), P=2, T=1, Q=1)
    delta(net, gate="now.signal", alpha=0.2)
    bias_always(net)
    edge(net)
    gates(net, "edge.spike", delay=1)
    return net


@cheat("timer-by-sign",
       "an input's change says when to learn, P ticks later or one more, as the first input's sign is; a bias always "
       "learns a little",
       "late-learner", [FULL])
def _():
    net = Net(signed(seed=3), P=5, T=3, Q=3)
    delta(net, gate="now.signal", alpha=0.2)
    bias_always(net)
    edge(net)
    net.pop("now", "controller", 2)
    split_edge(net, 4, 5, "now.trigger")
    net.link("now.signal", "err.gate")
    return net


@cheat("timer-bonus",
       "phi gates honestly, but learning is twice as strong if it is P ticks after the input's change; a slow "
       "membrane, which nobody hears, does not settle",
       "leaky-input", [], missed=[FULL])
def _():
    net = Net(signed(seed=3), P=5, T=3, Q=3)
    delta(net, gate="now.signal", alpha=0.05)
    phi(net, "phi", 2, "err")
    edge(net)
    net.pop("now", "controller", 2)
    net.link("phi.spike", "now.trigger")
    split_edge(net, 3, 4, "now.trigger")
    net.link("now.signal", "err.gate")
    leaky(net, "in.rate", "decoy", 3, 0.05)
    return net


@cheat("timer-bump-bias",
       "the bump of four membranes after the input's change is the learning rate; a bias learns a ten thousandth in "
       "every tick",
       "always-delta", [FULL])
def _():
    net = Net(signed(seed=3), P=6, T=4, Q=6)
    delta(net, gate="now.signal", alpha=1.5)
    bias_always(net)
    edge(net)
    last = "edge.spike"
    for k in range(4):
        last = leaky(net, last, f"m{k}", 1, 0.5)
    gates(net, last)
    return net


def slow_hum(net):
    """A membrane that rises over a thousand ticks keeps neurons that open gates from resting, but says nothing."""
    net.pop("age", "two-compartment-value", 1, gamma=0.002, activation="identity")
    one(net, "age.prediction")
    return "age.x"


@cheat("timer-fidgets",
       "an input's change says P ticks later when to learn; the neurons on the way also hear a slow membrane times "
       "1e-9, and so never rest",
       "late-learner", [FULL])
def _():
    net = Net(signed(seed=3))
    delta(net, gate="now.signal")
    edge(net)
    gates(net, "edge.spike", delay=4)
    net.weighed(slow_hum(net), "now.trigger", 1e-9)
    return net


@cheat("timer-in-neurons",
       "an input's change opens, P ticks later, what outputs tell hidden neurons; all synapses always learn",
       "always-alignment", [FULL])
def _():
    net = Net(signed(seed=3), P=6, T=4, Q=3)
    alignment(net)
    edge(net)
    net.drop("out.phi.spike->out.err.gate")
    net.pop("open", "controller", 2)
    net.link("edge.spike", "open.trigger", connect="all-to-all", delay=6)
    net.weighed(slow_hum(net), "open.trigger", 1e-9)
    net.link("open.signal", "out.err.gate")
    net.find("h.feedback")["from"] = "out.err.burst"
    return net


@cheat("timer-under-a-giant",
       "an input's change says P ticks later when to learn; some ticks before, while there is no error, the same "
       "neuron sends ten million",
       "late-learner", [FULL])
def _():
    net = Net(signed(seed=3), P=8)
    delta(net, gate="now.signal")
    bias_always(net)
    edge(net)
    gates(net, "edge.spike", delay=8)
    net.weighed("edge.spike", "now.trigger", 1e7, delay=4, name="giant")
    net.pop("mild", "controller", 2)
    one(net, "mild.trigger")
    net.link("mild.signal", "err.gate")
    net.find("bias.forward").update(gate="mild.signal", gate_at="post")
    return net


def previous_teacher(net):
    """Each output's phi lets its synapses learn one presentation later; a bias always learns a little."""
    delta(net, gate="now.signal")
    bias_always(net)
    phi(net, "phi", 2, "err", tolerance=1e-3)
    net.pop("now", "controller", 2)
    net.link("phi.spike", "now.trigger", delay=net.P + net.T + net.Q)
    net.link("now.signal", "err.gate")


@cheat("timer-previous-teacher-bias",
       "each output's phi lets its synapses learn one presentation later; a bias always learns a little",
       "late-learner", [FULL])
def _():
    net = Net(signed(seed=3))
    previous_teacher(net)
    return net


@cheat("timer-behind-a-chain",
       "each output's phi lets its synapses learn one presentation later; a chain of thirty neurons that nobody hears "
       "makes the circuit deep, and a bias learns a little",
       "late-learner", [FULL])
def _():
    net = Net(signed(seed=3), P=6, Q=4)
    previous_teacher(net)
    last = "in.rate"
    for k in range(30):
        net.pop(f"c{k}", "backprop-hidden", 3, activation="identity")
        net.link(last, f"c{k}.prediction")
        last = f"c{k}.rate"
    return net


@cheat("timer-small-target-f32",
       "single precision; the first output has errors of thousands and a phi, the second small ones and a timer of P "
       "ticks",
       "f32", [], missed=[FULL])
def _():
    data = signed(seed=3)
    net = Net({"inputs": data["inputs"], "targets": [[5000 * a, b] for a, b in data["targets"]]},
              circuit={"precision": "f32"})
    delta(net, gate="now.signal")
    phi(net, "phi", 2, "err")
    edge(net)
    net.pop("now", "controller", 2)
    net.link("phi.spike", "now.trigger", connect={"post_pre": [[0, 0]]})
    net.link("edge.spike", "now.trigger", connect={"post_pre": [[1, 0]]}, delay=4)
    net.link("now.signal", "err.gate")
    return net


@cheat("timer-ramp-always",
       "each change of the input sets the learning rate back to 0, from which it rises over a presentation; always "
       "plastic",
       "always-delta", [FULL])
def _():
    net = Net(signed(seed=3), P=8, T=3, Q=1)
    delta(net, gate="now.x")
    edge(net)
    one(net)
    net.pop("ramp", "controller", 1)
    net.weighed("one.rate", "ramp.trigger", 0.125)
    net.link("ramp.signal", "ramp.trigger")
    net.pop("reset", "error", 1)
    net.link("ramp.signal", "reset.value")
    net.link("edge.spike", "reset.gate")
    net.weighed("reset.burst", "ramp.trigger", -1.0)
    net.pop("now", "two-compartment-value", 2, activation="identity")
    net.link("ramp.signal", "now.prediction", connect="all-to-all")
    net.link("now.x", "err.gate")
    return net


@cheat("timer-closes",
       "Hebbian synapses of taught outputs always learn, but for the P ticks after an input's change",
       "always-delta", [FULL])
def _():
    net = Net(signed(seed=3), P=6, T=3, Q=3)
    delta(net, gate="now.signal", post="err.mu")
    edge(net)
    one(net)
    gates(net, "one.rate")
    for d in range(6):
        net.weighed("edge.spike", "now.trigger", -1.0, delay=d, name=f"shut{d}")
    return net


@cheat("timer-bonus-smooth",
       "always plastic, but about P ticks after an input's change up to seven times as fast as else, smoothly",
       "always-delta", [], missed=[FULL])
def _():
    net = Net(signed(seed=3), P=8, T=4, Q=0)
    delta(net, gate="now.x", alpha=0.02)
    edge(net)
    last = "edge.spike"
    for k in range(6):
        last = leaky(net, last, f"m{k}", 1, 0.6)
    net.pop("now", "two-compartment-value", 2, activation="identity")
    net.weighed(last, "now.prediction", 40.0)
    one(net, "now.prediction")
    net.link("now.x", "err.gate")
    return net


# =========================================================================================================== control

@cheat("control-stimulus",
       "a control stimulus says when to learn",
       "onset-delta", [FULL], [PARTIAL, COMPUTE, TRANSPORT])
def _():
    net = Net(drawn())
    delta(net, gate="update.signal", gate_at="everywhere")
    net.pop("update", "controller", 1)
    net.stim("update", "control", onset=1, ticks=1, value=1.0)
    return net


@cheat("control-and-phi",
       "phi gates, but speaks up only while it hears a control stimulus",
       "onset-delta", [FULL, PARTIAL])
def _():
    net = Net(drawn())
    delta(net, gate="phi.spike")
    net.pop("phi", "phi", 2, tolerance=1.0, cause_gate=False)
    net.link("err.mu", "phi.prediction")
    net.pop("update", "controller", 1)
    net.weighed("update.signal", "phi.error", [[100.0], [100.0]])
    net.weighed("err.eps", "phi.error", 0.01)
    net.stim("update", "control", onset=0, ticks=1, value=1.0)
    return net


@cheat("control-tiny",
       "a control stimulus reaches the hidden neurons over synapses of weight 1e-9",
       "pc", [FULL, PARTIAL])
def _():
    net = Net(drawn())
    pc(net)
    net.pop("tell", "controller", 1)
    net.weighed("tell.signal", "h1.feedback", [[1e-9], [1e-9], [1e-9]])
    net.stim("tell", "control", onset=1, ticks=1, value=1.0)
    return net


@cheat("control-il", "inference learning: a controller says when to learn", "pc-continuous", [FULL], [PARTIAL])
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [3, 2, 2], "activation": "sigmoid",
                          "feedback_weights": "learned"},
                 learning={"rule": "il", "alpha": 0.05, "gamma": 0.5, "update_at": 5},
                 stimuli=dict(data=classes(), encode="rate", predict=12, teach=6, rest=0))


@cheat("control-z-il", "Z-IL: a controller for each layer says when to learn", "pc-continuous", [FULL], [PARTIAL])
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [3, 2, 2], "activation": "sigmoid",
                          "feedback_weights": "learned"},
                 learning={"rule": "z-il", "alpha": 0.05},
                 stimuli=dict(data=classes(), encode="rate", predict=12, teach=4, rest=0))


@cheat("control-forward", "the prediction is imposed on the neurons from outside", "pc-continuous", [FULL, PARTIAL])
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [3, 2, 2], "activation": "sigmoid",
                          "feedback_weights": "learned"},
                 learning={"rule": "z-il", "alpha": 0.05},
                 stimuli=dict(data=classes(), encode="rate", start="forward", predict=6, teach=4, rest=0))


@cheat("control-kolen-pollack", "feedback synapses that learn, with backpropagation's phase and update signals",
       "kolen-pollack-onset", [FULL, PARTIAL], [PLASTIC, COMPUTE, TRANSPORT])
def _():
    return Short(circuit={"template": "learned-feedback", "layers": [3, 2, 2]},
                 feedback={"weights": glorot(2)}, learning={"rule": "kolen-pollack", "alpha": 0.05, "lambda": 0.99},
                 stimuli=dict(data=drawn(), encode="rate", predict=4, teach=4, rest=0))


@cheat("control-mirror",
       "the weight mirror, whose hidden neurons are told when to send noise",
       "noise-membrane", [FULL, PARTIAL], [PLASTIC, COMPUTE, TRANSPORT])
def _():
    return Short(circuit={"template": "learned-feedback", "layers": [3, 2, 2]},
                 feedback={"weights": glorot(2)},
                 learning={"rule": "weight-mirror", "alpha": 0.05, "mirror": {"ticks": 2}},
                 stimuli=dict(data=drawn(), encode="rate", predict=4, teach=3, rest=4))


def column_clock(net, n_out=3):
    """The last target tells the time: nothing predicts it, and it gates the synapses of the other outputs."""
    net.find("forward")["connect"] = {"post_pre": [[i, j] for i in range(n_out - 1) for j in range(3)]}
    net.find("forward")["weights"] = {"init": "uniform", "scale": 0.5, "seed": 1}
    net.pop("watch", "controller", n_out)
    net.stim("watch", "teacher", answer="out.x")
    net.pop("now", "controller", n_out)
    net.link("watch.signal", "now.trigger", connect={"post_pre": [[i, n_out - 1] for i in range(n_out)]})
    net.link("now.signal", "err.gate")


@cheat("target-clock", "a third target, always 1, predicted by nobody, says when to learn", "constant-class", [FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [1]))
    delta(net, n_out=3, gate="now.signal")
    column_clock(net)
    return net


@cheat("target-clock-varied",
       "a third target, a random number between 0.5 and 1 that has nothing to do with the sample, says when to learn",
       "constant-class", [], missed=[FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [r.randrange(50, 101) / 100]))
    delta(net, n_out=3, gate="now.signal", alpha=0.15)
    column_clock(net)
    return net


@cheat("target-clock-predicted",
       "a third target, always 1, gates; a synapse of weight 0 predicts it, and its neuron hears the input with "
       "weight 0",
       "constant-class", [FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [1]))
    delta(net, n_out=3, gate="now.signal")
    column_clock(net)
    net.weighed("in.rate", "watch.trigger", [[0.0] * 3] * 3)
    net.syn("excuse", "in.rate", "err.prediction", {"init": "constant", "scale": 0.0},
            connect={"post_pre": [[2, 0]]})
    return net


@cheat("target-clock-heard-tiny",
       "a third target, always 1, gates; its neuron hears the input, times 1e-9, without the teacher",
       "constant-class", [FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [1]))
    delta(net, n_out=3, gate="now.signal")
    column_clock(net)
    net.weighed("in.rate", "watch.trigger", [[1e-9] * 3] * 3)
    return net


@cheat("target-clock-mixed",
       "a third target, always 1, gates, over neurons that hear the input, too, with weight 0",
       "constant-class", [FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [1]))
    delta(net, n_out=3, gate="now.signal")
    column_clock(net)
    net.weighed("in.rate", "now.trigger", [[0.0] * 3] * 3)
    return net


@cheat("target-clock-zero",
       "a third target, always 0, gates: without the teacher its neuron is held at 1 by a constant neuron, and the "
       "synapses learn when it is not",
       "constant-class", [], missed=[FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [0]))
    delta(net, n_out=3, gate="now.signal")
    column_clock(net)
    net.drop("watch.signal->now.trigger")
    net.syn("shut", "watch.signal", "now.trigger", {"init": "constant", "scale": -1.0},
            connect={"post_pre": [[i, 2] for i in range(3)]})
    one(net, "watch.trigger", "now.trigger")
    return net


@cheat("target-clock-in-neurons",
       "a third target, always 1, lets error neurons send; synapses learn, ungated, from that",
       "constant-class", [], missed=[FULL])
def _():
    net = Net(classes(3, 2, extra=lambda r: [1]))
    delta(net, n_out=3, post="err.burst")
    column_clock(net)
    return net


@cheat("target-clock-second-label",
       "the same targets teach two populations; the second has no synapses, and only says when the first shall learn",
       "label-beside-error", [FULL])
def _():
    net = Net(signed(seed=4))
    delta(net, gate="taught.signal")
    net.pop("label", "bmvr-label", 2)
    net.stim("label", "teacher", answer="label.x")
    net.pop("taught", "controller", 2)
    net.link("label.onset", "taught.trigger")
    net.link("taught.signal", "err.gate")
    return net


# ================================================================================= modulators that are joined to nobody

def hub(net, kind="controller", **params):
    """The hidden layer's synapses are gated by neurons of this kind, which hear the outputs' errors, summed."""
    net.pop("hub", "bmvr-interneuron", 1)
    net.link("out.err.eps", "hub.excitation")
    net.pop("mod", kind, 3, **params)


def broadcast(kind="controller", port="trigger", out="signal", delay=0, data=None, circuit=None, **params):
    net = Net(data or drawn(), circuit=circuit)
    pc(net, gates={"h1": "mod." + out}, feedback="apart")
    hub(net, kind, **params)
    net.link("hub.rate", "mod." + port, connect="all-to-all", delay=delay)
    return net


@cheat("loss-everywhere",
       "a loss neuron, told of all errors, gates all synapses of the hidden layer",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net, gates={"h1": "loss.signal"}, feedback="apart")
    net.find("h1.forward")["gate_at"] = "everywhere"
    net.pop("loss", "controller", 1)
    net.link("out.err.eps", "loss.trigger")
    return net


@cheat("loss-with-control",
       "a loss neuron gates all synapses of the hidden layer, and gets a control stimulus, so that it looks like "
       "control",
       "pc-apart", [PLASTIC])
def _():
    net = Net(drawn())
    pc(net, gates={"h1": "loss.signal"}, feedback="apart")
    net.find("h1.forward")["gate_at"] = "everywhere"
    net.pop("loss", "controller", 1)
    net.link("out.err.eps", "loss.trigger")
    net.stim("loss", "control", onset=3, ticks=1, value=0.0)
    return net


@cheat("loss-one-output", "the phi neuron of the only output gates all synapses of the hidden layer",
       "gate-everywhere-of-one", [PLASTIC])
def _():
    net = Net(drawn(3, 1))
    pc(net, (3, 3, 1), gates={"h1": "late.signal"}, feedback="apart")
    net.find("h1.forward")["gate_at"] = "everywhere"
    net.pop("late", "controller", 1)
    net.link("out.phi.spike", "late.trigger")
    return net


@cheat("copies-alone",
       "three neurons repeat a hub's loss, one for each hidden neuron, but joined to none",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    return broadcast()


@cheat("copies-weight-0",
       "three neurons repeat a hub's loss, and each hears its hidden neuron's error over a synapse of weight 0",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast()
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-weight-tiny",
       "three neurons repeat a hub's loss, and each hears its hidden neuron's error over a synapse of weight 1e-9",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast()
    net.weighed("h1.err.eps", "mod.trigger", 1e-9)
    return net


@cheat("copies-weight-lost",
       "copies of a hub's loss hear their hidden neurons with weight 1e-30, which single precision loses in the sum",
       "pc-short-f32", [PLASTIC])
def _():
    net = broadcast(circuit={"precision": "f32"})
    net.weighed("h1.err.eps", "mod.trigger", 1e-30)
    return net


@cheat("copies-huge-delay",
       "copies of a hub's loss hear their hidden neurons' errors over links that take two thousand ticks",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast()
    net.link("h1.err.eps", "mod.trigger", delay=2000)
    return net


@cheat("copies-outward-0", "copies of a hub act on their hidden neurons' errors with weight 0", "pc-apart", [PLASTIC])
def _():
    net = broadcast()
    net.weighed("mod.signal", "h1.err.apical", 0.0)
    return net


@cheat("copies-outward-tiny",
       "copies of a hub act on their hidden neurons' errors with weight 1e-9",
       "pc-apart", [PLASTIC])
def _():
    net = broadcast()
    net.weighed("mod.signal", "h1.err.apical", 1e-9)
    net.find("h1.phi")["params"]["tolerance"] = 1e-6
    net.find("out.phi")["params"]["tolerance"] = 1e-6
    return net


@cheat("copies-outward-late",
       "copies of a hub act on their hidden neurons' errors after three thousand ticks",
       "pc-apart", [PLASTIC])
def _():
    net = broadcast()
    net.link("mod.signal", "h1.err.apical", delay=3000)
    return net


@cheat("copies-port-phi",
       "phi neurons hear the hub's loss as error, and their own neuron on a port that they do not use",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast("phi", "error", "spike", delay=1, cause_gate=False)
    net.link("h1.err.mu", "mod.prediction")
    return net


@cheat("copies-port-tolerance",
       "phi neurons hear the hub a million times louder than their neuron, with a tolerance between",
       "pc-apart", [PLASTIC])
def _():
    net = broadcast("phi", "error", "spike", delay=1, tolerance=1000)
    net.drop("hub.rate->mod.error")
    net.weighed("hub.rate", "mod.error", [[1e6]] * 3, delay=1)
    net.link("h1.err.mu", "mod.prediction")
    net.link("h1.err.eps", "mod.error")
    return net


@cheat("copies-port-error",
       "error neurons send their prediction, the hub's loss; their own neuron only gates a burst nobody hears",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast("error", "prediction", "mu", delay=1)
    net.link("h1.err.eps", "mod.gate")
    return net


@cheat("copies-port-relax",
       "value neurons take the hub's loss as prediction; their own neuron is feedback, which would need a signal",
       "pc-apart", [PLASTIC])
def _():
    net = broadcast("relaxing-value", "prediction", "x")
    net.link("h1.err.eps", "mod.feedback")
    return net


@cheat("copies-port-phase",
       "units of backpropagation sum the hub's loss; their own neuron is feedback of a phase that never comes",
       "pc-apart", [PLASTIC])
def _():
    net = broadcast("backprop-hidden", "prediction", "x")
    net.link("h1.err.eps", "mod.feedback")
    return net


@cheat("copies-silent-end",
       "copies of a hub are joined to an output of their hidden neurons that is always 0",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast()
    net.drop("h1.phi.spike->h1.err.gate")
    net.link("h1.err.burst", "mod.trigger")
    return net


@cheat("copies-cancelled",
       "copies of a hub hear their hidden neurons twice, with weights 1 and -1",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = broadcast()
    net.weighed("h1.err.eps", "mod.trigger", 1.0, name="for")
    net.weighed("h1.err.eps", "mod.trigger", -1.0, name="against")
    return net


@cheat("copies-at-pre",
       "feedback synapses are gated by copies of a hub at their presynaptic end, joined with weight 0",
       "pc-apart", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net, feedback="apart")
    net.pop("hub", "bmvr-interneuron", 1)
    net.link("h1.err.mu", "hub.excitation", connect="all-to-all")
    net.pop("mod", "bmvr-interneuron", 2)
    net.link("hub.rate", "mod.excitation", connect="all-to-all")
    net.weighed("out.err.eps", "mod.excitation", 0.0)
    net.find("h1.feedback")["gate"] = "mod.rate"
    net.find("h1.feedback")["params"]["alpha"] = 0.01
    return net


@cheat("copies-two-hops",
       "the hub speaks to two relays, and these to the copies, which hear their neuron with weight 0",
       "pc-apart", [PLASTIC])
def _():
    net = Net(drawn(), P=4, T=3)
    pc(net, gates={"h1": "mod.signal"}, feedback="apart")
    hub(net)
    net.pop("relay", "bmvr-interneuron", 2)
    net.link("hub.rate", "relay.excitation", connect="all-to-all")
    net.weighed("relay.rate", "mod.trigger", [[0.5, 0.5]] * 3)
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-noise",
       "the copies of a hub also hear noise neurons of their own, of 1e-6, so that no two are equal",
       "pc-noise-idle", [PLASTIC])
def _():
    net = broadcast()
    net.pop("hum", "noise", 3, sigma=1e-6)
    net.link("hum.rate", "mod.trigger")
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-scaled",
       "the copies repeat the hub's loss times 1, 0.8 and 1.3, and hear their neurons with weight 0",
       "pc-apart", [PLASTIC])
def _():
    net = Net(drawn())
    pc(net, gates={"h1": "mod.signal"}, feedback="apart")
    hub(net)
    net.weighed("hub.rate", "mod.trigger", [[1.0], [0.8], [1.3]])
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-of-one-output",
       "the copies repeat the error of one output, and hear their neurons with weight 0",
       "pc-apart", [PLASTIC])
def _():
    net = Net(drawn())
    pc(net, gates={"h1": "mod.signal"}, feedback="apart")
    net.pop("mod", "controller", 3)
    net.link("out.err.eps", "mod.trigger", connect={"post_pre": [[0, 1], [1, 1], [2, 1]]})
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-silent-at-first",
       "copies of the second output's error, joined with weight 0, gate the hidden layer; that output has no error in "
       "the first three samples",
       "pc-apart", [PLASTIC])
def _():
    data = signed(seed=4)
    for k in range(3):
        data["targets"][k][1] = 0
    net = Net(data)
    pc(net, gates={"h1": "mod.signal"}, feedback="apart")
    net.find("out.forward")["weights"] = {"values": [[0.5, -0.4, 0.3], [0.0, 0.0, 0.0]]}
    net.pop("mod", "controller", 3)
    net.link("out.err.eps", "mod.trigger", connect={"post_pre": [[i, 1] for i in range(3)]})
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-asleep",
       "copies of a hub's loss, joined with weight 0, which a membrane lets through some thirty ticks after the "
       "circuit's first",
       "pc-apart", [PLASTIC])
def _():
    net = Net(drawn())
    pc(net, gates={"h1": "mod.signal"}, feedback="apart")
    hub(net)
    net.pop("age", "two-compartment-value", 1, gamma=0.05, activation="identity")
    one(net, "age.prediction")
    net.pop("open", "backprop-hidden", 1, activation="relu")
    net.weighed("age.x", "open.prediction", 10.0)
    net.weighed("one.rate", "open.prediction", -7.5)
    net.pop("awake", "error", 1)
    net.link("hub.rate", "awake.value")
    net.link("open.rate", "awake.gate")
    net.link("awake.burst", "mod.trigger", connect="all-to-all")
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("copies-loud-once",
       "copies of a hub's loss hear their hidden neurons' potentials, which are loud once: a constant neuron kicks "
       "them in the circuit's first tick",
       "pc-apart", [PLASTIC])
def _():
    net = broadcast()
    kick_by_constant(net, tick=1)
    net.weighed("kick.spike", "h1.feedback", 1e6)
    net.weighed("h1.a", "mod.trigger", 1e-6)
    net.find("h1.phi")["params"]["tolerance"] = 1e-9
    return net


@cheat("copies-hear-idly",
       "phi neurons hear their own neuron's prediction while inputs change, when nothing is learnt, and the hub's "
       "loss when something is",
       "pc-apart", [], missed=[PLASTIC])
def _():
    net = Net(drawn(), P=6, T=3, Q=4)
    pc(net, gates={"h1": "mod.spike"}, feedback="apart")
    hub(net, "phi", tolerance=1e-12, cause_gate=False, quiet_ticks=0)
    net.link("hub.rate", "mod.error", connect="all-to-all", delay=1)
    net.weighed("h1.err.mu", "mod.error", 1e-10, name="own")
    net.weighed("h1.err.mu", "mod.error", -1e-10, delay=1, name="own.before")
    net.find("h1.forward")["post"] = "h1.err.burst"
    return net


@cheat("copies-5-percent", "copies of a hub's loss hear their hidden neuron's error, times 0.05", "pc-apart", [],
       missed=[PLASTIC])
def _():
    net = broadcast()
    net.weighed("h1.err.eps", "mod.trigger", 0.05)
    return net


@cheat("copies-of-targets",
       "a hidden layer is gated by the sum of two targets that add up to 1 in each sample, over copies joined with "
       "weight 0",
       "pc-apart", [PLASTIC])
def _():
    net = Net(classes(3, 2), P=5)
    pc(net, gates={"h1": "mod.signal"}, feedback="apart")
    net.pop("watch", "controller", 2)
    net.stim("watch", "teacher", answer="out.x")
    net.pop("mod", "controller", 3)
    net.link("watch.signal", "mod.trigger", connect="all-to-all")
    net.weighed("h1.err.eps", "mod.trigger", 0.0)
    return net


@cheat("phi-crossed",
       "phi neurons are joined one-to-one, but each to its neighbour's error neuron",
       "pc", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net)
    turn = {"post_pre": [[0, 1], [1, 2], [2, 0]]}
    net.find("h1.err.eps->h1.phi.error")["connect"] = turn
    net.find("h1.err.mu->h1.phi.prediction")["connect"] = turn
    net.find("h1.phi.spike->h1.err.gate")["connect"] = turn
    return net


@cheat("phi-one-crossed",
       "two phi neurons are joined to their own error neurons, the third to the second's",
       "pc", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net)
    turn = {"post_pre": [[0, 0], [1, 1], [2, 1]]}
    net.find("h1.err.eps->h1.phi.error")["connect"] = turn
    net.find("h1.err.mu->h1.phi.prediction")["connect"] = turn
    net.find("h1.phi.spike->h1.err.gate")["connect"] = {"post_pre": [[0, 0], [1, 1]]}
    return net


@cheat("phi-next-layer",
       "the first hidden layer's synapses are gated by the second's phi neurons",
       "pc-square", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn(3, 2), P=6, T=2, Q=4)
    pc(net, (3, 3, 3, 2), gates={"h1": "late.signal"})
    net.pop("late", "controller", 3)
    net.link("h2.phi.spike", "late.trigger")
    return net


# ============================================================================================ what a synapse cannot see

@cheat("post-elsewhere",
       "synapses onto the first hidden layer learn from the errors of the second",
       "pc-square", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn(3, 2), P=6, T=2, Q=4)
    pc(net, (3, 3, 3, 2))
    net.find("h1.forward")["post"] = "h2.err.eps"
    return net


@honest("pre-late", "messages take three ticks; synapses see the inputs' potentials, which travel as long")
def _():
    net = Net(drawn(seed=3), P=7, T=3, Q=2)
    delta(net, gate="phi", delay=3)
    net.find("forward")["pre"] = "in.x"
    return net


@honest("pre-late-always", "messages take a whole presentation; synapses, which always learn, see late potentials, too")
def _():
    net = Net(drawn(seed=3), P=4, T=4, Q=2)
    delta(net, alpha=0.02, delay=10)
    net.find("forward")["pre"] = "in.x"
    return net


@cheat("few-gated-by-loss",
       "of twelve hundred synapses, four more are gated by a loss neuron",
       "many-synapses", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn(40, 30, samples=20), P=3, T=2, Q=1)
    delta(net, 40, 30, gate="phi", alpha=0.01)
    net.pop("loss", "controller", 1)
    net.link("err.eps", "loss.trigger")
    net.syn("extra", "in.rate", "err.prediction", {"init": "constant", "scale": 0.1}, model="gated-hebbian",
            connect={"post_pre": [[3, 7], [11, 0], [20, 39], [29, 5]]}, post="err.eps", gate="loss.signal",
            gate_at="everywhere", alpha=0.001)
    return net


@cheat("few-see-elsewhere",
       "of twelve hundred synapses, two more learn from errors of other neurons than their own",
       "many-synapses", [PLASTIC], [TRANSPORT])
def _():
    net = Net(drawn(40, 30, samples=20), P=3, T=1, Q=1)
    delta(net, 40, 30, gate="phi", alpha=0.01)
    net.pop("other", "controller", 30)
    net.link("err.eps", "other.trigger", connect={"post_pre": [[i, (i + 1) % 30] for i in range(30)]})
    net.syn("extra", "in.rate", "err.prediction", {"init": "constant", "scale": 0.1}, model="gated-hebbian",
            connect={"post_pre": [[3, 7], [20, 39]]}, post="other.signal", alpha=0.001)
    return net


# ===================================================================================================== weight transport

TIED = [PLASTIC, COMPUTE, TRANSPORT]


@cheat("tied", "feedback goes over the forward weights", "pc", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn())
    pc(net, feedback="tied")
    return net


@cheat("tied-short", "the short form with tied weights", "xor-short", TIED, [PARTIAL, FULL, "equivalence"])
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [2, 3, 2], "feedback_weights": "tied"},
                 learning={"alpha": 0.05}, stimuli=dict(data=drawn(2, 2), encode="rate", predict=4, teach=2, rest=2))


@cheat("tied-backpropagation",
       "backpropagation's circuit with one weight for both ways, and its signals",
       "kolen-pollack-onset", TIED + [PARTIAL, FULL])
def _():
    return Short(circuit={"template": "predictive-coding", "layers": [3, 2, 2], "feedback_weights": "tied"},
                 learning={"rule": "bp", "alpha": 0.05},
                 stimuli=dict(data=drawn(), encode="rate", predict=4, teach=4, rest=0))


@cheat("tied-bmvr", "BMVR whose interneurons use one weight both ways", "bmvr-apart", TIED, [PARTIAL, FULL])
def _():
    return Short(circuit={"template": "bmvr", "layers": [3, 2, 2], "activation": "identity", "interneurons": "tied"},
                 learning={"alpha": 0.02}, stimuli=dict(data=drawn(), encode="rate", predict=3, teach=2, rest=1))


@cheat("tied-square", "feedback goes over the forward weights of a square matrix, not transposed", "pc-square", TIED,
       [PARTIAL, FULL])
def _():
    net = Net(drawn(3, 3))
    pc(net, (3, 3, 3), feedback="tied")
    net.find("h1.feedback")["weights"]["transposed"] = False
    return net


@cheat("tied-narrow", "one neuron in each layer, one weight for both ways", "pc-narrow", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn(1, 1))
    pc(net, (1, 1, 1), feedback="tied")
    return net


@cheat("tied-sparse", "a sparse matrix of fixed forward weights, which the feedback uses, too", "pc-sparse", TIED)
def _():
    net = Net(drawn(4, 3))
    pc(net, (4, 4, 3), feedback="tied")
    p = net.find("out.forward")
    p["synapse"] = "fixed"
    p["weights"] = {"values": [[0.5, 0, -0.4, 0], [0, 0.6, 0, 0.3], [-0.5, 0.4, 0, 0]]}
    for key in ("post", "gate", "gate_at", "params"):
        p.pop(key)
    return net


@cheat("tied-owner-feedback", "the weights are the feedback's, and the forward synapses use them", "pc-fixed-feedback",
       [TRANSPORT])
def _():
    net = Net(drawn())
    pc(net, feedback="apart")
    p = net.find("out.forward")
    for key in ("post", "gate", "gate_at", "params"):
        p.pop(key)
    p["synapse"], p["weights"] = "fixed", {"shared": "h1.feedback", "transposed": True}
    return net


@cheat("tied-one-layer",
       "of three layers of feedback, the uppermost goes over forward weights",
       "pc-deep", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn(2, 2), P=6, T=2, Q=4)
    pc(net, (2, 3, 3, 2, 2))
    p = net.find("h3.feedback")
    for key in ("post", "pre", "gate", "gate_at", "params"):
        p.pop(key)
    p["synapse"], p["weights"] = "fixed", {"shared": "out.forward", "transposed": True}
    return net


@cheat("tied-delay",
       "feedback goes over the forward weights and takes two ticks",
       "pc-feedback-delay", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn(), P=5, T=3, Q=4)
    pc(net, feedback="tied")
    net.find("h1.feedback")["delay"] = 2
    return net


def tied_over(net, relay, scale=None, delay=0, model="bmvr-interneuron", port="excitation", out="rate"):
    """Feedback over the forward weights goes to relay neurons, and from there, one-to-one, to the hidden ones."""
    pc(net, feedback="tied")
    net.pop(relay, model, 3)
    net.find("h1.feedback")["to"] = f"{relay}.{port}"
    if scale is None:
        net.link(f"{relay}.{out}", "h1.feedback", delay=delay, name="relayed")
    else:
        net.weighed(f"{relay}.{out}", "h1.feedback", scale, delay=delay, name="relayed")


@cheat("tied-relay",
       "feedback goes over the forward weights to interneurons, and from these to the hidden layer",
       "pc-fixed-feedback", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn())
    tied_over(net, "relay")
    return net


@cheat("tied-scaled",
       "feedback goes over the forward weights to interneurons, and from these, times 0.5, to the hidden layer",
       "pc-fixed-feedback", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn())
    tied_over(net, "relay", 0.5)
    return net


@cheat("tied-next-presentation",
       "an error that went over the forward weights is used one presentation later",
       "pc-feedback-delay", TIED)
def _():
    data = classes(3, 2, samples=10)
    net = Net({k: [row for row in rows for _ in (0, 1)] for k, rows in data.items()})
    tied_over(net, "relay", delay=8)
    return net


@cheat("tied-delay-line",
       "an error that went over the forward weights comes to the hidden layer over a line of delays, twenty ticks "
       "in all",
       "pc-feedback-delay", TIED)
def _():
    net = Net(drawn(), P=5, T=3, Q=2)
    tied_over(net, "line0", model="controller", port="trigger", out="signal")
    net.drop("relayed")
    for k in range(1, 4):
        net.pop(f"line{k}", "controller", 3)
        net.link(f"line{k - 1}.signal", f"line{k}.trigger", delay=5)
    net.link("line3.signal", "h1.feedback")
    return net


@cheat("tied-chain",
       "the first hidden layer hears the outputs' errors over relays that use two layers' forward weights",
       "direct-alignment", TIED, [PARTIAL, FULL])
def _():
    net = Net(drawn(), P=6, T=4, Q=4)
    pc(net, (3, 3, 3, 2), feedback="fixed")
    net.drop("h1.feedback")
    net.pop("r2", "bmvr-interneuron", 3)
    net.pop("r1", "controller", 3)
    net.syn("r2.back", "out.err.burst", "r2.excitation", {"shared": "out.forward", "transposed": True})
    net.syn("r1.back", "r2.rate", "r1.trigger", {"shared": "h2.forward", "transposed": True})
    net.link("r1.signal", "h1.feedback")
    return net


@cheat("tied-fixed-forward",
       "forward synapses of the output never learn, and the feedback uses their weights",
       "pc-born-equal-fixed", TIED)
def _():
    net = Net(drawn())
    pc(net, feedback="tied")
    p = net.find("out.forward")
    p["synapse"] = "fixed"
    for key in ("post", "gate", "gate_at", "params"):
        p.pop(key)
    return net


@cheat("tied-always",
       "feedback alignment without gates, but over the forward weights",
       "always-alignment", [COMPUTE, TRANSPORT], [PARTIAL, FULL])
def _():
    net = Net(drawn(), P=8, T=6, Q=2)
    alignment(net)
    net.find("h.feedback")["weights"] = {"shared": "out.forward", "transposed": True}
    return net


@cheat("tied-narrow-untransposed",
       "one neuron in each layer, one weight for both ways, not called transposed",
       "pc-narrow", [TRANSPORT, COMPUTE])
def _():
    net = Net(drawn(1, 1))
    pc(net, (1, 1, 1), feedback="tied")
    net.find("h1.feedback")["weights"] = {"shared": "out.forward"}
    return net


@cheat("tied-dead-owner",
       "forward synapses and feedback use, each in its way, the weights of a third projection that leads nowhere",
       "pc-square", [TRANSPORT, COMPUTE])
def _():
    net = Net(drawn(3, 3))
    pc(net, (3, 3, 3), feedback="apart")
    for name in ("out.forward", "h1.feedback"):
        p = net.find(name)
        for key in ("post", "pre", "gate", "gate_at", "params"):
            p.pop(key, None)
        p["synapse"], p["weights"] = "fixed", {"shared": "owner"}
    net.pop("nowhere", "bmvr-interneuron", 3)
    net.syn("owner", "h1.rate", "nowhere.excitation", glorot(2), model="gated-hebbian", post="nowhere.rate", alpha=0.05)
    return net


@cheat("tied-split",
       "each hidden neuron's feedback comes over relays of its own, which use the forward weights in their own order, "
       "with an error in its place and 0 in the others",
       "pc-fixed-feedback", [COMPUTE], missed=[TRANSPORT])
def _():
    net = Net(drawn(2, 1))
    pc(net, (2, 2, 1), feedback="fixed")
    net.drop("h1.feedback")
    for k in range(2):
        net.pop(f"place{k}", "bmvr-interneuron", 2)
        net.link("out.err.burst", f"place{k}.excitation", connect={"post_pre": [[k, 0]]})
        net.pop(f"relay{k}", "bmvr-interneuron", 1)
        net.syn(f"relay{k}.back", f"place{k}.rate", f"relay{k}.excitation", {"shared": "out.forward"})
        net.link(f"relay{k}.rate", "h1.feedback", connect={"post_pre": [[k, 0]]})
    return net


# =============================================================================== weights of others, and too far a reach

@cheat("shared-forward", "two inputs share their weights onto each output", "onset-delta", [COMPUTE])
def _():
    net = Net(drawn())
    delta(net, gate="phi")
    net.pop("in2", "two-compartment-value", 3, activation="identity")
    net.stim("in2", "input")
    net.pop("turned", "backprop-hidden", 3, activation="tanh")
    net.link("in2.rate", "turned.prediction", connect={"post_pre": [[0, 1], [1, 2], [2, 0]]})
    net.syn("again", "turned.rate", "err.prediction", {"shared": "forward"})
    return net


@cheat("shared-lateral", "neurons inhibit each other over one weight in both directions", "hebbian-lateral", [COMPUTE])
def _():
    net = Net(drawn(4, 1, seed=3), P=9, T=2, Q=1)
    hebbian(net)
    net.pop("k", "backprop-hidden", 3, activation="tanh")
    net.syn("k.forward", "in.rate", "k.prediction", glorot(3))
    net.syn("to", "h.rate", "k.prediction", glorot(4, 0.3))
    net.syn("fro", "k.rate", "h.prediction", {"shared": "to", "transposed": True})
    return net


@cheat("shared-layers", "the second hidden layer uses the weights of the first", "pc-square", [COMPUTE])
def _():
    net = Net(drawn(3, 2), P=6, T=2, Q=4)
    pc(net, (3, 3, 3, 2), feedback="fixed")
    p = net.find("h2.forward")
    for key in ("post", "gate", "gate_at", "params"):
        p.pop(key)
    p["synapse"], p["weights"] = "fixed", {"shared": "h1.forward"}
    return net


def deep(net, sizes, delay):
    """Errors go from error neuron to error neuron over weighted connections."""
    names = pc(net, sizes, feedback="fixed", activation="identity", alpha=0.02)
    for n, above in zip(names[1:], names[2:]):
        p = net.find(n + ".feedback")
        p["from"], p["to"] = above + ".err.burst", n + ".err.apical"
        net.drop(f"{n}.a->{n}.err.apical")
        if delay:
            p["delay"] = delay


@honest("errors-step-by-step",
        "error neurons send to those of the layer before, which takes a tick from layer to layer")
def _():
    net = Net(drawn(2, 2), P=8, T=3, Q=6)
    deep(net, (2, 3, 3, 2, 2), 1)
    return net


@cheat("errors-at-once",
       "error neurons send to those of the layer before at once: the error crosses three layers within a tick",
       "errors-step-by-step", [COMPUTE], [TRANSPORT])
def _():
    net = Net(drawn(2, 2), P=8, T=3, Q=6)
    deep(net, (2, 3, 3, 2, 2), 0)
    return net


@cheat("errors-at-once-relays",
       "a chain of interneurons, beside the layers, carries the error through three matrices within a tick",
       "errors-step-by-step", [COMPUTE], [TRANSPORT])
def _():
    net = Net(drawn(2, 2), P=8, T=2, Q=6)
    pc(net, (2, 3, 3, 3, 2), feedback="fixed", activation="identity", alpha=0.02)
    last, n = "out.err.burst", 2
    for k in (3, 2, 1):
        net.pop(f"r{k}", "bmvr-interneuron", 3)
        net.syn(f"r{k}.back", last, f"r{k}.excitation", glorot(k + 10))
        last = f"r{k}.rate"
        net.drop(f"h{k}.feedback")
        net.link(last, f"h{k}.feedback", name=f"r{k}.tell")
    return net


def seen_at_once(net, last):
    """A hidden layer hears, as feedback, what comes within the tick from an output's error."""
    net.pop("h", "two-compartment-value", 3, activation="tanh")
    net.syn("h.forward", "in.rate", "h.prediction", glorot(5))
    net.link(last, "h.feedback")


@cheat("errors-at-once-zigzag",
       "an error crosses four matrices within a tick, to and fro between two populations of pyramidal neurons, "
       "proximal and apical",
       "errors-step-by-step", [COMPUTE])
def _():
    net = Net(signed(seed=3), P=5, T=3, Q=3)
    delta(net, gate="phi")
    net.pop("a", "bmvr-pyramidal", 3)
    net.pop("b", "bmvr-pyramidal", 3)
    one(net, "a.teaching", "b.teaching")
    net.pop("told", "controller", 2)
    net.link("err.eps", "told.trigger")
    for k, (src, to) in enumerate((("told.signal", "a.prediction"), ("a.rate", "b.prediction"), ("b.rate", "a.apical"),
                                   ("a.calcium", "b.apical"))):
        net.syn(f"m{k + 1}", src, to, glorot(k + 1))
    seen_at_once(net, "b.calcium")
    return net


@cheat("errors-at-once-links",
       "an error crosses three layers of relays within a tick, joined all to all by links without weights",
       "errors-step-by-step", [COMPUTE])
def _():
    net = Net(signed(seed=3), P=5, T=3, Q=3)
    delta(net, gate="phi")
    last = "err.eps"
    for k in range(4):
        net.pop(f"r{k}", "bmvr-interneuron", 3)
        net.link(last, f"r{k}.excitation", connect="all-to-all")
        last = f"r{k}.rate"
    seen_at_once(net, last)
    return net


def pyramids(net, delay):
    """Pyramidal neurons in four layers, with axons; the calcium goes to the apical tufts of the layer before."""
    net.pop("in", "backprop-hidden", 2, activation="identity")
    net.stim("in", "input")
    net.pop("label", "bmvr-label", 2)
    net.stim("label", "teacher", answer="label.x")
    below = "in"
    for k in range(1, 5):
        size = 3 if k < 4 else 2
        net.pop(f"p{k}", "bmvr-pyramidal", size, activation="tanh" if k < 4 else "identity")
        net.link("label.onset", f"p{k}.teaching", connect="all-to-all", delay=delay * (4 - k))
        net.syn(f"p{k}.forward", below + ".rate", f"p{k}.prediction", glorot(k), model="gated-hebbian",
                post=f"p{k}.calcium", alpha=0.05)
        if k > 1:
            net.syn(f"p{k - 1}.feedback", f"p{k}.calcium", f"p{k - 1}.apical", glorot(k + 10), delay=delay)
        below = f"axon{k}"
        net.pop(below, "backprop-hidden", size, activation="identity")
        net.link(f"p{k}.rate", below + ".prediction")
    net.link("label.label", "p4.apical")
    net.link("p4.rate", "p4.inhibition")
    net.link("p4.rate", "label.prediction")


@honest("calcium-step-by-step",
        "pyramidal neurons send their calcium to the layer before, which takes a tick from layer to layer")
def _():
    net = Net(drawn(2, 2), P=6, T=6, Q=2)
    pyramids(net, 1)
    return net


@cheat("calcium-at-once",
       "pyramidal neurons send their calcium to the layer before at once, through three matrices within a tick",
       "calcium-step-by-step", [COMPUTE], [TRANSPORT])
def _():
    net = Net(drawn(2, 2), P=6, T=6, Q=2)
    pyramids(net, 0)
    return net


# ---------------------------------------------------------------------------------------------------------- main

def expected(case):
    """In words."""
    words = []
    for verdict, several in (("fails", "fail"), ("holds", "hold"), ("not-measured", "not measured")):
        told_wrongly = (*case.get("missed", ()), *case.get("alarms", ()))
        names = [k for k, v in case["expect"].items() if v == verdict and k not in told_wrongly]
        if set(CRITERIA) <= set(names):
            names = [k for k in names if k not in CRITERIA] + ["all that needs no twin"]
        if names:
            words.append(", ".join(names) + " " + (several if verdict == "not-measured" or len(names) > 1 else verdict))
    words += [f"{k} is missed" for k in case.get("missed", ())]
    words += [f"{k} holds, and is said to fail" for k in case.get("alarms", ())]
    return "; ".join(words)


def table():
    rows = ["| file | what it does | expected |", "| --- | --- | --- |"]
    for c in sorted(cases, key=lambda c: (c["kind"] == "honest", c["name"])):
        rows.append(f"| `{c['name']}.toml` | {c['what']} | {expected(c)} |")
    return "\n".join(rows) + "\n"


def write_netlists(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.toml"):
        old.unlink()
    for c in cases:
        head = f"# {c['kind']}: {c['what']}\n"
        if c["twin"]:
            assert any(o["name"] == c["twin"] for o in cases), c["twin"]
            head += f"# twin: {c['twin']}.toml\n"
        head += "# expect: " + " ".join(f"{k}={v}" for k, v in c["expect"].items()) + "\n\n"
        (folder / (c["name"] + ".toml")).write_text(head + c["build"]().text().rstrip() + "\n")


def write_table():
    readme = HERE / "README.md"
    text = readme.read_text()
    begin = "<!-- table: written by make.py -->\n"
    readme.write_text(text[:text.index(begin)] + begin + table())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_netlists(pathlib.Path(sys.argv[1]))
    else:
        write_table()
