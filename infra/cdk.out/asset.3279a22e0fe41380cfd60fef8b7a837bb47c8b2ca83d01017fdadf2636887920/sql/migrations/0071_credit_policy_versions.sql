-- Credit policies as versions with a life: draft, shadow, live, retired, rejected. The text of a version lies in credit_policies under
-- its hash and never changes; what happens to a version is entered in the audit log in the same transaction.
CREATE TABLE credit_policy_versions (
  portfolio    text NOT NULL,
  version      text NOT NULL,
  policy_hash  text NOT NULL REFERENCES credit_policies (policy_hash),
  status       text NOT NULL CHECK (status IN ('draft', 'shadow', 'live', 'retired', 'rejected')),
  -- case table that must hold before the version may go live: name, facts, expected outcome and rules
  cases        text NOT NULL,
  -- who asks for it; may not be who approves it
  proposed_by  text NOT NULL,
  proposed_at  timestamptz NOT NULL,
  approved_by  text CHECK (approved_by <> proposed_by),
  changed_at   timestamptz NOT NULL,
  -- shadow: the last decision it has been tried on
  shadow_sequence  bigint,
  PRIMARY KEY (portfolio, version)
);
CREATE UNIQUE INDEX credit_policy_versions_one_live ON credit_policy_versions (portfolio) WHERE status = 'live';

CREATE FUNCTION credit_policy_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'versions of a credit policy are never deleted' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER credit_policy_versions_never_deleted BEFORE DELETE OR TRUNCATE ON credit_policy_versions
  FOR EACH STATEMENT EXECUTE FUNCTION credit_policy_versions_stay();

-- What a version in shadow would have decided. Not decisions: nobody was told, nothing was granted; they never meet that table.
CREATE TABLE shadow_decisions (
  portfolio    text NOT NULL,
  version      text NOT NULL,
  decision_id  text NOT NULL REFERENCES decisions (decision_id),
  policy_hash  text NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('approved', 'declined', 'referred', 'counter_offer')),
  -- of the decision that was made
  real_outcome text NOT NULL,
  -- rules that fired
  rules        text[] NOT NULL,
  PRIMARY KEY (portfolio, version, decision_id)
);
CREATE TRIGGER shadow_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shadow_decisions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
