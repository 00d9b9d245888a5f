/**
 * The figures of a server in CloudWatch, on an emulator: what was put is read back through the service's own API, and a service that
 * does not answer is said in the log while the next minute goes on. Not tested here: alarms ringing (infra/test asserts that they are
 * there), permissions, percentiles as the service computes them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { Metrics } from '../../src/api/index.ts';
import { startFigures } from '../../src/entrypoints/server/index.ts';
import { openFigureSink } from '../../src/platform/index.ts';
import { type Emulator, ministack, REGION } from './support/emulator.ts';

const NAMESPACE = 'Assay/test';
const AT = new Date();
const BOOK = { deadLettersWaiting: 3, modelAgeDays: 40, scorePsi: 0.31 };

describe('figures in CloudWatch', { skip: ministack.skip }, () => {
  let emulator: Emulator;
  let client: CloudWatchClient;
  before(async () => {
    emulator = await ministack.start();
    client = new CloudWatchClient({ endpoint: emulator.endpoint, credentials: emulator.credentials, region: REGION });
  });
  after(async () => {
    client?.destroy();
    await emulator?.stop();
  });

  const warnings: unknown[] = [];
  const start = async (sinkClient: CloudWatchClient, metrics: Metrics) =>
    startFigures({
      portfolio: 'book',
      sink: await openFigureSink(NAMESPACE, sinkClient),
      metrics: async () => [await metrics.json()],
      book: async () => BOOK,
      clock: { now: () => AT },
      log: { warn: (...said: unknown[]) => warnings.push(said) } as never,
    });
  const largest = async (MetricName: string, dimensions: Record<string, string> = {}): Promise<number | undefined> => {
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: NAMESPACE,
        MetricName,
        Dimensions: Object.entries({ Portfolio: 'book', ...dimensions }).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(AT.getTime() - 600_000),
        EndTime: new Date(AT.getTime() + 600_000),
        Period: 60,
        Statistics: ['Maximum'],
      }),
    );
    return Datapoints?.[0]?.Maximum;
  };

  test('are what the processes and the book counted', async () => {
    const metrics = new Metrics();
    metrics.countDecision('approved');
    metrics.countDecision('approved');
    const figures = await start(client, metrics);
    await figures.now();
    assert.deepEqual(warnings, []);
    assert.equal(await largest('Decisions', { Outcome: 'approved' }), 2);
    assert.equal(await largest('DeadLettersWaiting'), 3);
    assert.equal(await largest('ModelAgeDays'), 40);
    assert.equal(await largest('ScorePsi'), 0.31);
    assert.equal(await largest('ServerErrors'), 0);
    await figures.stop();
  });

  test('a service that does not answer is said, and nothing else happens', async () => {
    const nobody = new CloudWatchClient({
      endpoint: 'http://127.0.0.1:9',
      credentials: emulator.credentials,
      region: REGION,
      maxAttempts: 1,
    });
    const figures = await start(nobody, new Metrics());
    await figures.stop();
    assert.ok(warnings.length >= 1);
  });
});
