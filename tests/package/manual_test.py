#!/usr/bin/python3
"""The manual pages of a finished build: they say what the program says of itself, and are right in form.

usage: manual_test.py BUILD_FOLDER
"""
import pathlib
import re
import subprocess
import sys
import unittest

PAGES = ("weir.1", "weir.yaml.5", "weir.8")
# What mandoc says of pages that follow man(7) to the letter: it would like other months' names and no blank in an argument.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "200", "MANROFFSEQ": "", "GROFF_NO_SGR": "1"}


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, env=ENVIRONMENT)


def shown(page):
    """As a reader sees it, all blanks alike."""
    done = run("man", "--local-file", "--no-hyphenation", "--no-justification", page)
    plain = re.sub(r".\x08", "", done.stdout)
    return re.sub(r"\s+", " ", plain).replace("‐", "-").replace("−", "-")


def help_of(*command):
    done = run(WEIR, *command, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(*above):
    """Each command that --help names, with those that belong to it, and its help."""
    text = help_of(*above)
    yield above, text
    names = re.search(r"(?ms)^Subcommands:\n(.*?)(^\S|\Z)", text)
    for name in re.findall(r"(?m)^  (\S+)", names.group(1)) if names else ():
        yield from commands(*above, name)


class Manual(unittest.TestCase):
    def test_groff_and_mandoc_have_nothing_to_say(self):
        for page in PAGES:
            with self.subTest(page):
                groff = run("man", "--warnings", "-E", "UTF-8", "--local-file", "-Tutf8", "-Z", FOLDER / page)
                self.assertEqual((groff.returncode, groff.stderr), (0, ""))
                mandoc = run("mandoc", "-T", "lint", "-W", "warning", FOLDER / page)
                self.assertEqual((mandoc.returncode, mandoc.stdout + mandoc.stderr), (0, ""))

    def test_nothing_is_left_to_fill_in(self):
        for page in PAGES:
            self.assertNotRegex((FOLDER / page).read_text(), r"@\w+@")

    def test_every_command_with_every_option_and_its_meaning_is_in_weir_1(self):
        text = (FOLDER / "weir.1").read_text().replace("\\-", "-")
        sections = dict(re.findall(r"(?ms)^\.SS (weir[^\n]*)\n(.*?)(?=^\.S[SH])", text))
        found = list(commands())
        self.assertGreater(len(found), 12)
        self.assertEqual([" ".join(("weir", *command)) for command, _ in found], list(sections))
        for command, told in found:
            names = {name for pair in re.findall(r"(?m)^ +(?:(-\w),)?(--[\w-]+)", told) for name in pair if name}
            for name in names - {"-h", "--help"} if command else names:
                with self.subTest(command=command, option=name):
                    self.assertIn(f"\\fB{name}\\fR", sections[" ".join(("weir", *command))])

    def test_options_are_explained_in_the_words_of_the_help(self):
        page = shown(FOLDER / "weir.1")
        for words in ("Attach then, in local time if it names no zone; default: schedule.from.", "-c, --config FILE Configuration file.",
                      "weir model export --onnx --output FILE FILE", "One of path, shap.", "From 1 to 10000. Default: 300."):
            self.assertIn(words, page)

    def test_every_key_with_its_meaning_range_and_default_is_in_weir_yaml_5(self):
        page = shown(FOLDER / "weir.yaml.5")
        keys = list(self.keys(run(WEIR, "check-config", "--defaults").stdout))
        self.assertGreater(len(keys), 60)
        for path, meaning, takes, default in keys:
            row = f" {path} {meaning} Takes {takes}. " + (f"Default: {default} " if default else "Not set by default. ")
            self.assertIn(row, page)

    @staticmethod
    def keys(text):
        """(path, meaning, what it takes, default) of each key of the rendered file."""
        path = []
        lines = [line for line in text.split("\n\n", 1)[1].splitlines() if line.strip()]  # without the head
        for place, line in enumerate(lines):
            depth = (len(line) - len(line.lstrip())) // 2
            key = re.match(r"\s*(# )?([a-z_0-9]+):(?: (.*))?$", line)
            if not key or (key[1] and not lines[place - 1].lstrip().startswith("# ")):
                continue
            path = path[:depth] + [key[2]]
            if key[1] or key[3]:
                meaning, takes = (lines[at].strip()[2:] for at in (place - 2, place - 1))
                yield ".".join(path), meaning, takes, "" if key[1] else key[3]


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: manual_test.py BUILD_FOLDER")
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    FOLDER, WEIR = BUILD / "packaging/deb", BUILD / "weir"
    unittest.main(verbosity=2)
