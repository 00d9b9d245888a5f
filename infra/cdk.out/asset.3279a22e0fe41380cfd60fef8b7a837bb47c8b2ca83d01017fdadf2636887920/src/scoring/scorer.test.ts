import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { AssayError, type Calibration, type FeatureRow } from '../domain/index.ts';
import {
  applyCalibration,
  createBoosted,
  createForest,
  type FitContext,
  type FittedEstimator,
  logistic,
  scorecard,
  scoreOf,
} from '../estimators/index.ts';
import { findXgboost, loadConfig, openXgboostEngine, type XgboostEngine } from '../platform/index.ts';
import { ISOTONIC, manifestOf, plantedBook } from './fixtures.ts';
import { createScorer } from './scorer.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const noLibrary =
  library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;

const CONTEXT: FitContext = { seed: 1, nthread: 1 };
const BOOK = plantedBook(1500, 1);
const PLATT: Calibration = { kind: 'platt', intercept: -0.2, slope: 0.8 };

const ANY_ROW: fc.Arbitrary<FeatureRow> = fc.record({
  arrears: fc.oneof(fc.double({ min: -1, max: 6, noNaN: true }), fc.constant(null)),
  income: fc.oneof(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.constant(null)),
  region: fc.constantFrom('north', 'south', 'west', 'atlantis', null),
});

let engine: XgboostEngine | undefined;
let scratch = '';
before(async () => {
  if (library === undefined) return;
  scratch = await mkdtemp(join(tmpdir(), 'assay-scorer-'));
  engine = await openXgboostEngine({ libraryPath: library, nthread: 1, scratchDirectory: scratch });
});
after(async () => {
  await engine?.close();
  if (scratch) await rm(scratch, { recursive: true, force: true });
});

function boostedEngine(): XgboostEngine {
  if (!engine) throw new Error('unreachable: the case is skipped without the library');
  return engine;
}

const FITS: Readonly<Record<string, { skip: string | false; tolerance: number; fit: () => Promise<FittedEstimator> }>> =
  {
    scorecard: { skip: false, tolerance: 1e-9, fit: () => scorecard.fit(BOOK, { context: CONTEXT }) },
    logistic: { skip: false, tolerance: 1e-9, fit: () => logistic.fit(BOOK, { context: CONTEXT }) },
    boosted: {
      skip: noLibrary,
      tolerance: 1e-5,
      fit: () =>
        createBoosted(boostedEngine()).fit(BOOK, { parameters: { rounds: 40, parallelTrees: 1 }, context: CONTEXT }),
    },
    forest: {
      skip: noLibrary,
      tolerance: 1e-5,
      fit: () =>
        createForest(boostedEngine()).fit(BOOK, { parameters: { trees: 60, minLeafRows: 30 }, context: CONTEXT }),
    },
  };

for (const [name, { skip, tolerance, fit }] of Object.entries(FITS)) {
  describe(`createScorer on a ${name}`, { skip }, () => {
    let fitted: FittedEstimator;
    before(async () => {
      fitted = await fit();
    });

    it('attributes the whole margin, for any row', () => {
      const scorer = createScorer(manifestOf(fitted), fitted);
      fc.assert(
        fc.property(ANY_ROW, (row) => {
          const { reference, byFeature } = scorer.attributions(row);
          const sum = Object.values(byFeature).reduce((a, b) => a + b, reference);
          assert.ok(Math.abs(sum - scorer.score(row).margin) <= tolerance * Math.max(1, Math.abs(sum)));
        }),
      );
    });

    it('names the planted driver first, with points lost', () => {
      const scorer = createScorer(manifestOf(fitted), fitted);
      for (const income of [null, 1500, 4500]) {
        const { reasons } = scorer.score({ arrears: 3.6, income, region: 'south' });
        assert.equal(reasons[0]?.code, 'R01');
        assert.equal(reasons[0]?.feature, 'arrears');
        assert.ok((reasons[0]?.points ?? 0) > 5);
      }
    });

    it('is better without the reason it gave', () => {
      const scorer = createScorer(manifestOf(fitted), fitted);
      fc.assert(
        fc.property(fc.double({ min: 2.6, max: 4, noNaN: true }), ANY_ROW, (arrears, rest) => {
          const bad = scorer.score({ ...rest, arrears });
          assert.equal(bad.reasons[0]?.feature, 'arrears');
          // 1.5 is below the mean of the training rows, the reference of every estimator here.
          const mended = scorer.score({ ...rest, arrears: 1.5 });
          assert.ok(mended.pd < bad.pd && mended.score > bad.score);
        }),
      );
    });

    for (const calibration of [{ kind: 'identity' } as const, PLATT, ISOTONIC]) {
      it(`points of all features sum to the score lost, ${calibration.kind} calibration`, () => {
        const manifest = manifestOf(fitted, calibration);
        const scorer = createScorer(manifest, fitted);
        fc.assert(
          fc.property(ANY_ROW, (row) => {
            const { score, reasons, pd, margin } = scorer.score(row);
            assert.equal(pd, applyCalibration(calibration, margin));
            const first = reasons[0];
            if (!first || Math.abs(first.attribution) < 1e-3) return;
            const { reference, byFeature } = scorer.attributions(row);
            const attributed = Object.values(byFeature).reduce((a, b) => a + b, 0);
            const lost = scoreOf(applyCalibration(calibration, reference), manifest.scale) - score;
            const pointsPerAttribution = first.points / first.attribution;
            assert.ok(
              Math.abs(pointsPerAttribution * attributed - lost) < 2e-2,
              `${pointsPerAttribution * attributed} for ${lost}`,
            );
          }),
        );
      });
    }
  });
}

