import { AggregatorRegistry } from 'prom-client';
import type { MetricsJson } from './metrics.ts';

/** One number of a Prometheus figure, over all processes. */
export type MetricSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** The figures of several processes as one list of numbers: counts summed, gauges as each of them says. */
export async function samplesOf(processes: readonly MetricsJson[]): Promise<MetricSample[]> {
  const summed = await AggregatorRegistry.aggregate(processes.map((figures) => [...figures])).getMetricsAsJSON();
  return summed.flatMap(({ name, values }) =>
    values.map((sample) => ({
      name: 'metricName' in sample && typeof sample.metricName === 'string' ? sample.metricName : name,
      labels: Object.fromEntries(Object.entries(sample.labels).map(([label, value]) => [label, String(value)])),
      value: sample.value,
    })),
  );
}
