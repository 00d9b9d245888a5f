import { lakeJson, type SqlValue } from '../platform/index.ts';
import type { BookContext } from './book-views.ts';
import { MARTS_MANIFEST_KEY, type MartName, type MartsManifest, martKey } from './build-marts.ts';
import { sqlText } from './sql.ts';

export type Snapshot = { readonly id: string; readonly builtAt: string };

/** Reads marts, and keeps what was computed from them as long as their snapshot stands. */
export class MartReader {
  readonly context: BookContext;
  #cache = new Map<string, Promise<unknown>>();
  #cachedSnapshot: string | undefined;

  constructor(context: BookContext) {
    this.context = context;
  }

  /** Undefined before the first build. */
  async snapshot(): Promise<Snapshot | undefined> {
    const { lake } = this.context;
    if (!(await lake.exists(MARTS_MANIFEST_KEY))) return undefined;
    const manifest = await lakeJson<MartsManifest>(lake, MARTS_MANIFEST_KEY);
    return { id: manifest.snapshotId, builtAt: manifest.builtAt };
  }

  rows<Row extends Record<string, unknown>>(
    mart: MartName,
    rest = '',
    parameters: readonly SqlValue[] = [],
  ): Promise<Row[]> {
    return this.context.warehouse.rows<Row>(`SELECT * FROM ${this.from(mart)} ${rest}`, parameters);
  }

  /** False for a book whose marts were built before this one existed. */
  has(mart: MartName): Promise<boolean> {
    return this.context.lake.exists(martKey(mart));
  }

  from(mart: MartName): string {
    return this.fromKey(martKey(mart));
  }

  fromKey(key: string): string {
    return `read_parquet(${sqlText(this.context.lake.path(key))})`;
  }

  /** Computes once for each snapshot and key; a failure is not kept. */
  cached<T>(snapshot: Snapshot, key: string, compute: () => Promise<T>): Promise<T> {
    const stamp = `${snapshot.id} ${snapshot.builtAt}`;
    if (this.#cachedSnapshot !== stamp) {
      this.#cachedSnapshot = stamp;
      this.#cache = new Map();
    }
    const cache = this.#cache;
    const found = cache.get(key) as Promise<T> | undefined;
    if (found) return found;
    const computed = compute();
    cache.set(key, computed);
    computed.catch(() => cache.delete(key));
    return computed;
  }
}
