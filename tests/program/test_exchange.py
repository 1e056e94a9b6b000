#!/usr/bin/env python3
"""What other programs read of a circuit, and circuits that are told in other words: pairs, weight files, GraphML, SONATA."""

import glob
import json
import os
import re
import subprocess
import xml.etree.ElementTree as xml

from testing import NETLISTS, SOURCE, Scratch, locus, main, thorough

POINTS = """
[stimuli]
predict = 2
teach = 1
epochs = 1
[stimuli.data]
inputs = [[0.5, 1.0]]
targets = [[0.25, 0.5, 1.0]]
[[population]]
name = "a"
model = "point-value"
size = 2
[[population]]
name = "b"
model = "point-value"
size = 3
params = {{ activation = "tanh" }}
[[population]]
name = "gate"
model = "constant"
size = 1
[[projection]]
name = "s"
from = "a.rate"
to = "b.feedback"
delay = {delay}
synapse = "gated-hebbian"
post = "b.x"
params = {{ alpha = 0.5 }}
{connect}
[[projection]]
name = "l"
from = "a.x"
to = "a.error"
connect = "one-to-one"
delay = 1
[[stimulus]]
population = "a"
role = "input"
[[stimulus]]
population = "b"
role = "teacher"
"""


def points(connect, delay=2):
    return POINTS.format(connect=connect, delay=delay)


def dump(path, *options):
    """The numbers or texts of a dataset or attribute, as h5dump writes them."""
    text = subprocess.run(["h5dump", "-y", *options, path], capture_output=True, text=True, check=True).stdout
    data = text.split("DATA {", 1)[1].split("}", 1)[0]
    return re.findall(r'"[^"]*"|-?[\d.]+(?:e[-+]?\d+)?', data)


class Pairs(Scratch):
    def test_pairs_are_post_pre_as_weights_are(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0]] }\nweights = { values = [[0.5, -0.5]] }"))
        code, out, err = locus("describe", "p.toml", "--graphml", "-")
        self.assertEqual(code, 0, err)
        self.assertIn("s[0][1]", out)
        self.assertIn("s[2][0]", out)
        code, out, _ = locus("expand", "p.toml")
        self.assertEqual(code, 0)
        self.assertIn("post_pre = [[0, 1], [2, 0]]", out)
        self.write("again.toml", out)
        self.assertEqual(locus("describe", "again.toml", "--graphml", "-")[1],
                         locus("describe", "p.toml", "--graphml", "-")[1])

    def test_the_old_spelling_says_what_to_write(self):
        self.write("old.toml", points("connect = { pairs = [[1, 0], [0, 2]] }"))
        for command in ("run", "describe", "expand"):
            self.fails(2, r"old\.toml:\d+:\d+: projection\[0\]\.connect\.pairs = .*was a list of \[pre, post\]: write "
                       r"post_pre = \[\[1, 0\], \.\.\.\]", command, "old.toml")

    def test_the_order_of_pairs_matters_only_beside_their_weights(self):
        for order, code in (("[[2, 0], [0, 1]]", 2), ("[[0, 1], [2, 0]]", 0)):
            self.write("p.toml", points(f"connect = {{ post_pre = {order} }}\nweights = {{ values = [[0.5, -0.5]] }}"))
            got, _, err = locus("describe", "p.toml")
            self.assertEqual(got, code, err)
        self.assertRegex(err, "^$")
        graphs = set()
        for order in ("[[2, 0], [0, 1]]", "[[0, 1], [2, 0]]"):
            self.write("p.toml", points(f"connect = {{ post_pre = {order} }}\nweights = {{ seed = 3 }}"))
            graphs.add(locus("describe", "p.toml", "--graphml", "-")[1])
        self.assertEqual(len(graphs), 1)


