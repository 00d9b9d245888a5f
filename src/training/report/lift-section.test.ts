import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiftEvidence } from '../../domain/index.ts';
import { documentWithLift } from './lift-section.ts';

const evidence: LiftEvidence = {
  format: 'assay-lift/1',
  modelVersion: 'book-boosted-1',
  snapshotHash: 's1',
  dataClass: 'alternative',
  features: ['words'],
  challenger: 'book-boosted-2',
  measuredOn: 'out_of_time',
  rows: 12_000,
  defaults: 900,
  aucWith: 0.712,
  aucWithout: 0.704,
  lift: { value: 0.008, lower: 0.001, upper: 0.015 },
  approvedShare: 0.8,
  traits: ['sex'],
  groups: [
    {
      ...{ trait: 'sex', name: '<b>f', count: 4_000 },
      airWith: { value: 0.9, lower: 0.8, upper: 1 },
      airWithout: { value: 0.91, lower: 0.81, upper: 1.01 },
    },
  ],
  measuredAt: '2026-11-25T00:00:00.000Z',
};
const document = '<html><body><section>kept</section><footer>end</footer></body></html>';

test('the document prints lift with interval, challenger and impact by group, before its end and escaped', () => {
  const whole = documentWithLift(document, [evidence]);
  for (const part of [
    '0.0080 (0.0010–0.0150)',
    'book-boosted-2',
    '0.9100 (0.8100–1.0100)',
    '-0.0100',
    'The lift is shown.',
  ])
    assert.ok(whole.includes(part), part);
  assert.ok(whole.includes('&lt;b&gt;f') && !whole.includes('<b>f'));
  assert.ok(whole.indexOf('kept') < whole.indexOf('lift-alternative'));
  assert.ok(whole.endsWith('<footer>end</footer></body></html>'));
});

test('an interval that holds 0 and a book without traits are said', () => {
  const unseen = { ...evidence, lift: { value: 0, lower: -0.1, upper: 0.1 }, traits: [], groups: [] };
  const whole = documentWithLift(document, [unseen]);
  assert.match(whole, /it is not shown/);
  assert.match(whole, /whether a group loses is not known/);
  assert.equal(documentWithLift(document, []), document);
});
