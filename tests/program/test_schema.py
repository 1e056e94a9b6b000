"""netlists/schema.json accepts what the program accepts and refuses what it refuses. What the schema says of models,
templates, rules and activations is compared with the program's own tables, so that they cannot drift apart.
"""

import glob
import json
import os
import re
import tomllib

import jsonschema

from testing import NETLISTS, SOURCE, Scratch, locus, main

with open(os.path.join(NETLISTS, "schema.json"), encoding="utf-8") as schema_file:
    SCHEMA = json.load(schema_file)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

SHORT = """
[circuit]
template = "{template}"
layers = [3, 4, 2]
{circuit}
[learning]
{learning}
[stimuli]
data = {{ inputs = [[0, 0, 1], [0, 1, 0]], targets = [[0, 1], [1, 0]] }}
predict = 8
teach = 4
rest = 4
{stimuli}
{rest}
"""
GRAPH = """
[circuit]
template = "graph"
nodes = [{{ name = "input", size = 3 }}, {{ name = "middle", size = 4 {node} }}, {{ name = "output", size = 2 }}]
edges = [{{ from = "input", to = "middle" {edge} }}, {{ from = "middle", to = "output" }}]
{circuit}
[stimuli]
data = {{ inputs = [[0, 0, 1], [0, 1, 0]], targets = [[0, 1], [1, 0]] }}
"""
LONG = """
[[population]]
name = "a"
model = "{neuron}"
{size}
params = {{ {neuron_params} }}
[[population]]
name = "b"
model = "error"
size = 4
[[projection]]
name = "p"
from = "a.rate"
to = "b.prediction"
connect = {connect}
synapse = "{synapse}"
weights = {weights}
params = {{ {synapse_params} }}
{seen}
"""


def short(template="predictive-coding", circuit="", learning="", stimuli="", rest=""):
    return SHORT.format(template=template, circuit=circuit, learning=learning, stimuli=stimuli, rest=rest)


def graph(circuit="", node="", edge=""):
    return GRAPH.format(circuit=circuit, node=node, edge=edge)


def long(neuron="point-value", size="size = 4", neuron_params="", connect='"all-to-all"', synapse="gated-hebbian",
         weights="{}", synapse_params="", seen='post = "b.eps"'):
    return LONG.format(neuron=neuron, size=size, neuron_params=neuron_params, connect=connect, synapse=synapse,
                       weights=weights, synapse_params=synapse_params, seen=seen)


OWN_ACTIVATION = '[[activation]]\nname = "mine"\nf = "x"\nderivative = "1"\n'
OWN_SYNAPSE = '[[model]]\nname = "mine"\nkind = "synapse"\n[model.parameters]\nrate = 0.5\n[model.rules]\n' \
              'learn = "theta <- theta + rate * sum(gate * post * pre)"\n'

