import { type MetricSample, type MetricsJson, samplesOf } from '../../api/index.ts';
import type { Clock, FigureSink, Log } from '../../platform/index.ts';
import { type BookFigures, cloudFigures } from './cloud-figures.ts';

export type PublishOptions = {
  readonly portfolio: string;
  readonly sink: FigureSink;
  readonly metrics: () => Promise<readonly MetricsJson[]>;
  readonly book: () => Promise<BookFigures>;
  readonly clock: Clock;
  readonly log: Log;
  readonly everySeconds?: number;
};

const EVERY_SECONDS = 60;

export type RunningFigures = { readonly now: () => Promise<void>; readonly stop: () => Promise<void> };

/** Puts the figures of all workers into CloudWatch each minute; what could not be put is said in the log, and the next minute goes on. */
export function startFigures(options: PublishOptions): RunningFigures {
  const { portfolio, sink, metrics, book, clock, log, everySeconds = EVERY_SECONDS } = options;
  let before: readonly MetricSample[] = [];
  let busy: Promise<void> = Promise.resolve();
  const put = async (): Promise<void> => {
    const now = await samplesOf(await metrics());
    await sink.put(cloudFigures(portfolio, before, now, await book()), clock.now());
    before = now;
  };
  const now = (): Promise<void> => {
    busy = busy.then(put).catch((error: unknown) => log.warn({ error }, 'figures were not put into CloudWatch'));
    return busy;
  };
  const timer = setInterval(() => void now(), everySeconds * 1000);
  timer.unref();
  return {
    now,
    stop: async () => {
      clearInterval(timer);
      await now();
      sink.close();
    },
  };
}
