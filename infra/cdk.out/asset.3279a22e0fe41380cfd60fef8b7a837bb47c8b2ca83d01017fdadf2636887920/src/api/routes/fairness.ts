import { AssayError } from '../../domain/index.ts';
import type { FairnessViews, SearchState, TraitFairness, TraitSearch } from '../../monitoring/index.ts';
import { AIR_SCREEN, MINIMUM_GROUP_SIZE } from '../../training/index.ts';
import type { FairnessGroups, FairnessSearch } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type FairnessHandlers = Pick<Handlers, 'listFairnessTraits' | 'getFairnessGroups' | 'getFairnessSearch'>;

export function fairnessHandlers({ fairness }: ApiDependencies): FairnessHandlers {
  return {
    listFairnessTraits: async () => ({
      minimumGroup: MINIMUM_GROUP_SIZE,
      screen: AIR_SCREEN,
      traits: (fairness?.traits() ?? []).map(({ column, title }) => ({ name: column, title })),
    }),
    getFairnessGroups: async ({ query }) => groupsDto(await opened(fairness).groups(query.trait, query.reference)),
    getFairnessSearch: async ({ query }) => searchDto(await opened(fairness).search(query.trait)),
  };
}

function opened(fairness: FairnessViews | undefined): FairnessViews {
  if (fairness) return fairness;
  throw new AssayError('unavailable', {
    what: 'this server holds no key to the protected traits',
    fix: 'start it where keys/protected.key lies',
  });
}

function groupsDto(found: TraitFairness): FairnessGroups {
  return {
    ...found,
    policy: [...found.policy],
    cutOffs: found.cutOffs.map(({ cutOff, groups }) => ({ cutOff, groups: [...groups] })),
  };
}

function searchDto(state: SearchState): FairnessSearch {
  return state.state === 'ready' ? { state: 'ready', result: resultDto(state.result) } : state;
}

function resultDto(result: TraitSearch) {
  return {
    ...result,
    scans: result.scans.map((scan) => ({ ...scan, proxies: [...scan.proxies] })),
    alternatives: [...result.alternatives],
  };
}
