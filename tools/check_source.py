#!/usr/bin/python3
"""The rules of the source tree that no compiler checks. usage: check_source.py ROOT; prints each violation, exits 1 if any.

  layer      includes point upstream, towards the packet
  library    an outside library's header is seen in its own room only
  nodiscard  whatever returns a Result says [[nodiscard]]: tl::expected 1.0.0 does not, and an alias cannot add it
  path       no path of somebody's machine
"""
import pathlib
import re
import sys

ROOMS = {"base": "userspace/base", "abi": "bpf", "model": "model",
         **{room: f"userspace/{room}" for room in ("sensor", "features", "detect", "publish", "config", "daemon")}}
_UPSTREAM_OF_DETECT = {"base", "abi", "model", "sensor", "features"}
MAY_INCLUDE = {  # besides itself; tools and tests may include anything
    "base": set(),
    "abi": set(),
    "model": {"base"},
    "sensor": {"base", "abi"},
    "features": {"base", "abi", "model", "sensor"},
    "detect": _UPSTREAM_OF_DETECT,
    "publish": _UPSTREAM_OF_DETECT | {"detect"},
    "config": _UPSTREAM_OF_DETECT | {"detect", "publish"},
    "daemon": set(ROOMS),
}
LIBRARIES = {  # header -> the rooms that may know it
    r"bpf/|linux/bpf\.h|.*\.skel\.h": {"abi", "sensor"},
    r"libmnl/": {"sensor"},
    r"pcap(/|\.h)": {"sensor"},
    r"re2/": {"features"},
    r"microhttpd\.h": {"publish"},
    r"yaml-cpp/": {"config"},
    r"systemd/": {"publish", "daemon"},
    r"CLI/": {"daemon"},
    r"google/protobuf/|.*\.pb\.h": {"model"},
}
CODE = {".h", ".cc", ".c", ".cpp"}
SKIPPED_FOLDERS = {".git", "build", "__pycache__"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">]+)[">]', re.M)
MACHINE_PATH = re.compile(r"(?<![\w.$}\])-])/(?:(?:work|root|home)/[\w.]|tmp/build)")
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        print("usage: check_source.py ROOT", file=sys.stderr)
        return 2
    violations = check(pathlib.Path(sys.argv[1]))
    print("\n".join(violations) if violations else "source rules hold")
    return 1 if violations else 0


def check(root):
    texts = {path.relative_to(root).as_posix(): text for path, text in _read_texts(root)}
    code = {name: text for name, text in texts.items() if pathlib.PurePosixPath(name).suffix in CODE}
    return sorted([*_check_includes(root, code), *_check_nodiscard(code), *_check_paths(texts)])


def _read_texts(root):
    for path in root.rglob("*"):
        if SKIPPED_FOLDERS.isdisjoint(path.relative_to(root).parts) and path.is_file():
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                pass  # a capture or a picture


# --- layer, library ---

def _room(name):
    return next((room for room, folder in ROOMS.items() if name.startswith(folder + "/")), None)


def _check_includes(root, code):
    for name, text in code.items():
        room = _room(name)
        if room is None:
            continue
        for match in INCLUDE.finditer(text):
            complaint = _complaint(root, name, room, match.group(1))
            if complaint:
                yield f"{_place(name, text, match)}: {complaint}"


def _complaint(root, name, room, header):
    ours = _resolve(root, name, header)
    if ours:
        target = _room(ours)
        return f"layer: {room} includes {target} ({header})" if target not in {None, room} | MAY_INCLUDE[room] else None
    for pattern, rooms in LIBRARIES.items():
        if re.match(pattern, header) and room not in rooms:
            return f"library: <{header}> belongs to {', '.join(sorted(rooms))}"
    return None


def _resolve(root, name, header):
    """The file that an include names, relative to root; None if it is generated or from outside."""
    for folder in (pathlib.PurePosixPath(name).parent.as_posix(), ".", "bpf", "userspace"):
        path = (root / folder / header).resolve()
        if path.is_file() and path.is_relative_to(root.resolve()):
            return path.relative_to(root.resolve()).as_posix()
    return None


# --- nodiscard ---

def _check_nodiscard(code):
    plain = {name: COMMENT_OR_STRING.sub(_blank, text) for name, text in code.items()}
    declared = {function for name, text in plain.items() if name.endswith(".h")
                for _, function, marked in _functions_with_result(text) if marked}
    for name, text in plain.items():
        known = declared if not name.endswith(".h") else set()
        for match, function, marked in _functions_with_result(text):
            # A definition repeats no attribute of its declaration, which is the first one seen.
            if not marked and function not in known and "::" not in function:
                yield f"{_place(name, text, match)}: nodiscard: {function} returns a Result"
            known = known | {function}


def _functions_with_result(text):
    """(match, function name, has [[nodiscard]]) of each declaration or definition of a function returning a Result."""
    for match in re.finditer(r"\bResult<", text):
        rest = text[_after_brackets(text, match.end() - 1):]
        statement = re.split(r"[;{}]|\b(?:public|protected|private)\s*:", text[:match.start()])[-1]
        marked = "[[nodiscard]]" in statement
        leading = re.match(r"\s*&?\s*((?:\w+::)*(?:\w+|operator\S+?))\s*\(", rest)
        trailing = re.search(r"\bauto\s+((?:\w+::)*\w+)\s*\(.*->\s*(?:\w+::)*$", statement, re.S)
        if trailing and "]" not in statement.replace("[[nodiscard]]", "").split("auto")[0]:
            yield match, trailing.group(1), marked
        elif leading and not re.search(r"(\breturn|[=(,<>.&|?]|->)\s*(?:\w+::)*$", _without_template(statement)):
            yield match, leading.group(1), marked


def _without_template(statement):
    match = re.match(r"\s*template\s*<", statement)
    return statement[_after_brackets(statement, match.end() - 1):] if match else statement


def _after_brackets(text, at):
    """The position after the angle bracket that closes the one at `at`."""
    depth = 0
    for position in range(at, len(text)):
        depth += {"<": 1, ">": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return len(text)


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


# --- path ---

def _check_paths(texts):
    for name, text in texts.items():
        for match in MACHINE_PATH.finditer(text):
            yield f"{_place(name, text, match)}: path: {match.group()}... is a path of one machine"


def _place(name, text, match):
    return f"{name}:{text.count(chr(10), 0, match.start()) + 1}"


if __name__ == "__main__":
    sys.exit(main())
