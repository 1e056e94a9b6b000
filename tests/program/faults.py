"""Runs of the program of which one call that changes a file goes wrong (faults.c)."""

import concurrent.futures
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading

from testing import PROGRAM, Scratch

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
        """Calls judge(files, after, code, stderr) for what a run leaves of "before" when a call of it went wrong, and
        with what an undisturbed run leaves ("after"). Every step-th call goes wrong once; every fifth of these unless
        LOCUS_LONG is set. Returns the exit codes."""
        if "LOCUS_LONG" not in os.environ:
            step *= 5
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
        codes += self.each_fault("full", arguments, judge_error, 7 * step)
        # What goes wrong without consequences is rare: nothing was to be written by that call.
        self.assertGreater(codes.count(1), 0.6 * len(codes))
