from __future__ import annotations

import errno
import io
import json
import logging

import pytest
import structlog

from drempel.adapters.logs import configure_logging


@pytest.fixture
def stream():
    before = logging.root.handlers[:], logging.root.level
    yield io.StringIO()
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = before


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_fact_is_one_line_of_json_with_time_level_and_name_first(stream: io.StringIO) -> None:
    configure_logging(log_format="json", log_level="info", stream=stream)
    structlog.get_logger().info("access.created", booking_id="1363", text="two\nlines")
    (line,) = lines(stream)
    assert list(line)[:3] == ["at", "level", "event"]
    assert (line["level"], line["event"], line["booking_id"]) == ("info", "access.created", "1363")
    assert str(line["at"]).endswith("Z")


class FullDisk(io.StringIO):
    full = True

    def flush(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing(stream: io.StringIO) -> None:
    disk = FullDisk()
    configure_logging(log_format="json", log_level="info", stream=disk)
    structlog.get_logger().info("hint.not_stored")
    disk.full = False
    structlog.get_logger().info("access.created")
    assert lines(disk)[-1]["event"] == "access.created"


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize(
    "secret",
    [
        "ada@example.com",
        "+31 6 12345678",
        "0031612345678",
        "Bearer abc.def-123",
        "drk_abcdef",
        "postgresql://drempel:hunter2@db/x",
        "/hooks/club/5yq1mX0b9kq3cJ7wq2Zr8A",
        "eyJhbGciOi.eyJzdWIi.sig",
    ],
)
def test_what_looks_like_a_secret_or_a_visitor_is_masked_in_every_place(
    stream: io.StringIO, log_format: str, secret: str
) -> None:
    configure_logging(log_format=log_format, log_level="info", stream=stream)
    structlog.get_logger().info(f"about {secret}", detail=f"x {secret} y", deep={"a": [secret]}, kind=ValueError(secret))
    logging.getLogger("library").warning("said %s", secret)
    shown = stream.getvalue()
    core = secret.removeprefix("postgresql://").removesuffix("@db/x").removeprefix("/hooks/").removeprefix("Bearer ")
    assert core not in shown
    assert "[masked]" in shown


@pytest.mark.parametrize("key", ["password", "client_secret", "access_token", "api_key", "email", "phone_number", "mobile"])
def test_a_value_under_a_secret_key_is_masked_whatever_it_is(stream: io.StringIO, key: str) -> None:
    configure_logging(log_format="json", log_level="info", stream=stream)
    structlog.get_logger().info("x", **{key: "plain"})
    assert lines(stream)[0][key] == "[masked]"


def test_ids_and_display_names_are_left_as_they_are(stream: io.StringIO) -> None:
    configure_logging(log_format="json", log_level="info", stream=stream)
    facts = {
        "authorization_id": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "site_id": "00112233-4455-6677-8899-001122334455",
        "name": "Hall 1 · dr-abcd2345-club-1363-1",
        "at_time": "2026-03-14T08:45:00Z",
        "seconds": 1.5,
    }
    structlog.get_logger().info("x", **facts)
    assert facts.items() <= lines(stream)[0].items()


def test_an_error_is_named_and_never_quoted(stream: io.StringIO) -> None:
    configure_logging(log_format="json", log_level="info", stream=stream)
    try:
        raise ValueError("ada said something private")
    except ValueError:
        logging.getLogger("asyncio").exception("task failed")
        structlog.get_logger().exception("task.failed")
    assert "private" not in stream.getvalue()
    assert "Traceback" not in stream.getvalue()
    assert [line["error"] for line in lines(stream)] == ["ValueError", "ValueError"]
    assert str(lines(stream)[0]["where"]).split(":")[0].endswith("test_logs")


def test_the_traceback_is_there_for_whoever_debugs(stream: io.StringIO) -> None:
    configure_logging(log_format="json", log_level="debug", stream=stream)
    try:
        raise ValueError("boom")
    except ValueError:
        structlog.get_logger().exception("task.failed")
    assert "Traceback" in stream.getvalue()


def test_the_level_is_kept_and_libraries_speak_from_warnings_on(stream: io.StringIO) -> None:
    configure_logging(log_format="json", log_level="info", stream=stream)
    structlog.get_logger().debug("quiet")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").warning("odd")
    assert [line["event"] for line in lines(stream)] == ["odd"]
