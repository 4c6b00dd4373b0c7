-- What closes each document. An application closes both of its documents, and neither before both are posted, so both rows
-- carry the latest of the three days. A row takes the sign of the document it closes: receipts and credit memos are negative.
WITH applied AS NOT MATERIALIZED (
    SELECT
        a.appl_id,
        a.amt,
        a.amt_loc,
        a.disc,
        a.disc_loc,
        a.fx_loc,
        t.co_cd || '-' || t.trx_no || '-' || a.line_no AS invoice_id,
        r.co_cd || '-R' || r.rcpt_no AS receipt_id,
        max(a.appl_date, t.post_date, r.post_date) AS settled_on,
        cu.decimals AS decimals
    FROM ar_appl AS a
    CROSS JOIN ar_trx AS t ON t.trx_id = a.trx_id
    CROSS JOIN ar_rcpt AS r ON r.rcpt_id = a.rcpt_id
    CROSS JOIN curr AS cu ON cu.curr_cd = t.curr_cd
),
credited AS NOT MATERIALIZED (
    SELECT
        a.cma_id,
        a.amt,
        a.amt_loc,
        t.co_cd || '-' || t.trx_no || '-' || a.line_no AS invoice_id,
        m.co_cd || '-' || m.trx_no || '-1' AS memo_id,
        max(a.appl_date, t.post_date, m.post_date) AS settled_on,
        cu.decimals AS decimals
    FROM ar_cm_appl AS a
    CROSS JOIN ar_trx AS t ON t.trx_id = a.trx_id
    CROSS JOIN ar_trx AS m ON m.trx_id = a.cm_trx_id
    CROSS JOIN curr AS cu ON cu.curr_cd = t.curr_cd
),
closed AS (
    -- money, on the invoice
    SELECT 'A' || appl_id || '-I' AS settlement_id, invoice_id AS document_id, settled_on, decimals,
        amt AS minor, amt_loc AS minor_base, 'cash' AS kind
    FROM applied
    UNION ALL
    -- money, on the receipt
    SELECT 'A' || appl_id || '-R', receipt_id, settled_on, decimals, -amt, -amt_loc, 'cash'
    FROM applied
    UNION ALL
    -- the discount taken with it
    SELECT 'A' || appl_id || '-D', invoice_id, settled_on, decimals, disc, disc_loc, 'discount'
    FROM applied WHERE disc <> 0
    UNION ALL
    -- the realised exchange difference: what the receipt did not bring, or brought too much, in the company's currency
    SELECT 'A' || appl_id || '-X', invoice_id, settled_on, decimals, 0, fx_loc, 'fx'
    FROM applied WHERE fx_loc <> 0
    UNION ALL
    -- credit memos, on the invoice and on the memo
    SELECT 'C' || cma_id || '-I', invoice_id, settled_on, decimals, amt, amt_loc, 'credit'
    FROM credited
    UNION ALL
    SELECT 'C' || cma_id || '-M', memo_id, settled_on, decimals, -amt, -amt_loc, 'credit'
    FROM credited
    UNION ALL
    -- adjustments of transactions. One whose transaction is not found keeps its number, for the quality page to name.
    SELECT 'J' || j.adj_id,
        coalesce(t.co_cd || '-' || t.trx_no || '-' || j.line_no, 'transaction ' || j.target_id),
        coalesce(max(j.adj_date, t.post_date), j.adj_date),
        cu.decimals,
        CASE t.trx_type WHEN 'CRM' THEN -j.amt ELSE j.amt END,
        CASE t.trx_type WHEN 'CRM' THEN -j.amt_loc ELSE j.amt_loc END,
        CASE j.adj_cd
            WHEN 'BAD' THEN 'write_off'
            WHEN 'SML' THEN 'write_off'
            WHEN 'NSF' THEN 'cash'
            WHEN 'RFD' THEN 'refund'
            WHEN 'RCL' THEN 'other'
            ELSE j.adj_cd
        END
    FROM ar_adj AS j
    LEFT JOIN ar_trx AS t ON t.trx_id = j.target_id
    LEFT JOIN curr AS cu ON cu.curr_cd = t.curr_cd
    WHERE j.target = 'T'
    UNION ALL
    -- refunds of receipts
    SELECT 'J' || j.adj_id, r.co_cd || '-R' || r.rcpt_no, max(j.adj_date, r.post_date), cu.decimals, -j.amt, -j.amt_loc, 'refund'
    FROM ar_adj AS j
    CROSS JOIN ar_rcpt AS r ON r.rcpt_id = j.target_id
    CROSS JOIN curr AS cu ON cu.curr_cd = r.curr_cd
    WHERE j.target = 'R'
)
SELECT
    settlement_id,
    document_id,
    settled_on,
    CASE decimals
        WHEN 0 THEN CAST(minor AS TEXT)
        ELSE iif(minor < 0, '-', '') || (abs(minor) / 100) || '.' || substr(abs(minor) % 100 + 100, 2)
    END AS amount,
    iif(minor_base < 0, '-', '') || (abs(minor_base) / 100) || '.' || substr(abs(minor_base) % 100 + 100, 2) AS amount_base,
    kind
FROM closed
