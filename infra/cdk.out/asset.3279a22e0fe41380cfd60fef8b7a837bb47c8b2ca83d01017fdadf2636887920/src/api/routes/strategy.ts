import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type StrategyHandlers = Pick<Handlers, 'getStrategyBook' | 'getStrategyGroups' | 'getClaims'>;

export function strategyHandlers({ views, claims }: ApiDependencies): StrategyHandlers {
  return {
    getStrategyBook: () => views.strategyBook(),
    getStrategyGroups: () => views.strategyGroups(),
    getClaims: () => claims(),
  };
}
