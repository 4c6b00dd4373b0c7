"""The message on the demonstration company: planted stories found, named and sized; silence where there are none."""

from __future__ import annotations

import polars as pl
import pytest

from config.targets import Goal
from ledger.calendar import months_before
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, Targets, evaluate, headlines, overall, text
from metrics.stories import Report
from tests.data_sources.demo_company import SOURCE, Books, company
from tests.metrics.demo_books import LAST_DAY, demo

YEAR_AGO = months_before(LAST_DAY, 12)
CONSTRUCTION = (("region", "Continental Europe"), ("segment", "Construction"))
BACKLOG = (("collector", "Marcus Bell"),)
RECOVERY = (("region", "UK and Ireland"),)
DEBTOR = (("customer", "0010002"),)
YEN = (("currency", "JPY"),)
STORIES = {DEBTOR: "debtor", CONSTRUCTION: "worse", BACKLOG: "worse", YEN: "currency", RECOVERY: "better"}


@pytest.fixture(scope="module")
def book():
    return demo(60_000)


@pytest.fixture(scope="module")
def told(book):
    return {headline.where: headline for headline in headlines(book, LAST_DAY)}


def parts(book, metric, scope=COMPANY, day=LAST_DAY, window="3mo"):
    """Numerator and denominator of a ratio, which add up over parts of the company; and its value."""
    row = evaluate(book, [metric], [day], window, scope).row(0, named=True)
    return row["numerator"], row["denominator"], row["value"]


def scope_of(where):
    return Scope.of(**dict(where))


def share(book, days, *signed):
    """Overdue share of scopes added and taken away, over ``days`` together."""
    late = sum(sign * parts(book, "overdue_share", scope, day)[0] for sign, scope in signed for day in days)
    owed = sum(sign * parts(book, "overdue_share", scope, day)[1] for sign, scope in signed for day in days)
    return late / owed


def test_every_planted_story_is_told_and_nothing_else(told):
    assert {where: headline.kind for where, headline in told.items()} == STORIES


def test_the_most_money_comes_first(book):
    money = [headline.money for headline in headlines(book, LAST_DAY)]
    assert money == sorted(money, reverse=True)


def test_fewer_are_told_when_fewer_are_asked_for(book):
    assert headlines(book, LAST_DAY, most=2) == headlines(book, LAST_DAY)[:2]


def test_the_same_data_give_the_same_message(book):
    assert headlines(book, LAST_DAY) == headlines(book, LAST_DAY)


def test_each_leads_to_where_it_stands(book, told):
    pages = {where: headline.page for where, headline in told.items()}
    assert pages[DEBTOR] == "pages/receivables/customers.py"
    assert pages[CONSTRUCTION] == pages[RECOVERY] == "pages/receivables/segments.py"
    for headline in told.values():
        assert headline.day == LAST_DAY
        assert headline.metric in CATALOG
        assert evaluate(book, ["billed"], [LAST_DAY], "12mo", scope_of(headline.where))["value"].item() > 0


def test_the_debtor_is_told_with_the_documented_figures(book, told):
    """docs/demo.md: owes 1,522,361.27, overdue 1,247,780.88, over 90 days 873,506.90, limit 590,000."""
    headline = told[DEBTOR]
    # 1 522 361.27 − 590 000 = 932 361.27 over the limit.
    for figure in ("Calder Voss Fabrication Inc.", "$1.5m", "$1.2m", "$873.5k", "$932.4k", "$590.0k"):
        assert figure in headline.words
    before = evaluate(book, ["overdue"], [YEAR_AGO], "3mo", scope_of(DEBTOR))["value"].item()
    assert headline.money == pytest.approx(1_247_780.88 - before, abs=0.01)
    old = parts(book, "over_90_share", scope_of(DEBTOR), YEAR_AGO)[0]
    assert f"up from {text.money(old, 'USD')} a year ago" in headline.words


