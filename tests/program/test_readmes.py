#!/usr/bin/env python3
"""What the documents show is run: every command, every output, every netlist and every piece of code in every *.md.

The conventions are in tests/README.md. Each document is run in one scratch folder that looks like the project's.
"""

import glob
import os
import re
import shlex
import shutil
import stat
import subprocess

from testing import NETLISTS, PROGRAM, SOURCE, SMALL, Scratch, locus, main, thorough

BUILD = os.path.dirname(PROGRAM)
HOUSE = {"tools/build": "#!/bin/sh\n",  # it has been built: PROGRAM
         "tools/python/run": "#!/bin/sh\n",  # and what runs there is run by python/test_documents.py
         "tools/package": "#!/bin/sh\n",  # and what is installed has a test of its own
         "bin/cmake": "#!/bin/sh\n", "bin/sudo": "#!/bin/sh\n",
         "tools/data": f"#!/bin/sh\nexec {SOURCE}/tools/data \"$@\" --help\n",  # nothing is fetched
         # The tests are listed, not run: this is one of them. In a folder of its own, since ctest keeps a log where it is.
         "listed/CTestTestfile.cmake": f'subdirs("{BUILD}")\n',
         "bin/ctest": "#!/bin/sh\nshift 2\n"
                      f"cd listed\n{shutil.which('ctest')} -N \"$@\" | grep 'Total Tests: [1-9]'\n"}


def documents():
    """The paths of all documents, from the project's folder."""
    for folder, folders, files in os.walk(SOURCE):
        folders[:] = sorted(f for f in folders if f not in ("build", "results", "node_modules") and not f.startswith("."))
        for file in sorted(files):
            if file.endswith(".md"):
                yield os.path.relpath(os.path.join(folder, file), SOURCE)


class Block:
    """Lines between two fences, or (language "code") what stands between backticks in a sentence."""

    def __init__(self, where, language, text, remark=""):
        self.where, self.language, self.text, self.remark = where, language, text, remark

    def runs(self):
        """Whether its commands are to be run, and not only looked up."""
        return not self.remark.startswith("not run: ") and (not self.remark.startswith("long: ") or "LOCUS_LONG" in os.environ)


def blocks_of(name):
    """All blocks of a document, from top to bottom."""
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        text = file.read()
    # A block between fences, with the comment before it; the fence may be indented.
    fenced = re.compile(r"(?:^ *<!-- ([^\n]*) -->\n)?^( *)```(\S*)\n(.*?)^ *```\n", re.M | re.S)
    place = 0
    for match in [*fenced.finditer(text), None]:
        for code in re.finditer(r"`([^`]+)`", text[place:match.start() if match else None]):
            line = text.count("\n", 0, place + code.start()) + 1
            yield Block(f"{name}:{line}", "code", re.sub(r"\s*\n\s*", " ", code[1]))
        if match:
            line = text.count("\n", 0, match.start()) + 1
            inside = re.sub(f"^{match[2]}", "", match[4], flags=re.M)
            yield Block(f"{name}:{line}", match[3], inside, match[1] or "")
            place = match.end()


def blocks(*languages):
    return [block for name in documents() for block in blocks_of(name) if block.language in languages]


def is_whole(code):
    """Whether code in a sentence is a command that can be run: it names a file, has no placeholders, and is not long."""
    return re.match(r"locus (?!bench|reproduce|view).*\.(toml|h5)\b", code) and not re.search(
        r"\.\.\.|\||\[[a-z]|(^|[ /=])[A-Z]{2,}", code)


def commands_of(block):
    """(command, what it prints or None) of a block: sh has commands alone, console also what they print."""
    if block.language == "code":
        if is_whole(block.text):
            yield block.text, None
        return
    if block.language == "console":
        for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown
        return
    command, end = "", None
    for line in block.text.splitlines():
        command += line + "\n"
        here = re.search(r"<<'(\w+)'", line)
        end = here[1] if here else end
        if line == end:
            end = None
        if end is None and not line.endswith("\\"):
            if command.strip() and not command.startswith("#"):
                yield command.rstrip("\n"), None
            command = ""


def expected_code(command):
    """A command fails only if its comment says so."""
    said = re.search(r" # .*\bexit code (\d)", command)
    return int(said[1]) if said else 0


