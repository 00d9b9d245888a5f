import type { DriftDto } from '../../api/index.ts';
import type { Clock, Database, ModelRegistry } from '../../platform/index.ts';
import type { BookFigures } from './cloud-figures.ts';

export type BookFigureSource = {
  readonly portfolio: string;
  readonly database: Database;
  readonly registry: Pick<ModelRegistry, 'champion'>;
  readonly drift: () => Promise<DriftDto>;
  readonly clock: Clock;
};

const DAY_MS = 86_400_000;

/** Dead letters that wait, the champion's age, and how far the scores of the last full month moved from those it was trained on. */
export async function bookFigures({
  portfolio,
  database,
  registry,
  drift,
  clock,
}: BookFigureSource): Promise<BookFigures> {
  const [row] = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM dead_letters WHERE portfolio = $1 AND status = 'waiting'",
    [portfolio],
  );
  const champion = await registry.champion(portfolio);
  const found = (await drift()).drift;
  return {
    deadLettersWaiting: row?.n ?? 0,
    modelAgeDays: champion ? (clock.now().getTime() - Date.parse(champion.manifest.createdAt)) / DAY_MS : null,
    scorePsi: found?.months.findLast(({ psi }) => psi !== null)?.psi ?? null,
  };
}
