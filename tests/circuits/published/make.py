#!/usr/bin/env python3
"""Makes published.h5: what a few published algorithms learn, computed by NumPy as their authors wrote them down, on small
random networks. The circuits are held to these numbers, update by update. Needs NumPy and h5py:

    python3 make.py published.h5

Weights are matrices [post][pre], a column for each sample of a batch; all numbers are float64.
"""

import sys

import h5py
import numpy as np

BATCH, UPDATES = 4, 5
random = np.random.default_rng(20)


def column(numbers):
    return numbers.reshape(-1, 1)


class Case:
    """A group of the file: initial weights, samples, and the weights after each update."""

    def __init__(self, name, inputs, targets, weights):
        self.group = file.create_group(name)
        self.batches = range(UPDATES)
        self.inputs, self.targets = inputs, targets
        self.put("inputs", inputs)
        self.put("targets", targets)
        self.save("0", weights)

    def put(self, path, numbers):
        self.group.create_dataset(path, data=np.ascontiguousarray(numbers), track_times=False)

    def save(self, update, weights):
        for name, matrix in weights.items():
            self.put(f"{update}/{name}", column(matrix) if matrix.ndim == 1 else matrix)

    def batch(self, n, size=BATCH):
        rows = slice(n * size, (n + 1) * size)
        return self.inputs[rows].T, self.targets[rows].T


# ---- Whittington and Bogacz 2017: pc_learn, infer_bio ------------------------------------------------------------------


def predictive_coding(name, variance, alpha, beta=0.1, iterations=50):
    """x[0]: input, x[2]: output; f before the weights. variance[k] belongs to layer k, alpha to the mean over a batch."""
    w = [random.uniform(-1, 1, (5, 6)), random.uniform(-1, 1, (3, 5))]
    b = [random.uniform(-0.2, 0.2, 5), random.uniform(-0.2, 0.2, 3)]

    def weights():
        return {"hidden1.forward": w[0], "output.forward": w[1], "hidden1.bias": b[0], "output.bias": b[1],
                "hidden1.feedback": w[1].T}

    case = Case(name, random.uniform(-1, 1, (BATCH * UPDATES, 6)), random.uniform(-1, 1, (BATCH * UPDATES, 3)), weights())
    for n in case.batches:
        sent, target = case.batch(n)  # the input sends its data as they are
        x = w[0] @ sent + column(b[0])

        def errors():
            return (x - w[0] @ sent - column(b[0])) / variance[1], (target - w[1] @ np.tanh(x) - column(b[1])) / variance[2]

        def energy(e1, e2):
            return -variance[1] * (e1**2).sum(0) - variance[2] * (e2**2).sum(0)

        e1, e2 = errors()
        before = energy(e1, e2)
        for _ in range(iterations):
            x = x + beta * ((1 - np.tanh(x) ** 2) * (w[1].T @ e2) - e1)
            e1, e2 = errors()
            rise = energy(e1, e2) - before
            before = before + rise
            # Neither of the two occasions at which the program would change its step, or stop.
            assert not (rise < 0).any() and not rise.mean() < 1e-6 * beta / variance[2] / 8
        step = alpha * variance[2] / BATCH
        w = [w[0] + step * e1 @ sent.T, w[1] + step * e2 @ np.tanh(x).T]
        b = [b[0] + step * e1.sum(1), b[1] + step * e2.sum(1)]
        case.save(str(n + 1), weights())


# ---- Scellier and Bengio 2017: model.py, one hidden layer --------------------------------------------------------------


