-- One row a journal item on a receivable account: Odoo writes one for each instalment of an invoice, for each payment
-- and for each manual entry, and ages these.
SELECT
    l.id AS document_id,
    -- The item's own partner, as in Odoo's reports; 0 stands for none.
    COALESCE(l.partner_id, 0) AS customer_id,
    co.name AS entity,
    CASE
        WHEN m.move_type IN ('out_invoice', 'out_receipt', 'out_refund') AND CAST(l.amount_currency AS NUMERIC) < 0
            THEN 'credit_memo'
        WHEN m.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
        WHEN m.move_type = 'out_refund' THEN 'debit_memo'
        -- Money that was paid out raises what is owed, and is no receipt: it stays a journal.
        WHEN j.type IN ('bank', 'cash', 'credit') AND CAST(l.amount_currency AS NUMERIC) < 0 THEN 'payment'
        ELSE 'journal'
    END AS kind,
    COALESCE(m.invoice_date, l.date) AS document_date,
    -- The accounting date says from which day on an item is in Odoo's reports, not the date on the invoice.
    l.date AS posting_date,
    -- The item's own due date: that of the invoice is the one of its last instalment.
    COALESCE(l.date_maturity, l.date) AS due_date,
    cur.name AS currency,
    l.amount_currency AS amount,
    l.balance AS amount_base,
    own.name AS base_currency,
    m.name AS number
FROM account_move_line AS l
INNER JOIN account_move AS m ON m.id = l.move_id
INNER JOIN account_journal AS j ON j.id = m.journal_id
-- By type, not by number: partners may have a receivable account of their own, and points of sale have one too.
INNER JOIN account_account AS a ON a.id = l.account_id
INNER JOIN res_company AS co ON co.id = l.company_id
INNER JOIN res_currency AS cur ON cur.id = l.currency_id
INNER JOIN res_currency AS own ON own.id = l.company_currency_id
WHERE
    a.account_type = 'asset_receivable'
    AND (a.non_trade IS NOT TRUE OR '{{non_trade}}' = 'included')
    -- Drafts and cancelled entries keep their items, some even with a residual.
    AND l.parent_state = 'posted'
    AND l.company_id IN ({{companies}})
