/** The small interfaces behind which the outside lies. Engines implement them; everything above takes them as arguments. */

export interface Clock {
  now(): Date;
}

export interface Lake {
  /** Absolute local path (or a cached copy) of a key, for engines that read files. */
  path(key: string): string;
  /** Writes atomically: a reader sees the old content or the new, never a part. */
  put(key: string, content: Uint8Array | string): Promise<void>;
  get(key: string): Promise<Uint8Array>;
  exists(key: string): Promise<boolean>;
  /** Keys under a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Makes everything written under `staging` appear under `target` in one step, replacing what was there. */
  publish(staging: string, target: string): Promise<void>;
  remove(prefix: string): Promise<void>;
}

/** Files of the lake that only the holder of a key can read: protected traits, apart from training and scoring. */
export interface SealedZone {
  put(key: string, content: Uint8Array): Promise<void>;
  /** @throws AssayError tampered when it does not open */
  get(key: string): Promise<Uint8Array>;
  exists(key: string): Promise<boolean>;
  list(): Promise<string[]>;
}

export type SqlValue = string | number | bigint | boolean | Date | null;

/** Column vectors of a result: numbers as Float64Array (NaN = null), the rest as arrays. */
export type ResultColumn =
  | { readonly name: string; readonly kind: 'numeric'; readonly values: Float64Array }
  | { readonly name: string; readonly kind: 'text'; readonly values: (string | null)[] };

/** DuckDB on one machine. */
export interface Warehouse {
  run(sql: string, parameters?: readonly SqlValue[]): Promise<void>;
  /** Small results as objects; BIGINT as number when safe, else an error; DECIMAL as number; dates as ISO text. */
  rows<Row = Record<string, string | number | boolean | null>>(
    sql: string,
    parameters?: readonly SqlValue[],
  ): Promise<Row[]>;
  /** Large results by column. */
  columns(sql: string, parameters?: readonly SqlValue[]): Promise<{ rowCount: number; columns: ResultColumn[] }>;
  /** Bulk append in chunks into an existing table; values by column, text/dates as strings, numbers as numbers, null = null. */
  append(table: string, columns: readonly (readonly (string | number | boolean | null)[])[]): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL. */
export interface Database {
  query<Row extends Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Named prepared statement for hot paths. */
  prepared<Row extends Record<string, unknown>>(
    name: string,
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
  /** One prepared statement that is a transaction by itself: it is begun only where a transaction may begin, and durable when it answers. */
  write<Row extends Record<string, unknown>>(name: string, text: string, values?: readonly unknown[]): Promise<Row[]>;
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** By a key in a file (Ed25519), or in a key management service (ECDSA on P-256), which answers later. */
export interface Signer {
  /** Over the bytes; base64. */
  sign(bytes: Uint8Array): Promise<{ keyId: string; signature: string }>;
  /** Offline, by public keys alone. */
  verify(bytes: Uint8Array, signed: { keyId: string; signature: string }): boolean;
}

/** Row-major 32-bit matrix for libxgboost; NaN = missing; categorical columns hold codes. */
export type BoosterMatrix = {
  readonly values: Float32Array;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly featureNames: readonly string[];
  readonly featureTypes: readonly ('q' | 'c')[];
  readonly labels?: Float32Array;
  readonly weights?: Float32Array;
};

export type BoosterTraining = {
  readonly train: BoosterMatrix;
  readonly validation?: BoosterMatrix;
  /** libxgboost parameters, as strings; `nthread` and `seed` must be among them. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly earlyStoppingRounds?: number;
};

export type TrainedBooster = {
  /** XGBoost JSON text, cut at the best iteration when early stopping was on. */
  readonly modelJson: string;
  readonly rounds: number;
  readonly evaluations: readonly { readonly round: number; readonly train: number; readonly validation?: number }[];
};

/** libxgboost in a child process: killed to cancel, never blocks the event loop. */
export interface XgboostEngine {
  readonly version: string;
  train(
    request: BoosterTraining,
    options?: { signal?: AbortSignal; onProgress?: (round: number, rounds: number) => void },
  ): Promise<TrainedBooster>;
  /** Raw margins (log-odds), float32 exact. */
  margins(modelJson: string, matrix: BoosterMatrix): Promise<Float32Array>;
  /** SHAP contributions, rowCount x (columnCount + 1), bias last. */
  contributions(modelJson: string, matrix: BoosterMatrix): Promise<Float32Array>;
  close(): Promise<void>;
}
