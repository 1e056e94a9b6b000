#!/usr/bin/env python3
"""Writes that fail, and processes that die in the middle of them: no file is lost, none is half there, and a run that
could not write says so. Every single call that changes a file goes wrong once (label validation; else every fifth)."""

import hashlib
import json
import os
import shutil

from faults import Faulty, files_of
from testing import locus, main


class Files(Faulty):
    def test_one_file(self):
        """It is the old one or the new one, and the new one if the program says so."""
        for name, arguments in (("w.h5", ["run", "tiny.toml", "--no-trace", "--save-weights", "w.h5"]),
                                ("r.json", ["run", "tiny.toml", "--no-trace", "--json", "r.json"]),
                                ("c.json", ["describe", "tiny.toml", "--json", "c.json"]),
                                ("c.dot", ["describe", "tiny.toml", "--dot", "c.dot"]),
                                ("c.graphml", ["describe", "tiny.toml", "--graphml", "c.graphml"]),
                                ("a.json", ["audit", "tiny.toml", "--json", "a.json"])):
            self.write(f"before/{name}", "old")

            def judge(files, after, code, name=name):
                if code != 0 and files[name] == b"old":
                    return
                if name == "r.json":
                    self.assertIn("weights_sha256", json.loads(files[name]))  # it tells times, too
                else:
                    self.assertEqual(files[name], after[name])

            self.each_error(arguments, judge)
            os.remove(f"before/{name}")

    def resumable(self, content):
        """Whether a checkpoint is one."""
        key = hashlib.sha256(content).digest()
        if key not in self.known:
            with open("c.h5", "wb") as file:
                file.write(content)
            self.known[key] = locus("run", "--resume", "c.h5", "--no-trace")[0] == 0
        return self.known[key]

    def test_checkpoints(self):
        locus("run", "tiny.toml", "--no-trace", "--updates", "2", "--checkpoint", "c.h5", cwd="before")
        self.each_error(["run", "tiny.toml", "--no-trace", "--updates", "1", "--checkpoint", "c.h5", "--force"],
                        lambda files, after, code: self.assertTrue(
                            self.resumable(files["c.h5"]) and (code == 1 or files["c.h5"] == after["c.h5"])))

        def judge_killed(files, after, code, err):
            self.assertTrue(self.resumable(files["c.h5"]))
            self.assertIn(code, (0, -9), err)

        self.each_fault("torn", ["run", "tiny.toml", "--no-trace", "--updates", "1", "--checkpoint", "c.h5", "--force"],
                        judge_killed, 7)

    def judge_sonata(self, files, after, before):
        if "circuit_config.json" not in files:
            return  # a reader knows that there is no circuit
        whole = {name: content for name, content in files.items() if not name.endswith(".part")}
        self.assertIn(whole, (before, after))

    def test_sonata(self):
        """A folder is the old one or the new one, or has no circuit_config.json."""
        self.assertEqual(locus("run", "tiny.toml", "--trace", "t.h5", cwd="before")[0], 0)
        self.assertEqual(locus("trace", "export", "t.h5", "--sonata", "s", cwd="before")[0], 0)
        before = files_of("before")
        for step, arguments in ((1, ["describe", "tiny.toml", "--set", "stimuli.predict=3", "--sonata", "s", "--force"]),
                                (6, ["trace", "export", "t.h5", "--sonata", "s", "--force"])):
            def judge(files, after, code):
                if code == 0:
                    self.assertEqual(files, after)
                inner = [{name[2:]: content for name, content in all_files.items() if name.startswith("s/")}
                         for all_files in (files, after, before)]
                self.judge_sonata(*inner)

            self.each_error(arguments, judge, step)
            self.each_fault("kill", arguments, lambda files, after, code, err, judge=judge: judge(files, after, code),
                            4 * step)

    def test_a_failed_export_leaves_no_folder(self):
        arguments = ["describe", "tiny.toml", "--sonata", "new/s"]
        os.mkdir("e")
        shutil.copy("before/tiny.toml", "e")
        self.assertEqual(self.run_in("e", "full", 20, arguments)[0], 1)
        self.assertEqual(os.listdir("e"), ["tiny.toml"])


if __name__ == "__main__":
    main()
