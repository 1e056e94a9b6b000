"""Kernels are compiled once per instruction set into one program. The linker keeps one function of each name, so that a
function which several sets compile under one name runs with the instructions of whichever set comes first: on another
machine it stops the program, and what is said to be two sets' kernels may be one.
"""

import json
import os
import shlex
import subprocess

from testing import PROGRAM, SOURCE, Scratch, compiled_sets, main, thorough

BUILD = os.path.dirname(PROGRAM)


def commands():
    """(object file, its compiler's arguments, its directory) of every file of the build."""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        for each in json.load(file):
            arguments = shlex.split(each["command"])
            output = os.path.join(each["directory"], arguments[arguments.index("-o") + 1])
            yield output, arguments, each["directory"]


def target_of(arguments):
    """The instruction set that a file is compiled for; "" for the machine's base."""
    return next((a.split("=")[1] for a in arguments if a.startswith("-DLOCUS_TARGET=")), "")


def functions(*objects):
    """Functions that the linker would merge with others of their name."""
    listing = subprocess.run(["nm", "--defined-only", *objects], capture_output=True, text=True, check=True).stdout
    symbols = [line.split() for line in listing.splitlines()]
    weak = {s[2] for s in symbols if len(s) == 3 and s[1] == "W"}
    return {name for name in weak if not name.startswith("__")}  # the compiler's own helpers


def tag(target):
    """What names of functions over a target's number types contain."""
    return f"4simd{len(target)}{target}"


class KernelObjects(Scratch):
    def setUp(self):
        super().setUp()
        self.objects = {}
        self.arguments = {}
        for output, arguments, directory in commands():
            target = target_of(arguments)
            if os.path.exists(output) and output.endswith(".o"):
                self.objects.setdefault(target, []).append(output)
            if target and output.endswith("transfer.cpp.o"):
                self.arguments[target] = arguments, directory
        self.vector_targets = sorted(set(self.objects) - {"", "scalar"})
        self.assertIn("scalar", self.objects)
        self.assertEqual(set(self.objects), {""} | compiled_sets())
        with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as file:
            whole = "\nLOCUS_KERNELS:STRING=all\n" in file.read()
        if whole and os.uname().machine == "x86_64":
            self.assertEqual(self.vector_targets, ["avx2", "avx512"])

    def test_functions_of_an_instruction_set_have_its_name(self):
        for target in self.vector_targets:
            found = functions(*self.objects[target])
            self.assertTrue(any(tag(target) in name for name in found))
            self.assertEqual({name for name in found if tag(target) not in name}, set(), target)

    def test_nobody_else_defines_them(self):
        found = {target: functions(*objects) for target, objects in self.objects.items()}
        for target in self.vector_targets:
            for other in set(found) - {target}:
                self.assertEqual(found[target] & found[other], set(), (target, other))

    @thorough
    def test_without_optimisation(self):
        """Not even what the compiler would have inlined is ours without the name; the library's is (hence -O3 in every
        configuration)."""
        models = "gated_hebbian", "decaying_hebbian", "phi"
        with open("kernels.cpp", "w", encoding="utf-8") as file:
            file.write('#include "sim/engine/instantiate.hpp"\n')
            file.writelines(f'#include "models/{model}.hpp"\n' for model in models)
            file.write("namespace locus {\n")
            for model in models:
                file.write(f"extern const model_kernels {model}_kernels;\n"
                           f"constinit const model_kernels {model}_kernels =\n"
                           f"    detail::make_kernels<models::{model}, simd::number>();\n")
            file.write("}\n")
        for target in self.vector_targets[:1]:  # all have the same text
            arguments, directory = self.arguments[target]
            for source in os.path.abspath("kernels.cpp"), os.path.join(SOURCE, "sim", "engine", "transfer.cpp"):
                output = os.path.abspath("plain.o")
                given = arguments[:arguments.index("-o")] + ["-O0", "-fno-inline", "-o", output, "-c", source]
                subprocess.run(given, check=True, cwd=directory)
                found = functions(output)
                self.assertTrue(any(tag(target) in name for name in found))
                ours = {name for name in found if "5locus" in name}
                self.assertEqual({name for name in ours if tag(target) not in name}, set(), target)


if __name__ == "__main__":
    main()
