import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmsOf } from './alarms.ts';
import { intakeAlarms } from './intake.ts';

const month = (name: string, psi: number | null, applications = 200) => ({
  month: name,
  applications,
  meanPd: 0.1,
  psi,
});
const quarter = (meanPd: number) => ({
  quarter: '2024-Q2',
  labelled: 500,
  defaults: 50,
  meanPd,
  observed: { value: 0.1, lower: 0.08, upper: 0.13 },
});
const feature = (csi: number, missingBefore: number, missingNow: number) => ({
  feature: 'x',
  title: 'Feature x',
  csi,
  missingBefore,
  missingNow,
});
const quiet = { months: [month('2024-05', 0.01), month('2024-06', 0.02)], features: [], quarters: [quarter(0.1)] };
const kinds = (alarms: readonly { kind: string; level: string }[]) =>
  alarms.map(({ kind, level }) => `${level} ${kind}`);

test('a book that stays as it was raises nothing', () => {
  assert.deepEqual(alarmsOf(quiet), []);
  assert.deepEqual(intakeAlarms([{ table: 't', read: 1000, rejected: 4 }]), []);
  assert.deepEqual(intakeAlarms([{ table: 't', read: 0, rejected: 0 }]), []);
});

test('0.1 and 0.25 are the borders of a shifted score, of the latest month that has an index', () => {
  const at = (psi: number) => kinds(alarmsOf({ ...quiet, months: [month('2024-05', psi), month('2024-06', null)] }));
  assert.deepEqual([at(0.0999), at(0.1), at(0.25)], [[], ['watch score_drift'], ['act score_drift']]);
});

test('predicting too little is worse than predicting too much', () => {
  assert.deepEqual(kinds(alarmsOf({ ...quiet, quarters: [quarter(0.07)] })), ['act calibration']);
  assert.deepEqual(kinds(alarmsOf({ ...quiet, quarters: [quarter(0.14)] })), ['watch calibration']);
  assert.deepEqual(alarmsOf({ ...quiet, quarters: [{ ...quarter(0.5), observed: null }] }), []);
});

test('a feature that moved, or that is missing more or less often', () => {
  const at = (csi: number, before: number, now: number) =>
    kinds(alarmsOf({ ...quiet, features: [feature(csi, before, now)] }));
  assert.deepEqual(at(0.3, 0, 0), ['act feature_drift']);
  assert.deepEqual(at(0, 0.1, 0.16), ['watch missing_values']);
  assert.deepEqual(at(0.1, 0.5, 0.1), ['watch feature_drift', 'act missing_values']);
});

test('half the usual applications, and many refused rows', () => {
  const months = [
    ...[200, 210, 190, 205].map((count, i) => month(`2024-0${i + 1}`, 0, count)),
    month('2024-05', 0, 90),
  ];
  assert.deepEqual(kinds(alarmsOf({ ...quiet, months })), ['watch volume']);
  assert.deepEqual(kinds(intakeAlarms([{ table: 't', read: 1000, rejected: 5 }])), ['watch rejects']);
  assert.deepEqual(kinds(intakeAlarms([{ table: 't', read: 1000, rejected: 50 }])), ['act rejects']);
});
