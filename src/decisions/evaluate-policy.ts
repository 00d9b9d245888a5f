import type {
  CreditPolicy,
  DecisionOutcome,
  FeatureValue,
  GradeLimit,
  PolicyCondition,
  PolicyRule,
} from '../domain/index.ts';

/** What a policy may look at: 'pd', 'score', 'grade', 'amountMinor', 'termMonths', 'fraud.score', 'feature.<name>', 'attribute.<name>'. */
export type PolicyFacts = Readonly<Record<string, FeatureValue | undefined>>;

/**
 * One rule and what it saw. `segment` entries say which segment's limits and prices count, `limit` entries are the policy's amount limits,
 * `mandatory_data` comes from the application form.
 */
export type TraceEntry = {
  readonly rule: string;
  readonly kind: PolicyRule['kind'] | 'segment' | 'limit' | 'mandatory_data';
  readonly description: string;
  readonly fired: boolean;
  readonly outcome: DecisionOutcome;
  readonly saw: Readonly<Record<string, FeatureValue>>;
};

export type PolicyResult = {
  readonly outcome: DecisionOutcome;
  readonly trace: readonly TraceEntry[];
  /** Reasons of the rules that fired with the final outcome, in the policy's order. */
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  /** Whose limits and prices count; null = those of the grade alone. */
  readonly segment: string | null;
  /** Largest amount for the segment and grade; null = no limit. */
  readonly limitMinor: number | null;
  readonly annualRatePercent: number | null;
};

const STRICTNESS: Readonly<Record<DecisionOutcome, number>> = {
  approved: 0,
  counter_offer: 1,
  referred: 2,
  declined: 3,
};

export function strictest(outcomes: readonly DecisionOutcome[]): DecisionOutcome {
  return outcomes.reduce((worst, outcome) => (STRICTNESS[outcome] > STRICTNESS[worst] ? outcome : worst), 'approved');
}

/**
 * Evaluates every rule in order, then finds the segment and the amount limit of segment and grade; the strictest outcome of those that fired wins, and
 * `approved` stands when none fired. Conditions are three-valued: a comparison with a missing fact is neither true nor
 * false, `not` of it is not true either, and only `is_missing` finds it; so no rule fires on what is not known.
 * @example evaluatePolicy(policy, { pd: 0.31, grade: 'F', amountMinor: 500_000 }).outcome // 'declined'
 */
export function evaluatePolicy(policy: CreditPolicy, facts: PolicyFacts): PolicyResult {
  const trace: TraceEntry[] = policy.rules.map((rule) => ({
    rule: rule.id,
    kind: rule.kind,
    description: rule.description,
    fired: holds(rule.when, facts) === true,
    outcome: rule.outcome,
    saw: seen(rule.when, facts),
  }));
  const segment = policy.segments?.find(({ when }) => holds(when, facts) === true)?.id ?? null;
  trace.push(...segmentEntries(policy, segment, facts));
  const grade = facts['grade'] ?? null;
  const limit = ofSegmentAndGrade(policy.limits, segment, grade);
  if (limit) trace.push(limitEntry(limit, facts));
  const outcome = strictest(trace.filter((entry) => entry.fired).map((entry) => entry.outcome));
  return {
    outcome,
    trace,
    reasons: reasonsOf(policy, trace, outcome),
    segment,
    limitMinor: limit?.maxAmountMinor ?? null,
    annualRatePercent: ofSegmentAndGrade(policy.pricing, segment, grade)?.annualRatePercent ?? null,
  };
}

/** The entry of the segment and grade, else that of the grade alone. */
export function ofSegmentAndGrade<Entry extends { readonly grade: string; readonly segment?: string | undefined }>(
  entries: readonly Entry[],
  segment: string | null,
  grade: FeatureValue,
): Entry | undefined {
  const ofGrade = entries.filter((entry) => entry.grade === grade);
  const own = segment === null ? undefined : ofGrade.find((entry) => entry.segment === segment);
  return own ?? ofGrade.find((entry) => entry.segment === undefined);
}

/** The segment a record was decided in, from its trace. */
export function segmentOfTrace(trace: readonly TraceEntry[]): string | null {
  const entry = trace.find(({ kind, fired }) => kind === 'segment' && fired);
  return entry ? entry.rule.slice(SEGMENT_PREFIX.length) : null;
}

const SEGMENT_PREFIX = 'segment.';

function segmentEntries(policy: CreditPolicy, segment: string | null, facts: PolicyFacts): TraceEntry[] {
  return (policy.segments ?? []).map(({ id, description, when }) => ({
    rule: `${SEGMENT_PREFIX}${id}`,
    kind: 'segment',
    description,
    fired: id === segment,
    outcome: 'approved',
    saw: seen(when, facts),
  }));
}

export const LIMIT_REASON = { code: 'LIMIT', text: 'Amount asked for is above the limit for this credit grade' };

