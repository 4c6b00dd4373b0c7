-- One row a move line on a receivable account: Tryton writes one for each instalment of an invoice, for each payment and for
-- each manual entry, and its aged balance is made of them. SQLite keeps Tryton's numbers as bytes of text: hence the CASTs.
SELECT
    l.id AS document_id,
    COALESCE(NULLIF(TRIM(p.code), ''), '#' || p.id) AS customer_id,
    COALESCE(NULLIF(TRIM(own.name), ''), own.code) AS entity,
    CASE
        WHEN i.id IS NOT NULL AND CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) < 0 THEN 'credit_memo'
        WHEN i.id IS NOT NULL THEN 'invoice'
        -- A move that takes an invoice back names that invoice's move as its origin.
        WHEN taken_back.id IS NOT NULL AND CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) < 0 THEN 'credit_memo'
        WHEN taken_back.id IS NOT NULL THEN 'debit_memo'
        -- Money that was paid out raises what is owed, and is no receipt: it stays a journal.
        WHEN CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) >= 0 THEN 'journal'
        WHEN j.type IN ('cash', 'statement') THEN 'payment'
        -- Statements and payments of the modules of that name may be booked in any journal.
        WHEN m.origin LIKE 'account.statement%' OR m.origin LIKE 'account.payment%' THEN 'payment'
        ELSE 'journal'
    END AS kind,
    COALESCE(i.invoice_date, m.date) AS document_date,
    -- The move's date says from which day on a line is in the aged balance, not the date on the invoice.
    m.date AS posting_date,
    -- Each instalment has its own. Payments have none, and are aged by their date.
    COALESCE(l.maturity_date, m.date) AS due_date,
    COALESCE(second.code, base.code) AS currency,
    CASE
        WHEN second.id IS NOT NULL THEN CAST(l.amount_second_currency AS NUMERIC)
        ELSE CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC)
    END AS amount,
    CAST(l.debit AS NUMERIC) - CAST(l.credit AS NUMERIC) AS amount_base,
    base.code AS base_currency,
    COALESCE(i.number, m.number) AS number,
    -- A line is blocked where its dunning is to go no further, which is what happens when the customer objects.
    l.id IN (SELECT d.line FROM account_dunning AS d WHERE d.blocked) AS disputed
FROM account_move_line AS l
INNER JOIN account_move AS m ON m.id = l.move
INNER JOIN account_journal AS j ON j.id = m.journal
INNER JOIN account_account AS a ON a.id = l.account
-- By type, not by number: a party may have a receivable account of its own.
INNER JOIN account_account_type AS t ON t.id = a.type
-- An account may be of another type while it is in debit or in credit.
LEFT JOIN account_account_type AS in_debit ON in_debit.id = a.debit_type
LEFT JOIN account_account_type AS in_credit ON in_credit.id = a.credit_type
INNER JOIN party_party AS p ON p.id = l.party
INNER JOIN company_company AS co ON co.id = m.company
INNER JOIN party_party AS own ON own.id = co.party
INNER JOIN currency_currency AS base ON base.id = co.currency
LEFT JOIN currency_currency AS second ON second.id = l.second_currency AND l.amount_second_currency IS NOT NULL
-- Only an invoice's own move: payments made from an invoice have it as their origin too.
LEFT JOIN account_invoice AS i ON i.move = m.id AND i.type = 'out'
LEFT JOIN account_invoice AS taken_back ON m.origin = 'account.move,' || taken_back.move AND taken_back.type = 'out'
WHERE
    (
        t.receivable
        OR (in_debit.receivable AND CAST(l.debit AS NUMERIC) <> 0)
        OR (in_credit.receivable AND CAST(l.credit AS NUMERIC) <> 0)
    )
    AND (m.state = 'posted' OR '{{drafts}}' = 'counted')
    AND m.company IN ({{companies}})
