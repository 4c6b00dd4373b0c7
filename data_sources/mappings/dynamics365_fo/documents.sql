-- One row a posted customer transaction: invoices are positive there, payments and credit notes negative.
-- Plain enough for SQL Server, SQLite and the SQL over files; names are in lower case as Synapse Link and Fabric have
-- them, which a database that does not mind capitals takes as well.
SELECT
    CAST(t.recid AS VARCHAR(20)) AS document_id,
    -- Account 1001 of two companies is two customers: the row's own id tells them apart.
    COALESCE(CAST(c.recid AS VARCHAR(20)), t.accountnum) AS customer_id,
    t.dataareaid AS entity,
    -- transtype is a number there (LedgerTransType).
    CASE
        WHEN t.transtype = 15 THEN 'payment'
        -- 9 revaluation, 24 settlement, 27 cash discount, 28 over- or underpayment, 29 penny difference, 30 settlement
        -- between companies: made by Dynamics beside other transactions, and no bill of their own.
        WHEN t.transtype IN (9, 24, 27, 28, 29, 30) THEN 'journal'
        -- 7 interest, 13 collection letter, 22 fee.
        WHEN t.transtype IN (7, 13, 22) AND t.amountcur >= 0 THEN 'debit_memo'
        -- 2 sales order, 8 customer (free text invoice); other types with an invoice number, such as general journals.
        WHEN t.transtype IN (2, 8) AND t.amountcur < 0 THEN 'credit_memo'
        WHEN t.transtype IN (2, 8) THEN 'invoice'
        WHEN t.invoice <> '' AND t.amountcur < 0 THEN 'credit_memo'
        WHEN t.invoice <> '' THEN 'invoice'
        ELSE 'journal'
    END AS kind,
    -- An empty date is 1 January 1900 there, with or without a time behind it.
    CASE WHEN t.documentdate >= '1900-01-02' THEN t.documentdate ELSE t.transdate END AS document_date,
    t.transdate AS posting_date,
    -- One date a transaction. The dates of instalments stand in CustTransOpen only, and go when they are settled.
    CASE WHEN t.duedate >= '1900-01-02' THEN t.duedate END AS due_date,
    t.currencycode AS currency,
    t.amountcur AS amount,
    t.amountmst AS amount_base,
    l.accountingcurrency AS base_currency,
    CASE WHEN t.invoice <> '' THEN t.invoice ELSE t.voucher END AS "number"
FROM custtrans t
-- The company is part of every join: account numbers repeat from company to company.
LEFT JOIN custtable c ON c.accountnum = t.accountnum AND c.dataareaid = t.dataareaid
LEFT JOIN ledger l ON UPPER(l.name) = UPPER(t.dataareaid)
