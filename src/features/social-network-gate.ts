import {
  AssayError,
  type FeatureRow,
  type FeatureValue,
  type FieldIssue,
  type Interval,
  isInEea,
  placeOf,
  rulesInForce,
} from '../domain/index.ts';

/** What must be there before social-network data may be looked at in a book. Off by default: unset means refused. */
export type SocialNetworkGate = {
  readonly enabled: boolean;
  /** Where the lender lends, and where its borrowers live. */
  readonly jurisdictions: readonly string[];
  /** Who vouches that the platform's terms allow credit decisions; each platform for itself. */
  readonly attestations: readonly {
    readonly platform: string;
    readonly attestedBy: string;
    readonly attestedOn: string;
  }[];
};

/** A borrower's consent to one purpose. Times are UTC, ISO. */
export type SocialConsent = {
  readonly borrowerId: string;
  readonly platform: string;
  readonly purpose: 'credit_decision';
  readonly grantedAt: string;
  readonly expiresAt: string;
  /** Set when the borrower took it back. */
  readonly revokedAt: string | null;
};

/** A revocation must hold within this time; it holds at once here, also for what was read before. */
export const REVOCATION_HOURS = 24;
/** No consent is for longer. */
export const MAX_CONSENT_DAYS = 365;
/** Of other people, or what tells a special category: never, whatever was consented to. */
const NEVER =
  /contact|friend|follower|connection|religio|faith|health|medic|politic|union|orient|ethnic|race|gender|sex|genetic|biometr|message_text|post_text/i;

/**
 * Why a book may not look at social-network data on a day; empty when it may. EU and EEA are refused first and whatever else is
 * said: social networks are no source for the assessment of creditworthiness there (Directive (EU) 2023/2225, Art. 18(3)), and
 * there is no switch for it.
 */
export function socialNetworkRefusals(
  gate: SocialNetworkGate | undefined,
  columns: readonly string[],
  day: string,
): string[] {
  const inEea = (gate?.jurisdictions ?? []).filter(isInEea);
  if (inEea.length > 0)
    return [
      `${inEea.join(', ')}: social networks are no source for credit decisions in the EU and EEA; no setting opens this`,
    ];
  if (!gate?.enabled) return ['social-network data is off; it is never on by default'];
  const never = columns.filter((column) => NEVER.test(column));
  const unknown = gate.jurisdictions.filter((written) => placeOf(written) === undefined);
  const places = gate.jurisdictions.flatMap((written) => placeOf(written) ?? []);
  const forbidden = places.filter((place) =>
    rulesInForce(place, day).some(({ gives }) => gives.includes('no_social_network')),
  );
  return [
    ...(gate.jurisdictions.length === 0 ? ['no jurisdiction is named, so none can be ruled out'] : []),
    ...unknown.map((written) => `"${written}" is no country that is known, so its rules are not`),
    ...forbidden.map((place) => `${place}: a rule in force forbids it`),
    ...(gate.attestations.length === 0 ? ['nobody vouches that the terms of the platform allow it'] : []),
    ...never.map((column) => `${column}: data of other people, or what tells a special category, is never used`),
  ];
}

/** @throws AssayError forbidden with every reason, when a book may not look at social-network data */
export function assertSocialNetworkAdmitted(
  gate: SocialNetworkGate | undefined,
  columns: readonly string[],
  day: string,
): void {
  const refusals = socialNetworkRefusals(gate, columns, day);
  if (refusals.length === 0) return;
  const issues: FieldIssue[] = refusals.map((message) => ({ path: 'socialNetwork', message }));
  throw new AssayError('forbidden', {
    what: 'social-network data is closed to this book',
    given: refusals.join('; '),
    allowed: 'outside EU and EEA, switched on, with an attestation for each platform, of the borrower alone',
    fix: 'leave the features out; open-banking cash flow and the free text of the application are the lawful neighbours',
    issues,
  });
}

/** Whether a consent holds at a moment: given, not run out, not revoked, for no longer than may be asked for. */
export function isConsentLive(consent: SocialConsent | undefined, platform: string, at: Date): boolean {
  if (!consent || consent.platform !== platform || consent.purpose !== 'credit_decision') return false;
  const [granted, expires] = [Date.parse(consent.grantedAt), Date.parse(consent.expiresAt)];
  const isBounded = expires - granted <= MAX_CONSENT_DAYS * 86_400_000;
  const isRevoked = consent.revokedAt !== null && Date.parse(consent.revokedAt) <= at.getTime();
  return isBounded && granted <= at.getTime() && at.getTime() < expires && !isRevoked;
}

/** The row with social-network values empty where no consent holds: a model must have learnt to score without them. */
export function withConsent(
  row: FeatureRow,
  features: readonly { readonly name: string; readonly platform: string }[],
  consents: readonly SocialConsent[],
  at: Date,
): FeatureRow {
  const emptied = features.flatMap(({ name, platform }): [string, FeatureValue][] =>
    consents.some((consent) => isConsentLive(consent, platform, at)) ? [] : [[name, null]],
  );
  return { ...row, ...Object.fromEntries(emptied) };
}

/**
 * Why a model with social-network features may not be promoted: its lift over the challenger without them is not shown out of
 * sample, or a group is approved less than before. Empty when it may.
 */
export function liftRefusals(evidence: {
  /** AUC with minus AUC without, out of sample, 95 %. */
  readonly lift: Interval;
  readonly groups: readonly { readonly name: string; readonly airWithout: number; readonly airWith: number }[];
}): string[] {
  const { lift, groups } = evidence;
  return [
    ...(lift.lower > 0 ? [] : [`the interval of the lift (${lift.lower} to ${lift.upper}) holds 0`]),
    ...groups
      .filter(({ airWith, airWithout }) => airWith < airWithout)
      .map(({ name, airWith, airWithout }) => `the impact ratio of ${name} falls from ${airWithout} to ${airWith}`),
  ];
}
