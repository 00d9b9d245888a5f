import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../../platform/index.ts';
import type { ApplicationRequest } from '../application.ts';
import { MAX_PROBES, ProbeWatch, type ProbeWatchOptions } from './probe-watch.ts';
import { sketchOf } from './sketch.ts';

/** Numbers that follow from a seed (a linear congruence is random enough here). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** An applicant of twelve fields, half of them words of which there are few. */
function applicant(random: (below: number) => number, borrowerId: string): ApplicationRequest {
  const words = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`word${i}`, `w${random(4)}`]));
  const numbers = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`number${i}`, 2 ** random(20) + random(9)]));
  const [amountMinor, termMonths] = [10_000 * 2 ** random(9), 12 * (1 + random(5))];
  return { borrowerId, amountMinor, termMonths, attributes: { ...words, ...numbers } };
}

/** What processes share, in memory. */
function memoryStore() {
  const shared = new Map<string, Set<string>>();
  const alerts: string[] = [];
  const store: ProbeWatchOptions['store'] = {
    share: async ({ username }, band, probes) => {
      const all = new Set([...(shared.get(username + band) ?? []), ...probes]);
      shared.set(username + band, all);
      return all.size;
    },
    alert: async ({ username }) => {
      if (!alerts.includes(username)) alerts.push(username);
    },
  };
  return { store, alerts };
}

const clock = fixedClock(new Date('2026-03-01T10:00:00Z'));

/** The same application with one field changed (or more) under ever another name. */
function* probesOf(count: number, changes: number): Generator<ApplicationRequest> {
  const random = randomOf(7);
  const base = applicant(random, 'base');
  for (let i = 0; i < count; i++) {
    const attributes: Record<string, number | string> = { ...base.attributes } as Record<string, number>;
    for (let change = 0; change < changes; change++) attributes[`number${random(4)}`] = random(2 ** 20);
    yield { ...base, borrowerId: `nobody-${i}`, attributes };
  }
}

for (const changes of [1, 2])
  test(`ten thousand probes, ${changes} fields changed, over two processes: an alert by the 500th, an end before the last`, async () => {
    const { store, alerts } = memoryStore();
    const watches = [new ProbeWatch({ clock, store }), new ProbeWatch({ clock, store })];
    let [sent, answered, alertedAt] = [0, 0, 0];
    for (const probe of probesOf(10_000, changes)) {
      sent++;
      await watches[sent % 2]!.check('eve', probe).then(
        () => answered++,
        (error: unknown) => assert.match(String(error), /too many what-ifs/),
      );
      if (alerts.length > 0 && alertedAt === 0) alertedAt = sent;
    }
    assert.ok(alertedAt > 0 && alertedAt <= 500, `alert at ${alertedAt}`);
    assert.ok(answered < 3 * MAX_PROBES, `${answered} answered`);
  });

test('ten thousand different applicants, and one asked about over and over, are honest work', async () => {
  const { store, alerts } = memoryStore();
  const watch = new ProbeWatch({ clock, store });
  const random = randomOf(3);
  for (let i = 0; i < 10_000; i++) await watch.check('ann', applicant(random, `b${i}`));
  const one = applicant(random, 'same');
  for (let i = 0; i < 5_000; i++) await watch.check('bob', one);
  assert.deepEqual(alerts, []);
});

test('what-ifs of one borrower count whatever the fields, and the next day is another', async () => {
  const { store, alerts } = memoryStore();
  const days = ['2026-03-01', '2026-03-02'].map((day) => fixedClock(new Date(`${day}T10:00:00Z`)));
  let today = days[0]!;
  const watch = new ProbeWatch({ clock: { now: () => today.now() }, store });
  const ask = (amountMinor: number) => watch.check('eve', { borrowerId: 'b', amountMinor, termMonths: 12 });
  // the first two dozen are not followed yet
  for (let i = 1; i < MAX_PROBES + 24; i++) await ask(i);
  for (let again = 0; again < 2; again++) await assert.rejects(ask(MAX_PROBES + 24), { code: 'overloaded' });
  assert.deepEqual(alerts, ['eve']);
  today = days[1]!;
  await ask(MAX_PROBES);
});

test('a small step leaves the bands as they are, and the probe is another', () => {
  const base = applicant(randomOf(1), 'b');
  const stepped = { ...base, amountMinor: base.amountMinor! + 1 };
  assert.deepEqual(sketchOf(stepped).bands, sketchOf(base).bands);
  assert.notEqual(sketchOf(stepped).probe, sketchOf(base).probe);
  // the order of the fields says nothing
  const turned = { ...base, attributes: Object.fromEntries(Object.entries(base.attributes!).reverse()) };
  assert.deepEqual(sketchOf(turned), sketchOf(base));
});
