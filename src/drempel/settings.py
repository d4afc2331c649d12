"""Settings come from the environment: `DREMPEL_<NAME>`, or `DREMPEL_<NAME>_FILE` with the path of a file that holds the value.

`SETTINGS` is the one list; the documentation and its test are derived from it. A wrong value is a sentence that names the
variable, what is wrong with it (never a secret's value) and the remedy; all wrong values are told at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import platformdirs

__all__ = ["PREFIX", "SETTINGS", "Refused", "Setting", "Settings", "SettingsError", "read_settings"]

PREFIX: Final = "DREMPEL_"
FILE_SUFFIX: Final = "_FILE"
VALUE_BYTES_MAX: Final = 64 * 1024
SECRET_KEY_CHARACTERS_GOOD: Final = 16
SECONDS_MAX: Final = 7 * 24 * 3600.0
DAYS_MAX: Final = 36_500.0
DATABASE_FILE: Final = "drempel.sqlite"
LOG_FORMATS: Final = ("console", "json")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")

T = TypeVar("T")
Network = IPv4Network | IPv6Network


class Refused(Exception):
    """Wrong use or wrong settings: a sentence with its remedy. The command line shows it and ends with 2."""


class SettingsError(Refused):
    """One or more settings are wrong: a sentence for each, one a line."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is documented. `default` is what a person reads."""

    name: str
    default: str
    unit: str
    help: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that holds it."""
        return PREFIX + self.name


SETTINGS: Final = (
    Setting(
        "DATABASE_URL",
        f"the SQLite file `{DATABASE_FILE}` in `DATA_DIR`",
        "address",
        "Where everything is kept: `sqlite:///PATH` on one machine, `postgresql://USER:PASSWORD@HOST/DATABASE` to scale out.",
        secret=True,
    ),
    Setting(
        "DATA_DIR",
        "the platform's data folder for `drempel`",
        "folder",
        "Where the database file and the key file are kept. It is made if it does not exist.",
    ),
    Setting(
        "SECRET_KEY",
        "made on the first start in `DATA_DIR/secret.key`, mode 0600; must be given with PostgreSQL",
        f"text of {SECRET_KEY_CHARACTERS_GOOD} characters or more",
        "Root of all encryption at rest. Several, separated by commas: the first encrypts, all decrypt. "
        "`openssl rand -base64 32` makes a good one. Without it the stored secrets are lost: keep a copy.",
        secret=True,
    ),
    Setting(
        "PUBLIC_URL",
        "http://127.0.0.1:8080",
        "address",
        "The address under which the booking system reaches Drempel: `drempel hook-url` prints it in front.",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "none",
        "addresses or networks, separated by commas",
        "The reverse proxies whose `X-Forwarded-For` is believed, so that wrong tries to sign in count for who made them.",
    ),
    Setting("CALL_TIMEOUT_SECONDS", "10", "seconds", "How long one outside call may take, connecting included."),
    Setting(
        "LEASE_SECONDS",
        "30",
        "seconds",
        "How long a worker's claim on a booking lasts before another worker takes over. Must be over twice `CALL_TIMEOUT_SECONDS`.",
    ),
    Setting(
        "RETRY_FIRST_SECONDS",
        "2",
        "seconds",
        "The first pause after a failure, with full jitter. A given `Retry-After` wins, up to 15 minutes or the longest pause.",
    ),
    Setting("RETRY_MAX_SECONDS", "900", "seconds", "The longest pause between two tries, with full jitter."),
    Setting("SWEEP_SECONDS", "60", "seconds", "The pause of the slow loop that finds what no hint told."),
    Setting(
        "GONE_CONFIRM_SECONDS",
        "600",
        "seconds",
        "The pause between the two readings before a vanished booking counts as gone and loses its access.",
    ),
    Setting(
        "WARN_BEFORE_SECONDS",
        "3600",
        "seconds",
        "How long before its start a booking that is not ready is warned of, once for each cause.",
    ),
    Setting(
        "RETENTION_DAYS",
        "90",
        "days",
        "How long after its end what is kept of a booking is kept. `0` keeps it for good.",
    ),
    Setting(
        "LOG_FORMAT",
        "`console` at a terminal, else `json`",
        "`console` or `json`",
        "How log lines look. They go to standard error.",
    ),
    Setting("LOG_LEVEL", "info", "`debug`, `info`, `warning` or `error`", "The least that is logged, written in any case."),
)
"""Every setting of the product, in the order of the documentation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked. Paths are absolute."""

    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str | None = field(default=None, repr=False)
    """As given; None = the key file in `data_dir`, made on first start."""
    public_url: str = "http://127.0.0.1:8080"
    trusted_proxies: tuple[Network, ...] = ()
    call_timeout_seconds: float = 10.0
    lease_seconds: float = 30.0
    retry_first_seconds: float = 2.0
    retry_max_seconds: float = 900.0
    sweep_seconds: float = 60.0
    gone_confirm_seconds: float = 600.0
    warn_before_seconds: float = 3600.0
    retention_days: float = 90.0
    """0 = what is kept is kept for good."""
    log_format: str = "console"
    log_level: str = "info"
    warnings: tuple[str, ...] = ()
    """Sentences about what looks like a mistake and is none for sure."""

    @property
    def on_postgresql(self) -> bool:
        """Whether the database is shared by machines; else it is a SQLite file."""
        return self.database_url.startswith("postgresql://")

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, None on PostgreSQL."""
        return None if self.on_postgresql else Path(self.database_url.removeprefix("sqlite:///"))


