import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AssayError } from '../../src/domain/index.ts';

const BLOCK = 4096;

type Damage = (bytes: Buffer, random: () => number) => Buffer;

const zeros = (count: number): Buffer => Buffer.alloc(count);
const noise = (count: number, random: () => number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
/** Where a write of whole blocks may have ended. */
const lastBlock = (bytes: Buffer): number => Math.floor((bytes.length - 1) / BLOCK) * BLOCK;

/** What a write that did not reach the disk whole, and what a file system mends in it, may leave of a file. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'nothing of it': () => zeros(0),
  'its first byte': (bytes) => bytes.subarray(0, 1),
  'the first half': (bytes) => bytes.subarray(0, bytes.length >> 1),
  'whole blocks': (bytes) => bytes.subarray(0, lastBlock(bytes)),
  'all but the last byte': (bytes) => bytes.subarray(0, -1),
  'zeros throughout': (bytes) => zeros(bytes.length),
  'zeros from the last block on': (bytes) => Buffer.concat([bytes.subarray(0, lastBlock(bytes)), zeros(BLOCK)]),
  'zeros in the last 64 bytes': (bytes) => Buffer.concat([bytes.subarray(0, -64), zeros(Math.min(64, bytes.length))]),
  'noise in the last 64 bytes': (bytes, random) =>
    Buffer.concat([bytes.subarray(0, -64), noise(Math.min(64, bytes.length), random)]),
  'noise behind its end': (bytes, random) => Buffer.concat([bytes, noise(64, random)]),
};

export type Verdict = 'recovered' | 'refused' | 'unnamed' | 'silent';
export type Trial = {
  readonly file: string;
  readonly damage: string;
  readonly verdict: Verdict;
  readonly message: string;
};

/**
 * Damages a file in every way, reads the state each time and puts the file back. Good outcomes: the state as before (`recovered`),
 * or an error that names the file (`refused`). Bad: an error that does not (`unnamed`), another state without a word (`silent`).
 * @param read the state that depends on the file, by the program's own ways; what it leaves behind it must undo itself
 */
export async function tear(
  path: string,
  read: () => Promise<unknown>,
  options: { readonly random: () => number; readonly names?: readonly string[]; readonly only?: number },
): Promise<Trial[]> {
  const whole = await readFile(path);
  const expected = JSON.stringify(await read());
  const trials: Trial[] = [];
  for (const [damage, apply] of Object.entries(DAMAGES).slice(0, options.only)) {
    await writeFile(path, apply(whole, options.random));
    trials.push({ file: path, damage, ...(await verdictOf(expected, read, options.names ?? [basename(path)])) });
    await writeFile(path, whole);
  }
  return trials;
}

async function verdictOf(
  expected: string,
  read: () => Promise<unknown>,
  names: readonly string[],
): Promise<Pick<Trial, 'verdict' | 'message'>> {
  try {
    const found = JSON.stringify(await read());
    return found === expected
      ? { verdict: 'recovered', message: '' }
      : { verdict: 'silent', message: found.slice(0, 400) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isNamed = names.some((name) => message.includes(name));
    const said = error instanceof AssayError ? message : `${error instanceof Error ? error.name : ''} ${message}`;
    return { verdict: isNamed ? 'refused' : 'unnamed', message: said.slice(0, 400) };
  }
}
