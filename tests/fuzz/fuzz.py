#!/usr/bin/env python3
"""Gives the program damaged and nonsensical input of every kind, and reports whatever is not a clear error.

A mutant is bad if the program ends by a signal, does not end, says "internal error", or a sanitizer complains. With
--accepted, mutants of values that exited with 0 are listed, to be judged by eye: nonsense must not be accepted.

A run may take --seconds of processor time, then it is interrupted: that it takes long is told, and is no failure. If it
does not end then, within as much again, it is one. Without --seconds that is 20, or 120 if the program is sanitized.

usage: fuzz.py PROGRAM SOURCE_DIRECTORY [--mutants N] [--seed S] [--jobs J] [--seconds T] [--only KIND,...] [--keep DIR]
               [--accepted]
"""

import argparse
import collections
import concurrent.futures
import gzip
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SEAL = b"locus archive, sha256 of all after these 512 bytes: "
NUMBERS = ["0", "-0", "1", "-1", "2", "0.5", "1e-320", "1e308", "-1e308", "inf", "-inf", "nan", "16777216", "16777217",
           "2147483647", "2147483648", "4294967295", "4294967296", "4294967328", "1099511627776", "1099511627777",
           "9007199254740993", "4611686018427387904", "9223372036854775807", "-9223372036854775808",
           "9223372036854775808", "18446744073709551616", "1e400", "0x7fffffffffffffff", "1_000_000_000_000"]
TEXTS = ['""', '"."', '"/"', '".."', '"a/b"', '"a.b"', '"\\u0000"', '"\\u001b[2J"', '"\\n"', '"' + "x" * 300 + '"',
         '"input.value.rate"', '"hidden1.error.eps"', '"no.such.thing"', "'|touch PWNED'", '"/dev/null"', "true", "[]",
         "{}", "[[]]", "[1, [2]]", "{ a = 1 }", "1979-05-27", "[0, 0]", "[5, 1]", "[-1, 3]", "[1e9, 1e10]", "0.1.2"]
SMALL = ["circuit.layers=[3,4,2]", "stimuli.data={inputs=[[0,1,0.5],[1,0,0.2]],targets=[[0,1],[1,0]]}",
         "stimuli.epochs=1"]


def bits(rng, data, most=8, in_place=False):
    """Bytes with a few places changed or, unless in place, left out, doubled or cut off."""
    data = bytearray(data)
    for _ in range(rng.randint(1, most)):
        if not data:
            break
        at = rng.randrange(len(data))
        what = rng.randrange(3 if in_place else 7)
        if what == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            data[at] = rng.choice([0, 1, 0x7f, 0x80, 0xff, rng.randrange(256)])
        elif what == 2:
            size = rng.choice([1, 2, 4, 8])
            size = min(size, len(data) - at)
            data[at:at + size] = rng.choice([b"\0" * size, b"\xff" * size, rng.randbytes(size)])
        elif what == 3:
            del data[at:at + rng.randint(1, 32)]
        elif what == 4:
            data[at:at] = data[at:at + rng.randint(1, 64)]
        elif what == 5 and rng.random() < 0.2:
            del data[at:]
        else:
            data[at:at] = rng.randbytes(rng.randint(1, 8))
    return bytes(data)


def file_bits(rng, data):
    """Of a file in which all depends on offsets: mostly so that they still lead somewhere."""
    return bits(rng, data, 3, in_place=True) if rng.random() < 0.8 else bits(rng, data)


def words(rng, text):
    """A netlist with numbers, texts and lines exchanged."""
    for _ in range(rng.randint(1, 3)):
        what = rng.randrange(6)
        lines = text.split("\n")
        if what <= 2:
            places = list(re.finditer(r'(?<![\w."])-?\d+(\.\d+)?(e-?\d+)?\b|"[^"\n]*"|\btrue\b|\bfalse\b', text))
            if not places:
                continue
            place = rng.choice(places)
            new = rng.choice(NUMBERS + TEXTS + [rng.choice(places).group(0)] * 20)
            text = text[:place.start()] + new + text[place.end():]
        elif what == 3:
            del lines[rng.randrange(len(lines))]
            text = "\n".join(lines)
        elif what == 4:
            lines.insert(rng.randrange(len(lines)), rng.choice(lines))
            text = "\n".join(lines)
        else:
            return bits(rng, text.encode()).decode("utf-8", "surrogateescape")
    return text


def is_sanitized(program):
    """Whether the program was compiled with a sanitizer: their names are in it."""
    with open(program, "rb") as file:
        return re.search(rb"__(asan|tsan|msan)_init", file.read()) is not None