ACCEPTED = [
    short(), graph(), long(),
    short(circuit='connect = { hidden1 = { probability = 0.5 }, output = "all-to-all" }'),
    short().replace("[3, 4, 2]", "[[3, 1], [2, 2], 2]"),
    short(circuit='activation = "mine"', rest=OWN_ACTIVATION),
    short(learning='synapse = "mine"\nparams = { rate = 1.5 }', rest=OWN_SYNAPSE),
    short(learning='alpha = 0\ngamma = 0.5\nfeedback = "continuous"'),
    short(learning='synapse = "adam-hebbian"\nparams = { alpha = 0.003, beta2 = 0.99 }'),
    short(learning='synapse = "momentum-hebbian"\nalpha = 0.1\nparams = { mu = 0 }'),
    short(stimuli='start = "forward"\nsigma = 0.5'), short(stimuli="sigma = 0"),
    short("bmvr"), short("learned-feedback", learning="lambda = 1\nmirror = { lambda = 0, sigma = 0, alpha = 0 }"),
    short("feedback-alignment", rest="[feedback]\nconnect = { probability = 0.5 }"),
    short("supervised-predictive-coding", learning='rule = "exact"'),
    short("supervised-predictive-coding", circuit='values = "rates"', learning="slopes = false\nloss_scale = 0.5",
          rest='[feedback]\nweights = { init = "normal" }\n[errors]\nconnect = "dense"\nrule = "ascent"\nalpha = 0'),
    short("target-propagation", learning='rule = "plain"\nstride = 0\ninverse = { alpha = 0, sigma = 0, ticks = 2 }\n'
          'frozen = ["output.forward"]').replace("predict = 8", "predict = 12"),
    short("target-propagation", learning='synapse = "rmsprop-hebbian"\nparams = { scale = 0.5, stabilizer = 1 }'),
    short("supervised-predictive-coding", circuit='values = "rates"\noutput = "softmax"'),
    short(circuit="pool = { hidden1 = { window = [2] } }").replace("[3, 4, 2]", "[3, [1, 4], 2]"),
    short(circuit="bias = 'map'\npool = { hidden1 = { window = [1, 2], stride = [1, 1], kind = 'mean' } }\n"
          "connect = { hidden1 = { window = [1, 2] } }", rest='[weights]\nshared = "window"')
    .replace("[3, 4, 2]", "[[1, 3], [2, 1, 2], 2]"),
    graph(node=", pool = { window = [2], stride = [1] }").replace("size = 4", "shape = [4]"),
    graph(circuit='output = "softmax"'),
    graph(node=', activation = "relu"', edge=', connect = { fixed_indegree = 2 }, weights = { init = "uniform" }'),
    graph(circuit='activation = "tanh"').replace("size = 4", "shape = [2, 2]"),
    long(neuron_params='gamma = 0.5, activation = "relu"', synapse_params="alpha = 0"),
    long(size="shape = [2, 2]", connect="{ distance = 1 }").replace("size = 4", "shape = [2, 2]"),
    long(size="shape = [2, 4]", connect="{ window = [1, 2], stride = [1, 2], place = [0, 1] }")
    .replace("size = 4", "shape = [2, 2]"),
    long(neuron="constant", neuron_params="value = -3"),
    long(synapse="mine", synapse_params="rate = 0.1") + OWN_SYNAPSE,
]