function limitEntry({ grade, segment, maxAmountMinor }: GradeLimit, facts: PolicyFacts): TraceEntry {
  const amountMinor = facts['amountMinor'] ?? null;
  const ofSegment = segment === undefined ? '' : ` of segment ${segment}`;
  return {
    rule: segment === undefined ? `limit.${grade}` : `limit.${segment}.${grade}`,
    kind: 'limit',
    description: `Largest amount for grade ${grade}${ofSegment}: ${amountText(maxAmountMinor, facts['currency'] ?? null)}`,
    fired: typeof amountMinor === 'number' && amountMinor > maxAmountMinor,
    outcome: 'counter_offer',
    saw: { amountMinor, grade },
  };
}

/** Currencies whose minor unit is the unit itself, of those with codes in ISO 4217 that loans are made in. */
const WITHOUT_MINOR_UNITS = new Set(['CLP', 'ISK', 'JPY', 'KRW', 'PYG', 'UGX', 'VND', 'XAF', 'XOF']);

/** As a person writes it, the same on every machine: 12,500.00 EUR. Without a currency, in minor units. */
function amountText(minor: number, currency: FeatureValue): string {
  if (typeof currency !== 'string') return `${minor} minor units`;
  const decimals = WITHOUT_MINOR_UNITS.has(currency) ? 0 : 2;
  const [whole, fraction] = (minor / 10 ** decimals).toFixed(decimals).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`} ${currency}`;
}

type PolicyReason = PolicyResult['reasons'][number];

function reasonsOf(policy: CreditPolicy, trace: readonly TraceEntry[], outcome: DecisionOutcome): PolicyReason[] {
  const byCode = new Map<string, PolicyReason>();
  for (const entry of trace.filter((candidate) => candidate.fired && candidate.outcome === outcome)) {
    const rule = policy.rules.find((candidate) => candidate.id === entry.rule);
    const reason = entry.kind === 'limit' ? LIMIT_REASON : rule?.reason;
    if (reason && !byCode.has(reason.code)) byCode.set(reason.code, reason);
  }
  return [...byCode.values()];
}

/** True, false, or null = cannot be said because a fact is missing (Kleene). */
function holds(condition: PolicyCondition, facts: PolicyFacts): boolean | null {
  if ('all' in condition) return every(condition.all.map((part) => holds(part, facts)));
  if ('any' in condition) return negate(every(condition.any.map((part) => negate(holds(part, facts)))));
  if ('not' in condition) return negate(holds(condition.not, facts));
  const value = facts[condition.fact] ?? null;
  if (condition.op === 'is_missing') return value === null;
  if (value === null) return null;
  if (condition.op === 'in') return condition.value.includes(value);
  return compare(value, condition.op, condition.value);
}

function every(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

const negate = (value: boolean | null): boolean | null => (value === null ? null : !value);

/** Numbers compare with numbers and texts with texts; a mixed comparison cannot be said. */
function compare(
  value: number | string,
  op: '=' | '<>' | '<' | '<=' | '>' | '>=',
  with_: number | string,
): boolean | null {
  if (typeof value !== typeof with_) return null;
  switch (op) {
    case '=':
      return value === with_;
    case '<>':
      return value !== with_;
    case '<':
      return value < with_;
    case '<=':
      return value <= with_;
    case '>':
      return value > with_;
    case '>=':
      return value >= with_;
  }
}

function seen(condition: PolicyCondition, facts: PolicyFacts): Record<string, FeatureValue> {
  return Object.fromEntries(factsIn(condition).map((fact) => [fact, facts[fact] ?? null]));
}

/** Every fact a condition names, in order. */
export function factsIn(condition: PolicyCondition): string[] {
  if ('all' in condition) return condition.all.flatMap(factsIn);
  if ('any' in condition) return condition.any.flatMap(factsIn);
  if ('not' in condition) return factsIn(condition.not);
  return [condition.fact];
}

/** Everything a policy asks, with the name of who asks. */
export function conditionsOf(policy: CreditPolicy): { readonly path: string; readonly when: PolicyCondition }[] {
  return [
    ...policy.rules.map(({ id, when }) => ({ path: `rules.${id}`, when })),
    ...(policy.segments ?? []).map(({ id, when }) => ({ path: `segments.${id}`, when })),
  ];
}

/** What a policy may see of application fraud. */
export type PolicyFraud = { readonly score: number; readonly band: string; readonly signals: readonly unknown[] };

/** Whether a policy looks at application fraud. */
export function namesFraud(policy: CreditPolicy): boolean {
  return conditionsOf(policy).some(({ when }) => factsIn(when).some((fact) => fact.startsWith('fraud.')));
}

type NamedFact = { readonly fact: string; readonly of: 'attribute' | 'feature'; readonly name: string };

const named = new WeakMap<CreditPolicy, readonly NamedFact[]>();

/** The attributes and features a policy names, found once: most policies look at few of what is known. */
export function namedFacts(policy: CreditPolicy): readonly NamedFact[] {
  const known = named.get(policy);
  if (known) return known;
  const facts = new Set(conditionsOf(policy).flatMap(({ when }) => factsIn(when)));
  const found = [...facts].flatMap((fact): NamedFact[] => {
    const [of, name] = [fact.slice(0, fact.indexOf('.')), fact.slice(fact.indexOf('.') + 1)];
    return of === 'attribute' || of === 'feature' ? [{ fact, of, name }] : [];
  });
  named.set(policy, found);
  return found;
}
