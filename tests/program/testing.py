"""What the tests of the program have in common: each test_*.py beside this file is run as
test_NAME.py PROGRAM SOURCE_DIRECTORY [TEST...] and uses the program as a user would.
"""

import array
import os
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
NETLISTS = os.path.join(SOURCE, "netlists")

SMALL = """
[circuit]
template = "predictive-coding"
layers = [2, 3, 1]
activation = "tanh"
bias = true
lanes = 1
[weights]
seed = 1
[learning]
rule = "fa-z-il"
alpha = 0.1
[stimuli]
data = { inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0], [1], [1], [0]] }
predict = 4
teach = 2
rest = 0
epochs = 3
"""


def compiled_sets():
    """The instruction sets that the program was built for."""
    with open(os.path.join(os.path.dirname(PROGRAM), "compile_commands.json"), encoding="utf-8") as file:
        return set(re.findall(r" -DLOCUS_TARGET=(\w+)", file.read()))


def locus(*arguments, **options):
    """Runs the program; returns (exit code, stdout, stderr)."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr


def ending(trace):
    """Why and when the run of a trace ended, and whether it is complete."""
    text = subprocess.run(["h5dump", "-a", "/ended", "-a", "/ended_tick", "-a", "/complete", trace], capture_output=True,
                          text=True, check=True).stdout
    ended, tick, complete = re.findall(r"\(0\): (.*)", text)
    return ended.strip('"'), int(tick), int(complete)


def numbers_in(file, path):
    """All numbers of a dataset, exactly: what h5py's file[path][...].ravel() has."""
    with tempfile.TemporaryDirectory() as folder:
        raw = os.path.join(folder, "raw")
        told = subprocess.run(["h5dump", "-d", path, "-b", "LE", "-o", raw, file], capture_output=True, text=True, check=True)
        kind = re.search(r"DATATYPE\s+H5T_(?:IEEE|STD)_([FIU]\d+)LE", told.stdout)[1]
        numbers = array.array({"F32": "f", "F64": "d", "I32": "i", "I64": "q", "U32": "I", "U64": "Q"}[kind])
        with open(raw, "rb") as data:
            numbers.frombytes(data.read())
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.chdir(self.folder.name)
        self.addCleanup(os.chdir, "/")
        self.write("small.toml", SMALL)

    def write(self, name, text):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)

    def fails(self, code, pattern, *arguments, **options):
        """The program ends with `code` and one line on stderr that matches."""
        got, out, err = locus(*arguments, **options)
        complaint = [line for line in err.splitlines() if not line.startswith("warning:")]
        self.assertEqual(got, code, (out, err))
        self.assertEqual(len(complaint), 1, err)
        self.assertRegex(complaint[0], pattern)


def thorough(test):
    """Marks a test that takes long: it goes through all circuits, documents or results there are, or compiles much."""
    test.thorough = True
    return test


class Chosen(unittest.TestLoader):
    """Where LOCUS_THOROUGH is set, the tests that are marked as `thorough`, else all others; with LOCUS_LONG all."""

    def getTestCaseNames(self, case):
        return [name for name in super().getTestCaseNames(case) if "LOCUS_LONG" in os.environ
                or hasattr(getattr(case, name), "thorough") == ("LOCUS_THOROUGH" in os.environ)]


def main():
    """Runs the chosen tests of the script that was started, or those named on its command line."""
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], testLoader=Chosen())
