import { availableParallelism, homedir } from 'node:os';
import { resolve } from 'node:path';
import { AssayError } from '../domain/index.ts';

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything the environment decides, read once. Paths are absolute. */
export type Config = {
  /** Data directory: database, lake, models, keys. */
  readonly home: string;
  /** Address the server listens on. */
  readonly host: string;
  readonly port: number;
  /** PostgreSQL to use instead of the embedded one. */
  readonly databaseUrl?: string;
  /** Port the embedded PostgreSQL should take; unset: a free one, remembered in `home`. */
  readonly databasePort?: number;
  /** Space the embedded PostgreSQL's disk must have free for a transaction to begin, MiB; unset: DISK_RESERVE_MIB. */
  readonly diskReserveMib?: number;
  /** Stream of Kinesis to use instead of the embedded one. */
  readonly kinesisStream?: string;
  /** libxgboost to use instead of the pinned one. */
  readonly xgboostLib?: string;
  /** Threads for native work: libxgboost, DuckDB. */
  readonly nthread: number;
  readonly logLevel: LogLevel;
  /** A lake in S3 (`s3://bucket/folder`) instead of the one under `home`; model files lie there too. */
  readonly lakeUrl?: string;
  /** Where checkpoints of the record are put too (`s3://bucket/folder`), in a bucket that locks them. */
  readonly auditUrl?: string;
  /** Secrets of AWS Secrets Manager to start from: the signing keys, the master key of the persons' keys, the key of protected traits, the login of the database. */
  readonly signingSecret?: string;
  readonly masterSecret?: string;
  readonly sealedSecret?: string;
  readonly databaseSecret?: string;
  /** Key of AWS KMS that signs, instead of one in a file: an id, an ARN or an alias. */
  readonly signingKmsKey?: string;
  /** Public keys that signed before that key did, DER in base64: what they signed verifies. */
  readonly trustedPublicKeys?: readonly string[];
  /** Namespace of CloudWatch that figures are put into, each minute; unset: none. */
  readonly metricsNamespace?: string;
  /** Workgroup of Redshift Serverless that the marts are loaded into, too. */
  readonly martsWorkgroup?: string;
  /** Per-user cache for what can be fetched again (libxgboost). */
  readonly cacheDirectory: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = 4680;
const MAX_PORT = 65_535;
const MAX_RESERVE_MIB = 1_048_576;
const MAX_THREADS = 1024;

/**
 * Reads ASSAY_HOME, HOST, PORT, DATABASE_URL, ASSAY_DATABASE_PORT, XGBOOST_LIB, ASSAY_NTHREAD, ASSAY_LOG_LEVEL, ASSAY_LAKE_URL, ASSAY_AUDIT_URL,
 * ASSAY_KINESIS_STREAM, ASSAY_SIGNING_SECRET, ASSAY_SIGNING_KMS_KEY, ASSAY_TRUSTED_PUBLIC_KEYS, ASSAY_MASTER_SECRET, ASSAY_SEALED_SECRET,
 * ASSAY_DATABASE_SECRET, ASSAY_METRICS_NAMESPACE, ASSAY_MARTS_WORKGROUP and XDG_CACHE_HOME.
 * An empty value counts as unset. Relative paths are relative to `workingDirectory`.
 * @throws AssayError bad_input naming the variable, its value and what it may be.
 */
export function loadConfig(environment: Environment, workingDirectory: string): Config {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const path = (name: string): string | undefined => {
    const value = read(name);
    return value === undefined ? undefined : resolve(workingDirectory, value);
  };
  const port = (name: string): number | undefined => wholeNumber(name, read(name), 0, MAX_PORT);
  const optional = {
    databaseUrl: postgresUrl(read('DATABASE_URL')),
    databasePort: port('ASSAY_DATABASE_PORT'),
    diskReserveMib: wholeNumber('ASSAY_DISK_RESERVE_MIB', read('ASSAY_DISK_RESERVE_MIB'), 0, MAX_RESERVE_MIB),
    kinesisStream: read('ASSAY_KINESIS_STREAM'),
    xgboostLib: path('XGBOOST_LIB'),
    lakeUrl: s3Url('ASSAY_LAKE_URL', read('ASSAY_LAKE_URL')),
    auditUrl: s3Url('ASSAY_AUDIT_URL', read('ASSAY_AUDIT_URL')),
    signingSecret: read('ASSAY_SIGNING_SECRET'),
    signingKmsKey: read('ASSAY_SIGNING_KMS_KEY'),
    trustedPublicKeys: read('ASSAY_TRUSTED_PUBLIC_KEYS')?.split(','),
    masterSecret: read('ASSAY_MASTER_SECRET'),
    sealedSecret: read('ASSAY_SEALED_SECRET'),
    databaseSecret: read('ASSAY_DATABASE_SECRET'),
    metricsNamespace: read('ASSAY_METRICS_NAMESPACE'),
    martsWorkgroup: read('ASSAY_MARTS_WORKGROUP'),
  };
  return Object.freeze({
    home: path('ASSAY_HOME') ?? resolve(workingDirectory, '.assay'),
    host: read('HOST') ?? '127.0.0.1',
    port: port('PORT') ?? DEFAULT_PORT,
    nthread: wholeNumber('ASSAY_NTHREAD', read('ASSAY_NTHREAD'), 1, MAX_THREADS) ?? availableParallelism(),
    logLevel: logLevel(read('ASSAY_LOG_LEVEL')),
    cacheDirectory: resolve(path('XDG_CACHE_HOME') ?? resolve(homedir(), '.cache'), 'assay'),
    ...withoutUndefined(optional),
  });
}

type Optional = Pick<
  Config,
  | 'databaseUrl'
  | 'databasePort'
  | 'diskReserveMib'
  | 'kinesisStream'
  | 'xgboostLib'
  | 'lakeUrl'
  | 'auditUrl'
  | 'signingSecret'
  | 'signingKmsKey'
  | 'trustedPublicKeys'
  | 'masterSecret'
  | 'sealedSecret'
  | 'databaseSecret'
  | 'metricsNamespace'
  | 'martsWorkgroup'
>;

function withoutUndefined(values: { [K in keyof Optional]: Optional[K] | undefined }): Optional {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw badVariable(name, text, `a whole number from ${min} to ${max}`);
}

function logLevel(text: string | undefined): LogLevel {
  if (text === undefined) return 'warn';
  const level = LOG_LEVELS.find((candidate) => candidate === text.toLowerCase());
  if (level) return level;
  throw badVariable('ASSAY_LOG_LEVEL', text, LOG_LEVELS.join(', '));
}

function postgresUrl(text: string | undefined): string | undefined {
  if (text === undefined || (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text))) return text;
  // The text may hold a password: say only how it starts.
  throw badVariable('DATABASE_URL', `${text.slice(0, 8)}…`, 'postgresql://user:password@host:port/database');
}

function s3Url(name: string, text: string | undefined): string | undefined {
  if (text === undefined || /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.-]+)*\/?$/.test(text)) return text;
  throw badVariable(name, text, 's3://bucket or s3://bucket/folder');
}

function badVariable(name: string, given: string, allowed: string): AssayError {
  const what = `the environment variable ${name} is not usable`;
  return new AssayError('bad_input', { what, given, allowed, fix: `correct ${name}, or unset it for the default` });
}
