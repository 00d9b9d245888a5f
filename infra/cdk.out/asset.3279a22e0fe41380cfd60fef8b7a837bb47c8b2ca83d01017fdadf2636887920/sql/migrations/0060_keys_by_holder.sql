-- Keys still being worked on, found by their holder: those of a process that died are given back at once.
CREATE INDEX idempotency_keys_running ON idempotency_keys (lease) WHERE decision_id IS NULL;
