"""What needs somebody, who sees to it, which rules say so, and what was told to whom?"""

from __future__ import annotations

from ui import alert_log, alerts, filters, inbox, rules, store

book, view = store.book(), filters.current()
inbox.follow()
match inbox.begin(view):
    case alerts.Section.INBOX:
        inbox.draw(view)
    case alerts.Section.RULES:
        rules.draw(book, view)
    case alerts.Section.HISTORY:
        alert_log.draw_history(view)
    case alerts.Section.DELIVERIES:
        alert_log.draw_deliveries(view)
    case None:
        pass
