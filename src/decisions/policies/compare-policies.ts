import { type CreditPolicy, canonicalJson } from '../../domain/index.ts';

export type PolicyChange = {
  /** Where: a rule or segment, their order, the limit or the price of a grade, the description. */
  readonly part: 'rule' | 'segment' | 'order' | 'limit' | 'price' | 'description';
  /** Id of the rule or segment, or the grade; `segment / grade` where it is of one. */
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Members of the rule that differ. */
  readonly fields: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
};

/** What is different between two policies, rule by rule (by id), segment by segment, grade by grade; equal policies give nothing, whatever their version. */
export function comparePolicies(before: CreditPolicy, after: CreditPolicy): PolicyChange[] {
  const rules = compareNamed('rule', byName(before.rules, 'id'), byName(after.rules, 'id'));
  const [wasSegments, isSegments] = [before.segments ?? [], after.segments ?? []];
  const segments = compareNamed('segment', byName(wasSegments, 'id'), byName(isSegments, 'id'));
  return [
    ...compareText(before, after),
    ...rules,
    ...compareOrder('order of rules', before.rules, after.rules),
    ...segments,
    ...compareOrder('order of segments', wasSegments, isSegments),
    ...compareNamed('limit', byTerm(before.limits), byTerm(after.limits)),
    ...compareNamed('price', byTerm(before.pricing), byTerm(after.pricing)),
  ];
}

type Named = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

function byName<Key extends string>(items: readonly ({ readonly [K in Key]: string } & object)[], key: Key): Named {
  return new Map(items.map((item) => [item[key], { ...item }]));
}

type Term = { readonly grade: string; readonly segment?: string | undefined };

function byTerm(terms: readonly Term[]): Named {
  return new Map(
    terms.map((term) => [term.segment === undefined ? term.grade : `${term.segment} / ${term.grade}`, { ...term }]),
  );
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

type Ordered = readonly { readonly id: string }[];

/** Order decides which reason is said first, and which segment counts; those both have are compared. */
function compareOrder(name: string, before: Ordered, after: Ordered): PolicyChange[] {
  const idsOf = (rules: Ordered, others: Ordered): string[] =>
    rules.map(({ id }) => id).filter((id) => others.some((other) => other.id === id));
  const [was, is] = [idsOf(before, after), idsOf(after, before)];
  if (was.join('\n') === is.join('\n')) return [];
  return [{ part: 'order', name, kind: 'changed', fields: ['order'], before: was, after: is }];
}
