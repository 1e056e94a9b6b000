#!/usr/bin/env python3
"""Scores: what fits the task is measured, and what is not measured is said to be so."""

import json
import os
import re

from testing import NETLISTS, SMALL, Scratch, locus, main

SCORES = ("loss", "train_accuracy", "train_r2", "test_loss", "test_accuracy", "test_r2")
NUMBERS = ("{ inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0.25], [1.5], [1], [0]], "
           "test_inputs = [[0, 0.5], [1, 0.5]], test_targets = [[0.75], [0.5]] }")


class Scores(Scratch):
    def run_of(self, netlist, *arguments, warning=None):
        """The rows of the epochs' table, the summary, and the epochs as JSON has them."""
        code, out, err = locus("run", netlist, "--json", "o.json", *arguments)
        self.assertEqual(code, 0, err)
        if warning is None:
            self.assertEqual(err, "")
        else:
            self.assertRegex(err, warning)
        head, *rows = re.findall(r"^ *(?:epoch|\d+)  .*$", out, re.M)
        names = re.split(r"  +", head.strip())
        self.assertEqual(names[0], "epoch")
        self.columns = names[1:names.index("ticks")]
        rows = [dict(zip(names, re.split(r"  +", row.strip()))) for row in rows]
        with open("o.json", encoding="utf-8") as file:
            epochs = json.load(file)["epochs"]
        return rows, out[out.index(" weight updates"):], epochs

    def measured(self, epochs):
        """Which scores all epochs have; the others must be null in all."""
        have = [{name for name in SCORES if epoch[name] is not None} for epoch in epochs]
        self.assertTrue(all(h == have[0] for h in have), have)
        return have[0]

    def long_form(self, *arguments):
        code, text, err = locus("expand", "small.toml", *arguments)
        self.assertEqual(code, 0, err)
        return text

    def test_categories_have_accuracy_and_losses(self):
        rows, summary, epochs = self.run_of(os.path.join(NETLISTS, "digits.toml"), "--updates", "80")
        self.assertEqual(self.measured(epochs), {"loss", "train_accuracy", "test_loss", "test_accuracy"})
        self.assertEqual(self.columns, ["loss", "test loss", "train %", "test %"])
        for row, epoch in zip(rows, epochs, strict=True):
            self.assertEqual(row["loss"], f"{epoch['loss']:.5f}")
            self.assertEqual(row["test loss"], f"{epoch['test_loss']:.5f}")
            self.assertEqual(row["train %"], f"{100 * epoch['train_accuracy']:.2f}")
            self.assertEqual(row["test %"], f"{100 * epoch['test_accuracy']:.2f}")
        self.assertIn(f"test accuracy {100 * epochs[-1]['test_accuracy']:.2f} %\n", summary)

    def test_numbers_have_losses_and_no_accuracy(self):
        self.write("numbers.toml", re.sub(r"data = .*", "data = " + NUMBERS, SMALL))
        rows, summary, epochs = self.run_of("numbers.toml")
        self.assertEqual(self.measured(epochs), {"loss", "train_r2", "test_loss", "test_r2"})
        self.assertEqual(self.columns, ["loss", "test loss", "train R2", "test R2"])
        for row, epoch in zip(rows, epochs, strict=True):
            self.assertEqual(row["test loss"], f"{epoch['test_loss']:.5f}")
            self.assertEqual((row["train R2"], row["test R2"]), (f"{epoch['train_r2']:.4f}", f"{epoch['test_r2']:.4f}"))
            # The loss of the targets' own means, 0.6875 and 0.625: half their mean squared deviation.
            self.assertAlmostEqual(epoch["train_r2"], 1 - epoch["loss"] / (1.421875 / 8), places=12)
            self.assertAlmostEqual(epoch["test_r2"], 1 - epoch["test_loss"] / (0.03125 / 4), places=12)
        self.assertIn(f"test loss {epochs[-1]['test_loss']:.5f}, R2 {epochs[-1]['test_r2']:.4f}\n", summary)
        self.assertNotIn("accuracy", summary)

    def test_without_a_test_set_or_with_no_test_only_training_is_scored(self):
        for netlist, more in (("small.toml", []), (os.path.join(NETLISTS, "digits.toml"), ["--updates", "3", "--no-test"])):
            rows, summary, epochs = self.run_of(netlist, *more)
            self.assertEqual(self.measured(epochs), {"loss", "train_accuracy"})
            self.assertEqual((rows[-1]["test loss"], rows[-1]["test %"]), ("-", "-"))
            self.assertNotIn("test ", summary)

    def test_without_a_teacher_nothing_is_scored(self):
        self.untaught("--set", "stimuli.data=" + NUMBERS)
        _, summary, epochs = self.run_of("untaught.toml")
        self.assertEqual(self.measured(epochs), set())
        self.assertEqual(self.columns, [])
        self.assertNotIn("test", summary)
        self.assertNotIn("report", epochs[0])

    def untaught(self, *arguments):
        parts = re.split(r"(?=^\[\[)", self.long_form(*arguments), flags=re.M)
        self.write("untaught.toml", "".join(p for p in parts if 'role = "teacher"' not in re.sub(" +", " ", p)))

    def test_a_netlist_can_report_a_quantity_of_its_own(self):
        quantities = ["rms(hidden1.value.x)", "max(output.error.eps^2)"]
        report = "stimuli.report=" + json.dumps(quantities)
        self.untaught("--set", "stimuli.data=" + NUMBERS)
        rows, summary, epochs = self.run_of("untaught.toml", "--set", report)
        self.assertEqual(self.columns, [name for q in quantities for name in (q, "test " + q)])
        for row, epoch in zip(rows, epochs, strict=True):
            self.assertEqual(set(epoch["report"]), set(quantities))
            for q in quantities:
                self.assertEqual(float(row[q]), float(f"{epoch['report'][q]:.6g}"))
                self.assertEqual(float(row["test " + q]), float(f"{epoch['test_report'][q]:.6g}"))
        self.assertGreater(epochs[0]["report"][quantities[0]], 0)
        self.assertIn(f"test {quantities[0]} {epochs[-1]['test_report'][quantities[0]]:.6g}\n", summary)
        # Beside the scores, without a test set: what is not measured is not 0.
        rows, summary, epochs = self.run_of("small.toml", "--set", report)
        self.assertEqual(self.columns[:4], ["loss", "test loss", "train %", "test %"])
        self.assertEqual([row["test " + quantities[1]] for row in rows], ["-"] * 3)
        self.assertEqual(epochs[0]["test_report"], dict.fromkeys(quantities))
        self.fails(2, r"small\.toml: .*no population is called \"output\.errors\" \(did you mean \"output\.error\"\?\)|"
                      r"no population is called \"output\.errors\"", "run", "small.toml", "--set",
                   'stimuli.report=["mean(output.errors.eps)"]')

    def test_an_answer_that_cannot_be_read_is_not_scored_and_warned_of(self):
        warning = "stimuli.predict = 0: the teacher comes with the input"
        self.write("long.toml", self.long_form("--set", "stimuli.predict=0"))
        for netlist in ("small.toml", "long.toml"):
            rows, _, epochs = self.run_of(netlist, "--set", "stimuli.predict=0", warning=warning)
            self.assertEqual(self.measured(epochs), set())
            self.assertEqual(rows[-1]["loss"], "-")
        _, _, epochs = self.run_of("long.toml", "--set", "stimuli.predict=[0, 4]", "--set", "stimuli.epochs=1",
                                   warning=r"stimuli.predict = \[0, 4\]: .* in some presentations")
        self.assertEqual(self.measured(epochs), {"loss", "train_accuracy"})

    def test_a_teacher_that_stays_is_no_answer(self):
        rows, _, _ = self.run_of("small.toml", "--set", "stimuli.teacher_off=false")
        self.assertEqual([row["loss"] == "-" for row in rows], [False, True, True])

    def test_a_resumed_run_has_the_scores_of_the_undisturbed_one(self):
        self.write("numbers.toml", re.sub(r"data = .*", "data = " + NUMBERS, SMALL))
        for netlist, more in (("numbers.toml", []), ("small.toml", []),
                              ("small.toml", ["--set", "stimuli.teacher_off=false"]),
                              ("small.toml", ["--set", 'stimuli.report=["max(output.error.eps)", "rms(output.value.x)"]'])):
            whole = self.run_of(netlist, *more)[2]
            code, _, err = locus("run", netlist, *more, "--updates", "6", "--checkpoint", "c.h5", "--force")
            self.assertEqual(code, 0, err)
            code, _, err = locus("run", netlist, *more, "--resume", "c.h5", "--json", "parts.json")
            self.assertEqual(code, 0, err)
            with open("parts.json", encoding="utf-8") as file:
                self.assertEqual(json.load(file)["epochs"], whole)


if __name__ == "__main__":
    main()
