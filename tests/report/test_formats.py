"""Reports for programs: what they say, and that nothing in a file can change what they mean."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packages import unpacked
from tests.report.findings import file, finding, outcome
from titan_lint import rules
from titan_lint.config.settings import Settings
from titan_lint.finding import FileError, Severity
from titan_lint.report import pages, render
from titan_lint.run.outcome import FileOutcome, Judged, Outcome
from titan_lint.structs import replace

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "é = '😀'\r\nx = f('😀', old)\r\n"
NASTY = "::error::x%0A,:\n\r::set-output name=a::b <&\"'>]]> \x00\x1b \ud800 é 😀"


def settings(output_format: str, **options: object) -> Settings:
    made = Settings()
    made.codes = tuple(rules.names())
    made.output_format = output_format
    for name, value in options.items():
        setattr(made, name, value)
    return made


def report(output_format: str, *files: FileOutcome, **options: object) -> str:
    return render(outcome(*files), settings(output_format, **options))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class TestJson:
    def test_a_finding_has_places_in_code_points_and_its_fix(self) -> None:
        document = json.loads(report("json", file("a.py", TEXT, finding(TEXT, "old", fix="new"))))
        assert document["version"] == 1
        assert document["torchtitan"] == "0.3.0"
        assert document["findings"] == [
            {
                "code": "TTN105",
                "name": "legacy-flavor",
                "severity": "error",
                "message": "the message",
                "notes": [],
                "help": None,
                "path": "a.py",
                "line": 2,
                "column": 12,
                "end_line": 2,
                "end_column": 15,
                "targets": ["torchtitan 0.3.0"],
                "fix": {
                    "applicability": "safe",
                    "because": [],
                    "message": "Fix it",
                    "edits": [
                        {"line": 2, "column": 12, "end_line": 2, "end_column": 15, "content": "new"}
                    ],
                },
            }
        ]
        assert document["summary"] == {
            "files": 1,
            "errors": 1,
            "warnings": 0,
            "infos": 0,
            "fixed": 0,
            "fixable": 1,
            "fixable_unsafe": 0,
            "failed": 0,
        }

    def test_errors_are_part_of_it(self) -> None:
        error = FileError("b.py", "not valid Python", 3, 4)
        document = json.loads(report("json", file("b.py", "", errors=(error,))))
        assert document["errors"] == [
            {"path": "b.py", "line": 3, "column": 4, "message": "not valid Python"}
        ]
        assert document["summary"]["failed"] == 1

    def test_several_targets_are_all_named(self) -> None:
        targets = [("0.2.2", "torchtitan 0.2.2", ""), ("0.3.0", "torchtitan 0.3.0", "")]
        made = Outcome(0, [], [Judged("/p", targets)])
        assert json.loads(render(made, settings("json")))["torchtitan"] == "0.2.2, 0.3.0"


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft7Validator:
    """The published schema of SARIF 2.1.0, from the collection of schemastore.org."""
    database = unpacked("schemastore", "0.2.3") / "schemastore" / "cache.sqlite"
    with sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True) as connection:
        blobs = [row[0] for row in connection.execute("select value from responses")]
    title = b'"title": "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"'
    (blob,) = (blob for blob in blobs if title in blob)
    text = blob[blob.index(b"{\r\n") :].decode("utf-8", "replace")
    document, _ = json.JSONDecoder().raw_decode(text)
    jsonschema.Draft7Validator.check_schema(document)
    return jsonschema.Draft7Validator(document)


class TestSarif:
    @pytest.mark.network
    def test_it_is_valid_with_all_that_can_be_in_it(
        self, schema: jsonschema.Draft7Validator
    ) -> None:
        findings = [
            finding(TEXT, "old", fix="new"),
            finding(TEXT, "old", fix="", code="TTN106", severity=Severity.WARNING),
            finding(TEXT, "é", code="TTN107", severity=Severity.INFO, message=NASTY),
        ]
        errors = (FileError("a b.py", NASTY, 3, 4), FileError("c.py", "cannot be read"))
        text = report("sarif", file("ü 😀%.py", TEXT, *findings, errors=errors))
        schema.validate(json.loads(text))
        schema.validate(json.loads(render(outcome(), settings("sarif"))))
        broken = json.loads(text)
        broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"][
            "startLine"
        ] = 0
        with pytest.raises(jsonschema.ValidationError):
            schema.validate(broken)

    def test_there_is_one_run_that_counts_in_code_points(self) -> None:
        log = json.loads(report("sarif", file("a.py", TEXT, finding(TEXT, "old"))))
        (run,) = log["runs"]
        assert log["version"] == "2.1.0"
        assert run["columnKind"] == "unicodeCodePoints"
        (result,) = run["results"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["region"] == {
            "startLine": 2,
            "startColumn": 12,
            "endLine": 2,
            "endColumn": 15,
        }
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]

    def test_every_rule_has_help_text(self) -> None:
        log = json.loads(render(outcome(), settings("sarif")))
        listed = log["runs"][0]["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in listed] == list(rules.names())
        for rule in listed:
            assert "What it does" in rule["help"]["markdown"]
            assert "\n" not in rule["shortDescription"]["text"]
            assert rule["properties"]["tags"][0] == "torchtitan"
            assert "helpUri" not in rule

    def test_rules_lead_to_their_pages_where_the_package_names_its_documentation(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pages._documentation.cache_clear()
        made = Message()
        made["Project-URL"] = "Source, https://example.org/source"
        made["Project-URL"] = "Documentation, https://example.org/docs/"
        monkeypatch.setattr("importlib.metadata.metadata", lambda name: made)
        log = json.loads(render(outcome(), settings("sarif")))
        first = log["runs"][0]["tool"]["driver"]["rules"][0]
        assert first["helpUri"] == "https://example.org/docs/rules/missing-attn-backend/"
        pages._documentation.cache_clear()

    @pytest.mark.parametrize(
        "name",
        ["a b.py", "é.py", "100%.py", "a:b.py", "q?#.py", "new\nline.py", "d/😀.py", "\udcff.py"],
    )
    def test_uris_are_relative_and_lead_back_to_the_file(self, name: str) -> None:
        log = json.loads(report("sarif", file(name, TEXT, finding(TEXT, "old"))))
        location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        uri = location["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
        assert os.fsdecode(unquote_to_bytes(uri)) == name

    def test_fixes_are_those_that_may_be_applied(self) -> None:
        safe, unsafe = finding(TEXT, "old", fix="new"), finding(TEXT, "f", fix="g", safe=False)

        def fixes(**options: object) -> list[bool]:
            log = json.loads(report("sarif", file("a.py", TEXT, safe, unsafe), **options))
            return ["fixes" in result for result in log["runs"][0]["results"]]

        assert fixes() == [True, False]
        assert fixes(unsafe_fixes=True) == [True, True]

    def test_errors_make_the_run_unsuccessful(self) -> None:
        error = FileError("b.py", "not valid Python", 3)
        log = json.loads(report("sarif", file("b.py", "", errors=(error,))))
        (invocation,) = log["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is False
        assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "not valid Python"


class TestFingerprints:
    def of(
        self, text: str, *parts: tuple[str, int], name: str = "a.py", code: str = "TTN105"
    ) -> list[str]:
        found = [finding(text, part, nth=nth, code=code) for part, nth in parts]
        log = json.loads(report("sarif", file(name, text, *found)))
        return [
            result["partialFingerprints"]["primaryLocationLineHash"]
            for result in log["runs"][0]["results"]
        ]

    def test_findings_on_one_line_differ(self) -> None:
        text = "f(old, old)\nf(old, old)\n"
        prints = self.of(text, ("old", 0), ("old", 1), ("old", 2), ("old", 3))
        assert len(set(prints)) == 4

    def test_rules_and_files_differ(self) -> None:
        one = self.of("old\n", ("old", 0))
        assert one != self.of("old\n", ("old", 0), code="TTN106")
        assert one != self.of("old\n", ("old", 0), name="b.py")

    line = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)

    @given(above=st.lists(line, max_size=4), indent=st.sampled_from(["", "    ", "\t"]))
    def test_they_stay_when_lines_move(self, above: list[str], indent: str) -> None:
        before = "f(old, old)\ng(old)\n"
        shift = "".join(f"# {line}\n" for line in above)
        after = shift + f"{indent}f(old, old)\n# more\n{indent}g(old)\n"
        first = shift.count("old")
        moved = self.of(after, *(("old", first + number) for number in range(3)))
        assert moved == self.of(before, *(("old", number) for number in range(3)))

    def test_they_are_the_ones_of_gitlab_too(self) -> None:
        text = "f(old)\n"
        issues = json.loads(report("gitlab", file("a.py", text, finding(text, "old"))))
        assert [issue["fingerprint"] for issue in issues] == self.of(text, ("old", 0))


class TestGithub:
    def test_a_finding_is_a_command_of_its_severity(self) -> None:
        lines = report(
            "github",
            file(
                "a.py",
                TEXT,
                finding(TEXT, "old", fix="new"),
                finding(TEXT, "f", severity=Severity.WARNING),
                finding(TEXT, "é", severity=Severity.INFO),
            ),
        ).splitlines()
        assert lines[0] == (
            "::error title=titan-lint (TTN105),file=a.py,line=2,col=12,endLine=2,endColumn=15"
            "::a.py:2:12: TTN105 the message%0A  help: Fix it"
        )
        assert lines[1].startswith("::warning title=")
        assert lines[2].startswith("::notice title=")

    @pytest.mark.parametrize(
        "name", ["::error file=x::y.py", "a,line=9.py", "a%0Ab.py", "new\nline.py"]
    )
    def test_names_and_messages_cannot_start_or_change_a_command(self, name: str) -> None:
        error = FileError(name, NASTY, 1, 2)
        text = report(
            "github", file(name, TEXT, finding(TEXT, "old", message=NASTY), errors=(error,))
        )
        lines = text.splitlines()
        assert len(lines) == 2
        for line in lines:
            command, properties, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line).groups()  # type: ignore[union-attr]
            assert command == "error"
            pairs = dict(pair.split("=", 1) for pair in properties.split(","))
            assert set(pairs) <= {"title", "file", "line", "col", "endLine", "endColumn"}
            unescaped = pairs["file"].replace("%2C", ",").replace("%3A", ":")
            assert unescaped.replace("%0A", "\n").replace("%25", "%") == name
            assert "%0A%0D::set-output" in message


class TestGitlab:
    def test_an_issue_has_all_that_gitlab_asks_for(self) -> None:
        error = FileError("a.py", "not valid Python", 3, 4)
        found = finding(TEXT, "old", severity=Severity.WARNING)
        issues = json.loads(report("gitlab", file("a.py", TEXT, found, errors=(error,))))
        assert issues[0] == {
            "check_name": "TTN105",
            "description": "TTN105: the message",
            "severity": "minor",
            "fingerprint": issues[0]["fingerprint"],
            "location": {
                "path": "a.py",
                "positions": {"begin": {"line": 2, "column": 12}, "end": {"line": 2, "column": 15}},
            },
        }
        assert issues[1]["severity"] == "critical"
        assert issues[1]["location"]["positions"]["begin"] == {"line": 3, "column": 4}


class TestJunit:
    def test_findings_are_failures_and_errors_are_errors(self) -> None:
        error = FileError("b.py", NASTY)
        text = report(
            "junit",
            file("é.py", TEXT, finding(TEXT, "old", message=NASTY)),
            file("b.py", "", errors=(error,)),
        )
        root = ElementTree.fromstring(text.encode("utf-8", "surrogatepass"))
        assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "1")
        suite = root.find("testsuite")
        assert suite is not None
        assert suite.get("name") == "é.py"
        case = suite.find("testcase")
        assert case is not None
        assert case.get("line") == "2"
        failure = case.find("failure")
        assert failure is not None
        assert "]]> \ufffd\ufffd \ufffd é 😀" in (failure.text or "")

    def test_infos_are_skipped_tests(self) -> None:
        infos = [finding(TEXT, part, severity=Severity.INFO) for part in ("f", "old")]
        text = report("junit", file("a.py", TEXT, *infos, finding(TEXT, "é")))
        root = ElementTree.fromstring(text)
        numbers = [root.get(name) for name in ("tests", "failures", "errors", "skipped")]
        assert numbers == ["3", "1", "0", "2"]
        assert len(root.findall("testsuite/testcase/skipped")) == 2

    def test_nothing_found_is_one_passed_test(self) -> None:
        root = ElementTree.fromstring(report("junit"))
        assert root.get("tests") == "1"
        assert root.get("failures") == "0"
        assert root.find("testsuite/testcase") is not None


DETAILS = {"notes": ("since 2026-02-23 (torchtitan commit 9810191bb): it moved",), "help": "Do it"}


class TestAdvice:
    @pytest.mark.parametrize(
        "name", ["sarif", "github", "gitlab", "junit", "rdjson", "markdown", "full"]
    )
    def test_notes_and_help_are_in_it(self, name: str) -> None:
        found = replace(finding(TEXT, "old"), **DETAILS)
        text = report(name, file("a.py", TEXT, found))
        assert "help: Do it" in text
        assert "since 2026-02-23" in text
        assert "help: Fix it" in report(name, file("a.py", TEXT, finding(TEXT, "old", fix="new")))


class TestPaths:
    @pytest.fixture
    def below(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
            monkeypatch.delenv(name, raising=False)
        here = tmp_path / "root" / "package"
        here.mkdir(parents=True)
        monkeypatch.chdir(here)
        return here

    @pytest.mark.parametrize("root", [".git", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
    def test_code_hosts_get_them_from_the_root_of_the_repository(
        self, root: str, below: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if root == ".git":
            (below.parent / ".git").mkdir()
        else:
            monkeypatch.setenv(root, str(below.parent))
        told = file(str(below / "a.py"), TEXT, finding(TEXT, "old"))
        sarif = json.loads(report("sarif", told))["runs"][0]["results"][0]
        where = sarif["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert where == "package/a.py"
        assert ",file=package/a.py," in report("github", told)
        assert json.loads(report("gitlab", told))[0]["location"]["path"] == "package/a.py"
        assert report("concise", told).startswith("a.py:")

    def test_what_is_outside_of_it_is_seen_from_here(
        self, below: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(below))
        told = file(str(below.parent / "b.py"), TEXT, finding(TEXT, "old"))
        assert ",file=../b.py," in report("github", told)


class TestRdjson:
    TEXT = "é = 1; f(old)\n"

    def test_columns_count_bytes_and_a_single_edit_is_a_suggestion(self) -> None:
        told = file("a.py", self.TEXT, finding(self.TEXT, "old", fix="new"))
        (found,) = json.loads(report("rdjson", told))["diagnostics"]
        span = {"start": {"line": 1, "column": 11}, "end": {"line": 1, "column": 14}}
        assert found["location"] == {"path": "a.py", "range": span}
        assert found["suggestions"] == [{"range": span, "text": "new"}]
        assert (found["severity"], found["code"]) == ("ERROR", {"value": "TTN105"})

    def test_what_may_not_be_applied_is_no_suggestion(self) -> None:
        told = file("a.py", TEXT, finding(TEXT, "old", fix="new", safe=False))
        (found,) = json.loads(report("rdjson", told))["diagnostics"]
        assert "suggestions" not in found

    def test_errors_are_diagnostics(self) -> None:
        error = FileError("b.py", "not valid Python", 3)
        (found,) = json.loads(report("rdjson", file("b.py", "", errors=(error,))))["diagnostics"]
        assert found["location"] == {"path": "b.py", "range": {"start": {"line": 3}}}


class TestPylint:
    def test_each_finding_and_error_is_a_line(self) -> None:
        error = FileError("a.py", "not valid Python", 3)
        found = file("a.py", TEXT, finding(TEXT, "old", message=NASTY), errors=(error,))
        first, second = report("pylint", found).splitlines()
        assert first.startswith("a.py:2: [TTN105] ::error::x%0A,:\\n\\r::set")
        assert second == "a.py:3: [unchecked-file] not valid Python"


class TestGrouped:
    def test_findings_stand_below_their_file(self) -> None:
        found = file("a.py", TEXT, finding(TEXT, "f"), finding(TEXT, "old", fix="new"))
        text = report("grouped", found)
        assert text.startswith("a.py:\n  2:")
        assert " TTN105 [*] the message\n\nFound 2 errors.\n" in text
        assert text.count("a.py") == 1


class TestMarkdown:
    def test_what_was_fixed_what_can_be_and_what_is_left_with_links_to_commits(self) -> None:
        left = replace(finding(TEXT, "old"), **DETAILS)
        told = file("a.py", TEXT, left, finding(TEXT, "f", fix="g"))
        told.fixed = [finding(TEXT, "old", code="TTN202")] * 2
        text = report("markdown", told, fix=True)
        assert "| TTN105 legacy-flavor | 0 | 1 | 1 |\n" in text
        assert "| TTN202 moved-import | 2 | 0 | 0 |\n" in text
        assert (
            "Found 4 errors, 2 fixed, 1 can be fixed with `--fix`, 1 left for a person.\n" in text
        )
        assert "Left for a person:\n\n- `a.py:2`: the message\n" in text
        assert "- `a.py`: the message (2 times)\n" in text
        commit = (
            "[torchtitan commit 9810191bb](https://github.com/pytorch/torchtitan/commit/9810191bb)"
        )
        assert f"  - note: since 2026-02-23 ({commit}): it moved\n" in text
        assert "(https://github.com/pytorch/torchtitan/commit/7cec16600)" in text

    def test_the_commits_of_a_rule_stand_in_where_a_finding_names_none(self) -> None:
        cited = replace(finding(TEXT, "old"), **DETAILS)
        assert "About it: " not in report("markdown", file("a.py", TEXT, cited))
        assert "About it: " in report("markdown", file("a.py", TEXT, finding(TEXT, "old")))

    def test_whatever_is_in_names_and_messages_is_text(self) -> None:
        message = "<img src=x> [a](b) @all `code <b>` | *x* `"
        text = report("markdown", file("`<b>`.py", TEXT, finding(TEXT, "old", message=message)))
        assert r"- `'<b>'.py:2`: \<img src=x\> \[a\](b) \@all `code <b>` \| \*x\* '" "\n" in text

    def test_nothing_found_is_said(self) -> None:
        assert "Nothing to change was found." in report("markdown")


class TestConcise:
    def test_whatever_is_in_names_and_messages_stays_on_its_line(self) -> None:
        name = "new\nline\x1b.py"
        text = report("concise", file(name, TEXT, finding(TEXT, "old", message=NASTY)), quiet=1)
        (line,) = text.splitlines()
        assert line.isprintable()
        assert line.startswith("new\\nline\\x1b.py:2:12: TTN105 ::error::x%0A,:\\n\\r::set")
