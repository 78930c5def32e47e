-- Spreads `deliveries` over 16 tables by subscription. To be run once, while no Daywire runs: psql -v ON_ERROR_STOP=1 -1 -f
-- partition.sql. Nothing else changes: the statements name rows by the whole key, and no foreign key leads here.
ALTER TABLE deliveries RENAME TO deliveries_whole;
CREATE TABLE deliveries (LIKE deliveries_whole INCLUDING ALL) PARTITION BY HASH (subscription_id);
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE deliveries_%s PARTITION OF deliveries FOR VALUES WITH (MODULUS 16, REMAINDER %s) '
            'WITH (fillfactor = 45)', part, part);
    END LOOP;
END
$$;
INSERT INTO deliveries SELECT * FROM deliveries_whole;
DROP TABLE deliveries_whole;
