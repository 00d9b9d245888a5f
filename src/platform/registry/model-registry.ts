import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError, type ModelManifest } from '../../domain/index.ts';
import type { Clock, Database } from '../contract.ts';

export type ModelVersionStatus = 'candidate' | 'approved' | 'champion' | 'retired';
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
};
const fromRow = (row: Row): ModelVersion => ({
  modelVersion: row.model_version,
  portfolio: row.portfolio,
  status: row.status,
  registeredBy: row.registered_by,
  manifest: row.manifest,
});

/** Names of model versions are also names of folders: nothing else is looked up on disk. */
const VERSION_NAME = /^[a-z0-9][a-z0-9-]{0,120}$/;

export type RegistryOptions = { readonly database: Database; readonly directory: string; readonly clock: Clock };

/** Model versions: rows in PostgreSQL, files under `<directory>/<modelVersion>/`, an append-only history of both. */
export class ModelRegistry {
  readonly #database: Database;
  readonly #directory: string;
  readonly #clock: Clock;

  constructor({ database, directory, clock }: RegistryOptions) {
    this.#database = database;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Files first, in one rename, then the row: a row never lacks its files. Registering the same content again changes nothing. */
  async register(manifest: ModelManifest, files: Readonly<Record<string, Uint8Array>>, actor: string): Promise<void> {
    if (await this.#isWhole(manifest.modelVersion, Object.keys(files))) return;
    await this.#writeFiles(manifest.modelVersion, files);
    await this.#database.transaction(async (database) => {
      const inserted = await database.query(
        `INSERT INTO model_versions (model_version, portfolio, estimator, status, registered_by, created_at, manifest)
         VALUES ($1, $2, $3, 'candidate', $4, $5, $6) ON CONFLICT (model_version) DO NOTHING RETURNING model_version`,
        [
          manifest.modelVersion,
          manifest.portfolio,
          manifest.estimator,
          actor,
          manifest.createdAt,
          JSON.stringify(manifest),
        ],
      );
      if (inserted.length > 0) await this.#note(database, manifest.modelVersion, 'registered', actor, null);
    });
  }

