-- What shows that a version may lead with features of a class that must be proven: its lift out of sample and the impact by group.
-- Append only; the last of a version and class counts. The body is the exact text that was signed.
CREATE TABLE model_evidence (
  evidence_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model_version  text NOT NULL REFERENCES model_versions (model_version),
  data_class     text NOT NULL CHECK (data_class IN ('alternative', 'social_network')),
  body           text NOT NULL,
  key_id         text NOT NULL,
  signature      text NOT NULL
);
CREATE INDEX model_evidence_by_version ON model_evidence (model_version, data_class, evidence_id);
CREATE TRIGGER model_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON model_evidence
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
