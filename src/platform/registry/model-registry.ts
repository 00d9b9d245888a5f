import { AssayError, type ModelManifest } from '../../domain/index.ts';
import { enterAudit } from '../audit/index.ts';
import type { Clock, Database } from '../contract.ts';
import { assertApproved, assertOnRecord, type OnRecord, PIPELINE_ACTOR, RECORD_COLUMNS } from './champion-record.ts';
import { type FileHashes, hashFiles, localModelFiles, type ModelFileStore, type ModelFiles } from './model-files.ts';

export type ModelVersionStatus = 'candidate' | 'approved' | 'champion' | 'retired' | 'rejected';
export type ModelVersionEvent = {
  readonly at: Date;
  readonly event: string;
  readonly actor: string;
  readonly note: string | null;
};
export type ModelVersion = {
  readonly modelVersion: string;
  readonly portfolio: string;
  readonly status: ModelVersionStatus;
  readonly registeredBy: string;
  readonly manifest: ModelManifest;
};

type Row = {
  model_version: string;
  portfolio: string;
  status: ModelVersionStatus;
  registered_by: string;
  manifest: ModelManifest;
  file_hashes: FileHashes;
};
const fromRow = (row: Row): ModelVersion => ({
  modelVersion: row.model_version,
  portfolio: row.portfolio,
  status: row.status,
  registeredBy: row.registered_by,
  manifest: row.manifest,
});
const SELECT =
  'SELECT model_version, portfolio, status, registered_by, manifest, file_hashes FROM model_versions WHERE';
const RECORD = `SELECT model_version, ${RECORD_COLUMNS} FROM model_versions v WHERE`;

/** Space of the advisory locks under which the champion of a book changes. */
const CHAMPION_LOCK = 27730;

type VersionName = Pick<ModelVersion, 'portfolio' | 'modelVersion'>;
type NoteEvent = 'registered' | 'approved' | 'promoted' | 'retired' | 'rejected';
type Note = { readonly actor: string; readonly note: string | null };
/** A notice with the portfolio's name is sent here when its champion changed. */
export const CHAMPION_CHANNEL = 'assay_champion';

export type RegistryOptions = {
  readonly database: Database;
  readonly directory: string;
  readonly clock: Clock;
  /** Where files lie when not in `directory`. */
  readonly files?: ModelFileStore | undefined;
};

/** Model versions: rows in PostgreSQL, files under `<directory>/<modelVersion>/`, an append-only history of both. */
export class ModelRegistry {
  readonly #database: Database;
  readonly #files: ModelFileStore;
  readonly #clock: Clock;

  constructor({ database, directory, clock, files }: RegistryOptions) {
    this.#database = database;
    this.#files = files ?? localModelFiles(directory);
    this.#clock = clock;
  }

