-- Applications are links between lines: the former document is the one that is paid, the next the one that pays. The
-- documents are those of documents.sql; what is void, not approved or in no receivable account links to nothing here.
WITH
receivable AS (
    SELECT
        t.id AS id,
        t.type AS type,
        t.trandate AS trandate,
        COALESCE(tl.entity, t.entity) AS customer,
        SUM(tl.foreignamount) AS amount
    FROM {{prefix}}transactionaccountingline tal
    INNER JOIN {{prefix}}account a ON a.id = tal.account
    INNER JOIN {{prefix}}transaction t ON t.id = tal.transaction
    INNER JOIN {{prefix}}transactionline tl
        ON tl.transaction = tal.transaction
        AND tl.id = tal.transactionline
    WHERE
        a.accttype = 'AcctRec'
        AND tal.accountingbook = {{book}}
        AND tal.posting = 'T'
        AND t.posting = 'T'
        AND COALESCE(t.voided, 'F') = 'F'
        AND t.type <> 'FxReval'
    GROUP BY
        t.id,
        t.type,
        t.trandate,
        COALESCE(tl.entity, t.entity)
),

documents AS (
    SELECT
        id AS id,
        CASE
            WHEN type = 'Journal' THEN CAST(id AS VARCHAR(40)) || '-' || CAST(customer AS VARCHAR(40))
            ELSE CAST(id AS VARCHAR(40))
        END AS document_id,
        type AS type,
        trandate AS trandate,
        -- Of a journal only the line says which of its documents is meant.
        CASE WHEN type = 'Journal' THEN customer END AS customer,
        CASE WHEN amount < 0 THEN -1 ELSE 1 END AS sign
    FROM receivable
),

links AS (
    SELECT
        paid.document_id AS paid_id,
        paid.type AS paid_type,
        paid.sign AS paid_sign,
        paying.document_id AS paying_id,
        paying.type AS paying_type,
        paying.sign AS paying_sign,
        l.linktype AS linktype,
        -- The later of both dates: NetSuite keeps none of the application.
        CASE WHEN paid.trandate > paying.trandate THEN paid.trandate ELSE paying.trandate END AS settled_on,
        SUM(ABS(l.foreignamount)) AS amount
    FROM {{prefix}}nexttransactionlinelink l
    LEFT JOIN {{prefix}}transactionline pl
        ON pl.transaction = l.previousdoc
        AND pl.id = l.previousline
    LEFT JOIN {{prefix}}transactionline nl
        ON nl.transaction = l.nextdoc
        AND nl.id = l.nextline
    INNER JOIN documents paid
        ON paid.id = l.previousdoc
        AND (paid.customer IS NULL OR paid.customer = pl.entity)
    INNER JOIN documents paying
        ON paying.id = l.nextdoc
        AND (paying.customer IS NULL OR paying.customer = nl.entity)
    -- Orders, shipments and billings are linked in the same table.
    WHERE l.linktype IN ('Payment', 'PymtDisc')
    GROUP BY
        paid.document_id,
        paid.type,
        paid.sign,
        paid.trandate,
        paying.document_id,
        paying.type,
        paying.sign,
        paying.trandate,
        l.linktype
)

SELECT
    paid_id || '-' || paying_id || '-' || linktype || '-PAID' AS settlement_id,
    paid_id AS document_id,
    settled_on AS settled_on,
    paid_sign * amount AS amount,
    CASE
        WHEN linktype = 'PymtDisc' THEN 'discount'
        WHEN paying_type = 'CustRfnd' THEN 'refund'
        WHEN paying_type = 'CustCred' THEN 'credit'
        WHEN paying_type IN ('CustPymt', 'DepAppl') THEN 'cash'
        ELSE 'other'
    END AS kind
FROM links
UNION ALL
SELECT
    paid_id || '-' || paying_id || '-' || linktype || '-PAYING',
    paying_id,
    settled_on,
    paying_sign * amount,
    CASE
        WHEN paying_type = 'CustCred' THEN 'credit'
        WHEN paying_type IN ('CustPymt', 'DepAppl') THEN 'cash'
        -- The refund and the journal themselves: they move nothing but what they pay.
        ELSE 'other'
    END
FROM links
