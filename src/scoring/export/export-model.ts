import { AssayError, type ModelManifest } from '../../domain/index.ts';
import type { FittedEstimator } from '../../estimators/index.ts';
import { modelSql } from './model-sql.ts';
import { scorecardPmml } from './scorecard-pmml.ts';

export const EXPORT_FORMATS = ['xgboost', 'json', 'sql', 'pmml'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type ExportOptions = {
  /** For SQL: the table or view of feature values. Default `features`. */
  readonly table?: string | undefined;
};

/**
 * A model version in a format that others read: `xgboost` its own JSON (tree models), `json` manifest and model together,
 * `sql` one SELECT (scorecard, logistic regression), `pmml` a PMML 4.4 document (scorecard).
 * @throws AssayError bad_input for a format that this estimator does not have
 */
export function exportModel(
  manifest: ModelManifest,
  fitted: FittedEstimator,
  format: ExportFormat,
  { table = 'features' }: ExportOptions = {},
): string {
  switch (format) {
    case 'json': {
      const model = fitted.kind === 'trees' ? JSON.parse(fitted.modelJson) : fitted;
      return `${JSON.stringify({ manifest, model }, null, 2)}\n`;
    }
    case 'xgboost':
      if (fitted.kind === 'trees') return fitted.modelJson;
      throw notInFormat(manifest, format, 'boosted, forest');
    case 'sql':
      if (fitted.kind !== 'trees') return modelSql(manifest, fitted, table);
      throw notInFormat(manifest, format, 'scorecard, logistic');
    case 'pmml':
      if (fitted.kind === 'scorecard') return scorecardPmml(manifest, fitted);
      throw notInFormat(manifest, format, 'scorecard');
  }
}

function notInFormat({ modelVersion, estimator }: ModelManifest, format: ExportFormat, allowed: string): AssayError {
  return new AssayError('bad_input', {
    what: `a version of this estimator cannot be written as ${format}`,
    given: `${modelVersion}, ${estimator}`,
    allowed: `${format}: ${allowed}; json: every estimator`,
    fix: 'choose another version (assay models list) or --format json',
  });
}
