SELECT
    c."No_" AS customer_id,
    c."Name" AS name,
    c."Bill-to Customer No_" AS parent_id,
    c."Customer Posting Group" AS segment,
    c."Territory Code" AS region,
    c."Country_Region Code" AS country,
    COALESCE(s."Name", c."Salesperson Code") AS sales_rep,
    -- 0 stands for no limit.
    CASE WHEN c."Credit Limit (LCY)" > 0 THEN CAST(c."Credit Limit (LCY)" AS DECIMAL(19, 4)) END AS credit_limit,
    c."E-Mail" AS email
FROM "{{company}}$Customer{{app}}" c
LEFT JOIN "{{company}}$Salesperson_Purchaser{{app}}" s ON s."Code" = c."Salesperson Code"
