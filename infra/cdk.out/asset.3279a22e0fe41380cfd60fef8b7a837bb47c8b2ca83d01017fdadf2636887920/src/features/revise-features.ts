import {
  AssayError,
  type FeatureCatalog,
  type FeatureDefinition,
  type FeatureRow,
  type FeatureValue,
  type TableSchema,
} from '../domain/index.ts';
import { checkCatalog } from './check-catalog.ts';
import { compileDerived, type Evaluate, orNull } from './online/evaluate-online.ts';
import { type CatalogPlan, planCatalog } from './plan.ts';
import { datesIn, featureNamesIn } from './references.ts';

/** What is supposed to be another: columns of the loan application, and features that are not derived. */
export type Revision = {
  readonly columns?: Readonly<Record<string, FeatureValue>>;
  readonly features?: Readonly<Record<string, FeatureValue>>;
};
export type RevisionOf = (row: FeatureRow, revision: Revision) => FeatureRow;

type Derived = {
  readonly name: string;
  readonly operands: readonly string[];
  readonly hasDates: boolean;
  readonly evaluate: Evaluate;
};

/**
 * Features as they would be if some inputs were others: the changed ones, and everything derived from them by the arithmetic
 * of the online evaluator. A value that depends on nothing changed keeps its bits.
 * @throws AssayError as `checkCatalog`; the revision throws bad_input for a derived feature as an input, and for one that
 *   also reads a date, which a feature row does not hold.
 * @example compileRevision(catalog, tables)(row, { columns: { amount_minor: 500_000 } })
 */
export function compileRevision(catalog: FeatureCatalog, tables: readonly TableSchema[]): RevisionOf {
  const plan = planCatalog(checkCatalog(catalog, tables));
  const derived = plan.derived.flat().map((feature) => derivedOf(feature, plan));
  const isDerived = new Set(derived.map(({ name }) => name));
  return (row, { columns = {}, features = {} }) => {
    const values = new Map<string, FeatureValue>(Object.entries(row));
    const changed = new Set<string>();
    const write = (name: string, value: FeatureValue): void => {
      values.set(name, value === 0 ? 0 : value);
      changed.add(name);
    };
    for (const { name, definition } of catalog.features) {
      if (definition.kind === 'attribute' && Object.hasOwn(columns, definition.column))
        write(name, columns[definition.column] ?? null);
      if (!Object.hasOwn(features, name)) continue;
      if (isDerived.has(name)) throw unusable(name, 'it is derived from others; change those');
      write(name, features[name] ?? null);
    }
    for (const { name, operands, hasDates, evaluate } of derived) {
      if (!operands.some((operand) => changed.has(operand))) continue;
      if (hasDates) throw unusable(name, 'it also reads a date, which a feature row does not hold');
      write(name, orNull(evaluate(values)));
    }
    return Object.fromEntries(values);
  };
}

function derivedOf(feature: FeatureDefinition, plan: CatalogPlan): Derived {
  const expression = feature.definition.kind === 'derived' ? feature.definition.expression : undefined;
  return {
    name: feature.name,
    operands: expression ? featureNamesIn(expression) : [],
    hasDates: expression !== undefined && datesIn(expression).length > 0,
    evaluate: compileDerived(feature, plan),
  };
}

function unusable(name: string, fix: string): AssayError {
  return new AssayError('bad_input', { what: 'a feature cannot be revised', given: name, fix });
}
