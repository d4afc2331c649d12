"""The set-up file: TOML in, the wanted set-up out, or every problem at once with its line, key and reason."""

from drempel.setup_file.file import read_setup_file
from drempel.setup_file.lines import KeyPath, line_of, lines_of
from drempel.setup_file.problems import Problem, SetupFileError

__all__ = ["KeyPath", "Problem", "SetupFileError", "line_of", "lines_of", "read_setup_file"]
