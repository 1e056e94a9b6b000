# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # A rule of one's own
#
# Oja's rule: a linear neuron finds the first principal component of what it sees (Oja 1982). The rule is text; nothing is
# compiled. The circuit is built by calls, runs on NumPy data, and is audited.

# %%
import numpy as np

import locus

net = locus.Netlist(name="oja", lanes=1)
net.model('''
[[model]]
name     = "linear"
kind     = "neuron"
title    = "linear neuron"
source   = "Oja 1982, Eq. (1)"
[model.ports]
input = "summed input"
[model.state]
x = "activity"
[model.rules]
step  = "x <- input"
clamp = "x <- value"

[[model]]
name     = "oja"
kind     = "synapse"
title    = "synapse with Oja's rule"
source   = "Oja 1982, Eq. (3)"
[model.parameters]
alpha = { default = 0.01, at_least = 0, meaning = "learning rate" }
[model.rules]
learn = "theta <- theta + alpha * sum(post * (pre - post * theta))"
''')
net.population("input", "linear", size=3)
net.population("cell", "linear", size=1)
net.projection("forward", "input.x", "cell.input", synapse="oja", post="cell.x", alpha=0.004,
               weights={"init": "uniform", "scale": 0.5, "seed": 2})
net.stimulus("input", "input")
net.presentation(predict=3, teach=0, data={"inputs": [[0.0, 0.0, 0.0]]})
print(net.describe())

# %% [markdown]
# Data whose first principal component we know:

# %%
rng = np.random.default_rng(1)
direction = np.array([2.0, 1.0, -2.0]) / 3
x = rng.normal(size=(800, 1)) * direction + 0.2 * rng.normal(size=(800, 3))
run = net.run(data=x, epochs=3, record=["theta"], settings={"trace.every": 8}, progress=False)
weights = run["forward"][0]
print("weights", weights.round(2), "of length", np.linalg.norm(weights).round(2))
print("cosine with the component:", abs(weights @ direction / np.linalg.norm(weights)).round(4))
assert abs(weights @ direction) / np.linalg.norm(weights) > 0.98

# %%
figure = run.trace.plot_weights()
figure

# %% [markdown]
# Is it local? The audit looks at what the circuit does:

# %%
audit = net.set({"stimuli.data": {"inputs": x[:4]}}).audit(progress=False)
print(audit.verdicts["local-plasticity"], audit.classes)
assert audit.classes["forward"] == 0
audit
