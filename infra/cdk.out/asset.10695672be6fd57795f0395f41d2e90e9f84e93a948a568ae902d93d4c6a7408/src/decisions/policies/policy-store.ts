import { AssayError, type CreditPolicy, type Portfolio } from '../../domain/index.ts';
import { type AuditKind, type Clock, type Database, enterAudit } from '../../platform/index.ts';
import { canonicalJson, sha256Hex } from '../canonical-json.ts';
import { parseCreditPolicy } from '../credit-policy.ts';
import { checkPolicy } from './check-policy.ts';
import { parsePolicyCases, runPolicyCases } from './policy-cases.ts';
import type { PolicyCase, PolicyInForce, PolicySource, PolicyStatus, PolicyVersion } from './policy-version.ts';

/** A change of policy is seen by every server this long after it was made, at most. */
const LIVE_MS = 500;
/** Versions that may be tried in shadow at once. */
const MAX_SHADOWS = 4;
/** Space of the advisory locks under which the policies of a book change. */
const POLICY_LOCK = 27731;

type Row = {
  version: string;
  policy_hash: string;
  status: PolicyStatus;
  body: string;
  cases: string;
  proposed_by: string;
  proposed_at: Date;
  approved_by: string | null;
  changed_at: Date;
};
const SELECT = `SELECT v.version, v.policy_hash, v.status, p.body, v.cases, v.proposed_by, v.proposed_at, v.approved_by, v.changed_at
  FROM credit_policy_versions v JOIN credit_policies p USING (policy_hash) WHERE v.portfolio = $1`;

function fromRow(row: Row): PolicyVersion {
  return {
    version: row.version,
    policyHash: row.policy_hash,
    status: row.status,
    policy: intact(row.body, row.policy_hash),
    cases: parsePolicyCases(JSON.parse(row.cases)),
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    approvedBy: row.approved_by,
    changedAt: row.changed_at,
  };
}

function intact(body: string, policyHash: string): CreditPolicy {
  if (sha256Hex(body) === policyHash) return parseCreditPolicy(JSON.parse(body));
  throw new AssayError('tampered', { what: 'a stored credit policy does not match its hash', given: policyHash });
}

/** The live policy of a portfolio as a batch reads it: once, when it begins. */
export async function livePolicy(database: Database, portfolio: string): Promise<CreditPolicy | undefined> {
  const [row] = await database.query<Row>(`${SELECT} AND v.status = 'live'`, [portfolio]);
  return row && fromRow(row).policy;
}

export type PolicyStoreOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly portfolio: Portfolio;
};

/** Versions of the credit policy of one portfolio, from draft to retired; each change is entered in the audit log. */
export class PolicyStore implements PolicySource {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #portfolio: Portfolio;
  #live: { readonly atMs: number; readonly found: Promise<PolicyInForce> } | undefined;

  constructor({ database, clock, portfolio }: PolicyStoreOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#portfolio = portfolio;
  }

