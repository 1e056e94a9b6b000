#!/usr/bin/env python3
"""Runs that are resumed, stopped and killed."""

import json
import os
import random
import re
import signal
import subprocess

from testing import PROGRAM, Scratch, locus, main


class Checkpoints(Scratch):
    def result(self, *arguments):
        code, out, err = locus("run", *arguments, "--json", "o.json")
        self.assertEqual(code, 0, err)
        with open("o.json", encoding="utf-8") as file:
            return json.load(file), out

    def test_a_resumed_run_ends_as_the_undisturbed_one(self):
        whole, text = self.result("small.toml", "--against", "bp")
        self.result("small.toml", "--against", "bp", "--updates", "7", "--checkpoint", "c.h5", "--every-updates", "2")
        for arguments in (["--resume", "c.h5"], ["small.toml", "--resume", "c.h5", "--against", "bp"]):
            parts, resumed_text = self.result(*arguments)
            self.assertEqual(parts.pop("resumed"), {"from": "c.h5", "after": 7})
            for result in (parts, whole):
                result["wall_s"] = 0
            self.assertEqual(parts, whole)
            lines = [line for line in text.splitlines() if re.match(r" +[23] ", line)]
            self.assertEqual(lines, [line for line in resumed_text.splitlines() if re.match(r" +[123] ", line)])
            self.assertIn("resumed from c.h5: after 7 presentations, at tick 42", resumed_text)

    def test_a_longer_run(self):
        self.result("small.toml", "--checkpoint", "c.h5")
        longer, _ = self.result("--resume", "c.h5", "--set", "stimuli.epochs=5")
        whole, _ = self.result("small.toml", "--set", "stimuli.epochs=5")
        self.assertEqual(longer["weights_sha256"], whole["weights_sha256"])
        self.assertEqual(longer["epochs"], whole["epochs"])

    def test_a_trace_begins_where_the_run_is_resumed(self):
        self.result("small.toml", "--updates", "7", "--checkpoint", "c.h5")
        recorded, _ = self.result("--resume", "c.h5", "--trace", "t.h5")
        self.assertEqual(recorded["weights_sha256"], self.result("small.toml")[0]["weights_sha256"])
        begun, _ = self.result("--resume", "c.h5", "--trace", "u.h5", "--set", "trace.until=42")
        self.assertEqual(begun["weights_sha256"], recorded["weights_sha256"])
        self.assertLess(os.path.getsize("u.h5"), os.path.getsize("t.h5"))  # tick 42 is the first that is run

    def test_a_signal_writes_a_last_checkpoint(self):
        for which in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([PROGRAM, "run", "small.toml", "--set", "stimuli.epochs=100000000",
                                        "--checkpoint", "c.h5", "--force"], stdout=subprocess.PIPE, text=True)
            while "epoch  " not in process.stdout.readline():
                pass
            process.stdout.readline()
            process.send_signal(which)
            out, _ = process.communicate(timeout=60)
            after = int(re.search(r"stopped early, after (\d+) presentations", out)[1])
            limit = ["--updates", str(after + 5)]
            resumed, _ = self.result("--resume", "c.h5", *limit)
            whole, _ = self.result("small.toml", "--set", "stimuli.epochs=100000000", *limit)
            self.assertEqual(resumed["resumed"]["after"], after)
            self.assertEqual(resumed["weights_sha256"], whole["weights_sha256"])

    def test_killed_at_any_moment_a_run_goes_on_from_its_checkpoint(self):
        endless = "stimuli.epochs=100000000"
        draw = random.Random(1)
        arguments = ["small.toml"]
        for _ in range(6):
            process = subprocess.Popen([PROGRAM, "run", *arguments, "--set", endless, "--checkpoint", "c.h5",
                                        "--every-updates", "1"], stdout=subprocess.DEVNULL)
            self.addCleanup(process.kill)
            seen, last = 0, None
            wanted = draw.randint(2, 40)
            while seen < wanted:  # checkpoints; then it may be doing anything
                self.assertIsNone(process.poll())
                now = os.stat("c.h5").st_mtime_ns if os.path.exists("c.h5") else None
                seen += now != last
                last = now
            process.kill()
            process.wait()
            arguments = ["--resume", "c.h5"]
        after = self.result(*arguments, "--updates", "1")[0]["resumed"]["after"]
        epochs = f"stimuli.epochs={after // 4 + 2}"
        whole, _ = self.result("small.toml", "--set", epochs)
        end, _ = self.result(*arguments, "--set", epochs)
        self.assertEqual(end["weights_sha256"], whole["weights_sha256"])
        self.assertEqual(end["epochs"], whole["epochs"])

    def test_mistakes(self):
        self.result("small.toml", "--updates", "7", "--checkpoint", "c.h5")
        with open("c.h5", "rb") as file:
            before = file.read()
        self.fails(2, r'"c\.h5" exists: choose another name, --resume it, or pass --force', "run", "small.toml",
                   "--checkpoint", "c.h5")
        self.fails(2, r"--every-updates says how often --checkpoint FILE is written", "run", "small.toml",
                   "--every-updates", "5")
        self.fails(1, r'cannot resume from "none\.h5": No such file', "run", "--resume", "none.h5")
        self.fails(2, r"another netlist: learning\.alpha is 0\.1 in the checkpoint, 0\.2 now", "run", "small.toml",
                   "--resume", "c.h5", "--set", "learning.alpha=0.2")
        self.fails(2, r"--against bp: the run of \"c\.h5\" was compared with nothing", "run", "--resume", "c.h5",
                   "--against", "bp")
        self.fails(1, r"no/such/c\.h5", "run", "small.toml", "--checkpoint", "no/such/c.h5")
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        self.fails(1, r'cannot resume from "t\.h5": it is no checkpoint', "run", "--resume", "t.h5")
        with open("c.h5", "rb") as file:
            self.assertEqual(file.read(), before)
        for place in (600, len(before) // 2, len(before) - 1):
            with open("damaged.h5", "wb") as file:
                file.write(before[:place] + bytes([before[place] ^ 1]) + before[place + 1:])
            self.fails(1, r'"damaged\.h5": it is damaged', "run", "--resume", "damaged.h5")
            with open("short.h5", "wb") as file:
                file.write(before[:place])
            self.fails(1, r'"short\.h5": it is damaged', "run", "--resume", "short.h5")


if __name__ == "__main__":
    main()
