-- Who was erased from a book, so that files and feeds which still hold them do not bring them back. Pseudonyms, as in person_keys.
CREATE TABLE erased_persons (
  portfolio   text NOT NULL,
  person      text NOT NULL,
  -- keyed hash of a fixed text: a process with another key would recognise nobody, and is refused
  key_check   text NOT NULL,
  erased_at   timestamptz NOT NULL,
  PRIMARY KEY (portfolio, person)
);
-- Erased before this list was kept: under which key is not known here.
INSERT INTO erased_persons (portfolio, person, key_check, erased_at)
SELECT portfolio, person, '', max(destroyed_at) FROM person_keys
GROUP BY portfolio, person HAVING count(*) = count(destroyed_at);

CREATE FUNCTION erased_persons_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'who was erased stays on the list' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER erased_persons_stay BEFORE UPDATE OR DELETE ON erased_persons FOR EACH ROW EXECUTE FUNCTION erased_persons_stay();
