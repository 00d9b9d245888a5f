import type { Chance } from './chance.ts';

/** What a client sends, and what must become of it. */
export type Sent = {
  readonly value: Record<string, unknown>;
  readonly key: string;
  readonly borrowerId: string;
  readonly cents: number;
  /** When it says that it was known; unset: on arrival. */
  readonly knownAt?: string;
  readonly isPoison: boolean;
};

/** Decided about; their events are known on arrival. */
export const BORROWERS = ['B1', 'B2', 'B3', 'B4'] as const;
/** Whose history is sent with times of its own, in contradicting versions. */
export const HISTORY = 'H';

/** Event number i: a payment, now and then one that contradicts another, or one that nobody can read. */
export function eventOf(i: number, chance: Chance, now: Date): Sent {
  const kind = chance.next();
  if (kind < 0.04) return poison(i, chance);
  if (kind < 0.12) return version(i, chance);
  const borrowerId = chance.pick(BORROWERS);
  const cents = 1 + chance.below(10_000);
  const at = new Date(now.getTime() - chance.below(20 * 86_400_000)).toISOString();
  return sent({ key: `T${i}`, borrowerId, cents, at });
}

function sent(event: { key: string; borrowerId: string; cents: number; at: string; knownAt?: string }): Sent {
  const { key, borrowerId, cents, at, knownAt } = event;
  const payload = {
    ...{ transaction_id: key, account_id: 'A', amount: cents / 100, iso_currency_code: 'EUR', datetime: at },
  };
  const value = { source: 'plaid', borrowerId, payload, ...(knownAt !== undefined && { knownAt }) };
  return { value, key, borrowerId, cents, isPoison: false, ...(knownAt !== undefined && { knownAt }) };
}

/** One of few keys: versions that were known at different times, of which the first counts. */
function version(i: number, chance: Chance): Sent {
  const knownAt = new Date(Date.UTC(2025, 0, 2) + i * 1000).toISOString();
  const key = `H${chance.below(8)}`;
  // no two alike: the same content known at another time is a repeat and no contradiction
  return sent({ key, borrowerId: HISTORY, cents: 1 + i, at: '2025-01-01T00:00:00.000Z', knownAt });
}

function poison(i: number, chance: Chance): Sent {
  const event = sent({ key: `P${i}`, borrowerId: chance.pick(BORROWERS), cents: 100, at: 'no time at all' });
  return { ...event, isPoison: true };
}
