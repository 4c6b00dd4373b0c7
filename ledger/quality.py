"""Which rows are believed: errors go to quarantine with their reason, warnings are let in and counted.

Nothing is repaired and nothing is dropped in silence: accepted rows + quarantined rows = rows in, for every table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ledger.book import BookRules
from ledger.cast import ROW, CastTable
from ledger.conversion import Conversion, Rates, with_reporting
from ledger.rules import (
    HISTORY_CHANGED,
    KEY_REPEATED,
    RATE_EARLY,
    RATE_MISSING,
    RULES,
    SOURCE_DIFFERS,
    Rule,
    Severity,
    bad,
)
from ledger.schema import CUSTOMERS, DOCUMENTS, FX_RATES, GL_BALANCES, SETTLEMENTS, TABLES, VERIFY, Table

EXAMPLES = 5
"""How many keys a finding names."""

QUARANTINE = {
    "table": pl.String(),
    "row": pl.UInt32(),
    "key": pl.String(),
    "rule": pl.String(),
    "reason": pl.String(),
    "amount": pl.Decimal(38, 6),
    "currency": pl.String(),
    "raw": pl.String(),
}
FINDINGS = {
    "rule": pl.String(),
    "table": pl.String(),
    "severity": pl.String(),
    "rows": pl.Int64(),
    "amount": pl.Decimal(38, 6),
    "currency": pl.String(),
    "examples": pl.List(pl.String()),
    "rows_of_examples": pl.List(pl.UInt32()),
}

_NO_RATE = Rule(
    RATE_MISSING,
    "documents",
    Severity.ERROR,
    "currency",
    "fx_rates has no exchange rate for '{value}', or the amount is too large at that rate",
    pl.col("amount_rep").is_null(),
)
_EARLY_RATE = Rule(
    RATE_EARLY,
    "documents",
    Severity.WARNING,
    "document_date",
    "older than the first exchange rate of its currency",
    pl.col("rate_early"),
)


_ACROSS = {"possible_duplicate"}
"""Rules that need all documents of a customer side by side: see ``possible_duplicates``."""


@dataclass
class Checked:
    """Accepted rows by table, and what was found.

    ``quarantine``: one row per rejected row (schema ``QUARANTINE``; ``amount`` in ``currency`` where it could be
    read, ``raw`` as JSON). ``findings``: one row per rule and currency that was broken (schema ``FINDINGS``).
    ``rows_in``: rows per table as they came. ``given``: the columns of each table that the mapping has.
    """

    accepted: dict[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])
    quarantine: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUARANTINE))
    findings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FINDINGS))
    rows_in: dict[str, int] = field(default_factory=dict[str, int])
    given: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    rates: Rates = field(default_factory=lambda: Rates.of(None, ""))
    conversion: Conversion = Conversion.NONE

    def reject(self, kept_out: pl.DataFrame) -> None:
        """Add rows of schema ``QUARANTINE`` that a later step had to keep out, with their findings."""
        found = _findings(kept_out.with_columns(severity=pl.lit(Severity.ERROR)))
        self.quarantine = pl.concat([self.quarantine, kept_out.select(list(QUARANTINE))])
        self.findings = pl.concat([self.findings, found])


def check(tables: Mapping[str, CastTable], rules: BookRules) -> Checked:
    """Apply every rule. ``tables``: by canonical name; optional ones may be absent.

    Documents are converted on the way, so that one without a rate is kept out, and its settlements too.
    """
    masters = check_masters(tables, rules.reporting_currency)
    checked = check_ledger(masters, tables["documents"], tables["settlements"], rules)
    twice = possible_duplicates(checked.accepted["documents"], "customer_id")
    checked.accepted = masters.accepted | checked.accepted
    checked.quarantine = pl.concat([masters.quarantine, checked.quarantine])
    checked.findings = merged([masters.findings, checked.findings, twice])
    checked.rows_in = masters.rows_in | checked.rows_in
    return checked


def check_masters(tables: Mapping[str, CastTable], reporting_currency: str) -> Checked:
    """All tables but documents and settlements: what these are judged beside."""
    checked = Checked()
    for table in (FX_RATES, GL_BALANCES, VERIFY, CUSTOMERS):
        if table.name in tables:
            checked.rows_in[table.name] = tables[table.name].rows.height
            _apply(checked, tables[table.name], _rows(tables[table.name]), table)
    checked.rates = Rates.of(checked.accepted.get(FX_RATES.name), reporting_currency)
    return checked


def check_ledger(
    masters: Checked, documents: CastTable, settlements: CastTable, rules: BookRules, decided: Conversion | None = None
) -> Checked:
    """Documents and their settlements, all or some of them: rows of one key, or on one document, come together.

    ``masters``: from ``check_masters``; what was found there is not repeated. ``decided``: how amounts are converted,
    where that was found out from the whole. An accepted document without a base currency but with a base amount is
    taken to be booked in the reporting currency.
    """
    reporting_currency = rules.reporting_currency
    checked = Checked(rates=masters.rates)
    checked.rows_in = {"documents": documents.rows.height, "settlements": settlements.rows.height}
    today_column = pl.lit(rules.today, pl.Date).alias("_today")
    known = masters.accepted["customers"].select("customer_id", _known_customer=pl.lit(value=True))
    prepared = (
        _rows(documents)
        .with_columns(
            today_column,
            pl.when(pl.col("amount_base").is_not_null())
            .then(pl.col("base_currency").fill_null(reporting_currency))
            .otherwise(pl.col("base_currency"))
            .alias("base_currency"),
            _base_assumed=pl.col("amount_base").is_not_null()
            & pl.col("base_currency").is_null()
            & (pl.col("currency") != reporting_currency),
        )
        .join(known, on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.col("_known_customer").fill_null(value=False))
    )
    believed = _apply(checked, documents, prepared, DOCUMENTS)
    open_to_doubt = decided is None and not masters.rows_in.get(FX_RATES.name)
    good = _convert(checked, documents, believed, decided or rules.conversion, rates_given=not open_to_doubt)
    _apply(checked, settlements, _with_document(settlements, good, today_column), SETTLEMENTS)
    return checked


def possible_duplicates(documents: pl.DataFrame, customer: str) -> pl.DataFrame:
    """Findings (schema ``FINDINGS``): documents that agree in all that an invoice is known by.

    ``documents``: accepted ones, all of a customer at least. ``customer``: the column that tells customers apart.
    """
    rule = next(rule for rule in RULES if rule.id in _ACROSS)
    numbered = documents.filter(pl.col("number").is_not_null())
    # Few agree in the plain columns, and only those have to be held against each other as a whole.
    near = numbered.filter(pl.struct("document_date", "amount", customer).hash(seed=1).is_duplicated())
    facts = ("number", "document_date", "due_date", "amount", "kind", customer)
    return _warned(rule, near.filter(pl.struct(facts).is_duplicated()).sort(ROW), DOCUMENTS)


def merged(findings: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Findings of parts of the ledger (schema ``FINDINGS``) as those of the whole, in the order of their first rows."""
    keys = ["table", "rule", "severity", "currency"]
    found = pl.concat(findings)
    named = (
        found.select(*keys, "examples", "rows_of_examples")
        .explode("examples", "rows_of_examples")
        .sort("rows_of_examples")
        .group_by(keys, maintain_order=True)
        .agg(pl.col("examples", "rows_of_examples").head(EXAMPLES), _first=pl.col("rows_of_examples").first())
    )
    return (
        found.group_by(keys)
        .agg(pl.col("rows").sum(), pl.when(pl.col("amount").is_not_null().any()).then(pl.col("amount").sum()))
        .join(named, on=keys, nulls_equal=True)
        .sort("table", "rule", "severity", "_first", "currency", nulls_last=True)
        .select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())
    )


