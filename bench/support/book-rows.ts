import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loanApplicationsSchema } from '../../src/decisions/index.ts';
import { type FeatureRow, type FeatureValue, type Frame, type Portfolio, selectRows } from '../../src/domain/index.ts';
import { openArtifact } from '../../src/estimators/index.ts';
import { openSigner } from '../../src/platform/index.ts';
import { createScorer } from '../../src/scoring/index.ts';

/** Every model version of a book, opened with its scorer; the signature is checked. */
export async function openVersions(home: string, portfolio: string) {
  const names = (await readdir(join(home, 'models'))).filter((name) => name.startsWith(`${portfolio}-`)).sort();
  return Promise.all(names.map((name) => openVersion(home, join(home, 'models', name))));
}

async function openVersion(home: string, directory: string) {
  const files: Record<string, Uint8Array> = {};
  for (const name of ['manifest.json', 'model.json', 'signature.json'])
    files[name] = await readFile(join(directory, name));
  const { manifest, fitted } = openArtifact(files, openSigner(home).verify);
  return { manifest, scorer: createScorer(manifest, fitted) };
}

/** Columns of the application that attribute features show; enough for levers and the policy. */
export function columnsFrom({
  features,
  ...portfolio
}: Portfolio): (row: FeatureRow) => Readonly<Record<string, FeatureValue>> {
  const known = loanApplicationsSchema({ ...portfolio, features }).columns.map(({ name }) => name);
  const pairs = features.features.flatMap(({ name, definition }) =>
    definition.kind === 'attribute' && known.includes(definition.column) ? [[definition.column, name] as const] : [],
  );
  return (row) => Object.fromEntries(pairs.map(([column, name]) => [column, row[name] ?? null]));
}

/** Rows of a frame, evenly spread over it. */
export function rowsOf(frame: Frame, count: number): FeatureRow[] {
  const step = Math.max(1, Math.floor(frame.rowCount / count));
  const chosen = selectRows(
    frame,
    Array.from({ length: Math.floor(frame.rowCount / step) }, (_, i) => i * step),
  );
  return Array.from({ length: chosen.rowCount }, (_, i) =>
    Object.fromEntries(chosen.columns.map((column) => [column.name, valueAt(column, i)])),
  );
}

function valueAt(column: Frame['columns'][number], row: number): FeatureValue {
  if (column.kind === 'categorical') return column.levels[column.codes[row]!] ?? null;
  const value = column.values[row]!;
  return Number.isNaN(value) ? null : value;
}
