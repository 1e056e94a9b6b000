# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Digits, against PyTorch's autograd
#
# The circuit of `digits.toml` has value, error and phi neurons and no controller. Its weights are backpropagation's: here
# we hold them against those of PyTorch, trained on the same samples in the same order from the same weights. (Without
# PyTorch, against the same gradients written out in NumPy.)

# %%
from pathlib import Path

import numpy as np

import locus

try:
    import torch
except ImportError:
    torch = None
    print("PyTorch is not installed (apt install python3-torch): its place takes NumPy")

netlists = Path(__file__).resolve().parents[3] / "netlists" if "__file__" in globals() else Path("netlists")
net = locus.load(netlists / "digits.toml")
epochs, alpha = 2, 0.006
run = net.run(epochs=epochs, trace=False, progress=False)
run.to_pandas()[["loss", "test_accuracy", "updates"]]

# %% [markdown]
# The initial weights are those of a simulator that has not run.

# %%
start = net.simulator()
names = ["hidden1.forward", "hidden1.bias", "output.forward", "output.bias"]
weights = [start[name] for name in names]
print({name: w.shape for name, w in zip(names, weights)})
(x, t), _ = net.data()
lanes = net.lanes


# %% [markdown]
# The output is linear, and the loss is half the squared error, summed over the samples of a batch.

# %%
def autograd(weights, inputs, targets):
    w1, b1, w2, b2 = tensors = [torch.tensor(w, requires_grad=True) for w in weights]
    answer = torch.tanh(torch.tensor(inputs) @ w1.T + b1.T) @ w2.T + b2.T
    loss = ((torch.tensor(targets) - answer) ** 2).sum() / 2
    loss.backward()
    return [w - alpha * tensor.grad.numpy() for w, tensor in zip(weights, tensors)]


def by_hand(weights, inputs, targets):
    w1, b1, w2, b2 = weights
    hidden = np.tanh(inputs @ w1.T + b1.T)
    error = targets - (hidden @ w2.T + b2.T)
    back = (error @ w2) * (1 - hidden**2)
    gradients = back.T @ inputs, back.sum(axis=0)[:, None], error.T @ hidden, error.sum(axis=0)[:, None]
    return [w + alpha * g for w, g in zip(weights, gradients)]


step = by_hand if torch is None else autograd
for epoch in range(epochs):
    order = net.order(epoch, len(x))
    for batch in range(len(x) // lanes):
        rows = order[batch * lanes:(batch + 1) * lanes]
        weights = step(weights, x[rows], t[rows])

# %% [markdown]
# They differ only by the order in which sums are rounded:

# %%
for name, theirs in zip(names, weights):
    difference = np.abs(run[name] - theirs).max()
    print(f"{name}: largest difference {difference:.1e} after {run.epochs[-1]['updates']} updates")
    assert difference < 1e-12

# %% [markdown]
# Against its own backpropagation circuit, whose sums have the same order, there is no difference at all:

# %%
print(net.run(epochs=epochs, against="bp", trace=False, progress=False).against)
