import {
  AssayError,
  type DataClass,
  type FeatureDefinition,
  type FieldIssue,
  type Lever,
  type Portfolio,
} from '../domain/index.ts';
import { type CheckedFeature, checkCatalog, tablesOf } from '../features/index.ts';
import { loanApplicationsSchema } from './application.ts';

/** Searching pairs and triples of more levers would take too long. */
const MAX_LEVERS = 12;
/** Classes nobody is asked to change: what a person is, not what a person does. */
const NEVER_ASKED: readonly DataClass[] = ['demographic', 'protected', 'social_network'];
const AMOUNT_STEP_MINOR = 10_000;

/**
 * The levers of a portfolio, checked: what they name exists and can be moved, is of no class that may not be asked for, and
 * moves in the direction in which the pd falls, where that is known.
 * @throws AssayError bad_input with one issue per lever
 */
export function leversOf(portfolio: Portfolio): readonly Lever[] {
  const levers = portfolio.levers ?? defaultLevers(portfolio);
  const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
  const issues = levers.flatMap((lever) =>
    leverIssues(lever, portfolio, features).map((message) => ({ path: `levers.${lever.id}`, message })),
  );
  if (levers.length > MAX_LEVERS) issues.push({ path: 'levers', message: `at most ${MAX_LEVERS} levers` });
  if (issues.length > 0) throw leverError(issues);
  return levers;
}

function leverError(issues: readonly FieldIssue[]): AssayError {
  return new AssayError('bad_input', {
    what: 'a lever of the portfolio asks for what cannot or may not be changed',
    given: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    allowed: 'columns of the loan application, and features of a window or state that the borrower moves',
    fix: "correct the portfolio's levers",
    issues,
  });
}

/** Any loan can be asked for smaller. */
function defaultLevers(portfolio: Portfolio): Lever[] {
  const amount = loanApplicationsSchema(portfolio).columns.find((column) => column.name === 'amount_minor');
  if (!amount) return [];
  const limit = Math.max(amount.min ?? 1, AMOUNT_STEP_MINOR);
  const on = { column: 'amount_minor' };
  const advice = 'Ask for a smaller amount';
  return [{ id: 'amount', kind: 'request', on, direction: 'lower', limit, step: AMOUNT_STEP_MINOR, advice }];
}

function leverIssues(lever: Lever, portfolio: Portfolio, features: readonly CheckedFeature[]): string[] {
  const byName = new Map(features.map((feature) => [feature.definition.name, feature]));
  const shape = [
    ...(lever.step > 0 ? [] : ['step must be above 0']),
    ...(lever.kind === 'request' && 'feature' in lever.on ? ['a request is a column of the loan application'] : []),
  ];
  if ('column' in lever.on) return [...shape, ...columnIssues(lever, lever.on.column, portfolio, features)];
  const names = [lever.on.feature, ...(lever.also ?? [])];
  return [...shape, ...names.flatMap((name) => featureIssues(lever, name, byName.get(name)))];
}

function columnIssues(lever: Lever, name: string, portfolio: Portfolio, features: readonly CheckedFeature[]): string[] {
  const column = loanApplicationsSchema(portfolio).columns.find((candidate) => candidate.name === name);
  if (!column) return [`loan_applications has no column ${name}`];
  const readers = features.filter(({ definition }) => isAttribute(definition, name));
  return [
    ...(['integer', 'money', 'double'].includes(column.type) ? [] : [`${name} is not a number`]),
    ...(NEVER_ASKED.includes(column.dataClass)
      ? [`${name} is ${column.dataClass}, and nobody is asked to change it`]
      : []),
    ...readers.flatMap(({ definition }) => directionIssues(lever, definition)),
  ];
}

const isAttribute = ({ definition }: FeatureDefinition, column: string): boolean =>
  definition.kind === 'attribute' && definition.column === column;

function featureIssues(lever: Lever, name: string, feature: CheckedFeature | undefined): string[] {
  if (!feature) return [`the catalog has no feature ${name}`];
  const { definition, dataClass } = feature;
  const { kind } = definition.definition;
  const isPast = kind === 'aggregate' && definition.definition.windowDays === undefined && lever.overDays === undefined;
  return [
    ...(definition.type === 'numeric' ? [] : [`${name} is not a number`]),
    ...(kind === 'derived' ? [`${name} is derived from others; move those`] : []),
    ...(isPast ? [`${name} counts all history: what lies in the past cannot be changed`] : []),
    ...(NEVER_ASKED.includes(dataClass) ? [`${name} is ${dataClass}, and nobody is asked to change it`] : []),
    ...directionIssues(lever, definition),
  ];
}

function directionIssues({ direction }: Lever, { name, monotone }: FeatureDefinition): string[] {
  const worsens = direction === 'lower' ? 'decreasing' : 'increasing';
  return monotone === worsens ? [`${direction} ${name} raises the pd`] : [];
}
