import { AssayError, type ColumnSchema, type FeatureCatalog, type TableSchema } from '../../domain/index.ts';
import type { BorrowerFacts, FactValue, StoredFacts } from '../../platform/index.ts';
import { formatMicroseconds, MICROSECONDS_PER_DAY } from '../time.ts';
import type { EventColumn, EventColumns, OnlineRow } from './columns.ts';
import { compileOnline, type OnlineInput } from './evaluate-online.ts';

/** Tables that belong to no borrower, by name. */
export type References = ReadonlyMap<string, StoredFacts>;

/** What the online evaluation of a catalog takes from stored facts. */
export type StoredHistory = {
  /** Tables the catalog reads beside the application itself; empty: it needs no history. */
  readonly tables: readonly string[];
  /** Whether there is anything about this borrower; always true where the catalog reads no table of borrowers. */
  readonly knows: (facts: BorrowerFacts) => boolean;
  /** Events of this borrower, all tables together. */
  readonly eventCount: (facts: BorrowerFacts) => number;
  readonly inputFor: (request: {
    readonly application: OnlineRow;
    readonly facts: BorrowerFacts;
    readonly references: References;
    readonly asOf: string;
  }) => OnlineInput;
};

/**
 * Turns stored facts into the input of the online evaluation.
 * @throws AssayError bad_input for a catalog that looks into rows of other borrowers: they are not at hand
 */
export function compileStoredHistory(catalog: FeatureCatalog, tables: readonly TableSchema[]): StoredHistory {
  const { eventColumns, lookupTables } = compileOnline(catalog, tables);
  const schemaOf = new Map(tables.map((table) => [table.name, table]));
  const names = [...new Set([...lookupTables, ...Object.keys(eventColumns)])];
  const ofBorrowers = names.filter((name) => hasBorrower(schemaOf.get(name)!));
  refuseOthersRows(catalog, schemaOf);
  const eventTables = Object.keys(eventColumns);
  const indexOf = cachedByIdentity((facts: StoredFacts) => new LookupIndex(facts));
  return {
    tables: names,
    knows: ({ tables: found }) =>
      ofBorrowers.length === 0 || ofBorrowers.some((name) => (found.get(name)?.rows.length ?? 0) > 0),
    eventCount: ({ tables: found }) => eventTables.reduce((sum, name) => sum + (found.get(name)?.rows.length ?? 0), 0),
    inputFor: ({ application, facts, references, asOf }) => ({
      application,
      lookups: (table, column, key) => {
        const schema = schemaOf.get(table)!;
        const stored = hasBorrower(schema) ? facts.tables.get(table) : references.get(table);
        return stored ? indexOf(stored).find(schema, column, key) : [];
      },
      events: Object.fromEntries(
        Object.entries(eventColumns).map(([name, columns]) => [
          name,
          eventsFrom(schemaOf.get(name)!, columns, facts.tables.get(name)),
        ]),
      ),
      asOf,
    }),
  };
}

export function hasBorrower(table: TableSchema): boolean {
  return table.columns.some(({ name }) => name === 'borrower_id');
}

/** A borrower's facts are read by borrower; a join that leads to another's rows would find them in batch and not here. */
function refuseOthersRows({ features }: FeatureCatalog, schemaOf: ReadonlyMap<string, TableSchema>): void {
  for (const { name, definition } of features) {
    if (definition.kind !== 'lookup') continue;
    const step = definition.path.find(({ table, on }) => hasBorrower(schemaOf.get(table)!) && on !== 'borrower_id');
    if (!step) continue;
    throw new AssayError('bad_input', {
      what: `feature "${name}" looks up rows of borrowers by another column than borrower_id`,
      given: `${step.table} on ${step.on}`,
      allowed: `${step.table} on borrower_id, or a table without borrower_id`,
      fix: 'join the table by borrower_id',
    });
  }
}

function eventsFrom(schema: TableSchema, names: readonly string[], stored: StoredFacts | undefined): EventColumns {
  const rows = stored?.rows ?? [];
  const columns: Record<string, EventColumn> = {};
  for (const name of names) {
    const place = stored?.columns.indexOf(name) ?? -1;
    const { type } = schema.columns.find((column) => column.name === name)!;
    columns[name] = type === 'text' ? rows.map((row) => textAt(row, place)) : numbersAt(rows, place, type);
  }
  return { rowCount: rows.length, columns };
}

function textAt(row: readonly FactValue[], place: number): string | null {
  const value = row[place];
  return typeof value === 'string' ? value : null;
}

function numbersAt(rows: readonly (readonly FactValue[])[], place: number, type: ColumnSchema['type']): Float64Array {
  const values = new Float64Array(rows.length);
  const unit = type === 'date' ? MICROSECONDS_PER_DAY : 1;
  for (let i = 0; i < rows.length; i++) {
    const value = rows[i]![place];
    values[i] = value === null || value === undefined ? Number.NaN : Number(value) * unit;
  }
  return values;
}

type Key = string | number | boolean;

/** Rows of one table by the value of a column, made when first asked for. */
class LookupIndex {
  readonly #facts: StoredFacts;
  readonly #byColumn = new Map<string, Map<FactValue, OnlineRow[]>>();

  constructor(facts: StoredFacts) {
    this.#facts = facts;
  }

  find(schema: TableSchema, column: string, key: Key): readonly OnlineRow[] {
    const index = this.#byColumn.get(column) ?? this.#indexBy(schema, column);
    return index.get(key) ?? [];
  }

  #indexBy(schema: TableSchema, column: string): Map<FactValue, OnlineRow[]> {
    const rows = this.#facts.rows.map((values) => onlineRow(schema, this.#facts.columns, values));
    const index = Map.groupBy(rows, (row) => row[column] ?? null);
    this.#byColumn.set(column, index);
    return index;
  }
}

/** As an API would send it: times as text. */
export function onlineRow(schema: TableSchema, columns: readonly string[], values: readonly FactValue[]): OnlineRow {
  return Object.fromEntries(
    schema.columns.map(({ name, type }) => [name, onlineValue(type, values[columns.indexOf(name)] ?? null)]),
  );
}

function onlineValue(type: ColumnSchema['type'], value: FactValue): FactValue {
  if (typeof value !== 'number') return value;
  if (type === 'timestamp') return formatMicroseconds(value);
  return type === 'date' ? formatMicroseconds(value * MICROSECONDS_PER_DAY).slice(0, 10) : value;
}

function cachedByIdentity<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return (key) => {
    const found = known.get(key) ?? make(key);
    known.set(key, found);
    return found;
  };
}
