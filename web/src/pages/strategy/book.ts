import type { StrategyBook, StrategyGroups } from '../../contract.ts';

/** The book as typed arrays, safest application first. */
export type Book = {
  readonly rows: number;
  /** pd x 65535. */
  readonly pd: Uint16Array;
  /** Minor units; 0 = not known. */
  readonly amountMinor: Float32Array;
  /** 0 repaid, 1 defaulted, 2 not known. */
  readonly outcome: Uint8Array;
  /** What the credit policy says today: 0 approved, 1 counter-offer, 2 referred, 3 declined. */
  readonly decision: Uint8Array;
  /** Share of the amount earned by the policy's price x 10000; 0 where there is none. */
  readonly interest: Uint16Array;
  /** Applications the policy has a price for. */
  readonly priced: number;
  /** Codes of each dimension, in the order of the contract's `dimensions`. */
  readonly dimensions: readonly Uint8Array[];
  /** Codes of each protected attribute; 255 = not known. Empty without permission. */
  readonly groups: readonly Uint8Array[];
};

export const PD_STEPS = 65_535;
export const INTEREST_STEPS = 10_000;
const NO_PRICE = 65_535;

function bytesOf(base64: string): ArrayBuffer {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

export function decodeBook(book: StrategyBook, groups: StrategyGroups | undefined): Book {
  const { columns, dimensions, rows } = book;
  const interest = new Uint16Array(bytesOf(columns.interest));
  return {
    rows,
    pd: new Uint16Array(bytesOf(columns.pd)),
    amountMinor: new Float32Array(bytesOf(columns.amountMinor)),
    outcome: new Uint8Array(bytesOf(columns.outcome)),
    decision: new Uint8Array(bytesOf(columns.decision)),
    interest: interest.map((step) => (step === NO_PRICE ? 0 : step)),
    priced: interest.reduce((count, step) => count + Number(step !== NO_PRICE), 0),
    dimensions: dimensions.map(({ codes }) => new Uint8Array(bytesOf(codes))),
    groups: (groups?.attributes ?? []).map(({ codes }) => new Uint8Array(bytesOf(codes))),
  };
}