class _Wrong(Exception):
    """What is wrong with one value, as the end of a sentence that begins with the variable's name."""


def read_settings(environ: Mapping[str, str], *, terminal: bool) -> Settings:
    """The settings in `environ`. `terminal`: whether log lines go to a person's screen. Raises `SettingsError`."""
    reading = _Reading(environ)
    data_dir = reading.value("DATA_DIR", _folder, Path(platformdirs.user_data_dir("drempel", appauthor=False)))
    secret_key: str | None = reading.value("SECRET_KEY", _secret_key, None)
    settings = Settings(
        data_dir=data_dir,
        database_url=reading.value("DATABASE_URL", _database_url, f"sqlite:///{data_dir / DATABASE_FILE}"),
        secret_key=secret_key,
        public_url=reading.value("PUBLIC_URL", _public_url, "http://127.0.0.1:8080"),
        trusted_proxies=reading.value("TRUSTED_PROXIES", _networks, ()),
        call_timeout_seconds=reading.value("CALL_TIMEOUT_SECONDS", _seconds, 10.0),
        lease_seconds=reading.value("LEASE_SECONDS", _seconds, 30.0),
        retry_first_seconds=reading.value("RETRY_FIRST_SECONDS", _pause, 2.0),
        retry_max_seconds=reading.value("RETRY_MAX_SECONDS", _pause, 900.0),
        sweep_seconds=reading.value("SWEEP_SECONDS", _seconds, 60.0),
        gone_confirm_seconds=reading.value("GONE_CONFIRM_SECONDS", _pause, 600.0),
        warn_before_seconds=reading.value("WARN_BEFORE_SECONDS", _pause, 3600.0),
        retention_days=reading.value("RETENTION_DAYS", _days, 90.0),
        log_format=reading.value("LOG_FORMAT", _one_of(LOG_FORMATS), "console" if terminal else "json"),
        log_level=reading.value("LOG_LEVEL", _one_of(LOG_LEVELS), "info"),
        warnings=(*_weak_keys(secret_key), *_unknown_variables(environ)),
    )
    problems = reading.problems or _contradictions(settings)
    if problems:
        raise SettingsError(*problems)
    return settings


def _contradictions(settings: Settings) -> list[str]:
    """Values that are right alone and wrong together."""
    problems = []
    if settings.lease_seconds <= 2 * settings.call_timeout_seconds:
        problems.append(
            f"DREMPEL_LEASE_SECONDS is {settings.lease_seconds:g}, and must be over twice DREMPEL_CALL_TIMEOUT_SECONDS "
            f"({settings.call_timeout_seconds:g}): a worker could lose its claim while a call is under way. "
            f"Set it above {2 * settings.call_timeout_seconds:g}, or shorten the call time-out."
        )
    if settings.on_postgresql and settings.secret_key is None:
        problems.append(
            "DREMPEL_SECRET_KEY is not given, and with PostgreSQL it must be: every machine needs the same key. "
            "Make one with `openssl rand -base64 32` and give it to all of them, or name a file in DREMPEL_SECRET_KEY_FILE."
        )
    return problems


