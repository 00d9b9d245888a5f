import { AssayError, type Incumbent, type PolicyCondition } from '../../domain/index.ts';

const PREFIX = 'attribute.';
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Risk by the incumbent rule as SQL over `loan_applications`: higher = riskier, equal = a tie; only its order means anything. */
export function incumbentRiskSql({ rule }: Incumbent): string {
  if (rule.kind === 'points') {
    const items = rule.items.map(({ points, when }) => `CASE WHEN ${conditionSql(when)} THEN ${points} ELSE 0 END`);
    return `CAST(${items.join(' + ')} AS DOUBLE)`;
  }
  const keys = rule.by.map(
    ({ column, riskier }) => `${quoted(column)} ${riskier === 'higher' ? 'ASC' : 'DESC'} NULLS LAST`,
  );
  return `CAST(dense_rank() OVER (ORDER BY ${keys.join(', ')}) AS DOUBLE)`;
}

/** SQL and the credit policy share their logic of missing values (Kleene), so a condition is the same in both. */
export function conditionSql(condition: PolicyCondition): string {
  if ('all' in condition) return joined(condition.all, 'AND', 'TRUE');
  if ('any' in condition) return joined(condition.any, 'OR', 'FALSE');
  if ('not' in condition) return `(NOT ${conditionSql(condition.not)})`;
  const column = columnOf(condition.fact);
  if (condition.op === 'is_missing') return `(${column} IS NULL)`;
  if (condition.op === 'in') return `(${column} IN (${condition.value.map(literal).join(', ')}))`;
  return `(${column} ${condition.op} ${literal(condition.value)})`;
}

function joined(parts: readonly PolicyCondition[], word: 'AND' | 'OR', empty: string): string {
  return parts.length === 0 ? empty : `(${parts.map(conditionSql).join(` ${word} `)})`;
}

function columnOf(fact: string): string {
  if (fact.startsWith(PREFIX)) return quoted(fact.slice(PREFIX.length));
  throw new AssayError('bad_input', {
    what: 'an incumbent rule looks at columns of the loan application only',
    given: fact,
    allowed: 'attribute.<column>',
    fix: "write the column's name after attribute. in the portfolio's incumbent",
  });
}

function literal(value: number | string): string {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
