import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type Log = Logger;

/** Fields that never reach a log, wherever they stand: credentials, and what identifies a person. */
const SECRET_FIELDS = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  'databaseUrl',
  'connectionString',
  'fullName',
  'firstName',
  'lastName',
  'nationalId',
  'ssn',
  'email',
  'phone',
  'street',
  'iban',
  'dateOfBirth',
];

/** How deep in a logged object a field is looked for; deeper objects are not logged by Assay. */
const DEPTHS = ['', '*.', '*.*.', '*.*.*.'];

/** JSON lines on stderr (stdout belongs to results), at the configured level. */
export function createLog(config: Pick<Config, 'logLevel'>, destination?: DestinationStream): Log {
  const options = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redactedPaths(), censor: '[redacted]' },
  };
  return pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
}

/** Header names have a dash, which needs the bracket form. */
function redactedPaths(): string[] {
  const plain = DEPTHS.flatMap((depth) => SECRET_FIELDS.map((field) => `${depth}${field}`));
  return [
    ...plain,
    '*["set-cookie"]',
    '*.*["set-cookie"]',
    '["set-cookie"]',
    '*["idempotency-key"]',
    '*.*["idempotency-key"]',
  ];
}
