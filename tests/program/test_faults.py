#!/usr/bin/env python3
"""Writes that fail, and processes that die in the middle of them: no file is lost, none is half there, and a run that
could not write says so. Every single call that changes a file goes wrong once (faults.c)."""

import concurrent.futures
import hashlib
import json
import os
import shutil
import stat
import subprocess
import tempfile
import threading

from testing import PROGRAM, Scratch, locus, main

# As small as a circuit can be: each dataset and group costs some writes.
TINY = """
[circuit]
[stimuli]
data = { inputs = [[0], [1]], targets = [[0], [1]] }
predict = 2
teach = 1
rest = 0
epochs = 2
[[population]]
name = "a"
model = "point-value"
size = 1
[[projection]]
name = "w"
from = "a.rate"
to = "a.feedback"
connect = "all-to-all"
synapse = "fixed"
weights = { init = "constant", scale = 0.5, seed = 1 }
[[stimulus]]
population = "a"
port = "clamp"
role = "input"
[trace]
record = ["x", "theta"]
on_change = ["rate"]
"""


class Content(bytes):
    """Of a file; told by its length where tests differ."""

    def __repr__(self):
        return f"<{len(self)} bytes, {hashlib.sha256(self).hexdigest()[:8]}>"


def read(path):
    with open(path, "rb") as file:
        return Content(file.read())


def files_of(folder):
    """Path within the folder to content."""
    return {os.path.relpath(os.path.join(at, name), folder): read(os.path.join(at, name))
            for at, _, names in os.walk(folder) for name in names}


class Faulty(Scratch):
    @classmethod
    def setUpClass(cls):
        cls.tools = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.tools.cleanup)
        cls.library = os.path.join(cls.tools.name, "faults.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", cls.library, source], check=True)

    def setUp(self):
        super().setUp()
        os.mkdir("before")
        self.write("before/tiny.toml", TINY)
        self.lock = threading.Lock()
        self.known = {}

    def run_in(self, folder, fault, at, arguments):
        """Runs the program there; returns (exit code, stderr, number of calls)."""
        with tempfile.NamedTemporaryFile(dir=self.tools.name) as counter:
            counter.write(bytes(8))
            counter.flush()
            environment = dict(os.environ, LD_PRELOAD=self.library, FAULT_COUNTER=counter.name, FAULT=fault,
                               FAULT_AT=str(at), ASAN_OPTIONS="verify_asan_link_order=0")
            done = subprocess.run([PROGRAM, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                                  timeout=120)
            return done.returncode, done.stderr, int.from_bytes(read(counter.name), "little")

    def each_fault(self, fault, arguments, judge, step=1):
        """Calls judge(files, code, stderr, at) for what a run leaves of "before" whose call number `at` went wrong.
        Returns what an undisturbed run leaves, and the exit codes."""
        shutil.copytree("before", "after")
        code, err, calls = self.run_in("after", "", 0, arguments)
        self.assertEqual(code, 0, err)
        after = files_of("after")
        shutil.rmtree("after")

        def run(at):
            folder = f"{fault}-{at}"
            shutil.copytree("before", folder)
            code, err, _ = self.run_in(folder, fault, at, arguments)
            files = files_of(folder)
            with self.lock:
                try:
                    judge(files, after, code, err)
                except AssertionError as e:
                    raise AssertionError(f"{fault} at call {at} of {calls}: {' '.join(arguments)}: {e}") from None
            shutil.rmtree(folder)
            return code

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            codes = list(pool.map(run, range(1, calls + 1, step)))
        return codes

    def each_error(self, arguments, judge, step=1):
        """The same for errors that the program learns of: it fails, leaves nothing of its own and says why."""
        before = files_of("before")

        def judge_error(files, after, code, err):
            self.assertIn(code, (0, 1), err)
            self.assertLessEqual(set(files), set(before) | set(after))
            if code == 1:
                self.assertRegex(err, r'^locus: cannot write ".*": (No space left on device|Input/output error)\n$')
            judge(files, after, code)

        codes = self.each_fault("once", arguments, judge_error, step)
        codes += self.each_fault("full", arguments, judge_error, 4 * step)
        # What goes wrong without consequences is rare: nothing was to be written by that call.
        self.assertGreater(codes.count(1), 0.6 * len(codes))


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
        locus("run", "tiny.toml", "--no-trace", "--updates", "1", "--checkpoint", "c.h5", cwd="before")
        self.each_error(["run", "tiny.toml", "--no-trace", "--updates", "2", "--checkpoint", "c.h5", "--force"],
                        lambda files, after, code: self.assertTrue(
                            self.resumable(files["c.h5"]) and (code == 1 or files["c.h5"] == after["c.h5"])))

        def judge_killed(files, after, code, err):
            self.assertTrue(self.resumable(files["c.h5"]))
            self.assertIn(code, (0, -9), err)

        self.each_fault("torn", ["run", "tiny.toml", "--no-trace", "--updates", "2", "--checkpoint", "c.h5", "--force"],
                        judge_killed, 5)

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
                            3 * step)

    def test_a_failed_export_leaves_no_folder(self):
        arguments = ["describe", "tiny.toml", "--sonata", "new/s"]
        os.mkdir("e")
        shutil.copy("before/tiny.toml", "e")
        self.assertEqual(self.run_in("e", "full", 20, arguments)[0], 1)
        self.assertEqual(os.listdir("e"), ["tiny.toml"])


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


