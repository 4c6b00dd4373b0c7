-- Whatever posts to an account of type receivable, a row a transaction. So the account decides, not a list of types:
-- journals come in, and customer deposits stay out until a deposit application posts them here.
WITH
receivable AS (
    SELECT
        t.id AS id,
        t.type AS type,
        t.tranid AS tranid,
        t.trandate AS trandate,
        t.duedate AS duedate,
        t.currency AS currency,
        -- The line knows its customer, which in a journal is another on each line.
        COALESCE(tl.entity, t.entity) AS customer,
        MIN(tl.subsidiary) AS subsidiary,
        -- The line has the amount in the transaction's currency, the accounting line the one in base currency. Both have
        -- the sign of the posting: debits raise the debt, so that payments and credits are negative by themselves.
        SUM(tl.foreignamount) AS amount,
        SUM(tal.amount) AS amount_base
    FROM {{prefix}}transactionaccountingline tal
    INNER JOIN {{prefix}}account a ON a.id = tal.account
    INNER JOIN "{{prefix}}transaction" t ON t.id = tal."transaction"
    INNER JOIN {{prefix}}transactionline tl
        ON tl."transaction" = tal."transaction"
        AND tl.id = tal.transactionline
    WHERE
        a.accttype = 'AcctRec'
        -- There is a set of accounting lines for each accounting book: more than one would count all twice.
        AND tal.accountingbook = {{book}}
        -- What waits for approval does not post; void is void, unless a journal undid it: that posts by itself.
        AND tal.posting = 'T'
        AND t.posting = 'T'
        AND COALESCE(t.voided, 'F') = 'F'
        -- A revaluation of open items has base money only, of no customer, and comes back in the next period.
        AND t.type <> 'FxReval'
    GROUP BY
        t.id,
        t.type,
        t.tranid,
        t.trandate,
        t.duedate,
        t.currency,
        COALESCE(tl.entity, t.entity)
)

SELECT
    CASE
        WHEN r.type = 'Journal' THEN CAST(r.id AS VARCHAR(40)) || '-' || CAST(r.customer AS VARCHAR(40))
        ELSE CAST(r.id AS VARCHAR(40))
    END AS document_id,
    CAST(r.customer AS VARCHAR(40)) AS customer_id,
    COALESCE(s.name, CAST(r.subsidiary AS VARCHAR(40))) AS entity,
    CASE
        WHEN r.type IN ('CustInvc', 'CustChrg') THEN 'invoice'
        WHEN r.type = 'CustCred' THEN 'credit_memo'
        WHEN r.type IN ('CustPymt', 'DepAppl') THEN 'payment'
        -- Refunds take up credits; journals may be anything.
        ELSE 'journal'
    END AS kind,
    r.trandate AS document_date,
    CASE WHEN r.amount > 0 THEN r.duedate END AS due_date,
    c.symbol AS currency,
    r.amount AS amount,
    r.amount_base AS amount_base,
    sc.symbol AS base_currency,
    r.tranid AS number
FROM receivable r
LEFT JOIN {{prefix}}subsidiary s ON s.id = r.subsidiary
LEFT JOIN {{prefix}}currency c ON c.id = r.currency
LEFT JOIN {{prefix}}currency sc ON sc.id = s.currency
