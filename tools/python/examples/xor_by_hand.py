# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # XOR by hand, tick by tick
#
# A circuit of 2-4-1 neurons learns XOR. Here we are its outside world: we show inputs, bring the teacher, take it away,
# and watch what single neurons do. Nobody tells the synapses when to learn.

# %%
from pathlib import Path

import numpy as np

import locus

netlists = Path(__file__).resolve().parents[3] / "netlists" if "__file__" in globals() else Path("netlists")
net = locus.load(netlists / "xor.toml")
net  # in a notebook: its populations and projections, and a picture

# %% [markdown]
# A simulator stands before its first tick. `sim["population.field"]` is a copy, [neuron, lane].

# %%
sim = net.simulator()
sim.clamp("input.value", [1.0, 0.0])
sim.run(ticks=4)
print("answer after 4 ticks:", sim["output.value.x"][0, 0])

# %% [markdown]
# The circuit has settled: its errors are 0. Now the teacher says 1. Watch the errors and the phi neurons, which detect
# that something changed although the prediction did not.

# %%
before = sim["hidden1.forward"]
sim.clamp("output.value", [1.0])
for _ in range(2):
    sim.step()
    print(f"tick {sim.tick - 1}: output error {sim['output.error.eps'][0, 0]:+.3f}, "
          f"output phi {sim['output.phi.spike'][0, 0]:.0f}, hidden phi {sim['hidden1.phi.spike'][:, 0]}")
changed = sim["hidden1.forward"] - before
print("hidden weights changed by up to", np.abs(changed).max())
assert np.abs(changed).max() > 0

# %% [markdown]
# The output's phi neuron spiked in the tick in which the teacher came, the hidden ones a tick later, when the burst of
# error had arrived. Now the whole task, epoch by epoch, in the order in which `locus run` presents it.

# %%
(x, t), _ = net.data()
sim = net.simulator()
for epoch in range(500):
    for sample in net.order(epoch):
        sim.clamp("input.value", x[sample])
        sim.run(4)
        sim.clamp("output.value", t[sample])
        sim.run(2)
        sim.release("output.value")
        sim.run(2)

# %% [markdown]
# What we did by hand is what the program does, to the bit:

# %%
run = net.run(progress=False)
print(run.weights_sha256)
assert sim.weights_sha256() == run.weights_sha256

# %%
for pattern in x:
    question = sim.copy()  # asking changes nothing in `sim`
    question.set_learning(False)
    question.clamp("input.value", pattern)
    question.run(8)
    print(pattern, "->", round(float(question["output.value.x"][0, 0]), 3))

# %% [markdown]
# And the wave of one presentation as a picture:

# %%
trace = net.run(epochs=1, record="*", progress=False).trace
figure = trace.plot_wave()
figure