def _convert(
    checked: Checked, table: CastTable, documents: pl.DataFrame, wanted: Conversion, *, rates_given: bool
) -> pl.DataFrame:
    """Add reporting amounts (see ``conversion.with_reporting``); a document without a rate goes to quarantine."""
    documents, checked.conversion = with_reporting(documents, checked.rates, wanted, rates_given=rates_given)
    lost = documents.filter(pl.col("amount_rep").is_null())
    if not lost.is_empty():
        checked.reject(_quarantined(lost.with_columns(_rule=pl.lit(0)), table, [_NO_RATE], DOCUMENTS))
        documents = documents.filter(pl.col("amount_rep").is_not_null())
    early = documents.filter(_EARLY_RATE.broken)
    checked.findings = pl.concat([checked.findings, _warned(_EARLY_RATE, early, DOCUMENTS)])
    checked.accepted[DOCUMENTS.name] = documents
    return documents


def _rows(table: CastTable) -> pl.DataFrame:
    """The typed rows with a mark for each value that could not be read."""
    known = table.table.columns
    marks = [
        (table.unreadable[c.name] if c.name in table.unreadable.columns else pl.lit(value=False)).alias(bad(c.name))
        for c in known
    ]
    return table.rows.with_columns(marks)


def _with_document(table: CastTable, documents: pl.DataFrame, today_column: pl.Expr) -> pl.DataFrame:
    """Settlements beside the facts of the document that each one settles."""
    facts = documents.select(
        "document_id",
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("_document"),
        pl.col("currency").alias("_currency"),
        pl.col("base_currency").alias("_base_currency"),
        pl.col("document_date").alias("_document_date"),
        pl.col("amount").alias("_amount"),
    )
    return _rows(table).join(facts, on="document_id", how="left", maintain_order="left").with_columns(today_column)


