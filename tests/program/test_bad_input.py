#!/usr/bin/env python3
"""Mistakes get an error that names them, and nothing is lost."""

import os
import resource
import signal
import subprocess

from testing import NETLISTS, PROGRAM, SMALL, Scratch, ending, locus, main


class BadInput(Scratch):
    def test_missing_things(self):
        self.fails(2, r"netlist is missing; usage: locus run NETLIST", "run")
        self.fails(2, r'cannot read .*nothere\.toml', "run", "nothere.toml")
        self.fails(2, r'unknown command "rum" \(did you mean "run"\?\)', "rum")
        self.fails(2, r'unknown option "--agianst" \(did you mean "--against"\?\)', "run", "small.toml", "--agianst", "bp")
        self.fails(2, r"--against bq: expected bp, il", "run", "small.toml", "--against", "bq")

    def test_netlist_mistakes_name_the_place(self):
        self.write("a.toml", SMALL.replace("alpha = 0.1", "alhpa = 0.1"))
        self.fails(2, r'a\.toml:12:1: unknown key "learning\.alhpa" \(did you mean "alpha"\?\)', "run", "a.toml")
        self.write("b.toml", SMALL.replace("lanes = 1", 'lanes = "many"'))
        self.fails(2, r'b\.toml:7:9: .*lanes.*"many".*whole number', "run", "b.toml")
        self.write("c.toml", SMALL.replace("predict = 4", "predict = -4"))
        self.fails(2, r"c\.toml:15:11: .*predict.*-4", "run", "c.toml")
        self.write("d.toml", SMALL.replace("[1, 1]]", "[1, nan]]"))
        self.fails(2, r"d\.toml:14:.*nan", "run", "d.toml")
        self.write("e.toml", SMALL.replace("targets = [[0], [1], [1], [0]]", "targets = [[0, 1], [1, 0], [1, 0], [0, 1]]"))
        self.fails(2, r'"output\.value" has 1 neurons, but the targets of data "inline" have 2 columns', "run", "e.toml")
        self.write("f.toml", SMALL.replace("seed = 1", "theta = [[[1, 2], [3, 4]], [[1, 2, 3]]]"))
        self.fails(2, r"f\.toml:9:9: .*element 0 is 2 x 2: expected 3 x 2", "run", "f.toml")
        self.write("g.toml", SMALL.replace('"tanh"', '"tan"'))
        self.fails(2, r'g\.toml:5:14: .*"tan".*did you mean "tanh"', "run", "g.toml")
        learned = os.path.join(NETLISTS, "digits-kolen-pollack.toml")
        self.fails(2, r"learning\.lambda = 2: expected a number from 0 to 1", "run", learned, "--set", "learning.lambda=2")
        self.fails(2, r'learning\.rule = "hebb": expected "kolen-pollack"', "run", learned, "--set", "learning.rule=hebb")
        self.fails(2, r'--against il: .*cannot be given the rule "il"', "run", learned, "--against", "il")
        self.write("h.toml", "[circuit\n")
        self.fails(2, r"h\.toml:\d+:\d+: ", "run", "h.toml")
        self.fails(2, r"--set circuit\.lanes=0: .*0.*>= 1", "run", "small.toml", "--set", "circuit.lanes=0")
        self.fails(2, r"lanes = 9: .*only 4 training samples", "run", "small.toml", "--set", "circuit.lanes=9")

    def test_bounds_are_warned_of(self):
        for keys, bound in ((["stimuli.predict=2"], r"predict = 2 is below L \+ t_d = 3"),
                            (["stimuli.teach=1"], r"teach \+ rest = 1 is below L = 2"),
                            (["learning.rule=il", "learning.update_at=5"], r"teach = 2 is not above update_at = 5")):
            settings = [word for key in keys for word in ("--set", key)]
            _, _, err = locus("run", "small.toml", *settings)
            self.assertRegex(err, "warning: .*" + bound)

    def test_data_mistakes(self):
        self.fails(2, r'data = "digts"', "run", "small.toml", "--set", "stimuli.data=digts")
        self.fails(1, r"nowhere", "run", "small.toml", "--set", "stimuli.data=idx:nowhere")
        self.write("bad.csv", "x0,x1,y0\n0,0,0\n0,one,1\n")
        self.fails(1, r'bad\.csv:3:3: .*one', "run", "small.toml", "--set", "stimuli.data=csv:bad.csv")

    def test_files_are_not_lost(self):
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        with open("t.h5", "rb") as file:
            before = file.read()
        self.fails(2, r'"t\.h5" exists: choose another name or pass --force', "run", "small.toml", "--trace", "t.h5")
        with open("t.h5", "rb") as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5", "--force")[0], 0)
        self.fails(2, r'nothing is called "valu\.x": did you mean "value\.x"', "run", "small.toml", "--trace", "u.h5", "--set", 'trace.record=["valu.x"]')
        self.assertFalse(os.path.exists("u.h5"))
        self.fails(1, r"no/such/w\.h5", "run", "small.toml", "--save-weights", "no/such/w.h5")
        self.fails(1, r'cannot write "no/such/o\.json"', "run", "small.toml", "--json", "no/such/o.json")
        self.fails(1, r"gone\.h5", "run", "small.toml", "--set", "weights.file=gone.h5")

    def test_full_disk(self):
        # A limit on file sizes stands in for a full disk: writing fails in the middle of the run.
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

        self.fails(1, r't\.h5', "run", "small.toml", "--set", "stimuli.epochs=3000", "--trace", "t.h5", preexec_fn=limit)
        ended, tick, complete = ending("t.h5")
        self.assertRegex(ended, r"write error: cannot write .*File too large")
        self.assertGreater(tick, 0)
        self.assertEqual(complete, 0)

    def test_standard_output_that_cannot_be_written(self):
        xor = os.path.join(NETLISTS, "xor.toml")
        for words in (["describe", xor], ["describe", xor, "--dot", "-"], ["run", "small.toml", "--json", "-"]):
            with self.subTest(words), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr),
                                 (1, "locus: cannot write the results to standard output\n"))

    def test_a_number_that_blows_up_is_named(self):
        self.fails(1, r"tick \d+: .*(inf|nan)", "run", "small.toml", "--set", "learning.alpha=1e300", "--set",
                   "circuit.activation=identity", "--trace", "t.h5")
        ended, tick, complete = ending("t.h5")
        self.assertRegex(ended, rf"^non-finite number: .*\[\d+\].* tick {tick}: -?(inf|nan)$")
        self.assertEqual(complete, 0)

    def test_traces_beyond_the_limit_are_refused_before_the_run(self):
        run = ("run", "small.toml", "--trace", "t.h5")
        self.fails(2, r'"t\.h5" could take [\d.]+ kB before compression, more than the limit, 1\.0 kB: record less',
                   *run, "--trace-limit", "1k")
        self.fails(2, r'--trace-limit "1X": expected a number of bytes', *run, "--trace-limit", "1X")
        self.fails(2, r"more than (the limit|what is free)", *run, "--set", "stimuli.epochs=4000000000")
        self.assertFalse(os.path.exists("t.h5"))
        code, out, _ = locus(*run, "--trace-limit", "0.5G")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"trace: t\.h5, at most [\d.]+ kB before compression\n")
        self.assertEqual(ending("t.h5"), ("finished", 72, 1))


if __name__ == "__main__":
    main()
