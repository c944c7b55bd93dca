"""How engines are offered: in their file, in the configuration, on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.entries import EntryError, configured_entries, find_entries

if TYPE_CHECKING:
    from pathlib import Path

OFFER = "# titan-lint: engine=make_engine\ndef make_engine(attn_type, device): ...\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_file_offers_its_engine(tmp_path: Path) -> None:
    path = write(tmp_path / "engine.py", OFFER)
    write(tmp_path / "other.py", "def make_engine(url): ...\n")
    (entry,) = find_entries([tmp_path])
    assert (entry.root, entry.module, entry.function) == (tmp_path, "engine", "make_engine")
    assert find_entries([path]) == [entry]


def test_options_of_an_offer(tmp_path: Path) -> None:
    write(
        tmp_path / "engine.py",
        "# titan-lint: engine=build attn=flex,varlen device=cuda config=build_config\n",
    )
    (entry,) = find_entries([tmp_path])
    assert entry.attn_types == ("flex", "varlen")
    assert (entry.device, entry.config) == ("cuda", "build_config")


def test_engine_in_a_package_is_imported_from_above_it(tmp_path: Path) -> None:
    write(tmp_path / "src" / "pkg" / "__init__.py", "")
    write(tmp_path / "src" / "pkg" / "sub" / "__init__.py", "")
    write(tmp_path / "src" / "pkg" / "sub" / "engine.py", OFFER)
    (entry,) = find_entries([tmp_path])
    assert (entry.root, entry.module) == (tmp_path / "src", "pkg.sub.engine")


def test_virtual_environments_and_hidden_directories_offer_nothing(tmp_path: Path) -> None:
    write(tmp_path / "env" / "pyvenv.cfg", "")
    write(tmp_path / "env" / "engine.py", OFFER)
    write(tmp_path / ".cache" / "engine.py", OFFER)
    write(tmp_path / "site-packages" / "engine.py", OFFER)
    assert find_entries([tmp_path]) == []


def test_entry_named_on_the_command_line_is_found_below_src(tmp_path: Path) -> None:
    write(tmp_path / "src" / "pkg" / "__init__.py", "")
    path = write(tmp_path / "src" / "pkg" / "engine.py", "def build(attn_type, device): ...\n")
    (entry,) = find_entries([tmp_path], ["pkg.engine:build"])
    assert (entry.root, entry.path, entry.function) == (tmp_path / "src", path, "build")


def test_configuration_names_entries(tmp_path: Path) -> None:
    write(
        tmp_path / "pyproject.toml",
        '[tool.titan-lint.verify]\nentries = ["pkg.engine:build"]\n',
    )
    assert configured_entries([tmp_path]) == ("pkg.engine:build",)


def test_titan_lint_toml_names_entries(tmp_path: Path) -> None:
    write(tmp_path / "titan-lint.toml", '[verify]\nentries = ["engine:build"]\n')
    assert configured_entries([tmp_path]) == ("engine:build",)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: find_entries([p / "missing"]), "missing: no such file or directory"),
        (lambda p: find_entries([p], ["no colon"]), "not of the form package.module:function"),
        (lambda p: find_entries([p], ["no.where:build"]), "no module no.where under"),
    ],
)
def test_wrong_entries_say_what_is_wrong(tmp_path: Path, make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(EntryError, match=message):
        make(tmp_path)


def test_unknown_option_of_an_offer_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "engine.py", "import torch\n# titan-lint: engine=make gpu=2\n")
    with pytest.raises(EntryError, match=rf"{path.name}:2: unknown engine option 'gpu=2'"):
        find_entries([tmp_path])