class WeightFiles(Scratch):
    def save(self, connect):
        self.write("n.toml", points(connect))
        code, _, err = locus("run", "n.toml", "--save-weights", "w.h5", "--no-test")
        self.assertEqual(code, 0, err)

    def test_a_weight_file_says_of_which_netlist_it_is(self):
        self.save("connect = \"all-to-all\"")
        text = subprocess.run(["h5dump", "-a", "/netlist", "w.h5"], capture_output=True, text=True, check=True).stdout
        self.assertIn("[[projection]]", text)
        self.assertEqual(locus("run", "n.toml", "--trace", "t.h5", "--no-test")[0], 0)
        said = [dump(file, "-a", "/netlist_sha256") for file in ("w.h5", "t.h5")]
        self.assertEqual(said[0], said[1])
        self.assertEqual(len(said[0][0]), 66)
        self.assertEqual(dump("w.h5", "-a", "/version"), dump("t.h5", "-a", "/version"))
        listing = subprocess.run(["h5dump", "-n", "w.h5"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(re.findall(r"dataset\s+(\S+)", listing), ["/s"])

    def test_sparse_weights_say_whose_they_are(self):
        self.save("connect = { post_pre = [[0, 1], [2, 0], [2, 1]] }")
        self.assertEqual(dump("w.h5", "-d", "/s:source"), ["1", "0", "1"])
        self.assertEqual(dump("w.h5", "-d", "/s:target"), ["0", "2", "2"])
        self.assertEqual(len(dump("w.h5", "-d", "/s")), 3)

    def test_connections_weights_and_delays_of_a_run_make_the_same_circuit(self):
        # Without learning, what a run ends with is what it began with.
        drawn = points("connect = { probability = 0.7, seed = 4 }\nweights = { seed = 3 }", "{ uniform = [1, 6], seed = 2 }")
        drawn = drawn.replace("alpha = 0.5", "alpha = 0.0")
        self.write("n.toml", drawn)
        self.assertEqual(locus("run", "n.toml", "--no-test", "--save-weights", "w.h5")[0], 0)
        delays = dump("w.h5", "-d", "/s:delay")
        self.assertGreater(len(set(delays)), 1)
        self.write("e.csv", "post,pre,weight,delay\n" + "".join(
            ",".join(row) + "\n" for row in zip(dump("w.h5", "-d", "/s:target"), dump("w.h5", "-d", "/s:source"),
                                                dump("w.h5", "-m", "%.17g", "-d", "/s"), delays)))
        first = locus("describe", "n.toml", "--graphml", "-", "--by", "entity")[1]
        edges = [line for line in first.splitlines() if "<edge" in line or 'key="delay"' in line or 'key="weight"' in line]
        for file in ("w.h5", "e.csv"):
            stored = f'{{ file = "{file}" }}'
            self.write("stored.toml", points(f"connect = {stored}\nweights = {stored}", stored).replace("alpha = 0.5", "alpha = 0.0"))
            code, again, err = locus("describe", "stored.toml", "--graphml", "-", "--by", "entity")
            self.assertEqual((code, err), (0, ""))
            self.assertEqual([line for line in again.splitlines()
                              if "<edge" in line or 'key="delay"' in line or 'key="weight"' in line], edges)
            self.assertIn("ticks late", locus("describe", "stored.toml")[1])
            # In another folder, the expanded netlist still finds it.
            with open("long.toml", "w", encoding="utf-8") as long:
                long.write(locus("expand", "stored.toml")[1])
            os.makedirs("elsewhere", exist_ok=True)
            os.replace("long.toml", "elsewhere/long.toml")
            self.assertEqual(locus("run", "elsewhere/long.toml", "--no-test")[0], 0)
        self.write("e.csv", "post,pre,delay\n0,1,2\n2,1,0\n")
        self.fails(1, r"e\.csv:3:5: delay 0: expected ticks, a whole number from 1 on", "run", "stored.toml")

    def test_weights_of_other_connections_are_refused(self):
        self.save("connect = { post_pre = [[0, 1], [2, 0], [2, 1]] }")
        self.assertEqual(locus("run", "n.toml", "--trace", "t.h5", "--no-test")[0], 0)
        for file in ("w.h5", "t.h5"):
            stored = f'\nweights = {{ file = "{file}" }}'
            self.write("same.toml", points("connect = { post_pre = [[2, 1], [2, 0], [0, 1]] }" + stored))
            code, _, err = locus("run", "same.toml", "--no-test")
            self.assertEqual(code, 0, err)
            self.write("other.toml", points("connect = { post_pre = [[0, 1], [1, 0], [2, 1]] }" + stored))
            self.fails(2, r'other\.toml:\d+:1: the weights of "s" in ".*' + file + r'" are of other connections: weight 1 is '
                       r"of \[2, 0\], but here of \[1, 0\] \(\[post, pre\]\)", "run", "other.toml", "--no-test")
            self.write("more.toml", points("connect = \"all-to-all\"" + stored))
            self.fails(2, file + r'" has 3 weights for the 6 connections of "s"', "run", "more.toml", "--no-test")


GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


class GraphML(Scratch):
    def read(self, *arguments):
        """Keys, vertices and edges, by what networkx.read_graphml() looks at."""
        code, out, err = locus("describe", *arguments, "--graphml", "-")
        self.assertEqual(code, 0, err)
        root = xml.fromstring(out)
        types = {"string": str, "double": float, "long": int, "boolean": lambda text: {"1": True, "0": False}[text]}
        keys = {}
        for key in root.iter(GRAPHML + "key"):
            self.assertTrue(key.find(GRAPHML + "desc").text)
            self.assertNotIn(key.get("id"), keys)
            keys[key.get("id")] = key

        def data(of, kind):
            values = {}
            for datum in of.findall(GRAPHML + "data"):
                key = keys[datum.get("key")]
                self.assertEqual(key.get("for"), kind)
                values[key.get("attr.name")] = types[key.get("attr.type")](datum.text)
            return values

        graph = root.find(GRAPHML + "graph")
        self.assertEqual(graph.get("edgedefault"), "directed")
        nodes = {n.get("id"): data(n, "node") for n in graph.findall(GRAPHML + "node")}
        edges = [(e.get("source"), e.get("target"), data(e, "edge")) for e in graph.findall(GRAPHML + "edge")]
        for source, target, _ in edges:
            self.assertIn(source, nodes)
            self.assertIn(target, nodes)
        return {node.pop("name"): node for node in nodes.values()}, edges, {k: n for k, n in nodes.items()}

    def test_entities_have_weights_delays_ports_models_and_parameters(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0]] }\nweights = { values = [[0.1, -0.5]] }"))
        nodes, edges, _ = self.read("p.toml")
        self.assertEqual(nodes["s[0][1]"]["weight"], 0.1)
        synapse = nodes["s[2][0]"]
        self.assertEqual((synapse["weight"], synapse["post"], synapse["pre"]), (-0.5, 2, 0))
        self.assertEqual((synapse["model"], synapse["parameter.alpha"], synapse["plastic"], synapse["group"]),
                         ("gated-hebbian", 0.5, True, "s"))
        neuron = nodes["b[1]"]
        self.assertEqual((neuron["model"], neuron["parameter.activation"], neuron["index"], neuron["group"]),
                         ("point-value", "tanh", 1, "b"))
        self.assertIsInstance(neuron["parameter.gamma"], float)
        kinds = {}
        for _, _, edge in edges:
            kinds.setdefault(edge.pop("edge_kind"), []).append(edge)
        self.assertEqual(kinds["link"], 2 * [{"projection": "l", "order": 1, "output": "x", "port": "error", "delay": 1}])
        self.assertEqual(kinds["sees"], 2 * [{"projection": "s", "order": 0, "output": "x"}])
        self.assertCountEqual(kinds["message"], 2 * [{"projection": "s", "order": 0, "output": "rate", "delay": 2}]
                              + 2 * [{"projection": "s", "order": 0, "port": "feedback"}])

    def test_populations_have_what_is_common_and_the_range_of_weights(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0]] }\nweights = { values = [[0.25, -0.5]] }"))
        nodes, _, _ = self.read("p.toml", "--by", "population")
        s = nodes["s"]
        self.assertEqual((s["weight_min"], s["weight_mean"], s["weight_max"], s["entities"]), (-0.5, -0.125, 0.25, 2))
        self.assertEqual((s["parameter.alpha"], nodes["b"]["parameter.activation"]), (0.5, "tanh"))
        self.assertNotIn("weight", s)

    def test_every_netlist(self):
        for netlist in glob.glob(os.path.join(NETLISTS, "*.toml")):
            with self.subTest(netlist):
                nodes, edges, _ = self.read(netlist, "--by", "population")
                self.assertTrue(any("weight_mean" in node for node in nodes.values()))
                self.assertTrue(any("port" in edge for _, _, edge in edges))