  /** The policy that decides; at most LIVE_MS old. @throws AssayError unavailable when none is live */
  live(): Promise<PolicyInForce> {
    const nowMs = this.#clock.now().getTime();
    if (this.#live && Math.abs(nowMs - this.#live.atMs) < LIVE_MS) return this.#live.found;
    const found = this.#findLive();
    this.#live = { atMs: nowMs, found };
    found.catch(() => {
      this.#live = undefined;
    });
    return found;
  }

  async #findLive(): Promise<PolicyInForce> {
    const rows = await this.#database.prepared<Row>('policy_live', `${SELECT} AND v.status = 'live'`, [
      this.#portfolio.name,
    ]);
    if (rows[0]) return fromRow(rows[0]);
    throw new AssayError('unavailable', { what: 'no credit policy is live yet', given: this.#portfolio.name });
  }

  /**
   * Makes the portfolio's own policy (policy.json) the first live one. Later a policy.json that no version has becomes a draft: a
   * file in the repository does not go round the second person.
   * @throws AssayError bad_input when the policy asks for unknown facts or its own cases do not hold
   */
  async adopt(policy: CreditPolicy, cases: readonly PolicyCase[]): Promise<void> {
    checkPolicy(policy, this.#portfolio);
    const policyHash = sha256Hex(canonicalJson(policy));
    await this.#change(async (database) => {
      const versions = await this.#versions(database);
      if (versions.some((one) => one.policyHash === policyHash)) return;
      const isFirst = versions.length === 0;
      const taken = versions.some((one) => one.version === policy.version);
      const version = taken ? `${policy.version}+${policyHash.slice(0, 8)}` : policy.version;
      await this.#insert(database, { version, policy, cases, actor: REPOSITORY });
      if (isFirst) await this.#setStatus(database, version, 'live', { by: REPOSITORY, note: 'the first policy' });
    });
  }

  /** @throws AssayError bad_input when the policy asks for what this portfolio does not know */
  check(policy: CreditPolicy): void {
    checkPolicy(policy, this.#portfolio);
  }

  /** Newest first. */
  async list(): Promise<PolicyVersion[]> {
    return (await this.#versions(this.#database)).reverse();
  }

  /** @throws AssayError not_found */
  async get(version: string): Promise<PolicyVersion> {
    return this.#one(this.#database, version);
  }

  /**
   * Adds a draft. Without cases it gets those of the live version.
   * @throws AssayError conflict when the version is taken; bad_input for unknown facts
   */
  async propose(
    draft: { policy: CreditPolicy; cases?: readonly PolicyCase[] },
    actor: string,
    note: string,
  ): Promise<void> {
    const { policy } = draft;
    checkPolicy(policy, this.#portfolio);
    await this.#change(async (database) => {
      const versions = await this.#versions(database);
      if (versions.some((one) => one.version === policy.version)) {
        const fix = 'give it a new version: what a version says never changes';
        throw new AssayError('conflict', { what: 'this version is taken', given: policy.version, fix });
      }
      const cases = draft.cases ?? versions.find((one) => one.status === 'live')?.cases ?? [];
      await this.#insert(database, { version: policy.version, policy, cases, actor, note });
    });
  }

  /** A retired or rejected version is asked for again: as a draft, so that it too needs a second person. */
  async proposeAgain(version: string, actor: string, note: string): Promise<void> {
    await this.#change(async (database) => {
      await this.#expect(database, version, ['retired', 'rejected']);
      await database.query(
        `UPDATE credit_policy_versions SET proposed_by = $3, proposed_at = $4, approved_by = NULL
         WHERE portfolio = $1 AND version = $2`,
        [this.#portfolio.name, version, actor, this.#clock.now()],
      );
      await this.#setStatus(database, version, 'draft', { by: actor, note, kind: 'policy_proposed' });
    });
  }

  /** Tries a draft beside the live policy, on every decision from now on; nobody is told what it says. */
  async shadow(version: string, actor: string, note: string): Promise<void> {
    await this.#change(async (database) => {
      await this.#expect(database, version, ['draft']);
      const running = (await this.#versions(database)).filter((one) => one.status === 'shadow');
      if (running.length >= MAX_SHADOWS) {
        const given = running.map((one) => one.version).join(', ');
        const fix = 'reject one of them, or approve it';
        throw new AssayError('conflict', { what: `at most ${MAX_SHADOWS} policies run in shadow`, given, fix });
      }
      await database.query(
        `UPDATE credit_policy_versions SET shadow_sequence =
           (SELECT coalesce(max(sequence), 0) FROM decisions WHERE portfolio = $1) WHERE portfolio = $1 AND version = $2`,
        [this.#portfolio.name, version],
      );
      await this.#setStatus(database, version, 'shadow', { by: actor, note });
    });
  }

  /**
   * Makes a draft or a shadow the live policy; the one before is retired in the same transaction.
   * @throws AssayError forbidden when the proposer approves; conflict when a case does not hold, or the version is neither
   */
  async approve(version: string, actor: string, note: string): Promise<void> {
    await this.#change(async (database) => {
      const found = await this.#expect(database, version, ['draft', 'shadow']);
      refuseSelfApproval(found, actor);
      refuseFailedCases(found);
      const versions = await this.#versions(database);
      const before = versions.find((one) => one.status === 'live');
      if (before)
        await this.#setStatus(database, before.version, 'retired', { by: actor, note: `replaced by ${version}` });
      await database.query(`UPDATE credit_policy_versions SET approved_by = $3 WHERE portfolio = $1 AND version = $2`, [
        this.#portfolio.name,
        version,
        actor,
      ]);
      await this.#setStatus(database, version, 'live', { by: actor, note });
    });
    this.#live = undefined;
  }

  /** Ends a draft or a shadow. Who proposed it may withdraw it so. */
  async reject(version: string, actor: string, note: string): Promise<void> {
    await this.#change(async (database) => {
      await this.#expect(database, version, ['draft', 'shadow']);
      await this.#setStatus(database, version, 'rejected', { by: actor, note });
    });
  }

  /** One transaction at a time changes the policies of a book. */
  #change(work: (database: Database) => Promise<void>): Promise<void> {
    return this.#database.transaction(async (database) => {
      await database.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [POLICY_LOCK, this.#portfolio.name]);
      await work(database);
    });
  }

  async #versions(database: Database): Promise<PolicyVersion[]> {
    const rows = await database.query<Row>(`${SELECT} ORDER BY v.proposed_at, v.version`, [this.#portfolio.name]);
    return rows.map(fromRow);
  }

  async #one(database: Database, version: string): Promise<PolicyVersion> {
    const [row] = await database.query<Row>(`${SELECT} AND v.version = $2`, [this.#portfolio.name, version]);
    if (row) return fromRow(row);
    const fix = 'list them with GET /api/v1/policies';
    throw new AssayError('not_found', { what: 'no such version of the credit policy', given: version, fix });
  }

  async #expect(database: Database, version: string, statuses: readonly PolicyStatus[]): Promise<PolicyVersion> {
    const found = await this.#one(database, version);
    if (statuses.includes(found.status)) return found;
    const allowed = statuses.join(' or ');
    throw new AssayError('conflict', {
      what: 'not possible in its status',
      given: `${version} is ${found.status}`,
      allowed,
    });
  }

  async #insert(
    database: Database,
    draft: { version: string; policy: CreditPolicy; cases: readonly PolicyCase[]; actor: string; note?: string },
  ): Promise<void> {
    const { version, cases, actor, note } = draft;
    const body = canonicalJson(draft.policy);
    const policyHash = sha256Hex(body);
    const now = this.#clock.now();
    await database.query(
      `INSERT INTO credit_policies (policy_hash, portfolio, version, body, first_used_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (policy_hash) DO NOTHING`,
      [policyHash, this.#portfolio.name, draft.policy.version, body, now],
    );
    const caseText = canonicalJson({ cases });
    await database.query(
      `INSERT INTO credit_policy_versions (portfolio, version, policy_hash, status, cases, proposed_by, proposed_at, changed_at)
       VALUES ($1, $2, $3, 'draft', $4, $5, $6, $6)`,
      [this.#portfolio.name, version, policyHash, caseText, actor, now],
    );
    const data = { policyHash, casesHash: sha256Hex(caseText), note: note ?? null };
    await this.#enter(database, { kind: 'policy_proposed', version, by: actor, data });
  }

  async #setStatus(
    database: Database,
    version: string,
    status: PolicyStatus,
    change: { readonly by: string; readonly note: string; readonly kind?: AuditKind },
  ): Promise<void> {
    await database.query(
      'UPDATE credit_policy_versions SET status = $3, changed_at = $4 WHERE portfolio = $1 AND version = $2',
      [this.#portfolio.name, version, status, this.#clock.now()],
    );
    const { policyHash } = await this.#one(database, version);
    const kind = change.kind ?? STATUS_KIND[status];
    await this.#enter(database, { kind, version, by: change.by, data: { policyHash, note: change.note } });
  }

  async #enter(
    database: Database,
    entry: { kind: AuditKind; version: string; by: string; data: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    const { kind, version: subject, by: actor, data } = entry;
    await enterAudit(database, { portfolio: this.#portfolio.name, kind, subject, actor, at: this.#clock.now(), data });
  }
}

/** Who proposes what comes with the software: no person, so that every person may approve it. */
const REPOSITORY = 'repository';

const STATUS_KIND: Readonly<Record<PolicyStatus, AuditKind>> = {
  draft: 'policy_proposed',
  shadow: 'policy_shadow',
  live: 'policy_live',
  retired: 'policy_retired',
  rejected: 'policy_rejected',
};

function refuseSelfApproval({ version, proposedBy }: PolicyVersion, actor: string): void {
  if (proposedBy !== actor) return;
  throw new AssayError('forbidden', {
    what: 'who proposed a credit policy may not approve it',
    given: `${actor} proposed ${version}`,
    fix: 'ask a second person',
  });
}

function refuseFailedCases({ version, policy, cases }: PolicyVersion): void {
  const failed = runPolicyCases(policy, cases).filter(({ passed }) => !passed);
  if (cases.length > 0 && failed.length === 0) return;
  throw new AssayError('conflict', {
    what:
      cases.length === 0
        ? 'a policy without cases may not go live'
        : 'the policy does not decide its cases as expected',
    given: `${version}: ${failed.map(({ name }) => name).join('; ') || 'no case'}`,
    fix: 'propose a version whose case table holds',
    issues: failed.map(({ name, expected, actual }) => ({
      path: name,
      message: `expected ${expected.outcome} by ${expected.rules.join(', ') || 'no rule'}, got ${actual.outcome} by ${actual.rules.join(', ') || 'no rule'}`,
    })),
  });
}
