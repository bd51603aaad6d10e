#!/usr/bin/python3
"""The source rules must be seen to catch what they forbid: each case plants one violation in a small tree."""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools/check_source.py"
_spec = importlib.util.spec_from_file_location("check_source", TOOL)
check_source = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(check_source)

HEADERS = {f"{folder}/part.h": "#pragma once\n" for folder in check_source.ROOMS.values()}


def violations(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**HEADERS, **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return check_source.check(root)


class Layers(unittest.TestCase):
    def test_each_room_may_include_itself_and_what_lies_upstream(self):
        for room, folder in check_source.ROOMS.items():
            for target in {room} | check_source.MAY_INCLUDE[room]:
                include = f'#include "{check_source.ROOMS[target].removeprefix("userspace/")}/part.h"\n'
                with self.subTest(room=room, target=target):
                    self.assertEqual(violations({f"{folder}/x.h": include}), [])

    def test_no_room_may_include_what_lies_downstream(self):
        for room, folder in check_source.ROOMS.items():
            for target in set(check_source.ROOMS) - {room} - check_source.MAY_INCLUDE[room]:
                include = f'\n#include "{check_source.ROOMS[target].removeprefix("userspace/")}/part.h"\n'
                with self.subTest(room=room, target=target):
                    found = violations({f"{folder}/x.cc": include})
                    self.assertEqual(len(found), 1)
                    self.assertIn(f"{folder}/x.cc:2: layer: {room} includes {target}", found[0])

    def test_a_way_round_by_dots_is_seen(self):
        self.assertEqual(len(violations({"model/x.cc": '#include "../userspace/daemon/part.h"\n'})), 1)

    def test_tools_and_tests_may_include_anything(self):
        text = '#include "daemon/part.h"\n#include <pcap/pcap.h>\n'
        self.assertEqual(violations({"tools/x.cc": text, "tests/unit/x.cc": text}), [])


class Libraries(unittest.TestCase):
    def assert_only_in(self, header, rooms):
        for room, folder in check_source.ROOMS.items():
            with self.subTest(header=header, room=room):
                found = violations({f"{folder}/x.cc": f"#include <{header}>\n"})
                self.assertEqual(len(found), 0 if room in rooms else 1)
                self.assertTrue(all("x.cc:1: library: " in line for line in found))

    def test_a_library_is_known_in_one_place(self):
        self.assert_only_in("bpf/libbpf.h", {"abi", "sensor"})
        self.assert_only_in("pcap/pcap.h", {"sensor"})
        self.assert_only_in("pcap.h", {"sensor"})
        self.assert_only_in("re2/re2.h", {"features"})
        self.assert_only_in("microhttpd.h", {"publish"})
        self.assert_only_in("yaml-cpp/yaml.h", {"config"})
        self.assert_only_in("systemd/sd-daemon.h", {"publish", "daemon"})

    def test_the_skeleton_counts_as_libbpf(self):
        self.assertEqual(len(violations({"userspace/daemon/x.cc": '#include "flow_meter.skel.h"\n'})), 1)


class Nodiscard(unittest.TestCase):
    def found(self, text, name="userspace/base/x.h"):
        return [line.split("nodiscard: ")[1].split()[0] for line in violations({name: text})]

    def test_a_bare_declaration_is_found(self):
        self.assertEqual(self.found("Result<int> parse(int x);\n"), ["parse"])
        self.assertEqual(self.found("class A {\n public:\n  virtual Result<bool> read(B& out) = 0;\n};\n"), ["read"])
        self.assertEqual(self.found("weir::Result<std::map<int, std::pair<A, B>>> read_all();\n"), ["read_all"])
        self.assertEqual(self.found("template <class T>\nResult<T> get(const A& a) { return a; }\n"), ["get"])
        self.assertEqual(self.found("auto parse(int x) -> Result<int>;\n"), ["parse"])
        self.assertEqual(self.found("const Result<void>& result() const { return result_; }\n"), ["result"])

    def test_a_neighbours_attribute_does_not_help(self):
        self.assertEqual(self.found("[[nodiscard]] Result<int> a();\nResult<int> b();\n"), ["b"])

    def test_an_attribute_in_a_comment_does_not_help(self):
        self.assertEqual(self.found("/* [[nodiscard]] */ Result<int> a();\n"), ["a"])

    def test_a_marked_declaration_passes(self):
        self.assertEqual(self.found("[[nodiscard]] Result<int> a();\n[[nodiscard]] static Result<std::set<int>> b(C c);\n"
                                    "template <class T>\n[[nodiscard]] Result<T> c();\n"
                                    "[[nodiscard]] auto d() -> Result<int>;\n"), [])

    def test_a_source_file_s_own_function_is_found(self):
        self.assertEqual(self.found("namespace {\nResult<int> parse() { return 1; }\n}\n", "userspace/base/x.cc"), ["parse"])

    def test_a_definition_need_not_repeat_its_declaration(self):
        declared = {"userspace/base/y.h": "[[nodiscard]] Result<int> parse();\n"}
        self.assertEqual(violations({**declared, "userspace/base/y.cc": "Result<int> parse() { return 1; }\n"
                                     "Result<int> Reader::read() { return 1; }\n"}), [])
        self.assertEqual(self.found("[[nodiscard]] Result<int> a();\nResult<int> a() { return 1; }\n", "model/x.cc"), [])

    def test_what_is_no_function_passes(self):
        self.assertEqual(self.found("void f(Result<int> r);\nusing R = Result<int>;\nstd::function<Result<int>(int)> g;\n"
                                    "struct S { Result<int> last = 1; };\n", "userspace/base/x.h"), [])
        self.assertEqual(self.found("void f() {\n  auto g = [](int x) -> Result<int> { return x; };\n"
                                    "  const Result<int> r = g(1);\n  return use(Result<int>(1));\n}\n", "model/x.cc"), [])


class Paths(unittest.TestCase):
    def test_a_path_of_one_machine_is_found_in_any_text(self):
        for path in ("work/main/x", "root/.ssh", "home/ann/weir", "tmp/build-ann"):
            with self.subTest(path=path):
                self.assertEqual(len(violations({"README.md": f"see /{path}\n"})), 1)

    def test_other_paths_pass(self):
        self.assertEqual(violations({"README.md": "/var/lib/weir, $TOP/work/x, https://a.example/root/x, ProtectHome=yes\n"}), [])

    def test_what_is_built_is_not_read(self):
        self.assertEqual(violations({"build/release/x.txt": "/" + "work/main\n"}), [])


class Tool(unittest.TestCase):
    def run_on(self, text):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "model").mkdir()
            (pathlib.Path(folder) / "model/x.h").write_text(text)
            return subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True)

    def test_it_fails_and_says_where(self):
        done = self.run_on("Result<int> f();\n")
        self.assertEqual((done.returncode, done.stdout), (1, "model/x.h:1: nodiscard: f returns a Result\n"))

    def test_it_passes_a_clean_tree(self):
        self.assertEqual(self.run_on("int f();\n").returncode, 0)


if __name__ == "__main__":
    unittest.main()
