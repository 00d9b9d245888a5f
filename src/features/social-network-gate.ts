import {
  AssayError,
  type FeatureRow,
  type FeatureValue,
  type FieldIssue,
  isInEea,
  placeOf,
  rulesInForce,
  type SocialNetworkGate,
} from '../domain/index.ts';

/** A borrower's consent to one purpose. Times are UTC, ISO. */
export type SocialConsent = {
  readonly borrowerId: string;
  readonly platform: string;
  readonly purpose: 'credit_decision' | 'model_development';
  /** Attributes of the profile that may be asked for. */
  readonly scope: readonly string[];
  readonly grantedAt: string;
  readonly expiresAt: string;
  /** Set when the borrower took it back. */
  readonly revokedAt: string | null;
};

/** A revocation must hold within this time; it holds at once here, also for what was read before. */
export const REVOCATION_HOURS = 24;
/** No consent is for longer. */
export const MAX_CONSENT_DAYS = 365;
/** Their terms forbid use in decisions on eligibility for credit, as read in a secondary source: no attestation helps. */
const NEVER_PLATFORMS = /^(meta|facebook|instagram|whatsapp|threads|messenger)/i;
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
  platforms: readonly string[] = [],
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
    ...platformRefusals(gate, platforms, day),
    ...never.map((column) => `${column}: data of other people, or what tells a special category, is never used`),
  ];
}

function platformRefusals(gate: SocialNetworkGate, platforms: readonly string[], day: string): string[] {
  const isAttested = (platform: string): boolean =>
    gate.attestations.some(
      (one) =>
        one.platform === platform && one.attestedBy.trim() !== '' && one.attestedOn <= day && one.attestedOn !== '',
    );
  return platforms.flatMap((platform) => {
    if (NEVER_PLATFORMS.test(platform)) return [`${platform}: its terms forbid decisions on credit`];
    return isAttested(platform) ? [] : [`"${platform}": nobody vouches that its terms allow it`];
  });
}

/** @throws AssayError forbidden with every reason, when a book may not look at social-network data */
export function assertSocialNetworkAdmitted(
  gate: SocialNetworkGate | undefined,
  columns: readonly string[],
  day: string,
  platforms: readonly string[] = [],
): void {
  const refusals = socialNetworkRefusals(gate, columns, day, platforms);
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
export function isConsentLive(
  consent: SocialConsent | undefined,
  platform: string,
  at: Date,
  purpose: SocialConsent['purpose'] = 'credit_decision',
): boolean {
  if (!consent || consent.platform !== platform || consent.purpose !== purpose) return false;
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
