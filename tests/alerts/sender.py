"""A process of its own for the tests: hands over what waits, and may be killed while it does."""

from __future__ import annotations

import sys
from datetime import datetime

from alerts.delivery import Post, deliver
from alerts.letter import Sender
from config.settings import load
from state import State


def main() -> None:
    folder, now = sys.argv[1:]
    settings = load(folder)
    moment = datetime.fromisoformat(now)
    deliver(State.open(settings), Post(settings.alerts, Sender(settings.company), now=lambda: moment))


if __name__ == "__main__":
    main()
