import type {
  Aggregate,
  Arithmetic,
  Condition,
  FeatureDefinition,
  FeatureExpression,
  LookupStep,
} from '../../domain/index.ts';

/** Short ways to write feature definitions. What comes out is plain data. */

type Common = Omit<FeatureDefinition, 'type' | 'definition' | 'name'>;

export const numeric = (name: string, definition: FeatureExpression, about: Common): FeatureDefinition => ({
  name,
  type: 'numeric',
  definition,
  ...about,
});

export const categorical = (name: string, definition: FeatureExpression, about: Common): FeatureDefinition => ({
  name,
  type: 'categorical',
  definition,
  ...about,
});

export const attribute = (column: string): Extract<FeatureExpression, { kind: 'attribute' }> => ({
  kind: 'attribute',
  column,
});

/** `lookup('borrowers.borrower_id', 'districts.district_id')('unemployment_rate')` */
export const lookup = (...steps: readonly `${string}.${string}`[]) => {
  const path: LookupStep[] = steps.map((step) => {
    const [table = '', on = ''] = step.split('.');
    return { table, on };
  });
  return (column: string): Extract<FeatureExpression, { kind: 'lookup' }> => ({ kind: 'lookup', path, column });
};

export type Over = {
  readonly where?: readonly Condition[];
  readonly windowDays?: number;
  readonly offsetDays?: number;
};

export const aggregate = (source: string, what: Aggregate, over: Over = {}): FeatureExpression => ({
  kind: 'aggregate',
  source,
  aggregate: what,
  ...over,
});

export const derived = (expression: Arithmetic): FeatureExpression => ({ kind: 'derived', expression });

export const feature = (name: string): Arithmetic => ({ op: 'feature', name });
export const constant = (value: number): Arithmetic => ({ op: 'number', value });
export const add = (left: Arithmetic, right: Arithmetic): Arithmetic => ({ op: 'add', left, right });
export const subtract = (left: Arithmetic, right: Arithmetic): Arithmetic => ({ op: 'subtract', left, right });
export const divide = (left: Arithmetic, right: Arithmetic): Arithmetic => ({ op: 'divide', left, right });
export const orElse = (of: Arithmetic, otherwise: Arithmetic): Arithmetic => ({ op: 'coalesce', of, otherwise });

/** One feature divided by another; null where the second is 0 or missing. */
export const ratio = (over: string, under: string): FeatureExpression => derived(divide(feature(over), feature(under)));

export const daysBefore = (of: Extract<FeatureExpression, { kind: 'attribute' | 'lookup' }>): FeatureExpression =>
  derived({ op: 'days_before_as_of', of });

/** Conditions in the words of the tables. */
export const where = {
  credit: { column: 'amount_minor', op: '>', value: 0 },
  debit: { column: 'amount_minor', op: '<', value: 0 },
  overdrawn: { column: 'balance_minor', op: '<', value: 0 },
  category: (...value: readonly string[]): Condition => ({ column: 'category', op: 'in', value }),
} as const satisfies Record<string, Condition | ((...value: readonly string[]) => Condition)>;