def processor_seconds(process):
    """What a process has taken so far; 0 when it has ended."""
    try:
        with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def complaints(text):
    """What is left of a program's messages without the sanitizer's warning of a large allocation, which was refused and
    not made: what the program makes of that is judged by its exit code and its own message."""
    return re.sub(r".*WARNING: AddressSanitizer failed to allocate.*\n?", "", text)


class Fuzzer:
    def __init__(self, options):
        self.program = os.path.abspath(options.program)
        self.seconds = options.seconds or (120 if is_sanitized(self.program) else 20)
        self.source = os.path.abspath(options.source)
        self.options = options
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.bad = []
        self.accepted = []
        self.base = tempfile.mkdtemp(prefix="locus-fuzz-")
        self.prepare()

    def run(self, *arguments, folder=None):
        return subprocess.run([self.program, *arguments], cwd=folder or self.base, capture_output=True, check=True)

    def prepare(self):
        """Good files of every kind, small."""
        names = [n[:-5] for n in sorted(os.listdir(os.path.join(self.source, "netlists"))) if n.endswith(".toml")]
        shrink = [word for key in ("stimuli.train_limit=40", "stimuli.test_limit=20", "stimuli.epochs=1")
                  for word in ("--set", key)]
        self.netlists = []
        for name in names:
            path = os.path.join(self.source, "netlists", name + ".toml")
            with open(path, encoding="utf-8") as file:
                self.netlists.append(file.read())
            if "digits" not in name:
                self.netlists.append(self.run("expand", path).stdout.decode())
        xor = os.path.join(self.source, "netlists", "xor.toml")
        digits = os.path.join(self.source, "netlists", "digits.toml")
        self.run("run", xor, "--updates", "3", "--no-test", "--trace", "t.h5", "--set", "trace.record=[\"*\"]",
                 "--set", "trace.messages=true", "--save-weights", "w.h5", "--checkpoint", "c.h5")
        self.run("run", digits, "--updates", "2", "--no-test", "--trace", "d.h5", *shrink, "--set", "trace.until=24",
                 "--set", "circuit.lanes=2")
        self.files = {}
        for name in ("t.h5", "w.h5", "c.h5", "d.h5"):
            with open(os.path.join(self.base, name), "rb") as file:
                self.files[name] = file.read()
        self.files["data.csv"] = b"x0,x1,y0,set\n0,1,0,train\n1,0,1,train\n0.5,2,1,train\n1,1,0,test\n"
        images = bytes.fromhex("00000803 00000003 00000002 00000002") + bytes(range(12))
        labels = bytes.fromhex("00000801 00000003") + bytes([0, 1, 0])
        self.files["idx"] = (images, labels)
        folder = os.path.join(self.source, "tests", "fuzz", "seeds", "npy")
        self.files["npy"] = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                self.files["npy"].append(file.read())
        with open(os.path.join(self.source, "netlists", "schema.json"), encoding="utf-8") as file:
            self.keys = sorted(set(self.schema_keys(json.load(file)["$defs"])))

    @staticmethod
    def schema_keys(definitions):
        for section, where in definitions["short_form"]["properties"].items():
            part = definitions.get(where.get("$ref", "").split("/")[-1], {})
            for key, value in part.get("properties", {}).items():
                yield f"{section}.{key}"
                for inner in value.get("properties", {}):
                    yield f"{section}.{key}.{inner}"

    # Each kind writes its files into the folder and returns the command lines to run there, and what to show of it.

    def netlist(self, rng, folder):
        text = words(rng, rng.choice(self.netlists))
        with open(os.path.join(folder, "n.toml"), "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        command = rng.choice([["describe", "n.toml"], ["expand", "n.toml"], ["describe", "n.toml", "--graphml", "g"],
                              ["run", "n.toml", "--updates", "2", "--no-test"],
                              ["run", "n.toml", "--updates", "1", "--against", "bp", "--trace", "o.h5"]])
        return [command]

    def setting(self, rng, folder):
        name = rng.choice(["xor.toml", "digits.toml", "digits-weight-mirror.toml", "digits-bmvr.toml", "digits-zil.toml",
                           "graph-skip.toml"])
        pairs = []
        for _ in range(rng.choice([1, 1, 1, 2])):
            pairs += ["--set", f"{rng.choice(self.keys)}={rng.choice(NUMBERS + TEXTS)}"]
        path = os.path.join(self.source, "netlists", name)
        small = ["--set", "stimuli.train_limit=40"] if name != "xor.toml" else []
        command = rng.choice([["describe", path], ["run", path, "--updates", "2", "--no-test"]])
        return [command + small + pairs]

    def options_of(self, rng, folder):
        path = os.path.join(self.source, "netlists", "xor.toml")
        shutil.copy(os.path.join(self.base, "t.h5"), os.path.join(folder, "t.h5"))
        value = rng.choice(NUMBERS + ["", "-", "x", "1:2", "9:1", "-3:", "1,2", "/dev/full", "/dev/null", ".", "a\nb", "*",
                                      "eps[99999999999]", "eps[0:0]", "value.x[[", "phi.spike[-1]"])
        option = rng.choice([["run", path, "--updates"], ["run", path, "--updates=2", "--threads"],
                             ["run", path, "--updates=2", "--trace"], ["run", path, "--updates=2", "--checkpoint"],
                             ["run", path, "--updates=2", "--json"], ["run", path, "--updates=2", "--save-weights"],
                             ["run", path, "--updates=2", "--checkpoint=c.h5", "--checkpoint-every"],
                             ["audit", path, "--require"], ["describe", path, "--dot"],
                             ["trace", "show", "t.h5", "--select"], ["trace", "show", "t.h5", "--ticks"],
                             ["trace", "plot", "t.h5", "--select"], ["trace", "plot", "t.h5", "--ticks"],
                             ["trace", "show", "t.h5", "--messages"], ["trace", "plot", "t.h5", "--out"]])
        if option[-1] == "--threads" and value.isdigit() and int(value) < 2**20:
            value = "3"
        return [option[:-1] + [f"{option[-1]}={value}"]]

    def data(self, rng, folder):
        path = os.path.join(self.source, "netlists", "xor.toml")
        if rng.random() < 0.3:
            with open(os.path.join(folder, "x.npy"), "wb") as file:
                file.write(bits(rng, rng.choice(self.files["npy"]), 3))
            named = "npy:" + os.path.join(folder, "x.npy")
            return [["run", path, "--updates", "2", "--set", "stimuli.frame_ticks=2", "--set",
                     f'stimuli.data={{ inputs = "{named}", targets = "{named}" }}']]
        if rng.random() < 0.5:
            with open(os.path.join(folder, "data.csv"), "wb") as file:
                file.write(bits(rng, self.files["data.csv"], 4))
            source = "csv:" + os.path.join(folder, "data.csv")
        else:
            images, labels = self.files["idx"]
            which = rng.randrange(3)
            for prefix in ("train", "t10k"):
                for suffix, content in (("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)):
                    content = bits(rng, content, 3) if which != (suffix[0] == "l") else content
                    packed = rng.random() < 0.5
                    if packed:
                        content = gzip.compress(content)
                        if rng.random() < 0.5:
                            content = bits(rng, content, 2)
                    with open(os.path.join(folder, f"{prefix}-{suffix}" + (".gz" if packed else "")), "wb") as file:
                        file.write(content)
            source = "idx:" + folder
        layers = rng.choice(["[2,3,1]", "[4,3,2]", "[4,3,10]", "[3,3,2]"])
        return [["run", path, "--updates", "2", "--set", f'stimuli.data="{source}"', "--set", f"circuit.layers={layers}"]]

    def trace(self, rng, folder):
        name = rng.choice(["t.h5", "d.h5"])
        with open(os.path.join(folder, "m.h5"), "wb") as file:
            file.write(file_bits(rng, self.files[name]))
        with open(os.path.join(folder, "good.h5"), "wb") as file:
            file.write(self.files[name])
        return [rng.choice([["trace", "info", "m.h5"], ["trace", "info", "m.h5", "--json"],
                            ["trace", "show", "m.h5", "--select", "*"], ["trace", "diff", "good.h5", "m.h5"],
                            ["trace", "plot", "m.h5", "--out", "o.svg"], ["trace", "export", "m.h5", "--sonata", "s"],
                            ["trace", "show", "m.h5", "--messages", "*"]])]

    def weights(self, rng, folder):
        with open(os.path.join(folder, "w.h5"), "wb") as file:
            file.write(file_bits(rng, self.files["w.h5"]))
        path = os.path.join(self.source, "netlists", "xor.toml")
        return [["run", path, "--updates", "1", "--no-test", "--set", f'weights.file="{folder}/w.h5"']]

    def checkpoint(self, rng, folder):
        content = file_bits(rng, self.files["c.h5"][512:])
        seal = SEAL + hashlib.sha256(content).hexdigest().encode() + b"\n"
        with open(os.path.join(folder, "c.h5"), "wb") as file:
            file.write(seal.ljust(512, b"\n") + content)
        path = os.path.join(self.source, "netlists", "xor.toml")
        return [["run", path, "--updates", "5", "--no-test", "--resume", "c.h5", "--set", "trace.record=[\"*\"]", "--set",
                 "trace.messages=true"]]

    def one(self, kind, seed):
        rng = random.Random(f"{kind} {seed}")
        folder = tempfile.mkdtemp(prefix="m", dir=self.base)
        try:
            for command in getattr(self, kind)(rng, folder):
                self.judge(kind, seed, command, folder)
            if os.path.exists(os.path.join(folder, "PWNED")):
                self.note(kind, seed, ["?"], "ran a command", "", folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def judge(self, kind, seed, command, folder):
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
                       "UBSAN_OPTIONS": "print_stacktrace=1"}
        process = subprocess.Popen([self.program, *command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ended = self.output_of(process)
        late = ended is None
        if late:  # Long work is no mistake, as long as it can be stopped.
            process.send_signal(signal.SIGINT)
            ended = self.output_of(process)
        if ended is None:
            process.kill()
            self.note(kind, seed, command, "hangs", process.communicate()[1], folder)
            return
        err = ended[1]
        code = process.returncode
        text = complaints(err.decode("utf-8", "replace"))
        self.counts[kind, "interrupted" if late else code] += 1
        damaged_inside_library = "AddressSanitizer" in text and "the file is damaged" in text
        if late and code in (130, -signal.SIGINT):  # before a run hears of signals, they end the process
            self.note(kind, seed, command, "takes long", text, folder, fatal=False)
        elif code not in (0, 1, 2):
            self.note(kind, seed, command, f"exit code {code}", text, folder)
        elif "internal error" in text or "terminate called" in text:
            self.note(kind, seed, command, "internal error", text, folder)
        elif ("Sanitizer" in text or "runtime error" in text) and not damaged_inside_library:
            self.note(kind, seed, command, "sanitizer", text, folder)
        elif code != 0 and not re.search(r"^locus: ", text, re.M):
            self.note(kind, seed, command, f"exit code {code} without a message", text, folder)
        elif code == 0 and kind in ("setting", "options_of"):
            with self.lock:
                self.accepted.append(" ".join(command).replace(self.source + "/netlists/", ""))

    def output_of(self, process):
        """(stdout, stderr) when it has ended, nothing if it takes longer: self.seconds more of processor time, which does
        not depend on what else the machine does, or, if it sleeps, ten times as long."""
        before, begin = processor_seconds(process), time.monotonic()
        while processor_seconds(process) - before < self.seconds and time.monotonic() - begin < 10 * self.seconds:
            try:
                return process.communicate(timeout=1)
            except subprocess.TimeoutExpired:
                pass
        return None

    def note(self, kind, seed, command, what, text, folder, fatal=True):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        with self.lock:
            print(f"{kind} {seed}: {what}: {' '.join(command)[:300]}\n    " + text[-600:].replace("\n", "\n    "),
                  flush=True)
            if fatal:
                self.bad.append((kind, seed, what))
            if self.options.keep:
                shutil.copytree(folder, os.path.join(self.options.keep, f"{kind}-{seed}"), dirs_exist_ok=True)

    def fuzz(self):
        kinds = ["netlist", "setting", "options_of", "data", "trace", "weights", "checkpoint"]
        if self.options.only:
            kinds = self.options.only.split(",")
        jobs = [(kinds[i % len(kinds)], self.options.seed + i // len(kinds)) for i in range(self.options.mutants)]
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            for _ in pool.map(lambda job: self.one(*job), jobs):
                pass
        shutil.rmtree(self.base, ignore_errors=True)
        for kind in kinds:
            shown = ", ".join(f"{code}: {n}" for (k, code), n in sorted(self.counts.items(), key=str) if k == kind)
            print(f"{kind}: {shown}")
        if self.options.accepted:
            print("\n".join(sorted(set(self.accepted))))
        print(f"{len(jobs) - len(self.bad)} passed, {len(self.bad)} failed")
        return 1 if self.bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("source")
    parser.add_argument("--mutants", type=int, default=700)
    parser.add_argument("--seed", type=int, default=1, help="of the first mutant of each kind")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float,
                        help="of processor time, after which a run is interrupted (20; 120 if the program is sanitized)")
    parser.add_argument("--only", help="kinds: netlist,setting,options_of,data,trace,weights,checkpoint")
    parser.add_argument("--keep", help="folder for the files of what is reported")
    parser.add_argument("--accepted", action="store_true")
    sys.exit(Fuzzer(parser.parse_args()).fuzz())


if __name__ == "__main__":
    main()
