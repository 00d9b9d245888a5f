-- One key a person: what is kept of a person in records that cannot change is encrypted under it. Destroying the key erases the person
-- and leaves every hash as it was.
CREATE TABLE person_keys (
  portfolio     text NOT NULL,
  -- keyed hash of the borrower's id: the id itself is nowhere in clear
  person        text NOT NULL,
  -- a person who comes back after an erasure gets a new key
  generation    integer NOT NULL,
  -- wrapped by the master key, which is not in the database; null: destroyed
  wrapped_key   text,
  created_at    timestamptz NOT NULL,
  destroyed_at  timestamptz,
  PRIMARY KEY (portfolio, person, generation),
  CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
-- one key in use
CREATE UNIQUE INDEX person_keys_in_use ON person_keys (portfolio, person) WHERE destroyed_at IS NULL;

-- A destroyed key never comes back by this road.
CREATE FUNCTION destroyed_keys_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.destroyed_at IS NOT NULL OR NEW.wrapped_key IS NOT NULL THEN
    RAISE EXCEPTION 'a key of a person is only ever destroyed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER person_keys_stay BEFORE UPDATE OR DELETE ON person_keys FOR EACH ROW EXECUTE FUNCTION destroyed_keys_stay();

-- Legal holds: while one stands, the person is not erased.
CREATE TABLE legal_holds (
  portfolio  text NOT NULL,
  person     text NOT NULL,
  reason     text NOT NULL,
  placed_by  text NOT NULL,
  placed_at  timestamptz NOT NULL,
  lifted_by  text,
  lifted_at  timestamptz,
  PRIMARY KEY (portfolio, person, placed_at)
);
CREATE UNIQUE INDEX legal_holds_standing ON legal_holds (portfolio, person) WHERE lifted_at IS NULL;

-- Whose case it is, so that notes can be read while the person's key exists.
ALTER TABLE review_cases ADD COLUMN person text;
