#!/usr/bin/env python3
"""Numbers that are too large, circuits that do not fit, and files beside netlists."""

import json
import os
import resource

from testing import NETLISTS, SMALL, Scratch, locus, main

XOR = os.path.join(NETLISTS, "xor.toml")
DIGITS = os.path.join(NETLISTS, "digits.toml")

SPARSE = """
[[population]]
name = "a"
model = "constant"
size = {size}
[[population]]
name = "b"
model = "point-value"
size = {size}
[[projection]]
name = "p"
from = "a.rate"
to = "b.feedback"
synapse = "fixed"
connect = {connect}
"""


def little_memory():
    """What a process may address; the program itself takes some 100 MB of it."""
    resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))


class Options(Scratch):
    """--NAME N: negative numbers, fractions, overflow and what stands behind a number are refused."""

    def refused(self, *command, option, most=None, least=1):
        for bad in ("-1", "-18446744073709551615", "1.5", "1e3", "x", "3x", " 3", "3 ", "0x10", "+1"):
            self.fails(2, rf"--{option} .*: expected a whole number >= {least}", *command, f"--{option}={bad}")
        self.fails(2, rf"--{option} \"\": must not be empty", *command, f"--{option}", "")
        if least == 1:
            self.fails(2, rf"--{option} 0: expected a whole number >= 1", *command, f"--{option}=0")
        for large in ["99999999999999999999", "18446744073709551616"] + ([str(most + 1)] if most else []):
            self.fails(2, rf"--{option} {large}: expected a whole number <= {most or 2**63 - 1}", *command,
                       f"--{option}={large}")

    def test_run(self):
        run = ("run", "small.toml")
        self.refused(*run, option="updates")
        self.refused(*run, option="threads", most=256)
        self.refused(*run, "--checkpoint", "c.h5", option="every-updates")
        self.assertEqual(locus(*run, "--updates", "1", "--threads", "256")[0], 0)
        self.assertEqual(locus(*run, "--updates", str(2**63 - 1), "--set", "stimuli.epochs=1")[0], 0)

    def test_audit(self):
        self.refused("audit", "small.toml", option="updates", most=2**32 - 1)
        self.refused("audit", "small.toml", option="seed", least=0)
        self.assertEqual(locus("audit", "small.toml", "--updates", "1", "--seed", str(2**63 - 1))[0], 0)

    def test_others(self):
        self.refused("bench", "quiet", option="repeats", most=2**32 - 1)
        reproduce = ("reproduce", "figure3", "--quick", "--netlists", NETLISTS)
        self.refused(*reproduce, option="epochs", most=2**32 - 1)
        self.refused(*reproduce, option="train-size", most=2**32 - 1)
        self.refused(*reproduce, option="jobs", most=1024)
        self.refused(*reproduce, option="seed", least=0)
        self.assertEqual(locus("run", "small.toml", "--updates", "1", "--trace", "t.h5", "--messages")[0], 0)
        self.refused("trace", "messages", "t.h5", option="most", least=0)


