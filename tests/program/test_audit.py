#!/usr/bin/env python3
"""`locus audit`: rows, files, exit codes."""

import json
import re

from testing import Scratch, locus, main


class Audit(Scratch):
    def test_one_row_a_circuit_and_the_exit_code_of_what_is_required(self):
        tied = [word for key in ("learning.rule=bp", "stimuli.teach=3") for word in ("--set", key)]
        code, out, err = locus("audit", "small.toml", "small.toml", "--require", "local-plasticity,full-autonomy")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(len(re.findall(r"^small\.toml +✔ bit-identical( +✔)+", out, re.M)), 2, out)
        code, out, _ = locus("audit", "small.toml", "--require", "full-autonomy", *tied)
        self.assertEqual(code, 1)
        self.assertIn("required, but does not hold: full-autonomy of small.toml", out)
        self.fails(2, r'--require local-plastic: .*did you mean "local-plasticity"', "audit", "small.toml", "--require",
                   "local-plastic")

    def test_files_for_programs_and_for_the_eye(self):
        arguments = ("audit", "small.toml", "--set", "circuit.feedback_weights=tied")
        code, out, _ = locus(*arguments, "--json", "-")
        self.assertEqual(code, 0)
        verdicts = json.loads(out)["circuits"][0]["verdicts"]
        self.assertEqual(verdicts["equivalence"]["result"], "holds")
        path = [step["entity"] for step in verdicts["local-computation"]["evidence"][0]["path"]]
        self.assertEqual(path, ["output.forward[0][0]", "hidden1.value[0]"])
        self.assertRegex(locus(*arguments, "--dot", "-")[1], r"(?s)^digraph audit \{.*output\.forward\[0\]\[0\]")
        self.fails(1, r'cannot write "no/such/o\.json"', *arguments, "--json", "no/such/o.json")

    def test_the_long_form_needs_a_twin(self):
        for name, keys in (("long.toml", []), ("bp.toml", ["--set", "learning.rule=bp", "--set", "stimuli.teach=3"])):
            self.write(name, locus("expand", "small.toml", *keys)[1])
        self.assertRegex(locus("audit", "long.toml")[1], r"long\.toml +- no twin +✔")
        self.assertRegex(locus("audit", "long.toml", "--twin", "bp.toml")[1], r"long\.toml +✔ bit-identical +✔")

    def test_a_model_alone(self):
        code, out, err = locus("audit", "--model", "phi", "--model", "gated-hebbian", "--json", "m.json")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"(?m)^phi\n  ✔ pure: equal inputs gave equal bits\n  watched: \d+ evaluations \(")
        with open("m.json", encoding="utf-8") as file:
            models = json.load(file)["models"]
        self.assertEqual([(m["model"], m["pure"], m["findings"]) for m in models],
                         [("phi", True, []), ("gated-hebbian", True, [])])
        self.assertGreater(models[0]["evaluations"], 10**7)
        self.fails(2, r'--model ph: no such model \(did you mean "phi"', "audit", "--model", "ph")
        self.fails(2, r"--model looks at models alone", "audit", "small.toml", "--model", "phi")

    def test_explanations(self):
        code, out, _ = locus("audit", "--explain", "local-plasticity")
        self.assertEqual(code, 0)
        self.assertIn("two end neurons", out)
        self.fails(2, r"--explain plasticity: no such criterion", "audit", "--explain", "plasticity")


if __name__ == "__main__":
    main()
