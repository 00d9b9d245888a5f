import {
  AssayError,
  canonicalJson,
  type DataClass,
  type FeatureCatalog,
  type FeatureDefinition,
  type FieldIssue,
  sha256Hex,
  strictestDataClass,
  type TableSchema,
} from '../domain/index.ts';
import { isSocialNetworkAdmitted } from './admit-social-network.ts';
import { expressionIssues } from './expression-issues.ts';
import { columnsRead, dataClassOf, featureNamesIn, SPINE_TABLE, type Tables, tablesByName } from './references.ts';

export type CheckedFeature = {
  readonly definition: FeatureDefinition;
  /** Strictest class of every column it is made from, through joins, filters and other features. */
  readonly dataClass: DataClass;
  /** Every column it is made from, as `table.column`, sorted. */
  readonly lineage: readonly string[];
  /** 0 for a feature made from columns; else one more than the highest of the features it reads. */
  readonly level: number;
};

export type CheckedCatalog = {
  readonly features: readonly CheckedFeature[];
  readonly tables: Tables;
  readonly spine: TableSchema;
};

/** Columns the features table has beside the features. */
export const RESERVED_NAMES = [
  'application_id',
  'borrower_id',
  'as_of',
  'source_row',
  'defaulted',
  'fold',
  'split',
] as const;

/** Classes that never enter a catalog for training or scoring. */
const REFUSED: Partial<Record<DataClass, string>> = {
  protected: 'a protected attribute may be kept for fairness checks, never trained or scored on (Reg B, 12 CFR 1002.6)',
  social_network: 'social-network data is closed to credit scoring unless the social-network gate admits it',
};

/**
 * Checks a catalog against the tables it reads: names, columns, types, references, cycles, and the data class that each
 * feature inherits from all it is made of.
 * @throws AssayError bad_input with every issue found, `path` = feature name; forbidden when the only fault is a refused class.
 * @example const checked = checkCatalog(portfolio.features, tablesOf(portfolio));
 */
export function checkCatalog(catalog: FeatureCatalog, tables: readonly TableSchema[]): CheckedCatalog {
  const byName = tablesByName(tables);
  const spine = byName.get(SPINE_TABLE);
  const issues = [...spineIssues(spine), ...nameIssues(catalog), ...referenceIssues(catalog)];
  for (const feature of catalog.features) {
    for (const message of expressionIssues(feature, byName)) issues.push({ path: feature.name, message });
  }
  issues.push(...mislabelled(tables));
  if (!spine || issues.length > 0) throw refusal('bad_input', 'the feature catalog does not fit its tables', issues);
  const features = resolveFeatures(catalog, byName);
  const isAdmitted = isSocialNetworkAdmitted(catalog);
  const refused = features.flatMap(({ definition, dataClass, lineage }) => {
    const why = dataClass === 'social_network' && isAdmitted ? undefined : REFUSED[dataClass];
    return why ? [{ path: definition.name, message: `is ${dataClass} (made from ${lineage.join(', ')}): ${why}` }] : [];
  });
  if (refused.length > 0) throw refusal('forbidden', 'the feature catalog uses data it must not use', refused);
  return { features, tables: byName, spine };
}

/** Names that give a social network away. */
const SOCIAL_NAME =
  /(^|_)(social_(network|media|profile|graph)|facebook|instagram|whatsapp|linkedin|twitter|tiktok|snapchat|telegram|wechat|weibo|vkontakte|orkut|pinterest|reddit)(_|$)/i;

/** Names of what no decision on credit may rest on (12 CFR 1002.2(z)). Age is not among them: it may be used under conditions. */
const PROTECTED_NAME =
  /(^|_)(gender|sex|race|ethnic(ity|_group|_origin)?|religio(n|us)\w*|nationality|national_origin|citizenship|foreign_worker|marital|marital_status|pregnan(t|cy)|disabilit(y|ies)|sexual_orientation)(_|$)/i;

const TELLING_NAMES = [
  { pattern: SOCIAL_NAME, after: 'a social network', dataClass: 'social_network', ofTable: true },
  { pattern: PROTECTED_NAME, after: 'a protected trait', dataClass: 'protected', ofTable: false },
] as const;

/** What is called after a closed class is declared as one: a class that was written too low would pass by its name. */
function mislabelled(tables: readonly TableSchema[]): FieldIssue[] {
  return tables.flatMap(({ name: table, columns }) =>
    columns
      .filter(({ dataClass }) => !CLOSED.includes(dataClass))
      .flatMap(({ name, dataClass: declared }) => {
        const told = TELLING_NAMES.find(
          ({ pattern, ofTable }) => pattern.test(name) || (ofTable && pattern.test(table)),
        );
        const message = `is named after ${told?.after} and declared ${declared}: declare it ${told?.dataClass}`;
        return told ? [{ path: `${table}.${name}`, message }] : [];
      }),
  );
}

const CLOSED: readonly DataClass[] = ['social_network', 'protected'];