class Keys(Scratch):
    def test_layers_are_not_cut_to_32_bits(self):
        for layers in ("[64,4294967328,10]", "[64,4294967296,10]", "[4294967360,32,10]"):
            self.fails(2, r"circuit\.layers\[\d\] = \d+: expected a whole number <= 4294967295", "run", DIGITS, "--set",
                       f"circuit.layers={layers}")
        self.fails(2, r"teacher\[1\] = 4294967297: .*<= 4294967295", "run", "small.toml", "--set",
                   "stimuli.data={ teacher = [2, 4294967297] }")

    def test_ticks_do_not_overflow(self):
        largest = 2**63 - 1
        for key in ("predict", "teach", "rest"):
            self.fails(2, rf"stimuli\.{key} = {largest}: expected a whole number <= {2**40}", "run", "small.toml", "--set",
                       f"stimuli.{key}={largest}")
        for key in ("onset", "ticks"):
            code, long_form, _ = locus("expand", "small.toml", "--set", "learning.rule=il", "--set",
                                       "learning.update_at=1")
            self.assertEqual(code, 0)
            self.write("long.toml", long_form)
            self.fails(2, rf"{key} = {largest}: expected a whole number <= {2**40}", "run", "long.toml", "--set",
                       f"stimulus[2].{key}={largest}")
        self.fails(2, r"presentations of up to \d+ ticks are too long: a run has at most 2\^61 ticks", "run", "small.toml",
                   "--set", f"stimuli.predict=[4, {2**40}]", "--set", "stimuli.epochs=4294967295")
        # A long quiet stretch is jumped over.
        self.assertEqual(locus("run", "small.toml", "--set", f"stimuli.predict={2**40}", "--updates", "3",
                               "--no-test")[0], 0)

    def test_windows_of_presentations_beyond_the_run_are_not_searched_for(self):
        code, _, err = locus("run", "small.toml", "--trace", "t.h5", "--set", "stimuli.predict=[4, 6]", "--set",
                             f"trace.presentations=[[2, 3], [11, {2**40}]]")
        self.assertEqual(code, 0, err)

    def test_quiet_ticks_are_as_many_as_f32_counts(self):
        key = "learning.phi.quiet_ticks"
        self.fails(2, r"quiet_ticks = 16777217: expected a whole number <= 16777216", "run", "small.toml", "--set",
                   f"{key}=16777217")
        self.assertEqual(locus("run", "small.toml", "--set", f"{key}=16777216", "--updates", "1")[0], 0)
        _, long_form, _ = locus("expand", "small.toml")
        self.write("long.toml", long_form)
        name = "population.output.phi.params.quiet_ticks"
        self.fails(2, r"quiet_ticks = 16777217: expected a whole number >= 0 and <= 16777216", "run", "long.toml", "--set",
                   f"{name}=16777217")

    def test_what_toml_cannot_stand(self):
        deep = ".".join("a" * 25000)
        self.fails(2, r"a key with more than 32 dots", "run", "small.toml", "--set", f"{deep}=1")
        self.fails(2, r"a key with more than 32 dots", "run", "small.toml", "--set", "x={%s=1}" % deep)
        self.write("deep.toml", SMALL + f"[x]\n{deep} = 1\n")
        self.fails(2, r"deep\.toml:\d+:66: a key with more than 32 dots", "run", "deep.toml")
        for letter in ("\u00a1", "\u00e9", "\u049a", "\u20ac"):
            self.write("letter.toml", SMALL + f"[x]\n{letter} = 1\n")
            self.fails(2, r"letter\.toml:20:1: a character that is not ASCII stands outside of quotes", "run", "letter.toml")


class Names(Scratch):
    def test_long_forms_are_changed_by_name(self):
        _, long_form, _ = locus("expand", "small.toml")
        self.write("long.toml", long_form)
        _, out, _ = locus("expand", "long.toml", "--set", "population.hidden1.value.params.gamma=0.5", "--set",
                          "projection.hidden1.forward.delay=2", "--set", 'population."output.phi".params.tolerance=0.25')
        self.assertRegex(out, r'name = "hidden1\.value"\nmodel = .*\nsize = 3\nparams = \{ .*gamma = 0\.5')
        self.assertRegex(out, r'name = "hidden1\.forward"\n(?:.+\n)+delay = 2\n')
        self.assertRegex(out, r'name = "output\.phi"\nmodel = .*\nsize = 1\nparams = \{ .*tolerance = 0\.25')
        self.fails(2, r"--set population\.hiden1\.value\.size=2: no population is named so \(did you mean", "run",
                   "long.toml", "--set", "population.hiden1.value.size=2")
        self.fails(2, r"the netlist has no \[\[population\]\].*locus expand", "run", "small.toml", "--set",
                   "population.hidden1.value.size=2")
        self.fails(2, r'model "two-compartment-value" has no parameter "beta"', "run", "long.toml", "--set",
                   "population.hidden1.value.params.beta=2")


