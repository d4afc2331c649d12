"""Every failure has its page of the documentation, which says what the product says and leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from drempel.cli.main import command_line
from drempel.domain.failures import CATALOGUE
from drempel.domain.help import HELP, docs_page

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "troubleshooting").iterdir())
INDEX = (ROOT / "docs" / "failures.md").read_text(encoding="utf-8")
SECTIONS = [
    "What one sees",
    "What it means",
    "Which cause it is",
    "Repair by pages",
    "Repair from the command line",
    "What Drempel does meanwhile",
    "What the visitor notices",
    "How one sees that it is over",
]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def text_of(code: str) -> str:
    return (ROOT / docs_page(code)).read_text(encoding="utf-8")


def on_one_line(text: str) -> str:
    return " ".join(text.replace("\n> ", "\n").split())


def section(code: str, name: str) -> str:
    return text_of(code).split(f"## {name}\n")[1].split("\n## ")[0]


def test_every_failure_has_its_page_and_every_page_its_failure() -> None:
    assert sorted(page.name for page in PAGES) == sorted(f"{code}.md" for code in CATALOGUE)


def test_the_table_of_failures_names_each_with_its_sentence_and_its_page() -> None:
    rows = re.findall(r"^\| \[`([^`]+)`\]\(([^)]+)\) \| (.+?) \| [a-z ]+ \|$", INDEX, flags=re.MULTILINE)
    assert [(code, f"docs/{page}", sentence) for code, page, sentence in rows] == [
        (code, docs_page(code), CATALOGUE[code].message) for code, *_ in rows
    ]
    assert sorted(code for code, *_ in rows) == sorted(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_has_the_fixed_sections_and_none_is_empty(code: str) -> None:
    assert text_of(code).startswith(f"# `{code}`\n")
    assert re.findall(r"^## (.+)$", text_of(code), flags=re.MULTILINE) == SECTIONS
    assert all(len(section(code, name).strip()) > 20 for name in SECTIONS)


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_says_what_the_product_says(code: str) -> None:
    seen = on_one_line(section(code, "What one sees"))
    assert CATALOGUE[code].message in seen
    assert CATALOGUE[code].remedy in seen
    for sentence in HELP[code].sentences:
        assert sentence in on_one_line(text_of(code))


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_page_tells_causes_apart_and_gives_commands(code: str) -> None:
    causes = re.findall(r"^\| (?!what you see|---)", section(code, "Which cause it is"), flags=re.MULTILINE)
    assert len(causes) >= 3
    assert re.search(r"^1\. ", section(code, "Repair by pages"), flags=re.MULTILINE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_commands_of_a_page_are_commands_of_the_product(code: str) -> None:
    commands = typer.main.get_command(command_line())
    assert isinstance(commands, TyperGroup)
    told = re.findall(r"^    (?:[A-Z_]+=\S+ )?drempel ([a-z-]+)(.*?)(?:  +#.*)?$", text_of(code), flags=re.MULTILINE)
    assert told
    for name, arguments in told:
        command = commands.commands[name]
        parts = [command, *getattr(command, "commands", {}).values()]
        options = {opt for part in parts for param in part.params for opt in param.opts}
        assert set(re.findall(r"--[a-z-]+", arguments)) <= options, f"drempel {name}{arguments}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_the_readme_leads_to_the_table_and_its_links_lead_somewhere() -> None:
    targets = LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert "docs/failures.md" in targets
    assert all(target.startswith("http") or (ROOT / target).exists() for target in targets)