def _apply(checked: Checked, table: CastTable, prepared: pl.DataFrame, schema: Table) -> pl.DataFrame:
    """Split ``prepared`` into accepted rows (returned, and kept in ``checked``) and quarantine; record findings."""
    rules = [rule for rule in RULES if rule.table == schema.name]
    errors = [rule for rule in rules if rule.severity is Severity.ERROR]
    warnings = [rule for rule in rules if rule.severity is Severity.WARNING and rule.id not in _ACROSS]
    first, *more = schema.key
    key = pl.struct(schema.key) if more else pl.col(first)
    judged = prepared.with_columns(_first_broken(errors).alias("_rule"))
    good = judged.filter(pl.col("_rule").is_null())
    repeated = good.filter(~key.is_first_distinct()).with_columns(_rule=pl.lit(len(errors), pl.UInt8))
    accepted = good if repeated.is_empty() else good.filter(key.is_first_distinct())
    kept_out = pl.concat([judged.filter(pl.col("_rule").is_not_null()), repeated])
    if not kept_out.is_empty():
        checked.reject(_quarantined(kept_out, table, [*errors, _repeated(schema)], schema))
    broken = ((rule, accepted.filter(rule.broken.fill_null(value=False))) for rule in warnings)
    checked.findings = pl.concat([checked.findings, *(_warned(rule, rows, schema) for rule, rows in broken)])
    checked.given[schema.name] = [name for name in table.raw.columns if name != ROW]
    columns = [c for c in accepted.columns if not c.startswith("_") or c in {ROW, "_currency", "_document"}]
    checked.accepted[schema.name] = accepted.select(columns)
    return checked.accepted[schema.name]


def _repeated(schema: Table) -> Rule:
    column = schema.key[0]
    reason = f"{column} '{{value}}' came before; the first row stays"
    return Rule(KEY_REPEATED, schema.name, Severity.ERROR, column, reason, pl.lit(value=True))


def _first_broken(rules: list[Rule]) -> pl.Expr:
    codes = [
        pl.when(rule.broken.fill_null(value=False)).then(pl.lit(code, pl.UInt8)) for code, rule in enumerate(rules)
    ]
    return pl.coalesce(*codes, pl.lit(None, pl.UInt8))


def _key_text(schema: Table) -> pl.Expr:
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in schema.key]
    return pl.concat_str(parts, separator=" ") if len(parts) > 1 else parts[0]


def _money(schema: Table) -> list[pl.Expr]:
    """The money a row stands for, and its currency, where the table has any."""
    match schema.name:
        case "documents" | "verify":
            return [pl.col("amount"), pl.col("currency")]
        case "settlements":
            return [pl.col("amount"), pl.col("_currency").alias("currency")]
        case "gl_balances":
            return [pl.col("balance").alias("amount"), pl.col("currency")]
        case _:
            return [pl.lit(None, pl.Decimal(38, 6)).alias("amount"), pl.lit(None, pl.String).alias("currency")]


