"""What the tests of `import locus` have in common: each test_*.py beside this file is run as
test_NAME.py PROGRAM SOURCE_DIRECTORY [TEST...] by the Python that the module was built for.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
NETLISTS = os.path.join(SOURCE, "netlists")
PACKAGE = os.path.abspath(os.environ.get("LOCUS_PYTHON_PACKAGE", os.path.join(os.path.dirname(PROGRAM), "python")))
sys.path.insert(0, PACKAGE)
# What the tests hand over as arrays is kept where they end.
_CACHE = tempfile.TemporaryDirectory()
os.environ["XDG_CACHE_HOME"] = _CACHE.name
os.environ["MPLBACKEND"] = "Agg"


def netlist(name):
    return os.path.join(NETLISTS, name + ".toml")


def program(*arguments):
    """What `locus run` with these arguments says in --json."""
    subprocess.run([PROGRAM, "run", *arguments, "--json", "program.json"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open("program.json", encoding="utf-8") as file:
        return json.load(file)


class Scratch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, "/")
        os.chdir(folder.name)


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
