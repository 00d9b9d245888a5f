import {
  AssayError,
  type CreditPolicy,
  type DecisionOutcome,
  type FraudDefinition,
  sha256Hex,
} from '../domain/index.ts';
import { readFraudDefinition } from '../fraud/index.ts';
import type { Clock, Database, PersonVault } from '../platform/index.ts';
import { parseCreditPolicy } from './credit-policy.ts';
import type { DecisionRecord } from './record.ts';
import { erased, openDecision, openResponse, sealDecision } from './sealed-record.ts';
import { type IdempotencyKey, type NewDecision as StoredNewDecision, writeDecisions } from './write-decisions.ts';

export type { IdempotencyKey } from './write-decisions.ts';
/** A decision that is not written yet. */
export type NewDecision = Omit<StoredNewDecision, 'stored'>;

/** How long a caller may hold an idempotency key before another may take it over. */
const LEASE_MS = 30_000;
/** A key is remembered for so long after it was claimed: a client that still tries is not one that lost an answer. */
export const KEYS_KEPT_DAYS = 7;
/** Keys forgotten in one statement: small beside a second's decisions, so that none of them waits for it. */
const FORGET_LIMIT = 500;
/** Earlier decisions of an application that are looked at for a key that was forgotten. */
const EARLIER_LIMIT = 20;
/** Decisions committed in one transaction: under load they share one flush to disk. */
const BATCH_LIMIT = 64;

/** A record as it was read: without `record` when its person was erased, with `error` when it is not what was written. */
export type ReadRecord = {
  readonly sequence: number;
  readonly decisionId: string;
  readonly record?: DecisionRecord | undefined;
  readonly error?: AssayError;
};

export type ReferredSince = {
  readonly records: readonly ReadRecord[];
  readonly lookedAt: number;
  /** Sequence of the last decision looked at, referred or not; undefined when there was none. */
  readonly last: number | undefined;
};

/** In place of the id of a borrower who was erased. */
export const ERASED = '(erased)';

export type Claim =
  | { readonly kind: 'claimed'; readonly lease: string }
  /** Decided before: these are the bytes that were answered. */
  | { readonly kind: 'done'; readonly response: string }
  /** `elsewhere`: held by another process than this one. */
  | { readonly kind: 'running'; readonly elsewhere: boolean }
  | { readonly kind: 'other_request' };

export type DecisionRow = {
  readonly decisionId: string;
  readonly applicationId: string;
  readonly borrowerId: string;
  readonly decidedAt: Date;
  readonly outcome: DecisionOutcome;
  readonly pd: number;
  readonly score: number;
  readonly grade: string;
  readonly modelVersion: string;
  readonly actor: string;
};

export type DecisionFilter = {
  readonly applicationId?: string | undefined;
  readonly borrowerId?: string | undefined;
  readonly limit: number;
  readonly offset: number;
};

type KeyRow = {
  request_hash: string;
  lease: string;
  decision_id: string | null;
  person: string | null;
  response: string | null;
};
type RecordRow = {
  decision_id: string;
  sequence: number;
  body: string;
  response: string;
  previous_hash: string;
  hash: string;
};
type ListRow = {
  decision_id: string;
  application_id: string;
  borrower_id: string;
  decided_at: Date;
  outcome: DecisionOutcome;
  pd: number;
  score: number;
  grade: string;
  model_version: string;
  actor: string;
  body: string;
};
type Waiting = {
  entry: StoredNewDecision;
  resolve: (record: DecisionRecord) => void;
  reject: (error: unknown) => void;
};

const listFromRow = (row: ListRow): DecisionRow => ({
  decisionId: row.decision_id,
  applicationId: row.application_id,
  borrowerId: row.borrower_id,
  decidedAt: row.decided_at,
  outcome: row.outcome,
  pd: row.pd,
  score: row.score,
  grade: row.grade,
  modelVersion: row.model_version,
  actor: row.actor,
});

