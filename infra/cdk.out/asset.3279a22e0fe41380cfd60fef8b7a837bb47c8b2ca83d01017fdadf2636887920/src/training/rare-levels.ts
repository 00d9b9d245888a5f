import type { CategoricalColumn, Frame } from '../domain/index.ts';

/** A level seen in fewer training rows than this says nothing; a scorer treats it as it treats a level never seen: missing. */
export const MIN_LEVEL_ROWS = 10;

/**
 * Leaves in each category only the levels that the training rows hold often enough; other rows become missing.
 * Columns without such a level, or numeric, come back as they are.
 */
export function withoutRareLevels(frame: Frame, trainingRows: Uint32Array, minRows = MIN_LEVEL_ROWS): Frame {
  const columns = frame.columns.map((column) =>
    column.kind === 'categorical' ? keepFrequent(column, trainingRows, minRows) : column,
  );
  return { rowCount: frame.rowCount, columns };
}

function keepFrequent(column: CategoricalColumn, trainingRows: Uint32Array, minRows: number): CategoricalColumn {
  const counts = new Uint32Array(column.levels.length);
  for (const row of trainingRows) {
    const code = column.codes[row]!;
    if (code >= 0) counts[code]! += 1;
  }
  if (counts.every((count) => count >= minRows)) return column;
  const translation = new Int32Array(counts.length).fill(-1);
  const levels: string[] = [];
  counts.forEach((count, code) => {
    if (count >= minRows) translation[code] = levels.push(column.levels[code]!) - 1;
  });
  return { ...column, levels, codes: column.codes.map((code) => (code < 0 ? -1 : translation[code]!)) };
}
