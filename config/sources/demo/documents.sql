-- One row per payment line of a transaction, and one per receipt.
-- The ERP stores unsigned whole minor units. What lowers the debt (credit memos, receipts) becomes negative here, and the
-- decimal point is set by integer arithmetic, so that no amount ever passes through a float. Yen have no decimals.
-- CROSS JOIN is an ordinary join that SQLite takes in the order written, here and in the other files.
WITH line AS (
    SELECT
        t.co_cd || '-' || t.trx_no || '-' || s.line_no AS document_id,
        t.cust_no AS customer_id,
        co.name AS entity,
        CASE t.trx_type
            WHEN 'INV' THEN 'invoice'
            WHEN 'DBM' THEN 'debit_memo'
            WHEN 'CRM' THEN 'credit_memo'
            WHEN 'JNL' THEN 'journal'
            ELSE t.trx_type
        END AS kind,
        t.trx_date AS document_date,
        t.post_date AS posting_date,
        s.due_date AS due_date,
        t.curr_cd AS currency,
        cu.decimals AS decimals,
        CASE t.trx_type WHEN 'CRM' THEN -s.amt ELSE s.amt END AS minor,
        CASE t.trx_type WHEN 'CRM' THEN -s.amt_loc ELSE s.amt_loc END AS minor_base,
        co.curr_cd AS base_currency,
        iif(t.dispute_cd IS NULL, 'false', 'true') AS disputed,
        rs.name AS dispute_reason,
        -- Instalments share an invoice number, so the line tells them apart.
        iif(s.line_no > 1, t.doc_ref || '/' || s.line_no, t.doc_ref) AS number
    FROM ar_trx AS t
    CROSS JOIN ar_sched AS s ON s.trx_id = t.trx_id
    LEFT JOIN company AS co ON co.co_cd = t.co_cd
    LEFT JOIN curr AS cu ON cu.curr_cd = t.curr_cd
    LEFT JOIN reason AS rs ON rs.reason_cd = t.dispute_cd

    UNION ALL

    SELECT
        r.co_cd || '-R' || r.rcpt_no,
        r.cust_no,
        co.name,
        'payment',
        r.rcpt_date,
        r.post_date,
        r.rcpt_date,
        r.curr_cd,
        cu.decimals,
        -r.amt,
        -r.amt_loc,
        co.curr_cd,
        'false',
        NULL,
        r.rcpt_no
    FROM ar_rcpt AS r
    LEFT JOIN company AS co ON co.co_cd = r.co_cd
    LEFT JOIN curr AS cu ON cu.curr_cd = r.curr_cd
)
SELECT
    document_id,
    customer_id,
    entity,
    kind,
    document_date,
    posting_date,
    due_date,
    currency,
    CASE decimals
        WHEN 0 THEN CAST(minor AS TEXT)
        ELSE iif(minor < 0, '-', '') || (abs(minor) / 100) || '.' || substr(abs(minor) % 100 + 100, 2)
    END AS amount,
    iif(minor_base < 0, '-', '') || (abs(minor_base) / 100) || '.' || substr(abs(minor_base) % 100 + 100, 2) AS amount_base,
    base_currency,
    disputed,
    dispute_reason,
    number
FROM line
