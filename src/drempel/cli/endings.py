"""How each kind of error ends a command: which sentence, which exit code. Imported only when a command has failed."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from drempel.cli.running import PROBLEM, WRONG_USE, CommandFailed
from drempel.engine.levers import LeverRefused, UnknownIntegration, UnknownSource
from drempel.engine.records import BookingBusy, UnknownBooking
from drempel.settings import Refused
from drempel.setup_file.problems import SetupFileError

__all__ = ["ending_of"]


def ending_of(error: Exception, environ: Mapping[str, str]) -> tuple[str, int]:
    """The text for standard error, and the exit code."""
    match error:
        case CommandFailed():
            return str(error), error.code
        case Refused() | UnknownSource() | UnknownIntegration():
            return str(error), WRONG_USE
        case SetupFileError():
            return f"{error}\nNothing was changed.", WRONG_USE
        case LeverRefused():
            return str(error), PROBLEM
        case UnknownBooking():
            return (
                "This booking is not known here. It will be once a hint or a poll has named it; see `drempel bookings`.",
                PROBLEM,
            )
        case BookingBusy():
            return "Drempel is at this booking right now. Say it again in a moment.", PROBLEM
        case _:
            return _failed_itself(error, environ), PROBLEM


def _failed_itself(error: Exception, environ: Mapping[str, str]) -> str:
    """The last resort. The error's own text stays out: it can quote addresses, answers and secrets."""
    if environ.get("DREMPEL_LOG_LEVEL", "").casefold() == "debug":
        return "".join(traceback.format_exception(error)) + f"Drempel itself failed ({type(error).__name__})."
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    return (
        f"Drempel itself failed ({type(error).__name__}{where}). Say `drempel doctor` to see whether settings and database are well; "
        "with DREMPEL_LOG_LEVEL=debug the whole trace is shown. Please report it."
    )
