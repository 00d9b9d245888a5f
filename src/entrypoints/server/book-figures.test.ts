import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../../platform/index.ts';
import { type BookFigureSource, bookFigures } from './book-figures.ts';

const source = (champion: unknown, months: unknown): BookFigureSource => ({
  portfolio: 'book',
  database: { query: async () => [{ n: 2 }] } as unknown as BookFigureSource['database'],
  registry: { champion: async () => champion } as unknown as BookFigureSource['registry'],
  drift: async () => ({ drift: months && { months } }) as unknown as Awaited<ReturnType<BookFigureSource['drift']>>,
  clock: fixedClock(new Date('2026-03-01T12:00:00Z')),
});

test('dead letters that wait, the champion’s age in days, and the last month whose scores can be judged', async () => {
  const champion = { manifest: { createdAt: '2026-01-30T00:00:00Z' } };
  const months = [{ psi: 0.1 }, { psi: 0.3 }, { psi: null }];
  assert.deepEqual(await bookFigures(source(champion, months)), {
    deadLettersWaiting: 2,
    modelAgeDays: 30.5,
    scorePsi: 0.3,
  });
});

test('before the first model and the first month nothing is made up', async () => {
  const nothing = { deadLettersWaiting: 2, modelAgeDays: null, scorePsi: null };
  assert.deepEqual(await bookFigures(source(undefined, null)), nothing);
  assert.deepEqual(await bookFigures(source(undefined, [{ psi: null }])), nothing);
});
