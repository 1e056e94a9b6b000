#!/usr/bin/env python3
"""A program whose catalogue has wrong models (tests/models/wrong/) says so whatever needs a model, and does nothing.

usage: test_wrong_catalogue.py PROGRAM SOURCE
"""
import subprocess
import sys

program, source = sys.argv[1:]
expected = [
    'locus: tests/models/wrong/lost_assignment.hpp: reaction 1 assigns "rate", whose writer is the step, so that',
    "tests/models/wrong/lost_assignment.hpp: reaction 1 is the writer of no field",
    'tests/models/wrong/unlike_its_file.hpp: info.name is "controller", but a model is called as its file',
]
netlist = f"{source}/netlists/xor.toml"
for arguments in (["models"], ["models", "phi"], ["run", netlist, "--no-trace"], ["describe", netlist], ["audit", netlist]):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    lines = done.stderr.splitlines()
    right = len(lines) == 1 and lines[0].startswith(expected[0]) and all(each in lines[0] for each in expected)
    if done.returncode != 2 or not right:
        sys.exit(f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
for arguments in (["version"], ["help"], ["expand", netlist]):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments} needs no model: exit code {done.returncode}\n{done.stderr}")
