#!/usr/bin/env python3
"""Standard streams, signals, limits of the system, and files that are named twice."""

import fcntl
import filecmp
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time

from testing import NETLISTS, PROGRAM, SMALL, Scratch, ending, locus, main

XOR = os.path.join(NETLISTS, "xor.toml")

# A circuit that learns well for some presentations and then blows up.
BLOWS_UP = ("--set", "learning.alpha=30", "--set", "circuit.activation=identity", "--set", "stimuli.epochs=100000")

COMMANDS = [["help"], ["help", "run"], ["version"], ["models"], ["models", "phi"], ["describe", XOR],
            ["describe", XOR, "--json", "-"], ["describe", XOR, "--dot", "-"], ["expand", XOR], ["audit", "small.toml"],
            ["audit", "small.toml", "--json", "-"], ["audit", "--explain", "equivalence"], ["run", "small.toml"],
            ["run", "small.toml", "--json", "-"], ["bench", "--targets"], ["bench", "--print-netlists"], ["reproduce"],
            ["trace"], ["trace", "info", "t.h5"], ["trace", "show", "t.h5", "--csv"], ["trace", "diff", "t.h5", "u.h5"],
            ["trace", "messages", "t.h5", "--tick", "3"]]


def process(*arguments, **options):
    """Runs the program; returns what became of it."""
    return subprocess.run([PROGRAM, *arguments], stderr=subprocess.PIPE, text=True, timeout=120, check=False, **options)


def sealed(data):
    """A checkpoint with a seal that fits what follows it."""
    start = b"locus archive, sha256 of all after these 512 bytes: "
    return (start + hashlib.sha256(data[512:]).hexdigest().encode() + b"\n").ljust(512, b"\n") + data[512:]


class Streams(Scratch):
    def setUp(self):
        super().setUp()
        for name, alpha in (("t.h5", "0.1"), ("u.h5", "0.2")):
            self.assertEqual(locus("run", "small.toml", "--trace", name, "--messages", "--set",
                                   "learning.alpha=" + alpha)[0], 0)

    def test_output_that_nobody_reads(self):
        for words in COMMANDS:
            with self.subTest(words):
                reads, writes = os.pipe()
                os.close(reads)
                done = process(*words, stdout=writes)
                os.close(writes)
                self.assertEqual((done.returncode, done.stderr), (141, ""))

    def test_output_that_cannot_be_written(self):
        for words in COMMANDS:
            with self.subTest(words), open("/dev/full", "w", encoding="utf-8") as full:
                done = process(*words, stdout=full)
                self.assertEqual((done.returncode, done.stderr),
                                 (1, "locus: cannot write the results to standard output\n"))

    def test_closed_output(self):
        for words in COMMANDS:
            with self.subTest(words):
                done = process(*words, preexec_fn=lambda: os.close(1))
                self.assertEqual((done.returncode, done.stderr),
                                 (1, "locus: cannot write the results to standard output\n"))

    def test_closed_streams_do_not_reach_files(self):
        whole = locus("run", "small.toml", "--trace", "whole.h5", "--checkpoint", "whole-c.h5", "--save-weights",
                      "whole-w.h5")
        self.assertEqual(whole[0], 0)
        for closed in ([2], [0, 2], [0]):
            done = subprocess.run([PROGRAM, "run", "small.toml", "--trace", "a.h5", "--checkpoint", "a-c.h5",
                                   "--save-weights", "a-w.h5", "--force"], stdout=subprocess.PIPE, check=False,
                                  timeout=120, preexec_fn=lambda: [os.close(d) for d in closed])
            self.assertEqual(done.returncode, 0)
            for name in (".h5", "-c.h5", "-w.h5"):
                self.assertTrue(filecmp.cmp("whole" + name, "a" + name, shallow=False), name)
        for closed in ([1], [1, 2], [0, 1, 2]):
            done = subprocess.run([PROGRAM, "run", "small.toml", "--trace", "b.h5", "--checkpoint", "b-c.h5"],
                                  stderr=subprocess.DEVNULL, check=False, timeout=120,
                                  preexec_fn=lambda: [os.close(d) for d in closed])
            self.assertEqual(done.returncode, 1)
            self.assertFalse(os.path.exists("b.h5") or os.path.exists("b-c.h5"))

    def test_errors_that_cannot_be_told(self):
        self.write("warns.toml", SMALL + "[trace]\nevery = 2\n")
        for words, code in ((["run", "none.toml"], 2), (["trace", "info", "none.h5"], 1), (["run", "warns.toml"], 0),
                            (["walk"], 2), (["run", "--resume", "t.h5"], 1)):
            for full in (True, False):
                with self.subTest(words, full=full), open("/dev/full", "w", encoding="utf-8") as file:
                    options = {"stderr": file} if full else {"preexec_fn": lambda: os.close(2)}
                    done = subprocess.run([PROGRAM, *words], stdout=subprocess.PIPE, check=False, timeout=120, **options)
                    self.assertEqual(done.returncode, code)


