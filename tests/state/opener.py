"""A process of its own for the tests: opens the state when told to, writes, and says what it found."""

from __future__ import annotations

import json
import sys

from config.settings import load
from ledger.errors import OutstandingError
from state import State

ROUNDS = 25


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    folder, reader = sys.argv[1:]
    settings = load(folder)
    say("ready")
    sys.stdin.readline()
    refused = []
    try:
        keep = State.open(settings)
        for number in range(ROUNDS):
            keep.mark(reader, "customer", f"C{number}", "mine")
            keep.mark("everybody", "customer", f"C{number}", reader)
            try:
                keep.save_view(f"View {number}", "pages/summary/overview.py", {}, "everybody")
            except OutstandingError as error:
                refused.append(str(error))
        say(json.dumps(refused))
    except OutstandingError as error:
        say(json.dumps({"failed": str(error)}))


if __name__ == "__main__":
    main()
