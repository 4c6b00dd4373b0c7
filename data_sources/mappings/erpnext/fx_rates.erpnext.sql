-- Rates for selling, from any currency into the reporting currency: one unit of `currency` is worth `rate`.
SELECT
    from_currency AS currency,
    date,
    exchange_rate AS rate
FROM `tabCurrency Exchange`
WHERE
    to_currency = '{{reporting_currency}}'
    AND for_selling = 1
