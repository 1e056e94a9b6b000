#!/usr/bin/env python3
"""`locus trace export --vcd`: what a few lines of Python read there is what the trace holds, by ==."""

import os
import re

from testing import NETLISTS, Scratch, locus, main, numbers_in


def read_vcd(name):
    """{"hidden1.value.neuron_3.x": [(time, value)]}, and the header's texts."""
    with open(name, encoding="ascii") as file:
        words = file.read().split("\n")
    scopes, signals, names, header, time = [], {}, {}, {}, None
    for line in words:
        part = line.split()
        if not part:
            continue
        if part[0] == "$scope":
            scopes.append(part[2])
        elif part[0] == "$upscope":
            scopes.pop()
        elif part[0] == "$var":
            full = ".".join([*scopes, part[4]])
            assert full not in signals, full
            names[part[3]], signals[full] = (full, part[1]), []
        elif part[0].startswith("$"):
            header[part[0]] = " ".join(part[1:-1])
        elif part[0][0] == "#":
            assert time is None or int(part[0][1:]) > time, "times ascend"
            time = int(part[0][1:])
        elif part[0][0] == "r":
            full, kind = names[part[1]]
            assert kind == "real", full
            signals[full].append((time, float(part[0][1:])))
        else:
            full, kind = names[part[0][1:]]
            assert kind == "wire", full
            signals[full].append((time, int(part[0][0])))
    assert not scopes
    return signals, header, time


def held(changes, ticks):
    """The values at those ticks."""
    values, at, now = [], 0, None
    for tick in ticks:
        while at < len(changes) and changes[at][0] <= tick:
            now = changes[at][1]
            at += 1
        values.append(now)
    return values


