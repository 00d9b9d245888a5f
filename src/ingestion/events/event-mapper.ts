import { MappingError, type Portfolio, type TableSchema } from '../../domain/index.ts';
import { factKeyOf, type OnlineFact } from '../../platform/index.ts';
import { parseMicros } from '../calendar.ts';
import { createRowValidator, type RowValidator, type StagedValue } from '../validate.ts';
import { type EventIssue, type IncomingEvent, isIssue, type StreamedEvent } from './event.ts';
import type { EventSource } from './event-source.ts';
import { domainTableSource } from './sources/domain-table.ts';
import { fdxSource } from './sources/fdx.ts';
import { plaidSource } from './sources/plaid.ts';
import { portfolioSource } from './sources/portfolio-source.ts';
import { ukOpenBankingSource } from './sources/uk-open-banking.ts';

/** A validated row of a domain table; `values` in the order of its columns. */
export type EventFact = OnlineFact & { readonly schema: TableSchema; readonly values: readonly StagedValue[] };

export type MappedEvent = {
  readonly facts: readonly EventFact[];
  /** What was left out on purpose, one reason each. */
  readonly skipped: readonly string[];
};

export type EventMapper = {
  /** Names of every source that events of this book may come from. */
  readonly sources: readonly string[];
  readonly tables: readonly TableSchema[];
  /** The event's facts, all valid, or the first thing that is wrong: an event is taken whole or not at all. */
  readonly map: (event: StreamedEvent) => MappedEvent | EventIssue;
};

/** Payloads to validated rows, by the same mappers and checks that files go through. */
export function createEventMapper(portfolio: Portfolio): EventMapper {
  const tables = bookTables(portfolio);
  const sources = new Map(sourcesOf(portfolio, tables).map((source) => [source.name, source]));
  const validators = new Map<string, Check>();
  for (const table of tables) validators.set(table.name, { table, validator: createRowValidator(table) });
  return {
    sources: [...sources.keys()],
    tables,
    map: (event) => {
      const source = sources.get(event.source);
      if (!source) return { field: 'source', reason: `not one of ${[...sources.keys()].join(', ')}` };
      return mapWith(source, validators, event);
    },
  };
}

/** Tables the portfolio's sources fill, each once. */
function bookTables(portfolio: Portfolio): TableSchema[] {
  const byName = new Map<string, TableSchema>();
  for (const source of portfolio.sources) {
    for (const { table } of source.targets) byName.set(table.name, byName.get(table.name) ?? table);
  }
  return [...byName.values()];
}

/** Banks' formats only where the book has transactions; a source of the portfolio keeps its name. */
function sourcesOf(portfolio: Portfolio, tables: readonly TableSchema[]): EventSource[] {
  const hasTransactions = tables.some((table) => table.name === 'transactions');
  const banks = [plaidSource, ukOpenBankingSource, fdxSource].map((source) => source(portfolio.currency));
  return [
    ...(hasTransactions ? banks : []),
    ...tables.map(domainTableSource),
    ...portfolio.sources.map(portfolioSource),
  ];
}

type Check = { readonly table: TableSchema; readonly validator: RowValidator };

function mapWith(
  source: EventSource,
  checks: ReadonlyMap<string, Check>,
  event: StreamedEvent,
): MappedEvent | EventIssue {
  try {
    const { rows, skipped } = source.map(event);
    const facts: EventFact[] = [];
    for (const { table, row } of rows) {
      const fact = factOf(checks.get(table.name)!, row, event);
      if (isIssue(fact)) return fact;
      facts.push(fact);
    }
    return { facts, skipped };
  } catch (error) {
    if (error instanceof MappingError) return { field: error.field, reason: error.message };
    throw error;
  }
}

function factOf(
  check: Check,
  row: Readonly<Record<string, StagedValue>>,
  event: StreamedEvent,
): EventFact | EventIssue {
  const { table, validator } = check;
  const { knownTime } = table;
  const timed = knownTime === undefined ? row : { ...row, [knownTime]: knownAt(row[knownTime], event) };
  const checked = validator.values(timed);
  if (!Array.isArray(checked)) return { field: checked.field, reason: checked.reason };
  const values =
    timed === row || !isStamped(row[knownTime!], event) ? checked : notBeforeItHappened(table, checked, event);
  const staged: Record<string, StagedValue> = {};
  for (let i = 0; i < validator.columns.length; i++) staged[validator.columns[i]!] = values[i]!;
  if (knownTime !== undefined && Number(staged[knownTime]) > arrivalMicros(event.arrivedAt)) {
    return { field: knownTime, reason: 'later than its arrival' };
  }
  if (isYetToHappen(table, staged, event)) return { field: table.eventTime!, reason: YET_TO_HAPPEN };
  const borrowerId = staged['borrower_id'];
  return {
    schema: table,
    table: table.name,
    key: factKeyOf(table, staged),
    borrowerId: typeof borrowerId === 'string' ? borrowerId : null,
    row: staged,
    values,
  };
}

/** Clocks differ by less; a time in the wrong zone, or in another unit, is further off. */
const CLOCK_SKEW_MINUTES = 5;
const YET_TO_HAPPEN = `more than ${CLOCK_SKEW_MINUTES} minutes later than its arrival: not yet, or a time of another zone`;

/** Days may lie ahead (a standing order that starts next month); an instant that was booked cannot. */
function isYetToHappen(
  { eventTime, columns }: TableSchema,
  staged: Readonly<Record<string, StagedValue>>,
  { arrivedAt }: StreamedEvent,
): boolean {
  if (eventTime === undefined) return false;
  const latest = arrivalMicros(arrivedAt) + CLOCK_SKEW_MINUTES * 60_000_000;
  return (
    Number(staged[eventTime]) > latest && columns.some(({ name, type }) => name === eventTime && type === 'timestamp')
  );
}

let lastArrival = { text: '', micros: 0 };

/** Events of one commit arrive at one time. */
function arrivalMicros(text: string): number {
  if (text !== lastArrival.text) lastArrival = { text, micros: parseMicros(text)! };
  return lastArrival.micros;
}

/** What the envelope says, what the record says, or else the arrival: a fact is never known before it could be. */
function knownAt(given: StagedValue | undefined, event: StreamedEvent): StagedValue {
  if (event.knownAt !== undefined) return event.knownAt;
  return isStamped(given, event) ? (event.bookTime ?? event.arrivedAt) : given!;
}

function isStamped(given: StagedValue | undefined, event: IncomingEvent): boolean {
  return event.knownAt === undefined && (given === null || given === undefined || given === '');
}

/** A book whose time lies behind the wall clock gets an event of today: it is known when it happened, not before. */
function notBeforeItHappened(
  table: TableSchema,
  values: readonly StagedValue[],
  { bookTime, arrivedAt }: StreamedEvent,
): readonly StagedValue[] {
  if (bookTime === undefined || table.eventTime === undefined) return values;
  const place = (name: string): number => table.columns.findIndex((column) => column.name === name);
  const isDate = table.columns[place(table.eventTime)]?.type === 'date';
  const happened = Number(values[place(table.eventTime)]) * (isDate ? MICROSECONDS_PER_DAY : 1);
  const isLater = happened > Number(values[place(table.knownTime!)]) && happened <= parseMicros(arrivedAt)!;
  return isLater ? values.with(place(table.knownTime!), happened) : values;
}

const MICROSECONDS_PER_DAY = 86_400_000_000;
