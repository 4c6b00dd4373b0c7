-- Odoo's rates are units of a currency for one unit of a common measure, mostly the company's currency: what one unit
-- is worth in the reporting currency is the quotient of both rates of the day. Rates kept for one company only are read
-- where it is the first of those asked for.
WITH
rates AS (
    SELECT
        cur.name AS currency,
        r.name AS day,
        CAST(r.rate AS NUMERIC) AS rate
    FROM res_currency_rate AS r
    INNER JOIN res_currency AS cur ON cur.id = r.currency_id
    WHERE
        CAST(r.rate AS NUMERIC) > 0
        AND (
            r.company_id IS NULL
            OR r.company_id = (SELECT MIN(co.id) FROM res_company AS co WHERE co.id IN ({{companies}}))
        )
),

-- A currency that never had a rate is the measure itself.
reporting AS (
    SELECT
        day,
        rate
    FROM rates
    WHERE currency = '{{reporting_currency}}'
),

days AS (
    SELECT
        x.currency,
        x.day,
        x.rate,
        (SELECT MAX(o.day) FROM reporting AS o WHERE o.day <= x.day) AS reporting_day
    FROM rates AS x
    WHERE
        '{{reporting_currency}}' <> ''
        AND x.currency <> '{{reporting_currency}}'
)

SELECT
    d.currency,
    d.day AS date,
    -- 1.0: SQLite would divide whole numbers without their fraction.
    ROUND(1.0 * COALESCE(o.rate, 1) / d.rate, 10) AS rate
FROM days AS d
LEFT JOIN reporting AS o ON o.day = d.reporting_day
WHERE
    o.rate IS NOT NULL
    OR NOT EXISTS (SELECT 1 FROM reporting)
