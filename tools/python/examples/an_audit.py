# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # An audit, of a circuit and of somebody's code
#
# First two circuits: backpropagation, written as one, and the autonomous circuit. The audit says which criteria hold, with
# evidence.

# %%
from pathlib import Path

import numpy as np

import locus

netlists = Path(__file__).resolve().parents[3] / "netlists" if "__file__" in globals() else Path("netlists")
for name in ("digits-bp", "digits"):
    audit = locus.audit(netlists / f"{name}.toml", updates=4, progress=False)
    print(audit.table())

# %% [markdown]
# A claim becomes a test: what does not hold raises.

# %%
try:
    locus.audit(netlists / "digits-bp.toml", updates=4, require=["local-plasticity"], progress=False)
except locus.RequirementError as error:
    print(error)
    print(error.audit.evidence.splitlines()[1])

# %% [markdown]
# Now code that knows nothing of Locus: a function `(params, x, y) -> params`, in NumPy or PyTorch. Its author declares the
# circuit that it stands for: feedback alignment (Lillicrap et al. 2016), whose errors come back over synapses `B`.

# %%
rng = np.random.default_rng(1)
params = {"W1": rng.normal(size=(6, 4)), "W2": rng.normal(size=(3, 6)), "B": rng.normal(size=(6, 3))}
x, y = rng.normal(size=4), rng.normal(size=3)
graph = (locus.Graph(input="in", target="error")
         .synapses("W1", "in", "hidden", modulators=["hidden error"])
         .synapses("W2", "hidden", "out", modulators=["error"])
         .synapses("B", "error", "hidden error")
         .link("out", "error").link("hidden", "hidden error"))


def update(p, x, y, feedback):
    h = np.tanh(p["W1"] @ x)
    e = y - p["W2"] @ h
    d = (feedback(p) @ e) * (1 - h**2)
    return {"W1": p["W1"] + 0.1 * np.outer(d, x), "W2": p["W2"] + 0.1 * np.outer(e, h), "B": p["B"]}


honest = locus.audit_update(lambda p, x, y: update(p, x, y, lambda p: p["B"]), params, x, y, graph)
print(honest)
assert honest.level == 2

# %% [markdown]
# The same with the forward weights on the way back, under the same declaration: where `B` is cut, something still arrives.

# %%
dishonest = locus.audit_update(lambda p, x, y: update(p, x, y, lambda p: p["W2"].T), params, x, y, graph)
print(dishonest)
assert dishonest.level == 4

# %% [markdown]
# A black box shows what it did in these probes. That it can do nothing else, only a circuit shows, whose rules are text.