def test_the_collector_is_told_with_the_documented_figures(told):
    """docs/demo.md: an overdue share of 39.6 % on 31 October 2026, 16.2 % a year before."""
    assert told[BACKLOG].words.startswith("Collector Marcus Bell: customers pay ")
    assert "39.6\u00a0% is overdue, up from 16.2\u00a0%" in told[BACKLOG].words


def test_exchange_losses_are_told_with_the_documented_figures(told):
    """docs/demo.md: 363,450 dollars from May to October 2026, against 34,397 a year earlier; 492,582,284 yen owed."""
    assert told[YEN].money == pytest.approx(363_450, abs=1)
    for figure in ("$363.5k in six months", "$34.4k a year earlier", "¥492.6m"):
        assert figure in told[YEN].words


def test_the_fall_of_the_yen_is_computed_from_the_canonical_tables(told):
    """What is owed in yen × (booked dollars a yen at the end of April − now), without the product."""
    books = Books(company(60_000)).within(pl.col("currency") == "JPY")
    april = months_before(LAST_DAY, 6)

    def owed(day):
        posted = books.documents.filter(pl.col("posting_date") <= day)["amount"].cast(pl.Float64).sum()
        settled = books.settlements.filter(pl.col("settled_on") <= day)["amount"].cast(pl.Float64).sum()
        return float(posted) - float(settled)

    lost = owed(LAST_DAY) * books.total(april) / owed(april) - books.total(LAST_DAY)
    assert f"booked {text.money(lost, 'USD')} lower than as of 30\u00a0Apr\u00a02026" in told[YEN].words