class StartedTogether(Scratch):
    """Without MPI, each of several processes would write the same files."""

    def test_several_processes_are_refused(self):
        netlist = os.path.join(NETLISTS, "xor.toml")
        for launched in ({"OMPI_COMM_WORLD_SIZE": "2"}, {"PMI_SIZE": "3"}, {"PMIX_RANK": "0", "SLURM_STEP_NUM_TASKS": "4"}):
            for words in (["run", netlist, "--updates", "1", "--trace", "t.h5"], ["describe", netlist]):
                with self.subTest(launched=launched, words=words):
                    done = process(*words, env={**os.environ, **launched})
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn("started", done.stderr)
        self.assertFalse(os.path.exists("t.h5"))

    def test_one_process_is_none_of_several(self):
        netlist = os.path.join(NETLISTS, "xor.toml")
        for launched in ({"OMPI_COMM_WORLD_SIZE": "1"}, {"SLURM_STEP_NUM_TASKS": "4"}):
            with self.subTest(launched=launched):
                done = process("describe", netlist, env={**os.environ, **launched})
                self.assertEqual(done.returncode, 0, done.stderr)


class Signals(Scratch):
    def started(self, *arguments):
        """A run that has begun."""
        started = subprocess.Popen([PROGRAM, "run", "small.toml", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(started.kill)
        while "epoch  " not in started.stdout.readline():
            pass
        return started

    def test_the_first_signal_is_heard_within_a_presentation(self):
        endless = ("--no-tracking", "--set", "stimuli.predict=2147483648")
        for which, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            started = self.started(*endless)
            started.send_signal(which)
            out, err = started.communicate(timeout=100)
            self.assertEqual((started.returncode, err), (code, ""))
            self.assertIn("stopped early, after 0 presentations", out)

    def test_files_of_a_run_that_is_ended_within_a_presentation(self):
        started = self.started("--no-tracking", "--set", "stimuli.predict=2147483648", "--against", "bp", "--trace",
                               "t.h5", "--set", "trace.until=100", "--checkpoint", "c.h5")
        shutil.copy("c.h5", "before.h5")
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=100)
        self.assertEqual((started.returncode, err), (130, ""))
        self.assertEqual(ending("t.h5")[0], "interrupted by the user")
        self.assertTrue(filecmp.cmp("c.h5", "before.h5", shallow=False))

    def test_output_is_written_to_its_end_and_the_second_signal_kills(self):
        # Nobody reads, so that the run waits for room in the pipe when the signals come.
        reads, writes = os.pipe()
        fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
        for signals, code in ((1, 130), (2, -signal.SIGINT)):
            started = subprocess.Popen([PROGRAM, "run", "small.toml", "--set", "stimuli.epochs=100000000"], stdout=writes)
            self.addCleanup(started.kill)
            status = f"/proc/{started.pid}/status"

            def state(key):
                with open(status, encoding="utf-8") as file:
                    return re.search(rf"^{key}:\s*(\S+)", file.read(), re.M)[1]

            while not int(state("SigCgt"), 16) & 1 << signal.SIGINT - 1:
                time.sleep(0.01)
            for _ in range(3):  # it sleeps when the pipe is full
                while state("State") != "S":
                    time.sleep(0.01)
                time.sleep(0.01)
            started.send_signal(signal.SIGINT)
            while int(state("SigCgt"), 16) & 1 << signal.SIGINT - 1:
                time.sleep(0.01)
            if signals == 2:
                started.send_signal(signal.SIGINT)
                self.assertEqual(started.wait(timeout=100), code)
                continue
            text = b""
            while b"weights sha256" not in text:
                text += os.read(reads, 4096)
            self.assertEqual(started.wait(timeout=100), code)
            lines = re.findall(rb"^ +(\d+) +[\d.]+ ", text, re.M)
            self.assertEqual([int(number) for number in lines], list(range(1, len(lines) + 1)))
            self.assertIn(b"stopped early", text)


class LastCheckpoints(Scratch):
    def after(self, *arguments, code=1, **options):
        """Presentations before the last checkpoint of a run that fails."""
        got, out, err = locus("run", "small.toml", "--checkpoint", "c.h5", "--force", *arguments, **options)
        self.assertEqual(got, code, err)
        found = re.search(r"^checkpoint: c\.h5, after (\d+) presentations$", out, re.M)
        self.assertTrue(found, out + err)
        return int(found[1])

    def as_undisturbed(self, presentations, *arguments):
        self.assertEqual(locus("run", "small.toml", "--checkpoint", "d.h5", "--force", "--updates", str(presentations),
                               *arguments)[0], 0)
        self.assertTrue(filecmp.cmp("c.h5", "d.h5", shallow=False))

    def test_a_number_that_blows_up(self):
        for more in ([], ["--against", "bp"], ["--every-updates", "7"], ["--no-test"]):
            with self.subTest(more):
                arguments = [*BLOWS_UP, *more]
                presentations = self.after(*arguments)
                self.assertGreater(presentations, 4)
                self.as_undisturbed(presentations, *arguments)
                self.assertEqual(locus("run", "--resume", "c.h5")[0], 1)  # there it is again

    def test_a_trace_that_cannot_be_written(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

        arguments = ("--set", "stimuli.epochs=3000")
        presentations = self.after(*arguments, "--trace", "t.h5", preexec_fn=limit)
        self.assertGreater(presentations, 0)
        self.as_undisturbed(presentations, *arguments)

    def test_output_that_nobody_reads(self):
        reads, writes = os.pipe()
        started = subprocess.Popen([PROGRAM, "run", "small.toml", "--set", "stimuli.epochs=1000000", "--checkpoint",
                                    "c.h5", "--trace", "t.h5", "--set", "trace.until=20"], stdout=writes,
                                   stderr=subprocess.PIPE, text=True)
        os.close(writes)
        with os.fdopen(reads, encoding="utf-8") as lines:
            while not lines.readline().startswith("    3 "):
                pass
        _, err = started.communicate(timeout=100)
        self.assertEqual((started.returncode, err), (141, ""))
        code, out, _ = locus("run", "--resume", "c.h5", "--set", "stimuli.epochs=1000000", "--updates", "1")
        self.assertEqual(code, 0)
        presentations = int(re.search(r"resumed from c\.h5: after ([\d ]+) presentations", out)[1].replace(" ", ""))
        self.as_undisturbed(presentations, "--set", "stimuli.epochs=1000000", "--set", "trace.until=20")
        self.assertIn("cannot write", ending("t.h5")[0])


class Files(Scratch):
    def refused(self, *arguments):
        before = sorted(os.listdir("."))
        self.fails(2, r"is the same file as", *arguments)
        self.assertEqual(sorted(os.listdir(".")), before)

    def test_two_outputs_are_two_files(self):
        os.mkdir("sub")
        os.symlink("a.h5", "link.h5")  # to where nothing is yet
        os.symlink("sub", "folder")
        here = os.getcwd()
        for one, other in (("a.h5", "a.h5"), ("a.h5", "./a.h5"), ("a.h5", "sub/../a.h5"), ("a.h5", here + "/a.h5"),
                           ("a.h5", "link.h5"), ("folder/a.h5", "sub/a.h5")):
            for first, second in (("--trace", "--checkpoint"), ("--checkpoint", "--save-weights"),
                                  ("--save-weights", "--json"), ("--json", "--trace")):
                self.refused("run", "small.toml", first, one, second, other, "--force")
        self.write("b.h5", "")
        os.link("b.h5", "hard.h5")
        self.refused("run", "small.toml", "--trace", "b.h5", "--checkpoint", "hard.h5", "--force")
        self.refused("run", "small.toml", "--set", "trace.file=b.h5", "--json", "hard.h5", "--force")
        self.refused("audit", "small.toml", "--json", "a", "--dot", "a")
        self.refused("describe", "small.toml", "--json", "a", "--dot", "./a")
        self.fails(2, "only one FILE can be -", "audit", "small.toml", "--json", "-", "--dot", "-")
        self.assertEqual(locus("run", "small.toml", "--json", "/dev/null", "--no-trace")[0], 0)
        for option in ("--save-weights", "--checkpoint"):  # HDF5 needs a file: that is said before the run, not after it
            code, out, err = locus("run", "small.toml", option, "/dev/null", "--no-trace", "--force")
            self.assertEqual((code, out), (2, ""))
            self.assertIn("it is a device", err)

    def test_no_output_is_an_input(self):
        self.write("d.csv", "x0,x1,y0\n0,1,1\n1,0,1\n")
        self.assertEqual(locus("run", "small.toml", "--save-weights", "w.h5")[0], 0)
        self.assertEqual(locus("run", "small.toml", "--checkpoint", "c.h5")[0], 0)
        for option in ("--trace", "--checkpoint", "--save-weights", "--json"):
            self.refused("run", "small.toml", option, "./small.toml", "--force")
            self.refused("run", "small.toml", "--set", "stimuli.data=csv:d.csv", option, "d.csv", "--force")
            self.refused("run", "small.toml", "--set", "weights.file=w.h5", option, "w.h5", "--force")
            if option != "--checkpoint":
                self.refused("run", "--resume", "c.h5", option, "c.h5", "--force")
        self.write("twin.toml", SMALL)
        self.refused("run", "small.toml", "--against", "twin.toml", "--json", "twin.toml")
        self.refused("describe", "small.toml", "--dot", "small.toml")
        self.refused("audit", "small.toml", "--twin", "twin.toml", "--dot", "twin.toml")
        # To go on from a checkpoint and to keep it up is what --resume is for.
        self.assertEqual(locus("run", "--resume", "./c.h5", "--checkpoint", "c.h5")[0], 0)

    def test_no_output_is_standard_output(self):
        with open("o.txt", "w", encoding="utf-8") as file:
            done = process("run", "small.toml", "--json", "o.txt", stdout=file)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, "is the same file as standard output")

    def test_empty_names(self):
        for option in ("--trace", "--checkpoint", "--resume", "--save-weights", "--json", "--against", "--data", "--set"):
            self.fails(2, rf'{option} "": must not be empty', "run", "small.toml", option, "")
        self.fails(2, 'netlist "": must not be empty', "run", "")
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        for words in (["audit", "small.toml", "--json", ""], ["audit", "small.toml", ""], ["describe", ""],
                      ["describe", "small.toml", "--dot", ""], ["describe", "small.toml", "--sonata", ""],
                      ["bench", "--json", ""], ["reproduce", "xor", "--out", ""], ["trace", "info", ""],
                      ["trace", "plot", "t.h5", "--out", ""], ["trace", "plot", "t.h5", "--script", ""],
                      ["trace", "export", "t.h5", "--sonata", ""], ["trace", "diff", "t.h5", ""]):
            with self.subTest(words):
                self.fails(2, '"": must not be empty', *words)
        for key in ("trace.file", "weights.file"):
            self.fails(2, rf'{key} = "": expected the name of a file', "run", "small.toml", "--set", key + '=""')
        self.fails(2, "stimuli.data", "run", "small.toml", "--set", 'stimuli.data=""')


class Limits(Scratch):
    def test_threads_that_cannot_start(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))

        digits = os.path.join(NETLISTS, "digits.toml")
        self.fails(1, r"cannot compute on 200 threads: .* after \d+ of them", "run", digits, "--threads", "200", "--updates",
                   "5", "--no-test", "--set", "circuit.layers=[64, 512, 512, 10]", preexec_fn=limit)
        self.fails(2, "--threads 1000000: expected a whole number <= 256", "run", digits, "--threads", "1000000")


