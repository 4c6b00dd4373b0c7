-- Contacts are customers and suppliers in one: only those with a document of sales. Archived ones stay.
SELECT
    c.contact_id AS customer_id,
    c.name AS name,
    c.email_address AS email
FROM {{prefix}}contact c
WHERE
    c.contact_id IN (SELECT i.contact_id FROM {{prefix}}invoice i WHERE i.type = 'ACCREC')
    OR c.contact_id IN (SELECT n.contact_id FROM {{prefix}}credit_note n WHERE n.type = 'ACCRECCREDIT')
    OR c.contact_id IN (SELECT o.contact_id FROM {{prefix}}overpayment o WHERE o.type = 'RECEIVE-OVERPAYMENT')
    OR c.contact_id IN (SELECT p.contact_id FROM {{prefix}}prepayment p WHERE p.type = 'RECEIVE-PREPAYMENT')
