#!/usr/bin/env python3
"""`locus view`: what its server answers about traces and runs, and what it refuses. The page itself is tested in a
browser: tools/view/page/test."""

import array
import base64
import contextlib
import http.client
import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.parse

from testing import NETLISTS, PROGRAM, Scratch, locus, main

XOR = os.path.join(NETLISTS, "xor.toml")


def numbers(file, path, kind):
    """All numbers of a dataset, row-major, as they stand in the file; kind: of array.array."""
    subprocess.run(["h5dump", "-d", path, "-b", "LE", "-o", "dumped", file], check=True, capture_output=True)
    found = array.array(kind)
    with open("dumped", "rb") as dumped:
        found.frombytes(dumped.read())
    return list(found)


class Server:
    """A running `locus view`."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, "view", *arguments, "--no-browser"], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#token=([0-9a-f]{32})\n", line)
        if not found:
            raise AssertionError((line, self.process.stderr.read()))
        self.port, self.token = int(found[1]), found[2]
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, path, body=None, method=None, headers=None, raw=False, **parameters):
        """(status, headers, body); JSON is read."""
        if parameters:
            path += "?" + urllib.parse.urlencode({name.rstrip("_"): value for name, value in parameters.items()})
        sent = {"X-Locus-Token": self.token} if headers is None else headers
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        self.connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
        answer = self.connection.getresponse()
        text = answer.read()
        if not raw and answer.getheader("Content-Type", "").startswith("application/json"):
            text = json.loads(text)
        return answer.status, answer.headers, text

    def get(self, question, /, **parameters):
        status, _, body = self.ask("/api/" + question, **parameters)
        assert status == 200, (question, parameters, status, body)
        return body

    def matrix(self, question, /, **parameters):
        """(rows, columns, numbers, headers)"""
        status, headers, body = self.ask("/api/" + question, **parameters)
        assert status == 200, (question, parameters, status, body)
        rows, columns = map(int, headers["X-Locus-Shape"].split(","))
        found = array.array("d")
        found.frombytes(body)
        assert len(found) == rows * columns
        return rows, columns, list(found), headers

    def post(self, what, body):
        status, _, answer = self.ask("/api/" + what, body)
        assert status == 200, (what, body, status, answer)
        return answer

    def refused(self, status, pattern, path, *arguments, **parameters):
        got, _, body = self.ask(path, *arguments, **parameters)
        assert got == status, (path, got, body)
        assert re.search(pattern, body["error"]), body

    def end(self, by=signal.SIGINT):
        """Its exit code and what it said on stderr."""
        self.connection.close()
        self.process.send_signal(by)
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, re.sub(r"warning: the page .*\n", "", err)


class Viewed(Scratch):
    @contextlib.contextmanager
    def server(self, *arguments):
        server = Server(*arguments)
        try:
            yield server
            self.assertIsNone(server.process.poll())
            self.assertEqual(server.end(), (0, ""))
        finally:
            if server.process.poll() is None:
                server.process.kill()
                server.process.communicate()

    def trace(self, name, *arguments, netlist=XOR, updates=12):
        code, _, err = locus("run", netlist, "--updates", str(updates), "--no-test", "--trace", name, *arguments)
        self.assertEqual(code, 0, err)

    def same(self, a, b):
        """Equal, where NaN is NaN."""
        self.assertEqual(len(a), len(b))
        for x, y in zip(a, b):
            self.assertTrue(x == y or (math.isnan(x) and math.isnan(y)), (x, y))


class Traces(Viewed):
    def test_values_are_those_of_the_file(self):
        self.trace("x.h5", "--messages")
        ticks = numbers("x.h5", "/trace/tick", "q")
        with self.server("x.h5") as s:
            info = s.get("info")
            self.assertEqual((info["mode"], info["first"], info["last"], info["complete"]),
                             ("trace", ticks[0], ticks[-1] + 1, True))
            self.assertEqual(info["presentations"], 12)
            kind = {"f64": "d", "f32": "f"}[info["precision"]]
            owners = info["populations"] + info["projections"]
            variables = [v for owner in owners for v in owner["variables"]]
            self.assertGreater(len(variables), 8)
            for v in variables:
                owner, field = v["name"].rsplit(".", 1)
                stored = numbers("x.h5", f"/trace/{owner}/{field}", kind)
                width = v["columns"]
                self.assertEqual(s.matrix("values", variable=v["name"])[:3], (len(ticks), width, stored))
                # Some columns, in any order, every third tick.
                columns = [width - 1, 0]
                rows, count, some, _ = s.matrix("values", variable=v["name"], from_=5, to=40, step=3,
                                                columns=",".join(map(str, columns)))
                self.assertEqual((rows, count), (12, 2))
                self.assertEqual(some, [stored[t * width + c] for t in range(5, 40, 3) for c in columns])
                for tick in (0, 17, ticks[-1]):
                    found = s.get("tick", tick=tick, variables=v["name"])["values"][v["name"]]
                    self.assertEqual(found, stored[tick * width:(tick + 1) * width])
                # Blocks of the overview hold the extremes of what they cover.
                rows, count, extremes, headers = s.matrix("overview", variable=v["name"], which="both", columns=7, rows=99)
                block, neurons = map(int, headers["X-Locus-Block"].split(","))
                self.assertEqual(neurons, 1)
                for k in range(rows // 2):
                    for c in range(count):
                        column = [stored[t * width + c] for t in range(k * block, min((k + 1) * block, len(ticks)))]
                        self.assertEqual(extremes[k * count + c], min(column))
                        self.assertEqual(extremes[(rows // 2 + k) * count + c], max(column))
            # Before the first tick nothing is known; after the last one it stays.
            _, _, before, _ = s.matrix("values", variable=variables[0]["name"], from_=-3, to=0)
            self.assertTrue(all(math.isnan(x) for x in before))
            self.assertEqual(s.get("tick", tick=-1, variables=variables[0]["name"])["values"][variables[0]["name"]],
                             ["nan"] * variables[0]["columns"])
            self.check_lists(s, info, ticks)
            self.check_neurons(s, info, ticks, kind)
            status, _, text = s.ask("/api/netlist")
            self.assertEqual((status, text.decode()), (200, info["netlist"]))
            self.assertEqual(s.get("diff"), None)
            self.check_why(s, info)
            found = [each["name"] for each in s.get("search", text="hid")]
            self.assertIn("hidden1.value", found)
            self.assertEqual([each["name"] for each in s.get("search", text="hidden1.value.x[1")], ["hidden1.value.x[1]"])

    def check_why(self, s, info):
        """The page is told what the program tells, or the same sentence of what is wrong."""
        event = "hidden1.phi[0]@8"
        done = subprocess.run([PROGRAM, "trace", "why", info["files"][0], event, "--json"], capture_output=True, text=True, check=False)
        status, _, text = s.ask("/api/why", of=event)
        if done.returncode == 0:
            self.assertEqual((status, text), (200, json.loads(done.stdout)))
        else:
            self.assertEqual(status, 400)
            self.assertIn(text["error"], done.stderr)
        self.assertEqual(s.ask("/api/why", of="nobody[0]@5")[0], 400)

        # Several at once: the same answers, of what happened in the window.
        first = s.get("presentations")["rows"][0]
        window = {"from_": first["first"], "to": first["end"]}
        told = s.get("whys", most=400, steps=200, **window)
        self.assertGreater(len(told), 0)
        for answer in told[::7]:
            alone = s.get("why", of=answer["event"])
            self.assertEqual([answer[key] for key in ("sentence", "steps", "lane", "more")],
                             [alone[key] for key in ("sentence", "steps", "lane", "more")])
        spikes = {f"{group['population']}[{n}]@{t}" for group in info["spikes"]
                  for t, n in zip(*(s.get("spikes", group=group["group"], **window)[key] for key in ("tick", "neuron")))}
        found = {answer["event"] for answer in told}
        self.assertEqual({event for event in found if event.count("[") == 1}, spikes)
        s.refused(400, "most", "/api/whys", most=0)

    def check_lists(self, s, info, ticks):
        for group in info["spikes"]:
            found = s.get("spikes", group=group["group"])
            self.assertEqual(found["tick"], [int(t) for t in numbers("x.h5", f"/spikes/{group['group']}/timestamps", "d")])
            self.assertEqual(found["neuron"], numbers("x.h5", f"/spikes/{group['group']}/node_ids", "Q"))
            self.assertFalse(found["more"])
            some = s.get("spikes", group=group["group"], most=2, from_=10)
            self.assertEqual(some["tick"], [t for t in found["tick"] if t >= 10][:2])
            self.assertEqual(some["more"], len([t for t in found["tick"] if t >= 10]) > 2)
            self.assertEqual(s.get("next", tick=9, what="spike", population=group["population"])["tick"],
                             next((t for t in found["tick"] if t > 9), None))
            self.assertEqual(s.get("next", tick=60, direction=-1, what="spike", population=group["population"])["tick"],
                             next((t for t in reversed(found["tick"]) if t < 60), None))
        first = numbers("x.h5", "/presentations/tick", "q")
        rows = s.get("presentations")["rows"]
        self.assertEqual([row["first"] for row in rows], first)
        self.assertEqual([row["end"] for row in rows], numbers("x.h5", "/presentations/end", "q"))
        self.assertEqual([row["label"] for row in rows], numbers("x.h5", "/presentations/label", "i"))
        within = s.get("presentations", from_=first[3] + 1, to=first[5])["rows"]
        self.assertEqual([row["first"] for row in within], first[3:5])
        self.assertEqual(s.get("next", tick=first[3], what="presentation")["tick"], first[4])
        self.assertEqual(s.get("next", tick=first[3], direction=-1, what="presentation")["tick"], first[2])
        self.assertEqual(s.get("next", tick=ticks[-1], what="tick")["tick"], None)
        self.assertEqual(s.get("next", tick=7, what="tick", direction=-1)["tick"], 6)
        on = []
        for population in {each["population"] for each in s.get("stimuli")}:
            on += [(o, population) for o in numbers("x.h5", f"/stimuli/{population}/on", "q")]
        self.assertEqual(sorted((each["on"], each["population"]) for each in s.get("stimuli")), sorted(on))
        for each in s.get("stimuli", from_=20, to=25):
            self.assertTrue(each["on"] < 25 and each["off"] > 20)
        curves = s.get("curves")
        self.assertEqual(curves["presentations"], first)
        self.assertEqual({each["projection"] for each in curves["weights"]},
                         {p["name"] for p in info["projections"] if p["variables"]})

    def check_neurons(self, s, info, ticks, kind):
        """The weights of a neuron's partners are those of the file, and messages what was logged."""
        weight = next(v for p in info["projections"] for v in p["variables"] if p["learns"])
        projection = next(p for p in info["projections"] if p["name"] == weight["name"].rsplit(".", 1)[0])
        targets, sources = projection["matrix"]
        stored = numbers("x.h5", f"/trace/{projection['name']}/theta", kind)
        tick = 30
        rows, columns, matrix, headers = s.matrix("weights", projection=projection["name"], tick=tick)
        self.assertEqual((rows, columns, int(headers["X-Locus-Tick"])), (targets, sources, tick))
        self.assertEqual(matrix, stored[tick * targets * sources:(tick + 1) * targets * sources])
        changes = [t for t in range(1, len(ticks))
                   if stored[t * targets * sources:(t + 1) * targets * sources] !=
                   stored[(t - 1) * targets * sources:t * targets * sources]]
        self.assertEqual(s.get("next", tick=-1, what="weight", population=projection["name"])["tick"], changes[0])
        self.assertEqual(s.get("next", tick=changes[1], direction=-1, what="weight", population=projection["name"])["tick"],
                         changes[0])
        neuron = s.get("neuron", population=projection["to"], neuron=1, tick=tick)
        partners = [p for p in neuron["incoming"] if p["projection"] == projection["name"]]
        self.assertEqual({p["neuron"]: p["weight"] for p in partners},
                         {j: matrix[sources + j] for j in range(sources)})
        self.assertEqual({p["name"] for p in partners}, {f"{projection['name']}[1][{j}]" for j in range(sources)})
        for name, value in neuron["state"].items():
            field = f"{projection['to']}.{name}"
            self.assertEqual(s.get("tick", tick=tick, variables=field)["values"][field][1], value)
        # Without the log of messages, the same numbers come from weights and states.
        self.trace("y.h5")
        with self.server("y.h5") as other:
            seen = logged = 0
            for population in info["populations"]:
                for tick in (3, 9, 30, 77):
                    told = s.get("neuron", population=population["name"], neuron=0, tick=tick)
                    made = other.get("neuron", population=population["name"], neuron=0, tick=tick)
                    for side, end in (("incoming", "from"), ("outgoing", "to")):
                        self.assertEqual(told[side + "_total"], made[side + "_total"])
                        key = lambda p, end=end: (p["projection"], p[end], p["neuron"])
                        again = {key(p): p for p in made[side]}
                        for p in told[side]:
                            q = again[key(p)]
                            self.assertEqual((p["value"], p["sent"], p["weight"]), (q["value"], q["sent"], q["weight"]), (tick, p, q))
                            self.assertFalse(q["logged"])
                            seen += 1
                            logged += p["logged"]
            self.assertGreater(seen, 100)
            self.assertGreater(logged, 20)

    def test_changes_lanes_and_windows(self):
        """What is recorded on change only, every n-th tick and of some neurons is the same as far as it goes."""
        digits = os.path.join(NETLISTS, "digits.toml")
        self.trace("all.h5", "--set", 'trace.record=["*"]', netlist=digits, updates=3)
        text = locus("expand", digits)[1]
        self.write("part.toml", re.sub(r"(?ms)^\[trace\].*?(?=^\[|\Z)", "", text) +
                   '\n[trace]\non_change = ["kind:weights", "hidden1.value.x"]\nrecord = ["hidden1.error[3, 5:9]"]\n'
                   'every = 4\n')
        self.trace("part.h5", netlist="part.toml", updates=3)
        with self.server("all.h5") as a, self.server("part.h5") as b:
            info, part = a.get("info"), b.get("info")
            self.assertEqual(part["every"], 4)
            last = part["last"]
            for v in [v for owner in part["populations"] + part["projections"] for v in owner["variables"]]:
                for lane in {0, info["lanes"] - 1}:
                    columns = v["recorded"] if isinstance(v["recorded"], list) else list(range(v["columns"]))
                    rows, count, whole, _ = a.matrix("values", variable=v["name"], to=last, lane=lane,
                                                     columns=",".join(map(str, columns)) if len(columns) < 99 else "")
                    got, width, some, _ = b.matrix("values", variable=v["name"], from_=0, to=last, lane=lane)
                    self.assertEqual((got, width), (rows, count))
                    if v["storage"] == "changes":
                        self.same(some, whole)
                        for tick in (0, 7, last - 1):
                            self.same(b.matrix("values", variable=v["name"], from_=tick, to=tick + 1, lane=lane)[2],
                                      whole[tick * count:(tick + 1) * count])
                    else:
                        held = [whole[(t // 4 * 4) * count + c] for t in range(rows) for c in range(count)]
                        self.same(some, held)
            name = next(p["name"] for p in part["projections"] if p["learns"])
            for tick in (0, 11, last - 1):
                self.assertEqual(a.matrix("weights", projection=name, tick=tick)[2],
                                 b.matrix("weights", projection=name, tick=tick)[2])
            for direction in (1, -1):
                for what, population in (("weight", name), ("change", "hidden1.value")):
                    asked = {"tick": 13, "direction": direction, "what": what, "population": population}
                    if what == "weight":
                        self.assertEqual(a.get("next", **asked), b.get("next", **asked))
            curves = a.get("curves")
            self.assertEqual(len(curves["loss"]["value"]), 3)
            self.assertEqual(set(curves["accuracy"]["value"]) - {0, 1}, set())

    def test_the_first_difference_of_two(self):
        self.trace("a.h5")
        self.trace("b.h5", "--set", "learning.alpha=0.2")
        with self.server("a.h5", "b.h5") as s:
            diff = s.get("diff")
            self.assertFalse(diff["same"])
            first = re.search(r"first difference: tick (\d+), (\S+)\n", locus("trace", "diff", "a.h5", "b.h5")[1])
            self.assertEqual((diff["first"]["tick"], diff["first"]["column"]), (int(first[1]), first[2]))
            self.assertEqual(len(s.get("info")["files"]), 2)
        with self.server("a.h5", "a.h5") as s:
            self.assertEqual(s.get("diff"), {"same": True, "first": None, "summary": []})

    def test_damaged_files(self):
        self.fails(1, r'cannot read "none.h5"', "view", "none.h5", "--no-browser")
        self.write("no.h5", "no trace, whatever its name says")
        self.fails(1, r'cannot read "no.h5"', "view", "no.h5", "--no-browser")
        self.fails(2, r"small.toml.*netlists cannot", "view", "small.toml", "small.toml")
        self.fails(2, r"--ticks", "view", "no.h5", "--ticks", "3:4")
        self.fails(2, r"--port 70000", "view", "small.toml", "--port", "70000")
        self.trace("x.h5")
        with open("x.h5", "rb") as file:
            whole = file.read()
        for at in range(2000, len(whole) - 400, len(whole) // 24):
            with open("bad.h5", "wb") as file:
                file.write(whole[:at] + bytes(b ^ 0x55 for b in whole[at:at + 300]) + whole[at + 300:])
            try:
                server = Server("bad.h5")
            except AssertionError as problem:
                said = problem.args[0][1]
                self.assertRegex(said, r"(?m)^locus: ", problem)
                continue
            try:
                info = server.get("info")
                for v in [v for owner in info["populations"] + info["projections"] for v in owner["variables"]][:12]:
                    for what in ("values", "overview"):
                        status, _, body = server.ask("/api/" + what, variable=v["name"])
                        self.assertIn(status, (200, 500), body)
                for what in ("curves", "presentations", "stimuli"):
                    status, _, body = server.ask("/api/" + what)
                    self.assertIn(status, (200, 500), body)
                self.assertIsNone(server.process.poll())
            finally:
                self.assertEqual(server.end()[0], 0)


class Exports(Viewed):
    """A page of three lines stands for the real one, which the tests in a browser look at."""

    def setUp(self):
        super().setUp()
        os.makedirs("prefix/bin")
        os.makedirs("prefix/share/locus/view")
        self.program = os.path.abspath("prefix/bin/locus-view")
        shutil.copy(os.path.join(os.path.dirname(PROGRAM), "locus-view"), self.program)
        for name, text in (("index.html", '<!doctype html>\n<head>\n<link rel="stylesheet" href="app.css">\n</head>\n<body>'
                            '<script src="app.js"></script></body>\n'), ("app.js", "let mine = '$& \\\\1';"), ("app.css", "p {}")):
            self.write("prefix/share/locus/view/" + name, text)

    def export(self, *arguments):
        done = subprocess.run([self.program, *arguments, "--export", "run.html"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open("run.html", encoding="utf-8") as file:
            page = file.read()
        self.assertIn("<style>p {}</style>", page)
        self.assertIn("<script>let mine = '$& \\\\1';</script>", page)
        self.assertNotRegex(page, "(src|href)=")
        data = re.search(r"<script>window.LOCUS_EXPORT = (.*?);</script>", page)[1]
        self.assertNotIn("<", data)
        return json.loads(data), os.path.getsize("run.html")

    def test_the_window_is_exact_and_the_rest_is_bounded(self):
        self.trace("x.h5", updates=40)
        for arguments, window in (((), None), (("--ticks", "30:50"), [30, 50])):
            data, size = self.export("x.h5", *arguments)
            self.assertLess(size, 10e6)
            info = data["info"]
            self.assertEqual(info["mode"], "export")
            first = data["presentations"][0]
            self.assertEqual(info["window"], window or [first["first"], first["end"]])
            kind = {"f64": "d", "f32": "f"}[info["precision"]]
            for v in [v for owner in info["populations"] + info["projections"] for v in owner["variables"]]:
                owner, field = v["name"].rsplit(".", 1)
                stored, width = numbers("x.h5", f"/trace/{owner}/{field}", kind), v["columns"]
                exact = data["values"][v["name"]]
                found = array.array({"f64": "d", "f32": "f"}[exact["type"]], base64.b64decode(exact["data"]))
                self.assertEqual((exact["rows"], exact["columns"]), (info["window"][1] - info["window"][0], width))
                self.assertEqual(list(found), stored[info["window"][0] * width:info["window"][1] * width])
                blocks = data["overview"][v["name"]]
                low, high = (array.array("f", base64.b64decode(blocks[end])) for end in ("min", "max"))
                ticks, neurons = blocks["block"]
                for row in range(blocks["rows"]):
                    for c in range(blocks["columns"]):
                        inside = [stored[t * width + k] for t in range(row * ticks, min((row + 1) * ticks, len(stored) // width))
                                  for k in range(c * neurons, min((c + 1) * neurons, width))]
                        self.assertLessEqual(low[row * blocks["columns"] + c], min(inside))
                        self.assertGreaterEqual(high[row * blocks["columns"] + c], max(inside))
            for name, w in data["weights"].items():
                rows, columns = w["shape"]
                stored = numbers("x.h5", f"/trace/{name}/theta", kind)
                found = array.array("f", base64.b64decode(w["data"]))
                self.assertLessEqual(len(w["ticks"]), 20)
                for k, tick in enumerate(w["ticks"]):
                    size = rows * columns
                    self.assertEqual(found[k * size:(k + 1) * size], array.array("f", stored[tick * size:(tick + 1) * size]))

    def test_why(self):
        """The file holds answers of the window: those of the server, of the largest weight changes and of the spikes."""
        self.trace("x.h5", updates=40)
        data, _ = self.export("x.h5", "--ticks", "30:60")
        why = data["why"]
        self.assertEqual((why["more"], why["failure"]), (False, None))
        with self.server("x.h5") as s:
            for event, answer in why["told"].items():
                self.assertTrue(30 <= int(event.rsplit("@", 1)[1]) < 60, event)
                expected = s.get("why", of=event)
                self.assertEqual(answer["sentence"], expected["sentence"])
                self.assertEqual([[step[key] for key in ("tick", "kind", "entity", "text", "value", "local")] for step in answer["steps"]],
                                 [[step[key] for key in ("tick", "kind", "entity", "text", "value", "local")] for step in expected["steps"]][:40])
            spikes = [f"{group['population']}[{n}]@{t}" for group in s.get("info")["spikes"]
                      for t, n in zip(*(s.get("spikes", group=group["group"], from_=30, to=60)[key] for key in ("tick", "neuron")))]
        self.assertEqual({event for event in why["told"] if event.count("[") == 1}, set(spikes))
        theta = numbers("x.h5", "/trace/hidden1.forward/theta", "d")
        width = len(theta) // len(numbers("x.h5", "/trace/tick", "q"))
        last = max(t for t in range(30, 60) if theta[t * width:(t + 1) * width] != theta[(t + 1) * width:(t + 2) * width])
        changed = sum(theta[last * width + k] != theta[(last + 1) * width + k] for k in range(width))
        asked = [event for event in why["told"] if event.startswith("hidden1.forward[")]
        self.assertEqual((len(asked), {event.rsplit("@", 1)[1] for event in asked}), (changed, {str(last)}))
        # On grids, and in the first of many lanes.
        self.trace("g.h5", "--set", 'trace.record=["phi.spike","theta"]', netlist=os.path.join(NETLISTS, "digits-patches.toml"), updates=3)
        data, _ = self.export("g.h5")
        why, until = data["why"], data["info"]["window"][1]
        self.assertEqual(why["failure"], None)
        grids = {p["name"]: p["shape"] for p in data["info"]["populations"]}
        for event in why["told"]:
            brackets = re.findall(r"\[([\d,]+)\]", event)
            projection = next((p for p in data["info"]["projections"] if p["name"] == event.split("[")[0]), None)
            ends = [projection["to"], projection["from"]] if projection else [event.split("[")[0]]
            self.assertEqual([len(b.split(",")) for b in brackets], [len(grids[end]) or 1 for end in ends], event)
        for group in data["info"]["spikes"]:
            seen = sum(1 for t in data["spikes"][group["group"]]["tick"] if t < until)
            told = [event for event in why["told"] if event.startswith(group["population"] + "[")]
            self.assertGreaterEqual(len(told), min(seen, 10))
        self.assertTrue(any(event.startswith("hidden1.forward[") for event in why["told"]))

    def test_large_ones_and_wrong_ones(self):
        self.trace("d.h5", "--set", 'trace.record=["*"]', "--set", "trace.until=5000", "--set", "circuit.layers=[64,300,10]",
                   netlist=os.path.join(NETLISTS, "digits.toml"), updates=60)
        data, size = self.export("d.h5")
        self.assertLess(size, 10e6)
        self.assertGreater(len(data["values"]), 8)
        for arguments in (("x.toml",), ("d.h5", "--ticks", "x"), ("d.h5", "--ticks", "9000:9001"), ("d.h5", "d.h5", "d.h5")):
            done = subprocess.run([self.program, *arguments, "--export", "no.html"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done.stderr)
        done = subprocess.run([self.program, "d.h5", "--export", "d.h5"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        os.remove("prefix/share/locus/view/index.html")
        done = subprocess.run([self.program, "d.h5", "--export", "no.html"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "not built; tools/view/open")
        self.assertFalse(os.path.exists("no.html"))


class Hostile(Viewed):
    def test_who_is_let_in(self):
        self.trace("x.h5", updates=2)
        with self.server("x.h5") as s:
            token = {"X-Locus-Token": s.token}
            host = f"127.0.0.1:{s.port}"
            self.assertEqual(s.ask("/api/info", headers={**token, "Origin": f"http://{host}"})[0], 200)
            self.assertEqual(s.ask("/api/info", headers={**token, "Host": f"localhost:{s.port}"})[0], 200)
            for headers in ({}, {"X-Locus-Token": ""}, {"X-Locus-Token": "0" * 32}, {"X-Locus-Token": s.token[:-1]},
                            {"X-Locus-Token": s.token + "0"}, {"X-Locus-Token": s.token.upper() + "x"},
                            {**token, "Origin": "http://evil.example"}, {**token, "Origin": "null"},
                            {**token, "Origin": f"https://{host}"}, {**token, "Origin": f"http://{host}.evil.example"},
                            {**token, "Host": "evil.example"}, {**token, "Host": f"evil.example:{s.port}"},
                            {**token, "Host": "127.0.0.1"}, {**token, "Host": f"127.0.0.1:{s.port + 1}"},
                            {**token, "Host": ""}):
                for method, body in (("GET", None), ("POST", "{}")):
                    status, _, answer = s.ask("/api/info", body, method, headers)
                    self.assertEqual(status, 403, (headers, answer))
                    self.assertNotIn(s.token, json.dumps(answer))
                    s.connection.close()
            for name in ("Host", "Origin"):
                self.assertEqual(s.ask("/", headers={name: "evil.example"})[0], 403)
            self.assertEqual(s.ask("/api/info?token=" + s.token, headers={})[0], 403)
            status, headers, page = s.ask("/", headers={})
            self.assertEqual(status, 200)
            self.assertNotIn(s.token.encode(), page)
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertNotIn("Access-Control-Allow-Origin", headers)
            # Nobody else can reach it.
            listening = subprocess.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"], capture_output=True, text=True).stdout
            places = {line.split()[1] for line in listening.splitlines() if f":{s.port:04X} " in line and line.split()[3] == "0A"}
            self.assertEqual(places, {f"0100007F:{s.port:04X}"})

    def test_no_path_is_opened(self):
        self.trace("x.h5", updates=2)
        with self.server("x.h5") as s:
            for path in ("/x.h5", "/../x.h5", "/%2e%2e/x.h5", "/..%2fx.h5", "/%2e%2e%2f%2e%2e%2fetc/passwd", "//etc/passwd",
                         "/app.js/../../x.h5", "/app.js%00", "/./", "/index.html", "/api", "/api/", "/api/../app.js",
                         "/api/%2e%2e/info", "/api/info/", "/api/info%00", "/\\..\\x.h5", "/api/file?path=/etc/passwd",
                         "/api/info%2f..%2f..%2fx.h5", "/favicon.ico"):
                status, _, body = s.ask(path)
                self.assertIn(status, (400, 404), (path, body))
                self.assertNotIn("root:", str(body))
            for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "FOO"):
                with contextlib.suppress(http.client.HTTPException, OSError):
                    self.assertIn(s.ask("/api/info", method=method)[0], (400, 403, 404, 405))
                s.connection.close()

    def test_wrong_questions(self):
        self.trace("x.h5", updates=2)
        with self.server("x.h5") as s:
            name = s.get("info")["populations"][1]["variables"][0]["name"]
            huge = str(2**63)
            for wrong in ("", "x", "nan", "inf", "1e3", "1.5", "0x10", huge, "-" + huge, "9" * 400, " 1", "1 ", "\0", "+1"):
                self.refused_everywhere(s, wrong, name)
            s.refused(400, r"to = ", "/api/values", variable=name, from_=5, to=5)
            s.refused(400, r"to = ", "/api/values", variable=name, from_=5, to=4)
            s.refused(413, r"at most 4 000 000", "/api/values", variable=name, from_=-2**60, to=2**60)
            self.assertEqual(s.ask("/api/values", variable=name, from_=-2**60, to=2**60, step=2**60)[0], 200)
            s.refused(400, r"step", "/api/values", variable=name, step=0)
            s.refused(400, r"columns", "/api/values", variable=name, columns="-1")
            s.refused(400, r"columns", "/api/values", variable=name, columns="99999")
            s.refused(400, r"columns", "/api/values", variable=name, columns="0,,1")
            s.refused(400, r"columns", "/api/values", variable=name, columns="2:1")
            s.refused(400, r"variable is missing", "/api/values")
            s.refused(400, r"twice", f"/api/values?variable={name}&variable=x")
            s.refused(404, r"there is no recorded variable", "/api/values", variable="../../etc/passwd")
            s.refused(404, r"did you mean", "/api/values", variable=name + "x")
            s.refused(404, r"there is no recorded variable", "/api/tick", tick=1, variables=name + ",")
            s.refused(404, r"population", "/api/neuron", population="no", neuron=0, tick=0)
            s.refused(400, r"neuron", "/api/neuron", population="hidden1.value", neuron=10**6, tick=0)
            s.refused(404, r"weights", "/api/weights", projection="no", tick=0)
            s.refused(404, r"events", "/api/spikes", group="no")
            s.refused(400, r"what", "/api/next", tick=0, what="everything")
            s.refused(400, r"direction", "/api/next", tick=0, what="tick", direction=0)
            s.refused(404, r"no question", "/api/secrets")
            s.refused(400, r"a trace has happened", "/api/info", "{}")
            s.refused(400, r"a trace has happened", "/api/run", "{}")
            s.refused(413, r"too long", "/api/run", "x" * (2 << 20))
            s.connection.close()
            # Names that are too long for an address never come here; those that fit are answered in short.
            status, _, body = s.ask("/api/values", variable="x" * 7000)
            self.assertEqual(status, 404)
            self.assertLess(len(body["error"]), 1500)
            for path in ("/api/values?variable=" + "x" * 10**6, "/" + "x" * 10**6):
                with contextlib.suppress(http.client.HTTPException, OSError):
                    self.assertIn(s.ask(path)[0], (400, 414))
                s.connection.close()
            self.assertEqual(s.ask("/api/info", headers={"X-Locus-Token": s.token, "Range": "bytes=0-0," * 500})[0] in (400, 416), True)
            self.assertEqual(s.ask("/api/search", text="\N{SNOWMAN}\x1b[31m<script>")[2], [])
            self.assertEqual(s.ask("/api/search", text="x" * 2000 + "[")[2], [])

    def refused_everywhere(self, s, wrong, name):
        for what, parameter, others in (("values", "from", {"variable": name}), ("values", "to", {"variable": name}),
                                        ("values", "step", {"variable": name}), ("values", "lane", {"variable": name}),
                                        ("tick", "tick", {"variables": name}), ("overview", "columns", {"variable": name}),
                                        ("spikes", "most", {"group": "hidden1.phi"}), ("next", "tick", {"what": "tick"}),
                                        ("neuron", "neuron", {"population": "hidden1.value", "tick": 0}),
                                        ("weights", "tick", {"projection": "hidden1.forward"}),
                                        ("presentations", "most", {}), ("stimuli", "from", {})):
            status, _, body = s.ask("/api/" + what, **{**others, parameter: wrong})
            self.assertEqual(status, 400, (what, parameter, wrong, body))
            self.assertLess(len(body["error"]), 300)

    def test_requests_that_are_none(self):
        self.trace("x.h5", updates=2)
        with self.server("x.h5") as s:
            def send(data):
                with socket.create_connection(("127.0.0.1", s.port), timeout=10) as raw, contextlib.suppress(OSError):
                    raw.sendall(data)
                    raw.shutdown(socket.SHUT_WR)
                    while raw.recv(65536):
                        pass

            head = f"Host: 127.0.0.1:{s.port}\r\nX-Locus-Token: {s.token}\r\n".encode()
            for data in (b"", b"\r\n", b"\0" * 3000, b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
                         b"POST /api/run HTTP/1.1\r\n" + head + b"Content-Length: 1000000\r\n\r\nhalf",
                         b"POST /api/run HTTP/1.1\r\n" + head + b"Content-Length: -1\r\n\r\n",
                         b"POST /api/run HTTP/1.1\r\n" + head + b"Content-Length: 99999999999999999999\r\n\r\n",
                         b"POST /api/run HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                         b"POST /api/run HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
                         b"GET /api/info HTTP/1.1\r\n" + head + b"Host: evil.example\r\n\r\n",
                         b"GET /api/info HTTP/1.1\r\n" + head + b"X: " + b"y" * 100000 + b"\r\n\r\n",
                         b"GET /%zz%%%u0000 HTTP/1.1\r\n" + head + b"\r\n", b"GET http://evil.example/ HTTP/1.1\r\n\r\n",
                         b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n"):
                send(data)
                self.assertIsNone(s.process.poll(), data[:60])
            # Connections that only wait do not keep others out, nor the program alive.
            waiting = [socket.create_connection(("127.0.0.1", s.port)) for _ in range(20)]
            for each in waiting[:10]:
                each.sendall(b"GET / HTT")
            found = []

            def read():
                connection = http.client.HTTPConnection("127.0.0.1", s.port, timeout=20)
                for _ in range(5):
                    connection.request("GET", "/api/tick?tick=3&variables=hidden1.value.x", headers={"X-Locus-Token": s.token})
                    found.append(connection.getresponse().read())
                connection.close()

            threads = [threading.Thread(target=read) for _ in range(12)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            self.assertEqual((len(found), len(set(found))), (60, 1))
            for each in waiting:
                each.close()


class Live(Viewed):
    def until(self, s, wanted, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = s.get("state")
            if wanted(state):
                return state
            time.sleep(0.02)
        self.fail(state)

    def test_it_is_the_run_that_locus_run_does(self):
        settings = ["--set", "stimuli.epochs=30"]
        code, _, err = locus("run", XOR, *settings, "--json", "r.json", "--save-weights", "w.h5", "--trace", "x.h5")
        self.assertEqual(code, 0, err)
        with open("r.json", encoding="utf-8") as file:
            results = json.load(file)
        ticks = numbers("x.h5", "/trace/tick", "q")
        with self.server(XOR, *settings) as s:
            state = s.get("state")
            self.assertEqual((state["tick"], state["running"], state["done"]), (0, False, False))
            info = s.get("info")
            kind = {"f64": "d", "f32": "f"}[info["precision"]]
            # In steps of all kinds, with questions between them.
            self.assertEqual(s.post("step", {})["tick"], 1)
            self.assertEqual(s.post("step", {"ticks": 5})["tick"], 6)
            state = s.post("step_to", {"what": "presentation"})
            self.assertEqual(state["tick"], numbers("x.h5", "/presentations/tick", "q")[1])
            self.assertEqual(state["presentation"]["number"], 1)
            at = state["tick"]
            state = s.post("step_to", {"what": "spike"})
            spikes = sorted(t for group in info["spikes"] for t in numbers("x.h5", f"/spikes/{group['group']}/timestamps", "d"))
            self.assertEqual(state["tick"], next(t for t in spikes if t > at))
            learns = [p["name"] for p in info["projections"] if p["learns"]]
            at = state["tick"]
            state = s.post("step_to", {"what": "weight"})
            self.assertGreater(state["tick"], at)
            self.assertEqual(s.get("next", tick=state["tick"] - 1, what="weight")["tick"], state["tick"])
            self.assertEqual(s.post("step_to", {"what": "change"})["tick"], state["tick"] + 1)
            s.post("run", {"speed": 200})
            time.sleep(0.1)
            state = s.post("pause", {})
            self.assertFalse(state["running"])
            self.assertLess(state["tick"], 200)
            self.assertEqual(s.get("state")["tick"], state["tick"])
            # What the ring holds are the numbers of the trace.
            for v in [v for owner in info["populations"] + info["projections"] for v in owner["variables"]]:
                owner, field = v["name"].rsplit(".", 1)
                stored = numbers("x.h5", f"/trace/{owner}/{field}", kind)
                rows, columns, held, _ = s.matrix("values", variable=v["name"])
                self.assertEqual((rows, held), (state["tick"] + 1, stored[:rows * columns]), v["name"])
                blocks, count, extremes, headers = s.matrix("overview", variable=v["name"], columns=7, rows=2, from_=-5, to=999)
                wide, tall = map(int, headers["X-Locus-Block"].split(","))
                self.assertEqual((headers["X-Locus-From"], count), ("0", -(-columns // tall)))
                self.assertEqual(blocks, 2 * -(-rows // wide))
                for k in range(blocks // 2):
                    for c in range(count):
                        part = [held[t * columns + n] for t in range(k * wide, min((k + 1) * wide, rows))
                                for n in range(c * tall, min((c + 1) * tall, columns))]
                        self.assertEqual(extremes[k * count + c], min(part))
                        self.assertEqual(extremes[(blocks // 2 + k) * count + c], max(part))
            for group in info["spikes"]:
                stored = [int(t) for t in numbers("x.h5", f"/spikes/{group['group']}/timestamps", "d")]
                self.assertEqual(s.get("spikes", group=group["group"])["tick"], [t for t in stored if t <= state["tick"]])
            rows = s.get("presentations")["rows"]
            self.assertEqual([row["sample"] for row in rows], numbers("x.h5", "/presentations/sample", "I")[:len(rows)])
            told = s.get("neuron", population=info["projections"][0]["to"], neuron=0, tick=state["tick"])
            self.assertGreater(told["incoming_total"], 0)
            # To the end.
            s.post("run", {})
            state = self.until(s, lambda now: now["done"])
            self.assertEqual(state["tick"], ticks[-1])
            self.assertEqual(state["ended"], "")
            for key, theirs in (("train_loss", "loss"), ("train_accuracy", "train_accuracy"), ("test_accuracy", "test_accuracy")):
                self.assertEqual(state["results"][key], [e[theirs] for e in results["epochs"]])
            for name in learns:
                stored = numbers("x.h5", f"/trace/{name}/theta", kind)
                rows, columns, held, _ = s.matrix("weights", projection=name, tick=state["tick"])
                self.assertEqual(held, stored[-rows * columns:])
            s.refused(400, "the run is over", "/api/perturb", {"variable": "hidden1.value.x", "neuron": 0, "value": 1})
            self.assertEqual(s.post("run", {})["done"], True)

    def test_interfering(self):
        with self.server(XOR) as s:
            info = s.get("info")
            held = next(p for p in info["populations"] if p["stimulated"])
            field = held["variables"][0]["name"]
            # Another value in one tick.
            variable = "hidden1.value.a"  # a state; what follows from it (x) is computed from it
            s.post("perturb", {"variable": variable, "neuron": 1, "value": 0.75})
            tick = s.post("step", {})["tick"]
            self.assertEqual(s.get("tick", tick=tick, variables=variable)["values"][variable][1], 0.75)
            self.assertEqual(s.get("tick", tick=tick, variables="hidden1.value.x")["values"]["hidden1.value.x"][1],
                             0.75 + s.get("tick", tick=tick, variables="hidden1.value.b")["values"]["hidden1.value.b"][1])
            # Held against the netlist's own stimuli, over presentations.
            values = [0.5 + k for k in range(held["size"])]
            state = s.post("clamp", {"population": held["name"], "values": values})
            self.assertEqual(state["held"][0]["values"], values)
            tick = s.post("step", {"ticks": 40})["tick"]
            for t in range(tick - 39, tick + 1):
                self.assertEqual(s.get("tick", tick=t, variables=field)["values"][field], values, t)
            self.assertEqual(s.post("clamp", {"population": held["name"], "values": None})["held"], [])
            tick = s.post("step", {"ticks": 40})["tick"]
            self.assertNotEqual(s.get("tick", tick=tick, variables=field)["values"][field], values)
            # Another parameter: weights and time stay.
            learns = next(p for p in info["projections"] if p["learns"])
            number = next(p for p in learns["parameters"] if isinstance(p["value"], float))
            answer = s.post("parameter", {"entity": learns["name"], "name": number["name"], "value": 0.0625})
            self.assertEqual((answer["rebuilt"], answer["restarted"]), (True, False))
            self.assertGreaterEqual(answer["state"]["tick"], tick)
            now = next(p for p in s.get("info")["projections"] if p["name"] == learns["name"])
            self.assertEqual({p["name"]: p["value"] for p in now["parameters"]}[number["name"]], 0.0625)
            before = s.matrix("weights", projection=learns["name"], tick=answer["state"]["tick"])[2]
            state = s.post("step", {})
            self.assertEqual(state["tick"], answer["state"]["tick"] + 1)
            self.assertEqual(s.matrix("values", variable=learns["name"] + ".theta", from_=state["tick"], to=state["tick"] + 1)[2], before)
            # The audit of the circuit as it is now.
            end = time.monotonic() + 60
            while s.get("audit")["running"] and time.monotonic() < end:
                time.sleep(0.1)
            report = s.get("audit")["report"]["verdicts"]
            self.assertEqual({v["name"]: v["holds"] for v in report}["local-computation"], True)
            for status, pattern, what, body in (
                    (400, "no JSON", "step", "{"), (400, "object", "step", "[1]"), (400, "object", "step", "[" * 100 + "]" * 100),
                    (400, "no JSON|deep", "step", '{"a":' * 5000 + "1" + "}" * 5000), (400, "ticks", "step", {"ticks": 0}),
                    (400, "ticks", "step", {"ticks": 1e9}), (400, "ticks", "step", {"ticks": "1"}), (400, "ticks", "step", {"ticks": 2**64 - 1}),
                    (400, "ticks", "step", {"ticks": None}), (400, "speed", "run", {"speed": -1}), (400, "speed", "run", {"speed": "fast"}),
                    (400, "JSON|speed", "run", '{"speed": NaN}'), (400, "speed|JSON", "run", '{"speed": 1e999}'), (400, "what", "step_to", {"what": "end"}),
                    (400, "what", "step_to", {}), (404, "variable", "perturb", {"variable": "no", "neuron": 0, "value": 0}),
                    (400, "neuron", "perturb", {"variable": variable, "neuron": -1, "value": 0}),
                    (400, "neuron", "perturb", {"variable": variable, "neuron": 1.5, "value": 0}),
                    (400, "value", "perturb", {"variable": variable, "neuron": 0, "value": "1"}),
                    (400, "value", "perturb", {"variable": variable, "neuron": 0}),
                    (400, "weights cannot", "perturb", {"variable": learns["name"] + ".theta", "neuron": 0, "value": 0}),
                    (404, "population", "clamp", {"population": "x" * 10**5, "values": [1]}),
                    (400, "values", "clamp", {"population": held["name"], "values": [1] * 99}),
                    (400, "values", "clamp", {"population": held["name"], "values": [[]] * held["size"]}),
                    (400, "no population", "parameter", {"entity": "no", "name": "x", "value": 1}),
                    (400, "no", "parameter", {"entity": learns["name"], "name": "no", "value": 1}),
                    (400, ".", "parameter", {"entity": learns["name"], "name": number["name"], "value": "tanh"}),
                    (400, "value", "parameter", {"entity": learns["name"], "name": number["name"], "value": [1]}),
                    (404, "no change", "info", {})):
                s.refused(status, pattern, "/api/" + what, body)
            s.refused(404, "no question", "/api/step")
            s.refused(400, "columns", "/api/overview", variable=variable, columns=0)
            self.assertEqual(s.post("step", {})["tick"], state["tick"] + 1)

    def test_why(self):
        """Of a run that nobody disturbed, why is what `locus trace why` tells; disturbed, it names the disturbance."""
        code, _, err = locus("run", XOR, "--updates", "8", "--no-test", "--trace", "x.h5")
        self.assertEqual(code, 0, err)
        spikes = sorted({(int(t), int(n)) for t, n in zip(numbers("x.h5", "/spikes/output.phi/timestamps", "d"),
                                                          numbers("x.h5", "/spikes/output.phi/node_ids", "Q"))})
        theta = numbers("x.h5", "/trace/output.forward/theta", "d")
        width = len(theta) // len(numbers("x.h5", "/trace/tick", "q"))
        learnt = [t for t in range(len(theta) // width - 1) if theta[t * width] != theta[(t + 1) * width]]
        with self.server(XOR) as s:
            last = s.post("step", {"ticks": learnt[2]})["tick"]
            self.assertEqual(last, learnt[2])
            asked = [f"output.forward[0][0]@{t}" for t in learnt[:3]]  # the last one has only just learned
            asked += [f"output.phi[{n}]@{t}" for t, n in spikes if t <= last]
            asked += [f"hidden1.value.x[1]@{t}" for t in range(last - 6, last + 1)]
            told = 0
            for event in asked:
                done = subprocess.run([PROGRAM, "trace", "why", "x.h5", event, "--json"], capture_output=True, text=True, check=False)
                status, _, answer = s.ask("/api/why", of=event)
                if done.returncode == 0:
                    expected = json.loads(done.stdout)
                    self.assertEqual(status, 200, answer)
                    for key in ("sentence", "steps", "lane", "more", "event"):
                        self.assertEqual(answer[key], expected[key], event)
                    told += 1
                else:
                    self.assertEqual(status, 400)
                    said = re.compile(r"did not \w+ in tick \d+(; it (never )?\w+( in tick \d+)? before that)?")
                    self.assertEqual(said.search(answer["error"])[0], said.search(done.stderr)[0])
            self.assertGreater(told, 6)
            s.refused(400, "has come to tick %d so far" % last, "/api/why", of=f"output.phi[0]@{last + 1}")
            s.refused(400, "no population", "/api/why", of="nobody[0]@5")
            s.refused(400, "say in which tick", "/api/why", of="output.phi[0]")
            s.refused(400, "lane", "/api/why", of=asked[0], lane=7)
            # Asking changed nothing.
            state = s.post("step", {"ticks": 20})
            stored = numbers("x.h5", "/trace/output.forward/theta", "d")
            self.assertEqual(s.matrix("values", variable="output.forward.theta")[2], stored[:(state["tick"] + 1) * width])
            # What the page did is where the chain ends.
            s.post("perturb", {"variable": "hidden1.value.a", "neuron": 1, "value": 0.75})
            tick = s.post("step", {})["tick"]
            steps = s.get("why", of=f"hidden1.value.x[1]@{tick}")["steps"]
            self.assertTrue(any("set from outside" in step["text"] and step["tick"] == tick for step in steps), steps)
            held = next(p for p in s.get("info")["populations"] if p["stimulated"])
            s.post("clamp", {"population": held["name"], "values": [0.5 + k for k in range(held["size"])]})
            tick = s.post("step", {})["tick"]
            field = held["variables"][0]["field"]
            steps = s.get("why", of=f"{held['name']}.{field}[0]@{tick}")["steps"]
            self.assertEqual((steps[-1]["kind"], steps[-1]["tick"]), ("stimulus", tick))
            self.assertEqual(steps[-1]["text"], f"clamped by hand since tick {tick}")
            # With another parameter, what was before is another circuit's.
            learns = next(p for p in s.get("info")["projections"] if p["learns"])
            number = next(p for p in learns["parameters"] if isinstance(p["value"], float))
            tick = s.post("parameter", {"entity": learns["name"], "name": number["name"], "value": 0.0625})["state"]["tick"]
            s.refused(400, "a parameter was changed after tick %d" % tick, "/api/why", of=asked[0])
            s.refused(400, r"parameter was changed|no longer|ticks from", "/api/why", of=f"hidden1.value.x[1]@{tick}")
            # Much later, the beginning is forgotten; and what is kept is told.
            s.post("run", {})
            state = self.until(s, lambda now: now["done"] or now["tick"] > 60_000)
            s.post("pause", {})
            state = s.get("state")
            s.refused(400, "are still kept" if state["tick"] > 60_000 else "parameter|kept", "/api/why", of=asked[0])
            at = s.get("next", tick=state["tick"] - 3, direction=-1, what="spike", population="output.phi")["tick"]
            spiked = s.get("spikes", group="output.phi", from_=at, to=at + 1)["neuron"][0]
            self.assertIn("spiked in tick %d" % at, s.get("why", of=f"output.phi[{spiked}]@{at}")["sentence"])

    def test_it_ends_while_it_runs(self):
        for by in (signal.SIGINT, signal.SIGTERM):
            server = Server(os.path.join(NETLISTS, "digits.toml"))
            server.post("run", {})
            time.sleep(0.2)
            self.assertGreater(server.get("state")["tick"], 0)
            start = time.monotonic()
            self.assertEqual(server.end(by), (0, ""))
            self.assertLess(time.monotonic() - start, 8)

    def test_netlists_that_are_wrong(self):
        self.write("bad.toml", "[circuit]\nlayers = 3\n")
        self.fails(2, r"bad.toml", "view", "bad.toml")
        self.fails(2, r"circuit.nothing", "view", "small.toml", "--set", "circuit.nothing=1")


if __name__ == "__main__":
    main()
