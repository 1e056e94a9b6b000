#!/usr/bin/env python3
"""Every command and every netlist."""

import json
import os
import platform
import re
import signal
import subprocess

from testing import NETLISTS, PROGRAM, SOURCE, Scratch, compiled_sets, ending, locus, main


def instruction_sets():
    """Those that were compiled and that this machine can run, by what it says of itself."""
    if platform.machine() != "x86_64":
        return ["scalar", "native"] if platform.machine() == "aarch64" else ["scalar"]
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next(line for line in file if line.startswith("flags")).split()
    avx2 = {"avx2", "fma", "bmi1", "bmi2", "abm", "f16c", "movbe", "aes"}
    has = {"avx2": avx2, "avx512": avx2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}}
    return ["scalar"] + [target for target, needs in has.items() if needs <= set(flags) and target in compiled_sets()]


class Commands(Scratch):
    def test_help_lists_every_command_and_documents_each(self):
        code, out, _ = locus("help")
        self.assertEqual(code, 0)
        commands = re.findall(r"^  ([a-z]+) ", out, re.M)
        self.assertIn("run", commands)
        for command in commands:
            code, text, _ = locus("help", command)
            self.assertEqual(code, 0)
            self.assertTrue(text.strip())

    def test_version(self):
        code, out, _ = locus("version")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^locus \d+\.\d+\.\d+\n$")

    def test_models_shows_each_model(self):
        code, out, _ = locus("models")
        self.assertEqual(code, 0)
        names = re.findall(r"^  ([a-z-]+) ", out, re.M)
        self.assertIn("phi", names)
        for name in names:
            code, text, _ = locus("models", name)
            self.assertEqual(code, 0)
            self.assertIn("equation", text)
            self.assertIn("source", text)

    def test_long_form_gives_the_same_bits(self):
        code, out, _ = locus("expand", "small.toml")
        self.assertEqual(code, 0)
        self.write("long.toml", out)
        hashes = []
        for name in ("small.toml", "long.toml"):
            self.assertEqual(locus("run", name, "--json", "o.json")[0], 0)
            with open("o.json", encoding="utf-8") as file:
                result = json.load(file)
            hashes.append((result["weights_sha256"], result["messages"], result["spikes"]))
        self.assertEqual(hashes[0], hashes[1])

    def test_a_graph_with_several_inputs_and_outputs(self):
        self.write("graph.toml", """
[circuit]
template = "graph"
inputs = ["left", "right"]
outputs = ["xor", "and"]
nodes = [
  { name = "left", size = 1 },
  { name = "right", size = 1 },
  { name = "h", size = 6, activation = "tanh" },
  { name = "g", size = 3, activation = "relu" },
  { name = "xor", size = 1 },
  { name = "and", size = 1 },
]
edges = [
  { from = "left", to = "h" }, { from = "right", to = "h" }, { from = "h", to = "g" }, { from = "g", to = "xor" },
  { from = "h", to = "xor" }, { from = "right", to = "and" }, { from = "h", to = "and" },
]
[learning]
alpha = 0.1
[stimuli]
data = { inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0, 0], [1, 0], [1, 0], [0, 1]] }
encode = "rate"
predict = 5
teach = 3
epochs = 20
""")
        code, _, err = locus("run", "graph.toml", "--against", "bp", "--json", "o.json")
        self.assertEqual((code, err), (0, ""))
        with open("o.json", encoding="utf-8") as file:
            short = json.load(file)
        self.assertTrue(short["against"]["bit_identical"])
        self.assertIsNotNone(short["epochs"][-1]["train_accuracy"])
        code, out, err = locus("expand", "graph.toml")
        self.assertEqual((code, err), (0, ""))
        self.write("long.toml", out)
        self.assertEqual(locus("run", "long.toml", "--json", "o.json")[0], 0)
        with open("o.json", encoding="utf-8") as file:
            long = json.load(file)
        self.assertEqual(long["weights_sha256"], short["weights_sha256"])
        code, out, _ = locus("describe", "long.toml", "--json", "d.json")
        self.assertEqual(code, 0)
        self.assertIn("xor.value (1 neuron), columns = [0, 1], compared with xor.value.x", out)
        with open("d.json", encoding="utf-8") as file:
            outside = json.load(file)["sources"]
        self.assertEqual({s["population"]: s["columns"] for s in outside},
                         {"left.value": [0, 1], "right.value": [1, 2], "xor.value": [0, 1], "and.value": [1, 2]})
        code, out, _ = locus("describe", "long.toml", "--ranks", "3", "--json", "d.json")
        self.assertEqual(code, 0)
        self.assertIn("in 3 processes: memory at most ", out)
        with open("d.json", encoding="utf-8") as file:
            told = [rank["told_per_tick"] for rank in json.load(file)["ranks"]]
        self.assertEqual((len(told), told[0]), (3, min(told)))  # a single panel of each population, which is the last one's
        code, out, _ = locus("audit", "graph.toml", "--require", "equivalence,full-autonomy")
        self.assertEqual(code, 0, out)
        code, _, err = locus("run", "graph.toml", "--set", "circuit.nodes[5].size=2")
        self.assertEqual(code, 2)
        self.assertIn('the stimulus of "and.value" has columns = [1, 3], but the targets of data "inline" have 2 columns',
                      err)
        code, out, _ = locus("run", "graph.toml", "--set", "circuit.levelling=false", "--against", "bp")
        self.assertEqual(code, 0)
        self.assertIn("weights bit-identical to backpropagation after 80 updates: no", out)
        self.assertRegex(out, r"largest difference \S+ \(relative \S+, (\d{1,6}|\d\.\de\+\d\d) ulp\) at ")

    def test_digits_is_backpropagation_bit_for_bit(self):
        code, out, _ = locus("run", os.path.join(NETLISTS, "digits.toml"), "--against", "bp", "--json", "o.json")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"weights bit-identical to backpropagation after \d+ updates: yes")
        with open("o.json", encoding="utf-8") as file:
            result = json.load(file)
        self.assertGreaterEqual(result["against"]["updates"], 1500)
        self.assertTrue(result["against"]["bit_identical"])
        self.assertGreaterEqual(result["epochs"][-1]["test_accuracy"], 0.94)
        for key in ("updates", "ticks", "messages", "spikes", "presentations", "wall_s", "seed", "precision", "version"):
            self.assertIn(key, result)

    def test_every_netlist_runs_and_is_what_it_says(self):
        identical = {"xor": True, "digits": True, "digits-online": True, "digits-bp": True, "digits-exact": True,
                     "digits-bp-learned-feedback": True, "digits-bp-adam": True, "digits-zil": False, "digits-continuous": False,
                     "digits-il": False, "digits-strict": False, "digits-fixed-prediction": False,
                     "digits-feedback-alignment": False, "linear-feedback-alignment": False,
                     "digits-kolen-pollack": False, "digits-weight-mirror": False,
                     "digits-bmvr": False, "digits-bmvr-decoupled": False, "digits-bmvr-relu": False,
                     "graph-skip": True, "digits-patches": True, "digits-conv": True, "rnn-unrolled": True,
                     "digits-softmax": True, "digits-pool": False, "digits-relaxed": False,
                     "digits-target-propagation": False}
        without_twin = {"eligibility", "short-term-plasticity", "equilibrium-propagation",
                        "equilibrium-propagation-symmetric", "recurrent-backpropagation", "digits-variances",
                        "dendritic-microcircuit", "dendritic-microcircuit-lag", "dendritic-self-prediction",
                        "dendritic-teacher", "dendritic-backpropagation", "dendritic-teacher-backpropagation", "movie", "sine", "rao-ballard"}
        for file in sorted(os.listdir(NETLISTS)):
            if not file.endswith(".toml"):
                continue
            with self.subTest(file):
                name = file[:-5]
                against = [] if name in without_twin else ["--against", "bp"]
                code, out, err = locus("run", os.path.join(NETLISTS, file), *against, "--updates", "60",
                                       "--no-test", "--no-trace", "--json", "o.json")
                self.assertEqual(code, 0, err)
                self.assertEqual(err, "")
                if not against:
                    continue
                with open("o.json", encoding="utf-8") as result:
                    against = json.load(result)["against"]
                self.assertEqual(against["bit_identical"], identical[name])
                if name in ("digits-zil", "digits-continuous"):
                    self.assertLess(against["max_abs"], 1e-14)

    def test_every_netlist_has_its_fingerprint_on_every_instruction_set(self):
        with open(os.path.join(SOURCE, "tests", "fingerprints.json"), encoding="utf-8") as file:
            fingerprints = json.load(file)
        bits_version = fingerprints.pop("bits_version")  # moves with any of the hashes (CONTRIBUTING.md)
        self.assertEqual(sorted(fingerprints), sorted(f[:-5] for f in os.listdir(NETLISTS) if f.endswith(".toml")))
        for target in instruction_sets():
            environment = {**os.environ, "LOCUS_SIMD": target}
            for name, expected in fingerprints.items():
                with self.subTest(netlist=name, target=target):
                    code, _, err = locus("run", os.path.join(NETLISTS, name + ".toml"), "--updates", "60", "--no-test",
                                         "--no-trace", "--json", "o.json", env=environment)
                    self.assertEqual(code, 0, err)
                    with open("o.json", encoding="utf-8") as file:
                        result = json.load(file)
                    self.assertEqual({key: result[key] for key in expected}, expected)
                    self.assertEqual(result["bits_version"], bits_version)

    def test_highways_library_is_not_loaded(self):
        """It would measure the processor's clock at each start, for a third of the time that the start takes."""
        loaded = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True, check=True).stdout
        self.assertIn("libhdf5", loaded)
        self.assertNotIn("libhwy", loaded)

    def test_instruction_sets_of_other_machines_are_refused(self):
        usable = instruction_sets()
        for target in {"scalar", "avx2", "avx512", "native"} - set(usable):
            code, _, err = locus("run", "small.toml", env={**os.environ, "LOCUS_SIMD": target})
            self.assertEqual(code, 2)
            self.assertIn("is no instruction set that this machine has", err)

    def test_saved_weights_run_on(self):
        self.assertEqual(locus("run", "small.toml", "--save-weights", "w.h5")[0], 0)
        code, out, err = locus("run", "small.toml", "--set", "weights.file=w.h5", "--set", "learning.alpha=0",
                               "--json", "a.json")
        self.assertEqual(code, 0, err)
        self.assertEqual(locus("run", "small.toml", "--json", "b.json")[0], 0)
        with open("a.json", encoding="utf-8") as a, open("b.json", encoding="utf-8") as b:
            self.assertEqual(json.load(a)["weights_sha256"], json.load(b)["weights_sha256"])

    def test_recording_changes_nothing_and_equal_runs_give_equal_files(self):
        hashes = []
        for extra in (["--trace", "a.h5"], ["--trace", "b.h5"], []):
            self.assertEqual(locus("run", "small.toml", "--json", "o.json", *extra)[0], 0)
            with open("o.json", encoding="utf-8") as file:
                hashes.append(json.load(file)["weights_sha256"])
        self.assertEqual(len(set(hashes)), 1)
        with open("a.h5", "rb") as a, open("b.h5", "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_messages_are_those_that_the_run_counts(self):
        code, _, err = locus("run", "small.toml", "--trace", "t.h5", "--messages", "--json", "o.json")
        self.assertEqual(code, 0, err)
        with open("o.json", encoding="utf-8") as file:
            result = json.load(file)
        rows = subprocess.run(["h5ls", "t.h5/messages/value"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(int(re.search(r"\{(\d+)/", rows)[1]), result["messages"] + result["links"])

    def test_interrupt_ends_cleanly_with_a_summary(self):
        process = subprocess.Popen([PROGRAM, "run", "small.toml", "--set", "stimuli.epochs=100000000", "--trace", "t.h5",
                                    "--set", "trace.every=1000"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        while "epoch" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("stopped early", out)
        self.assertRegex(out, r"\d+ weight updates in")
        self.assertEqual(ending("t.h5")[0], "interrupted by the user")

    def test_termination_ends_cleanly(self):
        process = subprocess.Popen([PROGRAM, "run", "small.toml", "--set", "stimuli.epochs=100000000"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        while "epoch  " not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)


if __name__ == "__main__":
    main()
