import { type Column, compareText, type Frame } from '../domain/index.ts';
import { type Lake, lakeJson, type ResultColumn, type Warehouse } from '../platform/index.ts';
import { FEATURES_KEY, FEATURES_MANIFEST_KEY, type FeaturesManifest } from './build-features.ts';
import { quotedPath, requireKey } from './processed-views.ts';
import { duckdbDialect } from './sql/dialect.ts';

const { identifier } = duckdbDialect;

export type FeatureFrame = {
  /** One column per feature of the catalog; categorical levels sorted, so that the same rows give the same codes. */
  readonly frame: Frame;
  readonly applicationIds: readonly string[];
  readonly borrowerIds: readonly string[];
  /** ISO UTC text per row. */
  readonly asOf: readonly string[];
  readonly sourceRows: Float64Array;
  readonly manifest: FeaturesManifest;
};

export type ReadFrameOptions = {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  /** A trusted SQL condition over the columns of features.parquet; never text from a user. */
  readonly where?: string;
};

export async function readManifest(lake: Lake): Promise<FeaturesManifest> {
  await requireKey(lake, FEATURES_MANIFEST_KEY, 'features');
  const manifest = await lakeJson<FeaturesManifest>(lake, FEATURES_MANIFEST_KEY);
  return manifest;
}

/**
 * The features table as a frame, in order of source_row.
 * @throws AssayError not_found before the first build.
 */
export async function readFeatureFrame({ warehouse, lake, where }: ReadFrameOptions): Promise<FeatureFrame> {
  const manifest = await readManifest(lake);
  const { frame, extra } = await readFrame(warehouse, lake.path(FEATURES_KEY), manifest, {
    extra: ['source_row'],
    ...(where === undefined ? {} : { where }),
  });
  return { frame, ...identityOf(extra), sourceRows: numbersOf(extra, 'source_row'), manifest };
}

/** Reads feature columns into a frame, and further columns beside it, in order of source_row. */
export async function readFrame(
  warehouse: Warehouse,
  path: string,
  manifest: Pick<FeaturesManifest, 'features'>,
  options: { readonly extra: readonly string[]; readonly where?: string },
): Promise<{ frame: Frame; extra: ReadonlyMap<string, ResultColumn> }> {
  const identity = [
    'application_id',
    'borrower_id',
    `strftime(as_of, '%Y-%m-%dT%H:%M:%S.%f') AS as_of`,
    ...options.extra.map(identifier),
  ];
  const features = manifest.features.map((feature) => identifier(feature.name));
  const condition = options.where === undefined ? '' : `WHERE ${options.where}`;
  const result = await warehouse.columns(
    `SELECT ${[...identity, ...features].join(', ')} FROM read_parquet(${quotedPath(path)}) f ${condition} ORDER BY f.source_row, f.application_id`,
  );
  const byName = new Map(result.columns.map((column) => [column.name, column]));
  const columns = manifest.features.map(({ name }) => frameColumn(byName.get(name)!));
  return { frame: { rowCount: result.rowCount, columns }, extra: byName };
}

export function identityOf(
  columns: ReadonlyMap<string, ResultColumn>,
): Pick<FeatureFrame, 'applicationIds' | 'borrowerIds' | 'asOf'> {
  return {
    applicationIds: textsOf(columns, 'application_id'),
    borrowerIds: textsOf(columns, 'borrower_id'),
    asOf: textsOf(columns, 'as_of'),
  };
}

export function textsOf(columns: ReadonlyMap<string, ResultColumn>, name: string): string[] {
  const column = columns.get(name);
  if (column?.kind !== 'text') throw new Error(`${name} is not a text column`);
  return column.values.map((value) => value ?? '');
}

export function numbersOf(columns: ReadonlyMap<string, ResultColumn>, name: string): Float64Array {
  const column = columns.get(name);
  if (column?.kind !== 'numeric') throw new Error(`${name} is not a numeric column`);
  return column.values;
}

function frameColumn(column: ResultColumn): Column {
  if (column.kind === 'numeric') return { kind: 'numeric', name: column.name, values: column.values };
  const present = new Set<string>();
  for (const value of column.values) if (value !== null) present.add(value);
  const levels = [...present].sort(compareText);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = Int32Array.from(column.values, (value) => (value === null ? -1 : codeOf.get(value)!));
  return { kind: 'categorical', name: column.name, codes, levels };
}
