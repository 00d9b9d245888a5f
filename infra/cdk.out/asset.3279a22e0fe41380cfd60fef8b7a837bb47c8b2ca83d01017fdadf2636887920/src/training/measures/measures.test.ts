import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AssayError } from '../../domain/index.ts';
import { seededRandom } from '../random.ts';
import {
  auc,
  aucInterval,
  bootstrapIntervals,
  brier,
  calibrationBins,
  calibrationLine,
  csi,
  delongAuc,
  delongTest,
  expectedCalibrationError,
  gainsTable,
  gradeTable,
  hosmerLemeshow,
  jeffreysInterval,
  jeffreysPValue,
  ks,
  logLoss,
  measurePredictions,
  psi,
  psiOfCounts,
  rocCurve,
} from './index.ts';

// Figures computed by scikit-learn and scipy: python/reference/metrics.py writes the file.
type Oracle = {
  cases: { name: string; scores: number[]; other: number[]; target: number[]; figures: Figures }[];
  jeffreys: { defaults: number; count: number; pd: number; lower: number; upper: number; pValue: number }[];
  psi: { expected: number[]; actual: number[]; psi: number };
};
type Figures = Record<string, number> & { calibration: Record<string, number> };
const oracle: Oracle = JSON.parse(readFileSync(new URL('./oracle.json', import.meta.url), 'utf8'));

function near(actual: number, expected: number | undefined, what: string): void {
  assert.ok(expected !== undefined && Math.abs(actual - expected) <= 1e-9, `${what}: ${actual} is not ${expected}`);
}

describe('measures equal scikit-learn and scipy to 1e-9', () => {
  for (const { name, scores, other, target, figures } of oracle.cases) {
    const labelled = { scores, target };
    it(`discrimination: ${name}`, () => {
      near(auc(labelled), figures['auc'], 'auc');
      near(delongAuc(labelled).variance, figures['aucVariance'], 'variance');
      near(ks(labelled), figures['ks'], 'ks');
      const paired = delongTest(scores, other, target);
      near(paired.difference.value, figures['difference'], 'difference');
      near(paired.variance, figures['differenceVariance'], 'difference variance');
      near(paired.pValue, figures['differencePValue'], 'difference p');
    });
    it(`calibration: ${name}`, () => {
      near(brier(labelled), figures['brier'], 'brier');
      near(logLoss(labelled), figures['logLoss'], 'log loss');
      near(expectedCalibrationError(labelled), figures['ece'], 'ece');
      const line = calibrationLine(labelled);
      near(line.slope.value, figures.calibration['slope'], 'slope');
      near(line.slope.lower, figures.calibration['slopeLower'], 'slope lower');
      near(line.slope.upper, figures.calibration['slopeUpper'], 'slope upper');
      near(line.intercept, figures.calibration['intercept'], 'intercept');
      near(line.interceptAtSlopeOne, figures.calibration['interceptAtSlopeOne'], 'intercept at slope 1');
      near(hosmerLemeshow(labelled).statistic, figures['hosmerLemeshow'], 'Hosmer-Lemeshow');
      near(hosmerLemeshow(labelled).pValue, figures['hosmerLemeshowP'], 'Hosmer-Lemeshow p');
      near(hosmerLemeshow(labelled, { heldOut: true }).pValue, figures['hosmerLemeshowHeldOutP'], 'held-out p');
    });
  }
  it('Jeffreys interval and test', () => {
    for (const { defaults, count, pd, lower, upper, pValue } of oracle.jeffreys) {
      near(jeffreysInterval(defaults, count).lower, lower, `lower of ${defaults}/${count}`);
      near(jeffreysInterval(defaults, count).upper, upper, `upper of ${defaults}/${count}`);
      near(jeffreysPValue(pd, defaults, count), pValue, `p of ${defaults}/${count}`);
    }
  });
  it('population stability index', () => {
    near(psiOfCounts(oracle.psi.expected, oracle.psi.actual), oracle.psi.psi, 'psi');
  });
});

const predictions = fc
  .array(
    fc.record({ score: fc.integer({ min: 1, max: 30 }).map((n) => n / 31), target: fc.integer({ min: 0, max: 1 }) }),
    {
      minLength: 4,
      maxLength: 60,
    },
  )
  .filter((rows) => rows.some((row) => row.target === 1) && rows.some((row) => row.target === 0))
  .map((rows) => ({ scores: rows.map((row) => row.score), target: rows.map((row) => row.target) }));