class Vcd(Scratch):
    def export(self, trace, *options):
        code, out, err = locus("trace", "export", "--vcd", "out.vcd", trace, "--force", *options)
        self.assertEqual((code, err), (0, ""), out)
        return read_vcd("out.vcd"), out

    def check(self, trace, ticks, groups, signals, lanes=1):
        """Every signal against the file."""
        left = set(signals)
        for path, neurons, width in groups:
            frames = numbers_in(trace, "/trace/" + path)
            group, variable = path.rsplit("/", 1)
            for n, neuron in enumerate(neurons):
                name = f"{group}.{neuron}.{variable}"
                column = frames[n * lanes::width * lanes]
                self.assertEqual(held(signals[name], ticks), column, name)
                left.discard(name)
                for (_, before), (_, after) in zip(signals[name], signals[name][1:]):
                    self.assertNotEqual(before, after, "changes alone")
        self.assertEqual(left, set())

    def test_all_of_a_run(self):
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        (signals, header, end), out = self.export("t.h5")
        self.assertRegex(out, r"(?m)^wrote out\.vcd: \d+ signals, [\d ]+ changes in ticks 0 to 71$")
        self.assertEqual(header["$timescale"], "1 ns")
        self.assertIn("1 tick = 1 ns", header["$comment"])
        self.assertEqual(end, 72)
        ticks = [int(t) for t in numbers_in("t.h5", "/trace/tick")]
        groups = []
        for group, size, variables in [("input.value", 2, ["b", "a", "x", "rate"]),
                                       ("hidden1.value", 3, ["b", "a", "x", "rate"]), ("bias", 1, ["rate"]),
                                       ("output.value", 1, ["b", "a", "x", "rate"]),
                                       ("hidden1.error", 3, ["mu", "eps", "burst"]),
                                       ("output.error", 1, ["mu", "eps", "burst"]),
                                       ("hidden1.phi", 3, ["quiet", "mu_before", "spike"]),
                                       ("output.phi", 1, ["quiet", "mu_before", "spike"])]:
            for variable in variables:
                if f"{group}.neuron_0.{variable}" in signals:
                    groups.append((f"{group}/{variable}", [f"neuron_{n}" for n in range(size)], size))
        weights = {}
        for name in signals:
            found = re.fullmatch(r"(.*)\.onto_(\d+)\.from_(\d+)\.theta", name)
            if found:
                weights.setdefault(found[1], []).append((int(found[2]), int(found[3])))
        self.assertIn("hidden1.forward", weights)
        for group, ends in weights.items():
            ends.sort()
            groups.append((f"{group}/theta", [f"onto_{post}.from_{pre}" for post, pre in ends], len(ends)))
        self.check("t.h5", ticks, groups, signals)
        # Spikes are wires, and all of them are there.
        spikes = numbers_in("t.h5", "/spikes/output.phi/timestamps")
        wire = signals["output.phi.neuron_0.spike"]
        self.assertEqual([t for t, level in enumerate(held(wire, range(73))) if level == 1], [int(t) for t in spikes])
        with open("out.vcd", encoding="ascii") as file:
            self.assertRegex(file.read(), r"\$var wire 1 \S+ spike \$end")

    def test_selection(self):
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        (signals, _, end), _ = self.export("t.h5", "--select", "hidden1.value.x[1]", "--select", "phi", "--ticks", "8:20")
        self.assertEqual(end, 20)
        self.assertIn("hidden1.value.neuron_1.x", signals)
        self.assertNotIn("hidden1.value.neuron_0.x", signals)
        x = numbers_in("t.h5", "/trace/hidden1.value/x")[1::3]
        self.assertEqual(held(signals["hidden1.value.neuron_1.x"], range(8, 20)), x[8:20])
        self.assertTrue(all(8 <= t <= 20 for changes in signals.values() for t, _ in changes))

    def test_on_change_lanes_and_every(self):
        code, _, err = locus("run", "small.toml", "--trace", "t.h5", "--set", "circuit.lanes=2", "--set",
                             'trace.record=["phi", "eps"]', "--set", 'trace.on_change=["x"]', "--set", "trace.every=3")
        self.assertEqual(code, 0, err)
        (signals, _, _), out = self.export("t.h5", "--lanes", "0:2")
        frames = [int(t) for t in numbers_in("t.h5", "/trace/tick")]
        eps = numbers_in("t.h5", "/trace/hidden1.error/eps")
        for lane in range(2):
            self.assertEqual(held(signals[f"hidden1.error.neuron_2.lane_{lane}.eps"], frames), eps[2 * 2 + lane::6])
        # Lists of changes and events have every tick.
        rows = list(zip(*(numbers_in("t.h5", "/changes/hidden1.value/x/" + c) for c in ("tick", "neuron", "lane", "value"))))
        for lane in range(2):
            self.assertEqual(signals[f"hidden1.value.neuron_1.lane_{lane}.x"],
                             [(int(t), v) for t, n, l, v in rows if n == 1 and l == lane])
        spikes = list(zip(*(numbers_in("t.h5", "/spikes/output.phi/" + c) for c in ("timestamps", "lanes"))))
        for lane in range(2):
            wire = held(signals[f"output.phi.neuron_0.lane_{lane}.spike"], range(frames[-1] + 3))
            self.assertEqual([t for t, level in enumerate(wire) if level == 1], [int(t) for t, l in spikes if l == lane])
        self.assertNotIn("others with --lanes", out)
        self.assertIn("lane 0 of 2; others with --lanes", self.export("t.h5")[1])

    def test_time(self):
        for dt, unit, each in [("0.1", "100 us", 1), ("0.25", "10 us", 25), ("1", "1 ms", 1), ("1000", "1 s", 1)]:
            self.assertEqual(locus("run", "small.toml", "--trace", "t.h5", "--force", "--set", f"circuit.dt={dt}")[0], 0)
            (signals, header, end), _ = self.export("t.h5", "--select", "output.error.eps")
            self.assertEqual((header["$timescale"], end), (unit, 72 * each), dt)
            eps = numbers_in("t.h5", "/trace/output.error/eps")
            self.assertEqual(held(signals["output.error.neuron_0.eps"], range(0, 72 * each, each)), eps)

    def test_grids_and_floats(self):
        self.assertEqual(locus("run", os.path.join(NETLISTS, "digits-patches.toml"), "--updates", "1", "--no-test",
                               "--set", "circuit.lanes=1", "--trace", "t.h5")[0], 0)
        (signals, _, _), _ = self.export("t.h5", "--select", "hidden1.value.x")
        name = next(iter(signals))
        self.assertRegex(name, r"^hidden1\.value\.neuron_0_0_0\.x$")
        frames = numbers_in("t.h5", "/trace/hidden1.value/x")
        ticks = [int(t) for t in numbers_in("t.h5", "/trace/tick")]
        for n, changes in enumerate(signals.values()):
            self.assertEqual(held(changes, ticks), frames[n::len(signals)])

    def test_mistakes(self):
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        usage = r"; usage: locus trace export --sonata DIR \| --vcd FILE FILE"
        self.fails(2, "--sonata DIR or --vcd FILE is missing" + usage, "trace", "export", "t.h5")
        self.fails(2, "one at a time" + usage, "trace", "export", "--vcd", "a.vcd", "--sonata", "a", "t.h5")
        self.fails(2, "--ticks goes with --vcd", "trace", "export", "--sonata", "a", "t.h5", "--ticks", "3")
        self.assertEqual(locus("trace", "export", "--vcd", "a.vcd", "t.h5")[0], 0)
        self.fails(2, r'"a\.vcd" exists: choose another name or pass --force', "trace", "export", "--vcd", "a.vcd", "t.h5")
        self.fails(2, "hidden9", "trace", "export", "--vcd", "b.vcd", "t.h5", "--select", "hidden9")
        self.assertFalse(os.path.exists("b.vcd"))
        code, out, _ = locus("trace", "export", "--vcd", "-", "t.h5", "--select", "output.error.eps")
        self.assertEqual((code, out.split("\n")[0][:15]), (0, "$version Locus "))


if __name__ == "__main__":
    main()
