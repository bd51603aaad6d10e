#!/usr/bin/python3
"""The completion of a finished build, in bash itself: by its function, and once by the key on a terminal.

usage: completion_test.py BUILD_FOLDER
"""
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import unittest

ASK = r"""
source "$1"; shift
complete -p weir >/dev/null || exit 3
compopt() { :; }  # is of use only while bash itself completes
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_weir
printf '%s\n' "${COMPREPLY[@]}"
"""


def completions(*words, folder="/"):
    """What bash would offer for the last of these words."""
    done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", SCRIPT, "weir", *words], capture_output=True, text=True, cwd=folder)
    assert (done.returncode, done.stderr) == (0, ""), done
    return sorted(done.stdout.split())


def help_of(*command):
    return subprocess.run([WEIR, *command, "--help"], capture_output=True, text=True, check=True).stdout


def commands_of(*command):
    names = re.search(r"(?ms)^Subcommands:\n(.*?)(^\S|\Z)", help_of(*command))
    return re.findall(r"(?m)^  (\S+)", names.group(1)) if names else []


class Completion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name in ("one.pcap", "one.yaml", "two.pcap"):
            pathlib.Path(folder.name, name).touch()

    def test_commands(self):
        self.assertEqual(completions(""), sorted(commands_of()))
        self.assertEqual(completions("re"), [name for name in sorted(commands_of()) if name.startswith("re")])
        self.assertEqual(completions("model", ""), sorted(commands_of("model")))

    def test_the_options_of_each_command(self):
        for command in ([], *([name] for name in commands_of()), *(["model", name] for name in commands_of("model"))):
            options = set(re.findall(r"(?m)^ +(?:(-\w),)?(--[\w-]+)", help_of(*command)))
            self.assertEqual(completions(*command, "-"), sorted({name for pair in options for name in pair if name}), command)

    def test_values(self):
        self.assertEqual(completions("score", "--explain", ""), ["path", "shap"])
        self.assertEqual(completions("score", "--explain", "=", "s"), ["shap"])
        self.assertEqual(completions("run", "-c", "one", folder=self.folder), ["one.pcap", "one.yaml"])
        self.assertEqual(completions("run", "--config", "=", folder=self.folder), ["one.pcap", "one.yaml", "two.pcap"])
        self.assertEqual(completions("run", "--duration", "", folder=self.folder), [])

    def test_what_stands_in_its_place(self):
        self.assertEqual(completions("replay", "--windows", "t", folder=self.folder), ["two.pcap"])
        self.assertEqual(completions("model", "show", "two", folder=self.folder), ["two.pcap"])
        self.assertEqual(completions("run", ""), sorted(os.listdir("/sys/class/net")))
        self.assertEqual(completions("run", "-c", "x", "l", folder=self.folder), [n for n in sorted(os.listdir("/sys/class/net")) if n[0] == "l"])

    def test_the_key_on_a_terminal(self):
        """bash, as a person has it: one key completes the command, the option and the file."""
        typed = "weir repl\tt\t# done\n"
        bash, terminal = pty.fork()
        if bash == 0:
            os.chdir(self.folder)
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], {"PATH": "/usr/bin:/bin", "TERM": "dumb", "PS1": "> "})
        os.write(terminal, f"source {SCRIPT}\n{typed}exit\n".encode())
        seen = b""
        while True:
            try:
                seen += os.read(terminal, 4096)
            except OSError:  # it has gone
                break
        os.waitpid(bash, 0)
        self.assertIn("weir replay two.pcap # done", seen.decode().replace("\a", ""))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: completion_test.py BUILD_FOLDER")
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    WEIR, SCRIPT = BUILD / "weir", BUILD / "packaging/deb/weir.bash"
    unittest.main(verbosity=2)