def _quarantined(rows: pl.DataFrame, table: CastTable, rules: list[Rule], schema: Table) -> pl.DataFrame:
    """Rejected rows in the shape of ``QUARANTINE``; the reason quotes the raw value."""
    cells = [_cell(raw) for raw in table.raw.drop(ROW)]
    shown = rows.select(ROW, "_rule").join(table.raw.select(ROW, *cells), on=ROW, how="left")
    broken = {int(code): rules[int(code)] for code in rows["_rule"].unique()}
    ids = {code: rule.id for code, rule in broken.items()}
    reasons = [pl.when(pl.col("_rule") == code).then(_reason(rule, shown)) for code, rule in broken.items()]
    told = shown.select(
        pl.col(ROW).alias("row"),
        pl.col("_rule").replace_strict(ids, return_dtype=pl.String).alias("rule"),
        pl.coalesce(reasons).alias("reason"),
        pl.struct(shown.columns[2:]).struct.json_encode().alias("raw"),
    )
    known = rows.select(pl.col(ROW).alias("row"), _key_text(schema).alias("key"), *_money(schema))
    return (
        told.join(known, on="row", how="left")
        .with_columns(table=pl.lit(schema.name))
        .select(pl.col(name).cast(dtype) for name, dtype in QUARANTINE.items())
        .sort("row")
    )


def _cell(raw: pl.Series) -> pl.Series:
    """A raw column as JSON can hold it: NaN and infinity, which it does not know, as text."""
    return raw.cast(pl.String) if raw.dtype.is_float() and not raw.is_finite().all() else raw


def _reason(rule: Rule, shown: pl.DataFrame) -> pl.Expr:
    """The rule's reason with the raw value in its place, whatever signs that value holds."""
    before, mark, after = rule.reason.partition("{value}")
    if not mark:
        return pl.lit(rule.reason)
    value = pl.col(rule.column).cast(pl.String).fill_null("") if rule.column in shown.columns else pl.lit("")
    return pl.concat_str(pl.lit(before), value, pl.lit(after))


def _warned(rule: Rule, hit: pl.DataFrame, schema: Table) -> pl.DataFrame:
    if hit.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    told = hit.select(
        pl.lit(schema.name).alias("table"),
        pl.lit(rule.id).alias("rule"),
        _key_text(schema).alias("key"),
        *_money(schema),
        pl.lit(Severity.WARNING).alias("severity"),
        pl.col(ROW).alias("row"),
    )
    return _findings(told)


def _findings(told: pl.DataFrame) -> pl.DataFrame:
    """Rows by rule and currency, with the sum of their absolute amounts and the first keys."""
    return (
        told.group_by("rule", "table", "severity", "currency", maintain_order=True)
        .agg(
            rows=pl.len().cast(pl.Int64),
            amount=pl.when(pl.col("amount").is_not_null().any())
            .then(pl.col("amount").abs().sum())
            .cast(pl.Decimal(38, 6)),
            examples=pl.col("key").head(EXAMPLES),
            rows_of_examples=pl.col("row").head(EXAMPLES),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())
    )


def noted(rule: str, table: str, differing: pl.DataFrame) -> pl.DataFrame:
    """Findings (schema ``FINDINGS``) of what was found in finished books.

    ``differing``: ``document_id``, else ``customer_id``, ``currency`` and ``difference`` in major units, a row an item.
    """
    told = differing.select(
        pl.lit(rule).alias("rule"),
        pl.lit(table).alias("table"),
        pl.coalesce("document_id", "customer_id").alias("key"),
        pl.col("difference").cast(pl.Decimal(38, 6)).alias("amount"),
        "currency",
        pl.lit(Severity.WARNING).alias("severity"),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
    )
    return _findings(told)


def every_rule() -> pl.DataFrame:
    """All rules in the order they are applied: ``rule, table, severity``; a rule of several columns stands once."""
    rows = [(rule.id, rule.table, rule.severity.value) for rule in RULES]
    rows += [(KEY_REPEATED, name, Severity.ERROR.value) for name in TABLES]
    rows += [(rule.id, rule.table, rule.severity.value) for rule in (_NO_RATE, _EARLY_RATE)]
    rows += [(HISTORY_CHANGED, "documents", Severity.WARNING.value), (SOURCE_DIFFERS, "verify", Severity.WARNING.value)]
    rank = {name: index for index, name in enumerate(TABLES)}
    once = sorted(dict.fromkeys(rows), key=lambda row: (rank[row[1]], row[2]))
    return pl.DataFrame(once, schema=["rule", "table", "severity"], orient="row")
