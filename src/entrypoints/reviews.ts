import { userWhoMay } from '../api/index.ts';
import { type ReviewCase, ReviewStore } from '../decisions/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type { ReviewsOptions } from './commands/reviews.ts';
import type { CommandContext } from './context.ts';

/** @throws AssayError forbidden for a role that may not see borrowers' data */
export function listReviews(context: CommandContext, options: ReviewsOptions): Promise<void> {
  return withBookDecisions(context, options.portfolio, async (decisions, { database, portfolio }) => {
    await userWhoMay(database, options.as, 'listReviews');
    const { clock, store, policies, vault, newId } = decisions;
    const reviews = new ReviewStore({ database, clock, portfolio: portfolio.name, store, policies, vault, newId });
    await reviews.openReferred();
    const { rows, total } = await reviews.list({ limit: options.limit, offset: 0 });
    if (options.json) return context.print(JSON.stringify({ rows, total }, null, 2));
    context.print([...rows.map(lineOf), `${rows.length} of ${total} that wait`].join('\n'));
  });
}

function lineOf({ caseId, decisionId, status, origin, openedAt, claimedBy, needsSecond }: ReviewCase): string {
  const who = claimedBy === null ? '' : `, with ${claimedBy}`;
  const second = needsSecond ? ', needs a second person' : '';
  return `${caseId}  ${status.padEnd(9)} ${openedAt.toISOString().slice(0, 16)}  decision ${decisionId}, ${origin}${who}${second}`;
}
