import { AssayError, type FieldIssue, sha256Hex } from '../../domain/index.ts';
import { MAX_CONSENT_DAYS, PROFILE_ATTRIBUTES, type SocialConsent } from '../../features/index.ts';
import { type AuditKind, type Clock, type Database, enterAudit, type PersonVault } from '../../platform/index.ts';

export type ConsentPurpose = SocialConsent['purpose'];

/** A consent as it stands; `borrowerId` is the one asked for, the store itself has a pseudonym. */
export type Consent = SocialConsent & {
  readonly consentId: string;
  readonly textVersion: string;
  /** SHA-256 of the text that the person was shown. */
  readonly textHash: string;
  /** How it was given; null once the person was erased. */
  readonly evidence: string | null;
  readonly recordedBy: string;
  readonly revokedBy: string | null;
};

export type ConsentGrant = {
  readonly borrowerId: string;
  readonly purpose: ConsentPurpose;
  readonly platform: string;
  /** Names of attributes of a profile; see `PROFILE_ATTRIBUTES`. */
  readonly scope: readonly string[];
  /** From now on; at most MAX_CONSENT_DAYS. */
  readonly days: number;
  readonly textVersion: string;
  /** The text as it was shown, whole. */
  readonly text: string;
  readonly evidence: string;
};

export type ConsentStoreOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly portfolio: string;
  readonly vault: PersonVault;
  readonly newId: () => string;
};

type ConsentRow = {
  consent_id: string;
  purpose: ConsentPurpose;
  platform: string;
  scope: string;
  version: string;
  text_hash: string;
  evidence: string;
  granted_at: Date;
  expires_at: Date;
  recorded_by: string;
  revoked_at: Date | null;
  revoked_by: string | null;
};

const DAY_MS = 86_400_000;
const MAX_CONSENTS = 1_000;
const SELECT = `SELECT consent_id, purpose, platform, scope, version, c.text_hash, evidence, granted_at, expires_at, recorded_by,
  revoked_at, revoked_by FROM consents c JOIN consent_texts USING (portfolio, text_hash)`;

/**
 * What persons agreed to. Read from the database at the instant of each use and remembered nowhere, so that a revocation holds for
 * the next decision of every process (Reg. asks 24 hours, see `REVOCATION_HOURS`). Entered in the audit log under the pseudonym.
 */
export class ConsentStore {
  readonly #options: ConsentStoreOptions;

  constructor(options: ConsentStoreOptions) {
    this.#options = options;
  }

