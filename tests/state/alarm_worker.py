"""A process of its own for the tests: evaluates, makes messages, hands them over, and dies where it is told to.

What it hands over it says on a line of its own, which is its wire.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta

from config.settings import load
from state import State
from tests.state.alarms import NOON, alert, event, notice, one_each, retold, run
from tests.state.opener import say

ALERTS = 30


def evaluate(keep: State) -> None:
    """Raise what is not there yet, one alert a run, as ``alerts.run`` does with all of them."""
    for n in range(ALERTS):
        with keep.alerting.desk() as desk:
            raised = alert(desk.new_id(), key=f"alert {n}")
            if raised.key in desk.alerts():
                continue
            desk.put(raised)
            desk.note(event(raised.id))
            desk.post(notice(desk.new_id(), alert=raised.id, words=raised.key))
            desk.keep(run(desk.new_id()))


def deliver(keep: State, dies: str = "") -> None:
    """Make messages of what is due and hand them over until nothing is left."""
    keep.outbox.compose(NOON, one_each)
    keep.outbox.recover(NOON, retold)
    while True:
        claimed = keep.outbox.claim(NOON, timedelta(minutes=5))
        if claimed is None:
            return
        _die(dies == "claimed")
        if not keep.outbox.handing(claimed.id, NOON, claimed.attempts):
            continue
        _die(dies == "handing")
        say(claimed.subject)
        _die(dies == "sent")
        keep.outbox.sent(claimed.id, NOON)


def _die(now: bool) -> None:
    if now:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, task, *dies = sys.argv[1:]
    settings = load(folder)
    say("ready")
    sys.stdin.readline()
    keep = State.open(settings)
    if task == "evaluate":
        evaluate(keep)
    else:
        deliver(keep, *dies)


if __name__ == "__main__":
    main()
