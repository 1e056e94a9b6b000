"""The stubs of the compiled module say what it has, and every public thing is documented."""

import ast
import inspect
import os
import re
import unittest

from python_testing import SOURCE, main

import locus
from locus import _locus

STUBS = os.path.join(SOURCE, "tools", "python", "locus", "_locus.pyi")


def declared():
    """{name, or class.name: names of arguments, None for what is no function}"""
    with open(STUBS, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    out = {}

    def add(prefix, nodes):
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                out[prefix + node.name] = None
                add(prefix + node.name + ".", node.body)
            elif isinstance(node, ast.FunctionDef):
                decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
                arguments = [a.arg for a in node.args.args if a.arg != "self"]
                out[prefix + node.name] = None if "property" in decorators else (arguments, len(node.args.defaults))
            elif isinstance(node, ast.AnnAssign):
                out[prefix + node.target.id] = None

    add("", tree.body)
    return out


def arguments_of(function):
    """Names from the signature that pybind11 writes, and how many have defaults."""
    line = function.__doc__.splitlines()[0]
    text = line[line.index("(") + 1:line.rindex(") ->")]
    depth, parts, part = 0, [], ""
    for c in text:
        depth += (c in "[(") - (c in "])")
        if c == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    parts = [p.strip() for p in [*parts, part] if p.strip()]
    names = [re.match(r"\w+", p)[0] for p in parts]
    defaults = sum(" = " in p for p in parts)
    return [n for n in names if n not in ("self", "arg0")], defaults


def public(module, prefix=""):
    for name, value in vars(module).items():
        own = name in ("__init__", "__getitem__", "__setitem__", "__version__") if name.startswith("_") else True
        if not own or name == "annotations":
            continue
        yield prefix + name, value
        if inspect.isclass(value) and not prefix:
            yield from public(value, name + ".")


class Stubs(unittest.TestCase):
    def test_the_stubs_are_the_module(self):
        said = declared()
        there = dict(public(_locus))
        for name in set(there) - set(said):
            if name.endswith(".__init__"):  # not to be made by hand
                with self.assertRaisesRegex(TypeError, "No constructor defined"):
                    getattr(_locus, name.partition(".")[0])()
                del there[name]
        self.assertEqual(sorted(said), sorted(there))
        for name, value in there.items():
            with self.subTest(name=name):
                if said[name] is None:
                    self.assertFalse(inspect.isroutine(value) and not inspect.isclass(value), name)
                    continue
                function = value.__func__ if isinstance(value, staticmethod) else value
                self.assertEqual(arguments_of(function), said[name])

    def test_all_that_is_public_is_documented(self):
        for name in locus.__all__:
            value = getattr(locus, name)
            if inspect.isclass(value) or inspect.isroutine(value):
                self.assertTrue(inspect.getdoc(value), name)
                if inspect.isclass(value):
                    for member, each in vars(value).items():
                        if inspect.isfunction(each) and not member.startswith("_"):
                            self.assertTrue(each.__doc__ or member in ("to_pandas", "close", "holds"), f"{name}.{member}")
        self.assertTrue(os.path.exists(os.path.join(os.path.dirname(locus.__file__), "py.typed")))

    def test_the_binding_is_thin(self):
        folder = os.path.join(SOURCE, "tools", "python", "binding")
        lines = 0
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                lines += len(file.readlines())
        self.assertLess(lines, 800)


if __name__ == "__main__":
    main()
