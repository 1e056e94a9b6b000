"""Traces in Python: values by names and ticks, tables, pictures."""

import os
import subprocess

import h5py
import numpy as np
from python_testing import PROGRAM, Scratch, main, netlist

import locus


def shown(path, name, lane=0):
    """[tick, neuron]: what `locus trace show --csv` says."""
    out = subprocess.run([PROGRAM, "trace", "show", path, "--select", name, "--lanes", str(lane), "--csv"],
                         capture_output=True, text=True, check=True).stdout
    lines = [line.split(",") for line in out.splitlines() if line and not line.startswith("#")]
    return np.array([[float(x) for x in line] for line in lines[1:]])


class Traces(Scratch):
    def test_values_are_those_of_the_program(self):
        locus.run(netlist("xor"), epochs=1, trace="frames.h5", record="*", progress=False)
        locus.run(netlist("xor"), epochs=1, trace="changes.h5", settings={"trace.on_change": ["*"]}, progress=False)
        with locus.open("frames.h5") as frames, locus.open("changes.h5") as changes:
            self.assertEqual(frames.variables, changes.variables)
            for name in frames:
                np.testing.assert_array_equal(frames[name].values, changes[name].values, name)
                self.assertEqual(frames[name].dims, changes[name].dims)
                np.testing.assert_array_equal(changes[name].sel(tick=slice(9, 20)).values, frames[name].values[9:20])
                np.testing.assert_array_equal(changes[name].sel(tick=17).values, frames[name].values[17])
            for name in ("hidden1.value.x", "output.error.eps"):
                table = shown("frames.h5", name)
                np.testing.assert_array_equal(table[:, 0], frames[name].coords["tick"])
                np.testing.assert_array_equal(table[:, 1:], frames[name].values)

    def test_lanes_windows_and_parts(self):
        settings = {"circuit.lanes": 2, "trace.presentations": [[1, 2], [4, 6]], "trace.record": ["value.x[1:3]", "forward"],
                    "trace.on_change": ["eps"], "trace.every": 1}
        run = locus.run(netlist("xor"), epochs=5, trace="t.h5", settings=settings, progress=False)
        with run.trace as trace:
            x = trace["hidden1.value.x"]
            self.assertEqual((x.dims, x.shape), (("tick", "neuron", "lane"), (24, 2, 2)))
            np.testing.assert_array_equal(x.coords["neuron"], [1, 2])
            np.testing.assert_array_equal(x.coords["tick"], np.r_[8:16, 32:48])
            np.testing.assert_array_equal(trace.ticks, x.coords["tick"])
            eps = trace["hidden1.error.eps"]
            self.assertEqual(eps.shape, (24, 4, 2))
            with h5py.File("t.h5") as file:
                changes = file["changes/hidden1.error/eps"]
                last = {}
                for tick, neuron, lane, value in zip(*(changes[c][:] for c in ("tick", "neuron", "lane", "value"))):
                    last[neuron, lane] = value
            for (neuron, lane), value in last.items():
                self.assertEqual(eps.sel(neuron=int(neuron), lane=int(lane)).values[-1], value)
            self.assertEqual(trace["hidden1.forward.theta"].dims, ("tick", "post", "pre"))
            self.assertEqual(trace["hidden1.forward.theta"].sel(tick=40, post=2).shape, (2,))
            self.assertEqual(x.isel(tick=-1, lane=0).shape, (2,))
            self.assertEqual(x.sel(neuron=[2]).values.shape, (24, 1, 2))
            for wrong in ({"tick": 16}, {"neuron": 0}, {"layer": 1}, {"neuron": [1, 3]}):
                with self.assertRaises(locus.UsageError):
                    x.sel(**wrong)
            frame = x.to_pandas()
            self.assertEqual((frame.shape, frame.columns.names, frame.index.name), ((24, 4), ["neuron", "lane"], "tick"))
            self.assertEqual(frame.loc[40, (2, 1)], x.sel(tick=40, neuron=2, lane=1).values)
            self.assertEqual(x.sel(lane=0).to_pandas().shape, (24, 2))
            self.assertEqual(len(trace.presentations), 6)
            self.assertEqual(trace.presentations.to_pandas()["tick"].tolist(), [8, 8, 32, 32, 40, 40])

    def test_sparse_weights(self):
        run = locus.run(netlist("digits-patches"), updates=2, evaluate=False, record="theta", progress=False)
        sparse = [name for name in run.simulator.projections if run[name].ndim == 1]
        self.assertTrue(sparse)
        for name in sparse:
            theta = run.trace[name + ".theta"]
            self.assertEqual((theta.dims, theta.shape[1:]), (("tick", "synapse"), run[name].shape))
        run = locus.run(netlist("digits-conv"), updates=2, evaluate=False, record="theta", progress=False)
        for name in run.simulator.projections:
            self.assertEqual(run.trace[name + ".theta"].shape[1:], run[name].shape)

    def test_tables(self):
        run = locus.run(netlist("xor"), epochs=1, record="*", messages=True, progress=False)
        trace = run.trace
        self.assertEqual(set(trace.events), {"hidden1.phi", "output.phi"})
        spikes = trace.spikes("hidden1.phi")
        x = trace["hidden1.phi.spike"].values
        self.assertEqual(len(spikes), int(x.sum()))
        self.assertTrue((x[spikes["tick"], spikes["neuron"]] == 1).all())
        self.assertEqual(len(trace.messages), run.results["messages"] + run.results["links"])
        self.assertIn("hidden1.forward", set(trace.messages["connection"]))
        self.assertEqual(trace.stimulated, ["input.value", "output.value"])
        self.assertEqual(trace.stimuli("output.value")["on"].tolist(), [4, 12, 20, 28])
        self.assertIn("rows", trace.messages._repr_html_())
        for part in (trace, trace["hidden1.value.x"], spikes):
            self.assertTrue(repr(part))
        self.assertIn("hidden1.value.x", trace._repr_html_())

    def test_a_run_that_ended_early(self):
        def stop(r):
            if r.presentations == 2:
                raise ValueError

        with self.assertRaises(ValueError):
            locus.run(netlist("xor"), trace="t.h5", record="x", progress=False, on_presentation=stop)
        with locus.open("t.h5") as trace:
            self.assertIn("not complete", repr(trace))
            self.assertEqual(trace["output.value.x"].shape, (16, 1))

    def test_what_is_no_trace(self):
        with open("text", "w", encoding="utf-8") as file:
            file.write("no")
        with h5py.File("other.h5", "w"):
            pass
        for path in ("text", "other.h5", "none.h5"):
            with self.assertRaises(locus.RunError):
                locus.open(path)
        run = locus.run(netlist("xor"), epochs=1, record="x", progress=False)
        with self.assertRaisesRegex(locus.UsageError, 'did you mean "hidden1.value.x"'):
            run.trace["hidden1.values.x"]

    def test_differences(self):
        for name, alpha in (("a", 0.1), ("b", 0.11)):
            locus.run(netlist("xor"), epochs=1, trace=name + ".h5", record=["theta", "x"], settings={"learning.alpha": alpha},
                      progress=False)
        found = locus.diff("a.h5", locus.open("b.h5"))
        self.assertTrue(found)
        out = subprocess.run([PROGRAM, "trace", "diff", "a.h5", "b.h5"], capture_output=True, text=True, check=False).stdout
        self.assertIn(f"first difference: tick {found.first[0]}, {found.first[1]}", out)
        self.assertIn("alpha", repr(found))
        self.assertFalse(locus.diff("a.h5", "a.h5"))
        self.assertIn("<table", found._repr_html_())

    def test_pictures(self):
        xor = locus.run(netlist("xor"), epochs=1, record="*", progress=False).trace
        digits = locus.run(netlist("digits"), updates=3, evaluate=False, record=["x", "eps", "spike", "theta"], progress=False).trace
        for figure in (xor.plot_wave(), xor.plot_raster(), digits.plot_weights(),
                       digits.plot_wave((0, 12), select=["hidden1.value.x"], lane=3)):
            figure.savefig("p.png", dpi=50)
            self.assertGreater(os.path.getsize("p.png"), 3000)
        self.assertEqual(len(xor.plot_raster().axes), 1)
        panels = {axis.get_title(loc="left") for axis in xor.plot_wave().axes}
        self.assertIn("events", panels)
        self.assertIn("hidden1.value.x: value, b + a", panels)
        for wrong in ({"ticks": (50, 60)}, {"select": ["none"]}, {"select": ["hidden1.forward.theta"]}):
            with self.assertRaises(locus.UsageError):
                xor.plot_wave(**wrong)
        nothing = locus.run(netlist("xor"), epochs=1, record="x", progress=False).trace
        with self.assertRaises(locus.RunError):
            nothing.plot_weights()

    def test_what_cannot_be_read_is_told(self):
        locus.run(netlist("xor"), epochs=1, record="*", trace="t.h5", progress=False)
        with locus.open("t.h5") as trace:
            x = trace["hidden1.value.x"]
            for wrong, pattern in (({"neuron": [True, False, True, True]}, "expected labels, found flags"),
                                   ({"neuron": 1.5}, "neuron 1.5 was not recorded"), ({"row": 1}, "no dimension row")):
                with self.assertRaisesRegex(locus.UsageError, pattern):
                    x.sel(**wrong)
            for draw in (trace.plot_wave, trace.plot_raster):
                with self.assertRaisesRegex(locus.UsageError, "lane 1: the trace has 1"):
                    draw(lane=1)
            with self.assertRaisesRegex(locus.UsageError, 'no stimulus held "hidden1.value"'):
                trace.stimuli("hidden1.value")
        for late in (lambda: x.values, lambda: trace["hidden1.value.x"], lambda: trace.spikes("hidden1.phi"),
                     lambda: trace.presentations, lambda: trace.stimulated):
            with self.assertRaisesRegex(locus.RunError, 'cannot read "t.h5": it is closed'):
                late()
        with h5py.File("t.h5", "r+") as file:
            del file["presentations/end"]
            values = file["trace/output.value/x"][:-1]
            scales = [d[0] for d in file["trace/hidden1.value/x"].dims]
            del file["trace/hidden1.value/x"]
            file["trace/hidden1.value/x"] = np.zeros((32, 3))
            for dim, scale in zip(file["trace/hidden1.value/x"].dims, scales):
                dim.attach_scale(scale)
            del file["trace/output.value/x"]
            wrong = file.create_dataset("trace/output.value/x", data=values)
            for dim, scale in zip(wrong.dims, (file["trace/tick"], file["trace/output.value/a"].dims[1][0])):
                dim.attach_scale(scale)
        with locus.open("t.h5") as trace:
            with self.assertRaisesRegex(locus.RunError, 'cannot read "t.h5": '):
                trace.presentations
            with self.assertRaisesRegex(locus.RunError, "hidden1.value.x has another size than its labels"):
                trace["hidden1.value.x"]
            self.assertEqual(trace["output.value.x"].values.shape, (31, 1))  # of a run that was killed
        with h5py.File("t.h5", "r+") as file:
            del file["trace/tick"]
        with self.assertRaisesRegex(locus.RunError, 'cannot read "t.h5": '):
            locus.open("t.h5")


if __name__ == "__main__":
    main()
