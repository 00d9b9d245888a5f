import { AssayError } from '../../domain/index.ts';
import {
  type Clock,
  type Database,
  type ErasedPersons,
  later,
  latestMoment,
  NOBODY_ERASED,
  putsOf,
  rememberMomentSql,
  type Stream,
  ThroughputExceededError,
} from '../../platform/index.ts';
import { DeadLetters, type RefusedEvent } from './dead-letters.ts';
import { type EventIssue, isIssue } from './event.ts';
import type { EventMapper } from './event-mapper.ts';
import { type PreparedEvent, prepareEvent, type Submission, sourceNameOf } from './prepare.ts';
import { type Claim, claimReceipts, type Receipt } from './receipts.ts';

/** What became of an event. Accepted and duplicate ones are durable when this is said. */
export type EventResult =
  | { readonly status: 'accepted'; readonly facts: number; readonly skipped: readonly string[] }
  | { readonly status: 'duplicate' }
  | ({ readonly status: 'rejected' } & EventIssue);

export type IntakeOptions = {
  readonly database: Database;
  /** The stream of the book, within a transaction where the engine can. */
  readonly streamWithin: (transaction: Database) => Stream;
  readonly mapper: EventMapper;
  readonly portfolio: string;
  readonly clock: Clock;
  /** Records on the stream that some consumer has not taken yet. */
  readonly backlog: () => Promise<number>;
  /** How far the wall clock is ahead of the time in the book, ms. Unset: it is that time. */
  readonly aheadMs?: () => Promise<number>;
  /** Whose events are not taken; unset: everybody's are. */
  readonly erased?: (() => Promise<ErasedPersons>) | undefined;
  /** Events that may wait here for a commit; beyond it the caller is told to wait. */
  readonly maxWaitingEvents?: number | undefined;
};

/** Events of one call. */
export const MAX_EVENTS_PER_CALL = 5_000;
/** Events of one transaction; calls that wait are taken together. */
const MAX_EVENTS_PER_COMMIT = 5_000;
const DEFAULT_MAX_WAITING_EVENTS = 10_000;
/** Records that consumers may be behind. */
const MAX_BACKLOG = 2_000_000;
const PUT_TRIES = 4;
/** While one commit waits for the database, the next is prepared. */
const LANES = 2;

type Call = {
  readonly submissions: readonly Submission[];
  readonly resolve: (results: EventResult[]) => void;
  readonly reject: (error: unknown) => void;
};

