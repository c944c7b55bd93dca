"""A file that names torchtitan nowhere is checked where it may have something of it from its project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.packages import unpacked
from titan_lint.cli.compat import compat
from titan_lint.code import import_graph
from titan_lint.code.import_graph import ImportGraph, ModuleText
from titan_lint.code.importers import Importers
from titan_lint.run.module_files import ModuleFiles
from titan_lint.run.projects import Projects

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

AT = ("--select", "ALL", "--torchtitan", "0.3.0", "--output-format", "json")
COMPAT = "from torchtitan.models.llama3 import model_registry\n"
CALL = 'model_registry("8B", attn_backend="flex", nope=1)\n'
CONFIG = "from torchtitan.config import ParallelismConfig\n"
DERIVED = "class Derived(Own):\n    pass\n\n\nDerived(expert_tensor_parallel_degree=1)\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(
    titan_lint: TitanLint, *arguments: str | Path, stdin: bytes = b""
) -> list[dict[str, Any]]:
    return json.loads(titan_lint(*AT, *arguments, stdin=stdin).out)["findings"]


def everywhere(titan_lint: TitanLint, file: Path) -> list[dict[str, Any]]:
    """What is found in a file, which is the same however it is asked for."""
    name = str(file.relative_to(file.cwd()))
    mine = [one for one in found(titan_lint, "--no-cache", ".") if one["path"] == name]
    assert found(titan_lint, "--no-cache", name) == mine
    assert found(titan_lint, name) == mine
    assert found(titan_lint, name) == mine
    edited = found(titan_lint, "-", "--stdin-filename", name, stdin=file.read_bytes())
    assert edited == mine
    return mine


@pytest.mark.parametrize("package", ["mypkg", "src/mypkg"])
@pytest.mark.parametrize(
    ("code", "others"),
    [
        (f"from .compat import model_registry\n{CALL}", {"compat.py": COMPAT}),
        (f"from mypkg.compat import model_registry\n{CALL}", {"compat.py": COMPAT}),
        (f"from . import compat\ncompat.{CALL}", {"compat.py": COMPAT}),
        (f"import mypkg.compat as c\nc.{CALL}", {"compat.py": COMPAT}),
        (f"import mypkg.compat\nmypkg.compat.{CALL}", {"compat.py": COMPAT}),
        (
            f"def f():\n    from .compat import model_registry as m\n    m{CALL[14:]}",
            {"compat.py": COMPAT},
        ),
        (f"from . import model_registry\n{CALL}", {"__init__.py": COMPAT}),
        (f"from mypkg import model_registry\n{CALL}", {"__init__.py": COMPAT}),
        (
            f"from .a import model_registry\n{CALL}",
            {"a.py": "from .b import *\n", "b.py": "from .c import *\n", "c.py": COMPAT},
        ),
        (
            f"from .sub import model_registry\n{CALL}",
            {"sub/__init__.py": "from .c import model_registry\n", "sub/c.py": COMPAT},
        ),
        (f"from .compat import *\n{CALL}", {"compat.py": COMPAT}),
        (
            f"from .a import Own\n{DERIVED}",
            {
                "a.py": "from .b import Base\n\n\nclass Own(Base):\n    pass\n",
                "b.py": f"{CONFIG}\n\nclass Base(ParallelismConfig):\n    pass\n",
            },
        ),
        (
            f"from .a import build\nbuild{CALL[14:]}",
            {
                "a.py": "from .compat import model_registry\n\nbuild = model_registry\n",
                "compat.py": COMPAT,
            },
        ),
        (
            "from .a import made\nprint(made().expert_tensor_parallel_degree)\n",
            {
                "a.py": "from .b import Own\n\n\ndef made():\n    return Own()\n",
                "b.py": f"{CONFIG}\nOwn = ParallelismConfig\n",
            },
        ),
    ],
)
def test_what_comes_through_modules_of_the_project_is_judged_where_nothing_names_it(
    project: Path, titan_lint: TitanLint, package: str, code: str, others: dict[str, str]
) -> None:
    use = project / package / "use.py"
    write(project, {"pyproject.toml": ""})
    write(use.parent, {"__init__.py": "", "idle.py": "import os\n", **others, "use.py": code})
    mine = everywhere(titan_lint, use)
    assert mine
    # The word alone makes no difference.
    use.write_text(f"{code}# torchtitan\n")
    assert everywhere(titan_lint, use) == mine


PROJECT = {
    "pyproject.toml": "",
    "mypkg/__init__.py": "",
    "mypkg/compat.py": COMPAT,
    "mypkg/use.py": f"from .compat import model_registry\n{CALL}",
}


def test_what_is_found_in_such_a_file_is_reported_and_not_fixed(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, PROJECT)
    assert titan_lint("--torchtitan", "0.3.0", "--fix", "--unsafe-fixes", ".").status == 1
    assert (project / "mypkg/use.py").read_text() == PROJECT["mypkg/use.py"]


def test_a_suppression_in_such_a_file_counts(project: Path, titan_lint: TitanLint) -> None:
    use = project / "mypkg" / "use.py"
    write(project, {**PROJECT, "mypkg/use.py": PROJECT["mypkg/use.py"][:-1] + "  # noqa: TTN301\n"})
    assert everywhere(titan_lint, use) == []
    use.write_text(use.read_text().replace("TTN301", "TTN105"))
    assert sorted(one["code"] for one in everywhere(titan_lint, use)) == ["TTN301", "TTN901"]


def test_what_was_found_counts_as_long_as_the_modules_say_the_same(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, {**PROJECT, "mypkg/compat.py": "from .more import model_registry\n"})
    for text, count in ((COMPAT, 1), ("model_registry = print\n", 0), (COMPAT, 1)):
        write(project, {"mypkg/more.py": text})
        for _ in range(2):
            assert len(found(titan_lint, ".")) == count
            assert len(found(titan_lint, "mypkg/use.py")) == count


def test_a_run_over_what_has_not_changed_looks_for_no_such_files(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, PROJECT)
    before = found(titan_lint, ".")
    monkeypatch.delattr(Importers, "led")
    assert found(titan_lint, ".") == before != []


def test_files_that_import_nothing_of_the_kind_are_never_parsed(
    project: Path, titan_lint: TitanLint
) -> None:
    others = {
        "mypkg/idle.py": "from . import other, use\nthis is no Python\n",
        "mypkg/other.py": "import os\n\n\ndef model_registry(): ...\n",
    }
    write(project, {**PROJECT, **others})
    for path in (".", "mypkg/idle.py"):
        assert "no Python" not in titan_lint(*AT, path).err
        assert titan_lint(*AT, path).status < 2


@pytest.mark.parametrize("count", [3, 40])
def test_a_part_of_a_project_is_judged_as_the_whole(
    project: Path, titan_lint: TitanLint, count: int
) -> None:
    write(project, PROJECT)
    write(
        project / "tests",
        {f"test_{n}.py": f"from mypkg.compat import model_registry\n{CALL}" for n in range(count)},
    )
    mine = [one for one in found(titan_lint, ".") if one["path"].startswith("tests")]
    assert len(mine) == count
    assert found(titan_lint, "tests") == mine


def test_compat_counts_what_a_check_finds(project: Path, titan_lint: TitanLint) -> None:
    from click.testing import CliRunner

    write(project, PROJECT)
    codes = [one["code"] for one in found(titan_lint, ".")]
    for path in (".", "mypkg/use.py"):
        told = json.loads(CliRunner().invoke(compat, ["--output-format", "json", path]).output)
        (fit,) = (fit for fit in told["fits"] if fit["key"] == "0.3.0")
        assert fit["rules"] == {code: codes.count(code) for code in codes} == {"TTN301": 1}


def test_no_more_is_read_for_a_file_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that import all of a thousand modules are not looked through, wherever the search begins."""
    modules = {f"m{n}": f"x{n} = 1\n" for n in range(1000)}
    stars = "".join(f"from .{name} import *\n" for name in modules)
    texts = {"use": "from .all import model_registry\n", "all": stars, **modules, "last": COMPAT}
    reads: list[str] = []

    def read(path: str) -> ModuleText:
        reads.append(path)
        return ModuleText(texts[path].encode())

    def size(path: str) -> int:
        return len(texts[path])

    def find(path: str, module: str) -> str | None:
        return name if (name := module.lstrip(".")) in texts else None

    for start, room in (("use", len(stars) + 100), ("all", 100)):
        monkeypatch.setattr(import_graph, "_ROOM", room)
        reads.clear()
        assert not ImportGraph(find, read, size).follows(start)
        assert len(reads) < 20
    texts["all"] = "from .last import *\n"
    assert ImportGraph(find, read, size).follows("use")


