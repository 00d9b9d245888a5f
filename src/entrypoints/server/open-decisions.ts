import {
  ConsentStore,
  type DecisionDependencies,
  DecisionStore,
  type ModelSource,
  openSocialNetwork,
  type PolicyCase,
  PolicyStore,
} from '../../decisions/index.ts';
import type { Portfolio } from '../../domain/index.ts';
import { admitSocialNetwork, dayOf, tablesOf } from '../../features/index.ts';
import { FraudLinkStore } from '../../fraud/index.ts';
import {
  type Clock,
  type Database,
  type Environment,
  OnlineStore,
  openPersonVault,
  type PersonVault,
} from '../../platform/index.ts';
import { openExternalSources } from './external-sources.ts';
import { uuidV7 } from './new-id.ts';
import { type OnlineFeatureSource, openOnlineFeatures } from './online-features.ts';
import { openSocialSources } from './social-sources.ts';
import { DyingStore, killAfterCommit } from './test-faults.ts';

export type DecisionParts = {
  /** Data directory: the master key is in it. */
  readonly home: string;
  readonly portfolio: Portfolio;
  readonly database: Database;
  readonly models: ModelSource;
  readonly clock: Clock;
  /** Tables of cases of the portfolio's own policy; each must end as it says. */
  readonly policyCases?: readonly PolicyCase[] | undefined;
  /** Who holds the idempotency keys worked on here; see `DecisionStore.releaseAll`. */
  readonly holder?: string | undefined;
  /** Addresses of external sources; see external-sources.ts. Unset: the book may have none. */
  readonly environment?: Environment | undefined;
};

export type OpenDecisions = DecisionDependencies & {
  readonly features: OnlineFeatureSource;
  readonly policies: PolicyStore;
  readonly vault: PersonVault;
  readonly online: OnlineStore;
  readonly consents: ConsentStore;
};

/** Everything a decision needs, wired once: the same for the server, `assay decide` and `assay replay`. */
export async function openDecisions(parts: DecisionParts): Promise<OpenDecisions> {
  const { portfolio, database, models, clock } = parts;
  admitSocialNetwork(portfolio, dayOf(clock.now()));
  const online = new OnlineStore({ database, portfolio: portfolio.name, tables: tablesOf(portfolio), clock });
  const external = openExternalSources({
    portfolio,
    clock,
    environment: parts.environment ?? {},
    learn: async (facts) => void (await database.transaction((inside) => online.apply(inside, facts))),
    arrival: (now) => online.arrival(now),
    ...(portfolio.endsWithData && { bookTime: (now: Date) => online.bookTime(now) }),
  });
  const policies = new PolicyStore({ database, clock, portfolio });
  await policies.adopt(portfolio.policy, parts.policyCases ?? []);
  const vault = openPersonVault({ home: parts.home, database, clock, portfolio: portfolio.name });
  const { name, fraud: definition } = portfolio;
  const fraud = definition && new FraudLinkStore({ database, portfolio: name, definition, vault });
  await fraud?.keepDefinition();
  const newId = () => uuidV7(clock);
  const consents = new ConsentStore({ database, clock, portfolio: name, vault, newId });
  return {
    portfolio,
    models,
    features: openOnlineFeatures({ store: online, portfolio }),
    store: openStore(parts, vault),
    vault,
    online,
    policies,
    clock,
    newId,
    consents,
    social: openSocial(parts, consents),
    external,
    fraud,
  };
}

/** Nobody is asked by a book that does not open the gate. */
function openSocial({ portfolio, clock, environment = {} }: DecisionParts, consents: ConsentStore) {
  if (!portfolio.socialNetwork?.enabled) return undefined;
  return openSocialNetwork({ portfolio, consents, clock, sources: openSocialSources(portfolio, environment) });
}

function openStore(parts: DecisionParts, vault: PersonVault): DecisionStore {
  const { database, clock, portfolio, holder, environment = {} } = parts;
  const options = { database, clock, portfolio: portfolio.name, vault, holder };
  const dyingShare = killAfterCommit(environment);
  return dyingShare > 0 ? new DyingStore(options, dyingShare) : new DecisionStore(options);
}
