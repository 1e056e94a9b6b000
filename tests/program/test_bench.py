#!/usr/bin/env python3
"""`locus bench` and its peers."""

import json
import os
import re
import subprocess
import sys

from testing import PROGRAM, SOURCE, Scratch, locus, main


class Bench(Scratch):
    """The shape of what `locus bench` says; never the speeds."""

    ONE_TABLE = {"update": "784-32-10, f32", "message": "dense, 784-32-10, f32", "learn": "784-32-10, f32",
                 "build": "dense, 1000 <-> 1000, f32", "memory": "dense, 1000 <-> 1000, f64", "trace": "value.x",
                 "quiet": "", "threads": "784-32-10, f32", "kernel": "deliver, 784 -> 32, lanes 20, f32",
                 "windows": "10 -> 5 channels, from 12 x 12, lanes 1, f32",
                 "rules": "synapses, 784 -> 32, lanes 1, f32"}

    def test_every_suite_measures_and_judges(self):
        text = locus("help", "bench")[1]
        listed = re.findall(r"^  ([a-z]+) ", text[: text.index("examples")], re.M)
        self.assertEqual(sorted(listed), sorted(self.ONE_TABLE))
        for suite, title in self.ONE_TABLE.items():
            with self.subTest(suite):
                code, out, err = locus("bench", suite, "--only", title, "--seconds", "0.01", "--repeats", "2",
                                       "--json", "o.json")
                self.assertEqual((code, err), (0, ""))
                with open("o.json", encoding="utf-8") as file:
                    result = json.load(file)
                for key in ("processor", "cores", "simd", "compiler", "openblas", "load"):
                    self.assertIn(key, result["machine"])
                self.assertIn(result["machine"]["simd"], out)
                (found,) = result["suites"]
                self.assertEqual(found["name"], suite)
                (table,) = found["tables"]
                self.assertIn(table["title"], out)
                if not table["rows"]:
                    self.assertTrue(table["notes"])
                    continue
                self.judge(table, {target["key"] for target in result["targets"]}, out)

    def judge(self, table, keys, out):
        judged = 0
        for row in table["rows"]:
            self.assertIn(row["name"], out)
            for quantity in row["quantities"]:
                self.assertIn(quantity["unit"], out)
                self.assertLessEqual(len(quantity["rounds"]), 2)
                self.assertLessEqual(quantity["min"], quantity["median"])
                self.assertLessEqual(quantity["median"], quantity["max"])
                self.assertTrue(all(number >= 0 for number in quantity["rounds"]))
                if "target" in quantity:
                    judged += 1
                    self.assertIn(quantity["target"], keys)
                    self.assertIsInstance(quantity["met"], bool)
        self.assertGreater(judged, 0, table["title"])

    def test_json_on_standard_output_stands_alone(self):
        code, out, err = locus("bench", "quiet", "--seconds", "0.01", "--repeats", "1", "--json", "-")
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(out)["format"], "locus-bench")
        self.assertIn("10^9", err)

    def test_the_targets_are_the_documented_ones(self):
        code, out, _ = locus("bench", "--targets")
        self.assertEqual(code, 0)
        with open(os.path.join(SOURCE, "tools", "bench", "README.md"), encoding="utf-8") as file:
            self.assertIn(out, file.read())

    def test_the_netlists_can_be_repeated(self):
        code, out, _ = locus("bench", "--print-netlists")
        self.assertEqual(code, 0)
        netlists = re.split(r"^# ---- .*\n", out, flags=re.M)[1:]
        self.assertGreater(len(netlists), 20)
        for text in set(netlists):
            self.write("n.toml", text)
            code, _, err = locus("describe", "n.toml")
            self.assertEqual((code, err), (0, ""), text)

    def test_overrides_reach_the_networks(self):
        code, out, _ = locus("bench", "update", "--print-netlists", "--set", "circuit.activation=tanh")
        self.assertEqual(code, 0)
        self.assertEqual(out.count("tanh"), out.count("# ----"))

    def test_mistakes(self):
        self.fails(2, r'no suite is called "updat".*did you mean "update"', "bench", "updat")
        self.fails(2, "--repeats 0", "bench", "quiet", "--repeats", "0")
        self.fails(2, "--seconds -1", "bench", "quiet", "--seconds=-1")
        self.fails(2, 'no table .* has that', "bench", "quiet", "--only", "nothing")
        self.fails(2, "circuit.lane", "bench", "update", "--set", "circuit.lane=1")
        self.fails(1, "cannot write", "bench", "quiet", "--seconds", "0.01", "--repeats", "1", "--json", "no/where")

    def test_peers(self):
        done = subprocess.run([sys.executable, os.path.join(SOURCE, "tools", "bench", "peers.py"), PROGRAM, "--only",
                               "update, 784-32-10, f32", "--rounds", "2", "--seconds", "0.01", "--json", "o.json"],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open("o.json", encoding="utf-8") as file:
            (table,) = json.load(file)["tables"]
        self.assertEqual(len(table["costs"]["Locus Fa-Z-IL"]), 2)
        self.assertEqual(len(table["ratios"]["Locus BP"]["rounds"]), 2)
        self.assertIn("Locus Fa-Z-IL / Locus BP", done.stdout)


if __name__ == "__main__":
    main()