class Memory(Scratch):
    def test_describe_answers_for_circuits_of_any_size(self):
        self.write("big.toml", SPARSE.format(size=100000, connect="{ probability = 0.1 }"))
        code, out, err = locus("describe", "big.toml", "--json", "d.json", preexec_fn=little_memory)
        self.assertEqual(code, 0, err)
        self.assertIn("expectations: random connections were not drawn", out)
        with open("d.json", encoding="utf-8") as file:
            described = json.load(file)
        self.assertEqual((described["synapses"], described["exact"]), (1_000_000_000, False))
        self.write("exact.toml", SPARSE.format(size=100000, connect="{ fixed_indegree = 10000 }"))
        code, out, _ = locus("describe", "exact.toml", "--json", "-", "--set", "circuit.lanes=4", preexec_fn=little_memory)
        self.assertEqual(code, 0)
        described = json.loads(out)
        self.assertEqual((described["synapses"], described["exact"]), (1_000_000_000, True))
        code, out, err = locus("describe", "big.toml", "--dot", "g.dot", preexec_fn=little_memory)  # by population
        self.assertEqual(code, 0, err)
        # Its weights are told there, too.
        self.fails(1, r"big\.toml: .* of memory are available", "describe", "big.toml", "--graphml", "g.xml",
                   preexec_fn=little_memory)

    def test_what_does_not_fit_is_refused_before_it_is_built(self):
        self.write("big.toml", SPARSE.format(size=100000, connect="{ probability = 0.1 }"))
        _, out, _ = locus("describe", "big.toml", preexec_fn=little_memory)
        number = out[out.index("\nmemory ") + 8:].split(":")[0]
        for words in (["run", "big.toml"], ["audit", "big.toml"], ["describe", "big.toml", "--graphml", "g.xml", "--by",
                      "entity"], ["describe", "big.toml", "--dot", "-", "--by", "entity"],
                      ["describe", "big.toml", "--sonata", "s"]):
            with self.subTest(words):
                self.fails(1, rf"big\.toml: .*{number}.* takes .*, but only .* of memory are available", *words,
                           preexec_fn=little_memory)
        self.assertEqual(sorted(os.listdir(".")), ["big.toml", "small.toml"])

    def test_the_twin_and_what_is_tested_count(self):
        # 30 million weights are 240 MB; three such circuits and what builds them are more than there is.
        self.write("wide.toml", SMALL.replace("layers = [2, 3, 1]", "layers = [2, 5500, 5500, 1]"))
        code, _, err = locus("run", "wide.toml", "--against", "bp", "--updates", "1", preexec_fn=little_memory)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"a run with its circuit \(\d+ MB\), the circuit that it is compared with \(\d+ MB\) and \d+ MB "
                              r"to make weights takes [\d.]+ GB, but only")

    def test_data_that_do_not_fit(self):
        self.fails(1, r"making the data of a teacher takes .* of memory are available", "run", "small.toml", "--set",
                   "stimuli.data={ teacher = [2, 1], samples = 4294967295 }", preexec_fn=little_memory)


class Data(Scratch):
    def test_layers_that_do_not_fit_the_data_are_refused_by_all_commands(self):
        for layers, what in (("[63, 32, 10]", r'"input\.value" has 63 neurons, but the inputs of data "digits" have 64'),
                             ("[64, 32, 9]", r'"output\.value" has 9 neurons, but the targets of data "digits" have 10')):
            for command in (["run", DIGITS], ["run", DIGITS, "--against", "bp"], ["audit", DIGITS]):
                with self.subTest(command):
                    self.fails(2, what, *command, "--set", f"circuit.layers={layers}")
            self.fails(2, r'has \d+ neurons, but the inputs of data "random images" have 784', "bench", "update", "--seconds",
                       "0.01", "--repeats", "1", "--set", f"circuit.layers={layers}")
            self.assertEqual(locus("describe", DIGITS, "--set", f"circuit.layers={layers}")[0], 0)

    def test_circuits_of_other_sizes_are_not_compared(self):
        self.write("wide.toml", SMALL.replace("layers = [2, 3, 1]", "layers = [2, 4, 1]"))
        refused = r'projection "hidden1\.forward" joins 2 -> 3, all-to-all here and 2 -> 4, all-to-all there: .*cannot be ' \
                  r"compared"
        self.fails(2, refused, "run", "small.toml", "--against", "wide.toml")
        self.fails(2, refused, "audit", "small.toml", "--twin", "wide.toml")
        self.write("thin.toml", SMALL.replace("layers = [2, 3, 1]", "layers = [2, 1, 1]"))
        self.write("deep.toml", SMALL.replace("layers = [2, 3, 1]", "layers = [2, 1, 1, 1]"))
        code, out, err = locus("run", "deep.toml", "--against", "thin.toml")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"not compared: hidden2\.forward \(learns here only\)")
        code, out, err = locus("audit", "deep.toml", "--twin", "thin.toml")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"not compared: hidden2\.forward \(learns here only\)")


    def test_an_audit_of_no_time_is_refused(self):
        no_time = [word for part in ("predict", "teach", "rest") for word in ("--set", f"stimuli.{part}=0")]
        self.fails(2, r"small\.toml: \d+ presentations have 0 ticks together", "audit", "small.toml", *no_time)

    def test_a_twin_that_has_changed_is_noticed(self):
        _, twin, _ = locus("expand", "small.toml", "--set", "learning.rule=bp", "--set", "stimuli.rest=1")
        self.write("twin.toml", twin)
        run = ("run", "small.toml", "--against", "twin.toml", "--updates", "5", "--checkpoint", "c.h5")
        self.assertEqual(locus(*run)[0], 0)
        self.assertEqual(locus("run", "--resume", "c.h5")[0], 0)
        self.assertEqual(locus("run", "--resume", "c.h5", "--against", "twin.toml")[0], 0)
        self.write("twin.toml", twin.replace("alpha = 0.1", "alpha = 0.2"))
        self.fails(2, r"another circuit to compare with: projection\[\d\]\.params\.alpha is 0\.1 in the checkpoint, 0\.2 now",
                   "run", "--resume", "c.h5", "--against", "twin.toml")
        # Weights are listed over several lines.
        weights = 'weights = { values = [\n  [1, 2],\n  [3, 4],\n  [5, 6],\n] }'
        code, listed, _ = locus("expand", "small.toml", "--set",
                                "weights.theta=[[[1, 2], [3, 4], [5, 6]], [[7, 8, 9]]]")
        self.assertEqual(code, 0)
        self.assertIn(weights, listed)
        self.write("listed.toml", listed)
        self.assertEqual(locus("run", "listed.toml", "--updates", "5", "--checkpoint", "d.h5")[0], 0)
        self.write("listed.toml", listed.replace("[5, 6]", "[5, 7]"))
        self.fails(2, r"weights\.values\[2\]\[1\] is 6 in the checkpoint, 7 now", "run", "listed.toml", "--resume", "d.h5")


