import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeatureValue, FraudDefinition, FraudLink } from '../domain/index.ts';
import { type FraudApplication, keysOf } from './links.ts';
import { scanBook } from './scan-book.ts';

const link = (id: string, more: Partial<FraudLink>): FraudLink => ({
  ...{ id, kind: 'pattern', columns: [id], windowDays: 30, ordinary: 0, weight: 0.5, text: id },
  ...more,
});
const definition: FraudDefinition = {
  links: [
    link('device', { kind: 'device', later: true }),
    link('phone', { kind: 'phone' }),
    link('employer', { kind: 'employer', burst: true, ordinary: 2 }),
    link('file', { columns: ['opened', 'lines', 'place'], allButOne: true, differs: ['employer'] }),
  ],
};
const DAY_MS = 86_400_000;
const application = (id: string, day: number, columns: Record<string, FeatureValue>): FraudApplication => ({
  applicationId: id,
  borrowerId: `${id}-borrower`,
  appliedAt: new Date(Date.UTC(2024, 0, 1) + day * DAY_MS),
  columns,
});
const valuesOf = (id: string, lookBack: boolean, applications: readonly FraudApplication[]) => {
  const { applications: found } = scanBook(
    definition,
    applications.map((one) => ({ application: one })),
    { lookBack },
  );
  return found.map(({ signals }) => signals.find((signal) => signal.id === id)?.value ?? 0);
};

test('looked back at, a ring is seen from its first member on; whose telephone was taken is not suspected', () => {
  const ring = [0, 20, 40].map((day) => application(`a${day}`, day, { device: 'D', phone: '1' }));
  assert.deepEqual(valuesOf('device', false, ring), [0, 1, 1]);
  assert.deepEqual(valuesOf('device', true, ring), [1, 2, 1]);
  assert.deepEqual(valuesOf('phone', true, ring), [0, 1, 1]);
});

test('a burst is above the usual of the workplace itself, and takes a book that is long enough to know', () => {
  const mill = Array.from({ length: 73 }, (_, i) => application(`m${i}`, i * 5, { employer: 'mill' }));
  const shell = Array.from({ length: 6 }, (_, i) => application(`s${i}`, 180 + i, { employer: 'shell' }));
  const shellOf = (values: readonly number[]) => values.filter((value) => value > 0);
  assert.deepEqual(shellOf(valuesOf('employer', true, [...mill, ...shell])), [5, 5, 5, 5, 5, 5]);
  assert.deepEqual(shellOf(valuesOf('employer', true, shell)), []);
  // sixty more within a month of the mill stand out against its own usual of twelve
  const rush = Array.from({ length: 60 }, (_, i) => application(`r${i}`, 170 + i / 2, { employer: 'mill' }));
  const seen = valuesOf('employer', true, [...mill, ...rush]);
  assert.ok(Math.max(...seen) > 45);
  assert.equal(seen[0], 0);
  assert.deepEqual(shellOf(valuesOf('employer', false, [...mill, ...shell])), []);
});

test('what is only a reason to look weighs no more however many there are', () => {
  const shell = { ...link('employer', { burst: true, ordinary: 0, weight: 0.3, most: 0.4 }) };
  const book = [0, 300, ...Array.from({ length: 9 }, (_, i) => 150 + i)].map((day) => ({
    application: application(`m${day}`, day, { employer: day % 150 === 0 && day !== 150 ? 'mill' : 'shell' }),
  }));
  const { applications: found } = scanBook({ links: [shell] }, book, { lookBack: true });
  assert.deepEqual(
    found.map(({ score }) => Number(score.toFixed(6))),
    [0, ...Array(9).fill(0.4), 0],
  );
});

test('a key of which more than two hundred are about says nothing', () => {
  const crowd = Array.from({ length: 250 }, (_, i) => application(`c${i}`, i / 100, { device: 'kiosk' }));
  assert.equal(Math.max(...valuesOf('device', true, crowd.slice(0, 200))), 199);
  // the decisions of the first two hundred stand as they were
  assert.deepEqual(valuesOf('device', true, crowd).slice(0, 3), [0, 1, 2]);
});

test('a copied file is seen with one column changed, not with two, and not as the same borrower again', () => {
  const file = { opened: '1999-01', lines: 12, place: '900' };
  const found = valuesOf('file', false, [
    application('a', 0, { ...file, employer: 'mill' }),
    application('b', 1, { ...file, lines: 13, employer: 'port' }),
    application('c', 2, { ...file, lines: 14, place: '901', employer: 'bank' }),
    application('d', 3, { ...file, place: '902', employer: 'mill' }),
  ]);
  assert.deepEqual(found, [0, 1, 0, 0]);
});

test('no key is kept for a link that no decision counts', () => {
  const keys = keysOf(definition, { columns: { employer: 'mill', device: 'D' } });
  assert.deepEqual(
    keys.map((key) => key.link),
    ['device'],
  );
});
