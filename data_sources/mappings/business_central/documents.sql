-- One row a customer ledger entry. Amount and Remaining Amount of an entry are computed fields that no table holds: the
-- amount is the sum of its detailed entries of type 1, Initial Entry. Debits are positive there, credits negative.
--
-- Entry Type and Document Type are numbers in the database (read in Business Central's published source; that NAV has the
-- same, and that they stand in the tables as numbers, is general knowledge):
--   Entry Type of detailed entries: 1 Initial Entry, 2 Application, 3/4 Unrealized Loss/Gain, 5/6 Realized Loss/Gain,
--   7 Payment Discount, 8 … (VAT Excl.), 9 … (VAT Adjustment), 10 Appln. Rounding, 11 Correction of Remaining Amount,
--   12 Payment Tolerance, 13 Payment Discount Tolerance, 14/15 Payment Tolerance (VAT Excl., VAT Adjustment),
--   16/17 Payment Discount Tolerance (VAT Excl., VAT Adjustment).
--   Document Type: 0 none, 1 Payment, 2 Invoice, 3 Credit Memo, 4 Finance Charge Memo, 5 Reminder, 6 Refund.
--
-- Columns are named with their table throughout: SQLite takes a quoted name that it does not find for a text.
SELECT
    CAST(e."Entry No_" AS VARCHAR(20)) AS document_id,
    e."Customer No_" AS customer_id,
    '{{company}}' AS entity,
    CASE e."Document Type"
        WHEN 1 THEN 'payment'
        WHEN 2 THEN 'invoice'
        WHEN 3 THEN 'credit_memo'
        WHEN 4 THEN 'debit_memo'
        WHEN 5 THEN 'debit_memo'
        -- A refund bills nothing; what it pays back is told by the entry that it settles.
        ELSE 'journal'
    END AS kind,
    e."Document Date" AS document_date,
    e."Posting Date" AS posting_date,
    -- An empty date is 1 January 1753 there, with or without a time behind it.
    CASE WHEN e."Due Date" >= '1753-01-02' THEN e."Due Date" END AS due_date,
    CASE WHEN e."Currency Code" = '' THEN '{{lcy}}' ELSE e."Currency Code" END AS currency,
    i.amount AS amount,
    i.base AS amount_base,
    '{{lcy}}' AS base_currency,
    -- On hold from reminders and payment suggestions: the nearest that there is to a dispute. Today's word only.
    CASE WHEN e."On Hold" <> '' THEN 1 ELSE 0 END AS disputed,
    e."On Hold" AS dispute_reason,
    e."Document No_" AS "number"
FROM "{{company}}$Cust_ Ledger Entry{{app}}" e
-- An entry without an Initial Entry has no amount, and goes to quarantine rather than away.
LEFT JOIN (
    SELECT
        d."Cust_ Ledger Entry No_" AS entry,
        CAST(SUM(d."Amount") AS DECIMAL(19, 4)) AS amount,
        CAST(SUM(d."Amount (LCY)") AS DECIMAL(19, 4)) AS base
    FROM "{{company}}$Detailed Cust_ Ledg_ Entry{{app}}" d
    WHERE d."Entry Type" = 1
    GROUP BY d."Cust_ Ledger Entry No_"
) i ON i.entry = e."Entry No_"