  /** Newest first. */
  async list(portfolio: string): Promise<ModelVersion[]> {
    const rows = await this.#database.query<Row>(
      'SELECT model_version, portfolio, status, registered_by, manifest FROM model_versions WHERE portfolio = $1 ORDER BY created_at DESC, model_version',
      [portfolio],
    );
    return rows.map(fromRow);
  }

  /** @throws AssayError not_found */
  async get(modelVersion: string): Promise<ModelVersion> {
    const rows = await this.#database.query<Row>(
      'SELECT model_version, portfolio, status, registered_by, manifest FROM model_versions WHERE model_version = $1',
      [modelVersion],
    );
    if (rows[0]) return fromRow(rows[0]);
    throw new AssayError('not_found', {
      what: 'no such model version',
      given: modelVersion,
      fix: 'list them with: assay models list',
    });
  }

  async champion(portfolio: string): Promise<ModelVersion | undefined> {
    const rows = await this.#database.query<Row>(
      `SELECT model_version, portfolio, status, registered_by, manifest FROM model_versions WHERE portfolio = $1 AND status = 'champion'`,
      [portfolio],
    );
    return rows[0] && fromRow(rows[0]);
  }

  /** Oldest first. */
  async history(modelVersion: string): Promise<ModelVersionEvent[]> {
    return this.#database.query<ModelVersionEvent>(
      'SELECT at, event, actor, note FROM model_events WHERE model_version = $1 ORDER BY event_id',
      [modelVersion],
    );
  }

  /** @throws AssayError not_found when the version or its files are not there */
  async files(modelVersion: string): Promise<Record<string, Uint8Array>> {
    const folder = this.#folder(modelVersion);
    const names = await readdir(folder).catch((cause: unknown) => {
      throw new AssayError(
        'not_found',
        { what: 'the files of a model version are not there', given: folder, fix: 'restore them, or train again' },
        { cause },
      );
    });
    const contents = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
    return Object.fromEntries(contents);
  }

  /** @throws AssayError forbidden when the maker approves their own version; conflict unless it is a candidate */
  async approve(modelVersion: string, actor: string, note: string): Promise<void> {
    const version = await this.get(modelVersion);
    if (version.registeredBy === actor) {
      throw new AssayError('forbidden', {
        what: 'who made a model version may not approve it',
        given: actor,
        fix: 'ask an independent validator',
      });
    }
    await this.#database.transaction(async (database) => {
      const approved = await database.query(
        `UPDATE model_versions SET status = 'approved' WHERE model_version = $1 AND status = 'candidate' RETURNING model_version`,
        [modelVersion],
      );
      if (approved.length === 0) {
        throw new AssayError('conflict', {
          what: 'only a candidate can be approved',
          given: `${modelVersion} is ${version.status}`,
        });
      }
      await this.#note(database, modelVersion, 'approved', actor, note);
    });
  }

  /** Makes an approved version the champion; the one before is retired in the same transaction, so there is never none or two. */
  async promote(modelVersion: string, actor: string, note: string): Promise<void> {
    const version = await this.get(modelVersion);
    if (version.status === 'champion') return;
    if (version.status === 'candidate') {
      throw new AssayError('conflict', {
        what: 'a candidate cannot be promoted',
        given: modelVersion,
        fix: 'have it approved first',
      });
    }
    await this.#database.transaction(async (database) => {
      const retired = await database.query<{ model_version: string }>(
        `UPDATE model_versions SET status = 'retired' WHERE portfolio = $1 AND status = 'champion' RETURNING model_version`,
        [version.portfolio],
      );
      for (const row of retired)
        await this.#note(database, row.model_version, 'retired', actor, `replaced by ${modelVersion}`);
      await database.query(`UPDATE model_versions SET status = 'champion' WHERE model_version = $1`, [modelVersion]);
      await this.#note(database, modelVersion, 'promoted', actor, note);
    });
  }

  /**
   * What the pipeline may do on its own: make a version it trained the champion of a book whose champion, if any, the pipeline
   * chose too. A champion that a person promoted stays; the new version waits as a candidate.
   */
  async promoteByPipeline(modelVersion: string, actor: string, note: string): Promise<void> {
    const version = await this.get(modelVersion);
    const champion = await this.champion(version.portfolio);
    if (champion && (await this.#lastPromoter(champion.modelVersion)) !== actor) return;
    if (version.status === 'candidate') {
      await this.#database.query(`UPDATE model_versions SET status = 'approved' WHERE model_version = $1`, [
        modelVersion,
      ]);
    }
    await this.promote(modelVersion, actor, note);
  }

  async #lastPromoter(modelVersion: string): Promise<string | undefined> {
    const events = await this.history(modelVersion);
    return events.findLast(({ event }) => event === 'promoted')?.actor;
  }

  async #note(
    database: Database,
    modelVersion: string,
    event: string,
    actor: string,
    note: string | null,
  ): Promise<void> {
    await database.query(
      'INSERT INTO model_events (model_version, event, actor, note, at) VALUES ($1, $2, $3, $4, $5)',
      [modelVersion, event, actor, note, this.#clock.now()],
    );
  }

  #folder(modelVersion: string): string {
    if (VERSION_NAME.test(modelVersion)) return join(this.#directory, modelVersion);
    throw new AssayError('not_found', { what: 'not the name of a model version', given: modelVersion });
  }

  async #isWhole(modelVersion: string, names: readonly string[]): Promise<boolean> {
    const present = await readdir(this.#folder(modelVersion)).catch((): string[] => []);
    if (!names.every((name) => present.includes(name))) return false;
    const rows = await this.#database.query('SELECT 1 FROM model_versions WHERE model_version = $1', [modelVersion]);
    return rows.length > 0;
  }

  async #writeFiles(modelVersion: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const folder = this.#folder(modelVersion);
    const staging = `${folder}.staging-${process.pid}`;
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(staging, name), bytes);
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
  }
}
