"""The profile: everything about Resivo's API that could be otherwise, as data.

Client and simulator read the same profile, so a shape that the real API turns out to have is tried before it is met.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator, model_validator

from drempel.resivo.json_paths import read_path, segments
from drempel.resivo.profile_checks import Misfit, check_operation
from drempel.resivo.profile_names import SHAPES, VALUE_MAP_NAMES, OperationName

__all__ = ["Operation", "Profile", "ProfileError", "Values", "profile_from_json", "profile_to_json"]

PATH_ALLOWED: Final = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@%{}-]|/(?!/))*")
DIGEST_HEX_DIGITS: Final = 12

Success = Annotated[int, Field(ge=200, le=299)]


class ProfileError(ValueError):
    """A profile cannot be used. The text names the file, the line if it can be told, the key and the reason."""


class _Data(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Operation(_Data):
    """One call: where it goes, what our names are called there, what counts as success."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    supported: bool = True
    body: Literal["none", "form", "json"] = "none"
    body_constant: str | None = None
    """JSON text of an object that every body starts from; used only when there is a body."""
    constants: dict[str, JsonValue] = {}
    """Fixed values: the key is one of our names if `request` has it, else a dotted path of theirs. `""` is not sent."""
    query: dict[str, str] = {}
    """Fixed query; a value may hold a placeholder. `""` is not sent."""
    query_names: dict[str, str] = {}
    request: dict[str, str] = {}
    response: dict[str, str] = {}
    response_as: str | None = None
    items: str = ""
    """Where the array, or the single object, stands in the answer; `""` is the answer itself."""
    success: Annotated[tuple[Success, ...], Field(strict=False)] | None = None
    """None: any 2xx is a success."""
    page_first: int = Field(default=1, ge=0)
    page_size_max: int = Field(default=100, ge=1, le=10_000)
    mark: str = ""

    @field_validator("path")
    @classmethod
    def _path_is_a_template(cls, path: str) -> str:
        if not PATH_ALLOWED.fullmatch(path) or path.startswith("//"):
            raise ValueError("must begin with one / and hold neither query nor blanks")
        return path

    @field_validator("items")
    @classmethod
    def _items_is_a_path(cls, items: str) -> str:
        if items:
            segments(items)
        return items

    @field_validator("body_constant")
    @classmethod
    def _constant_is_an_object(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                value = json.loads(text)
            except ValueError as error:
                raise ValueError("must be JSON text") from error
            if not isinstance(value, dict):
                raise ValueError("must be a JSON object")
        return text

    def succeeded(self, status: int) -> bool:
        return 200 <= status <= 299 if self.success is None else status in self.success

    def unwrap(self, answer: Any) -> Any:
        return read_path(answer, self.items)


class Values(_Data):
    """Their words for what we must tell apart."""

    status_active: str = "active"
    status_revoked: str = "revoked"
    type_remote_access: str = "remote-access"
    type_pin_access: str = "pin-access"
    map: dict[str, dict[str, bool | str]] = {}
    """Per our key: their word = our value. Applied to what is read before anything else looks at it."""

    @field_validator("map")
    @classmethod
    def _maps_have_our_names(cls, maps: dict[str, dict[str, bool | str]]) -> dict[str, dict[str, bool | str]]:
        for name in maps:
            if name not in VALUE_MAP_NAMES:
                raise Misfit(f"values.map.{name}", f"is none of our keys: {', '.join(sorted(VALUE_MAP_NAMES))}")
        return maps

    @model_validator(mode="after")
    def _words_differ(self) -> Self:
        if self.status_active == self.status_revoked:
            raise ValueError("status_active and status_revoked must differ")
        return self


class ErrorKeys(_Data):
    """Where an error answer holds its sentence."""

    message: str = "message"


class Profile(_Data):
    """One whole description of the API. Frozen; a changed profile is another profile."""

    name: str = Field(min_length=1)
    base_url: str
    time_decimals: int = Field(default=6, ge=0, le=9)
    token_lifetime_default_seconds: int = Field(default=300, ge=1)
    operations: dict[str, Operation]
    values: Values = Values()
    error: ErrorKeys = ErrorKeys()

    @field_validator("base_url")
    @classmethod
    def _base_url_is_an_address(cls, base_url: str) -> str:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("must be an http or https address without query, fragment or user")
        return base_url.rstrip("/")

    @field_validator("operations", mode="before")
    @classmethod
    def _operations_are_known(cls, operations: Any) -> Any:
        known = [name.value for name in OperationName]
        for name in operations if isinstance(operations, dict) else ():
            if name not in known:
                raise Misfit(f"operations.{name}", f"no such operation; known are {', '.join(known)}")
        return operations

    @model_validator(mode="after")
    def _operations_fit(self) -> Self:
        for name in OperationName:
            if name.value not in self.operations:
                raise Misfit(f"operations.{name}", "is missing")
        for name, shape in SHAPES.items():
            check_operation(self, name, shape)
        return self

    def operation(self, name: OperationName) -> Operation:
        return self.operations[name]

    def response_keys(self, name: OperationName) -> dict[str, str]:
        """Our names to their paths for an answer, with what `response_as` borrows."""
        operation = self.operation(name)
        borrowed = self.operations[operation.response_as].response if operation.response_as else {}
        return {**borrowed, **operation.response}

    @cached_property
    def digest(self) -> str:
        """A short hash of everything that changes a call: marks and the name do not count."""
        data = self.model_dump(mode="json", exclude={"name": True, "operations": {"__all__": {"mark"}}})
        canonical = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:DIGEST_HEX_DIGITS]


def profile_to_json(profile: Profile) -> str:
    """The whole profile as JSON text, to be stored beside what was made with it."""
    return profile.model_dump_json()


def profile_from_json(text: str) -> Profile:
    """The profile of `profile_to_json`. Raises `ProfileError`."""
    try:
        return Profile.model_validate_json(text)
    except ValidationError as error:
        raise ProfileError("; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())) from error