NAMES = ("a", "b", "c", "d", "__init__", "sub/__init__", "sub/e", "sub/f")
LINES = st.builds(
    str.format,
    st.sampled_from(
        [
            *(
                "from .{0} import {1}",
                "from . import {0}",
                "from .{0} import *",
                "from .. import {0}",
            ),
            *(
                "import p.{0} as m\nm.{1}",
                "import p.sub.{0}\np.sub.{0}.{1}",
                "from p.{0} import {1} as {2}",
            ),
            *("from p import {1}", "from ..{0} import {1}", "from p.sub import {0}, {1}"),
            *("class {1}({2}): pass", "def {1}(): return {2}()", "{1} = {2}", "{1} = {0}.{2}"),
            *("def __getattr__(name): return {1}", "x = 1", "import os"),
        ]
    ),
    st.sampled_from(["a", "b", "c", "d", "e", "f", "sub"]),
    st.sampled_from(["x", "y", "z", "a", "e"]),
    st.sampled_from(["x", "y", "z"]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries({name: st.lists(LINES, max_size=5).map("\n".join) for name in NAMES}),
    st.sampled_from(NAMES),
    st.integers(50, 1000),
)
def test_files_are_found_from_those_that_name_it_as_from_each_of_them(
    files: dict[str, str], source: str, room: int
) -> None:
    texts = {f"/r/p/{name}.py": text for name, text in files.items()}
    texts[f"/r/p/{source}.py"] += "\nfrom torchtitan.config import x\n"
    listed = {"/r/p": [], "/r/p/sub": []}
    for path in texts:
        listed[path.rpartition("/")[0]].append(path.rpartition("/")[2])
    modules = ModuleFiles(lambda path: "/r")
    modules._listed.update(
        {
            "/r": frozenset({"p"}),
            "/r/src": frozenset(),
            "/r/p": frozenset({*listed["/r/p"], "sub"}),
            "/r/p/sub": frozenset(listed["/r/p/sub"]),
        }
    )

    def read(path: str) -> bytes:
        return texts[path].encode()

    def text(path: str) -> ModuleText:
        return ModuleText(read(path))

    def size(path: str) -> int:
        return len(read(path))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_graph, "_ROOM", room)
        graphs = (ImportGraph(modules.find, text, size) for _ in texts)
        expected = {path for path, graph in zip(texts, graphs, strict=True) if graph.follows(path)}
        graph = ImportGraph(modules.find, text, size)
        assert Importers(sorted(texts), modules.find, read, graph).led() == expected