function spineIssues(spine: TableSchema | undefined): FieldIssue[] {
  if (!spine) return [{ path: SPINE_TABLE, message: 'the portfolio has no such table' }];
  const missing = ['application_id', 'borrower_id'].filter(
    (name) => !spine.columns.some((column) => column.name === name),
  );
  const issues = missing.map((name) => ({ path: SPINE_TABLE, message: `has no column ${name}` }));
  return spine.eventTime ? issues : [...issues, { path: SPINE_TABLE, message: 'has no eventTime, so no asOf' }];
}

function nameIssues(catalog: FeatureCatalog): FieldIssue[] {
  const seen = new Set<string>(RESERVED_NAMES);
  return catalog.features.flatMap(({ name }) => {
    const issues: FieldIssue[] = [];
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
      issues.push({ path: name, message: 'a name is snake_case, at most 63 characters' });
    if (seen.has(name)) issues.push({ path: name, message: 'this name is taken or reserved' });
    seen.add(name);
    return issues;
  });
}

function referenceIssues(catalog: FeatureCatalog): FieldIssue[] {
  const byName = new Map(catalog.features.map((feature) => [feature.name, feature]));
  return catalog.features.flatMap((feature) => {
    const issues: FieldIssue[] = [];
    for (const name of operandsOf(feature)) {
      const operand = byName.get(name);
      if (!operand)
        issues.push({ path: feature.name, message: `reads feature "${name}", which is not in the catalog` });
      else if (operand.type !== 'numeric')
        issues.push({ path: feature.name, message: `does arithmetic on "${name}", a category` });
    }
    const cycle = cycleFrom(feature.name, byName);
    if (cycle) issues.push({ path: feature.name, message: `is made from itself: ${cycle.join(' -> ')}` });
    return issues;
  });
}

function operandsOf(feature: FeatureDefinition): string[] {
  return feature.definition.kind === 'derived' ? featureNamesIn(feature.definition.expression) : [];
}

function cycleFrom(start: string, byName: ReadonlyMap<string, FeatureDefinition>): string[] | null {
  const visited = new Set<string>();
  const search = (name: string, trail: readonly string[]): string[] | null => {
    const feature = byName.get(name);
    if (!feature || visited.has(name)) return null;
    visited.add(name);
    for (const operand of operandsOf(feature)) {
      if (operand === start) return [...trail, operand];
      const found = search(operand, [...trail, operand]);
      if (found) return found;
    }
    return null;
  };
  return search(start, [start]);
}

function resolveFeatures(catalog: FeatureCatalog, tables: Tables): CheckedFeature[] {
  const byName = new Map(catalog.features.map((feature) => [feature.name, feature]));
  const resolved = new Map<string, CheckedFeature>();
  const resolve = (definition: FeatureDefinition): CheckedFeature => {
    const known = resolved.get(definition.name);
    if (known) return known;
    const operands = operandsOf(definition).map((name) => resolve(byName.get(name)!));
    const feature = checkedFeature(definition, operands, tables);
    resolved.set(definition.name, feature);
    return feature;
  };
  return catalog.features.map(resolve);
}

function checkedFeature(
  definition: FeatureDefinition,
  operands: readonly CheckedFeature[],
  tables: Tables,
): CheckedFeature {
  const columns = columnsRead(definition.definition, tables);
  const classes = [dataClassOf(columns, tables), ...operands.map((operand) => operand.dataClass)];
  if (definition.dataClass) classes.push(definition.dataClass);
  const lineage = new Set([
    ...columns.map((c) => `${c.table}.${c.column}`),
    ...operands.flatMap((operand) => operand.lineage),
  ]);
  const isDerived = definition.definition.kind === 'derived';
  return {
    definition,
    dataClass: strictestDataClass(classes),
    lineage: [...lineage].sort(),
    level: isDerived ? 1 + Math.max(0, ...operands.map((operand) => operand.level)) : 0,
  };
}

function refusal(code: 'bad_input' | 'forbidden', what: string, issues: readonly FieldIssue[]): AssayError {
  const shown = issues.slice(0, 5).map((issue) => `${issue.path}: ${issue.message}`);
  const rest = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : '';
  return new AssayError(code, {
    what,
    given: shown.join(' | ') + rest,
    allowed:
      'snake_case names used once; columns that exist with fitting types; no cycles; no protected or social-network data',
    fix: "correct the named features in the portfolio's features.ts",
    issues,
  });
}

/** Version of a catalog: sha256 of its definitions in canonical JSON, by name, so that reordering changes nothing. */
export function catalogHash(catalog: FeatureCatalog): string {
  const sorted = [...catalog.features].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sha256Hex(canonicalJson({ format: 'assay-features/1', features: sorted }));
}

/** Version of each feature: changes when its own definition changes, or that of any feature it is made from. */
export function featureHashes(catalog: FeatureCatalog): ReadonlyMap<string, string> {
  const byName = new Map(catalog.features.map((feature) => [feature.name, feature]));
  const hashes = new Map<string, string>();
  const hashOf = (name: string): string => {
    const known = hashes.get(name);
    if (known !== undefined) return known;
    const feature = byName.get(name)!;
    const hash = sha256Hex(canonicalJson({ feature, operands: operandsOf(feature).map(hashOf) }));
    hashes.set(name, hash);
    return hash;
  };
  for (const feature of catalog.features) hashOf(feature.name);
  return hashes;
}