class FromGraphML(Scratch):
    def there(self, netlist, name="g.xml"):
        code, _, err = locus("describe", netlist, "--graphml", name, "--by", "entity")
        self.assertEqual(code, 0, err)
        with open(name, encoding="utf-8") as file:
            return file.read()

    def back(self, name="g.xml", out="back.toml"):
        code, _, err = locus("import", "graphml", name, "--out", out)
        self.assertEqual((code, err), (0, ""))

    def test_a_shared_window_does_not_come_back(self):
        text = self.there(os.path.join(NETLISTS, "digits-conv.toml"))
        self.assertEqual(len(set(re.findall(r'<data key="kernel_weight">(\d+)<', text))), 16 * 8 * 2 * 2)
        self.fails(2, r"g\.xml:\d+.*kernel_weight.*begin with the circuit's netlist", "import", "graphml", "g.xml")

    @thorough
    def test_every_netlist_comes_back_with_its_bits(self):
        with open(os.path.join(SOURCE, "tests", "fingerprints.json"), encoding="utf-8") as file:
            fingerprints = json.load(file)
        fingerprints.pop("bits_version")
        for kernels in ("digits-conv", "digits-pool"):
            fingerprints.pop(kernels)
        for name, expected in fingerprints.items():
            with self.subTest(netlist=name):
                first = self.there(os.path.join(NETLISTS, name + ".toml"))
                self.back()
                code, _, err = locus("run", "back.toml", "--updates", "60", "--no-test", "--no-trace", "--json", "o.json")
                self.assertEqual(code, 0, err)
                with open("o.json", encoding="utf-8") as file:
                    result = json.load(file)
                self.assertEqual({key: result[key] for key in expected}, expected)
                # What has been there and back stays as it is.
                self.assertEqual(self.there("back.toml", "again.xml").count("\n"), first.count("\n"))
                self.back("again.xml", "again.toml")
                with open("back.toml", encoding="utf-8") as back, open("again.toml", encoding="utf-8") as again:
                    self.assertEqual(back.read(), again.read())

    def test_delays_initial_fields_seen_names_and_order(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0], [2, 1]] }\nweights = { seed = 3 }", delay=0)
                   .replace('synapse = "gated-hebbian"', 'synapse = "momentum-hebbian"\n'
                            'initial = { m = { init = "uniform", seed = 2 } }')
                   + '[[projection]]\nname = "late"\nfrom = "a.rate"\nto = "b.feedback"\nsynapse = "fixed"\n'
                     'delay = { uniform = [1, 4], seed = 5 }\n')
        graph = self.there("p.toml")
        self.assertIn('<data key="initial.m">', graph)
        self.back()
        self.assertEqual(self.there("back.toml", "again.xml").split("</graph>")[0].count("<edge"), graph.count("<edge"))
        for key in ("weight", "delay", "initial.m", "order", "sees_post", "gate_at", "port", "output"):
            said = [re.findall(f'<data key="{re.escape(key)}">([^<]*)<', text)
                    for text in (graph, self.there("back.toml", "again.xml"))]
            self.assertEqual(said[0], said[1], key)

    def test_mistakes_are_told_with_file_and_line(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0]] }\nweights = { values = [[0.1, -0.5]] }"))
        graph = self.there("p.toml")
        synapse = next(line for line in graph.splitlines() if '<data key="kind">synapse<' in line)
        message = next(line for line in graph.splitlines() if '<data key="edge_kind">message<' in line)
        node = re.search('id="([^"]*)"', synapse)[1]
        end = "to a neuron" if f'source="{node}"' in message else "from a neuron"

        def wrong(line, old, new):
            self.assertIn(old, line)
            return graph.replace(line, line.replace(old, new))

        for text, complaint in (
                ("", "no XML: no element found"), ("{}", "no XML: not well-formed"),
                ("<svg></svg>", "it begins with <svg>: expected <graphml>"), ("<graphml></graphml>", "it has no <graph>"),
                (graph[:len(graph) // 2], "no XML: "), (graph.replace("directed", "undirected"), "expected a directed graph"),
                (wrong(synapse, ">synapse<", ">axon<"), f'node "{node}" has kind = axon: expected neuron, modulator or'),
                (wrong(synapse, ">0.1<", ">heavy<"), f'node "{node}" has weight = heavy: expected a finite number'),
                (wrong(synapse, ">0.1<", ">nan<"), f'node "{node}" has weight = nan: expected a finite number'),
                (wrong(synapse, '<data key="pre">1<', '<data key="pre">-1<'), f'node "{node}" has pre = -1: expected a whole'),
                (wrong(synapse, '<data key="pre">1<', '<data key="pre">0<'), "but its synapse has pre = 0"),
                (wrong(synapse, 'key="weight"', 'key="mass"'), '<data key="mass">: no <key> has this id'),
                (wrong(synapse, 'key="weight"', 'key="weight_min"'), f'node "{node}" has no "weight"'),
                (wrong(message, 'target="', 'target="x'), 'no node of this id stands before it'),
                (graph.replace(message, ""), f'the synapse [0][1] of "s" has no edge {end}'),
                (graph.replace(message, message + "\n" + message), "has a twin"),
                (wrong(synapse, 'key="entities">1<', 'key="entities">2<'), "write the file with --by entity")):
            with self.subTest(complaint):
                self.write("wrong.xml", text)
                self.fails(2, r"wrong\.xml:\d+: .*" + re.escape(complaint), "import", "graphml", "wrong.xml")
        self.write("wrong.xml", graph.replace(">gated-hebbian<", ">hebb<"))
        self.fails(2, r'wrong\.xml as a netlist.*"hebb"', "import", "graphml", "wrong.xml")
        self.fails(2, r'cannot read graph "nobody\.xml": No such file', "import", "graphml", "nobody.xml")

    def test_a_graph_without_settings_is_a_circuit_without_stimuli(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0]] }"))
        graph = self.there("p.toml")
        self.write("bare.xml", re.sub('<data key="settings">[^<]*</data>', "", graph))
        code, out, err = locus("import", "graphml", "bare.xml")
        self.assertEqual(code, 0, err)
        self.assertIn("bare.xml has no settings of a netlist", err)
        self.assertNotIn("[[stimulus]]", out)
        self.assertIn("post_pre = [[0, 1], [2, 0]]", out)


