#!/usr/bin/env python3
"""Writes the netlists of this folder and the table of README.md: tests/audit/collection/make.py

A case is a function that returns a circuit, under @honest or @cheat with its name, what it does and what must come out.
Circuits are built from a few parts: a layer that learns by the delta rule, the predictive-coding circuit of xor.toml,
loops that pulse, delays that count.
"""
import pathlib
import random

HERE = pathlib.Path(__file__).parent
CRITERIA = ["local-plasticity", "local-computation", "no-weight-transport", "partial-autonomy", "full-autonomy"]
cases = []


def honest(name, what, holds=None):
    def add(build):
        cases.append(dict(name="honest-" + name, kind="honest", what=what, twin=None, build=build,
                          expect={c: "holds" for c in (holds or CRITERIA)}))
        return build
    return add


def cheat(name, what, twin, fails, holds=()):
    def add(build):
        expect = {c: "fails" for c in fails} | {c: "holds" for c in holds}
        cases.append(dict(name="cheat-" + name, kind="cheat", what=what, twin="honest-" + twin, build=build,
                          expect=expect))
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


XOR = {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}


# --------------------------------------------------------------------------------------------------------- parts

def glorot(seed=1, scale=1.0):
    return {"init": "glorot-uniform", "scale": scale, "seed": seed}


def delta(net, n_in=3, n_out=2, gate=None, alpha=0.1, src="in.rate", gamma=1.0, inputs=True, gate_at="post", **more):
    """in -> out by the delta rule: out.error = target - prediction. gate: None (always plastic), "phi" (at the
    teacher's onset) or an output."""
    if inputs:
        net.pop("in", "two-compartment-value", n_in, activation="identity")
        net.stim("in", "input")
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


# ===================================================================================================== honest: one layer

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


@honest("plateau", "the teacher's onset sets off a plateau that fades within some ticks and lets the synapses learn so long")
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
    net.pop("in", "two-compartment-value", 3, activation="identity")
    net.stim("in", "input")
    net.pop("hum", "noise", 3, sigma=0.05)
    net.pop("noisy", "backprop-hidden", 3, activation="identity")
    net.link("in.rate", "noisy.prediction")
    net.link("hum.rate", "noisy.prediction")
    delta(net, src="noisy.rate", inputs=False, alpha=0.05)
    return net


@honest("noise-delays", "noise is heard, and messages take two and three ticks")
def _():
    net = Net(drawn(seed=8), P=8, T=4, Q=3)
    net.pop("in", "two-compartment-value", 3, activation="identity")
    net.stim("in", "input")
    net.pop("hum", "noise", 3, sigma=0.1)
    net.pop("noisy", "backprop-hidden", 3, activation="identity")
    net.link("in.rate", "noisy.prediction", delay=3)
    net.link("hum.rate", "noisy.prediction", delay=2)
    delta(net, src="noisy.rate", inputs=False, alpha=0.05)
    return net


@honest("leaky-input", "membranes behind the input neurons take some ticks to follow them, and P is not quite enough")
def _():
    net = Net(drawn(seed=2), P=6, T=4, Q=2)
    net.pop("in", "two-compartment-value", 3, activation="identity")
    net.stim("in", "input")
    net.pop("membrane", "two-compartment-value", 3, gamma=0.3, activation="identity")
    net.link("in.rate", "membrane.prediction")
    delta(net, src="membrane.rate", inputs=False, alpha=0.05)
    return net


@honest("slow-input", "membranes so slow that they keep a part of the samples before")
def _():
    net = Net(drawn(seed=3), P=8, T=4, Q=2)
    net.pop("in", "two-compartment-value", 3, activation="identity")
    net.stim("in", "input")
    net.pop("membrane", "two-compartment-value", 3, gamma=0.05, activation="identity")
    net.link("in.rate", "membrane.prediction")
    delta(net, src="membrane.rate", inputs=False, alpha=0.1)
    return net


@honest("adapting-input", "input neurons whose response falls off to two thirds while the input stays")
def _():
    net = Net(drawn(seed=2), P=6, T=4, Q=2)
    net.pop("in", "two-compartment-value", 3, activation="identity")
    net.stim("in", "input")
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
    net.pop("in", "two-compartment-value", 3, activation="identity")
    net.stim("in", "input")
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