class CraftedFiles(Scratch):
    def mutants(self, good, first, count):
        generator = random.Random(11)
        for _ in range(count):
            bad = bytearray(good)
            for _ in range(generator.choice((1, 1, 2, 8))):
                at = generator.randrange(first, len(bad))
                if generator.random() < 0.6:
                    near = bad.find(generator.choice((b"GCOL", b"TREE", b"HEAP", b"SNOD", b"\x89HDF")), at)
                    at = min(len(bad) - 1, max(near, first) + generator.randrange(96))
                if generator.random() < 0.3:
                    bad[at:at + 8] = b"\xff" * len(bad[at:at + 8])
                else:
                    bad[at] = generator.randrange(256)
            yield bytes(bad)

    def check(self, *arguments):
        code, out, err = locus(*arguments)
        self.assertIn(code, (0, 1, 2), err)
        self.assertNotIn("internal error", err)
        self.assertLessEqual(len(err.splitlines()), 1)
        return code

    def test_checkpoints_under_a_right_seal(self):
        self.assertEqual(locus("run", "small.toml", "--updates", "5", "--checkpoint", "c.h5", "--against", "bp")[0], 0)
        with open("c.h5", "rb") as file:
            good = file.read()
        self.assertEqual(sealed(good), good)
        codes = []
        for bad in self.mutants(good, 512, 60):
            with open("bad.h5", "wb") as file:
                file.write(sealed(bad))
            codes.append(self.check("run", "--resume", "bad.h5", "--updates", "8"))
        self.assertGreater(len(codes) - codes.count(0), 10)

    def test_weights(self):
        self.assertEqual(locus("run", "small.toml", "--save-weights", "w.h5")[0], 0)
        with open("w.h5", "rb") as file:
            good = file.read()
        codes = []
        for bad in self.mutants(good, 0, 40):
            with open("bad.h5", "wb") as file:
                file.write(bad)
            codes.append(self.check("run", "small.toml", "--set", "weights.file=bad.h5", "--updates", "2"))
        self.assertGreater(len(codes) - codes.count(0), 5)


if __name__ == "__main__":
    main()