class Energy:
    """Units between 0 and 1 and symmetric weights, as their program has them: W[k] is [below][above]."""

    def __init__(self):
        self.W = [random.uniform(-0.3, 0.3, (6, 5)), random.uniform(-0.3, 0.3, (5, 3))]
        self.b = [random.uniform(0.3, 0.6, 5), random.uniform(0.3, 0.6, 3)]

    def weights(self):
        return {"hidden.forward": self.W[0].T, "output.forward": self.W[1].T, "hidden.feedback": self.W[1],
                "hidden.bias": self.b[0], "output.bias": self.b[1]}

    def relax(self, inputs, h, y, ticks, beta=0.0, targets=0.0, epsilon=0.5):
        """Their energy's slope, and beta times that of |y - target|^2; all units at once."""
        for _ in range(ticks):
            h_slope = h - self.b[0] - inputs @ self.W[0] - y @ self.W[1].T
            y_slope = y - self.b[1] - h @ self.W[1] + beta * 2 * (y - targets)
            h, y = np.clip(h - epsilon * h_slope, 0, 1), np.clip(y - epsilon * y_slope, 0, 1)
        return h, y

    def products(self, inputs, h, y):
        return [inputs.T @ h / BATCH, h.T @ y / BATCH], [h.mean(0), y.mean(0)]

    def learn(self, one, other, alphas, over):
        for k, alpha in enumerate(alphas):
            self.W[k] = self.W[k] + alpha * (one[0][k] - other[0][k]) / over
            self.b[k] = self.b[k] + alpha * (one[1][k] - other[1][k]) / over


def samples(classes=3):
    return random.uniform(0, 1, (BATCH * UPDATES, 6)), np.eye(classes)[random.integers(classes, size=BATCH * UPDATES)]


def equilibrium_propagation(name, betas, alphas=(0.1, 0.05), free=50, nudged=8):
    """Each batch begins with all units at 0, as samples do when they are shown for the first time. Two betas: the
    products at the ends of both nudged phases, which begin with the same state, are compared (Laborieux et al. 2021)."""
    net = Energy()
    case = Case(name, *samples(), net.weights())
    for n in case.batches:
        inputs, targets = (each.T for each in case.batch(n))
        state = net.relax(inputs, np.zeros((BATCH, 5)), np.zeros((BATCH, 3)), free)
        at = [net.products(inputs, *state)] if len(betas) == 1 else []
        at += [net.products(inputs, *net.relax(inputs, *state, nudged, beta, targets)) for beta in betas]
        net.learn(at[1], at[0], alphas, betas[-1] * len(betas))
        case.save(str(n + 1), net.weights())


# ---- Almeida 1987, Pineda 1987: the gradient at the fixed point -------------------------------------------------------


def recurrent_backpropagation(name, alphas=(0.1, 0.05)):
    """Errors by solving the linear system of hidden and output units, sample by sample."""
    net = Energy()
    case = Case(name, *samples(), net.weights())
    for n in case.batches:
        inputs, targets = (each.T for each in case.batch(n))
        h, y = net.relax(inputs, np.zeros((BATCH, 5)), np.zeros((BATCH, 3)), 5000)
        u = np.concatenate([h, y], axis=1)
        mutual = np.block([[np.zeros((5, 5)), net.W[1]], [net.W[1].T, np.zeros((3, 3))]])
        total = u @ mutual + np.concatenate([inputs @ net.W[0] + net.b[0], np.tile(net.b[1], (BATCH, 1))], axis=1)
        assert np.abs(np.clip(total, 0, 1) - u).max() < 1e-15 and np.abs(total).min() > 1e-3 < np.abs(total - 1).min()
        slope = ((total > 0) & (total < 1)).astype(float)
        error = np.concatenate([np.zeros((BATCH, 5)), targets - y], axis=1)
        z = np.stack([np.linalg.solve(np.eye(8) - s[:, None] * mutual, s * e) for s, e in zip(slope, error)])
        dh, dy = z[:, :5], z[:, 5:]
        assert np.abs(dy).max() > 1e-2
        steps = [inputs.T @ dh, h.T @ dy + dh.T @ y], [dh.sum(0), dy.sum(0)]
        for k, alpha in enumerate(alphas):
            net.W[k] = net.W[k] + alpha / BATCH * steps[0][k]
            net.b[k] = net.b[k] + alpha / BATCH * steps[1][k]
        case.save(str(n + 1), net.weights())


