"""The set-up file: TOML in, the wanted set-up out, or every problem at once with its line, key and reason."""

from drempel.setup_file.file import check_setup_content, read_setup_file
from drempel.setup_file.integrations import own_profile_name, shipped_profile_names
from drempel.setup_file.lines import KeyPath, line_of, lines_of
from drempel.setup_file.problems import Problem, SetupFileError

__all__ = [
    "KeyPath",
    "Problem",
    "SetupFileError",
    "check_setup_content",
    "line_of",
    "lines_of",
    "own_profile_name",
    "read_setup_file",
    "shipped_profile_names",
]
