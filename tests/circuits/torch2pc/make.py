#!/usr/bin/env python3
"""Makes torch2pc.h5: what Rosenbaum's own program learns from one batch, by each of his rules, and what PyTorch's Adam
makes of three batches. Needs PyTorch, h5py and TorchSeq2PC.py of https://github.com/RobertRosenbaum/Torch2PC:

    python3 make.py FOLDER_OF_TorchSeq2PC.py torch2pc.h5

The network is that of his MNIST experiments, made small: 10 x 10 pixels instead of 28 x 28, 3 and 2 maps instead of 10 and
5, layers of 6, 5 and 4 neurons instead of 50, 30 and 10. All numbers are float64, losses are summed over the batch.

His program takes the gradients of strict predictive coding with values that have moved once more than the errors. Here both
are those of the last iteration's beginning, as the circuit's synapses see them.
"""

import sys

import h5py
import numpy
import torch
from torch import nn

sys.path.insert(0, sys.argv[1])
import TorchSeq2PC as t2pc  # noqa: E402

BATCH, SIDE, CLASSES, ETA, ITERATIONS = 5, 10, 4, 0.1, 20
LAYERS = ["hidden1", "hidden2", "hidden3", "hidden4", "output"]

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def network():
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten()),
        nn.Sequential(nn.Linear(8, 6), nn.ReLU()),
        nn.Sequential(nn.Linear(6, 5), nn.ReLU()),
        nn.Sequential(nn.Linear(5, CLASSES)))


def batch():
    """Images with dark places, where whole windows of the first maps are equal, and their one-hot targets."""
    images = torch.rand(BATCH, 1, SIDE, SIDE)
    images[:, :, :4, :5] = 0
    images[:, :, 7:, 6:] = 0
    labels = torch.randint(CLASSES, (BATCH,))
    return images, nn.functional.one_hot(labels, CLASSES).to(images.dtype)


def cross_entropy(answer, target):
    return -(target * nn.functional.log_softmax(answer, dim=1)).sum()


def squares(answer, target):
    return ((answer - target) ** 2).sum() / 2


def strict(model, loss, images, targets):
    """Sets the gradients with errors and values of the same iteration."""
    forward, _, _ = t2pc.FwdPassPlus(model, loss, images, targets)
    _, errors = t2pc.StrictPCPredErrs(model, forward, loss, targets, ETA, ITERATIONS)
    values, _ = t2pc.StrictPCPredErrs(model, forward, loss, targets, ETA, ITERATIONS - 1)
    t2pc.SetPCGrads(model, errors, images, values)


def infer(rule):
    return lambda model, loss, images, targets: t2pc.PCInfer(model, loss, images, targets, rule, ETA, ITERATIONS)


def parameters(model):
    """(NAME, tensor) of all weights and biases, as matrices [post][pre] or [map][place in the window]."""
    for layer, block in zip(LAYERS, model):
        yield layer + ".forward", block[0].weight
        yield layer + ".bias", block[0].bias


def matrix(tensor):
    return tensor.detach().numpy().reshape(tensor.shape[0], -1)


def save(file, path, numbers):
    file.create_dataset(path, data=numpy.ascontiguousarray(numbers), track_times=False)


model = network()
with torch.no_grad():
    for each in model.parameters():
        each.mul_(1.5)  # so that values move far enough for strict and fixed predictions to differ
images, targets = batch()
with h5py.File(sys.argv[2], "w") as file:
    save(file, "inputs", images.reshape(BATCH, -1).numpy())
    save(file, "targets", targets.numpy())
    for name, tensor in parameters(model):
        save(file, name, matrix(tensor))
    cases = {"fixed-prediction/softmax": (infer("FixedPred"), cross_entropy),
             "fixed-prediction/linear": (infer("FixedPred"), squares),
             "strict/softmax": (strict, cross_entropy),
             "strict/linear": (strict, squares),
             "exact/softmax": (infer("Exact"), cross_entropy),
             "exact/linear": (infer("Exact"), squares)}
    for case, (rule, loss) in cases.items():
        model.zero_grad()
        rule(model, loss, images, targets)
        for name, tensor in parameters(model):
            save(file, f"{case}/{name}", -matrix(tensor.grad))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    for _ in range(3):
        optimizer.zero_grad()
        t2pc.PCInfer(model, cross_entropy, images, targets, "FixedPred", ETA, ITERATIONS)
        optimizer.step()
    for name, tensor in parameters(model):
        save(file, f"adam/{name}", matrix(tensor))
