import {
  type DecisionRecord,
  findDecision,
  type ReadRecord,
  type Replay,
  type ReplayCause,
  type ReplayDependencies,
  replayRecord,
} from '../decisions/index.ts';
import { AssayError } from '../domain/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type { CommandContext } from './context.ts';
import type { OpenDecisions } from './server/index.ts';

type ReplayOptions = {
  readonly portfolio: string;
  readonly decision?: string | undefined;
  readonly json?: boolean;
};

/** Decisions read at once. */
const PAGE = 500;
/** Decisions with differences that are shown; all are counted. */
const MAX_SHOWN = 100;

/** One decision, or the reason why it cannot be computed again. */
type Replayed = Pick<Replay, 'decisionId' | 'causes'> & { readonly replay?: Replay; readonly error?: string };

type Summary = {
  readonly replayed: number;
  readonly identical: number;
  readonly causes: Partial<Record<ReplayCause, number>>;
  readonly different: readonly Replayed[];
};

/** Replays one decision or all of a book and prints what came out. @returns whether every bit was the same */
export async function replayDecisions(context: CommandContext, options: ReplayOptions): Promise<boolean> {
  return withBookDecisions(context, options.portfolio, async (decisions) => {
    if (options.decision !== undefined) {
      const one = await replayOne(decisions, await findDecision(decisions.store, options.decision));
      context.print(options.json ? JSON.stringify(one.replay ?? one, null, 2) : oneText(one));
      return one.causes.length === 0;
    }
    const summary = await replayAll(decisions, context.signal);
    context.print(options.json ? JSON.stringify(summary, null, 2) : summaryText(summary));
    return summary.identical === summary.replayed;
  });
}

/** Every decision of the book, a page at a time. */
export async function replayAll(decisions: OpenDecisions, signal: AbortSignal): Promise<Summary> {
  const causes: Partial<Record<ReplayCause, number>> = {};
  const different: Replayed[] = [];
  let [replayed, identical, after] = [0, 0, 0];
  for (;;) {
    const page = await decisions.store.since(after, PAGE);
    if (page.length === 0) return { replayed, identical, causes, different };
    // features of many borrowers are read in one round trip when asked for together
    for (const one of await Promise.all(page.map((read) => replayRead(decisions, read)))) {
      if (!one) continue;
      replayed++;
      if (one.causes.length === 0) identical++;
      else if (different.length < MAX_SHOWN) different.push(one);
      for (const cause of one.causes) causes[cause] = (causes[cause] ?? 0) + 1;
    }
    after = page.at(-1)!.sequence;
    if (signal.aborted) throw new AssayError('cancelled', { what: 'replaying was stopped' });
  }
}

/** Of an erased person there is nothing to replay. */
async function replayRead(decisions: ReplayDependencies, read: ReadRecord): Promise<Replayed | undefined> {
  if (read.error) return { decisionId: read.decisionId, causes: ['record'], error: read.error.message };
  return read.record && replayOne(decisions, read.record);
}

async function replayOne(decisions: ReplayDependencies, record: DecisionRecord): Promise<Replayed> {
  const { decisionId } = record.body;
  try {
    const replay = await replayRecord(decisions, record);
    return { decisionId, causes: replay.causes, replay };
  } catch (error) {
    if (!(error instanceof AssayError) || (error.code !== 'tampered' && error.code !== 'not_found')) throw error;
    return { decisionId, causes: [/policy/.test(error.parts.what) ? 'policy' : 'model'], error: error.message };
  }
}

function summaryText({ replayed, identical, causes, different }: Summary): string {
  const attributed = Object.entries(causes).map(([cause, count]) => `${cause} ${count}`);
  return [
    `${replayed} decisions replayed, ${identical} identical in every bit, ${replayed - identical} with differences`,
    ...(attributed.length > 0 ? [`differences come from: ${attributed.join(', ')}`] : []),
    ...different.map(oneText),
    ...(replayed - identical > different.length ? [`… and ${replayed - identical - different.length} more`] : []),
  ].join('\n');
}

function oneText({ decisionId, causes, replay, error }: Replayed): string {
  if (error !== undefined) return `${decisionId}: ${causes.join(', ')}: ${error}`;
  const fields = [...(replay?.differences ?? []), ...(replay?.features.differences ?? [])].map(
    ({ field, recorded, recomputed }) => `  ${field}: recorded ${recorded}, recomputed ${recomputed}`,
  );
  const compared = (replay?.compared ?? 0) + (replay?.features.compared ?? 0);
  return causes.length === 0
    ? `${decisionId}: identical in every bit, ${compared} values compared`
    : [`${decisionId}: differs by ${causes.join(', ')}`, ...fields].join('\n');
}
