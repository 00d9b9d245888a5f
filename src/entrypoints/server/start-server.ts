import {
  type ApiLog,
  buildApi,
  Metrics,
  type MetricsJson,
  type PipelinePort,
  type ReadinessCheck,
} from '../../api/index.ts';
import {
  type DecisionStore,
  type ModelSource,
  NoticeStore,
  type PolicyCase,
  type PolicyStore,
  ProbeStore,
  ProbeWatch,
  ReviewStore,
  runShadows,
} from '../../decisions/index.ts';
import { AssayError, type Portfolio } from '../../domain/index.ts';
import { openBorrowerFeatures, tablesOf } from '../../features/index.ts';
import { openBookEvents } from '../../ingestion/index.ts';
import {
  type Clock,
  type Config,
  type Database,
  type Environment,
  type Lake,
  openErasedRegister,
  openWarehouse,
  type SealedZone,
} from '../../platform/index.ts';
import { type ModelCatalog, openPortfolioViews, openSqlConsole, sqlSaltOf } from '../../portfolio/index.ts';
import { openAuditView } from './audit-view.ts';
import { openBookClaims } from './book-claims.ts';
import { openBookDrift } from './book-drift.ts';
import { openBookFairness } from './book-fairness.ts';
import { runAlone, startEverySecond } from './every-second.ts';
import type { OnlineFeatureSource } from './online-features.ts';
import { openDecisions } from './open-decisions.ts';
import { openFraud } from './open-fraud.ts';
import { openPersons } from './open-persons.ts';

export type ServerParts = {
  readonly config: Pick<Config, 'home' | 'host' | 'port' | 'nthread' | 'kinesisStream'>;
  readonly portfolio: Portfolio;
  readonly database: Database;
  readonly lake: Lake;
  /** Protected traits, for fairness checks alone; unset: none. */
  readonly sealed?: SealedZone | undefined;
  readonly models: ModelSource & ModelCatalog;
  readonly pipeline: PipelinePort;
  /** Cases of the portfolio's policy, for when it becomes the first live version. */
  readonly policyCases?: readonly PolicyCase[] | undefined;
  readonly clock: Clock;
  readonly log: ApiLog;
  /** Addresses of external sources; see external-sources.ts. Unset: the book may have none. */
  readonly environment?: Environment | undefined;
  /** Who holds the idempotency keys this server works on; see `DecisionStore.releaseAll`. */
  readonly holder?: string | undefined;
  /** Directory of the built web app; unset or not there: the API alone. */
  readonly webDirectory?: string | undefined;
  readonly rateLimitPerMinute?: number | undefined;
  /** Figures of all processes that serve together; unset: this one is alone. */
  readonly allMetrics?: (() => Promise<readonly MetricsJson[]>) | undefined;
};

export type RunningServer = {
  /** `http://127.0.0.1:4680` */
  readonly url: string;
  readonly port: number;
  /** Figures of this process. */
  readonly metrics: () => Promise<MetricsJson>;
  /** Stops taking requests, waits for those under way, closes what the server opened itself. */
  readonly close: () => Promise<void>;
};

/** Memory for the pages' queries: small beside the pipeline's. */
const PAGES_MEMORY = '1GB';
/** About a fifth of a second of commits: who sends more is told to wait, so that who was taken is answered soon. */
const MAX_WAITING_EVENTS = 2_000;

