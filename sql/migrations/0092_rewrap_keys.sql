-- A new master key wraps every key of a person anew: what a key is does not change, only what it is wrapped in. Destroyed ones stay so.
CREATE OR REPLACE FUNCTION destroyed_keys_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.destroyed_at IS NOT NULL THEN
    RAISE EXCEPTION 'a key of a person is only ever destroyed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NEW.wrapped_key IS NOT NULL AND (NEW.wrapped_key = OLD.wrapped_key OR position('.' IN NEW.wrapped_key) = 0
    OR (NEW.portfolio, NEW.person, NEW.generation, NEW.created_at) <> (OLD.portfolio, OLD.person, OLD.generation, OLD.created_at)) THEN
    RAISE EXCEPTION 'a key of a person is only ever destroyed, or wrapped by another master key' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
