import { type ApplicationField, applicationFields, factsIn, readApplicationColumns } from '../decisions/index.ts';
import type { ColumnSchema, CreditPolicy, FeatureValue, Portfolio } from '../domain/index.ts';
import { describeCatalog, tablesOf } from '../features/index.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';

const EXAMPLE_BORROWERS = 5;

/** The book served here: what it is, its application form, and an example to try. */
export async function readPortfolioInfo(
  reader: MartReader,
  champion: string | null,
  policy: CreditPolicy = reader.context.portfolio.policy,
) {
  const portfolio = { ...reader.context.portfolio, policy };
  const snapshot = await reader.snapshot();
  const example = snapshot
    ? await reader.cached(snapshot, `example ${policy.version}`, () => readExample(reader, portfolio))
    : { borrowers: [], application: null };
  return {
    name: portfolio.name,
    title: portfolio.title,
    description: portfolio.description,
    currency: portfolio.currency,
    defaultDefinition: portfolio.defaultDefinition.description,
    outcomeWindowMonths: portfolio.defaultDefinition.outcomeWindowMonths,
    scale: portfolio.scale,
    creditPolicyVersion: portfolio.policy.version,
    champion,
    applicationFields: askedFields(portfolio).map((field) => ({
      name: field.name,
      in: field.in,
      title: titleOf(field.column),
      type: FIELD_TYPES[field.column.type],
      required: field.required,
      values: field.column.values ? [...field.column.values] : null,
      min: field.column.min ?? null,
      max: field.column.max ?? null,
      description: field.column.description ?? null,
    })),
    exampleBorrowers: example.borrowers,
    exampleApplication: example.application,
    snapshot: (snapshot ?? null) as Snapshot | null,
  };
}

/** The form asks for what is mandatory and for what a feature or a rule reads; anything else the API takes, but nobody is asked. */
function askedFields(portfolio: Portfolio): ApplicationField[] {
  const lineage = describeCatalog(portfolio.features, tablesOf(portfolio)).flatMap((feature) => feature.lineage);
  const facts = portfolio.policy.rules.flatMap((rule) => factsIn(rule.when));
  const used = new Set([...lineage, ...facts]);
  return applicationFields(portfolio).filter(
    ({ column, required, in: place }) =>
      required ||
      place === 'application' ||
      used.has(`loan_applications.${column.name}`) ||
      used.has(`attribute.${column.name}`),
  );
}

const FIELD_TYPES = {
  text: 'text',
  integer: 'integer',
  double: 'number',
  money: 'money',
  date: 'date',
  timestamp: 'timestamp',
  boolean: 'boolean',
} as const;

/** 'amount_minor' reads 'Amount'. */
function titleOf(column: ColumnSchema): string {
  const words = column.name.replace(/_minor$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The newest application of the book, as a request. */
async function readExample(reader: MartReader, portfolio: Portfolio) {
  const rows = await reader.rows<{ application_id: string; borrower_id: string }>(
    'applicants',
    `ORDER BY applied_at DESC NULLS LAST, application_id LIMIT ${EXAMPLE_BORROWERS}`,
  );
  const first = rows[0];
  if (!first) return { borrowers: [], application: null };
  const columns = (await readApplicationColumns(reader.context, first.application_id))(first.application_id);
  const application: Record<string, unknown> = { borrowerId: first.borrower_id, currency: portfolio.currency };
  const attributes: Record<string, FeatureValue | boolean> = {};
  for (const field of askedFields(portfolio)) {
    const value = columns[field.column.name] ?? null;
    if (value === null) continue;
    if (field.in === 'application') application[field.name] = value;
    else attributes[field.name] = field.column.type === 'boolean' ? value === 'true' : value;
  }
  return { borrowers: [...new Set(rows.map((row) => row.borrower_id))], application: { ...application, attributes } };
}
