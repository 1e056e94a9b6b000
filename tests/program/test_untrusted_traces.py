#!/usr/bin/env python3
"""Traces, names and paths that try to be commands: of gnuplot, of the shell, of the terminal."""

import json
import os
import re
import shutil
import subprocess
import unittest

from testing import NETLISTS, PROGRAM, Scratch, locus, main

# What a model says of a field, in traces the variable's long_name. All are replaced by texts of the same length, which
# HDF5 keeps in one piece.
MEANINGS = (b"quiet ticks so far, saturating at quiet_ticks", b"prediction error while the modulator fires",
            b"prediction of the tick before", b"basal compartment")
SCRIPT = b"a'\n!touch PWNED\n`touch PWNED`\nsystem('touch PWNED')#@x"
ESCAPES = b"\x1b]0;PWNED\x07\x1b[31m\xc2\x9b31m\x9b\x7f\rx\n"
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def program(*arguments):
    """Runs the program; returns (exit code, all that it prints), as bytes."""
    done = subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout


def fitted(payload, length):
    return (payload + b"x" * length)[:length]


class Untrusted(Scratch):
    def setUp(self):
        super().setUp()
        # A population whose name is long enough to be replaced, and stands last in every group.
        code, text, _ = locus("expand", "small.toml")
        self.assertEqual(code, 0)
        self.name = b"zz>" + b"a" * 50
        self.write("long.toml", text.replace("hidden1.phi", self.name.decode()))
        self.assertEqual(locus("run", "long.toml", "--trace", "t.h5", "--messages")[0], 0)

    def replaced(self, payload, name="bad.h5"):
        """A copy of the trace that says `payload` wherever it can."""
        with open("t.h5", "rb") as file:
            data = file.read()
        for meaning in MEANINGS:
            self.assertIn(meaning, data)
            data = data.replace(meaning, fitted(payload, len(meaning)))
        self.assertGreater(data.count(self.name), 5)
        data = data.replace(self.name, b"zz>" + fitted(payload.replace(b"/", b"_"), 50))
        with open(name, "wb") as file:
            file.write(data)
        return name

    def nothing_ran(self):
        self.assertEqual([f for f in os.listdir() if f.startswith("PWNED")], [])

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_no_text_of_a_trace_becomes_script(self):
        for number, payload in enumerate((SCRIPT, b"\n!touch PWNED\n" * 3, b"'.`touch PWNED`.'\n", b"$(touch PWNED)@x",
                                          b"'\n@x\nload '<touch PWNED'\nset output '|touch PWNED'\n", b"{/:Bold^_@&~{}",
                                          b"\\\n!touch PWNED\n", b"\"\nprint `touch PWNED`\n#")):
            bad = self.replaced(payload)
            for kind in ("wave", "lines", "raster", "heat", "weights") if number == 0 else ("wave", "raster"):
                code, out = program("trace", "plot", bad, "--kind", kind, "--out", f"{number}{kind}.svg", "--script",
                                    "kept.gp")
                self.assertEqual((code, out), (0, f"{number}{kind}.svg\n".encode()), payload)
                subprocess.run(["gnuplot", "kept.gp"], check=True, capture_output=True)
                self.nothing_ran()
            code, out = program("trace", "plot", bad, "--select", "quiet", "--ticks", "3:9", "--out", "p.png")
            self.assertEqual((code, out), (0, b"p.png\n"))
            self.nothing_ran()

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_no_path_becomes_a_command(self):
        for name in ("|touch PWNED #.png", "| touch PWNED #.svg", "<touch PWNED #.png", "'`touch PWNED`'.png", "@x.png",
                     "a\n!touch PWNED\n.png"):
            self.assertEqual(program("trace", "plot", "t.h5", "--out", name)[0], 0)
            self.assertGreater(os.path.getsize(name), 1000)
            self.nothing_ran()
        for name in ("|touch PWNED #.png", "'`touch PWNED`'.svg"):
            self.assertEqual(program("trace", "plot", "t.h5", "--out", name, "--script", "kept.gp")[0], 0)
            os.remove(name)
            subprocess.run(["gnuplot", "kept.gp"], check=True, capture_output=True)
            self.assertGreater(os.path.getsize(name), 1000)
            self.nothing_ran()
        self.fails(2, r"a gnuplot script cannot name a file with such characters", "trace", "plot", "t.h5", "--out",
                   "a\n!touch PWNED\n.png", "--script", "kept.gp")
        # The name of the trace is in its picture's name and title.
        for name in ("|touch PWNED;.h5", "'\n!touch PWNED\n'.h5", "`touch PWNED`.h5"):
            shutil.copy("t.h5", name)
            self.assertEqual(program("trace", "plot", name)[0], 0)
            self.assertGreater(os.path.getsize(name[:-3] + ".png"), 1000)
            self.nothing_ran()

    @unittest.skipUnless(shutil.which("gnuplot"), "no gnuplot")
    def test_no_folder_of_results_becomes_a_command(self):
        folder = "|touch PWNED;"
        code, out, err = locus("reproduce", "circuits", "digits-feedback-alignment", "--quick", "--netlists", NETLISTS, "--out", folder)
        self.assertEqual((code, err), (0, ""))
        for ending in ("svg", "png", "gp"):
            self.assertGreater(os.path.getsize(f"{folder}/circuits-angles.{ending}"), 500)
        os.remove(f"{folder}/circuits-angles.svg")
        subprocess.run(["gnuplot", f"{folder}/circuits-angles.gp"], check=True, capture_output=True)
        self.assertGreater(os.path.getsize(f"{folder}/circuits-angles.svg"), 500)
        self.nothing_ran()
        self.fails(2, r"a gnuplot script cannot name a file with such characters", "reproduce", "circuits", "xor", "--quick",
                   "--netlists", NETLISTS, "--out", "a\nb")

    def test_nothing_of_a_trace_reaches_the_terminal_as_a_command(self):
        bad = self.replaced(ESCAPES)
        name = "\x1b[31m\u009b\x7f\n.h5"
        shutil.copy(bad, name)
        again = self.replaced(ESCAPES[::-1], "again.h5")
        for arguments in (("info", bad), ("info", bad, "--json"), ("info", bad, "--netlist"), ("info", name),
                          ("show", bad, "--csv"), ("show", bad, "--csv", "--samples"), ("show", bad),
                          ("show", bad, "--select", "kind:weights[0][0]"), ("show", bad, "--select", "zz*"),
                          ("diff", bad, "t.h5"), ("diff", bad, again), ("diff", name, bad),
                          ("messages", bad), ("show", bad, "--select", "nothing"), ("show", name, "--select", "nothing"),
                          ("show", bad, "--select", "\x1b[31m"), ("messages", name, "--tick", "\x1b"),
                          ("export", bad), ("plot", bad, "--out", "\x1b.gif"), ("info", "\x1b.h5"), ("info", "small.toml\x7f")):
            code, out = program("trace", *arguments)
            self.assertIn(code, (0, 1, 2), out)
            self.assertTrue(out, arguments)
            found = CONTROL.search(out)
            self.assertIsNone(found, (arguments, out))
            if code == 1 and arguments[0] != "diff" or code == 2:
                self.assertEqual(out.count(b"\n"), 1, out)
        out = program("trace", "info", name)[1]
        self.assertIn(rb"\u001B[31m\u009B\u007F\n.h5: trace", out)
        self.assertIn(rb"\u001B]0;PWNED\u0007", out)
        # JSON means what the file says.
        self.assertIn(rb'"zz>\u001b]0;PWNED\u0007', program("trace", "info", bad, "--json")[1])

    def test_names_that_are_no_text_do_not_stop_json(self):
        name = b"small\xff.toml"
        os.rename("small.toml", name)
        for command in (["run", name, "--updates", "1", "--no-trace"], ["describe", name], ["audit", name]):
            done = subprocess.run([PROGRAM, *command, "--json", "o.json"], capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open("o.json", encoding="utf-8") as file:
                self.assertIn("small\ufffd.toml", json.dumps(json.load(file), ensure_ascii=False))

    def test_nothing_of_a_netlist_or_a_name_does(self):
        self.write("\x1b[31m\u009b.toml", "[circuit]\nlayers = \"\\u001b[31m\"\n")
        for arguments in (("run", "\x1b[31m\u009b.toml"), ("run", "\x1b.toml"), ("describe", "\x1b[31m\u009b.toml"),
                          ("run", "small.toml", "--set", "stimuli.data=\"csv:\x1b\""), ("run", "\x1b"), ("\x1b",),
                          ("run", "small.toml", "--set", "circuit.\"\x1b\"=3"), ("run", "small.toml", "--\x1b"),
                          ("run", "small.toml", "--trace", "\u009b/t.h5"), ("run", "small.toml", "--resume", "\x1b")):
            code, out = program(*arguments)
            self.assertIn(code, (1, 2), out)
            self.assertIsNone(CONTROL.search(out), (arguments, out))
        code, out = program("run", "small.toml", "--trace", "\u009b.h5", "--save-weights", "\x1b.h5")
        self.assertEqual(code, 0)
        self.assertIsNone(CONTROL.search(out), out)


if __name__ == "__main__":
    main()