/**
 * Serves one portfolio: pages, API, health and metrics. Has a warehouse of its own, so that a page never waits for the
 * pipeline's long queries. What was passed in stays the caller's to close.
 * @throws AssayError unavailable when the address is taken
 */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { config, portfolio, database, lake, models, clock } = parts;
  const warehouse = await openWarehouse({ threads: config.nthread, memoryLimit: PAGES_MEMORY });
  const fairness = parts.sealed && (await openBookFairness({ ...parts, sealed: parts.sealed }));
  let followers: { stop: () => Promise<void> } | undefined;
  const closeOwn = async (): Promise<void> => {
    await followers?.stop();
    await fairness?.close();
    await warehouse.close();
  };
  try {
    const metrics = new Metrics();
    const decisions = { ...(await openDecisions({ ...parts, home: config.home })), time: metrics.timeStep };
    const { features, store, policies, vault, online, newId, consents } = decisions;
    const { kinesisStream } = config;
    const erased = openErasedRegister({ home: config.home, database, portfolio: portfolio.name, clock });
    const events = await openBookEvents({
      ...{ database, portfolio, clock, kinesisStream, erased },
      maxWaitingEvents: MAX_WAITING_EVENTS,
    });
    const reviews = new ReviewStore({ database, clock, portfolio: portfolio.name, store, policies, vault, newId });
    const notices = new NoticeStore({ database, clock, vault, explain: { portfolio, models, store } });
    const persons = openPersons({ home: config.home, database, clock }, decisions);
    followers = startFollowers(parts, { reviews, notices, store, policies });
    const app = await buildApi({
      ...parts,
      metrics,
      decisions,
      policies,
      reviews,
      notices,
      ...{ persons, consents },
      probes: new ProbeWatch({ clock, store: new ProbeStore(database, portfolio.name) }),
      borrowerFeatures: openBorrowerFeatures({
        facts: online,
        catalog: portfolio.features,
        tables: tablesOf(portfolio),
      }),
      audit: openAuditView({ database, home: config.home, portfolio: portfolio.name }),
      views: openPortfolioViews({
        ...{ warehouse, lake, portfolio, models, catalog: models, sealed: parts.sealed },
        policyInForce: async () => (await policies.live()).policy,
      }),
      sql: openSqlConsole({ warehouse, lake, portfolio, database, clock, salt: sqlSaltOf(vault) }),
      fairness: fairness?.views,
      ...openFraud({ warehouse, lake, portfolio }, { database, clock, vault }),
      claims: openBookClaims({ lake, portfolio, nthread: config.nthread }),
      drift: openBookDrift({ lake, portfolio, nthread: config.nthread }),
      events,
      newId,
      readiness: () => readiness(parts, features),
    });
    const url = await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
      throw addressError(config, error);
    });
    const close = async (): Promise<void> => {
      await app.close();
      await closeOwn();
    };
    return { url, port: Number(new URL(url).port), metrics: () => metrics.json(), close };
  } catch (error) {
    await closeOwn();
    throw error;
  }
}

/** What follows decisions: cases, notices and shadows that are due, keys that are forgotten. Of several servers of a book one does it. */
function startFollowers(
  { database, portfolio, log }: ServerParts,
  work: { reviews: ReviewStore; notices: NoticeStore; store: DecisionStore; policies: PolicyStore },
): { stop: () => Promise<void> } {
  const { reviews, notices, store, policies } = work;
  return startEverySecond(
    (follow) => runAlone(database, portfolio.name, follow),
    {
      reviews: () => reviews.openReferred(),
      notices: () => notices.open(),
      forgottenKeys: () => store.forgetKeys(),
      shadows: () => runShadows({ database, store, policies }, portfolio.name),
    },
    log,
  );
}

async function readiness({ database, models }: ServerParts, features: OnlineFeatureSource): Promise<ReadinessCheck[]> {
  return Promise.all([
    check('database', () => database.query('SELECT 1')),
    check('champion model', () => models.champion()),
    check('online store', () => features.ready()),
  ]);
}

async function check(name: string, work: () => Promise<unknown>): Promise<ReadinessCheck> {
  try {
    await work();
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, detail: error instanceof AssayError ? error.parts.what : 'does not answer' };
  }
}

function addressError({ host, port }: Pick<Config, 'host' | 'port'>, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new AssayError(
    'unavailable',
    { what: 'the address is taken', given: `${host}:${port}`, fix: 'stop what listens there, or set PORT to another' },
    { cause: error },
  );
}
