import { type FeatureValue, isInEea, type Portfolio, placeOf } from '../../domain/index.ts';
import { dayOf, isConsentLive, socialColumnsOf, socialNetworkRefusals, tablesOf } from '../../features/index.ts';
import type { Clock, HttpSource, SourceAnswer } from '../../platform/index.ts';
import type { LoanApplication } from '../application.ts';
import type { Consent, ConsentStore } from '../consents/index.ts';
import type { ExternalAnswer } from '../external-data.ts';
import { readProfile } from './profile.ts';

/** What the platforms gave for a decision: columns of the application, and for the record what was asked under which consent. */
export type ProfileAnswer = {
  readonly columns: Readonly<Record<string, FeatureValue>>;
  readonly answers: readonly (ExternalAnswer & { readonly consentId: string })[];
};

export type SocialNetwork = { readonly ask: (application: LoanApplication) => Promise<ProfileAnswer> };

export const NO_PROFILE: ProfileAnswer = { columns: {}, answers: [] };

type Asking = {
  readonly portfolio: Portfolio;
  readonly consents: Pick<ConsentStore, 'of'>;
  readonly clock: Clock;
  /** By platform; a platform without a source is not asked. */
  readonly sources: ReadonlyMap<string, HttpSource>;
};

/**
 * Asks social networks for the profile of a borrower who agreed to it, while a decision waits; each within the deadline of its source. At
 * each use the gate is asked again, with the day and with where the borrower lives, and the consent is read from the database: before
 * the question, and once more before the answer is used. Without either nothing is asked, no socket is opened, and the columns are empty.
 */
export function openSocialNetwork(asking: Asking): SocialNetwork {
  const { portfolio, consents, clock, sources } = asking;
  const columns = socialColumnsOf(tablesOf(portfolio));
  return {
    ask: async (application) => {
      if (
        !mayBeAsked(
          portfolio,
          application,
          columns.map(({ name }) => name),
          clock.now(),
        )
      )
        return NO_PROFILE;
      const granted = await consents.of(application.borrowerId);
      const live = granted.filter((one) => isConsentLive(one, one.platform, clock.now()) && sources.has(one.platform));
      const asked = await Promise.all(live.map((consent) => askOne(asking, application, consent)));
      return {
        columns: Object.assign({}, ...asked.map((one) => one.columns)),
        answers: asked.flatMap(({ answers }) => answers),
      };
    },
  };
}

/** The gate as of now, for this borrower: the lender's places, and where the borrower lives as the application says. */
function mayBeAsked(
  { socialNetwork: gate, lender }: Portfolio,
  { columns }: LoanApplication,
  names: readonly string[],
  now: Date,
): boolean {
  if (!gate?.enabled || !lender) return false;
  const residence = gate.residenceColumn === undefined ? lender.jurisdiction : columns[gate.residenceColumn];
  if (typeof residence !== 'string' || placeOf(residence) === undefined || isInEea(residence)) return false;
  const jurisdictions = [...gate.jurisdictions, lender.jurisdiction, residence];
  return socialNetworkRefusals({ ...gate, jurisdictions }, names, dayOf(now)).length === 0;
}

async function askOne(
  { consents, clock, sources }: Asking,
  { applicationId, borrowerId }: LoanApplication,
  { consentId, platform, scope }: Consent,
): Promise<ProfileAnswer> {
  const askedAt = clock.now().toISOString();
  const question = { source: `social_${platform}`, applicationId, borrowerId, consentId, attributes: scope, askedAt };
  const answer = await sources
    .get(platform)!
    .ask(question, (body) => readProfile(body, { platform, borrowerId, scope, now: clock.now() }));
  const answeredAt = clock.now();
  // it may have been taken back while the platform was asked
  const still = (await consents.of(borrowerId)).find((one) => one.consentId === consentId);
  const holds = isConsentLive(still, platform, answeredAt);
  const columns = holds && answer.kind === 'received' ? answer.value : {};
  const outcome = holds ? outcomeOf(answer) : { status: 'failed' as const, failure: 'consent_revoked' };
  return {
    columns,
    answers: [
      {
        ...{ source: `social_network:${platform}`, mandatory: false, askedAt, answeredAt: answeredAt.toISOString() },
        ...{ attempts: answer.attempts, rows: Object.keys(columns).length > 0 ? [columns] : [], consentId },
        ...outcome,
      },
    ],
  };
}

function outcomeOf(answer: SourceAnswer<unknown>): Pick<ExternalAnswer, 'status' | 'failure'> {
  if (answer.kind === 'received') return { status: 'received', failure: null };
  return answer.kind === 'absent'
    ? { status: 'no_file', failure: null }
    : { status: 'failed', failure: answer.failure };
}