def looked_up(command):
    """The same so that nothing is done but to look at its options: (command, exit code, what it says)."""
    command = re.sub(r" +#.*$| +> +\S+$", "", command)
    if " reproduce " in command or "tools/reproduce/run" in command:  # a target refuses options that it does not have
        return command + " --out /dev/null/none", 1, 'cannot make the folder "/dev/null/none"'
    return command + " --help", 0, "usage: "


def file_of(block):
    """The file that code stands for, and the model that it has; empty if its first line does not say."""
    named = re.match(r"// (models/(\w+)\.hpp|\w+\.cpp)\n", block.text)
    return (named[1], named[2] or "") if named else ("", "")


def pattern_of(shown):
    """What a command must print: "..." stands for anything, a number of seconds or of times ("1.2 x") for any."""
    lines = []
    for line in shown.rstrip("\n").splitlines():
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
            continue
        text = re.escape(line.rstrip()).replace(re.escape("..."), ".*")
        lines.append(re.sub(r"\d+(?:\\\.\d+)?(?=\\ (?:m?s|x)\b)", r"\\d+(?:\\.\\d+)?", text) + r" *\n")
    return "".join(lines)


class Readmes(Scratch):
    def setUp(self):
        super().setUp()
        shutil.copytree(NETLISTS, "netlists")
        shutil.copytree(os.path.join(SOURCE, "tools"), "tools", ignore=shutil.ignore_patterns("locus", "__pycache__"))
        os.makedirs("build/release")
        os.symlink(PROGRAM, "build/release/locus")
        os.makedirs("bin")
        os.makedirs("listed")
        for name, text in HOUSE.items():
            self.write(name, text)
            os.chmod(name, os.stat(name).st_mode | stat.S_IXUSR)

    def shell(self, name, commands):
        """Runs the commands one after another; returns (exit code, stdout, stderr) of each."""
        script = ""
        for number, command in enumerate(commands):
            # What is exported is there for those that follow; all else is a command's own.
            body = command if command.startswith("export ") else f"(\n{command}\n)"
            script += f"{{\n{body}\n}} > .out{number} 2> .err{number} < /dev/null\necho $? > .code{number}\n"
        path = os.path.abspath("bin") + os.pathsep + os.environ["PATH"]
        if name != "README.md":  # which says how to get there
            path = os.path.abspath("build/release") + os.pathsep + path
        subprocess.run(["bash", "-c", script], env={**os.environ, "PATH": path}, check=True)
        for number in range(len(commands)):
            texts = []
            for kind in ("code", "out", "err"):
                with open(f".{kind}{number}", encoding="utf-8") as file:
                    texts.append(file.read())
            yield int(texts[0]), texts[1], texts[2]

    # ---- commands ---------------------------------------------------------------------------------------------------

    @thorough
    def test_every_command_of_every_document_runs_and_prints_what_is_shown(self):
        for name in documents():
            steps = [(block, *step) for block in blocks_of(name) if block.language in ("sh", "console", "code")
                     for step in commands_of(block)]
            asked = [command if block.runs() else looked_up(command)[0] for block, command, _ in steps]
            for (block, command, shown), (code, out, err) in zip(steps, self.shell(name, asked), strict=True):
                with self.subTest(document=block.where, command=command):
                    self.assertNotIn("internal error", err)
                    if not block.runs():
                        self.assertEqual(code, looked_up(command)[1], out + err)
                        self.assertIn(looked_up(command)[2], out + err)
                        self.check_names(shlex.split(command, comments=True))
                    elif block.language == "code":  # a sentence says what it comes to
                        self.assertIn(code, (0, 1), out + err)
                    else:
                        self.assertEqual(code, expected_code(command), out + err)
                        if shown is not None:
                            self.assertRegex(out + (err if code else ""), r"\A" + pattern_of(shown) + r"\Z")

    def test_there_is_no_block_that_is_not_tested(self):
        for name in documents():
            with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
                fences = len(re.findall(r"^ *```", file.read(), re.M))
            found = [block for block in blocks_of(name) if block.language != "code"]
            self.assertEqual(fences, 2 * len(found), name)
            for block in found:
                with self.subTest(document=block.where):
                    self.assertIn(block.language, ("sh", "console", "toml", "csv", "cpp", "python"))
                    if block.language == "console":
                        self.assertRegex(block.text, r"\A\$ ")
                    self.assertRegex(block.remark, r"\A$|\A(not run|long): .")

    # ---- links ------------------------------------------------------------------------------------------------------

    def anchors_of(self, name):
        """Names of places: <a id="NAME">, and what GitHub calls headings (small letters, - for spaces, no punctuation)."""
        with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
            text = re.sub(r"^ *```.*?^ *```\n", "", file.read(), flags=re.M | re.S)
        yield from re.findall(r'<a id="([^"]+)">', text)
        for heading in re.findall(r"^#+ +(.*)$", text, re.M):
            yield re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).replace(" ", "-")

    def test_every_link_within_the_project_leads_somewhere(self):
        for name in documents():
            with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
                text = re.sub(r"^ *```.*?^ *```\n", "", file.read(), flags=re.M | re.S)
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]+`", "", text)):
                with self.subTest(document=name, link=target):
                    if re.match("[a-z]+:", target):
                        continue
                    path, _, anchor = target.partition("#")
                    path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
                    self.assertTrue(os.path.exists(os.path.join(SOURCE, path)))
                    if anchor:
                        self.assertIn(anchor, self.anchors_of(path))

    # ---- code within sentences --------------------------------------------------------------------------------------

    def help_of(self, *command):
        code, out, err = locus("help", *command)
        self.assertEqual(code, 0, err)
        return out

    def options_of(self, text):
        return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))

    def check_names(self, words):
        """The script, command, options, target, suite and netlists of a command exist."""
        if words[0] != "locus":
            self.assertTrue(os.path.exists(os.path.join(SOURCE, words[0])) or words[0] == "build/release/locus", words[0])
        if words[0].startswith("tools/"):
            words = {"tools/run": ["locus", "run"], "tools/reproduce/run": ["locus", "reproduce"]}.get(
                words[0], [words[0]]) + words[1:]
        if not words[0].endswith("locus") or len(words) == 1:
            return
        command, rest = words[1:2], words[2:]
        if command in (["trace"], ["import"], ["data"]) and rest and re.fullmatch("[a-z]+", rest[0]):
            command, rest = command + rest[:1], rest[1:]
        known = self.help_of(*command) if command != ["help"] else ""
        for word in rest:
            word = word.strip("[]")
            if word.startswith("--"):
                self.assertIn(word.split("=")[0], self.options_of(known) | {"--help"}, words)
            elif word.endswith(".toml") and word.startswith("netlists/") and "NAME" not in word:
                self.assertTrue(glob.glob(os.path.join(SOURCE, word)), word)
        first = rest[0] if rest and re.fullmatch("[a-z][a-z0-9-]*", rest[0]) else None
        if command == ["models"] and first in [file_of(block)[1].replace("_", "-") for block in blocks("cpp")]:
            return  # a document says how to write it
        if first and command in (["bench"], ["models"], ["help"]):
            self.help_of(first) if command == ["help"] else self.assertRegex(
                known if command == ["bench"] else locus("models")[1], rf"(?m)^  {first} ")
        if first and command == ["reproduce"]:
            self.assertRegex(locus("reproduce")[1], rf"(?m)^  {first} ")

    def test_commands_and_options_within_sentences_exist(self):
        commands = re.findall(r"^  ([a-z]+) ", self.help_of(), re.M)
        parts = re.findall(r"^  trace ([a-z]+) ", self.help_of("trace"), re.M)
        known = set().union(*[self.options_of(self.help_of(c)) for c in commands],
                            *[self.options_of(self.help_of("trace", p)) for p in parts])
        with open(os.path.join(SOURCE, "tools/bench/peers.py"), encoding="utf-8") as file:
            known |= self.options_of(file.read())
        for block in blocks("code"):
            code = block.text
            with self.subTest(document=block.where, code=code):
                if re.match(r"(locus|tools/[a-z/]+|build/release/locus)( |$)", code):
                    self.check_names(shlex.split(code))
                elif code.startswith("--"):
                    self.assertIn(re.split("[ =]", code)[0], known)

    # ---- netlists, data and code ------------------------------------------------------------------------------------

    def test_every_piece_of_a_netlist_is_one(self):
        """Laid over the long form of digits.toml: an entity takes the place of the one of its name."""
        code, base, err = locus("expand", os.path.join(NETLISTS, "digits.toml"))
        self.assertEqual(code, 0, err)

        def entities(text):
            for part in re.split(r"(?=^\[\[)", text, flags=re.M):
                kind = part.partition("\n")[0]
                keys = re.findall(r'^(?:name|population|role) *= *("[^"]*")', part, re.M)
                yield (kind, *keys), part

        for block in blocks("toml"):
            with self.subTest(document=block.where):
                self.assertRegex(block.text, r"\A\[\[")
                whole = dict(entities(base))
                whole.update(entities(block.text))
                # Populations stand before what uses them, as in the long form.
                kinds = ["[[activation]]", "[[model]]", "[[population]]", "[[projection]]", "[[stimulus]]"]
                parts = sorted(whole.items(), key=lambda e: kinds.index(e[0][0]) if e[0][0].startswith("[[") else -1)
                self.write("whole.toml", "\n".join(part for _, part in parts))
                code, _, err = locus("describe", "whole.toml")
                self.assertEqual((code, err), (0, ""))

    def test_every_piece_of_data_can_be_learnt(self):
        for block in blocks("csv"):
            with self.subTest(document=block.where):
                self.write("data.csv", block.text)
                self.write("csv.toml", re.sub("data = .*", 'data = "csv:data.csv"', SMALL))
                code, _, err = locus("run", "csv.toml")
                self.assertEqual((code, err), (0, ""))

    def test_every_model_and_all_code_compiles(self):
        for block in blocks("cpp"):
            with self.subTest(document=block.where):
                file, model = file_of(block)
                self.assertTrue(file, "the first line must name the file: // models/NAME.hpp or // NAME.cpp")
                os.makedirs("models", exist_ok=True)
                self.write(file, block.text)
                uses = f'#include "{file}"\n'
                if model:
                    uses += ('#include "sim/audit/instantiate.hpp"\n#include "sim/core/describe.hpp"\n'
                             f"auto described = locus::describe_model<locus::models::{model}>();\n"
                             f"auto rules = locus::detail::make_traced_model<locus::models::{model}>();\n")
                self.write("uses.cpp", uses)
                done = subprocess.run([os.environ.get("CXX", "c++"), "-std=c++20", "-Wall", "-Wextra", "-Werror",
                                       "-fsyntax-only", "-I.", "-I" + SOURCE, "uses.cpp"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_script_reads_what_is_there(self):
        """Python is not run, because h5py need not be installed: the paths that it reads are looked up in such a file."""
        files = {"digits.h5": ["run", "netlists/digits.toml", "--updates", "2", "--trace", "digits.h5"],
                 "digits-state.h5": ["run", "netlists/digits.toml", "--updates", "2", "--checkpoint", "digits-state.h5"],
                 "sweep.h5": ["sweep", "netlists/xor.toml", "--over", "learning.alpha=0.05,0.1", "--set", "stimuli.epochs=20"],
                 "results/table4.h5": ["reproduce", "table4", "--quick"],
                 "xor/output/reports/x.h5": ["trace", "export", "--sonata", "xor", "xor.h5"]}
        self.assertEqual(locus("run", "netlists/xor.toml", "--updates", "2", "--trace", "xor.h5")[0], 0)
        for block in blocks("python"):
            if "import locus" in block.text:  # python/test_documents.py runs it
                continue
            with self.subTest(document=block.where):
                compile(block.text, block.where, "exec")
                opened = re.search(r'h5py\.File\("([^"]+)"\)(?: as (\w+))?', block.text)
                if not os.path.exists(opened[1]):
                    code, _, err = locus(*files[opened[1]])
                    self.assertEqual(code, 0, err)
                groups = {opened[2] or re.search(r"(\w+) = h5py", block.text)[1]: "/"}
                groups.update({variable: path for variable, path in re.findall(r'(\w+) = f\["([^"]+)"\]$', block.text, re.M)})
                for variable, path in re.findall(r'(\w+)\["([^"]+)"\]', block.text):
                    if variable in groups:
                        self.check_object(opened[1], os.path.join(groups[variable], path))
                for variable, path, attribute in re.findall(r'(\w+)(?:\["([^"]+)"\])?\.attrs\["([^"]+)"\]', block.text):
                    where = os.path.join(groups.get(variable, "/"), path)
                    dump = subprocess.run(["h5dump", "-A", opened[1]], capture_output=True, text=True, check=True)
                    self.assertIn(f'ATTRIBUTE "{attribute}"', dump.stdout, where)

    def check_object(self, file, path):
        done = subprocess.run(["h5ls", f"{file}/{path}"], capture_output=True, text=True)
        self.assertEqual((done.returncode, "not found" in done.stdout + done.stderr.lower()), (0, False),
                         f"{file} has no {path}")


if __name__ == "__main__":
    main()