@honest("change-learner", "learns when its output neuron begins to move, be it that the teacher comes or that it goes")
def _():
    net = Net(drawn(seed=2), P=6, T=4, Q=6)
    delta(net, post="err.burst", gamma=0.5)
    net.pop("moves", "phi", 2, quiet_ticks=1, tolerance=0.05, cause_gate=False)
    net.weighed("out.b", "moves.error", 1.0)
    net.weighed("out.b", "moves.error", -1.0, delay=1, name="out.b->moves.error.before")
    net.link("moves.spike", "err.gate")
    return net


# ==================================================================================================== honest: more layers

@honest("pc", "the circuit of xor.toml with three inputs, three hidden neurons and two outputs")
def _():
    net = Net(drawn())
    pc(net)
    return net


@honest("pc-deep", "the same with four layers of synapses")
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


@honest("pc-born-equal-fixed", "forward synapses of the output never learn, and the feedback synapses started, and stay, equal")
def _():
    net = Net(drawn())
    pc(net, feedback="learned")
    for name in ("out.forward", "h1.feedback"):
        p = net.find(name)
        p["synapse"] = "fixed"
        for key in ("post", "pre", "gate", "gate_at", "params"):
            p.pop(key, None)
    return net


@honest("pc-all-alike", "all weights start at 0.5, forward and backward, so that neurons and matrices cannot be told apart")
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


@honest("pc-recurrent", "hidden neurons excite each other weakly over fixed synapses, and settle within P ticks, or almost")
def _():
    net = Net(drawn(), P=14, T=3, Q=6)
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


@honest("pc-silent-controller", "a controller that nothing drives, so that it always sends 0, is connected to the hidden layer")
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


@honest("pc-continuous", "point neurons with gamma = 0.5 whose errors always flow, and that have not settled after P ticks")
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


@honest("always-alignment", "feedback alignment without gates: errors always flow, and every synapse learns in every tick")
def _():
    net = Net(drawn(), P=8, T=6, Q=2)
    alignment(net)
    return net


@honest("always-alignment-slow", "the same with slow membranes, which come to rest neither before the teacher nor after")
def _():
    net = Net(drawn(seed=2), P=6, T=12, Q=4)
    alignment(net, gamma=0.4, alpha=0.02)
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


@honest("kolen-pollack-onset", "forward and feedback synapses are born apart, learn by the same product, and both decay")
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
    net.pop("in", "two-compartment-value", 4, activation="identity")
    net.stim("in", "input")
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


@honest("hebbian-lateral", "no teacher: the same, and the neurons inhibit each other, with a fading oscillation")
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


@honest("novelty", "no teacher: synapses onto hidden neurons learn in the tick in which these begin to change")
def _():
    net = Net(drawn(4, 1, seed=4), P=5, T=1, Q=1)
    net.pop("in", "two-compartment-value", 4, activation="identity")
    net.stim("in", "input")
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
    net.pop("in", "two-compartment-value", 4, activation="identity")
    net.stim("in", "input")
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


# ---------------------------------------------------------------------------------------------------------- main

def table():
    rows = ["| file | what it does | expected |", "| --- | --- | --- |"]
    for c in sorted(cases, key=lambda c: (c["kind"] == "honest", c["name"])):
        failing = [k for k, v in c["expect"].items() if v == "fails"]
        holding = [k for k, v in c["expect"].items() if v == "holds"]
        if set(CRITERIA) <= set(holding):
            rest = [k for k in holding if k not in CRITERIA]
            expected = "all hold" + (", also " + ", ".join(rest) if rest else "")
        else:
            expected = "; ".join(([", ".join(failing) + (" fails" if len(failing) == 1 else " fail")] if failing else []) +
                                 ([", ".join(holding) + (" holds" if len(holding) == 1 else " hold")] if holding else []))
        rows.append(f"| `{c['name']}.toml` | {c['what'].replace('|', '/')} | {expected} |")
    return "\n".join(rows) + "\n"


def main():
    for old in HERE.glob("*.toml"):
        old.unlink()
    for c in cases:
        head = f"# {c['kind']}: {c['what']}\n"
        if c["twin"]:
            assert any(o["name"] == c["twin"] for o in cases), c["twin"]
            head += f"# twin: {c['twin']}.toml\n"
        head += "# expect: " + " ".join(f"{k}={v}" for k, v in c["expect"].items()) + "\n\n"
        (HERE / (c["name"] + ".toml")).write_text(head + c["build"]().text().rstrip() + "\n")
    readme = HERE / "README.md"
    text = readme.read_text() if readme.exists() else ""
    begin = "<!-- table: written by make.py -->\n"
    if begin in text:
        readme.write_text(text[:text.index(begin)] + begin + table())


if __name__ == "__main__":
    main()
