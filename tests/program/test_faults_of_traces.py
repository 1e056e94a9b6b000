#!/usr/bin/env python3
"""Traces whose writes fail, and runs that die in the middle of one: there is no trace, or one that can be read."""

import hashlib
import subprocess

from faults import Faulty, read
from testing import locus, main


class Traces(Faulty):
    def readable(self, content):
        """Whether a trace can be read, by others too."""
        key = hashlib.sha256(content).digest()
        if key not in self.known:
            with open("t.h5", "wb") as file:
                file.write(content)
            info = locus("trace", "info", "t.h5")
            dump = subprocess.run(["h5dump", "t.h5"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
            self.known[key] = info[0] == 0 and dump.returncode == 0 and dump.stderr == b""
        return self.known[key]

    def judge(self, files, after, code):
        if "t.h5" in files:
            self.assertTrue(self.readable(files["t.h5"]))
        if code == 0:
            self.assertEqual(files["t.h5"], after["t.h5"])

    def test_new_traces(self):
        """There is none, or one that can be read."""
        arguments = ["run", "tiny.toml", "--trace", "t.h5"]
        self.each_error(arguments, self.judge)
        codes = self.each_fault("kill", arguments, lambda files, after, code, err: self.judge(files, after, code))
        self.assertEqual(set(codes), {-9})

    def test_traces_that_replace_others(self):
        """There is the old one, or one that can be read."""
        self.assertEqual(locus("run", "tiny.toml", "--updates", "1", "--trace", "t.h5", cwd="before")[0], 0)
        old = read("before/t.h5")

        def judge(files, after, code):
            self.assertIn("t.h5", files)
            if files["t.h5"] != old:
                self.judge(files, after, code)

        arguments = ["run", "tiny.toml", "--trace", "t.h5", "--force"]
        self.each_error(arguments, judge, 3)
        self.each_fault("kill", arguments, lambda files, after, code, err: judge(files, after, code), 3)


if __name__ == "__main__":
    main()
