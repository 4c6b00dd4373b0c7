-- There is no column of what remains: Business Central sums the same detailed entries as we do. What it keeps on its own
-- is the mark Open, set when an entry is applied in full. An entry that is marked closed and does not sum to zero, or
-- open though it does, is a difference worth seeing; only the former can show here.
SELECT
    CAST(e."Entry No_" AS VARCHAR(20)) AS document_id,
    MAX(e."Customer No_") AS customer_id,
    CASE WHEN MAX(e."Currency Code") = '' THEN '{{lcy}}' ELSE MAX(e."Currency Code") END AS currency,
    CAST(SUM(d."Amount") AS DECIMAL(19, 4)) AS amount
FROM "{{company}}$Cust_ Ledger Entry{{app}}" e
INNER JOIN "{{company}}$Detailed Cust_ Ledg_ Entry{{app}}" d ON d."Cust_ Ledger Entry No_" = e."Entry No_"
WHERE e."Open" = 1
GROUP BY e."Entry No_"
