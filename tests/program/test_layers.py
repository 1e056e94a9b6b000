#!/usr/bin/env python3
"""The layers of sim/ stand on each other as sim/CMakeLists.txt says: a layer includes itself and what it links."""

import os
import re
import unittest

from testing import SOURCE, main

SIM = os.path.join(SOURCE, "sim")


def declared():
    """{layer: layers that it names}, in the order of the list."""
    with open(os.path.join(SIM, "CMakeLists.txt"), encoding="utf-8") as file:
        calls = re.findall(r"^locus_add_layer\((\w+)([^)]*)\)", file.read(), re.M)
    return {name: re.search(r"USES ([a-z ]+)", rest).group(1).split() if "USES" in rest else [] for name, rest in calls}


def included(folder):
    """{layer that files of the folder include: one of those files}"""
    found = {}
    for where, _, files in os.walk(folder):
        for name in files:
            if not name.endswith((".hpp", ".cpp", ".in")):
                continue
            path = os.path.join(where, name)
            with open(path, encoding="utf-8") as file:
                for layer in re.findall(r'^#include "sim/(\w+)/', file.read(), re.M):
                    found.setdefault(layer, os.path.relpath(path, SOURCE))
    return found


class Layers(unittest.TestCase):
    def test_the_list_has_all_folders_lower_ones_first(self):
        layers = declared()
        folders = {name for name in os.listdir(SIM) if os.path.isdir(os.path.join(SIM, name))}
        self.assertEqual(set(layers), folders | {"templates"})
        for place, (name, uses) in enumerate(layers.items()):
            self.assertTrue(set(uses) <= set(list(layers)[:place]), f"{name} uses {uses}")

    def test_includes_point_downwards(self):
        layers = declared()

        def below(name):
            return {name}.union(*(below(used) for used in layers[name]))

        for name in layers:
            folder = os.path.join(SOURCE, "models", "templates") if name == "templates" else os.path.join(SIM, name)
            found = included(folder)
            self.assertTrue(found)
            for layer, file in found.items():
                self.assertIn(layer, below(name), file)

    def test_models_know_nothing_but_the_core(self):
        models = os.path.join(SOURCE, "models")
        for name in os.listdir(models):
            if name.endswith(".hpp"):
                with open(os.path.join(models, name), encoding="utf-8") as file:
                    for include in re.findall(r'^#include "([^"]*)"', file.read(), re.M):
                        self.assertTrue(include.startswith("sim/core/"), f"{name} includes {include}")


if __name__ == "__main__":
    main()