describe('properties of the measures', () => {
  it('AUC is the share of pairs won, ties half; reversed scores give 1 - AUC', () => {
    fc.assert(
      fc.property(predictions, ({ scores, target }) => {
        let won = 0;
        let pairs = 0;
        scores.forEach((a, i) => {
          if (target[i] !== 1) return;
          scores.forEach((b, j) => {
            if (target[j] === 1) return;
            pairs += 1;
            won += a > b ? 1 : a === b ? 0.5 : 0;
          });
        });
        near(auc({ scores, target }), won / pairs, 'auc');
        near(auc({ scores: scores.map((s) => -s), target }), 1 - won / pairs, 'reversed');
      }),
    );
  });

  it('AUC, KS and DeLong do not change under an increasing transform', () => {
    fc.assert(
      fc.property(predictions, ({ scores, target }) => {
        const stretched = scores.map((score) => Math.exp(3 * score));
        near(auc({ scores: stretched, target }), auc({ scores, target }), 'auc');
        near(ks({ scores: stretched, target }), ks({ scores, target }), 'ks');
        near(delongAuc({ scores: stretched, target }).variance, delongAuc({ scores, target }).variance, 'variance');
        assert.equal(delongTest(scores, stretched, target).pValue, 1);
      }),
    );
  });

  it('bins, gains and grades count every row and every default once', () => {
    fc.assert(
      fc.property(predictions, (labelled) => {
        const rows = labelled.scores.length;
        const defaults = labelled.target.reduce((sum, value) => sum + value, 0);
        const grades = [0.2, 0.5, 1].map((upperPd, i) => ({ grade: 'ABC'[i]!, upperPd }));
        for (const parts of [calibrationBins(labelled), gainsTable(labelled), gradeTable(labelled, grades)]) {
          assert.equal(
            parts.map((part) => part.count).reduce((a, b) => a + b, 0),
            rows,
          );
          assert.equal(
            parts.map((part) => part.defaults).reduce((a, b) => a + b, 0),
            defaults,
          );
        }
        const gains = gainsTable(labelled);
        near(gains.at(-1)!.cumulativeShareOfDefaults, 1, 'all found');
      }),
    );
  });
});

describe('intervals', () => {
  const random = seededRandom(7);
  const target = Array.from({ length: 600 }, () => (random() < 0.25 ? 1 : 0));
  const scores = target.map((defaulted) =>
    Math.min(0.99, Math.max(0.01, 0.2 + 0.15 * defaulted + 0.3 * (random() - 0.5))),
  );

  it('the bootstrap is the same for the same seed and agrees with DeLong', () => {
    const drawn = bootstrapIntervals({ scores, target }, { seed: 1, draws: 400 });
    assert.deepEqual(drawn, bootstrapIntervals({ scores, target }, { seed: 1, draws: 400 }));
    const exact = aucInterval({ scores, target });
    assert.ok(Math.abs(drawn.auc.lower - exact.lower) < 0.01 && Math.abs(drawn.auc.upper - exact.upper) < 0.01);
    near(drawn.brier.value, brier({ scores, target }), 'brier');
    near(drawn.ks.value, ks({ scores, target }), 'ks');
    assert.ok(drawn.ks.lower < drawn.ks.value && drawn.ks.value < drawn.ks.upper);
  });

  it('the ROC curve ends in both corners, rises, and its area is the AUC', () => {
    const curve = rocCurve({ scores, target }, 1e6);
    assert.deepEqual([curve[0]!.falsePositiveRate, curve.at(-1)!.truePositiveRate], [0, 1]);
    let area = 0;
    for (let i = 1; i < curve.length; i++) {
      const width = curve[i]!.falsePositiveRate - curve[i - 1]!.falsePositiveRate;
      area += (width * (curve[i]!.truePositiveRate + curve[i - 1]!.truePositiveRate)) / 2;
    }
    near(area, auc({ scores, target }), 'area');
  });

  it('measurePredictions puts them together', () => {
    const metrics = measurePredictions({ scores, target }, { seed: 3 });
    near(metrics.gini.value, 2 * metrics.auc.value - 1, 'gini');
    assert.equal(metrics.rows, 600);
  });
});

describe('stability and refusals', () => {
  it('the same sample has PSI 0, a shifted one more; missing counts', () => {
    const values = Array.from({ length: 500 }, (_, i) => i);
    assert.equal(psi(values, values), 0);
    assert.ok(
      psi(
        values,
        values.map((value) => value + 200),
      ) > 0.25,
    );
    assert.ok(
      psi(
        values,
        values.map((value, i) => (i % 4 === 0 ? Number.NaN : value)),
      ) > 0.25,
    );
  });

  it('levels are matched by name, a new level is a shift', () => {
    const column = (levels: string[], codes: number[]) =>
      ({ kind: 'categorical', name: 'x', levels, codes: Int32Array.from(codes) }) as const;
    assert.equal(csi(column(['a', 'b'], [0, 0, 1, 1]), column(['b', 'a'], [1, 1, 0, 0])), 0);
    assert.ok(csi(column(['a', 'b'], [0, 0, 1, 1]), column(['c', 'a'], [0, 0, 1, 1])) > 1);
  });

  it('one class, no rows and infinite predictions are refused', () => {
    for (const bad of [
      { scores: [0.1, 0.2], target: [0, 0] },
      { scores: [], target: [] },
      { scores: [Number.NaN, 0.2], target: [0, 1] },
    ]) {
      assert.throws(() => measurePredictions(bad, { seed: 1 }), AssayError);
    }
  });
});
