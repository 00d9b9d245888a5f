import { AssayError } from '../../domain/index.ts';
import type { StreamLimits, StreamRecord } from './contract.ts';

export const EMBEDDED_LIMITS: StreamLimits = {
  recordsPerPut: 10_000,
  bytesPerPut: 16 * 1024 * 1024,
  bytesPerRecord: 1024 * 1024,
  recordsPerRead: 10_000,
};

/** Those of the service, as documented for PutRecords and GetRecords. */
export const KINESIS_LIMITS: StreamLimits = {
  recordsPerPut: 500,
  bytesPerPut: 5 * 1024 * 1024,
  bytesPerRecord: 1024 * 1024,
  recordsPerRead: 10_000,
};

const MAX_KEY_CHARS = 256;

/** @throws AssayError bad_input naming the limit */
export function checkPut(limits: StreamLimits, records: readonly StreamRecord[]): void {
  if (records.length > limits.recordsPerPut) throw over('records in a put', records.length, limits.recordsPerPut);
  let bytes = 0;
  for (const { partitionKey, data } of records) {
    if (partitionKey.length < 1 || partitionKey.length > MAX_KEY_CHARS) {
      throw over('characters of a partition key', partitionKey.length, MAX_KEY_CHARS);
    }
    if (data.length > limits.bytesPerRecord) throw over('bytes of a record', data.length, limits.bytesPerRecord);
    bytes += partitionKey.length + data.length;
  }
  if (bytes > limits.bytesPerPut) throw over('bytes of a put', bytes, limits.bytesPerPut);
}

/** Puts of as many records as the limits allow, in order. */
export function* putsOf(limits: StreamLimits, records: readonly StreamRecord[]): Generator<StreamRecord[]> {
  let [put, bytes]: [StreamRecord[], number] = [[], 0];
  for (const record of records) {
    const size = record.partitionKey.length + record.data.length;
    if (put.length > 0 && (put.length === limits.recordsPerPut || bytes + size > limits.bytesPerPut)) {
      yield put;
      [put, bytes] = [[], 0];
    }
    put.push(record);
    bytes += size;
  }
  if (put.length > 0) yield put;
}

function over(what: string, given: number, allowed: number): AssayError {
  return new AssayError('bad_input', {
    what: `${what}: out of bounds`,
    given: String(given),
    allowed: `1 to ${allowed}`,
    fix: 'send it in smaller pieces',
  });
}
