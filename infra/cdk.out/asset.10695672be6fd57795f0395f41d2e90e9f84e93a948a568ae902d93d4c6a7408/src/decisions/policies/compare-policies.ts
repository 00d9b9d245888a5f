import { type CreditPolicy, canonicalJson, type PolicyRule } from '../../domain/index.ts';

export type PolicyChange = {
  /** Where: a rule, the order of rules, the limit or the price of a grade, the description. */
  readonly part: 'rule' | 'order' | 'limit' | 'price' | 'description';
  /** Id of the rule, or the grade. */
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Members of the rule that differ. */
  readonly fields: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
};

/** What is different between two policies, rule by rule (by id), grade by grade; equal policies give nothing, whatever their version. */
export function comparePolicies(before: CreditPolicy, after: CreditPolicy): PolicyChange[] {
  const rules = compareNamed('rule', byName(before.rules, 'id'), byName(after.rules, 'id'));
  const limits = compareNamed('limit', byName(before.limits, 'grade'), byName(after.limits, 'grade'));
  const prices = compareNamed('price', byName(before.pricing, 'grade'), byName(after.pricing, 'grade'));
  return [...compareText(before, after), ...rules, ...compareOrder(before.rules, after.rules), ...limits, ...prices];
}

type Named = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

function byName<Key extends string>(items: readonly ({ readonly [K in Key]: string } & object)[], key: Key): Named {
  return new Map(items.map((item) => [item[key], { ...item }]));
}

function compareNamed(part: PolicyChange['part'], before: Named, after: Named): PolicyChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name): PolicyChange[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (!was) return [{ part, name, kind: 'added', fields: [], before: null, after: is ?? null }];
    if (!is) return [{ part, name, kind: 'removed', fields: [], before: was, after: null }];
    const fields = Object.keys({ ...was, ...is }).filter((field) => textOf(was[field]) !== textOf(is[field]));
    return fields.length === 0 ? [] : [{ part, name, kind: 'changed', fields, before: was, after: is }];
  });
}

const textOf = (value: unknown): string => (value === undefined ? '' : canonicalJson(value));

function compareText(before: CreditPolicy, after: CreditPolicy): PolicyChange[] {
  if (before.description === after.description) return [];
  const texts = { before: before.description, after: after.description };
  return [{ part: 'description', name: 'description', kind: 'changed', fields: ['description'], ...texts }];
}

/** Order decides which reason is said first; the rules both have are compared. */
function compareOrder(before: readonly PolicyRule[], after: readonly PolicyRule[]): PolicyChange[] {
  const idsOf = (rules: readonly PolicyRule[], others: readonly PolicyRule[]): string[] =>
    rules.map(({ id }) => id).filter((id) => others.some((other) => other.id === id));
  const [was, is] = [idsOf(before, after), idsOf(after, before)];
  if (was.join('\n') === is.join('\n')) return [];
  return [{ part: 'order', name: 'order of rules', kind: 'changed', fields: ['order'], before: was, after: is }];
}
