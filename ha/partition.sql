-- Splits `deliveries` into 16 partitions by subscription. Run it once, while no Daywire runs: psql -v ON_ERROR_STOP=1 -1 -f partition.sql.
-- Nothing else has to change: the statements name the whole key of a row, and no foreign key refers to this table.
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
