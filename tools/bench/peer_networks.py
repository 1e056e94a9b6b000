"""The networks of `locus bench`, written for NumPy, PyTorch and Brian 2."""

import os
import subprocess

import numpy

BATCH, IMAGES, ALPHA = 20, 400, 0.001
PIXELS_ON = 0.19  # as `locus bench` draws them


def idx_bytes(folder, name, header):
    """The bytes of a file of MNIST behind its header."""
    with open(os.path.join(folder, name), "rb") as file:
        return numpy.frombuffer(file.read()[header:], numpy.uint8)


def data(layers, precision, folder):
    """Images as rates, and targets with one 1 among 0s: the first of a folder with MNIST's files, or random ones."""
    random = numpy.random.default_rng(1)
    kind = {"f32": numpy.float32, "f64": numpy.float64}[precision]
    if folder:
        images = idx_bytes(folder, "train-images-idx3-ubyte", 16).reshape(-1, layers[0])[:IMAGES] / 255
        labels = idx_bytes(folder, "train-labels-idx1-ubyte", 8)[:IMAGES]
    else:
        on = random.random((IMAGES, layers[0])) < PIXELS_ON
        images = numpy.where(on, random.integers(1, 256, (IMAGES, layers[0])) / 255, 0)
        labels = random.integers(0, layers[-1], IMAGES)
    images, targets = images.astype(kind), numpy.eye(layers[-1], dtype=kind)[labels]
    weights = []
    for before, after in zip(layers, layers[1:]):
        limit = (6 / (before + after)) ** 0.5
        weights.append(random.uniform(-limit, limit, (before, after)).astype(kind))
    return images, targets, weights


def batches():
    """Samples of one batch after the other, without end."""
    order, at = numpy.arange(IMAGES), 0
    while True:
        yield order[at : at + BATCH]
        at = (at + BATCH) % IMAGES


def numpy_step(layers, precision, folder=None):
    """One step of gradient descent, in place where NumPy can."""
    images, targets, weights = data(layers, precision, folder)
    chosen = batches()
    alpha = weights[0].dtype.type(ALPHA)

    def step():
        samples = next(chosen)
        rates, target = [images[samples]], targets[samples]
        for w in weights:
            drive = rates[-1] @ w
            numpy.negative(drive, out=drive)
            numpy.exp(drive, out=drive)
            drive += 1
            rates.append(numpy.reciprocal(drive, out=drive))
        delta = (target - rates[-1]) * rates[-1] * (1 - rates[-1])
        for k in reversed(range(len(weights))):
            change = rates[k].T @ delta
            change *= alpha
            if k > 0:
                delta = (delta @ weights[k].T) * rates[k] * (1 - rates[k])
            weights[k] += change

    return step


def torch_step(torch, layers, precision, folder=None):
    """One step of torch.optim.SGD on a torch.nn.Sequential."""
    images, targets, weights = data(layers, precision, folder)
    images, targets = torch.from_numpy(images), torch.from_numpy(targets)
    parts = []
    for w in weights:
        linear = torch.nn.Linear(*w.shape, bias=False, dtype=images.dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T))
        parts += [linear, torch.nn.Sigmoid()]
    network = torch.nn.Sequential(*parts)
    optimizer = torch.optim.SGD(network.parameters(), lr=ALPHA)
    error = torch.nn.MSELoss(reduction="sum")
    chosen = map(torch.from_numpy, batches())

    def step():
        samples = next(chosen)
        optimizer.zero_grad()
        (error(network(images[samples]), targets[samples]) / 2).backward()
        optimizer.step()

    return step


def brian_program(brian, sizes, connect, precision, ticks, folder):
    """Compiles a network that sends in every tick, as C++ that runs `ticks` of them. A summed variable is a port."""
    brian.device.reinit()
    brian.device.activate()
    brian.set_device("cpp_standalone", build_on_run=False)
    brian.prefs.core.default_float_dtype = {"f32": numpy.float32, "f64": numpy.float64}[precision]
    source = brian.NeuronGroup(sizes[0], "x : 1")
    source.x = "rand() + 0.1"
    source.run_regularly("x = -x")
    parts = [source]
    for size in sizes[1:]:
        target = brian.NeuronGroup(size, "b : 1\nx : 1")
        target.run_regularly("x = tanh(b)")
        synapses = brian.Synapses(parts[-1] if len(parts) == 1 else parts[-2], target,
                                  "w : 1\nb_post = w * x_pre : 1 (summed)")
        synapses.connect(**connect)
        synapses.w = "0.2 * (rand() - 0.5)"
        parts += [target, synapses]
    brian.Network(*parts).run(ticks * brian.defaultclock.dt)
    brian.device.build(directory=folder, compile=True, run=False)


def brian_run(folder):
    """Seconds that the ticks of a compiled network take, by its own clock."""
    subprocess.run([os.path.join(folder, "main")], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    with open(os.path.join(folder, "results", "last_run_info.txt"), encoding="ascii") as file:
        return float(file.read().split()[0])


def messages_of(sizes, connect):
    """Expected messages of a tick."""
    return connect.get("p", 1) * sum(a * b for a, b in zip(sizes, sizes[1:]))
