"""What a form of ours sends: a few fields of text, never a file."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

__all__ = ["FIELDS_MAX", "FORM_TOKEN", "UnreadableForm", "field", "read_form"]

FIELDS_MAX: Final = 8
FORM_TOKEN: Final = "form_token"  # noqa: S105  # the name of a field
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


class UnreadableForm(Exception):
    """Not a form as our pages send them."""


async def read_form(request: Request, *, fields_max: int = FIELDS_MAX) -> FormData:
    """The fields, read once for each request. A form without a body has none. Raises `UnreadableForm`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind not in {"", MEDIA_TYPE}:
        raise UnreadableForm
    try:
        return await request.form(max_files=0, max_fields=fields_max)
    except HTTPException as error:
        if error.status_code == 400:
            raise UnreadableForm from error
        raise


def field(form: FormData, name: str) -> str:
    """The text of a field as it was typed; empty if there is none."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
