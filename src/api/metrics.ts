import type { FastifyInstance } from 'fastify';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StepTimer } from '../decisions/index.ts';
import { CONSUMERS } from '../ingestion/index.ts';
import type { ApiDependencies } from './ports.ts';

/** The figures of one process, to be summed with those of others. */
export type MetricsJson = readonly object[];

type StreamSource = Pick<ApiDependencies['events'], 'backlog' | 'status' | 'clockBehindMs'>;

/** Prometheus figures of this server, at /metrics. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requestSeconds: Histogram<'operation' | 'status'>;
  readonly #decisions: Counter<'outcome'>;
  readonly #stepSeconds: Histogram<'step'>;
  readonly #modelInUse: Gauge<'model_version'>;
  #lastModel = '';
  readonly #events: Counter<'result'>;

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'assay_' });
    this.#requestSeconds = new Histogram({
      name: 'assay_http_request_seconds',
      help: 'Time from request to answer.',
      labelNames: ['operation', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers: [this.registry],
    });
    this.#decisions = new Counter({
      name: 'assay_decisions_total',
      help: 'Loan applications decided, by outcome; repeats of an idempotent request are not counted.',
      labelNames: ['outcome'],
      registers: [this.registry],
    });
    this.#stepSeconds = new Histogram({
      name: 'assay_decision_step_seconds',
      help: 'Time of the parts of a decision: asking outside, features, score with reasons and policy, durable record.',
      labelNames: ['step'],
      buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
      registers: [this.registry],
    });
    this.#modelInUse = new Gauge({
      name: 'assay_model_in_use',
      help: '1 for the model version that scored last, in any process.',
      labelNames: ['model_version'],
      aggregator: 'max',
      registers: [this.registry],
    });
    this.#events = new Counter({
      name: 'assay_events_total',
      help: 'Events sent, by what became of them.',
      labelNames: ['result'],
      registers: [this.registry],
    });
  }

  countEvents(answer: { readonly accepted: number; readonly duplicates: number; readonly rejected: number }): void {
    this.#events.inc({ result: 'accepted' }, answer.accepted);
    this.#events.inc({ result: 'duplicate' }, answer.duplicates);
    this.#events.inc({ result: 'rejected' }, answer.rejected);
  }

  /** Of the stream, asked for when the figures are read; the same from every process, so not summed. */
  followStream(events: StreamSource): void {
    const { registry } = this;
    new Gauge({
      name: 'assay_stream_backlog_records',
      help: 'Records on the stream that the slowest consumer has not taken.',
      aggregator: 'max',
      registers: [registry],
      async collect() {
        this.set(await events.backlog(CONSUMERS));
      },
    });
    new Gauge({
      name: 'assay_clock_behind_seconds',
      help: 'How far the clock is behind the latest event or decision: what arrives meanwhile is stamped with that time.',
      aggregator: 'max',
      registers: [registry],
      async collect() {
        this.set((await events.clockBehindMs()) / 1000);
      },
    });
    new Gauge({
      name: 'assay_stream_behind_seconds',
      help: 'Age of the oldest record that a consumer has not taken, the worst of its shards.',
      labelNames: ['consumer'],
      aggregator: 'max',
      registers: [registry],
      async collect() {
        const { consumers } = await events.status();
        const worst = new Map<string, number>();
        for (const { consumer, millisBehind } of consumers) {
          worst.set(consumer, Math.max(worst.get(consumer) ?? 0, millisBehind / 1000));
        }
        for (const [consumer, seconds] of worst) this.set({ consumer }, seconds);
      },
    });
  }

  /** Notices that are not issued, and those whose last day has passed. */
  followNotices(notices: Pick<ApiDependencies['notices'], 'counts'>): void {
    new Gauge({
      name: 'assay_notices',
      help: 'Notices that are not issued: due, due within a week, overdue, waiting for a person.',
      labelNames: ['state'],
      aggregator: 'max',
      registers: [this.registry],
      async collect() {
        for (const [state, count] of Object.entries(await notices.counts())) this.set({ state }, count);
      },
    });
  }

  /** Decisions and scores under way, and decisions that wait for their record. */
  followDecisions(queues: { readonly inFlight: () => number; readonly waiting: () => number }): void {
    new Gauge({
      name: 'assay_decisions_in_flight',
      help: 'Decisions and scores under way, by what they wait for.',
      labelNames: ['queue'],
      registers: [this.registry],
      collect() {
        this.set({ queue: 'all' }, queues.inFlight());
        this.set({ queue: 'record' }, queues.waiting());
      },
    });
  }

  readonly timeStep: StepTimer = async (step, work) => {
    const end = this.#stepSeconds.startTimer({ step });
    try {
      return await work();
    } finally {
      end();
    }
  };

  modelUsed(modelVersion: string): void {
    if (modelVersion === this.#lastModel) return;
    this.#lastModel = modelVersion;
    this.#modelInUse.reset();
    this.#modelInUse.set({ model_version: modelVersion }, 1);
  }

  countDecision(outcome: string): void {
    this.#decisions.inc({ outcome });
  }

  async json(): Promise<MetricsJson> {
    return this.registry.getMetricsAsJSON();
  }

  register(app: FastifyInstance, all?: () => Promise<readonly MetricsJson[]>): void {
    app.addHook('onResponse', (request, reply, done) => {
      const operation = request.routeOptions.config.operation ?? 'other';
      this.#requestSeconds.observe({ operation, status: reply.statusCode }, reply.elapsedTime / 1000);
      done();
    });
    app.get('/metrics', async (_request, reply) =>
      reply.type(this.registry.contentType).send(await textOf(all ? await all() : [await this.json()])),
    );
  }
}

async function textOf(processes: readonly MetricsJson[]): Promise<string> {
  return AggregatorRegistry.aggregate(processes.map((figures) => [...figures])).metrics();
}
