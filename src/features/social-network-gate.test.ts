import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssayError, type SocialNetworkGate } from '../domain/index.ts';
import {
  assertSocialNetworkAdmitted,
  isConsentLive,
  type SocialConsent,
  socialNetworkRefusals,
  withConsent,
} from './social-network-gate.ts';

const DAY = '2026-11-25';
const open: SocialNetworkGate = {
  enabled: true,
  jurisdictions: ['IN'],
  attestations: [{ platform: 'somewhere', attestedBy: 'counsel', attestedOn: DAY }],
};
const consent: SocialConsent = {
  borrowerId: 'b',
  platform: 'somewhere',
  purpose: 'credit_decision',
  scope: ['account_age_days'],
  grantedAt: '2026-01-01T00:00:00Z',
  expiresAt: '2026-12-01T00:00:00Z',
  revokedAt: null,
};

test('off by default, and open only when everything is there', () => {
  assert.ok(socialNetworkRefusals(undefined, [], DAY).length > 0);
  assert.ok(socialNetworkRefusals({ ...open, enabled: false }, [], DAY).length > 0);
  assert.ok(socialNetworkRefusals({ ...open, attestations: [] }, [], DAY).length > 0);
  assert.ok(socialNetworkRefusals({ ...open, jurisdictions: [] }, [], DAY).length > 0);
  assert.deepEqual(socialNetworkRefusals(open, ['account_age_days'], DAY), []);
});

test('EU and EEA are refused whatever the configuration and the day', () => {
  const places = fc.constantFrom(
    'DE',
    'FR',
    'AT',
    'IE',
    'NO',
    'IS',
    'LI',
    'EU',
    'EEA',
    'DE-BY',
    'de',
    ' fr ',
    'EL',
    'DEU',
    'nor',
    'RE',
    'AX',
    'at_9',
  );
  const gates = fc.record({
    enabled: fc.boolean(),
    jurisdictions: fc
      .tuple(places, fc.array(fc.constantFrom('US', 'IN', 'UK')))
      .map(([place, others]) => [...others, place]),
    attestations: fc.constantFrom(open.attestations, []),
  });
  fc.assert(
    fc.property(gates, fc.constantFrom('2024-01-01', '2026-11-19', '2026-11-20', '2030-01-01'), (gate, day) => {
      const isForbidden = (error: unknown) => error instanceof AssayError && error.code === 'forbidden';
      assert.throws(() => assertSocialNetworkAdmitted(gate, ['account_age_days'], day), isForbidden);
    }),
  );
});

test('a place nobody knows cannot be ruled out, so it is refused', () => {
  for (const place of ['', 'Germany', 'ZZ', 'Deutschland', 'QQ', '*']) {
    assert.ok(socialNetworkRefusals({ ...open, jurisdictions: ['IN', place] }, [], DAY).length > 0, place);
  }
});

test('data of others and special categories are never used', () => {
  for (const column of [
    'contact_count',
    'friends_default_rate',
    'religious_groups',
    'health_interest',
    'post_text_sentiment',
  ]) {
    assert.equal(socialNetworkRefusals(open, [column], DAY).length, 1, column);
  }
});

test('a consent holds from its day to its end, and a revocation at once', () => {
  const live = (more: Partial<SocialConsent>, at: string) =>
    isConsentLive({ ...consent, ...more }, 'somewhere', new Date(at));
  assert.ok(live({}, '2026-06-01T00:00:00Z'));
  assert.ok(!live({}, '2025-12-31T00:00:00Z') && !live({}, '2026-12-01T00:00:00Z'));
  assert.ok(live({ revokedAt: '2026-06-01T00:00:01Z' }, '2026-06-01T00:00:00Z'));
  assert.ok(!live({ revokedAt: '2026-06-01T00:00:00Z' }, '2026-06-01T00:00:00Z'));
  assert.ok(!live({ expiresAt: '2036-01-01T00:00:00Z' }, '2026-06-01T00:00:00Z'), 'no consent for ten years');
  assert.ok(
    !isConsentLive(consent, 'elsewhere', new Date('2026-06-01')) && !isConsentLive(undefined, 'somewhere', new Date()),
  );
});

test('without a live consent the values are empty, and nothing else changes', () => {
  const row = { income: 5, account_age_days: 900 };
  const features = [{ name: 'account_age_days', platform: 'somewhere' }];
  assert.deepEqual(withConsent(row, features, [consent], new Date('2026-06-01')), row);
  assert.deepEqual(withConsent(row, features, [], new Date('2026-06-01')), { income: 5, account_age_days: null });
});
