"""The examples in docstrings do what they say."""

import doctest
import importlib
import os
import pathlib
import pkgutil
import unittest

import numpy as np
from python_testing import NETLISTS, Scratch, main, netlist

import locus


class Doctests(Scratch):
    def test_all_modules(self):
        locus.run(netlist("xor"), epochs=1, record="*", trace="xor.h5", progress=False)
        given = {"locus": locus, "np": np, "netlists": pathlib.Path(NETLISTS), "xor_trace": os.path.abspath("xor.h5")}
        attempted = 0
        for module in ["locus", *(f"locus.{m.name}" for m in pkgutil.iter_modules(locus.__path__) if m.name != "_locus")]:
            with self.subTest(module=module):
                result = doctest.testmod(importlib.import_module(module), extraglobs=given,
                                         optionflags=doctest.NORMALIZE_WHITESPACE)
                self.assertEqual(result.failed, 0)
                attempted += result.attempted
        self.assertGreater(attempted, 18)


if __name__ == "__main__":
    main()