describe('createScorer', () => {
  it('gives pd, score, grade and version; reasons ordered, above zero, one per code', async () => {
    const fitted = await logistic.fit(BOOK, { context: CONTEXT });
    const scorer = createScorer(manifestOf(fitted), fitted);
    const safe = scorer.score({ arrears: 0, income: 4000, region: 'north' });
    const risky = scorer.score({ arrears: 4, income: 4000, region: 'north' });
    assert.equal(safe.modelVersion, 'planted-0123456789ab');
    assert.deepEqual([safe.grade, risky.grade], ['A', 'C']);
    assert.ok(safe.pd < 0.1 && risky.pd > 0.5 && safe.score > risky.score);
    for (const { reasons } of [safe, risky]) {
      assert.equal(new Set(reasons.map((reason) => reason.code)).size, reasons.length);
      assert.ok(
        reasons.every(
          (reason, i) => reason.attribution > 0 && reason.attribution <= (reasons[i - 1]?.attribution ?? Infinity),
        ),
      );
    }
    assert.ok(!safe.reasons.some((reason) => reason.code === 'R01'));
    assert.deepEqual(scorer.score({ arrears: 4, income: 4000, region: 'north' }, { reasons: false }).reasons, []);
  });

  it('takes what it does not know as missing, and ignores what it does not need', async () => {
    const fitted = await scorecard.fit(BOOK, { context: CONTEXT });
    const scorer = createScorer(manifestOf(fitted), fitted);
    const missing = scorer.score({ arrears: 2, income: null, region: null });
    const same: FeatureRow[] = [
      { arrears: 2 },
      { arrears: 2, income: Number.NaN, region: 'atlantis' },
      { arrears: 2, income: '1500', region: 7 },
      { arrears: 2, income: null, region: null, shoeSize: 44 },
    ];
    for (const row of same) assert.deepEqual(scorer.score(row), missing);
  });

  it('scores a frame as it scores its rows', async () => {
    const fitted = await logistic.fit(BOOK, { context: CONTEXT });
    const scorer = createScorer(manifestOf(fitted, PLATT), fitted);
    const { frame } = plantedBook(60, 2);
    const scores = scorer.scoreFrame(frame, { from: 10, to: 60, reasons: true });
    assert.equal(scores.pd.length, 50);
    for (let i = 0; i < 50; i++) {
      const row: Record<string, number | string | null> = {};
      for (const column of frame.columns) {
        row[column.name] =
          column.kind === 'numeric' ? column.values[i + 10]! : (column.levels[column.codes[i + 10]!] ?? null);
      }
      const { pd, score, grade, margin, reasons } = scorer.score(row);
      assert.deepEqual(
        [scores.pd[i], scores.score[i], scores.grade[i], scores.margin[i], scores.reasons[i]],
        [pd, score, grade, margin, reasons],
      );
    }
  });

  it('refuses a manifest that belongs to another payload', async () => {
    const fitted = await logistic.fit(BOOK, { context: CONTEXT });
    const manifest = { ...manifestOf(fitted), inputs: fitted.inputs.slice(1) };
    assert.throws(
      () => createScorer(manifest, fitted),
      (error) => error instanceof AssayError && /different inputs/.test(error.message),
    );
  });
});
