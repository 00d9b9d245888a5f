import type { PolicyConditionDto } from '../../contract.ts';
import { formatQuantity } from '../../format/index.ts';

const COMPARISONS: Readonly<Record<string, string>> = {
  '=': 'is',
  '<>': 'is not',
  '<': '<',
  '<=': '≤',
  '>': '>',
  '>=': '≥',
};

/** A condition as a person reads it; parts of parts in brackets. */
export function conditionText(condition: PolicyConditionDto, depth = 0): string {
  if ('all' in condition) return joined(condition.all, ' and ', depth);
  if ('any' in condition) return joined(condition.any, ' or ', depth);
  if ('not' in condition) return `not (${conditionText(condition.not)})`;
  const { fact, op, value } = condition;
  if (op === 'is_missing') return `${fact} is missing`;
  if (op === 'in' && Array.isArray(value)) return `${fact} is one of ${value.map(valueText).join(', ')}`;
  return `${fact} ${COMPARISONS[op] ?? op} ${valueText(value)}`;
}

function joined(parts: readonly PolicyConditionDto[], word: string, depth: number): string {
  const text = parts.map((part) => conditionText(part, depth + 1)).join(word);
  return depth === 0 || parts.length === 1 ? text : `(${text})`;
}

const valueText = (value: unknown): string => (typeof value === 'number' ? formatQuantity(value) : String(value));
