#!/usr/bin/env python3
"""Where files can be written: devices, pipes, links, folders, and what others left there."""

import os
import stat
import subprocess

from faults import TINY, read
from testing import PROGRAM, Scratch, locus, main


class Places(Scratch):
    """What is no file is not replaced by one."""

    def setUp(self):
        super().setUp()
        self.write("tiny.toml", TINY)

    def outputs(self, file):
        """Commands that write `file`: those that need a file, and those that write text."""
        run = ["run", "tiny.toml", "--no-trace", "--force"]
        return ([[*run, "--save-weights", file], [*run, "--checkpoint", file],
                 ["run", "tiny.toml", "--force", "--trace", file]],
                [[*run, "--json", file], ["describe", "tiny.toml", "--json", file],
                 ["describe", "tiny.toml", "--dot", file], ["describe", "tiny.toml", "--graphml", file],
                 ["audit", "tiny.toml", "--json", file]])

    def test_devices(self):
        # No real ones by their own names: root would lose them if the program replaced them.
        try:
            os.mknod("null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            os.symlink("/dev/null", "null")
        os.symlink("null", "link")
        os.symlink("/dev/full", "full")
        for file in ("null", "link"):
            files, texts = self.outputs(file)
            for arguments in files:
                self.fails(2, rf'"{file}".* (device|no file)', *arguments)
            for arguments in texts:
                self.assertEqual(locus(*arguments)[0], 0)
            self.assertTrue(stat.S_ISCHR(os.stat(file).st_mode))
        self.assertTrue(os.path.islink("link"))
        for arguments in self.outputs("full")[1]:
            self.fails(1, 'cannot write "full": No space left on device', *arguments)

    def test_pipes(self):
        os.mkfifo("pipe")
        files, texts = self.outputs("pipe")
        for arguments in files:
            self.fails(2, r'"pipe".* (pipe|no file)', *arguments)
        for arguments in texts:
            with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
                self.assertEqual(locus(*arguments)[0], 0)
                self.assertGreater(len(reader.communicate()[0]), 20)
        self.assertTrue(stat.S_ISFIFO(os.stat("pipe").st_mode))

    def test_standard_output_by_name(self):
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            code, out, err = locus("run", "tiny.toml", "--no-trace", "--json", name)
            self.assertEqual(code, 0, err)
            self.assertIn('"weights_sha256"', out)
            with open("out", "w", encoding="utf-8") as file:
                subprocess.run([PROGRAM, "run", "tiny.toml", "--no-trace", "--json", name], stdout=file, check=True)
            text = read("out").decode()
            self.assertIn('"weights_sha256"', text)
            self.assertIn("weights sha256", text)  # what was printed is not lost

    def test_links(self):
        os.mkdir("far")
        for k, arguments in enumerate(sum(self.outputs("link"), [])):
            target = f"far/{k}"
            os.symlink(target, "link")
            for _ in range(2):  # made, and then replaced
                code, out, err = locus(*arguments)
                self.assertEqual(code, 0, (out, err))
                self.assertTrue(os.path.islink("link"))
                self.assertGreater(os.path.getsize(target), 20)
                self.assertFalse(os.path.islink(target))
            os.remove("link")
        self.assertFalse([name for name in os.listdir(".") + os.listdir("far") if name.endswith(".part")])

    def test_folders(self):
        os.mkdir("folder")
        files, texts = self.outputs("folder")
        for arguments in files:
            self.fails(2, r'"folder".* (folder|no file)', *arguments)
        for arguments in texts:
            self.fails(1, 'cannot write "folder": Is a directory', *arguments)
        self.assertEqual(os.listdir("folder"), [])

    def test_what_a_killed_process_of_the_same_number_left(self):
        for arguments in sum(self.outputs("x"), []):
            script = 'echo left > "x.$$.part"; exec "$0" "$@"'  # exec keeps the number
            done = subprocess.run(["sh", "-c", script, PROGRAM, *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            left = [name for name in os.listdir(".") if name.endswith(".part")]
            self.assertEqual([read(name) for name in left], [b"left\n"])
            self.assertGreater(os.path.getsize("x"), 20)
            os.remove(left[0])
            os.remove("x")

    def test_what_cannot_be_written_is_said_before_the_run(self):
        for option in ("--json", "--save-weights", "--checkpoint", "--trace"):
            code, out, err = locus("run", "tiny.toml", option, "none/x")
            self.assertIn(code, (1, 2))
            self.assertRegex(err, r"none")
            self.assertNotIn("epoch  ", out)

    def test_permissions_stay(self):
        for arguments in sum(self.outputs("x"), []):
            self.write("x", "old")
            os.chmod("x", 0o640)
            self.assertEqual(locus(*arguments)[0], 0)
            self.assertEqual(stat.S_IMODE(os.stat("x").st_mode), 0o640)
            os.remove("x")


if __name__ == "__main__":
    main()