  /** Every consent of a person, oldest first, those that ended included. */
  async of(borrowerId: string): Promise<Consent[]> {
    const { database, portfolio, vault } = this.#options;
    const person = vault.pseudonym(borrowerId);
    const rows = await database.query<ConsentRow>(
      `${SELECT} WHERE portfolio = $1 AND person = $2 ORDER BY granted_at, consent_id LIMIT ${MAX_CONSENTS}`,
      [portfolio, person],
    );
    return Promise.all(rows.map((row) => this.#fromRow(row, { borrowerId, person })));
  }

  /**
   * Keeps a consent and the very text that was agreed to.
   * @throws AssayError bad_input naming the field; conflict when one stands, or when the version was another text before
   */
  async grant(grant: ConsentGrant, actor: string): Promise<Consent> {
    refuseUnusable(grant);
    const { database, vault, clock, portfolio, newId } = this.#options;
    const { person, seal } = await vault.sealOf(grant.borrowerId);
    const [consentId, grantedAt] = [newId(), clock.now()];
    const expiresAt = new Date(grantedAt.getTime() + grant.days * DAY_MS);
    const scope = [...new Set(grant.scope)].sort();
    await database.transaction(async (transaction) => {
      const textHash = await this.#keepText(transaction, grant);
      const made = await transaction.query(
        `INSERT INTO consents (consent_id, portfolio, person, purpose, platform, scope, text_hash, evidence, granted_at, expires_at, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING 1`,
        [
          ...[consentId, portfolio, person, grant.purpose, grant.platform, JSON.stringify(scope), textHash],
          ...[seal(grant.evidence, `consent ${consentId}`), grantedAt, expiresAt, actor],
        ],
      );
      if (made.length === 0) throw stands(grant);
      const data = {
        consentId,
        purpose: grant.purpose,
        platform: grant.platform,
        scope,
        textHash,
        textVersion: grant.textVersion,
      };
      await this.#enter(transaction, 'consent_granted', { person, actor, at: grantedAt, data });
    });
    return (await this.of(grant.borrowerId)).find((consent) => consent.consentId === consentId)!;
  }

  /** Takes a consent back: from this instant on nothing is asked or used under it. @throws AssayError not_found; conflict when it was */
  async revoke(borrowerId: string, consentId: string, actor: string): Promise<Consent> {
    const { database, vault, clock, portfolio } = this.#options;
    const person = vault.pseudonym(borrowerId);
    const at = clock.now();
    await database.transaction(async (transaction) => {
      const revoked = await transaction.query(
        `UPDATE consents SET revoked_at = $4, revoked_by = $5
         WHERE portfolio = $1 AND person = $2 AND consent_id = $3 AND revoked_at IS NULL RETURNING 1`,
        [portfolio, person, consentId, at, actor],
      );
      if (revoked.length === 0) throw await this.#notRevocable(transaction, { person, consentId });
      await this.#enter(transaction, 'consent_revoked', { person, actor, at, data: { consentId } });
    });
    return (await this.of(borrowerId)).find((consent) => consent.consentId === consentId)!;
  }

  async #notRevocable(transaction: Database, { person, consentId }: { person: string; consentId: string }) {
    const known = await transaction.query(
      'SELECT 1 FROM consents WHERE portfolio = $1 AND person = $2 AND consent_id = $3',
      [...[this.#options.portfolio, person, consentId]],
    );
    return known.length > 0
      ? new AssayError('conflict', { what: 'this consent was taken back already', given: consentId })
      : new AssayError('not_found', {
          what: 'no such consent of this person',
          given: consentId,
          fix: 'list the consents',
        });
  }

  /** Who agreed to a purpose and may be counted on at a moment: what training reads. Pseudonyms and platforms, no ids. */
  async standing(purpose: ConsentPurpose, at: Date): Promise<ConsentedPersons> {
    const { database, portfolio, vault } = this.#options;
    const rows = await database.query<{ person: string; platform: string }>(
      `SELECT person, platform FROM consents WHERE portfolio = $1 AND purpose = $2 AND granted_at <= $3 AND expires_at > $3
         AND revoked_at IS NULL AND expires_at - granted_at <= make_interval(days => $4) ORDER BY person, platform`,
      [portfolio, purpose, at, MAX_CONSENT_DAYS],
    );
    const standing = new Set(rows.map(({ person, platform }) => `${platform} ${person}`));
    return {
      fingerprint: sha256Hex([...standing].join('\n')),
      has: (borrowerId, platform) => standing.has(`${platform} ${vault.pseudonym(borrowerId)}`),
    };
  }

  async #keepText(transaction: Database, { textVersion, text }: ConsentGrant): Promise<string> {
    const textHash = sha256Hex(text);
    await transaction.query(
      'INSERT INTO consent_texts (portfolio, text_hash, version, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [this.#options.portfolio, textHash, textVersion, text],
    );
    const [kept] = await transaction.query<{ version: string }>(
      'SELECT version FROM consent_texts WHERE portfolio = $1 AND text_hash = $2',
      [this.#options.portfolio, textHash],
    );
    if (kept?.version === textVersion) return textHash;
    throw new AssayError('conflict', {
      what: 'the version of a consent text and its words do not belong together',
      given: kept ? `these words are version ${kept.version}` : `version ${textVersion} has other words`,
      fix: 'give the version of the text that was shown, or a new version for a new text',
    });
  }

  async #fromRow(row: ConsentRow, { borrowerId, person }: { borrowerId: string; person: string }): Promise<Consent> {
    return {
      ...{ consentId: row.consent_id, borrowerId, purpose: row.purpose, platform: row.platform },
      scope: JSON.parse(row.scope),
      ...{ textVersion: row.version, textHash: row.text_hash, recordedBy: row.recorded_by, revokedBy: row.revoked_by },
      evidence: (await this.#options.vault.open(person, row.evidence, `consent ${row.consent_id}`)) ?? null,
      grantedAt: row.granted_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      revokedAt: row.revoked_at?.toISOString() ?? null,
    };
  }

  #enter(
    transaction: Database,
    kind: AuditKind,
    entry: {
      readonly person: string;
      readonly actor: string;
      readonly at: Date;
      readonly data: Readonly<Record<string, unknown>>;
    },
  ): Promise<unknown> {
    const { person: subject, actor, at, data } = entry;
    return enterAudit(transaction, { portfolio: this.#options.portfolio, kind, subject, actor, at, data });
  }
}

/** Who agreed, at one moment. `fingerprint` changes with the list. */
export type ConsentedPersons = {
  readonly fingerprint: string;
  readonly has: (borrowerId: string, platform: string) => boolean;
};

function refuseUnusable({ scope, days, platform, text, evidence }: ConsentGrant): void {
  const unknown = scope.filter((name) => !PROFILE_ATTRIBUTES.some((attribute) => attribute.name === name));
  const issues: FieldIssue[] = [
    ...(scope.length === 0 ? [{ path: 'scope', message: 'names at least one attribute' }] : []),
    ...unknown.map((name) => ({ path: 'scope', message: `"${name}" is no attribute that may ever be asked for` })),
    ...(Number.isInteger(days) && days >= 1 && days <= MAX_CONSENT_DAYS
      ? []
      : [{ path: 'days', message: `must be a whole number from 1 to ${MAX_CONSENT_DAYS}` }]),
    ...(/^[a-z][a-z0-9_]{1,39}$/.test(platform)
      ? []
      : [{ path: 'platform', message: 'must be lower-case letters, digits, _' }]),
    ...(text.trim().length >= 40 ? [] : [{ path: 'text', message: 'must be the whole text as it was shown' }]),
    ...(evidence.trim() === '' ? [{ path: 'evidence', message: 'must say how the consent was given' }] : []),
  ];
  if (issues.length === 0) return;
  throw new AssayError('bad_input', {
    what: 'this consent cannot be kept',
    given: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    allowed: `attributes: ${PROFILE_ATTRIBUTES.map(({ name }) => name).join(', ')}`,
    fix: 'mend the fields named',
    issues,
  });
}

const stands = ({ purpose, platform }: ConsentGrant): AssayError =>
  new AssayError('conflict', {
    what: 'a consent to this stands already',
    given: `${purpose} at ${platform}`,
    fix: 'take it back first, when it is to be for longer or for other attributes',
  });
