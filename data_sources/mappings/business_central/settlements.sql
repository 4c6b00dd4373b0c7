-- Every detailed entry that is not an Initial Entry (see documents for the numbers) took from its own ledger entry, or
-- gave back. An application has one for either side. One that is undone stays, with a second of the opposite sign, both
-- marked Unapplied: they net, so that the mark must not be asked for.
SELECT
    CAST(d."Entry No_" AS VARCHAR(20)) AS settlement_id,
    CAST(d."Cust_ Ledger Entry No_" AS VARCHAR(20)) AS document_id,
    -- Its own posting date governs. Business Central lets none be before either side; should one be, the later counts.
    CASE
        WHEN o."Posting Date" > d."Posting Date" AND o."Posting Date" >= e."Posting Date" THEN o."Posting Date"
        WHEN e."Posting Date" > d."Posting Date" THEN e."Posting Date"
        ELSE d."Posting Date"
    END AS settled_on,
    CAST(-d."Amount" AS DECIMAL(19, 4)) AS amount,
    CAST(-d."Amount (LCY)" AS DECIMAL(19, 4)) AS amount_base,
    CASE
        -- Exchange gains and losses, realized or not, move the company's currency only.
        WHEN d."Entry Type" IN (3, 4, 5, 6) THEN 'fx'
        WHEN d."Entry Type" IN (7, 8, 9, 13, 16, 17) THEN 'discount'
        WHEN d."Entry Type" IN (12, 14, 15) THEN 'write_off'
        WHEN d."Entry Type" <> 2 AND d."Amount" = 0 THEN 'fx'
        WHEN d."Entry Type" <> 2 THEN 'other'
        -- Applications, by what either side is. A refund's own side is other: its ledger entry is a journal.
        WHEN e."Document Type" = 6 THEN 'other'
        WHEN e."Document Type" IN (1, 3) AND o."Document Type" = 6 THEN 'refund'
        WHEN e."Document Type" = 1 OR o."Document Type" = 1 THEN 'cash'
        WHEN e."Document Type" = 3 OR o."Document Type" = 3 THEN 'credit'
        ELSE 'other'
    END AS kind
FROM "{{company}}$Detailed Cust_ Ledg_ Entry{{app}}" d
INNER JOIN "{{company}}$Cust_ Ledger Entry{{app}}" e ON e."Entry No_" = d."Cust_ Ledger Entry No_"
-- The other side. Both rows of an application name the entry that was applied, which on that entry is itself: there the
-- other side is found among the rows that name it, in the same transaction.
LEFT JOIN (
    SELECT
        a."Applied Cust_ Ledger Entry No_" AS applied,
        a."Transaction No_" AS trans,
        MIN(a."Cust_ Ledger Entry No_") AS entry
    FROM "{{company}}$Detailed Cust_ Ledg_ Entry{{app}}" a
    WHERE
        a."Entry Type" = 2
        AND a."Cust_ Ledger Entry No_" <> a."Applied Cust_ Ledger Entry No_"
    GROUP BY
        a."Applied Cust_ Ledger Entry No_",
        a."Transaction No_"
) p
    ON p.applied = d."Cust_ Ledger Entry No_"
    AND p.trans = d."Transaction No_"
LEFT JOIN "{{company}}$Cust_ Ledger Entry{{app}}" o
    ON o."Entry No_" = CASE
        WHEN d."Applied Cust_ Ledger Entry No_" <> d."Cust_ Ledger Entry No_" THEN d."Applied Cust_ Ledger Entry No_"
        ELSE p.entry
    END
WHERE d."Entry Type" <> 1
