import type { ColumnSchema } from '../domain/index.ts';

/** An attribute of a borrower's own profile that a consent may cover. */
export type ProfileAttribute = {
  readonly name: string;
  readonly type: 'integer' | 'boolean';
  readonly max?: number;
  readonly description: string;
};

/**
 * All that may ever be asked of a platform: what says how long and how steadily an account of the borrower's own is used. No contacts,
 * nobody else's data, no text, no interests, groups or places, from which special categories follow.
 */
export const PROFILE_ATTRIBUTES: readonly ProfileAttribute[] = [
  { name: 'account_age_days', type: 'integer', max: 20_000, description: 'Days since the account was opened' },
  { name: 'is_verified', type: 'boolean', description: 'Whether the platform verified the identity' },
  {
    name: 'own_posts_90d',
    type: 'integer',
    max: 100_000,
    description: 'Posts of the borrower in 90 days; their number alone',
  },
  { name: 'own_active_days_90d', type: 'integer', max: 90, description: 'Days of 90 on which the borrower signed in' },
];

/** The columns of loan_applications that a platform's profile fills: `social_<platform>_<attribute>`, empty without a consent. */
export function socialColumns(platform: string): ColumnSchema[] {
  return PROFILE_ATTRIBUTES.map(({ name, type, max, description }) => ({
    ...{ name: `social_${platform}_${name}`, type, description, platform },
    ...(type === 'integer' && { min: 0, max: max! }),
    nullable: true,
    dataClass: 'social_network',
  }));
}
