import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FeatureValue, FraudDefinition } from '../domain/index.ts';
import { assessFraud } from './assess.ts';
import { mulberry32 } from './isolation-forest.ts';
import { type FraudApplication, keysOf, LinkIndex } from './links.ts';
import { scanBook } from './scan-book.ts';

const definition: FraudDefinition = {
  links: [
    {
      id: 'device',
      kind: 'device',
      columns: ['device'],
      windowDays: 30,
      ordinary: 0,
      weight: 0.6,
      text: 'Same device',
    },
    { id: 'phone', kind: 'phone', columns: ['phone'], windowDays: 365, ordinary: 0, weight: 0.7, text: 'Same phone' },
    {
      id: 'file',
      kind: 'identity',
      columns: ['file'],
      differs: ['employer'],
      windowDays: 365,
      ordinary: 0,
      weight: 0.9,
      text: 'Same file',
    },
    {
      id: 'work',
      kind: 'employer',
      columns: ['employer'],
      windowDays: 30,
      ordinary: 2,
      weight: 0.3,
      text: 'Same employer',
    },
  ],
  income: { column: 'income', usual: ['amount', 'job'] },
};
const DAY_MS = 86_400_000;
const application = (
  id: number,
  day: number,
  columns: Record<string, FeatureValue>,
  borrower = `b${id}`,
): FraudApplication => ({
  applicationId: `a${String(id).padStart(4, '0')}`,
  borrowerId: borrower,
  appliedAt: new Date(Date.UTC(2024, 0, 1) + day * DAY_MS),
  columns,
});
const scan = (...applications: FraudApplication[]) =>
  scanBook(
    definition,
    applications.map((one) => ({ application: one })),
    { usualIncome: null },
  ).applications;
const idsOf = (found: ReturnType<typeof scan>[number] | undefined) => found?.signals.map(({ id }) => id);

test('who comes later with the key of another is told, within the window and no longer', () => {
  const [first, second, late] = scan(
    application(1, 0, { device: 'D1' }),
    application(2, 10, { device: ' d-1 ' }),
    application(3, 60, { device: 'D1' }),
  );
  assert.deepEqual([idsOf(first), idsOf(second), idsOf(late)], [[], ['device'], []]);
  assert.equal(second?.score, 0.6);
});

test('whoever held a key first keeps it, and one borrower is no ring', () => {
  const [, copy, again, twice] = scan(
    application(1, 0, { phone: '+43 1 234' }, 'owner'),
    application(2, 5, { phone: '0043 (1) 234'.replace('0043', '+43') }, 'thief'),
    application(3, 9, { phone: '+431234' }, 'owner'),
    application(4, 12, { phone: '+431234' }, 'thief'),
  );
  assert.deepEqual([idsOf(copy), idsOf(again), idsOf(twice)], [['phone'], [], ['phone']]);
});

test('the same record again is not a copy; the same file with another employer is', () => {
  const [, again, copy] = scan(
    application(1, 0, { file: 'F', employer: 'mill' }),
    application(2, 100, { file: 'F', employer: 'Mill' }),
    application(3, 120, { file: 'F', employer: 'port' }),
  );
  assert.deepEqual([idsOf(again), idsOf(copy)], [[], ['file']]);
});

test('a ring grows more suspicious with each member, above what is ordinary', () => {
  const ring = scan(...Array.from({ length: 6 }, (_, i) => application(i, i, { employer: 'Ring Ltd' })));
  assert.deepEqual(
    ring.map(({ signals }) => signals[0]?.value ?? 0),
    [0, 0, 0, 3, 4, 5],
  );
  const scores = ring.map(({ score }) => score);
  assert.deepEqual(
    scores,
    [...scores].sort((a, b) => a - b),
  );
});

test('batch and online give the same, whatever the order of the file', () => {
  const some = fc.record({
    device: fc.constantFrom('d1', 'd2', null),
    phone: fc.constantFrom('1', '2', '3', null),
    employer: fc.constantFrom('x', 'y'),
    file: fc.constantFrom('f', null),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(5), some), { maxLength: 40 }), fc.nat(1000), (rows, seed) => {
      const book = rows.map(([day, borrower, columns], id) => application(id, day, columns, `b${borrower}`));
      const random = mulberry32(seed);
      const shuffled = [...book].sort(() => random() - 0.5);
      const batch = scanBook(
        definition,
        shuffled.map((one) => ({ application: one })),
        { usualIncome: null },
      ).applications;
      const index = new LinkIndex(definition);
      for (const { application: one, ...assessed } of batch) {
        const online = assessFraud(definition, { application: one, links: index.link(one), usualIncome: null });
        assert.deepEqual(online, assessed);
      }
    }),
  );
});

test('a lifted income stands out among applicants alike, or against what was seen', () => {
  const random = mulberry32(5);
  const book = Array.from({ length: 600 }, (_, id) => {
    const job = ['clerk', 'chief'][id % 2]!;
    const income = (job === 'chief' ? 8000 : 2500) * Math.exp(0.4 * (random() + random() - 1));
    return application(id, 0, { income: id % 60 === 0 ? income * 3 : income, amount: 1000 + 100 * random(), job });
  });
  const found = scanBook(
    definition,
    book.map((one) => ({ application: one })),
  );
  const queue = [...found.applications].sort((a, b) => b.score - a.score).slice(0, 10);
  assert.ok(queue.filter(({ application: one }) => Number(one.applicationId.slice(1)) % 60 === 0).length >= 9);
  const income = { column: 'income', evidenceFeature: 'seen', usual: [] };
  const assessed = (seen: number) =>
    assessFraud({ links: [], income }, { application: book[1]!, links: {}, usualIncome: null, features: { seen } });
  const stated = Number(book[1]!.columns['income']);
  assert.equal(assessed(stated).score, 0);
  assert.equal(assessed(stated / 4).signals[0]?.id, 'income-not-seen');
});

test('an index of keys holds no contact data, and look-alike letters are one', () => {
  const keys = keysOf(definition, { columns: { device: 'ＡＢＣ', phone: '+43 1 234' } });
  assert.deepEqual(keys, keysOf(definition, { columns: { device: 'abc', phone: '+43-1-234' } }));
  assert.ok(keys.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash)));
  assert.deepEqual(keysOf(definition, { columns: { device: null } }), []);
});
