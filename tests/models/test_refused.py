#!/usr/bin/env python3
"""The compiler refuses the models of refused.hpp, each with one error: the sentence that stands above it, with its name.

usage: test_refused.py SOURCE COMPILER...
"""
import os
import re
import subprocess
import sys

source, compiler = sys.argv[1], sys.argv[2:]
text = open(f"{source}/tests/models/refused.hpp").read()
wrong = re.findall(r"^// refused: (.*)\nstruct (\w+)", text, re.M)
assert len(wrong) > 30 and len(wrong) == text.count("// refused:"), "a comment without a model"

# What generated files do with a model.
unit = """#define LOCUS_TARGET scalar
#define LOCUS_TARGET_SCALAR
#include "sim/audit/instantiate.hpp"
#include "sim/core/describe.hpp"
#include "sim/engine/instantiate.hpp"
#include "tests/models/refused.hpp"
using namespace locus;
using namespace locus::models;
template <class M>
void listed() {
  (void)describe_model<M>();
  (void)detail::make_traced_model<M>();
  (void)detail::make_kernels<M, simd::number>();
}
"""


is_clang = "clang" in subprocess.run([*compiler, "--version"], capture_output=True, text=True).stdout
options = ["-std=c++20", "-fsyntax-only", *(["-ferror-limit=0"] if is_clang else []), "-I", source, "-x", "c++", "-"]


def compiled(models):
    """Exit code and messages of the compiler."""
    calls = "".join(f"template void listed<{name}>();\n" for name in models)
    run = subprocess.run([*compiler, *options], input=unit + calls, capture_output=True, text=True,
                         env={**os.environ, "LC_ALL": "C"})
    return run.returncode, run.stderr


code, messages = compiled(["some_neuron", "some_synapse", "some_model"])
assert code == 0, "the models that are as they should be are refused:\n" + messages

code, messages = compiled([name for _, name in wrong])
assert code != 0, "nothing is refused"
found = {}
# g++ says where before the error, clang after it. What stands last before an error, or first after it, is innermost.
parts = re.split(r"\berror: ", messages)
for k, part in enumerate(parts[1:]):
    names = re.findall(r"models::(\w+)", part if is_clang else parts[k])
    name = next((n for n in (names if is_clang else reversed(names)) if n in {n for _, n in wrong}), "")
    found.setdefault(name, []).append(part.split("\n")[0])
failures = [f"{name}: expected one error, \"{sentence}\", found {found.get(name)}" for sentence, name in wrong
            if len(found.get(name, [])) != 1 or sentence not in found[name][0]]
failures += [f"{name or 'no model'}: {errors}" for name, errors in found.items() if name not in {n for _, n in wrong}]
if failures:
    sys.exit("\n".join(failures) + "\n\n" + messages)
