-- What a person agreed to, and took back. Kept after it ended: whether a consent held on a day is asked years later.
CREATE TABLE consent_texts (
  portfolio  text NOT NULL,
  -- SHA-256 of the text as it was shown
  text_hash  text NOT NULL,
  version    text NOT NULL,
  body       text NOT NULL,
  PRIMARY KEY (portfolio, text_hash),
  -- one version is one text
  UNIQUE (portfolio, version)
);

CREATE TABLE consents (
  consent_id   text PRIMARY KEY,
  portfolio    text NOT NULL,
  -- pseudonym, as in person_keys
  person       text NOT NULL,
  purpose      text NOT NULL CHECK (purpose IN ('credit_decision', 'model_development')),
  -- whose interface is asked
  platform     text NOT NULL,
  -- what may be asked for: JSON array of attribute names
  scope        text NOT NULL,
  text_hash    text NOT NULL,
  -- how it was given (channel, reference of the signed form), sealed under the person's key
  evidence     text NOT NULL,
  granted_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  recorded_by  text NOT NULL,
  revoked_at   timestamptz,
  revoked_by   text,
  FOREIGN KEY (portfolio, text_hash) REFERENCES consent_texts (portfolio, text_hash),
  CHECK (expires_at > granted_at),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX consents_by_person ON consents (portfolio, person, granted_at);
-- one standing consent for one purpose at one platform
CREATE UNIQUE INDEX consents_standing ON consents (portfolio, person, purpose, platform) WHERE revoked_at IS NULL;

-- Nothing of a consent changes but that it is taken back, once.
CREATE FUNCTION consents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.revoked_at IS NOT NULL
    OR (to_jsonb(NEW) - 'revoked_at' - 'revoked_by') <> (to_jsonb(OLD) - 'revoked_at' - 'revoked_by') THEN
    RAISE EXCEPTION 'a consent is only ever taken back' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER consents_stay BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION consents_stay();