REFUSED = [
    # templates and their rules
    short("transformer"), short(learning='rule = "hebb"'), short("bmvr", learning='rule = "z-il"'),
    short("feedback-alignment", learning='rule = "fa-z-il"'), short("learned-feedback", learning='rule = "il"'),
    short("supervised-predictive-coding", learning='rule = "fa-z-il"'),
    short("target-propagation", learning='rule = "exact"'), short("target-propagation", learning="stride = -1"),
    short("target-propagation", learning="inverse = { ticks = 0 }"), short("target-propagation", circuit="pool = {}"),
    short("target-propagation", learning="frozen = 'output.forward'"), short(learning="frozen = []"),
    short(learning="slopes = false"), short(learning="loss_scale = 0.5"), short(rest="[errors]\nconnect = 'dense'"),
    short("supervised-predictive-coding", rest="[errors]\nrule = 'up'"),
    short("supervised-predictive-coding", learning="loss_scale = 0"),
    short(learning='rule = "z-il"\nfeedback = "burst"'), short(learning='rule = "il"\nfeedback = "burst"'),
    # layers
    short().replace("layers = [3, 4, 2]", ""), short().replace("[3, 4, 2]", "[3]"), short().replace("[3, 4, 2]", "[]"),
    short().replace("[3, 4, 2]", "[3, 0, 2]"), short().replace("[3, 4, 2]", "[3, [4, 0], 2]"),
    short().replace("[3, 4, 2]", "[3, [1, 1, 1, 1, 4], 2]"), short().replace("[3, 4, 2]", "[3, [], 2]"),
    short().replace("[3, 4, 2]", '[3, "4", 2]'), short("bmvr").replace("[3, 4, 2]", "[3, 4, 4, 2]"),
    short("bmvr").replace("[3, 4, 2]", "[3, 2]"), graph(circuit="layers = [3, 4, 2]"),
    short(circuit="connect = 'all-to-all'"), short(circuit="connect = { hidden1 = 'everything' }"),
    short(circuit="connect = { input = 'all-to-all' }"), short(circuit="connect = { hidden1 = {} }"),
    short(circuit="connect = { hidden1 = { window = [] } }"), graph(circuit="connect = {}"),
    graph().replace("nodes", "#"), graph().replace("edges", "#"), graph().replace(", size = 4", ""),
    short(circuit="pool = { output = { window = [2] } }"), short(circuit="pool = { hidden1 = { stride = [2] } }"),
    short(circuit="pool = { hidden1 = { window = [2], kind = 'sum' } }"), short(circuit="bias = 'maps'"),
    short(circuit="bias = 'map'"), short(circuit="output = 'sigmoid'"), short("bmvr", circuit="output = 'softmax'"),
    short(circuit="values = 'rates'"), graph(circuit="pool = {}"), graph(node=", pool = { window = [0] }"),
    graph(node=", shape = []"), graph(edge=", connect = 3"), graph(node=", colour = 1"),
    # numbers with bounds
    short(learning="alpha = -1"), short(learning="gamma = 0"), short(learning="gamma = -1"),
    short("learned-feedback", learning="lambda = 1.5"), short("learned-feedback", learning="lambda = -0.5"),
    short("learned-feedback", learning="mirror = { alpha = -1 }"),
    short("learned-feedback", learning="mirror = { lambda = 2 }"),
    short("learned-feedback", learning="mirror = { sigma = -1 }"),
    short("learned-feedback", learning="mirror = { ticks = 0 }"),
    short("bmvr", learning="alpha_apical = -1"), short(learning="phi = { tolerance = -1 }"),
    short(learning="phi = { quiet_ticks = 16777217 }"), short(learning="update_at = -1"),
    short(learning='update_at = "k"'), short(stimuli="sigma = -1"), short(stimuli="sigma = 0.5"),
    short(circuit="lanes = 0"), short(circuit="dt = 0"), short(stimuli="epochs = -1"),
    # models and their parameters
    short(learning='synapse = "hebb"'), short(learning='synapse = "phi"'), short(learning="params = { alpha = 1 }"),
    short(learning='synapse = "adam-hebbian"\nparams = { alpha = -1 }'),
    short(learning='synapse = "adam-hebbian"\nparams = { beta1 = 1 }'),
    short(learning='synapse = "adam-hebbian"\nparams = { epsilon = 0 }'),
    short(learning='synapse = "adam-hebbian"\nparams = { mu = 0.5 }'),
    short(learning='alpha = 0.1\nsynapse = "adam-hebbian"\nparams = { alpha = 0.1 }'),
    short(circuit='activation = "mine"'), short(circuit="activation = 3"), graph(node=', activation = "mine"'),
    long("perceptron"), long("gated-hebbian"), long(synapse="hebb"), long(synapse="phi"),
    long(neuron_params="gamma = 0"), long(neuron_params="alpha = 1"), long(neuron_params="gamma = true"),
    long(neuron_params='activation = "mine"'), long(neuron_params="activation = 1"),
    long("phi", neuron_params="quiet_ticks = 0.5"), long("phi", neuron_params="cause_gate = 1"),
    long(synapse_params="alpha = -1"), long(synapse_params="beta1 = 0.5"), long(synapse_params='alpha = "small"'),
    # the rest of the long form
    long(size=""), long(size="size = 0"), long(connect='"one-to-all"'), long(connect="{ probability = 2 }"),
    long(connect="{ window = [0] }"), long(connect="{ window = [2], place = [-1] }"), long(seen="delay = { file = 3 }"),
    long(seen="delay = { file = 'e.csv', dataset = 'x' }"), long(seen="delay = {}"), long(connect="{ pairs = [[0, 1]] }"), long(weights="{ init = 'gaussian' }"),
    long(weights="{ init = 'uniform', values = [[1]] }"), long(seen="delay = -1"),
]

# What no schema can say: rows of equal length, numbers that JSON does not have, order.
BEYOND_A_SCHEMA = {"frames_differ", "huge_float", "infinite_alpha", "inline_rows_differ", "range_backwards", "theta_ragged"}


def complaints(text):
    return [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))]


def shipped_models(kind):
    """What models/*.toml say, of which the program is built."""
    found = {}
    for file in sorted(glob.glob(os.path.join(SOURCE, "models", "*.toml"))):
        with open(file, "rb") as text:
            for model in tomllib.load(text)["model"]:
                if model["kind"] == kind:
                    found[model["name"]] = model.get("parameters", {})
    return found


def parameter_schema(parameter):
    default = parameter["default"]
    out = {"title": parameter["meaning"]}
    if isinstance(default, bool):
        out["type"] = "boolean"
    elif isinstance(default, str):
        out["type"] = "string"
    else:
        out["type"] = "integer" if parameter.get("whole") else "number"
    for word, keyword in (("at_least", "minimum"), ("above", "exclusiveMinimum"), ("at_most", "maximum")):
        if word in parameter:
            out[keyword] = parameter[word]
    return {**out, "default": default}


