import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { FeatureRow, ReasonEntry } from '../domain/index.ts';
import { createBoosted, createForest, type FittedEstimator, logistic, scorecard } from '../estimators/index.ts';
import { findXgboost, loadConfig, openXgboostEngine, type XgboostEngine } from '../platform/index.ts';
import { ISOTONIC, manifestOf, plantedBook } from './fixtures.ts';
import { createScorer } from './scorer.ts';
import { attributionsByCode, type StatedReason, verifyReasons } from './verify-reasons.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;
const context = { seed: 1, nthread: 1 };
const BOOK = plantedBook(1500, 3);

let engine: XgboostEngine;
let scratch = '';
before(async () => {
  if (library === undefined) return;
  scratch = await mkdtemp(join(tmpdir(), 'assay-verify-'));
  engine = await openXgboostEngine({ libraryPath: library, nthread: 1, scratchDirectory: scratch });
});
after(async () => {
  await engine?.close();
  if (scratch) await rm(scratch, { recursive: true, force: true });
});

const FITS: Readonly<Record<string, { skip: string | false; fit: () => Promise<FittedEstimator> }>> = {
  scorecard: { skip: false, fit: () => scorecard.fit(BOOK, { context }) },
  logistic: { skip: false, fit: () => logistic.fit(BOOK, { context }) },
  boosted: { skip, fit: () => createBoosted(engine).fit(BOOK, { parameters: { rounds: 30 }, context }) },
  forest: { skip, fit: () => createForest(engine).fit(BOOK, { parameters: { trees: 40, minLeafRows: 30 }, context }) },
};

const ROWS: fc.Arbitrary<FeatureRow> = fc.record({
  arrears: fc.double({ min: 0, max: 4, noNaN: true }),
  income: fc.oneof(fc.double({ min: 1000, max: 5000, noNaN: true }), fc.constant(null)),
  region: fc.constantFrom('north', 'south', 'west', null),
});
const BAD: FeatureRow = { arrears: 3.9, income: 1200, region: 'south' };

for (const [name, { skip: reason, fit }] of Object.entries(FITS)) {
  describe(`reasons of a ${name}`, { skip: reason }, () => {
    let fitted: FittedEstimator;
    before(async () => {
      fitted = await fit();
    });
    const open = () => {
      const manifest = manifestOf(fitted, ISOTONIC);
      return { manifest, scorer: createScorer(manifest, fitted) };
    };

    /** With more to tell of one feature. */
    const openTelling = (feature: string, more: Partial<ReasonEntry>) => {
      const plain = manifestOf(fitted, ISOTONIC);
      const manifest = { ...plain, reasons: { ...plain.reasons, [feature]: { ...plain.reasons[feature]!, ...more } } };
      return { manifest, scorer: createScorer(manifest, fitted) };
    };

    it('what the scorer states is true, for any row', () => {
      const { manifest, scorer } = open();
      fc.assert(
        fc.property(ROWS, (row) => {
          assert.deepEqual(verifyReasons(scorer, manifest, row, scorer.score(row).reasons), []);
        }),
      );
    });

    it('a value that is not there is never called too low', () => {
      const whenMissing = 'Income a month: not stated';
      const { manifest, scorer } = openTelling('income', { whenMissing });
      fc.assert(
        fc.property(ROWS, (row) => {
          const stated = scorer.score(row).reasons;
          assert.deepEqual(verifyReasons(scorer, manifest, row, stated), []);
          for (const reason of stated.filter(({ feature }) => feature === 'income')) {
            assert.equal(reason.text === whenMissing, row['income'] === null);
            const swapped = row['income'] === null ? manifest.reasons['income']!.text : whenMissing;
            assert.notDeepEqual(verifyReasons(scorer, manifest, row, [{ ...reason, text: swapped }]), []);
          }
        }),
      );
    });

    it('a value that no other would better is not called bad: it is told that there is one', () => {
      const atBest = { text: 'Arrears: on record', lower: null, upper: 1 };
      const { manifest, scorer } = openTelling('arrears', { atBest });
      fc.assert(
        fc.property(ROWS, (row) => {
          const stated = scorer.score(row).reasons;
          assert.deepEqual(verifyReasons(scorer, manifest, row, stated), []);
          for (const reason of stated.filter(({ feature }) => feature === 'arrears'))
            assert.equal(reason.text === atBest.text, Number(row['arrears']) < 1);
        }),
      );
    });

    it('a planted wrong reason is found', () => {
      const { manifest, scorer } = open();
      const [first] = scorer.score(BAD).reasons;
      assert.equal(first?.code, 'R01');
      const wrong: Record<string, StatedReason[]> = {
        'another code': [{ ...first!, code: 'R02', text: 'Income and where you live', feature: 'income' }],
        'another text': [{ ...first!, text: 'Too many credit enquiries' }],
        'a code nobody knows': [{ ...first!, code: 'X9', text: 'Internal standards' }],
        'another feature': [{ ...first!, feature: 'income' }],
        'a reason too many': [first!, first!, first!],
        'the principal reason left out': [],
      };
      for (const [what, stated] of Object.entries(wrong)) {
        assert.ok(verifyReasons(scorer, manifest, BAD, stated).length > 0, what);
      }
    });

    it('attributions that do not make the margin are found', () => {
      const { manifest, scorer } = open();
      const lying = {
        score: scorer.score,
        attributions: (row: FeatureRow) => {
          const { reference, byFeature } = scorer.attributions(row);
          return { reference: reference + 0.1, byFeature };
        },
      };
      assert.match(verifyReasons(lying, manifest, BAD, scorer.score(BAD).reasons).join(), /sum to/);
    });

    it('attributions by code sum to what lies between reference and margin', () => {
      const { manifest, scorer } = open();
      const { reference, byFeature } = scorer.attributions(BAD);
      const groups = attributionsByCode(manifest.reasons, byFeature);
      assert.deepEqual(groups.map(({ code }) => code).sort(), ['R01', 'R02']);
      const sum = groups.reduce((total, { attribution }) => total + attribution, reference);
      assert.ok(Math.abs(sum - scorer.score(BAD).margin) < 1e-5);
    });
  });
}
