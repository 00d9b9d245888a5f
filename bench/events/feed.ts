/** A feed that is the same for the same number: payments of some thousand borrowers, and what they must add up to. */

export const BORROWERS = 10_000;
const CATEGORIES = ['groceries', 'dining', 'rent', 'salary', 'card_purchase', 'other_debit'] as const;

export type Payment = { readonly source: string; readonly payload: Record<string, string> };

export const borrowerOf = (i: number): number =>
  Math.imul(i, 2_654_435_761) % BORROWERS < 0
    ? (Math.imul(i, 2_654_435_761) % BORROWERS) + BORROWERS
    : Math.imul(i, 2_654_435_761) % BORROWERS;

/** Signed cents of event i. */
export const centsOf = (i: number): number => ((i * 7_919) % 200_001) - 100_000;

export function paymentOf(i: number): Payment {
  const cents = centsOf(i);
  const day = new Date(Date.UTC(2024, 0, 1) + (i % 300) * 86_400_000 + (i % 86_400) * 1000).toISOString();
  const booked = `${day.slice(0, 10)} ${day.slice(11, 19)}`;
  return {
    source: 'transactions',
    payload: {
      booking_no: `T${i}`,
      account_no: `A${borrowerOf(i)}`,
      customer_no: `C${borrowerOf(i)}`,
      booked_at: booked,
      known_at: `${day.slice(0, 10)} 23:59:59`,
      amount: (cents / 100).toFixed(2),
      balance: '',
      channel: 'card',
      category: CATEGORIES[i % CATEGORIES.length]!,
      counterparty: `shop ${i % 997}`,
    },
  };
}

export type Sums = Map<string, { count: number; cents: number }>;

/** What the online store must hold: number and sum by borrower. */
export function oracle(numbers: Iterable<number>): Sums {
  const sums: Sums = new Map();
  for (const i of numbers) {
    const key = `C${borrowerOf(i)}`;
    const sum = sums.get(key) ?? { count: 0, cents: 0 };
    sum.count++;
    sum.cents += centsOf(i);
    sums.set(key, sum);
  }
  return sums;
}

/** Uniform in [0, 1), the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
