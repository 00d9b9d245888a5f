import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestRetention, RETENTION_RULES } from './retention.ts';

test('the longest rule in force at the place and on the day of the decision holds', () => {
  const table: readonly (readonly [string, string, string | undefined])[] = [
    ['US', '2026-11-25', 'us-ecoa-retention'],
    ['US-CO', '2026-12-31', 'us-ecoa-retention'],
    ['US-CO', '2027-01-01', 'us-co-admt-retention'],
    ['US-NJ', '2027-01-01', 'us-ecoa-retention'],
    ['AT', '2026-11-25', 'eu-aml-retention'],
    ['DE', '2027-07-09', 'eu-aml-retention'],
    ['DE', '2027-07-10', 'eu-amlr-retention'],
    ['UK', '2026-11-25', 'uk-mlr-retention'],
    ['NO', '2026-11-25', 'eu-aml-retention'],
    ['TW', '2026-11-25', undefined],
  ];
  for (const [place, day, id] of table) assert.equal(longestRetention(place, day)?.id, id, `${place} ${day}`);
});

test('every rule says where it is written', () => {
  for (const rule of RETENTION_RULES) assert.ok(rule.months > 0 && rule.source !== '' && rule.what !== '', rule.id);
});
