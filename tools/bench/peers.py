#!/usr/bin/python3
"""Runs the networks of `locus bench` in other programs, in turns with Locus, and prints the ratios.

  tools/bench/peers.py build/release/locus                    everything, in about five minutes
  tools/bench/peers.py build/release/locus --only 784-32-10   the tables with that in their title
  tools/bench/peers.py build/release/locus --data ~/.local/share/locus/mnist     MNIST's images instead of random ones
  tools/bench/peers.py build/release/locus --json peers.json  all rounds, for programs

PyTorch (autograd) and NumPy (written by hand) train the same networks by backpropagation: batches of 20 of 400 images,
pixels as rates, sigmoid units without bias, squared error, gradient descent; a step puts the batch on, goes forward,
comes back, updates. Brian 2 sends the messages of `locus bench message`. All run on one thread. What is not installed is left out (Debian: python3-torch,
python3-numpy, python3-brian, from Debian's own /usr/bin/python3).
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[variable] = "1"  # read when the libraries are loaded


def instruction_set():
    """The kernels that Locus takes on this machine: "avx512", "avx2" or another's name."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = set(file.read().split())
    best = "avx512" if {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= flags else "avx2" if "avx2" in flags else ""
    return os.environ.get("LOCUS_SIMD", best)


# On a virtual processor that it does not know, OpenBLAS takes kernels of the year 2004.
if instruction_set() in ("avx2", "avx512"):
    os.environ.setdefault("OPENBLAS_CORETYPE", {"avx2": "Haswell", "avx512": "SkylakeX"}[instruction_set()])

import argparse
import importlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

NETWORKS = ([784, 32, 10], [784, 32, 32, 32, 10], [784, 512, 512, 10])
PRECISIONS = ("f32", "f64")


def load(name):
    """A module, or None with a word on stderr."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as reason:
        print(f"peers.py: without {name}: {reason}", file=sys.stderr)
        return None


numpy = load("numpy")
networks = load("peer_networks") if numpy is not None else None


def name_of(layers):
    return "-".join(map(str, layers))


def time_of(step, seconds):
    """Seconds of processor time per step."""
    done, start, cpu = 0, time.perf_counter(), time.process_time()
    while done == 0 or time.perf_counter() - start < seconds:
        step()
        done += 1
    return (time.process_time() - cpu) / done


class Locus:
    """`locus bench`, one table at a time."""

    def __init__(self, program, overrides):
        self.program = program
        self.overrides = [word for override in overrides for word in ("--set", override)]
        self.machine, self.version, self.targets = None, None, {}

    def table(self, suite, title, seconds):
        """{row: median of its cost}, measured now."""
        command = [self.program, "bench", suite, "--only", title, "--seconds", str(seconds), "--repeats", "3"]
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "result.json")
            done = subprocess.run(command + self.overrides + ["--json", name], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"peers.py: {' '.join(command)} failed: {done.stderr.strip()}")
            with open(name, encoding="utf-8") as file:
                result = json.load(file)
        self.machine, self.version = result["machine"], result["version"]
        self.targets = {target["key"]: target for target in result["targets"]}
        rows = result["suites"][0]["tables"][0]["rows"]
        return {row["name"]: row["quantities"][0]["median"] for row in rows}


# ---- weight updates -----------------------------------------------------------------------------------------------

LOCUS_ROWS = {"Fa-Z-IL, shortest times": "Locus Fa-Z-IL", "BP (backpropagation as a circuit)": "Locus BP"}


def measure_updates(locus, torch, layers, precision, arguments):
    """{who: [microseconds per update, one a round]}, all in turns."""
    steps = {}
    if numpy is not None:
        steps["NumPy BP"] = networks.numpy_step(layers, precision, arguments.data)
    if torch is not None and numpy is not None:
        steps["PyTorch BP"] = networks.torch_step(torch, layers, precision, arguments.data)
    for step in steps.values():
        time_of(step, 0.05)
    costs = {who: [] for who in (*LOCUS_ROWS.values(), *steps)}
    for _ in range(arguments.rounds):
        table = locus.table("update", f"{name_of(layers)}, {precision}", 5 * arguments.seconds)
        for row, who in LOCUS_ROWS.items():
            costs[who].append(table[row])
        for who, step in steps.items():
            costs[who].append(1e6 * time_of(step, arguments.seconds))
    return costs


# ---- messages: Brian 2 ----------------------------------------------------------------------------------------------

MESSAGES = {  # title of a table of `locus bench message`: its row, sizes of the layers, how they are connected
    "dense, 784-32-10": ("Locus", [784, 32, 10], {}),
    "sparse, 20 000 neurons, in-degree 100": ("Locus, all sources active", [20000, 20000], {"p": 100 / 20000}),
}


def measure_messages(locus, brian, title, precision, folder, arguments):
    """{who: [nanoseconds per message, one a round]}, in turns."""
    row, sizes, connect = MESSAGES[title]
    ticks = max(20, int(arguments.seconds * 1e9 / (2 * networks.messages_of(sizes, connect))))
    networks.brian_program(brian, sizes, connect, precision, ticks, folder)
    networks.brian_run(folder)
    costs = {"Locus": [], "Brian 2": []}
    for _ in range(arguments.rounds):
        costs["Locus"].append(locus.table("message", f"{title}, {precision}", 4 * arguments.seconds)[row])
        costs["Brian 2"].append(1e9 * networks.brian_run(folder) / (ticks * networks.messages_of(sizes, connect)))
    return costs


# ---- results -------------------------------------------------------------------------------------------------------


def spread(values):
    return f"{statistics.median(values):.4g} ({min(values):.4g} .. {max(values):.4g})"


def verdict(target, ratios):
    if target is None:
        return ""
    met = statistics.median(ratios) <= target["value"]
    return f"   <= {target['value']}: {'ok' if met else 'NOT MET'}"


def report(title, unit, costs, target_of):
    """Prints a table; returns it for programs. The first of `costs` is compared with the others, round by round."""
    ours, *others = costs
    print(f"\n{title}: {unit}, median (least .. most)")
    for who, values in costs.items():
        print(f"  {who:<14} {spread(values)}")
    table = {"title": title, "unit": unit, "costs": costs, "ratios": {}}
    for who in others:
        ratios = [a / b for a, b in zip(costs[ours], costs[who])]
        target = target_of(who)
        print(f"  {ours} / {who}: {spread(ratios)}{verdict(target, ratios)}")
        table["ratios"][who] = {"rounds": ratios, "median": statistics.median(ratios)}
        if target is not None:
            table["ratios"][who]["target"] = target["key"]
    sys.stdout.flush()
    return table


def run_updates(locus, torch, arguments):
    tables = []
    for layers in NETWORKS:
        for precision in PRECISIONS:
            title = f"update, {name_of(layers)}, {precision}"
            if arguments.only not in title:
                continue
            costs = measure_updates(locus, torch, layers, precision, arguments)
            key = f"peers.{name_of(layers)}.{precision}."
            keys = {"PyTorch BP": key + "torch", "NumPy BP": key + "numpy"}
            tables.append(report(title, "us per update", costs, lambda who: locus.targets.get(keys.get(who))))
    return tables


def run_messages(locus, brian, arguments):
    tables = []
    for kind in MESSAGES:
        for precision in PRECISIONS:
            title = f"message, {kind}, {precision}"
            if arguments.only not in title:
                continue
            folder = tempfile.mkdtemp(prefix="locus-brian-")
            try:
                costs = measure_messages(locus, brian, kind, precision, folder, arguments)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            tables.append(report(title, "ns per message", costs, lambda who: None))
    return tables


def versions(modules):
    """What was compared, and the BLAS that NumPy and PyTorch found."""
    found = {name: module.__version__ for name, module in modules.items() if module is not None}
    with open("/proc/self/maps", encoding="utf-8") as maps:
        blas = {line.split()[-1] for line in maps if "libopenblas" in line or "libblas" in line}
    return found | {"BLAS": ", ".join(sorted(map(os.path.basename, blas)))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the program locus")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the tables whose title holds TEXT")
    parser.add_argument("--rounds", type=int, default=7, help="rounds (7)")
    parser.add_argument("--seconds", type=float, default=0.2, help="how long each runs in a round (0.2)")
    parser.add_argument("--data", metavar="DIR", help="a folder with the files of MNIST, not gzipped, or of a set like it")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="passed on to locus bench")
    parser.add_argument("--json", metavar="FILE", help="write all rounds for programs")
    arguments = parser.parse_args()
    torch, brian = load("torch"), load("brian2") if numpy is not None else None
    if torch is not None:
        torch.set_num_threads(1)
    facts = versions({"numpy": numpy, "torch": torch, "brian2": brian})
    print(", ".join(f"{name} {version}" for name, version in facts.items()))
    chosen = [f"stimuli.data=idx:{arguments.data}"] if arguments.data else []
    locus = Locus(os.path.abspath(arguments.program), chosen + arguments.set)
    tables = run_updates(locus, torch, arguments)
    if brian is not None:
        tables += run_messages(locus, brian, arguments)
    if not tables:
        sys.exit(f"peers.py: no table has \"{arguments.only}\" in its title")
    if arguments.json:
        result = {"format": "locus-peers", "version": locus.version, "machine": locus.machine, "peers": facts,
                  "data": arguments.data or "random images",
                  "rounds": arguments.rounds, "seconds": arguments.seconds, "tables": tables}
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=2)


if __name__ == "__main__":
    main()
