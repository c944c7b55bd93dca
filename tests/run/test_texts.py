"""Which files of a project have some words in them."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from pathlib import Path

import pytest

from titan_lint.run.discover import ReadError
from titan_lint.run.projects import Projects
from titan_lint.run.texts import Texts

FILES = {
    "/a.py": b"from engine import Training\n",
    "/b.py": b"import engine\nprint(engine.TrainingConfig, 'Training-data')\n",
    "/c.py": b"engines = Training = 1\n",
    "/d.py": b"x = 'pkg.engine.Training'\n",
    "/e.py": "# é engine-x: Training é\n".encode(),
}


class Reading:
    """Files in memory, and which of them were read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def __call__(self, path: str) -> bytes:
        self.asked.append(path)
        if path not in self.files:
            raise ReadError(path, "is gone")
        return self.files[path]


def asked(*, many: bool) -> tuple[Texts, Reading]:
    """The files, asked for so many words before that all are known, or not."""
    reading = Reading(FILES)
    texts = Texts(list(FILES), reading)
    for number in range(30 if many else 0):
        texts.having(f"word{number}")
    reading.asked.clear()
    return texts, reading


@pytest.mark.parametrize("many", [True, False])
def test_words_are_whole_words_in_code_and_in_texts(many: bool) -> None:
    texts, _ = asked(many=many)
    assert texts.having("engine", "Training") == ["/a.py", "/b.py", "/d.py", "/e.py"]
    assert texts.having("engine", "TrainingConfig") == ["/b.py"]
    assert texts.having("engines") == ["/c.py"]
    assert texts.having("nothing") == []


def test_a_text_of_several_words_is_where_all_of_them_are() -> None:
    texts = Texts(list(FILES), Reading(FILES))
    assert texts.having("Training-data") == ["/b.py"]
    assert texts.having("é") == list(FILES)


def test_files_are_read_once_for_a_word_and_what_stands_beside_it() -> None:
    texts, reading = asked(many=False)
    for _ in range(3):
        for name in ("Training", "TrainingConfig", "Other"):
            texts.having("nothing", name)
    assert reading.asked == list(FILES)
    for name in ("Training", "TrainingConfig", "Other"):
        texts.having("engine", name)
    having = len(texts.having("engine"))
    assert len(reading.asked) == 2 * len(FILES) + 3 * having


@pytest.mark.parametrize(("at_hand", "most"), [(True, 25), (False, 9)])
def test_however_many_words_are_asked_for_files_are_read_a_few_times(
    at_hand: bool, most: int
) -> None:
    reading = Reading(FILES)
    texts = Texts(list(FILES), reading, at_hand=at_hand)
    for number in range(100):
        texts.having(f"word{number}", "Training")
        texts.matching(f"name{number}", (rb"name",))
    assert len(reading.asked) == most * len(FILES)


@pytest.mark.parametrize("many", [True, False])
def test_a_pattern_is_looked_for_once_in_the_files_that_have_its_word(many: bool) -> None:
    texts, reading = asked(many=many)
    for _ in range(3):
        assert texts.matching("engine", (rb"nothing", rb"import\s+engine")) == {"/b.py"}
        assert texts.matching("engine", (rb"engine\b",), rb"import\s+engine") == set(FILES) - {
            "/c.py"
        }
    assert len(reading.asked) == 2 * (4 if many else len(FILES))


def test_what_cannot_be_read_has_no_words() -> None:
    texts = Texts(["/gone.py", *FILES], Reading(FILES))
    assert texts.having("engines") == ["/c.py"]
    assert texts.having("Training") == list(FILES)


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (b"Config.size = 1\n", True),
        (b"loader.Config.size: int = 1\n", True),
        (b"mock.patch.object(Config, 'size', 1)\n", True),
        (b"setattr(loader.Config, name, 1)\n", True),
        (b"mock.patch('loader.Config.size')\n", True),
        (b"from loader import Config as Other\nOther.size = 1\n", True),
        (b"from loader import Config as Other\nprint(Other.size)\n", False),
        (b"Other = loader.Config\nOther.size = 1\n", True),
        (b"Other = loader.Config\nprint(Other.size)\n", False),
        (b"Config.size += 1\n", True),
        (b"del loader.Config.size\n", True),
        (b"delattr(loader.Config, name)\n", True),
        (b"Config\nTrainerConfig.size = 1\n", False),
        (b"Config\nmock.patch.object(TrainerConfig, 'size', 1)\n", False),
        (b"KINDS = {'one': loader.Config, 'other': None}\n", False),
        (b"print(Config.size)\n", False),
    ],
)
def test_a_class_is_changed_by_what_sets_an_attribute_on_one_of_its_name(
    text: bytes, changes: bool, many: bool
) -> None:
    files = {"/loader.py": b"class Config: ...\n", "/use.py": text}
    texts = Texts(list(files), Reading(files))
    for number in range(30 if many else 0):
        texts.having(f"word{number}")
    assert texts.changing("/loader.py", "Config") == (["/use.py"] if changes else [])


