#!/usr/bin/env python3
"""`locus trace` on traces of small runs."""

import json
import os
import re
import subprocess

from testing import Scratch, locus, main


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
        self.fails(2, r"--sonata DIR is missing; usage: locus trace export --sonata DIR FILE", "trace", "export", "t.h5")
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

    def test_without_gnuplot(self):
        self.fails(1, r"no gnuplot.*apt-get install gnuplot-nox", "trace", "plot", "t.h5", "--script", "kept.gp",
                   env={"PATH": "/nowhere"})
        self.assertTrue(os.path.exists("kept.gp"))


if __name__ == "__main__":
    main()
