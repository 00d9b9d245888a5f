import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics, samplesOf } from '../../api/index.ts';
import { cloudFigures } from './cloud-figures.ts';

const BOOK = { deadLettersWaiting: 2, modelAgeDays: 12.5, scorePsi: null };
const figure = (figures: ReturnType<typeof cloudFigures>, wanted: string) =>
  figures.find(({ name }) => name === wanted);

async function answered(metrics: Metrics, times: readonly (readonly [seconds: number, status: number])[]) {
  const { default: fastify } = await import('fastify');
  const app = fastify();
  metrics.register(app);
  await app.close();
  const histogram = metrics.registry.getSingleMetric('assay_http_request_seconds') as unknown as {
    observe(labels: object, value: number): void;
  };
  for (const [seconds, status] of times) histogram.observe({ operation: 'createApplication', status }, seconds);
}

test('counts what happened since the last time, over all processes', async () => {
  const processes = [new Metrics(), new Metrics()];
  for (const metrics of processes) metrics.countDecision('approved');
  await answered(processes[0]!, [
    [0.004, 201],
    [0.004, 503],
  ]);
  const all = async () => samplesOf(await Promise.all(processes.map((metrics) => metrics.json())));
  const before = await all();
  const first = cloudFigures('book', [], before, BOOK);
  assert.deepEqual(figure(first, 'Decisions'), {
    name: 'Decisions',
    unit: 'Count',
    dimensions: { Portfolio: 'book', Outcome: 'approved' },
    value: 2,
  });
  assert.equal((figure(first, 'ServerErrors') as { value: number }).value, 1);
  processes[1]!.countDecision('approved');
  await answered(processes[1]!, [
    [0.2, 201],
    [0.003, 201],
    [7, 201],
  ]);
  const second = cloudFigures('book', before, await all(), BOOK);
  assert.equal((figure(second, 'Decisions') as { value: number }).value, 1);
  assert.equal((figure(second, 'ServerErrors') as { value: number }).value, 0);
  const { values, counts } = figure(second, 'DecisionSeconds') as {
    values: readonly number[];
    counts: readonly number[];
  };
  assert.deepEqual(
    [values, counts],
    [
      [0.005, 0.25, 10],
      [1, 1, 1],
    ],
  );
});

test('a worker that was replaced counts from zero, and what is not known is not told', async () => {
  const [old, fresh] = [new Metrics(), new Metrics()];
  for (let i = 0; i < 5; i++) old.countDecision('declined');
  fresh.countDecision('declined');
  const now = cloudFigures('book', await samplesOf([await old.json()]), await samplesOf([await fresh.json()]), BOOK);
  assert.equal((figure(now, 'Decisions') as { value: number }).value, 1);
  assert.equal((figure(now, 'DeadLettersWaiting') as { value: number }).value, 2);
  assert.equal((figure(now, 'ModelAgeDays') as { value: number }).value, 12.5);
  for (const name of ['ScorePsi', 'StreamBehindSeconds', 'DecisionSeconds']) assert.equal(figure(now, name), undefined);
});