/** The door of the stream: events are checked, told from repeats, and durable before they are acknowledged. */
export class EventIntake {
  readonly #options: IntakeOptions;
  readonly #letters: DeadLetters;
  readonly #calls: Call[] = [];
  #waiting = 0;
  /** Of the commits under way too, which the database does not show yet. */
  #stampedAt: Date | null = null;
  #lanes = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#letters = new DeadLetters(options);
  }

  /**
   * The result of each event, in order. Calls that wait share a commit.
   * @throws AssayError overloaded when too much waits; unavailable when nothing can be stored: send all of it again
   */
  async accept(submissions: readonly Submission[]): Promise<EventResult[]> {
    if (submissions.length > MAX_EVENTS_PER_CALL) throw tooMany(submissions.length);
    if (submissions.length === 0) return [];
    const { maxWaitingEvents = DEFAULT_MAX_WAITING_EVENTS } = this.#options;
    if (this.#waiting > 0 && this.#waiting + submissions.length > maxWaitingEvents) throw overloaded('events wait');
    this.#waiting += submissions.length;
    try {
      if ((await this.#options.backlog()) > MAX_BACKLOG) throw overloaded('records were not consumed yet');
      return await new Promise((resolve, reject) => {
        this.#calls.push({ submissions, resolve, reject });
        void this.#run();
      });
    } finally {
      this.#waiting -= submissions.length;
    }
  }

  /** Events that wait for a commit. */
  get waiting(): number {
    return this.#waiting;
  }

  async #run(): Promise<void> {
    if (this.#lanes === LANES) return;
    this.#lanes++;
    // calls of this turn come together first
    await Promise.resolve();
    for (let calls = this.#nextCalls(); calls.length > 0; calls = this.#nextCalls()) await this.#commit(calls);
    this.#lanes--;
  }

  #nextCalls(): Call[] {
    let events = 0;
    let count = 0;
    for (const { submissions } of this.#calls) {
      if (count > 0 && events + submissions.length > MAX_EVENTS_PER_COMMIT) break;
      events += submissions.length;
      count++;
    }
    return this.#calls.splice(0, count);
  }

  async #commit(calls: readonly Call[]): Promise<void> {
    try {
      const all = calls.flatMap((call) => call.submissions);
      const prepared = await this.#prepare(all);
      const results = await this.#options.database.transaction((transaction) => this.#take(transaction, all, prepared));
      let at = 0;
      for (const { submissions, resolve } of calls) {
        resolve(results.slice(at, at + submissions.length));
        at += submissions.length;
      }
    } catch (error) {
      for (const call of calls) call.reject(error);
    }
  }

  async #take(
    transaction: Database,
    submissions: readonly Submission[],
    prepared: readonly (PreparedEvent | EventIssue)[],
  ): Promise<EventResult[]> {
    const results = await this.#claimAndPut(transaction, prepared);
    const erased = await this.#erased();
    const refused: RefusedEvent[] = [];
    for (const [i, result] of results.entries()) {
      if (result.status !== 'rejected') continue;
      const submission = submissions[i]!;
      const original = submission.original ?? JSON.stringify(submission.value) ?? '';
      if (erased.namedIn(original)) continue;
      const { field, reason } = result;
      refused.push({ source: sourceNameOf(submission), field, reason, original, place: submission.place });
    }
    await this.#letters.keep(transaction, 'intake', refused);
    return results;
  }

  /** Takes events within the caller's transaction; refused ones are only said, not kept. */
  async takeWithin(transaction: Database, submissions: readonly Submission[]): Promise<EventResult[]> {
    return this.#claimAndPut(transaction, await this.#prepare(submissions));
  }

  async #prepare(submissions: readonly Submission[]): Promise<(PreparedEvent | EventIssue)[]> {
    const { mapper, portfolio, aheadMs } = this.#options;
    const now = await this.#stamp();
    const ahead = (await aheadMs?.()) ?? 0;
    const moment = {
      arrivedAt: now.toISOString(),
      ...(ahead > 0 && { bookTime: new Date(now.getTime() - ahead).toISOString() }),
    };
    return submissions.map((submission) => prepareEvent(mapper, portfolio, submission, moment));
  }

  /** The time of arrival: now, and never before that of an older event or decision, whoever set the clock back. */
  async #stamp(): Promise<Date> {
    const { database, portfolio, clock } = this.#options;
    const latest = await latestMoment(database, portfolio);
    this.#stampedAt = later(later(clock.now(), latest), this.#stampedAt);
    return this.#stampedAt;
  }

  async #claimAndPut(transaction: Database, prepared: readonly (PreparedEvent | EventIssue)[]): Promise<EventResult[]> {
    const erased = await this.#erased();
    const receipts = new Map<string, Receipt>();
    for (const event of prepared) {
      if (isIssue(event) || isOfErased(event, erased)) continue;
      if (!receipts.has(event.receipt.identity)) receipts.set(event.receipt.identity, event.receipt);
    }
    const claims = await claimReceipts(transaction, receipts, this.#options.clock.now());
    const { results, fresh } = resultsOf(prepared, claims, erased);
    await this.#put(transaction, fresh);
    if (fresh.length > 0) await this.#rememberStamp(transaction);
    return results;
  }

  async #rememberStamp(transaction: Database): Promise<void> {
    const sql = rememberMomentSql('event', '$1', '$2');
    await transaction.prepared('book_moment_event', sql, [this.#options.portfolio, this.#stampedAt]);
  }

  async #erased(): Promise<ErasedPersons> {
    return (await this.#options.erased?.()) ?? NOBODY_ERASED;
  }

  /** @throws ThroughputExceededError when a record stays refused: the transaction, and with it every receipt, is undone */
  async #put(transaction: Database, fresh: readonly PreparedEvent[]): Promise<void> {
    const stream = this.#options.streamWithin(transaction);
    for (const put of putsOf(
      stream.limits,
      fresh.map(({ record }) => record),
    )) {
      let left = put;
      for (let tries = 0; left.length > 0; tries++) {
        if (tries === PUT_TRIES) throw new ThroughputExceededError();
        const results = await stream.putRecords(left);
        left = left.filter((_, i) => results[i]!.kind === 'failed');
      }
    }
  }
}

/** Of events with one identity in one call, the first is taken. */
function resultsOf(
  prepared: readonly (PreparedEvent | EventIssue)[],
  claims: ReadonlyMap<string, Claim>,
  erased: ErasedPersons,
): { results: EventResult[]; fresh: PreparedEvent[] } {
  const fresh: PreparedEvent[] = [];
  const seen = new Set<string>();
  const results = prepared.map((event): EventResult => {
    if (isIssue(event)) return { status: 'rejected', ...event };
    if (isOfErased(event, erased)) return OF_ERASED;
    const { identity, content } = event.receipt;
    const claim = claims.get(identity)!;
    if (claim.content !== content) return OTHER_CONTENT;
    if ((!claim.isNew && !event.again) || seen.has(identity)) return { status: 'duplicate' };
    seen.add(identity);
    fresh.push(event);
    return { status: 'accepted', facts: event.facts, skipped: event.skipped };
  });
  return { results, fresh };
}

const isOfErased = ({ borrowerIds }: PreparedEvent, erased: ErasedPersons): boolean =>
  erased.size > 0 && borrowerIds.some((borrowerId) => erased.has(borrowerId));

/** Taken and dropped: sending it again would change nothing. */
const OF_ERASED: EventResult = { status: 'accepted', facts: 0, skipped: ['the person was erased'] };

const OTHER_CONTENT: EventResult = {
  status: 'rejected',
  field: 'eventId',
  reason: 'the id of another event with other content',
};

function overloaded(what: string): AssayError {
  return new AssayError('overloaded', { what: `too many ${what}`, fix: 'send again after a pause, more slowly' });
}

function tooMany(count: number): AssayError {
  return new AssayError('bad_input', {
    what: 'too many events at once',
    given: String(count),
    allowed: `at most ${MAX_EVENTS_PER_CALL}`,
    fix: 'send them in smaller batches',
  });
}
