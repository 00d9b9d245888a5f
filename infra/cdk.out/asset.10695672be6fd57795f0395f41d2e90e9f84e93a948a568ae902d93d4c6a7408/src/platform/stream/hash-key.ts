import { createHash } from 'node:crypto';

/** Hash keys are the 128-bit MD5 of a partition key, as Kinesis has it: for spreading, not for secrecy. */
export const MAX_HASH_KEY = 2n ** 128n - 1n;

export function hashKeyOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
}

export type HashRange = { readonly startHashKey: bigint; readonly endHashKey: bigint };

/** `count` ranges of one size that cover every key. */
export function evenRanges(count: number): HashRange[] {
  const size = (MAX_HASH_KEY + 1n) / BigInt(count);
  return Array.from({ length: count }, (_, i) => ({
    startHashKey: BigInt(i) * size,
    endHashKey: i === count - 1 ? MAX_HASH_KEY : BigInt(i + 1) * size - 1n,
  }));
}

export function isWithin(range: HashRange, hashKey: bigint): boolean {
  return hashKey >= range.startHashKey && hashKey <= range.endHashKey;
}

/** The first key of the upper half. */
export function middleOf({ startHashKey, endHashKey }: HashRange): bigint {
  return startHashKey + (endHashKey - startHashKey + 1n) / 2n;
}
