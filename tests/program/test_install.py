#!/usr/bin/env python3
"""What `cmake --install` puts into a prefix, which is then moved: programs, manual pages, completion, and the library,
which a project of its own is built with.
"""

import os
import re
import shutil
import subprocess
import tempfile

from testing import NETLISTS, PROGRAM, SOURCE, Scratch, main

BUILD = os.path.dirname(PROGRAM)
PROGRAMS = "locus", "locus-bench", "locus-reproduce", "locus-view"
# Prints what bash would offer for the last of the words.
COMPLETE = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
$(complete -p locus | sed 's/.*-F \\([^ ]*\\) .*/\\1/') "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
"""


def run(*words, **options):
    """Runs a command that succeeds; returns what it prints."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Installed(Scratch):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        first = os.path.join(folder.name, "first prefix")
        run("cmake", "--install", BUILD, "--prefix", first)
        cls.prefix = os.path.join(folder.name, "the prefix")
        os.rename(first, cls.prefix)

    def file(self, *parts):
        return os.path.join(self.prefix, *parts)

    def locus(self, *words):
        return run(self.file("bin", "locus"), *words)

    def test_programs_find_each_other_and_the_netlists(self):
        netlists = self.file("share", "locus", "netlists")
        self.assertEqual(sorted(os.listdir(netlists)),
                         sorted(f for f in os.listdir(NETLISTS) if f.endswith((".toml", ".json", ".md", ".h5"))
                                or f in ("mnist", "models")))
        self.assertEqual(sorted(os.listdir(os.path.join(netlists, "mnist"))),
                         sorted(os.listdir(os.path.join(NETLISTS, "mnist"))))
        self.assertIn(f"locus run {netlists}/digits.toml", self.locus("help"))
        self.assertIn("weights sha256", self.locus("run", os.path.join(netlists, "xor.toml"), "--no-trace"))
        self.assertIn("| what | target |", self.locus("bench", "--targets"))
        self.assertIn("table2", self.locus("reproduce"))
        self.locus("reproduce", "table2", "--quick", "--out", "o")
        self.assertTrue(os.path.exists("o/table2.csv"))

    def test_netlists_of_the_working_directory_come_first(self):
        os.mkdir("netlists")
        self.assertIn("locus run netlists/digits.toml", self.locus("help"))

    def test_manual_pages(self):
        for program in PROGRAMS:
            with open(self.file("share", "man", "man1", f"{program}.1"), encoding="utf-8") as file:
                page = file.read()
            self.assertTrue(page.startswith(f'.TH "{program}" 1'))
            self.assertEqual(page, run(self.file("bin", program), "help", "--man"))
            if shutil.which("man") and shutil.which("groff"):
                done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
                                       self.file("share", "man", "man1", f"{program}.1")], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_completion_in_bash(self):
        def offered(*words):
            return run("bash", "-c", COMPLETE, "bash", self.file("share", "bash-completion", "completions", "locus"),
                       *words).splitlines()

        program = self.file("bin", "locus")
        commands = re.findall(r"^  ([a-z]+) ", self.locus("help"), re.M)
        self.assertEqual(sorted(offered(program, "")), sorted(commands))
        self.assertEqual(offered(program, "ex"), ["expand"])
        self.assertEqual(offered(program, "help", "tr"), ["trace"])
        self.assertEqual(offered(program, "trace", "in"), ["info"])
        self.assertEqual(offered(program, "trace", "export", "x.h5", "--son"), ["--sonata"])
        self.assertEqual(offered(program, "reproduce", "--netl"), ["--netlists"])  # asks the other program
        self.assertEqual(offered(program, "bench", "--tar"), ["--targets"])
        self.assertIn("--checkpoint", offered(program, "run", "a netlist.toml", "--"))
        for words in (["run", ""], ["run", "net"], ["run", "--trace", "x"], ["trace", "info", ""], ["nothing", ""]):
            self.assertEqual(offered(program, *words), [], words)  # bash then offers files
        self.assertEqual(offered("/no/such/program", ""), [])

    def test_a_project_of_its_own(self):
        compiler = re.search(r"CMAKE_CXX_COMPILER:\w+=(.*)", run("cmake", "-LA", "-N", BUILD))[1]
        run("cmake", "-S", os.path.join(SOURCE, "tests", "install", "consumer"), "-B", "build", "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_COMPILER={compiler}")
        run("cmake", "--build", "build")
        netlist = self.file("share", "locus", "netlists", "digits.toml")
        ticks, messages, weights = run("build/consumer", netlist).split()
        told = self.locus("run", netlist, "--updates", "60", "--no-trace", "--no-test", "--json", "-")
        self.assertIn(f'"ticks": {ticks},', told)
        self.assertIn(f'"messages": {messages},', told)
        self.assertIn(f'"weights_sha256": "{weights}"', told)

    def test_links_of_installed_documents_lead_to_documents(self):
        """What they link to of the sources is not installed."""
        documents = self.file("share", "doc", "locus")
        for folder, _, files in os.walk(documents):
            for file in files:
                if not file.endswith(".md"):
                    continue
                with open(os.path.join(folder, file), encoding="utf-8") as text:
                    links = re.findall(r"\]\(([^)#:\s]+)[)#]", re.sub(r"`[^`]+`", "", text.read()))
                for link in links:
                    if re.search(r"\.(md|png|svg)$", link) and not re.match(r"(\.\./)*tests/", link):
                        with self.subTest(document=file, link=link):
                            self.assertTrue(os.path.exists(os.path.join(folder, link)))


class Version(Scratch):
    def test_is_the_same_everywhere(self):
        def found(pattern, file):
            with open(os.path.join(SOURCE, file), encoding="utf-8") as text:
                return re.search(pattern, text.read(), re.M)[1]

        version = found(r"^project\(locus VERSION (\S+)", "CMakeLists.txt")
        self.assertEqual(run(PROGRAM, "version"), f"locus {version}\n")
        self.assertEqual(found(r"^version: (\S+)$", "CITATION.cff"), version)
        self.assertEqual(found(r"^## \[(\d\S*)\]", "CHANGELOG.md"), version)  # the newest that has been released


if __name__ == "__main__":
    main()
