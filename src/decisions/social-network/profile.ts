import { z } from 'zod';
import type { FeatureValue } from '../../domain/index.ts';
import { PROFILE_ATTRIBUTES } from '../../features/index.ts';
import { SourceFault } from '../../platform/index.ts';

/** A clock that is a little ahead of ours is no profile from the future. */
const MAX_AHEAD_MS = 60_000;

/** What a platform answers, and nothing beside it: a member that is not listed refuses the whole. See docs/social-networks.md. */
const profileSchema = z.strictObject({
  platform: z.string(),
  borrowerId: z.string(),
  observedAt: z.iso.datetime({ offset: true }),
  attributes: z.record(z.string(), z.union([z.int().min(0), z.boolean(), z.null()])),
});

export type ProfileExpected = {
  readonly platform: string;
  readonly borrowerId: string;
  /** Attributes that were agreed to. */
  readonly scope: readonly string[];
  readonly now: Date;
};

/**
 * The columns of loan_applications that an answer fills.
 * @throws SourceFault invalid: not this shape, about somebody else, from the future, or more than was agreed to
 */
export function readProfile(body: unknown, expected: ProfileExpected): Readonly<Record<string, FeatureValue>> {
  const parsed = profileSchema.safeParse(body);
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.path.join('.') ?? '', 'not the shape of a profile');
  const { platform, borrowerId, observedAt, attributes } = parsed.data;
  if (platform !== expected.platform) throw invalid('platform', 'another platform');
  if (borrowerId !== expected.borrowerId) throw invalid('borrowerId', 'another borrower');
  if (Date.parse(observedAt) > expected.now.getTime() + MAX_AHEAD_MS) throw invalid('observedAt', 'later than now');
  const beyond = Object.keys(attributes).find((name) => !expected.scope.includes(name));
  if (beyond !== undefined) throw invalid(`attributes.${beyond}`, 'more than the borrower agreed to');
  return Object.fromEntries(
    PROFILE_ATTRIBUTES.map(({ name }) => [`social_${platform}_${name}`, cellOf(name, attributes[name] ?? null)]),
  );
}

function cellOf(name: string, value: number | boolean | null): FeatureValue {
  const { type, max = 0 } = PROFILE_ATTRIBUTES.find((attribute) => attribute.name === name)!;
  if (value === null) return null;
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw invalid(`attributes.${name}`, 'not true or false');
    return String(value);
  }
  if (typeof value !== 'number' || value > max)
    throw invalid(`attributes.${name}`, `not a whole number from 0 to ${max}`);
  return value;
}

const invalid = (field: string, reason: string): SourceFault => new SourceFault('invalid', `${field}: ${reason}`);
