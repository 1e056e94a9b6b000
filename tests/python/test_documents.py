"""The Python that documents show runs, each block by itself, in a folder with the netlists."""

import os
import re
import shutil
import subprocess
import sys

from python_testing import NETLISTS, PACKAGE, SOURCE, Scratch, main

DOCUMENTS = ("README.md", "docs/python.md")


class Documents(Scratch):
    def test_every_block(self):
        shutil.copytree(NETLISTS, "netlists")
        count = 0
        for name in DOCUMENTS:
            with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
                text = file.read()
            for block in re.finditer(r"^```python\n(.*?)^```", text, re.M | re.S):
                if "import locus" not in block[1]:
                    continue
                count += 1
                with self.subTest(document=name, line=text.count("\n", 0, block.start()) + 1):
                    done = subprocess.run([sys.executable, "-c", block[1]], capture_output=True, text=True, check=False,
                                          env={**os.environ, "PYTHONPATH": PACKAGE})
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertGreater(count, 5)


if __name__ == "__main__":
    main()