class Files(Scratch):
    def setUp(self):
        super().setUp()
        self.assertEqual(locus("run", "small.toml", "--set", "weights.seed=7", "--save-weights", "w.h5")[0], 0)
        os.makedirs("sub/data")
        os.rename("w.h5", "sub/w.h5")
        self.write("sub/data/x.csv", "x0,x1,y0\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
        text = SMALL.replace("[weights]", "[weights]\nfile = 'w.h5'")
        data = text[text.index("data = "):].splitlines()[0]
        self.write("sub/n.toml", text.replace(data, 'data = "csv:data/x.csv"'))

    def weights(self, *arguments, **options):
        code, _, err = locus("run", *arguments, "--json", os.path.join(self.folder.name, "r.json"), **options)
        self.assertEqual(code, 0, err)
        with open(os.path.join(self.folder.name, "r.json"), encoding="utf-8") as file:
            return json.load(file)["weights_sha256"]

    def test_files_are_beside_the_netlist_that_names_them(self):
        expected = self.weights("sub/n.toml")
        self.assertEqual(self.weights("n.toml", cwd="sub"), expected)
        self.assertEqual(self.weights(os.path.join(self.folder.name, "sub/n.toml"), cwd="/"), expected)
        self.assertEqual(locus("audit", "sub/n.toml", "--updates", "1")[0], 0)
        self.assertEqual(locus("run", "sub/n.toml", "--against", "bp")[0], 0)
        # What --set names is where the program is started.
        self.fails(1, r"w\.h5", "run", "sub/n.toml", "--set", "weights.file=w.h5")
        self.assertEqual(self.weights("sub/n.toml", "--set", "weights.file=sub/w.h5", "--set",
                                      "stimuli.data=csv:sub/data/x.csv"), expected)
        # A netlist that comes through a pipe has no folder of its own.
        with open("sub/n.toml", "rb") as file:
            text = file.read()
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
        self.assertEqual(self.weights("/dev/stdin", stdin=reading, cwd="sub"), expected)
        os.close(reading)

    def test_what_keeps_a_netlist_works_in_other_folders(self):
        expected = self.weights("sub/n.toml")
        _, long_form, _ = locus("expand", "sub/n.toml")
        os.makedirs("elsewhere")
        self.write("elsewhere/long.toml", long_form)
        self.assertEqual(self.weights("elsewhere/long.toml"), expected)
        self.assertEqual(locus("run", "sub/n.toml", "--trace", "t.h5")[0], 0)
        _, netlist, _ = locus("trace", "info", "--netlist", "../t.h5", cwd="elsewhere")
        self.write("elsewhere/kept.toml", netlist)
        self.assertEqual(self.weights("elsewhere/kept.toml"), expected)
        code, _, err = locus("trace", "export", "--sonata", "s", "../t.h5", cwd="elsewhere")
        self.assertEqual(code, 0, err)
        self.assertEqual(locus("run", "sub/n.toml", "--updates", "5", "--checkpoint", "c.h5")[0], 0)
        self.assertEqual(self.weights("--resume", "../c.h5", cwd="elsewhere"), expected)
        self.assertEqual(self.weights("--resume", "../c.h5", "../sub/n.toml", cwd="elsewhere"), expected)


if __name__ == "__main__":
    main()
