from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drempel.setup_file.lines import line_of, lines_of

TEXT = r"""# a comment with [brackets] = "and quotes
title = "x"

[[sources]]
name = "club"   # sources = "no key"
password = { env = "A", file = '''
[[sources]]
name = 3
''' }

[[integrations]]
"quoted.key" = 'it" is [ odd'
dotted . inner = 1
trigger_statuses = [
  "20",  # comment, with comma
  [ "30", { deep = "x" } ],
]
when = 1979-05-27 07:32:00

[[integrations.mappings]]
object = "81"

[[integrations.mappings]]
object = "82"

[[integrations]]
name = '''a
b'''''

[[integrations.mappings]]
components = ['''
x''', "y\\\"]z",
"last"]

[integrations.extra]
here = true
"""


def test_the_text_is_toml() -> None:
    assert tomllib.loads(TEXT)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("title",), 'title = "x"'),
        (("sources", 0), "[[sources]]"),
        (("sources", 0, "name"), 'name = "club"'),
        (("sources", 0, "password"), "password ="),
        (("sources", 0, "password", "env"), "password ="),
        (("integrations", 0, "quoted.key"), '"quoted.key"'),
        (("integrations", 0, "dotted", "inner"), "dotted"),
        (("integrations", 0, "trigger_statuses"), "trigger_statuses"),
        (("integrations", 0, "trigger_statuses", 0), '  "20"'),
        (("integrations", 0, "trigger_statuses", 1, 1, "deep"), '  [ "30"'),
        (("integrations", 0, "when"), "when"),
        (("integrations", 0, "mappings", 1, "object"), 'object = "82"'),
        (("integrations", 1, "name"), "name = '''a"),
        (("integrations", 1, "mappings", 0), "[[integrations.mappings]]"),
        (("integrations", 1, "mappings", 0, "components", 2), '"last"]'),
        (("integrations", 1, "extra", "here"), "here = true"),
    ],
)
def test_every_key_is_found_at_its_line(path: tuple[str | int, ...], expected: str) -> None:
    line = lines_of(TEXT)[path]
    assert TEXT.splitlines()[line - 1].startswith(expected)


def test_every_key_that_tomllib_reads_has_a_line() -> None:
    lines = lines_of(TEXT)

    def walk(value: object, path: tuple[str | int, ...]) -> None:
        assert path in lines or path == ()
        if isinstance(value, dict):
            for key, inner in value.items():
                # a dotted key makes a table that has no line of its own
                if (*path, key) in lines or not isinstance(inner, dict):
                    walk(inner, (*path, key))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, (*path, index))

    walk(tomllib.loads(TEXT), ())


def test_a_missing_key_has_the_line_of_the_table_around_it() -> None:
    lines = lines_of(TEXT)
    assert line_of(lines, ("sources", 0, "base_url")) == 4
    assert line_of(lines, ("nowhere",)) == 1


def test_line_ends_of_another_system_count_once() -> None:
    assert lines_of("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}


BARE = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
TEXTS = st.sampled_from(
    [
        '"plain"',
        '"quote \\" [x] # y"',
        "'lit # [\"'",
        '"""long\n[[no]] \\""""',
        "'''l\n= '' x'''",
        '""',
        "''",
        '"""two"""""',
        "''''x'''",
    ]
)
NUMBERS = st.sampled_from(["1", "-2.5e3", "true", "1979-05-27 07:32:00", "0xff", "inf"])
VALUES = st.recursive(
    TEXTS | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[ # c ] \n" + ",\n".join(items) + "\n]")
        | st.dictionaries(BARE, inner.filter(lambda text: "\n" not in text), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
        )
    ),
    max_leaves=5,
)
TABLES = st.lists(st.dictionaries(BARE, VALUES, max_size=4), min_size=1, max_size=4)


@given(tables=TABLES)
def test_every_key_of_any_text_is_found_at_the_line_that_holds_it(tables: list[dict[str, str]]) -> None:
    text, expected = "# a [comment]\n", {}
    for index, table in enumerate(tables):
        expected["rows", index] = text.count("\n") + 1
        text += "[[rows]] # here\n"
        for key, value in table.items():
            expected["rows", index, key] = text.count("\n") + 1
            text += f"  {key} = {value}\n\n"
    assert len(tomllib.loads(text)["rows"]) == len(tables)
    lines = lines_of(text)
    assert {path: lines.get(path) for path in expected} == expected
    assert {path for path in lines if len(path) <= 3} == {("rows",), *expected}
