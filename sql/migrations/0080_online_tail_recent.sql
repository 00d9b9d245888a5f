-- The live page shows what was applied last. The index is small: the tail holds only facts streamed since the last lake snapshot.
CREATE INDEX online_tail_by_applied_at ON online_tail (applied_at DESC);
