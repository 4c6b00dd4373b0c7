-- Each settlement writes a row for either transaction: each row settles its own (transrecid), and names the other
-- (offsetrecid). A settlement that is undone writes both rows again with the opposite sign: all of them count.
SELECT
    CAST(s.recid AS VARCHAR(20)) AS settlement_id,
    CAST(s.transrecid AS VARCHAR(20)) AS document_id,
    -- The later of the settlement's date and those of both transactions.
    CASE
        WHEN o.transdate > s.transdate AND o.transdate >= t.transdate THEN o.transdate
        WHEN t.transdate > s.transdate THEN t.transdate
        ELSE s.transdate
    END AS settled_on,
    s.settleamountcur AS amount,
    -- What is settled is valued at the settlement's rate; the exchange adjustment leads back to the transaction's own,
    -- as in Dynamics' own balance of a past day.
    s.settleamountmst + s.exchadjustment AS amount_base,
    CASE
        -- What Dynamics made itself beside a settlement (see documents): the other side says what it was for.
        WHEN t.transtype IN (9, 24, 27, 28, 29, 30) THEN 'other'
        WHEN o.transtype = 27 THEN 'discount'
        WHEN o.transtype IN (28, 29) THEN 'write_off'
        WHEN o.transtype = 9 THEN 'other'
        WHEN t.transtype = 15 OR o.transtype = 15 THEN 'cash'
        -- Either side is a credit note.
        WHEN t.amountcur < 0 AND (t.transtype IN (2, 8) OR t.invoice <> '') THEN 'credit'
        WHEN o.amountcur < 0 AND (o.transtype IN (2, 8) OR o.invoice <> '') THEN 'credit'
        ELSE 'other'
    END AS kind
FROM custsettlement s
INNER JOIN custtrans t ON t.recid = s.transrecid AND t.dataareaid = s.transcompany
-- The other side may be in another company.
LEFT JOIN custtrans o ON o.recid = s.offsetrecid AND o.dataareaid = s.offsetcompany