  /**
   * Files first, in one rename, then the row: a row never lacks its files. Registering the same version again changes nothing,
   * unless its files were lost or changed: then they are written anew, and status and history stay.
   */
  async register(manifest: ModelManifest, files: ModelFiles, actor: string): Promise<void> {
    const { modelVersion, portfolio, estimator, createdAt } = manifest;
    if (await this.#isWhole(modelVersion, Object.keys(files))) return;
    await this.#files.write(modelVersion, files);
    await this.#database.transaction(async (database) => {
      const [row] = await database.query<{ is_new: boolean }>(
        `INSERT INTO model_versions
           (model_version, portfolio, estimator, status, registered_by, created_at, manifest, file_hashes)
         VALUES ($1, $2, $3, 'candidate', $4, $5, $6, $7)
         ON CONFLICT (model_version) DO UPDATE SET manifest = excluded.manifest, file_hashes = excluded.file_hashes
         RETURNING xmax = 0 AS is_new`,
        [
          modelVersion,
          portfolio,
          estimator,
          actor,
          createdAt,
          JSON.stringify(manifest),
          JSON.stringify(hashFiles(files)),
        ],
      );
      if (row?.is_new) await this.#note(database, manifest, 'registered', { actor, note: null });
    });
  }

  /** Newest first. */
  async list(portfolio: string): Promise<ModelVersion[]> {
    const rows = await this.#database.query<Row>(`${SELECT} portfolio = $1 ORDER BY created_at DESC, model_version`, [
      portfolio,
    ]);
    return rows.map(fromRow);
  }

  /** @throws AssayError not_found */
  async get(modelVersion: string): Promise<ModelVersion> {
    return fromRow(await this.#row(this.#database, modelVersion));
  }

  /** @throws AssayError tampered when the registry says what the audit log does not */
  async champion(portfolio: string): Promise<ModelVersion | undefined> {
    return this.#championOf(this.#database, portfolio);
  }

  /**
   * The champion's name alone: what is asked for again and again.
   * @throws AssayError tampered when the registry says what the audit log does not
   */
  async championName(portfolio: string): Promise<string | undefined> {
    return this.#championNameOf(this.#database, portfolio);
  }

  /**
   * The version that was promoted last before the present champion: where a rollback leads.
   * @throws AssayError not_found when the book has had one champion only, or none
   */
  async previousChampion(portfolio: string): Promise<ModelVersion> {
    const champion = await this.#championOf(this.#database, portfolio);
    const [row] = await this.#database.query<{ subject: string }>(
      `SELECT subject FROM audit_log WHERE portfolio = $1 AND kind = 'model_promoted' AND subject <> $2
       ORDER BY sequence DESC LIMIT 1`,
      [portfolio, champion?.modelVersion ?? ''],
    );
    if (row) return this.get(row.subject);
    throw new AssayError('not_found', {
      what: 'there is no earlier champion to go back to',
      given: champion ? `${champion.modelVersion} is the first of ${portfolio}` : `${portfolio} has no champion`,
      fix: 'promote an approved version: assay models promote',
    });
  }

  /** Oldest first. */
  async history(modelVersion: string): Promise<ModelVersionEvent[]> {
    return this.#historyOf(this.#database, modelVersion);
  }

  /** @throws AssayError not_found when the version or its files are not there, tampered when one is not what was registered */
  async files(modelVersion: string): Promise<Record<string, Uint8Array>> {
    const { file_hashes } = await this.#row(this.#database, modelVersion);
    return this.#files.read(modelVersion, file_hashes);
  }

  /** @throws AssayError forbidden when the maker approves their own version; conflict unless it is a candidate */
  async approve(modelVersion: string, actor: string, note: string): Promise<void> {
    await this.#database.transaction(async (database) => {
      const version = await this.#locked(database, modelVersion);
      if (version.registeredBy === actor) {
        throw new AssayError('forbidden', {
          what: 'who made a model version may not approve it',
          given: actor,
          fix: 'ask an independent validator',
        });
      }
      if (version.status !== 'candidate') {
        throw new AssayError('conflict', {
          what: 'only a candidate can be approved',
          given: `${modelVersion} is ${version.status}`,
        });
      }
      await this.#approveIn(database, version, { actor, note });
    });
  }

  /**
   * Turns a version down that is not in use: it stays in the registry and can never be promoted.
   * @throws AssayError not_found; conflict for a version that was the champion once
   */
  async reject(modelVersion: string, actor: string, note: string): Promise<void> {
    await this.#database.transaction(async (database) => {
      const version = await this.#locked(database, modelVersion);
      if (version.status !== 'candidate' && version.status !== 'approved') {
        throw new AssayError('conflict', {
          what: 'only a version that was never in use can be rejected',
          given: `${modelVersion} is ${version.status}`,
        });
      }
      await database.query(`UPDATE model_versions SET status = 'rejected' WHERE model_version = $1`, [modelVersion]);
      await this.#note(database, version, 'rejected', { actor, note });
    });
  }

  /**
   * Makes an approved (or once retired) version the champion; the one before is retired in the same transaction, so there is
   * never none or two. Promoting the champion changes nothing.
   * @throws AssayError not_found; conflict for a candidate and for a rejected version; tampered when the audit log has no approval
   */
  async promote(modelVersion: string, actor: string, note: string): Promise<void> {
    await this.#database.transaction(async (database) => {
      const version = await this.#locked(database, modelVersion);
      if (version.status === 'candidate') {
        throw new AssayError('conflict', {
          what: 'a candidate cannot be promoted',
          given: modelVersion,
          fix: 'have it approved first',
        });
      }
      if (version.status === 'rejected') {
        throw new AssayError('conflict', { what: 'a rejected version cannot be promoted', given: modelVersion });
      }
      await this.#promoteIn(database, version, actor, note);
    });
  }

  /**
   * What the pipeline may do on its own: make a version it trained the champion of a book whose champion, if any, the pipeline
   * chose too. A champion that a person promoted stays; the new version waits as a candidate. A version that a person rejected stays so.
   */
  async promoteByPipeline(modelVersion: string, note: string): Promise<void> {
    const actor = PIPELINE_ACTOR;
    await this.#database.transaction(async (database) => {
      const version = await this.#locked(database, modelVersion);
      if (version.status === 'rejected') return;
      const champion = await this.#championOf(database, version.portfolio);
      if (champion && (await this.#lastPromoter(database, champion.modelVersion)) !== actor) return;
      if (version.status === 'candidate')
        await this.#approveIn(database, version, { actor, note: 'by the pipeline itself: no person approved it' });
      await this.#promoteIn(database, version, actor, note);
    });
  }

  /** One transaction at a time changes the versions of a book. */
  async #locked(database: Database, modelVersion: string): Promise<ModelVersion> {
    const { portfolio } = await this.#row(database, modelVersion);
    await database.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [CHAMPION_LOCK, portfolio]);
    return fromRow(await this.#row(database, modelVersion));
  }

  async #row(database: Database, modelVersion: string): Promise<Row> {
    const [row] = await database.query<Row>(`${SELECT} model_version = $1`, [modelVersion]);
    if (row) return row;
    throw new AssayError('not_found', {
      what: 'no such model version',
      given: modelVersion,
      fix: 'list them with: assay models list',
    });
  }

  async #championOf(database: Database, portfolio: string): Promise<ModelVersion | undefined> {
    const name = await this.#championNameOf(database, portfolio);
    return name === undefined ? undefined : fromRow(await this.#row(database, name));
  }

  async #championNameOf(database: Database, portfolio: string): Promise<string | undefined> {
    const [champion] = await database.prepared<OnRecord>(
      'registry_champion',
      `${RECORD} portfolio = $1 AND status = 'champion'`,
      [portfolio],
    );
    if (champion) assertOnRecord(champion);
    return champion?.model_version;
  }

  async #historyOf(database: Database, modelVersion: string): Promise<ModelVersionEvent[]> {
    const rows = await database.query<{ kind: string; actor: string; at: Date; body: string }>(
      `SELECT kind, actor, at, body FROM audit_log WHERE subject = $1 AND kind LIKE 'model\\_%' ORDER BY portfolio, sequence`,
      [modelVersion],
    );
    return rows.map(({ kind, actor, at, body }) => ({
      at,
      event: kind.slice('model_'.length),
      actor,
      note: JSON.parse(body).data.note,
    }));
  }

  async #approveIn(database: Database, version: VersionName, by: Note): Promise<void> {
    const { modelVersion } = version;
    await database.query(`UPDATE model_versions SET status = 'approved' WHERE model_version = $1`, [modelVersion]);
    await this.#note(database, version, 'approved', by);
  }

  async #promoteIn(database: Database, version: ModelVersion, actor: string, note: string): Promise<void> {
    const { modelVersion, portfolio, status } = version;
    const [record] = await database.query<OnRecord>(`${RECORD} model_version = $1`, [modelVersion]);
    if (record) assertApproved(record);
    if (status === 'champion' && record?.promoted) return;
    const retired = await database.query<{ model_version: string }>(
      `UPDATE model_versions SET status = 'retired' WHERE portfolio = $1 AND status = 'champion' AND model_version <> $2
       RETURNING model_version`,
      [portfolio, modelVersion],
    );
    for (const row of retired)
      await this.#note(database, { portfolio, modelVersion: row.model_version }, 'retired', {
        actor,
        note: `replaced by ${modelVersion}`,
      });
    await database.query(`UPDATE model_versions SET status = 'champion' WHERE model_version = $1`, [modelVersion]);
    await this.#note(database, version, 'promoted', { actor, note });
    // sent at commit: servers change over at once instead of at their next look
    await database.query('SELECT pg_notify($1, $2)', [CHAMPION_CHANNEL, portfolio]);
  }

  async #lastPromoter(database: Database, modelVersion: string): Promise<string | undefined> {
    const events = await this.#historyOf(database, modelVersion);
    return events.findLast(({ event }) => event === 'promoted')?.actor;
  }

  /** The history is the audit log: what is shown here is what an auditor is shown. */
  async #note(database: Database, { portfolio, modelVersion }: VersionName, event: NoteEvent, by: Note): Promise<void> {
    await enterAudit(database, {
      portfolio,
      kind: `model_${event}`,
      subject: modelVersion,
      actor: by.actor,
      at: this.#clock.now(),
      data: { note: by.note },
    });
  }

  /** Registered, with all these files, none of them changed since. */
  async #isWhole(modelVersion: string, names: readonly string[]): Promise<boolean> {
    const [row] = await this.#database.query<Row>(`${SELECT} model_version = $1`, [modelVersion]);
    if (!row || !names.every((name) => row.file_hashes[name] !== undefined)) return false;
    return this.#files.read(modelVersion, row.file_hashes).then(
      () => true,
      () => false,
    );
  }
}
