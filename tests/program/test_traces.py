#!/usr/bin/env python3
"""`locus trace` on traces of small runs."""

import csv
import json
import os
import re
import subprocess

from testing import Scratch, locus, main


GRID = """
[[population]]
name = "image"
model = "point-value"
shape = [6, 6]
[[population]]
name = "map"
model = "point-value"
shape = [2, 4, 4]
[[population]]
name = "row"
model = "point-value"
size = 4
[[projection]]
name = "features"
from = "image.rate"
to = "map.feedback"
connect = { window = [3, 3] }
synapse = "fixed"
[[projection]]
name = "all"
from = "map.rate"
to = "row.feedback"
synapse = "fixed"
[[stimulus]]
population = "image"
role = "input"
[stimuli]
data = { inputs = [[%s], [%s]], targets = [[0], [0]] }
predict = 4
teach = 1
""" % (", ".join(str(n % 7) for n in range(36)), ", ".join(str(n % 5) for n in range(36)))


class Traces(Scratch):
    def setUp(self):
        super().setUp()
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)

    def trace(self, *arguments):
        code, out, err = locus("trace", *arguments)
        self.assertEqual((code, err), (0, ""), (arguments, out))
        return out

    def test_help_has_every_part(self):
        code, out, _ = locus("help", "trace")
        self.assertEqual(code, 0)
        parts = re.findall(r"^  trace ([a-z]+) ", out, re.M)
        self.assertIn("diff", parts)
        for part in parts:
            self.assertIn("usage: locus trace " + part, locus("help", "trace", part)[1])
            self.assertIn("usage: locus trace " + part, locus("trace", part, "--help")[1])
        self.assertEqual(locus("trace")[0], 2)
        self.fails(2, r'unknown command "trace shwo" \(did you mean "trace show"\?\)', "trace", "shwo")
        self.fails(2, r"file is missing; usage: locus trace info FILE", "trace", "info")

    def test_info(self):
        out = self.trace("info", "t.h5")
        self.assertRegex(out, r"run: complete")
        self.assertRegex(out, r"ticks: 0 to 71; 72 frames")
        self.assertRegex(out, r"hidden1\.value\.x +3 neurons")
        self.assertEqual(json.loads(self.trace("info", "t.h5", "--json"))["frames"], 72)
        # What was run can be run again.
        self.write("again.toml", self.trace("info", "t.h5", "--netlist"))
        self.assertEqual(locus("run", "again.toml", "--trace", "again.h5")[0], 0)
        self.assertIn("no value differs", self.trace("diff", "t.h5", "again.h5"))

    def test_show(self):
        rows = self.trace("show", "t.h5", "--select", "output.phi.spike", "--select", "eps[0]", "--ticks", "9:12",
                          "--csv").splitlines()
        self.assertEqual(rows[0], "tick,hidden1.error.eps[0],output.error.eps[0],output.phi.spike[0]")
        self.assertEqual([row.split(",")[0] for row in rows[1:]], ["9", "10", "11"])
        # Presentations last 6 ticks; that of (0, 0) is predicted already, the second one's teacher comes on at 6 + 4.
        self.assertEqual([row.split(",")[3] for row in rows[1:]], ["0", "1", "0"])
        self.assertRegex(self.trace("show", "t.h5", "--select", "output.value.x"), r"^ +tick  output\.value\.x\[0\]\n")
        self.fails(2, r'"hidden1\.valeu": .*did you mean "hidden1\.value\.[a-z]+"', "trace", "show", "t.h5", "--select",
                   "hidden1.valeu")
        self.fails(2, r'--ticks 100: "t\.h5" has ticks 0 to 71', "trace", "show", "t.h5", "--ticks", "100")
        self.fails(2, r"columns are too many for a table", "trace", "show", "t.h5")

    def test_diff(self):
        self.assertEqual(locus("run", "small.toml", "--trace", "u.h5", "--set", "learning.alpha=0.2")[0], 0)
        code, out, err = locus("trace", "diff", "t.h5", "u.h5")
        self.assertEqual((code, err), (1, ""))
        self.assertIn("settings differ: netlist, only B: alpha = 0.2", out)
        # The first weights change after tick 10, see above.
        self.assertRegex(out, r"first difference: tick 11, \S+\n  A  \S+\n  B  \S+\n  [0-9 ]+ ulp apart")
        self.assertEqual(locus("run", "small.toml", "--trace", "v.h5", "--set", 'trace.record=["x"]')[0], 0)
        code, out, _ = locus("trace", "diff", "t.h5", "v.h5")
        self.assertEqual(code, 1)
        self.assertIn("only A recorded hidden1.error.eps", out)
        self.assertIn("no value differs", out)
        self.assertEqual(locus("run", "small.toml", "--trace", "w.h5", "--set", 'trace.record=["eps"]')[0], 0)
        code, out, _ = locus("trace", "diff", "v.h5", "w.h5")
        self.assertEqual(code, 1)
        self.assertIn("no variable is in both: nothing was compared", out)
        self.assertNotIn("no value differs", out)
        self.fails(2, r"1 files: two are compared", "trace", "diff", "t.h5")

    def test_messages_that_were_not_recorded(self):
        self.fails(1, r'"t\.h5" has no messages', "trace", "messages", "t.h5", "--tick", "4")

    def test_export_as_sonata(self):
        out = self.trace("export", "--sonata", "out", "t.h5")
        self.assertRegex(out, r"(?m)^wrote out/circuit_config\.json: 15 nodes, 40 edges; weights: tick 71$")
        self.assertRegex(out, r"(?m)^wrote out/simulation_config\.json$")
        self.assertRegex(out, r"(?m)^left out: stimuli: ")
        with open("out/simulation_config.json", encoding="utf-8") as file:
            config = json.load(file)
        for report in config["reports"].values():
            self.assertTrue(os.path.exists("out/output/" + report["file_name"]))
        dump = subprocess.run(["h5dump", "-d", "/report/hidden1.value/mapping/time", "out/output/reports/x.h5"],
                              capture_output=True, text=True, check=True).stdout
        self.assertRegex(dump, r"\(0\): 0, 72, 1\n")
        # Nothing is overwritten unasked, and others' files stay.
        self.write("out/mine.txt", "mine")
        self.fails(2, r'the folder "out" is not empty: choose another name or pass --force', "trace", "export",
                   "--sonata", "out", "t.h5")
        self.trace("export", "--sonata", "out", "--force", "t.h5")
        self.assertTrue(os.path.exists("out/mine.txt"))
        self.fails(2, r"--sonata DIR or --vcd FILE is missing; usage: locus trace export", "trace", "export", "t.h5")
        self.fails(2, r'"t\.h5" is no folder', "trace", "export", "--sonata", "t.h5", "t.h5")

    def test_describe_as_sonata(self):
        code, out, _ = locus("describe", "small.toml", "--sonata", "circuit")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^wrote circuit/circuit_config\.json: 15 nodes, 40 edges; weights: initial$")
        self.assertTrue(os.path.exists("circuit/network/edges.h5"))
        self.assertFalse(os.path.exists("circuit/simulation_config.json"))
        # What is meant for another program stands alone on standard output.
        code, out, _ = locus("describe", "small.toml", "--sonata", "again", "--json", "-")
        self.assertEqual(code, 0)
        json.loads(out)
        self.fails(2, r'the folder "again" is not empty', "describe", "small.toml", "--sonata", "again")

    def test_pictures(self):
        self.assertEqual(self.trace("plot", "t.h5"), "t.png\n")
        with open("t.png", "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
        for kind in ("wave", "lines", "raster", "heat", "weights"):
            self.trace("plot", "t.h5", "--kind", kind, "--out", "it's " + kind + ".svg", "--script", kind + ".gp")
            with open("it's " + kind + ".svg", encoding="utf-8") as file:
                self.assertIn("<svg", file.read())
            os.remove("it's " + kind + ".svg")
            subprocess.run(["gnuplot", kind + ".gp"], check=True, capture_output=True)
            self.assertTrue(os.path.exists("it's " + kind + ".svg"))
        self.assertEqual([f for f in os.listdir() if "part" in f], [])
        self.fails(2, r"--out t\.gif: must end with", "trace", "plot", "t.h5", "--out", "t.gif")
        self.fails(2, r'--kind wav: .*did you mean "wave"', "trace", "plot", "t.h5", "--kind", "wav")
        self.fails(1, r'cannot write "no/such/t\.png', "trace", "plot", "t.h5", "--out", "no/such/t.png")

    def test_grids(self):
        self.write("grid.toml", GRID)
        code, out, _ = locus("describe", "grid.toml")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^  map +32  point-value, 2 x 4 x 4$")
        self.assertRegex(out, r"(?m)^  row +4  point-value$")
        populations = json.loads(locus("describe", "grid.toml", "--json", "-")[1])["populations"]
        self.assertEqual([p["shape"] for p in populations], [[6, 6], [2, 4, 4], [4]])
        self.assertEqual(locus("run", "grid.toml", "--trace", "g.h5", "--set", "trace.messages=true")[0], 0)
        self.assertRegex(self.trace("info", "g.h5"), r"(?m)^  map +32 x point-value, on a grid of 2 x 4 x 4, ")
        populations = json.loads(self.trace("info", "g.h5", "--json"))["populations"]
        self.assertEqual([p["shape"] for p in populations], [[6, 6], [2, 4, 4], [4]])
        rows = self.trace("show", "g.h5", "--select", "map.x[1, 0:2, 3]", "--csv")
        self.assertEqual(next(csv.reader(rows.splitlines())), ["tick", "map.x[1,0,3]", "map.x[1,1,3]"])
        self.assertIn("image[0,1].rate -> map[0,0,0].feedback",
                      re.sub(" +", " ", self.trace("messages", "g.h5")))
        self.fails(2, r'selection "map\.x\[3\]" of map\.x: the neurons lie on a grid of 2 x 4 x 4: expected 3 entries',
                   "trace", "show", "g.h5", "--select", "map.x[3]")
        self.fails(2, r'"map\.x\[0, 9, 0\]" of map\.x: there is no neuron at 9 along axis 2', "run", "grid.toml",
                   "--trace", "h.h5", "--set", 'trace.record=["map.x[0, 9, 0]"]')
        # An image of each: a tick or several, a plane or channels; in one tick it is what is drawn unasked.
        for number, options in enumerate((["--select", "image.x", "--ticks", "3"], ["--kind", "image"],
                                          ["--select", "map.x", "--ticks", "3"],
                                          ["--kind", "image", "--select", "map.x[1, 1:3, :]"])):
            picture, script = f"i{number}.svg", f"i{number}.gp"
            self.trace("plot", "g.h5", "--out", picture, "--script", script, *options)
            with open(script, encoding="utf-8") as file:
                self.assertIn("with image", file.read())
            self.trace("plot", "g.h5", "--out", f"i{number}.png", *options)
        with open("i0.gp", encoding="utf-8") as file:
            text = file.read()
        image = re.search(r"<< EOD\n(.*?)\nEOD", text, re.S).group(1)
        shown = self.trace("show", "g.h5", "--select", "image.x", "--ticks", "3", "--csv").splitlines()[1]
        self.assertEqual([float(x) for x in image.split()], [float(f"{float(x):.6g}") for x in shown.split(",")[1:]])
        self.assertEqual([len(line.split()) for line in image.splitlines()], [6] * 6)
        self.fails(2, r"--kind image: row\.x has no grid", "trace", "plot", "g.h5", "--kind", "image", "--select", "row.x")
        self.fails(1, r'"t\.h5" has no values of neurons on a grid', "trace", "plot", "t.h5", "--kind", "image")

    def test_without_gnuplot(self):
        self.fails(1, r"no gnuplot.*apt-get install gnuplot-nox", "trace", "plot", "t.h5", "--script", "kept.gp",
                   env={"PATH": "/nowhere"})
        self.assertTrue(os.path.exists("kept.gp"))


if __name__ == "__main__":
    main()