def test_documented_figures_are_still_those_of_the_docs():
    documented = (SOURCE.parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
    for figure in ("1,522,361.27", "1,247,780.88", "873,506.90", "590,000", "39.6%", "16.2%", "363,450", "34,397"):
        assert figure in documented


@pytest.mark.parametrize("where", [CONSTRUCTION, BACKLOG, RECOVERY])
def test_what_a_group_is_said_to_do_is_what_the_metrics_say(book, told, where):
    scope = scope_of(where)
    now, then = (parts(book, "overdue_share", scope, day)[2] for day in (LAST_DAY, YEAR_AGO))
    assert (
        f"{text.share(now)} is overdue, {'up' if now > then else 'down'} from {text.share(then)}" in told[where].words
    )
    late = [parts(book, "days_beyond_terms", scope, day)[2] for day in (YEAR_AGO, LAST_DAY)]
    side = "later" if late[1] > late[0] else "earlier"
    assert f"customers pay {text.days(abs(late[1] - late[0]))} {side} than a year ago" in told[where].words


@pytest.mark.parametrize("where", [CONSTRUCTION, BACKLOG, RECOVERY])
def test_a_group_is_worth_what_it_moved_beyond_everybody_of_whom_nothing_is_told(book, told, where):
    others = [(1, COMPANY), *((-1, scope_of(each)) for each in STORIES if each != YEN)]
    moved, rest = (
        share(book, [LAST_DAY], *of) - share(book, [YEAR_AGO], *of) for of in ([(1, scope_of(where))], others)
    )
    owed = parts(book, "overdue_share", scope_of(where))[1]
    assert told[where].money == pytest.approx(abs(owed * (moved - rest)), abs=1)
    assert (moved > rest) == (told[where].kind == "worse")


def goal(metric, good, attention, *where):
    """A target as the settings have it, for a part of the company or all of it."""
    rule = Goal(key=metric, good=good, attention=attention, where=where)
    return Targets.of({metric: [rule]}, "targets.toml")


def test_goals_are_named_where_there_are_any(book):
    targets = goal("overdue_share", 0.2, 0.26, *BACKLOG)
    words = {h.where: h.words for h in headlines(book, LAST_DAY, targets=targets)}
    assert "39.6\u00a0% is overdue (goal 20\u00a0%), up from" in words[BACKLOG]
    assert "goal" not in words[CONSTRUCTION]


def test_dso_is_told_only_where_it_is_not_explained_and_there_is_room(book):
    targets = goal("dso", 30, 35)
    everything = headlines(book, LAST_DAY, targets=targets)
    assert "dso" not in {headline.kind for headline in everything}
    region = Scope.of(region="Latin America")
    (only,) = headlines(book, LAST_DAY, scope=region, targets=targets)
    total, sales, dso = parts(book, "dso", region)
    # Credit sales of 92 days: one day of DSO is worth a 92nd of them.
    assert only.money == pytest.approx((dso - 30) * sales / 92)
    assert only.words.startswith(f"DSO is {text.days(dso)}, {text.days(dso - 30)} above the goal of 30\u00a0days: ")
    assert total > only.money


# Narrowed to a part of the company


def test_a_story_is_worth_the_same_from_wherever_it_is_seen(book, told):
    for scope, where, full in (
        (Scope.of(region="Continental Europe"), (("segment", "Construction"),), CONSTRUCTION),
        (Scope.of(segment="Construction"), (("region", "Continental Europe"),), CONSTRUCTION),
        (Scope.of(region="North America"), BACKLOG, BACKLOG),
        (Scope.of(region="UK and Ireland"), (), RECOVERY),
    ):
        seen = {headline.where: headline for headline in headlines(book, LAST_DAY, scope=scope)}
        assert seen[where].money == pytest.approx(told[full].money, rel=0.05), scope


def test_the_scope_itself_is_named_when_all_of_it_moved(book):
    (only,) = headlines(book, LAST_DAY, scope=Scope.of(region="UK and Ireland"))
    assert only.words.startswith("Region UK and Ireland: customers pay 7.8\u00a0days earlier")


def test_pennies_are_not_told_however_narrow_the_scope(book):
    assert headlines(book, LAST_DAY, scope=Scope.of(region=[None])) == []


# Other sizes, other seeds, other days


@pytest.mark.parametrize("seed", [1, 3])
def test_four_of_five_stories_are_told_of_a_third_of_the_data(seed):
    seen = {headline.where for headline in headlines(demo(20_000, seed), LAST_DAY)}
    assert len(seen & STORIES.keys()) >= 4


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_quiet_company_gives_no_alarm(seed):
    assert headlines(demo(6_000, seed, quiet=True), LAST_DAY) == []


def test_chance_alone_scores_below_the_threshold_with_room_to_spare():
    report = Report(demo(20_000, 5, quiet=True), LAST_DAY, "3mo", COMPANY, Targets(), "USD")
    assert report.groups == []
    assert headlines(report.book, LAST_DAY) == []


def test_before_there_is_a_year_to_compare_the_message_is_shorter(book):
    early = months_before(LAST_DAY, 30)
    assert all("half a year ago" in h.words for h in headlines(book, early) if h.kind in ("debtor", "worse", "better"))
    assert headlines(book, book.first_day) == []


# The title


def test_the_title_names_the_cause_and_its_share(book):
    title = overall(book, LAST_DAY)
    opening = months_before(LAST_DAY, 3)

    def late(scope, day):
        return parts(book, "overdue_share", scope, day)[0]

    change = late(COMPANY, LAST_DAY) - late(COMPANY, opening)
    part = (late(scope_of(CONSTRUCTION), LAST_DAY) - late(scope_of(CONSTRUCTION), opening)) / change
    assert title.money == pytest.approx(change, abs=0.01)
    assert title.where == CONSTRUCTION
    assert title.words == (
        f"Overdue rose {text.money(change, 'USD')} since Jul\u00a02026 "
        f"to {text.money(late(COMPANY, LAST_DAY), 'USD')}; "
        f"segment Construction in region Continental Europe explains {part * 100:.0f}\u00a0% of it"
    )


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (Scope.of(segment="Construction"), (("region", "Continental Europe"),)),
        (Scope.of(region="Continental Europe"), (("segment", "Construction"),)),
        (Scope.of(region="North America"), DEBTOR),
        (Scope.of(customer="0010002"), ()),
    ],
)
def test_the_title_of_a_part_names_the_cause_within_it(book, scope, where):
    assert overall(book, LAST_DAY, scope=scope).where == where