def everything(projects: Projects, *_: object) -> list[str]:
    """Let in all files, whatever they import."""
    led = [path for path in projects._around if path not in projects._paths]
    projects._led = frozenset(led)
    projects._paths |= projects._led
    projects._hearing |= projects._led
    return led


def assert_nothing_is_hidden(
    titan_lint: TitanLint, root: Path, monkeypatch: pytest.MonkeyPatch
) -> int:
    expected = found(titan_lint, "--no-cache", "-j1", root)
    with monkeypatch.context() as patch:
        patch.setattr(Projects, "let_in", everything)
        patch.setattr(ImportGraph, "follows", lambda graph, path: True)
        assert found(titan_lint, "--no-cache", "-j1", root) == expected
    return len(expected)


def test_nothing_is_found_in_files_that_are_not_let_in(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {
        "mypkg/a.py": f"from .b import model_registry\n{CALL}",
        "mypkg/b.py": "from .use import other\n\n\ndef model_registry(*args, **kwargs): ...\n",
        "mypkg/c.py": f"from . import b, compat\ncompat.{CALL}b.{CALL}",
    }
    write(project, {**PROJECT, **others})
    assert assert_nothing_is_hidden(titan_lint, project, monkeypatch) == 2


@pytest.mark.network
def test_nothing_is_found_in_files_of_verl_that_are_not_let_in(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = unpacked("verl", "0.8.0") / "verl" / "workers"
    monkeypatch.chdir(root)
    assert assert_nothing_is_hidden(titan_lint, root, monkeypatch) > 5
