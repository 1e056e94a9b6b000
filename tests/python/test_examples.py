"""The notebooks in tools/python/examples run from top to bottom."""

import glob
import os
import subprocess
import sys

from python_testing import PACKAGE, SOURCE, Scratch, main


class Examples(Scratch):
    def test_all_of_them(self):
        files = sorted(glob.glob(os.path.join(SOURCE, "tools", "python", "examples", "*.py")))
        self.assertGreaterEqual(len(files), 4)
        for file in files:
            with self.subTest(example=os.path.basename(file)):
                done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=False,
                                      env={**os.environ, "PYTHONPATH": PACKAGE})
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                with open(file, encoding="utf-8") as source:
                    text = source.read()
                self.assertIn("format_name: percent", text)
                self.assertGreater(text.count("# %%"), 5)


if __name__ == "__main__":
    main()
