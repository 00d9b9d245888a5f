import type { ExternalAnswer, ExternalData, LoanApplication } from '../../decisions/index.ts';
import { AssayError, type ExternalSource, type Portfolio } from '../../domain/index.ts';
import { createEventMapper, type EventFact, type EventMapper } from '../../ingestion/index.ts';
import {
  type Clock,
  type Environment,
  type HttpSource,
  later,
  type OnlineFact,
  openHttpSource,
  type SourceAnswer,
  SourceFault,
} from '../../platform/index.ts';

/** Rows of one answer: a borrower's report, not a data delivery. */
const MAX_ROWS = 100;

type Row = ExternalAnswer['rows'][number];
type Report = { readonly rows: readonly Row[]; readonly facts: readonly EventFact[] };

/**
 * The portfolio's external sources, asked all at once. An answer must be `{"rows": [...]}` of rows of the source's table, about
 * this borrower and not later than now: all of it is believed, or nothing. What is believed is known from its arrival on.
 * @throws AssayError bad_input when the address of a source is missing, not usable or not on the list
 */
export function openExternalSources(context: {
  readonly portfolio: Portfolio;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Makes facts known to the features; resolves when they are. */
  readonly learn: (facts: readonly OnlineFact[]) => Promise<void>;
  /** The time in the book (ADR 25). Default: the wall clock's. */
  readonly bookTime?: (now: Date) => Promise<Date>;
  /** Now, and never before the moment of an older event or decision. Default: now. */
  readonly arrival?: (now: Date) => Promise<Date>;
}): ExternalData | undefined {
  const { portfolio, clock, environment, learn, bookTime = async (now) => now, arrival = async (now) => now } = context;
  const sources = (portfolio.externalSources ?? []).map((source) => ({
    source,
    http: openSource(source, environment),
  }));
  if (sources.length === 0) return undefined;
  const mapper = createEventMapper(portfolio);
  const askOne = async (
    source: ExternalSource,
    http: HttpSource,
    application: LoanApplication,
  ): Promise<ExternalAnswer> => {
    const askedAt = clock.now().toISOString();
    const aheadMs = Date.parse(askedAt) - (await bookTime(new Date(askedAt))).getTime();
    const notBefore = await arrival(new Date(askedAt));
    const arrivedAt = (): string => later(clock.now(), notBefore).toISOString();
    const { applicationId, borrowerId } = application;
    const answer = await http.ask({ source: source.name, applicationId, borrowerId, askedAt }, (body) =>
      readReport(body, { source, mapper, borrowerId, arrivedAt: arrivedAt(), aheadMs }),
    );
    const answeredAt = clock.now().toISOString();
    if (answer.kind === 'received') await learn(answer.value.facts);
    return { source: source.name, mandatory: source.mandatory, askedAt, answeredAt, ...outcomeOf(answer) };
  };
  return {
    ask: (application) => Promise.all(sources.map(({ source, http }) => askOne(source, http, application))),
  };
}

export function openSource(source: ExternalSource, environment: Environment): HttpSource {
  const prefix = `ASSAY_SOURCE_${source.name.toUpperCase()}`;
  const url = environment[`${prefix}_URL`];
  if (url === undefined || url === '') {
    throw new AssayError('bad_input', {
      what: `the external source "${source.name}" has no address`,
      given: `${prefix}_URL is not set`,
      fix: `set ${prefix}_URL, and its host in ASSAY_SOURCE_HOSTS`,
    });
  }
  const allowedHosts = (environment['ASSAY_SOURCE_HOSTS'] ?? '').split(',').map((host) => host.trim());
  return openHttpSource({ ...source, url, allowedHosts, token: environment[`${prefix}_TOKEN`] });
}