class Places(Scratch):
    """What is no file is not replaced by one."""

    def setUp(self):
        super().setUp()
        self.write("tiny.toml", TINY)

    def outputs(self, file):
        """Commands that write `file`: those that need a file, and those that write text."""
        run = ["run", "tiny.toml", "--no-trace", "--force"]
        return ([[*run, "--save-weights", file], [*run, "--checkpoint", file],
                 ["run", "tiny.toml", "--force", "--trace", file]],
                [[*run, "--json", file], ["describe", "tiny.toml", "--json", file],
                 ["describe", "tiny.toml", "--dot", file], ["describe", "tiny.toml", "--graphml", file],
                 ["audit", "tiny.toml", "--json", file]])

    def test_devices(self):
        # No real ones by their own names: root would lose them if the program replaced them.
        try:
            os.mknod("null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            os.symlink("/dev/null", "null")
        os.symlink("null", "link")
        os.symlink("/dev/full", "full")
        for file in ("null", "link"):
            files, texts = self.outputs(file)
            for arguments in files:
                self.fails(2, rf'"{file}".* (device|no file)', *arguments)
            for arguments in texts:
                self.assertEqual(locus(*arguments)[0], 0)
            self.assertTrue(stat.S_ISCHR(os.stat(file).st_mode))
        self.assertTrue(os.path.islink("link"))
        for arguments in self.outputs("full")[1]:
            self.fails(1, 'cannot write "full": No space left on device', *arguments)

    def test_pipes(self):
        os.mkfifo("pipe")
        files, texts = self.outputs("pipe")
        for arguments in files:
            self.fails(2, r'"pipe".* (pipe|no file)', *arguments)
        for arguments in texts:
            with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
                self.assertEqual(locus(*arguments)[0], 0)
                self.assertGreater(len(reader.communicate()[0]), 20)
        self.assertTrue(stat.S_ISFIFO(os.stat("pipe").st_mode))

    def test_standard_output_by_name(self):
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            code, out, err = locus("run", "tiny.toml", "--no-trace", "--json", name)
            self.assertEqual(code, 0, err)
            self.assertIn('"weights_sha256"', out)
            with open("out", "w", encoding="utf-8") as file:
                subprocess.run([PROGRAM, "run", "tiny.toml", "--no-trace", "--json", name], stdout=file, check=True)
            text = read("out").decode()
            self.assertIn('"weights_sha256"', text)
            self.assertIn("weights sha256", text)  # what was printed is not lost

    def test_links(self):
        os.mkdir("far")
        for k, arguments in enumerate(sum(self.outputs("link"), [])):
            target = f"far/{k}"
            os.symlink(target, "link")
            for _ in range(2):  # made, and then replaced
                code, out, err = locus(*arguments)
                self.assertEqual(code, 0, (out, err))
                self.assertTrue(os.path.islink("link"))
                self.assertGreater(os.path.getsize(target), 20)
                self.assertFalse(os.path.islink(target))
            os.remove("link")
        self.assertFalse([name for name in os.listdir(".") + os.listdir("far") if name.endswith(".part")])

    def test_folders(self):
        os.mkdir("folder")
        files, texts = self.outputs("folder")
        for arguments in files:
            self.fails(2, r'"folder".* (folder|no file)', *arguments)
        for arguments in texts:
            self.fails(1, 'cannot write "folder": Is a directory', *arguments)
        self.assertEqual(os.listdir("folder"), [])

    def test_what_a_killed_process_of_the_same_number_left(self):
        for arguments in sum(self.outputs("x"), []):
            script = 'echo left > "x.$$.part"; exec "$0" "$@"'  # exec keeps the number
            done = subprocess.run(["sh", "-c", script, PROGRAM, *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            left = [name for name in os.listdir(".") if name.endswith(".part")]
            self.assertEqual([read(name) for name in left], [b"left\n"])
            self.assertGreater(os.path.getsize("x"), 20)
            os.remove(left[0])
            os.remove("x")

    def test_what_cannot_be_written_is_said_before_the_run(self):
        for option in ("--json", "--save-weights", "--checkpoint", "--trace"):
            code, out, err = locus("run", "tiny.toml", option, "none/x")
            self.assertIn(code, (1, 2))
            self.assertRegex(err, r"none")
            self.assertNotIn("epoch  ", out)

    def test_permissions_stay(self):
        for arguments in sum(self.outputs("x"), []):
            self.write("x", "old")
            os.chmod("x", 0o640)
            self.assertEqual(locus(*arguments)[0], 0)
            self.assertEqual(stat.S_IMODE(os.stat("x").st_mode), 0o640)
            os.remove("x")


if __name__ == "__main__":
    main()