/** Rows of decisions, the policies they used, and idempotency keys, for one portfolio. */
export class DecisionStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #portfolio: string;
  readonly #vault: PersonVault;
  readonly #holder: string;
  readonly #queue: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: {
    readonly database: Database;
    readonly clock: Clock;
    readonly portfolio: string;
    readonly vault: PersonVault;
    /** The process that holds the leases; see `releaseAll`. */
    readonly holder?: string | undefined;
  }) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#portfolio = options.portfolio;
    this.#vault = options.vault;
    this.#holder = options.holder ?? '';
  }

  /**
   * Takes an idempotency key for this request, or says what stands against it. The claim is not flushed to disk: if the
   * database loses it in a crash, its decision cannot be written either, and a retry claims the key anew.
   * A key that was forgotten is found in the records of its application, if the caller gave that an id: it is not decided again.
   */
  async claim(key: IdempotencyKey, leaseId: string, applicationId?: string): Promise<Claim> {
    const lease = `${this.#holder}/${leaseId}`;
    const now = this.#clock.now();
    const leasedUntil = new Date(now.getTime() + LEASE_MS);
    const [taken] = await this.#database.prepared<{ earlier: string[] | null }>(
      'idempotency_claim',
      `INSERT INTO idempotency_keys (actor, key, request_hash, lease, leased_until)
       SELECT $1, $2, $3, $4, $5::timestamptz FROM set_config('synchronous_commit', 'off', true)
       ON CONFLICT (actor, key) DO UPDATE SET lease = EXCLUDED.lease, leased_until = EXCLUDED.leased_until
         WHERE idempotency_keys.decision_id IS NULL AND idempotency_keys.leased_until < $6
           AND idempotency_keys.request_hash = EXCLUDED.request_hash
       RETURNING (SELECT array_agg(d.decision_id) FROM
         (SELECT decision_id FROM decisions WHERE portfolio = $7 AND application_id = $8 AND actor = $1
          ORDER BY sequence DESC LIMIT ${EARLIER_LIMIT}) AS d) AS earlier`,
      [key.actor, key.key, key.requestHash, lease, leasedUntil, now, this.#portfolio, applicationId ?? null],
    );
    if (taken) return this.#claimed(key, lease, taken.earlier ?? []);
    const row = await this.#keyRow(key);
    if (!row) return { kind: 'running', elsewhere: true }; // released between the two statements
    if (row.request_hash !== key.requestHash) return { kind: 'other_request' };
    if (row.decision_id === null) return { kind: 'running', elsewhere: !row.lease.startsWith(`${this.#holder}/`) };
    if (row.response === null) throw new AssayError('tampered', { what: 'a decision is gone', given: row.decision_id });
    const { decision_id: decisionId, person, response } = row;
    return { kind: 'done', response: await openResponse(this.#vault, { decisionId, person: person ?? '', response }) };
  }

  /** Claimed, unless one of these decisions was made under this key before it was forgotten: then the key stands for that again. */
  async #claimed(key: IdempotencyKey, lease: string, earlier: readonly string[]): Promise<Claim> {
    try {
      const record = await this.#decidedUnder(key, earlier);
      if (!record) return { kind: 'claimed', lease };
      if (record.body.requestHash !== key.requestHash) {
        await this.release(key, lease);
        return { kind: 'other_request' };
      }
      await this.#database.query(
        'UPDATE idempotency_keys SET decision_id = $4 WHERE actor = $1 AND key = $2 AND lease = $3',
        [key.actor, key.key, lease, record.body.decisionId],
      );
      return { kind: 'done', response: record.response };
    } catch (error) {
      await this.release(key, lease);
      throw error;
    }
  }

  async #decidedUnder({ key }: IdempotencyKey, decisionIds: readonly string[]): Promise<DecisionRecord | undefined> {
    for (const decisionId of decisionIds) {
      const row = await this.#row(decisionId);
      const record = row && (await this.#open(row));
      if (record?.body.idempotencyKey === key) return record;
    }
    return undefined;
  }

  async #keyRow(key: IdempotencyKey): Promise<KeyRow | undefined> {
    const rows = await this.#database.prepared<KeyRow>(
      'idempotency_row',
      `SELECT k.request_hash, k.lease, k.decision_id, d.borrower_id AS person, d.response FROM idempotency_keys k LEFT JOIN decisions d USING (decision_id)
       WHERE k.actor = $1 AND k.key = $2`,
      [key.actor, key.key],
    );
    return rows[0];
  }

  /** Gives a key back after a failure, so that a retry need not wait for the lease. */
  async release(key: IdempotencyKey, lease: string): Promise<void> {
    await this.#database.query(
      'DELETE FROM idempotency_keys WHERE actor = $1 AND key = $2 AND lease = $3 AND decision_id IS NULL',
      [key.actor, key.key, lease],
    );
  }

  /** Forgets keys older than KEYS_KEPT_DAYS, at most so many; the records keep theirs. @returns how many */
  async forgetKeys(): Promise<number> {
    const before = new Date(this.#clock.now().getTime() - KEYS_KEPT_DAYS * 86_400_000);
    const rows = await this.#database.prepared(
      'idempotency_forget',
      `DELETE FROM idempotency_keys WHERE (actor, key) IN (
         SELECT actor, key FROM idempotency_keys WHERE leased_until < $1
         ORDER BY leased_until LIMIT ${FORGET_LIMIT} FOR UPDATE SKIP LOCKED)
       RETURNING 1`,
      [before],
    );
    return rows.length;
  }

  /**
   * Gives back every key of a holder that is gone, so that retries need not wait for its leases. What it had already written is
   * kept: its keys are complete.
   */
  async releaseAll(holder: string): Promise<void> {
    await this.#database.query(
      `DELETE FROM idempotency_keys WHERE decision_id IS NULL AND starts_with(lease, $1 || '/')`,
      [holder],
    );
  }

  /** @throws AssayError tampered when the stored text no longer has its hash */
  async policy(policyHash: string): Promise<CreditPolicy> {
    const rows = await this.#database.query<{ body: string }>(
      'SELECT body FROM credit_policies WHERE policy_hash = $1',
      [policyHash],
    );
    const body = rows[0]?.body;
    if (body === undefined || sha256Hex(body) !== policyHash) {
      throw new AssayError('tampered', { what: 'a stored credit policy does not match its hash', given: policyHash });
    }
    return parseCreditPolicy(JSON.parse(body));
  }

  /** @throws AssayError tampered when the stored text no longer has its hash */
  fraudDefinition(definitionHash: string): Promise<FraudDefinition> {
    return readFraudDefinition(this.#database, definitionHash);
  }

  /** A decision on this borrower is under way: the key it will be sealed under is fetched meanwhile, and not waited for in `append`. */
  expect(borrowerId: string): void {
    // what is wrong with it is told to who seals
    this.#vault.sealOf(borrowerId).catch(() => {});
  }

  /**
   * Appends a decision to the chain, durably: resolves after commit. Decisions that wait together are committed together.
   * @throws AssayError conflict when the lease of its idempotency key was lost meanwhile
   */
  async append(decision: NewDecision): Promise<DecisionRecord> {
    const entry = { ...decision, stored: await sealDecision(this.#vault, decision) };
    return new Promise((resolve, reject) => {
      this.#queue.push({ entry, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  /** Decisions that wait to be written. */
  get waiting(): number {
    return this.#queue.length;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH_LIMIT);
      try {
        const entries = batch.map(({ entry }) => entry);
        const records = await writeDecisions(this.#database, this.#portfolio, entries);
        for (const [index, waiting] of batch.entries()) settle(waiting, records[index]);
      } catch (error) {
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#writing = undefined;
  }

  /** @throws AssayError gone when the person was erased */
  async get(decisionId: string): Promise<DecisionRecord | undefined> {
    const row = await this.#row(decisionId);
    if (!row) return undefined;
    const record = await this.#open(row);
    if (record) return record;
    throw erased(decisionId);
  }

  async #row(decisionId: string): Promise<RecordRow | undefined> {
    const rows = await this.#database.prepared<RecordRow>(
      'decision_get',
      'SELECT decision_id, sequence, body, response, previous_hash, hash FROM decisions WHERE portfolio = $1 AND decision_id = $2',
      [this.#portfolio, decisionId],
    );
    return rows[0];
  }

  /** Records after a sequence number, oldest first; of an erased person only the number is left. */
  async since(sequence: number, limit: number): Promise<ReadRecord[]> {
    const rows = await this.#database.prepared<RecordRow>(
      'decision_since',
      `SELECT decision_id, sequence, body, response, previous_hash, hash FROM decisions WHERE portfolio = $1 AND sequence > $2
       ORDER BY sequence LIMIT $3`,
      [this.#portfolio, sequence, limit],
    );
    return this.#openAll(rows);
  }

  /**
   * The decisions after a sequence number that referred, opened, and how far it looked: the outcome is a column, so that what was
   * decided at once need not be opened to be passed over.
   */
  async referredSince(sequence: number, limit: number): Promise<ReferredSince> {
    const rows = await this.#database.prepared<RecordRow & { is_referred: boolean }>(
      'decision_referred_since',
      `SELECT decision_id, sequence, outcome = 'referred' AS is_referred,
         CASE outcome WHEN 'referred' THEN body END AS body, CASE outcome WHEN 'referred' THEN response END AS response, previous_hash, hash
       FROM decisions WHERE portfolio = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
      [this.#portfolio, sequence, limit],
    );
    const records = await this.#openAll(rows.filter((row) => row.is_referred));
    return { records, lookedAt: rows.length, last: rows.at(-1)?.sequence };
  }

  /** Every record of a borrower, oldest first. */
  async ofBorrower(borrowerId: string, limit: number): Promise<ReadRecord[]> {
    const rows = await this.#database.query<RecordRow>(
      `SELECT decision_id, sequence, body, response, previous_hash, hash FROM decisions
       WHERE portfolio = $1 AND borrower_id = ANY ($2) ORDER BY sequence LIMIT $3`,
      [this.#portfolio, this.#names(borrowerId), limit],
    );
    return this.#openAll(rows);
  }

  #openAll(rows: readonly RecordRow[]): Promise<ReadRecord[]> {
    return Promise.all(
      rows.map(async (row) => {
        const { sequence, decision_id: decisionId } = row;
        try {
          return { sequence, decisionId, record: await this.#open(row) };
        } catch (error) {
          if (error instanceof AssayError && error.code === 'tampered') return { sequence, decisionId, error };
          throw error;
        }
      }),
    );
  }

  async #open(row: RecordRow): Promise<DecisionRecord | undefined> {
    const opened = await openDecision(this.#vault, row);
    return opened && { ...opened, bodyText: row.body, previousHash: row.previous_hash, hash: row.hash };
  }

  /** A borrower in the column borrower_id: the pseudonym, or the id itself in records from before sealing. */
  #names(borrowerId: string): string[] {
    return [this.#vault.pseudonym(borrowerId), borrowerId];
  }

  /** Newest first. */
  async list(filter: DecisionFilter): Promise<{ rows: DecisionRow[]; total: number }> {
    const where = `portfolio = $1 AND ($2::text IS NULL OR application_id = $2) AND ($3::text[] IS NULL OR borrower_id = ANY ($3))`;
    const values = [
      this.#portfolio,
      filter.applicationId ?? null,
      filter.borrowerId === undefined ? null : this.#names(filter.borrowerId),
    ];
    const rows = await this.#database.query<ListRow>(
      `SELECT decision_id, application_id, borrower_id, decided_at, outcome, pd, score, grade, model_version, actor, body
       FROM decisions WHERE ${where} ORDER BY sequence DESC LIMIT $4 OFFSET $5`,
      [...values, filter.limit, filter.offset],
    );
    const counted = await this.#database.query<{ total: string }>(
      `SELECT count(*) AS total FROM decisions WHERE ${where}`,
      values,
    );
    return { rows: await Promise.all(rows.map((row) => this.#listed(row))), total: Number(counted[0]?.total ?? 0) };
  }

  async #listed(row: ListRow): Promise<DecisionRow> {
    const opened = await openDecision(this.#vault, { body: row.body, response: '' });
    return { ...listFromRow(row), borrowerId: opened?.body.application.borrowerId ?? ERASED };
  }
}

function settle(waiting: Waiting, record: DecisionRecord | undefined): void {
  if (record) waiting.resolve(record);
  else {
    const what = 'this request took too long and another with the same Idempotency-Key went on with it';
    waiting.reject(new AssayError('conflict', { what, fix: 'send it again: the answer of the other will be given' }));
  }
}
