import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { AssayError } from '../errors.ts';
import {
  agencyText,
  isInEea,
  JURISDICTION_RULES,
  NEVER_IN_FORCE,
  placeOf,
  placesOf,
  RULE_OUTPUTS,
  rulesInForce,
} from './index.ts';

const root = new URL('../../../', import.meta.url);
const DAY = /^\d{4}-\d{2}-\d{2}$/;

test('every rule is whole: id once, dates in order, outputs known, control and test there', () => {
  const ids = new Set<string>();
  for (const rule of JURISDICTION_RULES) {
    assert.ok(!ids.has(rule.id), rule.id);
    ids.add(rule.id);
    for (const day of [rule.from, rule.to]) assert.ok(day === null || DAY.test(day), rule.id);
    assert.ok(rule.from === null || rule.to === null || rule.from <= rule.to, rule.id);
    assert.ok(['primary', 'secondary'].includes(rule.source), rule.id);
    for (const output of rule.gives) assert.ok(RULE_OUTPUTS.includes(output), `${rule.id} gives ${output}`);
    for (const path of [rule.control, rule.test]) assert.ok(existsSync(new URL(path, root)), `${rule.id}: ${path}`);
  }
  for (const { replacedBy } of NEVER_IN_FORCE) assert.ok(ids.has(replacedBy));
});

/** Place, day, rules that must hold and rules that must not. */
const TABLE: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    'US',
    '2024-06-01',
    ['us-ecoa-notice', 'us-ecoa-effects', 'us-circular-adverse-action', 'us-model-risk-2011'],
    ['us-model-risk'],
  ],
  ['US', '2025-05-11', ['us-circular-adverse-action', 'us-circular-sample-forms'], []],
  ['US', '2025-05-12', ['us-ecoa-notice'], ['us-circular-adverse-action', 'us-circular-sample-forms']],
  ['US', '2026-04-16', ['us-model-risk-2011'], ['us-model-risk']],
  ['US', '2026-04-17', ['us-model-risk'], ['us-model-risk-2011']],
  ['US', '2026-07-20', ['us-ecoa-effects'], []],
  ['US', '2026-07-21', ['us-ecoa-notice', 'us-ecoa-system'], ['us-ecoa-effects', 'us-nj-effects']],
  ['US-NJ', '2026-11-25', ['us-nj-effects', 'us-ecoa-notice'], ['us-ecoa-effects', 'us-ny-effects']],
  ['US-CO', '2026-12-31', ['us-ecoa-notice'], ['us-co-admt']],
  ['US-CO', '2027-01-01', ['us-co-admt', 'us-ecoa-notice'], ['us-ca-admt']],
  ['US-CA', '2027-01-01', ['us-ca-admt'], ['us-co-admt']],
  ['DE', '2026-11-19', ['eu-ccd-2008', 'eu-gdpr-22', 'eu-schufa'], ['eu-ccd-2023', 'eu-ccd-social', 'us-ecoa-notice']],
  ['DE', '2026-11-20', ['eu-ccd-2023', 'eu-ccd-social', 'eu-explanation'], ['eu-ccd-2008', 'eu-ai-act']],
  ['DE', '2026-08-02', ['eu-gdpr-22'], ['eu-ai-act']],
  ['FR', '2027-12-02', ['eu-ai-act'], []],
  ['NO', '2026-11-25', ['eu-ccd-2023', 'eu-gdpr-22'], ['eu-ai-act', 'eu-schufa']],
  ['UK', '2026-02-04', ['uk-gdpr-22', 'uk-cca-157'], ['uk-duaa', 'eu-gdpr-22']],
  ['UK', '2026-02-05', ['uk-duaa'], ['uk-gdpr-22']],
  ['IN', '2025-05-07', [], ['in-rbi-digital']],
  ['IN', '2026-11-25', ['in-rbi-digital'], []],
];

for (const [place, day, holds, not] of TABLE) {
  test(`${place} on ${day}`, () => {
    const ids = rulesInForce(place, day).map(({ id }) => id);
    for (const id of holds) assert.ok(ids.includes(id), `${id} holds`);
    for (const id of not) assert.ok(!ids.includes(id), `${id} does not hold`);
  });
}

test('places lie in wider places', () => {
  assert.deepEqual(placesOf('US-CO'), ['US-CO', 'US', '*']);
  assert.deepEqual(placesOf('DE'), ['DE', 'EU', 'EEA', '*']);
  assert.deepEqual(placesOf('NO'), ['NO', 'EEA', '*']);
  assert.deepEqual(['DE', 'DE-BY', 'IS', 'EU', 'EEA', 'UK', 'CH', 'US'].map(isInEea), [
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('a place is known however it is written, and unknown otherwise', () => {
  const written = ['de', ' De_by ', 'GB', 'el', 'DEU', 'nor', 'RE', 'ax', 'us-co', 'eea', 'IN'];
  const places = ['DE', 'DE-BY', 'UK', 'GR', 'DE', 'NO', 'FR', 'FI', 'US-CO', 'EEA', 'IN'];
  assert.deepEqual(written.map(placeOf), places);
  for (const nowhere of ['', 'Germany', 'ZZ', 'QQ', 'D', 'XXX', '12', 'U S'])
    assert.equal(placeOf(nowhere), undefined, nowhere);
  assert.deepEqual(['de', 'EL', 'FRA', 'gp', 'isl', 'gb', 'us'].map(isInEea), [
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('agencies have the address of the day', () => {
  assert.match(agencyText('CFPB', '2024-03-19'), /20006$/);
  assert.match(agencyText('CFPB', '2024-03-20'), /20552$/);
});

test('what is no place, day or agency is refused by name', () => {
  const isInput = (error: unknown) => error instanceof AssayError && error.code === 'bad_input';
  for (const place of ['', 'us', 'Germany', 'US-', "US' OR 1"])
    assert.throws(() => rulesInForce(place, '2026-01-01'), isInput, place);
  for (const day of ['', '2026-02-30', '2026-1-1', 'today']) assert.throws(() => rulesInForce('US', day), isInput, day);
  assert.throws(() => agencyText('FBI', '2026-01-01'), isInput);
});
