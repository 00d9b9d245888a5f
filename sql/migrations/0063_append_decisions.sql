-- Appends decisions to the end of a portfolio's chain. The chain is locked for the length of one statement and its commit, and not while
-- a program that may be busy reads the end, hashes and answers: servers that decide at once waited for each other's event loops.
--
-- Each body comes up to its last member, the sequence number, which is put here: its hash is over the text that is stored. Entries
-- whose lease of an idempotency key was lost are left out. Returns what was written; `place` counts from 1 in the arrays.
CREATE FUNCTION append_decisions(
  book text, decision_ids text[], application_ids text[], persons text[], decided_ats timestamptz[], actors text[], outcomes text[],
  pds float8[], scores float8[], grades text[], model_versions text[], policy_hashes text[], bodies text[], responses text[],
  keys text[], leases text[]
) RETURNS TABLE (place integer, sequence bigint, previous_hash text, hash text) LANGUAGE plpgsql AS $$
DECLARE
  held text[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('assay.decisions'), hashtext(book));
  -- a statement of its own, as each of these: it sees what the holder of the lock before us committed
  SELECT d.sequence, d.hash INTO sequence, hash FROM decisions d WHERE d.portfolio = book ORDER BY d.sequence DESC LIMIT 1;
  sequence := coalesce(sequence, 0);
  hash := coalesce(hash, repeat('0', 64));
  SELECT array_agg(locked.lease) INTO held FROM (
    SELECT k.lease FROM idempotency_keys k JOIN unnest(actors, keys, leases) AS c (actor, key, lease) USING (actor, key, lease)
    WHERE k.decision_id IS NULL FOR UPDATE OF k
  ) AS locked;
  FOR i IN 1 .. coalesce(cardinality(decision_ids), 0) LOOP
    CONTINUE WHEN leases[i] IS NOT NULL AND NOT coalesce(leases[i] = ANY (held), false);
    place := i;
    sequence := sequence + 1;
    previous_hash := hash;
    bodies[i] := bodies[i] || sequence || '}';
    hash := encode(sha256(convert_to(previous_hash || E'\n' || bodies[i], 'UTF8')), 'hex');
    INSERT INTO decisions (portfolio, sequence, decision_id, application_id, borrower_id, decided_at, actor, outcome, pd, score, grade,
      model_version, policy_hash, body, response, previous_hash, hash)
    VALUES (book, append_decisions.sequence, decision_ids[i], application_ids[i], persons[i], decided_ats[i], actors[i], outcomes[i],
      pds[i], scores[i], grades[i], model_versions[i], policy_hashes[i], bodies[i], responses[i], append_decisions.previous_hash,
      append_decisions.hash);
    RETURN NEXT;
  END LOOP;
END $$;
