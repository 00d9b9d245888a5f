import {
  AssayError,
  type MapContext,
  type MappedRow,
  type SourceFile,
  type SourceTarget,
  type TableSchema,
} from '../domain/index.ts';

/** A table that mappers look into is held in memory; larger ones belong into a join of a feature. */
const MAX_ROWS = 1_000_000;

/** Rows of earlier tables that later mappers look into, by key; only of tables that some target declares. */
export class LookupStore {
  readonly #tables = new Map<string, Map<string, MappedRow>>();
  readonly #contexts = new Map<SourceTarget, MapContext>();

  constructor(sources: readonly SourceFile[]) {
    for (const source of sources) {
      for (const target of source.targets) for (const table of target.lookups ?? []) this.#tables.set(table, new Map());
    }
  }

  /** The first row of a key stays. */
  keep(table: TableSchema, row: MappedRow): void {
    const rows = this.#tables.get(table.name);
    if (!rows) return;
    const key = table.key.map((column) => String(row[column])).join('|');
    if (rows.has(key)) return;
    if (rows.size >= MAX_ROWS) {
      throw new AssayError('bad_input', {
        what: `table "${table.name}" is too large to look into while mapping`,
        allowed: `${MAX_ROWS} rows`,
      });
    }
    rows.set(key, row);
  }

  contextFor(target: SourceTarget): MapContext {
    const known = this.#contexts.get(target);
    if (known) return known;
    const declared = new Set(target.lookups ?? []);
    const context: MapContext = {
      lookup: (table, key) => {
        if (!declared.has(table)) {
          throw new AssayError('bad_input', {
            what: `the mapper of "${target.table.name}" looks into "${table}" without saying so`,
            fix: `add lookups: ['${table}'] to that target, and list the source of "${table}" before it`,
          });
        }
        return this.#tables.get(table)?.get(key);
      },
    };
    this.#contexts.set(target, context);
    return context;
  }
}
