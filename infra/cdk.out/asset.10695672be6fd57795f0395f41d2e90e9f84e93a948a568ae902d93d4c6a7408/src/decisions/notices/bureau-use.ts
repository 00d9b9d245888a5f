import type { Portfolio } from '../../domain/index.ts';
import { checkCatalog, tablesOf } from '../../features/index.ts';
import { loanApplicationsSchema } from '../application.ts';
import { factsIn } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';

/** Key factors a notice names: four, and a fifth if it is the number of inquiries (FCRA section 609(f)(2)(B) and 615(a)(2)). */
const MAX_KEY_FACTORS = 4;
const INQUIRIES = /inquir|enquir/i;

export type BureauScore = {
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
  readonly createdOn: string | null;
  readonly keyFactors: readonly string[];
};

/** What a decision took from a consumer reporting agency: nothing, a report, or a report with a score. */
export type BureauUse = { readonly report: boolean; readonly score: BureauScore | null };

/**
 * Whether a decision used information of class `bureau`: as an input of the model or a fact of a policy rule, through lineage,
 * and with a value. A lender that has no bureau data gets no FCRA section; one that has it cannot leave it out.
 */
export function bureauUseOf(
  portfolio: Portfolio,
  body: Pick<DecisionBody, 'features' | 'application'>,
  inputs: readonly string[],
  policy: Portfolio['policy'],
): BureauUse {
  const columns = bureauColumns(portfolio);
  const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
  const facts = policy.rules.flatMap((rule) => factsIn(rule.when));
  const read = new Set([...inputs, ...facts.map((fact) => fact.replace(/^feature\./, ''))]);
  const byFeature = features.some(
    ({ definition, lineage }) =>
      read.has(definition.name) &&
      lineage.some((column) => columns.has(column)) &&
      (body.features[definition.name] ?? null) !== null,
  );
  const byFact = facts.some((fact) => {
    const column = fact.replace(/^attribute\./, '');
    return columns.has(`loan_applications.${column}`) && (body.application.columns[column] ?? null) !== null;
  });
  const report = byFeature || byFact;
  return { report, score: report ? scoreOf(portfolio, body) : null };
}

function bureauColumns(portfolio: Portfolio): ReadonlySet<string> {
  return new Set(
    tablesOf(portfolio).flatMap((table) =>
      table.columns.filter((column) => column.dataClass === 'bureau').map((column) => `${table.name}.${column.name}`),
    ),
  );
}

function scoreOf(
  { lender, ...portfolio }: Portfolio,
  { application }: Pick<DecisionBody, 'application'>,
): BureauScore | null {
  const score = lender?.bureau?.score;
  if (!score) return null;
  const known = loanApplicationsSchema(portfolio).columns.some((column) => column.name === score.column);
  const value = known ? application.columns[score.column] : null;
  if (typeof value !== 'number') return null;
  const text = (name: string | undefined): string | null => {
    const found = name === undefined ? null : (application.columns[name] ?? null);
    return found === null ? null : String(found);
  };
  return {
    value,
    lowest: score.lowest,
    highest: score.highest,
    createdOn: text(score.createdOnColumn)?.slice(0, 10) ?? null,
    keyFactors: keyFactorsOf(text(score.keyFactorsColumn)),
  };
}

export function keyFactorsOf(given: string | null): string[] {
  const factors = (given ?? '')
    .split(';')
    .map((factor) => factor.trim())
    .filter((factor) => factor !== '');
  const first = factors.slice(0, MAX_KEY_FACTORS);
  const inquiries = factors.slice(MAX_KEY_FACTORS).find((factor) => INQUIRIES.test(factor));
  return inquiries === undefined || first.some((factor) => INQUIRIES.test(factor)) ? first : [...first, inquiries];
}