@pytest.mark.parametrize(
    ("text", "is_put"),
    [
        (b"Model.build = mine", True),
        (b"models.Model . build: object = mine", True),
        (b"Model\\\n.build = mine", False),
        (b"setattr(Model, 'build', mine)", True),
        (b'setattr(\n    models.Model,\n    "build",\n    mine)', True),
        (b"setattr(Model, 'builder', mine)", False),
        (b"setattr(OtherModel, 'build', mine)", False),
        (b"getattr(Model, 'build')", False),
        (b"Model.build == mine", False),
        (b"OtherModel.build = mine", False),
        (b"Model.builder = mine", False),
        (b"Model.part.build = mine", False),
        (b"f(Model, build=mine)", False),
    ],
)
def test_a_member_is_put_on_what_goes_by_a_name(text: bytes, is_put: bool) -> None:
    assert holding(text).putting("Model", "build") == is_put


def holding(text: bytes) -> Texts:
    """A project of one file."""
    return Texts(["/a.py"], Reading({"/a.py": text}))


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        (b"class Own:", True),
        (b"class  Own(Base):", True),
        (b"class Own[T](Base):", True),
        (b"class Own[T: (int, str)](Base[T], Other):", True),
        (b"class Own[T]:", True),
        (b"class Owner: Own = 1", False),
        (b"Own = Base", False),
    ],
)
def test_a_class_is_found_by_its_name(text: bytes, is_there: bool) -> None:
    texts = holding(text)
    assert texts.stating("Own") == (["/a.py"] if is_there else [])
    derives = is_there and b"Base" in text
    assert texts.deriving("Base") == (
        (["/a.py"], frozenset({"Base", "Own"})) if derives else ([], frozenset({"Base"}))
    )


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        (b"\n@property\ndef size(self): ...", True),
        (b"\n    @property  # of it\n    def size(self): ...", True),
        (b"\n@a\n\n# why\n@b\nasync  def size(self): ...", True),
        (b"\n@cached(\n    1,\n)\ndef size(self): ...", True),
        (b"\n@cached(\n    1,\n)  # once\n    def size(self): ...", True),
        (b"\n@a\nclass A:\n    def size(self): ...", False),
        (b"\ncall(\n    1,\n)\n\n\ndef size(self): ...", False),
        (b"\ndef size(self): ...", False),
    ],
)
def test_a_decorated_function_is_found_by_its_name(text: bytes, is_there: bool) -> None:
    assert holding(text).decorating("size") == (["/a.py"] if is_there else [])


@pytest.mark.parametrize(
    ("text", "is_bound"),
    [
        (b"class A:\n    size = 1", True),
        (b"class A:\n    size: int", True),
        (b"class A:\n    size, other = 1, 2", True),
        (b"class A:\n    def size(self): ...", True),
        (b"class A:\n    class size: ...", True),
        (b"def f(self):\n    self.size = 1", True),
        (b"def f(self):\n    self.size: int = 1", True),
        (b"def f(self):\n    return self.size == 1", False),
        (b"def f(other):\n    other.size = 1", False),
        (b"class A:\n    size == 1", False),
        (b"class A:\n    sizes = resize = 1", False),
        (b"size = 1", False),
    ],
)
def test_what_binds_a_name_in_a_class_is_found(text: bytes, is_bound: bool) -> None:
    assert holding(text).binding("size") == (["/a.py"] if is_bound else [])


def test_files_asked_in_two_parts_say_what_they_say_in_one() -> None:
    files = {
        "/base.py": b"class Base: ...\n",
        "/deriving.py": b"from base import Base\nclass Derived(Base): ...\n",
        "/far.py": b"import sys\nclass Far(Derived):\n    size = 1\n    @p\n    def Base(self): ...\nsys.modules['base'] = None\n",
    }
    whole = Texts(list(files), Reading(files))
    for mine in [*files, ""]:
        others = Texts([path for path in files if path != mine], Reading(files))
        parts = Texts([path for path in files if path == mine], Reading(files), others)
        assert parts.paths == whole.paths
        assert parts.displaced == whole.displaced == {"base"}
        for words in (("class",), ("Base",), ("Derived", "class"), ("é",)):
            assert parts.having(*words) == whole.having(*words) != []
        for path in files:
            assert parts.hiding(path, "Base", "size") == whole.hiding(path, "Base", "size")
            assert parts.changing(path, "base") == whole.changing(path, "base")
        for name in ("Base", "Derived", "Far", "size"):
            assert parts.stating(name) == whole.stating(name)
            assert parts.decorating(name) == whole.decorating(name)
            assert parts.binding(name) == whole.binding(name)
        assert parts.hiding("/base.py", "Base", "size") == (["/far.py"], {"Base", "Derived", "Far"})
        assert parts.putting("sys", "modules") == whole.putting("sys", "modules")


def test_of_one_project_alone_is_kept_what_its_texts_say(tmp_path: Path) -> None:
    """The memory of a run is that of its largest project, however many there are."""
    paths: list[str] = []
    for name in ("one", "other", "third"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").touch()
        path = tmp_path / name / "use.py"
        path.write_text("from torchtitan.config import JobConfig\n")
        paths.append(str(path))
    projects = Projects(paths, paths, [str(Path(path).parent) for path in paths])
    for path in (*paths, paths[0]):
        assert projects.texts_in(path).having("JobConfig") == [path]
        assert list(projects._texts) == [str(Path(path).parent)]
