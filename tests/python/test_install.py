"""The package as `cmake --install` puts it somewhere."""

import os
import subprocess
import sys

from python_testing import PROGRAM, Scratch, main, netlist


class Installed(Scratch):
    def test_it_is_imported_from_a_prefix(self):
        subprocess.run(["cmake", "--install", os.path.dirname(PROGRAM), "--prefix", "prefix"], check=True,
                       stdout=subprocess.DEVNULL)
        folder = os.path.abspath(f"prefix/lib/python3.{sys.version_info.minor}/dist-packages")
        self.assertFalse([f for f in os.listdir(os.path.join(folder, "locus")) if os.path.islink(os.path.join(folder, "locus", f))])
        script = (f"import locus; xor = {netlist('xor')!r}; print(locus.__file__, locus.run(xor, epochs=1).results['updates'], "
                  "*locus.sweep(xor, seeds=2, updates=3).cells['updates'])")
        out = subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": folder}, check=True,
                             capture_output=True, text=True).stdout
        self.assertEqual(out, f"{folder}/locus/__init__.py 4 3 3\n")


if __name__ == "__main__":
    main()
