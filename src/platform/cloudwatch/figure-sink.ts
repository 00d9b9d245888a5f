import type { CloudWatchClient, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AssayError } from '../../domain/index.ts';

/** One figure at one time: a value, or how often each of several values was seen since the last time. */
export type Figure = {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds' | 'None';
  readonly dimensions: Readonly<Record<string, string>>;
} & ({ readonly value: number } | { readonly values: readonly number[]; readonly counts: readonly number[] });

export interface FigureSink {
  put(figures: readonly Figure[], at: Date): Promise<void>;
  close(): void;
}

/** PutMetricData takes at most so many figures, and so many values in one. */
const FIGURES_A_CALL = 1_000;
const VALUES_A_FIGURE = 150;

/** Figures into CloudWatch under a namespace of ours; region and credentials come from the environment. */
export async function openFigureSink(namespace: string, client?: CloudWatchClient): Promise<FigureSink> {
  const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const opened = client ?? new CloudWatchClient();
  return {
    async put(figures, at) {
      for (let from = 0; from < figures.length; from += FIGURES_A_CALL) {
        const MetricData = figures.slice(from, from + FIGURES_A_CALL).map((figure) => datumOf(figure, at));
        await opened.send(new PutMetricDataCommand({ Namespace: namespace, MetricData })).catch((cause: unknown) => {
          throw refused(namespace, cause);
        });
      }
    },
    close: () => opened.destroy(),
  };
}

function datumOf(figure: Figure, at: Date): MetricDatum {
  const { name: MetricName, unit: Unit, dimensions } = figure;
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const common = { MetricName, Unit, Dimensions, Timestamp: at };
  if ('value' in figure) return { ...common, Value: figure.value };
  return {
    ...common,
    Values: figure.values.slice(0, VALUES_A_FIGURE),
    Counts: figure.counts.slice(0, VALUES_A_FIGURE),
  };
}

function refused(namespace: string, cause: unknown): AssayError {
  return new AssayError(
    'unavailable',
    {
      what: 'figures could not be put into CloudWatch',
      given: `${namespace}: ${cause instanceof Error ? cause.name : 'unknown error'}`,
      fix: 'check that the role may cloudwatch:PutMetricData in that namespace, and that the network has the endpoint',
    },
    { cause },
  );
}
