import type { FastifyInstance } from 'fastify';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The figures of one process, to be summed with those of others. */
export type MetricsJson = readonly object[];

/** Prometheus figures of this server, at /metrics. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requestSeconds: Histogram<'operation' | 'status'>;
  readonly #decisions: Counter<'outcome'>;

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
  }

  countDecision(outcome: string): void {
    this.#decisions.inc({ outcome });
  }

  async json(): Promise<MetricsJson> {
    return this.registry.getMetricsAsJSON();
  }

  register(app: FastifyInstance, all?: () => Promise<readonly MetricsJson[]>): void {
    app.addHook('onResponse', async (request, reply) => {
      const operation = request.routeOptions.config.operation ?? 'other';
      this.#requestSeconds.observe({ operation, status: reply.statusCode }, reply.elapsedTime / 1000);
    });
    app.get('/metrics', async (_request, reply) =>
      reply.type(this.registry.contentType).send(await textOf(all ? await all() : [await this.json()])),
    );
  }
}

async function textOf(processes: readonly MetricsJson[]): Promise<string> {
  return AggregatorRegistry.aggregate(processes.map((figures) => [...figures])).metrics();
}
