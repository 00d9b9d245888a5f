import { recentFacts } from '../../platform/index.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

const MAX_SHOWN_CHARS = 600;

export function liveHandlers({ database, portfolio }: ApiDependencies): Pick<Handlers, 'listRecentEvents'> {
  return {
    listRecentEvents: async ({ query }) => {
      const facts = await recentFacts(database, portfolio.name, query);
      return {
        rows: facts.map(({ borrowerId, content, knownAt, appliedAt, ...fact }) => ({
          ...fact,
          borrowerId: borrowerId === '' ? null : borrowerId,
          content: content.slice(0, MAX_SHOWN_CHARS),
          knownAt: knownAt?.toISOString() ?? null,
          appliedAt: appliedAt.toISOString(),
        })),
      };
    },
  };
}
