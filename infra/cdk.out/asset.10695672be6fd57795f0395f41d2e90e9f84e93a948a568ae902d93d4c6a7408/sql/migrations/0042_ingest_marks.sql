-- How far a file was sent: a killed `assay ingest` goes on behind the last acknowledged row.
CREATE TABLE ingest_marks (
  portfolio        text NOT NULL,
  source           text NOT NULL,
  -- sha256 of the file's content
  file_hash        text NOT NULL,
  rows             bigint NOT NULL,
  acknowledged_at  timestamptz NOT NULL,
  PRIMARY KEY (portfolio, source, file_hash)
);
