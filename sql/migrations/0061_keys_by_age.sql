-- Keys are forgotten some days after they were claimed; found by their age, oldest first.
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (leased_until);
