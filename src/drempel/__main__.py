"""`python -m drempel`."""

from drempel.cli.main import run

if __name__ == "__main__":
    run()