def params_schema(kind, key):
    """Which parameters a model has: `key` names it."""
    return {"allOf": [{"if": {"properties": {key: {"const": name}}, "required": [key]},
                       "then": {"properties": {"params": {
                           "additionalProperties": False,
                           "properties": {each: parameter_schema(p) for each, p in parameters.items()}}}}}
                      for name, parameters in shipped_models(kind).items()]}


def expected(*arguments):
    """The names that an error lists: expected "a" or "b"."""
    message = locus("describe", *arguments)[2]
    return re.findall(r'"([^"]*)"', message[message.index("expected "):])


class Schema(Scratch):
    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_both_accept(self):
        for text in ACCEPTED:
            with self.subTest(text):
                self.assertEqual(complaints(text), [])
                self.write("n.toml", text)
                code, _, err = locus("describe", "n.toml")
                self.assertEqual(code, 0, err)

    def test_both_refuse(self):
        for text in REFUSED:
            with self.subTest(text):
                self.assertNotEqual(complaints(text), [])
                self.write("n.toml", text)
                code, _, err = locus("describe", "n.toml")
                self.assertEqual(code, 2, err)

    def test_it_accepts_all_shipped_netlists_in_both_forms(self):
        for file in sorted(glob.glob(os.path.join(NETLISTS, "**", "*.toml"), recursive=True)):
            if os.path.dirname(file) == os.path.join(NETLISTS, "models"):
                continue  # models that netlists name
            with self.subTest(file):
                with open(file, encoding="utf-8") as text:
                    self.assertEqual(complaints(text.read()), [])
                code, out, err = locus("expand", file)
                self.assertEqual(code, 0, err)
                self.assertEqual(complaints(out), [])

    def test_it_refuses_the_corpus_of_malformed_netlists(self):
        accepted = set()
        for file in glob.glob(os.path.join(SOURCE, "tests", "netlist", "corpus", "*.toml")):
            with open(file, "rb") as text:
                try:
                    netlist = tomllib.load(text)
                except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
                    continue
            if VALIDATOR.is_valid(netlist):
                accepted.add(os.path.basename(file)[:-5])
        self.assertEqual(accepted, BEYOND_A_SCHEMA)

    def test_models_and_their_parameters_are_the_catalogues(self):
        definitions = SCHEMA["$defs"]
        for kind, key in (("neuron", "model"), ("synapse", "synapse")):
            with self.subTest(kind):
                names = sorted(shipped_models(kind))
                self.assertEqual(sorted(definitions[f"{kind}_names"]["enum"]), names)
                code, out, _ = locus("models")
                self.assertEqual(code, 0)
                for name in names:
                    self.assertRegex(out, rf"(?m)^ *{name} ")
                wanted = params_schema(kind, key)
                self.assertEqual(definitions[f"{kind}_params"], wanted, "write " + json.dumps(wanted, indent=2))

    def test_templates_rules_and_activations_are_the_programs(self):
        definitions = SCHEMA["$defs"]
        self.write("n.toml", short("transformer"))
        message = locus("describe", "n.toml")[2]
        templates = [each[:-4].replace("_", "-")
                     for each in os.listdir(os.path.join(SOURCE, "models", "templates")) if each.endswith(".cpp")]
        for template in templates:
            self.assertRegex(message, rf"known: .*\b{template}\b")
        self.assertEqual(sorted(definitions["short_circuit"]["properties"]["template"]["enum"]), sorted(templates))
        of_schema = {}
        for each in definitions["short_form"]["allOf"]:
            template = each["if"].get("properties", {}).get("circuit", {}).get("properties", {}).get("template")
            if template is not None and "learning" in each.get("then", {}).get("properties", {}):
                for name in template.get("enum", [template.get("const")]):
                    of_schema[name] = sorted(each["then"]["properties"]["learning"]["properties"]["rule"]["enum"])
        of_program = {}
        for template in templates:
            self.write("n.toml", graph() + '[learning]\nrule = "?"\n' if template == "graph"
                       else short(template, learning='rule = "?"'))
            of_program[template] = sorted(expected("n.toml"))
        self.assertEqual(of_schema, of_program)
        self.write("n.toml", short(circuit='activation = "?"'))
        self.assertEqual(sorted(definitions["activation_names"]["enum"]), sorted(expected("n.toml")))


main()
