-- Stripe's own word on what is open. Only open invoices are owed: void ones keep an amount remaining too.
SELECT
    i.id AS document_id,
    i.customer_id AS customer_id,
    UPPER(i.currency) AS currency,
    i.amount_remaining * 1.0 / CASE
        WHEN UPPER(i.currency) IN (
            'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
        ) THEN 1
        WHEN UPPER(i.currency) IN ('BHD', 'JOD', 'KWD', 'OMR', 'TND') THEN 1000
        ELSE 100
    END AS amount
FROM {{prefix}}invoice i
WHERE
    i.status = 'open'
    AND COALESCE(i.is_deleted, FALSE) = FALSE
    AND i.livemode = {{livemode}}
    AND i.amount_remaining <> 0
