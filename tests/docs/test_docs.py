"""What an operator can meet is documented, and what is documented can be met."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer
from prometheus_client import CollectorRegistry
from typer.core import TyperGroup

from drempel.adapters.watcher import LoggingWatcher
from drempel.cli.main import command_line
from drempel.domain.access import BookingState, SetState
from drempel.domain.events import EVENT_TYPES
from drempel.domain.rights import Right, Role, may
from drempel.engine.lint_findings import LINT_CODES
from drempel.engine.trail import TRAIL_TYPES
from drempel.resivo import load_profile
from drempel.settings import SETTINGS
from drempel.setup_file.integrations import INTEGRATION_KEYS, MAPPING_KEYS
from drempel.setup_file.sources import SOURCE_KEYS
from drempel.web.api.shapes import BookingShape
from drempel.web.problems import PROBLEMS
from tests.adapters.setup_texts import problems, read
from tests.engine.stand_in import StandIn
from tests.web.client import Web

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = typer.main.get_command(command_line())


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def headings(name: str) -> list[str]:
    return re.findall(r"^### `([^`]+)`$", page(name), flags=re.MULTILINE)


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), flags=re.MULTILINE | re.DOTALL)


def test_every_setting_is_documented_and_no_other() -> None:
    assert headings("settings.md") == [setting.name for setting in SETTINGS]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_tells_its_default(setting: object) -> None:
    section = page("settings.md").split(f"### `{setting.name}`")[1].split("###")[0]  # type: ignore[attr-defined]
    default = setting.default.split(";")[0].split(",")[0].replace("`", "")  # type: ignore[attr-defined]
    assert default in section.replace("`", "")


def test_every_command_is_documented_in_the_order_of_the_help_or_not_at_all() -> None:
    assert isinstance(COMMANDS, TyperGroup)
    assert sorted(headings("commands.md")) == sorted(COMMANDS.commands)


def test_every_option_of_every_command_is_documented_and_no_other() -> None:
    assert isinstance(COMMANDS, TyperGroup)
    for name, command in COMMANDS.commands.items():
        section = page("commands.md").split(f"### `{name}`\n")[1].split("\n### ")[0]
        parts = [command, *getattr(command, "commands", {}).values()]
        options = {opt for part in parts for param in part.params for opt in param.opts if opt.startswith("--")} - {"--help"}
        usage = "\n".join(line for line in section.splitlines() if line.startswith("    "))
        assert options == set(re.findall(r"--[a-z-]+", usage)), name
        for sub in getattr(command, "commands", {}):
            assert f"drempel {name} {sub}" in usage


def test_every_finding_of_the_lint_is_documented_with_its_level_and_no_other() -> None:
    section = page("commands.md").split("### `lint`\n")[1].split("\n### ")[0]
    documented = dict(re.findall(r"^\| `([^`]+)` \| (error|warning) \|", section, flags=re.MULTILINE))
    assert documented == dict(LINT_CODES)


def test_every_event_is_documented_with_its_sentence_and_no_other() -> None:
    documented = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+?) \|", page("events.md"), flags=re.MULTILINE))
    assert documented == dict(EVENT_TYPES)


def test_every_type_of_the_trail_is_documented_with_its_sentence_and_no_other() -> None:
    table = page("people.md").split("## The trail")[1]
    assert dict(re.findall(r"^\| `([^`]+)` \| ([^|]+?) \|", table, flags=re.MULTILINE)) == dict(TRAIL_TYPES)


def test_the_table_of_roles_is_that_of_the_product() -> None:
    rows = re.findall(r"^\| `([a-z]+)`[^|]*\| (yes)? ?\| (yes)? ?\| (yes)? ?\|", page("people.md"), flags=re.MULTILINE)
    assert [row[0] for row in rows] == [right.value for right in Right]
    for right, *ticks in rows:
        assert [bool(tick) for tick in ticks] == [may(role, Right(right)) for role in Role]


def test_every_problem_is_documented_with_its_status_and_no_other() -> None:
    table = page("http.md").split("## Problems")[1]
    documented = {code: int(status) for code, status in re.findall(r"^\| `([^`]+)` \| (\d+) \|", table, flags=re.MULTILINE)}
    assert documented == {code: kind.status for code, kind in PROBLEMS.items()}


async def test_every_address_of_rest_is_documented_and_no_other() -> None:
    description = (await Web(StandIn()).ask("GET", "/api/v1/openapi.json")).json
    there = {
        (method.upper(), "/api/v1" + path.replace("{booking_id}", "{id}"))
        for path, operations in description["paths"].items()
        for method in operations
    }
    documented = set(re.findall(r"^\| `(GET|POST) (/api/v1/[^`?]*)[^`]*`", page("http.md"), flags=re.MULTILINE))
    assert documented == there


def test_every_state_is_documented() -> None:
    for state in (*BookingState, *SetState):
        assert f"`{state.value}`" in page("http.md")


def test_every_metric_is_documented() -> None:
    web, registry = Web(StandIn()), CollectorRegistry()
    LoggingWatcher(registry)
    for metric in (*web.registry.collect(), *registry.collect()):
        if metric.name.startswith("drempel_"):
            assert metric.name in page("http.md")


def test_the_example_of_a_booking_has_the_shape_of_a_booking() -> None:
    (example,) = blocks("http.md", "json")
    BookingShape.model_validate_json(example)
    assert set(json.loads(example)) == set(BookingShape.model_fields)


def test_the_example_of_a_set_up_file_can_be_applied() -> None:
    (example,) = blocks("set-up-file.md", "toml")
    assert problems(example) == []
    assert [mapping.object_id for mapping in read(example).integrations[0].mappings] == ["81", "90"]


@pytest.mark.parametrize(
    ("table", "keys"),
    [("[[sources]]", SOURCE_KEYS), ("[[integrations]]", INTEGRATION_KEYS), ("[[integrations.mappings]]", MAPPING_KEYS)],
)
def test_every_key_of_the_set_up_file_is_documented_and_no_other(table: str, keys: tuple[str, ...]) -> None:
    section = page("set-up-file.md").split(f"## `{table}`")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`[^|]+`) \|", section, flags=re.MULTILINE)
    documented = {key for cell in first_cells for key in re.findall(r"`([^`]+)`", cell)}
    assert documented == set(keys) - {"mappings"}


def test_the_sentences_of_the_set_up_page_are_those_that_are_said() -> None:
    (example,) = blocks("set-up-file.md", "toml")
    said = problems(example.replace("Europe/Amsterdam", "Europe/Amsterdm").replace('["70", "80"]', '["70", "30"]'))
    shown = [line.strip() for line in page("set-up-file.md").splitlines() if line.startswith("    setup.toml")]
    assert said == shown


@pytest.mark.parametrize(
    "name", ["settings.md", "commands.md", "http.md", "set-up-file.md", "failures.md", "events.md", "pages.md", "people.md"]
)
def test_links_between_pages_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page(name)):
        assert target.startswith("http") or (DOCS / target).exists(), target


def test_the_profile_in_the_docs_is_one(tmp_path: Path) -> None:
    text = (DOCS / "profiles.md").read_text(encoding="utf-8")
    example = text.split("```toml\n", 1)[1].split("```", 1)[0]
    path = tmp_path / "profile.toml"
    path.write_text(example, encoding="utf-8")
    assert load_profile(str(path)).name == "nine"