class Sonata(Scratch):
    def test_what_nest_snap_and_bmtk_ask_for(self):
        self.write("p.toml", points("connect = { post_pre = [[0, 1], [2, 0]] }", delay=0)
                   + '[trace]\nrecord = ["*"]\n')
        self.assertEqual(locus("run", "p.toml", "--trace", "t.h5", "--no-test")[0], 0)
        code, _, err = locus("trace", "export", "--sonata", "out", "t.h5")
        self.assertEqual(code, 0, err)
        with open("out/circuit_config.json", encoding="utf-8") as file:
            circuit = json.load(file)
        with open("out/simulation_config.json", encoding="utf-8") as file:
            simulation = json.load(file)
        self.assertEqual(circuit["target_simulator"], "NEST")
        self.assertNotIn("target_simulator", simulation)
        self.assertEqual({name: report["sections"] for name, report in simulation["reports"].items() if "theta" in name},
                         {"s.theta": "all"})
        for config in (circuit, simulation):
            self.assertEqual(config["metadata"]["tick_ms"], 1.0)
        with open("out/network/edge_types.csv", encoding="utf-8") as file:
            header, *rows = [line.split(" ") for line in file.read().splitlines()]
        self.assertEqual([(float(row[header.index("delay")])) for row in rows], [1.0, 1.0])
        parameters = []
        for row in rows:
            with open("out/components/synaptic_models/" + row[header.index("dynamics_params")], encoding="utf-8") as file:
                parameters.append(json.load(file))
        self.assertEqual(parameters, [{"alpha": 0.5}, {}])
        s = "/edges/a__b__s/0/"
        self.assertEqual(dump("out/network/edges.h5", "-d", s + "delay_ticks"), ["0", "0"])
        self.assertEqual(dump("out/network/edges.h5", "-d", s + "delay"), ["1", "1"])
        self.assertIn("0/delay_ticks", dump("out/network/edges.h5", "-a", "/meta/time")[0])

    def test_a_tick_is_as_long_as_the_netlist_says(self):
        self.write("p.toml", "[circuit]\ndt = 0.25\n" + points("connect = { post_pre = [[0, 1], [2, 0]] }", delay=3)
                   + '[trace]\nrecord = ["a.x"]\n')
        self.assertEqual(locus("run", "p.toml", "--trace", "t.h5", "--no-test")[0], 0)
        code, out, err = locus("trace", "export", "--sonata", "out", "t.h5")
        self.assertEqual(code, 0, err)
        self.assertIn("1 tick = 0.25 ms", out)
        self.assertEqual(locus("describe", "--sonata", "circuit", "p.toml")[0], 0)
        for name in ("out/circuit_config.json", "out/simulation_config.json", "circuit/circuit_config.json"):
            with open(name, encoding="utf-8") as file:
                self.assertEqual(json.load(file)["metadata"]["tick_ms"], 0.25)
        with open("out/simulation_config.json", encoding="utf-8") as file:
            run = json.load(file)
        self.assertEqual((run["run"]["dt"], run["run"]["tstop"]), (0.25, 0.75))  # three ticks
        self.assertEqual(run["reports"]["x"]["dt"], 0.25)
        self.assertEqual(dump("out/output/reports/x.h5", "-d", "/report/a/mapping/time"), ["0", "0.75", "0.25"])
        self.assertEqual(dump("out/network/edges.h5", "-d", "/edges/a__b__s/0/delay"), ["0.75", "0.75"])
        self.assertEqual(dump("out/network/edges.h5", "-d", "/edges/a__b__s/0/delay_ticks"), ["3", "3"])
        with open("out/network/edge_types.csv", encoding="utf-8") as file:
            header, *rows = [line.split(" ") for line in file.read().splitlines()]
        self.assertEqual([row[header.index("delay")] for row in rows], ["0.75", "0.25"])
        self.assertEqual(dump("t.h5", "-a", "/dt"), ["0.25"])

    def test_pictures_tell_milliseconds(self):
        for dt, label, tic in ((None, "set xlabel 'tick'", None), (10, "set xlabel 'ms'", "'10' 1")):
            self.write("p.toml", (f"[circuit]\ndt = {dt}\n" if dt else "")
                       + points("connect = { post_pre = [[0, 1], [2, 0]] }") + '[trace]\nrecord = ["a.x"]\n')
            self.assertEqual(locus("run", "p.toml", "--trace", "t.h5", "--no-test")[0], 0)
            code, _, err = locus("trace", "plot", "t.h5", "--script", "p.gp")
            self.assertEqual(code, 0, err)
            with open("p.gp", encoding="utf-8") as file:
                script = file.read()
            self.assertIn(label, script)
            if tic:
                self.assertIn(tic, script)
            os.remove("t.h5")