function outcomeOf(answer: SourceAnswer<Report>): Pick<ExternalAnswer, 'status' | 'failure' | 'attempts' | 'rows'> {
  const { attempts } = answer;
  switch (answer.kind) {
    case 'received':
      return { status: 'received', failure: null, attempts, rows: answer.value.rows };
    case 'absent':
      return { status: 'no_file', failure: null, attempts, rows: [] };
    case 'failed':
      return { status: 'failed', failure: answer.failure, attempts, rows: [] };
  }
}

type Expected = {
  readonly source: ExternalSource;
  readonly mapper: EventMapper;
  readonly borrowerId: string;
  readonly arrivedAt: string;
  /** Of the wall clock to the time in the book. */
  readonly aheadMs: number;
};

/** @throws SourceFault invalid, saying which field of which row cannot be believed */
function readReport(body: unknown, expected: Expected): Report {
  const rows = isRecord(body) && Object.keys(body).length === 1 ? body['rows'] : undefined;
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > MAX_ROWS) {
    throw new SourceFault('invalid', `not {"rows": [...]} with 1 to ${MAX_ROWS} rows`);
  }
  const facts = rows.map((row: unknown, index) => readRow(row, index, expected));
  const keys = new Set(facts.map(({ key }) => key));
  if (keys.size < facts.length) throw new SourceFault('invalid', 'two rows under one key: which is true is not said');
  return { rows: rows.filter(isRow), facts };
}

function readRow(row: unknown, index: number, expected: Expected): EventFact {
  const { source, mapper, borrowerId, arrivedAt, aheadMs } = expected;
  const refuse = (field: string, reason: string): never => {
    throw new SourceFault('invalid', `rows[${index}].${field}: ${reason}`);
  };
  if (!isRow(row)) return refuse('', 'not an object of plain values');
  if (row['borrower_id'] !== borrowerId) return refuse('borrower_id', 'another borrower');
  const factKnownAt = (knownAt: string): EventFact => {
    const mapped = mapper.map({ source: `table:${source.table}`, payload: row, knownAt, arrivedAt });
    if ('reason' in mapped) return refuse(mapped.field ?? '', mapped.reason);
    return mapped.facts[0] ?? refuse('', 'not a row of the table');
  };
  const bookTime = new Date(Date.parse(arrivedAt) - aheadMs).toISOString();
  const fact = factKnownAt(bookTime);
  if (saysNothing(fact)) return refuse('', 'it says nothing: every value is missing');
  if (happenedAfter(fact, arrivedAt)) return refuse(fact.schema.eventTime ?? '', 'later than now');
  const { maxAgeDays } = source;
  if (maxAgeDays !== undefined && !happenedAfter(fact, daysBefore(bookTime, maxAgeDays))) {
    return refuse(fact.schema.eventTime ?? '', `older than ${maxAgeDays} days`);
  }
  return happenedAfter(fact, bookTime) ? factKnownAt(arrivedAt) : fact;
}

/** A report of keys and times alone: valid, and as good as none. */
function saysNothing({ schema, row }: EventFact): boolean {
  const about = new Set([...schema.key, schema.eventTime, schema.knownTime, 'borrower_id']);
  const told = schema.columns.filter(({ name }) => !about.has(name));
  return told.length > 0 && told.every(({ name }) => (row[name] ?? null) === null);
}

const daysBefore = (moment: string, days: number): string =>
  new Date(Date.parse(moment) - days * 86_400_000).toISOString();

/** Dates are staged as days, timestamps as microseconds. */
function happenedAfter({ schema, row }: EventFact, moment: string): boolean {
  const staged = schema.eventTime === undefined ? null : row[schema.eventTime];
  if (typeof staged !== 'number') return false;
  const isDate = schema.columns.find(({ name }) => name === schema.eventTime)?.type === 'date';
  return staged * (isDate ? 86_400_000 : 1 / 1000) > Date.parse(moment);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRow(value: unknown): value is Row {
  return isRecord(value) && Object.values(value).every((cell) => cell === null || typeof cell !== 'object');
}
