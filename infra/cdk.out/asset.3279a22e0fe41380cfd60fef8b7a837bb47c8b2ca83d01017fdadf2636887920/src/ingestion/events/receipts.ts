import type { Database } from '../../platform/index.ts';

export type Receipt = {
  /** 32 hex digits. */
  readonly identity: string;
  readonly content: string;
};

/** What holds an identity now, and whether this call claimed it. */
export type Claim = { readonly isNew: boolean; readonly content: string };

/**
 * Claims the identities of events within the caller's transaction: whoever commits first has them. Two transactions that meet
 * wait for each other in one order.
 */
export async function claimReceipts(
  transaction: Database,
  receipts: ReadonlyMap<string, Receipt>,
  at: Date,
): Promise<Map<string, Claim>> {
  const sorted = [...receipts.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  const claims = new Map<string, Claim>();
  if (sorted.length === 0) return claims;
  const claimed = await transaction.prepared<{ identity: string }>(
    'receipts_claim',
    `INSERT INTO event_receipts (identity, content, accepted_at) SELECT *, $3::timestamptz FROM unnest($1::uuid[], $2::uuid[])
     ON CONFLICT (identity) DO NOTHING RETURNING identity`,
    [sorted.map(({ identity }) => identity), sorted.map(({ content }) => content), at],
  );
  for (const { identity } of claimed) {
    const id = plain(identity);
    claims.set(id, { isNew: true, content: receipts.get(id)!.content });
  }
  const others = sorted.filter(({ identity }) => !claims.has(identity));
  if (others.length === 0) return claims;
  const known = await transaction.prepared<Receipt>(
    'receipts_find',
    'SELECT identity, content FROM event_receipts WHERE identity = ANY($1::uuid[])',
    [others.map(({ identity }) => identity)],
  );
  for (const { identity, content } of known) claims.set(plain(identity), { isNew: false, content: plain(content) });
  return claims;
}

/** A repeat that comes later than this is told from a new event by its facts. */
export async function trimReceipts(database: Database, before: Date): Promise<void> {
  await database.query('DELETE FROM event_receipts WHERE accepted_at < $1', [before]);
}

function plain(uuid: string): string {
  return uuid.replaceAll('-', '');
}