# ---- Sacramento et al. 2018: Eq. 1 to 10, by Euler steps --------------------------------------------------------------


def microcircuit(name, learns_down, lag=0, alone=30, taught=50, dt=0.25, tau=120.0):
    """A batch is four circuits with the same weights, which learn the sum. Potentials begin at 0."""
    g_l, g_B, g_A, g_D, g_som = 0.1, 1.0, 0.8, 1.0, 0.8
    rates = {"hidden.up": 0.02, "output.up": 0.02, "hidden.inhibition": 0.03, "hidden.lateral": 0.03, "hidden.down": 0.01}
    W = {"hidden.up": random.uniform(-0.5, 0.5, (5, 6)), "output.up": random.uniform(-0.5, 0.5, (3, 5)),
         "hidden.down": random.uniform(-1, 1, (5, 3)), "hidden.inhibition": random.uniform(-1, 1, (5, 3)),
         "hidden.lateral": random.uniform(-0.5, 0.5, (3, 5))}
    case = Case(name, random.uniform(-1, 1, (BATCH * UPDATES, 6)), random.uniform(-1, 1, (BATCH * UPDATES, 3)), W)
    for n in case.batches:
        r_0, target = case.batch(n)
        u_P, u_I, u_O, v_B, v_A, v_D, v_O = (np.zeros((k, BATCH)) for k in (5, 3, 3, 5, 5, 3, 3))
        filtered = {each: np.zeros_like(W[each]) for each in W}
        for t in range(alone + taught):
            nudge = g_som * (target - u_O) if t > alone else 0  # the teacher, heard a step after it comes
            u_P, u_I, u_O = (u_P + dt * (-g_l * u_P + g_B * (v_B - u_P) + g_A * (v_A - u_P)),
                             u_I + dt * (-g_l * u_I + g_D * (v_D - u_I) + g_som * (u_O - u_I)),
                             u_O + dt * (-g_l * u_O + g_B * (v_O - u_O) + nudge))
            r_P, r_I, r_O = np.tanh(u_P), np.tanh(u_I), np.tanh(u_O)
            v_B, v_O, v_D = W["hidden.up"] @ r_0, W["output.up"] @ r_P, W["hidden.lateral"] @ r_P
            v_A = W["hidden.down"] @ r_O - W["hidden.inhibition"] @ r_I
            if t < lag:
                continue
            product = {"hidden.up": (r_P - np.tanh(g_B / (g_l + g_B + g_A) * v_B)) @ r_0.T,
                       "output.up": (r_O - np.tanh(g_B / (g_l + g_B) * v_O)) @ r_P.T,
                       "hidden.lateral": (r_I - np.tanh(g_D / (g_l + g_D) * v_D)) @ r_P.T,
                       "hidden.inhibition": v_A @ r_I.T}
            if learns_down:
                product["hidden.down"] = (r_P - np.tanh(W["hidden.down"] @ r_O)) @ r_O.T
            W = dict(W)
            for each, now in product.items():
                filtered[each] = filtered[each] + (now - filtered[each]) / tau
                W[each] = W[each] + rates[each] * filtered[each]
        case.save(str(n + 1), W)


with h5py.File(sys.argv[1], "w") as file:
    predictive_coding("variances/equal", [None, 1, 1], 0.2)
    predictive_coding("variances/different", [None, 2, 10], 0.2)
    equilibrium_propagation("energy/towards", [0.25])
    equilibrium_propagation("energy/away", [-0.25])
    equilibrium_propagation("energy/both", [-0.25, 0.25])
    recurrent_backpropagation("energy/gradient")
    microcircuit("dendritic/random", False)
    microcircuit("dendritic/learned", True)
    microcircuit("dendritic/lag", False, lag=50)
