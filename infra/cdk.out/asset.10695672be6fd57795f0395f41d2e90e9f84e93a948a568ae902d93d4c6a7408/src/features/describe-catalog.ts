import type {
  Arithmetic,
  DataClass,
  FeatureCatalog,
  FeatureDefinition,
  FeatureExpression,
  TableSchema,
} from '../domain/index.ts';
import { groupOf } from './build-features.ts';
import { checkCatalog, featureHashes } from './check-catalog.ts';
import { describeSlice } from './plan.ts';

/** One row of the feature dictionary, ready for a page. */
export type FeatureDescription = {
  readonly name: string;
  readonly title: string;
  readonly type: FeatureDefinition['type'];
  readonly unit: string;
  readonly dataClass: DataClass;
  /** How it is computed, in words. */
  readonly formula: string;
  readonly group: string;
  readonly lineage: readonly string[];
  readonly nullMeaning: string;
  readonly reason: { readonly code: string; readonly text: string };
  readonly monotone: 'increasing' | 'decreasing' | null;
  readonly hash: string;
};

/** @throws AssayError as `checkCatalog` does. */
export function describeCatalog(catalog: FeatureCatalog, tables: readonly TableSchema[]): FeatureDescription[] {
  const hashes = featureHashes(catalog);
  return checkCatalog(catalog, tables).features.map(({ definition, dataClass, lineage }) => ({
    name: definition.name,
    title: definition.title,
    type: definition.type,
    unit: definition.unit,
    dataClass,
    formula: describeExpression(definition.definition),
    group: groupOf(definition),
    lineage,
    nullMeaning: definition.nullMeaning,
    reason: definition.reason,
    monotone: definition.monotone ?? null,
    hash: hashes.get(definition.name)!,
  }));
}

function describeExpression(expression: FeatureExpression): string {
  switch (expression.kind) {
    case 'attribute':
      return expression.column;
    case 'lookup':
      return [...expression.path.map((step) => `${step.table} by ${step.on}`), expression.column].join(' -> ');
    case 'aggregate': {
      const { aggregate, where = [], windowDays = null, offsetDays = 0 } = expression;
      const column = 'column' in aggregate ? `(${aggregate.column})` : '';
      return `${aggregate.fn}${column} over ${expression.source}: ${describeSlice({ where, windowDays, offsetDays })}`;
    }
    case 'derived':
      return describeArithmetic(expression.expression);
  }
}

const SIGNS = { add: '+', subtract: '-', multiply: '*', divide: '/' } as const;

function describeArithmetic(node: Arithmetic): string {
  switch (node.op) {
    case 'feature':
      return node.name;
    case 'number':
      return String(node.value);
    case 'days_before_as_of':
      return `days from ${describeExpression(node.of)} to asOf`;
    case 'absolute':
    case 'negate':
      return `${node.op}(${describeArithmetic(node.of)})`;
    case 'coalesce':
      return `coalesce(${describeArithmetic(node.of)}, ${describeArithmetic(node.otherwise)})`;
    case 'least':
    case 'greatest':
      return `${node.op}(${describeArithmetic(node.left)}, ${describeArithmetic(node.right)})`;
    default:
      return `(${describeArithmetic(node.left)} ${SIGNS[node.op]} ${describeArithmetic(node.right)})`;
  }
}
