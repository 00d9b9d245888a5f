import type { InputColumn, ModelManifest } from '../../domain/index.ts';
import { sha256Hex } from '../../domain/index.ts';
import type { FittedEstimator } from '../../estimators/index.ts';
import { SPARK_SETTINGS } from '../../features/index.ts';
import { marginSql } from './margin-sql.ts';
import { scoredSql } from './score-sql.ts';
import { sparkTokens } from './sql-tokens.ts';

/** What `python/spark/score.py` runs: data alone, so that the script knows nothing of models. */
export type SparkScorePlan = {
  readonly format: 'assay-spark-score/1';
  readonly modelVersion: string;
  /** Of the Spark session. */
  readonly settings: Readonly<Record<string, string>>;
  /** Columns of the feature table that name a row, and go into the result as they are. */
  readonly keys: readonly string[];
  /** Trees: stock XGBoost makes the column `margin` from these inputs; null: the SQL does. */
  readonly trees: { readonly file: string; readonly sha256: string; readonly inputs: readonly InputColumn[] } | null;
  /** Over the view `features`: keys, model_version, margin, pd, score, grade. */
  readonly sql: string;
};

const KEYS = ['application_id', 'borrower_id', 'as_of', 'source_row'] as const;
const MODEL_FILE = 'model.json';

/**
 * A model version as the files that Spark scores with: `plan.json`, and for trees XGBoost's own `model.json`. Calibration, score
 * and grade are one SQL for every estimator. Margins of trees are bit-equal to the scorer's; the rest is the same arithmetic in
 * the same order.
 */
export function sparkFiles(manifest: ModelManifest, fitted: FittedEstimator): Readonly<Record<string, string>> {
  const keys = KEYS.map(sparkTokens.identifier).join(', ');
  const margin = fitted.kind === 'trees' ? '`margin`' : marginSql(fitted, sparkTokens);
  const margins = `(
      SELECT ${keys}, ${sparkTokens.text(manifest.modelVersion)} AS model_version,
      ${margin}
      AS margin
      FROM features
    ) AS margins`;
  const plan: SparkScorePlan = {
    format: 'assay-spark-score/1',
    modelVersion: manifest.modelVersion,
    settings: SPARK_SETTINGS,
    keys: KEYS,
    trees: fitted.kind === 'trees' ? treesOf(fitted.modelJson, manifest.inputs) : null,
    sql: scoredSql(manifest, margins, sparkTokens),
  };
  const files = { 'plan.json': `${JSON.stringify(plan, null, 2)}\n` };
  return fitted.kind === 'trees' ? { ...files, [MODEL_FILE]: fitted.modelJson } : files;
}

function treesOf(modelJson: string, inputs: readonly InputColumn[]): SparkScorePlan['trees'] {
  return { file: MODEL_FILE, sha256: sha256Hex(modelJson), inputs };
}