class _Reading:
    """Reads value by value and collects what is wrong, so that a person sees it all at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        variable = PREFIX + name
        try:
            raw = self._raw(variable)
            return default if raw is None else parse(raw)
        except _Wrong as wrong:
            where = variable if variable in self._environ else variable + FILE_SUFFIX
            self.problems.append(f"{where} {wrong}")
            return default

    def _raw(self, variable: str) -> str | None:
        given, path = self._environ.get(variable), self._environ.get(variable + FILE_SUFFIX)
        if given is not None and path is not None:
            raise _Wrong(f"and {variable}{FILE_SUFFIX} are both given. Keep one of them.")
        if path is not None:
            given = _file_text(path)
        if given is None:
            return None
        if not given.strip():
            raise _Wrong("is empty. Give it a value, or remove the variable to get the default.")
        return given.strip()


def _file_text(path: str) -> str:
    try:
        with Path(path).expanduser().open("rb") as file:
            raw = file.read(VALUE_BYTES_MAX + 1)
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no usable path"
        raise _Wrong(f"names the file {path!r}, which cannot be read ({reason}). Name a file that Drempel may read.") from error
    if len(raw) > VALUE_BYTES_MAX:
        raise _Wrong(
            f"names the file {path!r}, which is longer than {VALUE_BYTES_MAX} bytes. Name the file that holds the value alone."
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Wrong(f"names the file {path!r}, which is not written in UTF-8. Write it as plain text.") from error


def _folder(raw: str) -> Path:
    try:
        path = Path(raw).expanduser()
    except RuntimeError as error:
        raise _Wrong("begins with ~, and this account has no home folder. Write the whole path.") from error
    if path.exists() and not path.is_dir():
        raise _Wrong(f"is {raw!r}, which is a file. Name a folder.")
    return path.absolute()


def _database_url(raw: str) -> str:
    scheme, separator, rest = raw.partition("://")
    if separator and scheme == "sqlite":
        return _sqlite_url(rest)
    if separator and scheme == "postgresql":
        try:
            parts = urlsplit(raw)
            parts.port  # noqa: B018  # reading it is the check
        except ValueError as error:
            raise _Wrong("is not a usable address. Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE.") from error
        if not parts.path.strip("/"):
            raise _Wrong("names no database. Write it as postgresql://USER:PASSWORD@HOST/DATABASE.")
        return raw
    hint = "write postgresql:// in front" if scheme.startswith("postgres") else "write postgresql://… or sqlite:///PATH"
    raise _Wrong(f"is not an address that Drempel knows: {hint}.")


def _sqlite_url(rest: str) -> str:
    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path or path == ":memory:":
        raise _Wrong("names no database file. Write it as sqlite:///PATH (four slashes for a path from the root).")
    if "?" in path or "#" in path:
        raise _Wrong("may not hold ? or # after sqlite:///. Choose a path without them.")
    if Path(path).is_dir():
        raise _Wrong("names a folder. Add the name of a database file.")
    return f"sqlite:///{Path(path).absolute()}"


def _secret_key(raw: str) -> str:
    keys = [key.strip() for key in raw.split(",")]
    if not all(keys):
        raise _Wrong("has an empty part. Separate keys by one comma each, and leave none at the end.")
    if len(set(keys)) != len(keys):
        raise _Wrong("holds the same key twice. Keep each key once, the one that encrypts first.")
    return ",".join(keys)


def _weak_keys(secret_key: str | None) -> list[str]:
    if all(len(key) >= SECRET_KEY_CHARACTERS_GOOD for key in (secret_key or "").split(",") if key):
        return []
    sentence = (
        f"DREMPEL_SECRET_KEY holds a key shorter than {SECRET_KEY_CHARACTERS_GOOD} characters, which can be guessed. "
        "Make one with `openssl rand -base64 32`, put it in front of the old one, and say `drempel rotate-key`."
    )
    return [sentence]


def _public_url(raw: str) -> str:
    advice = "Write it as https://drempel.example.com."
    try:
        parts = urlsplit(raw)
        parts.port  # noqa: B018  # reading it is the check
    except ValueError as error:
        raise _Wrong(f"is no usable address. {advice}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(c.isspace() for c in raw):
        raise _Wrong(f"is no http or https address. {advice}")
    if parts.username is not None or parts.query or parts.fragment:
        raise _Wrong(f"may hold no user, query or fragment. {advice}")
    return raw.rstrip("/")


def _networks(raw: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(each.strip()) for each in raw.split(","))
    except ValueError as error:
        raise _Wrong(f"is {raw!r}. Write addresses or networks, separated by commas, as 10.0.0.7,10.1.0.0/24.") from error


def _seconds(raw: str) -> float:
    """A time that must pass: never nothing."""
    seconds = _pause(raw)
    if seconds == 0:
        raise _Wrong(f"is {raw!r}. Give a number of seconds above 0, at most {SECONDS_MAX:g}.")
    return seconds


def _pause(raw: str) -> float:
    """A pause, which may be nothing."""
    try:
        seconds = float(raw)
    except ValueError as error:
        raise _Wrong(f"is {raw!r}, which is no number. Give a number of seconds.") from error
    if not math.isfinite(seconds) or not 0 <= seconds <= SECONDS_MAX:
        raise _Wrong(f"is {raw!r}. Give a number of seconds from 0 to {SECONDS_MAX:g}.")
    return seconds


def _days(raw: str) -> float:
    """A number of days, which may be none."""
    try:
        days = float(raw)
    except ValueError as error:
        raise _Wrong(f"is {raw!r}, which is no number. Give a number of days.") from error
    if not math.isfinite(days) or not 0 <= days <= DAYS_MAX:
        raise _Wrong(f"is {raw!r}. Give a number of days from 0 to {DAYS_MAX:g}; 0 keeps everything for good.")
    return days


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.casefold() not in choices:
            raise _Wrong(f"is {raw!r}. Choose {', '.join(choices[:-1])} or {choices[-1]}.")
        return raw.casefold()

    return parse


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    known = {setting.variable for setting in SETTINGS} | {setting.variable + FILE_SUFFIX for setting in SETTINGS}
    sentences = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            sentences.append(f"{name} is no setting of Drempel and is not used." + (f" Did you mean {near[0]}?" if near else ""))
    return sentences