class Import(Scratch):
    def counts(self, netlist):
        code, out, err = locus("describe", netlist, "--json", "-")
        self.assertEqual(code, 0, err)
        found = json.loads(out)
        for projection in found["projections"]:
            del projection["wiring"]  # they are in a file now
        return {key: value for key, value in found.items() if key not in ("netlist", "file", "source")}

    def test_an_exported_circuit_comes_back_as_it_was(self):
        for name in ("xor", "digits", "digits-bp", "digits-feedback-alignment", "digits-bmvr", "eligibility",
                     "equilibrium-propagation", "dendritic-microcircuit"):
            with self.subTest(netlist=name):
                netlist = os.path.join(NETLISTS, name + ".toml")
                code, _, err = locus("describe", netlist, "--sonata", name)
                self.assertEqual(code, 0, err)
                code, out, err = locus("import", "sonata", name, "--out", name + ".toml")
                self.assertEqual((code, out, err), (0, "", ""))
                self.assertEqual(self.counts(name + ".toml"), self.counts(netlist))

    def test_a_run_of_it_is_the_same_run(self):
        # One weight used both ways: weights that began as copies are in the hash once they have numbers of their own.
        netlist = os.path.join(NETLISTS, "digits-bp.toml")
        self.assertEqual(locus("describe", netlist, "--sonata", "xor")[0], 0)
        self.assertEqual(locus("import", "sonata", "xor", "--out", "back.toml")[0], 0)
        hashes = []
        for each in (netlist, "back.toml"):
            code, out, err = locus("run", each, "--updates", "20", "--no-test")
            self.assertEqual(code, 0, err)
            hashes += re.findall("weights sha256 [0-9a-f]{64}", out)
        self.assertEqual(len(hashes), 2)
        self.assertEqual(hashes[0], hashes[1])

    def test_what_has_no_stimuli_says_so(self):
        netlist = os.path.join(NETLISTS, "xor.toml")
        self.assertEqual(locus("describe", netlist, "--sonata", "xor")[0], 0)
        os.remove("xor/netlist.toml")
        code, out, err = locus("import", "sonata", "xor/circuit_config.json")
        self.assertEqual(code, 0, err)
        self.assertIn("no netlist.toml beside", err)
        self.assertNotIn("[[stimulus]]", out)

    def test_damaged_files_are_told(self):
        netlist = os.path.join(NETLISTS, "xor.toml")
        self.assertEqual(locus("describe", netlist, "--sonata", "xor")[0], 0)
        with open("xor/network/edges.h5", "r+b") as file:
            file.truncate(4000)
        self.fails(1, r"edges\.h5", "import", "sonata", "xor")
        self.fails(1, r"circuit_config\.json: cannot be read as a file", "import", "sonata", ".")


if __name__ == "__main__":
    main()
