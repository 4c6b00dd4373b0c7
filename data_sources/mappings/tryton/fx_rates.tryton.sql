-- Tryton's rates are units of a currency for one unit of a common measure: what one unit is worth in the reporting currency
-- is the quotient of both rates, on each day on which either changed.
WITH
rates AS (
    SELECT
        c.code AS currency,
        r.date,
        CAST(r.rate AS NUMERIC) AS rate
    FROM currency_currency_rate AS r
    INNER JOIN currency_currency AS c ON c.id = r.currency
    WHERE CAST(r.rate AS NUMERIC) > 0
),

days AS (
    SELECT
        x.currency,
        x.date
    FROM rates AS x
    WHERE x.currency <> '{{reporting_currency}}'
    UNION
    SELECT
        x.currency,
        o.date
    FROM rates AS x
    INNER JOIN rates AS o ON o.currency = '{{reporting_currency}}'
    WHERE x.currency <> '{{reporting_currency}}'
),

dated AS (
    SELECT
        d.currency,
        d.date,
        (SELECT MAX(x.date) FROM rates AS x WHERE x.currency = d.currency AND x.date <= d.date) AS own_date,
        (SELECT MAX(o.date) FROM rates AS o WHERE o.currency = '{{reporting_currency}}' AND o.date <= d.date) AS other_date
    FROM days AS d
)

SELECT
    d.currency,
    d.date,
    -- 1.0: SQLite would divide whole numbers without their fraction.
    ROUND(1.0 * o.rate / x.rate, 10) AS rate
FROM dated AS d
INNER JOIN rates AS x ON x.currency = d.currency AND x.date = d.own_date
INNER JOIN rates AS o ON o.currency = '{{reporting_currency}}' AND o.date = d.other_date
