-- The schema of Redshift over Parquet files. Before it: SET VARIABLE marts = '.../modeled/marts';
CREATE SCHEMA IF NOT EXISTS marts;
CREATE OR REPLACE VIEW marts.applicants AS SELECT * FROM read_parquet(getvariable('marts') || '/applicants.parquet');
CREATE OR REPLACE VIEW marts.grades AS SELECT * FROM read_parquet(getvariable('marts') || '/grades.parquet');
CREATE OR REPLACE VIEW marts.months AS SELECT * FROM read_parquet(getvariable('marts') || '/months.parquet');
CREATE OR REPLACE VIEW marts.vintages AS SELECT * FROM read_parquet(getvariable('marts') || '/vintages.parquet');
CREATE OR REPLACE VIEW marts.roll_rates AS SELECT * FROM read_parquet(getvariable('marts') || '/roll_rates.parquet');
CREATE OR REPLACE VIEW marts.segments AS SELECT * FROM read_parquet(getvariable('marts') || '/segments.parquet');
