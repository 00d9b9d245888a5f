/**
 * Writes a WebAssembly module of one function without parameters, over one imported memory: what a kernel of straight-line vector
 * arithmetic needs, and no more. Encoding: https://webassembly.github.io/spec/core/binary/
 */

export type WasmType = 'i32' | 'v128';

/** What is used of the platform's own: its types come with those of browsers only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { readonly exports: { readonly run: () => void } };
  Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
};
export type WasmMemory = { readonly buffer: ArrayBuffer };

/** At least so many bytes, all zero; never grows. */
export function wasmMemory(bytes: number): WasmMemory {
  const pages = pagesFor(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

/** The function of a module, on a memory of its own. */
export function instantiate(module: Uint8Array<ArrayBuffer>, memory: WasmMemory): () => void {
  return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports.run;
}

const TYPES: Readonly<Record<WasmType, number>> = { i32: 0x7f, v128: 0x7b };
const EMPTY_BLOCK = 0x40;
const SIMD = 0xfd;
const PAGE_BYTES = 65_536;

const OPCODES = {
  ...{ 'i32.add': 0x6a, 'i32.or': 0x72, 'i32.shl': 0x74, 'i32.xor': 0x73, 'i32.lt_u': 0x49, 'i64.extend_i32_u': 0xad },
} as const;
const VECTOR_OPCODES = {
  ...{ 'i64x2.splat': 0x12, 'i64x2.eq': 0xd6, 'i64x2.bitmask': 0xc4, 'f64x2.gt': 0x4a },
  ...{ 'v128.and': 0x4e, 'v128.andnot': 0x4f, 'v128.bitselect': 0x52, 'f64x2.promote_low_f32x4': 0x5f },
  ...{ 'f64x2.add': 0xf0, 'f64x2.sub': 0xf1, 'f64x2.mul': 0xf2 },
} as const;
const LOADS = { 'i32.load': [0x28], 'i32.load16_u': [0x2f] } as const;
const VECTOR_LOADS = { 'v128.load': 0x00, 'v128.load64_zero': 0x5d } as const;

/** Instructions of one function, in order; each method adds one or a few. */
export class WasmFunction {
  readonly #code: number[] = [];
  readonly #locals: WasmType[] = [];

  local(type: WasmType): number {
    return this.#locals.push(type) - 1;
  }

  get(local: number): this {
    return this.#add(0x20, ...unsigned(local));
  }

  set(local: number): this {
    return this.#add(0x21, ...unsigned(local));
  }

  i32(value: number): this {
    return this.#add(0x41, ...signed(value));
  }

  /** Both lanes hold the value. */
  splat(value: number): this {
    return this.#add(0x44, ...bytesOf(value)).#vector(0x14);
  }

  do(operation: keyof typeof OPCODES | keyof typeof VECTOR_OPCODES): this {
    if (operation in OPCODES) return this.#add(OPCODES[operation as keyof typeof OPCODES]);
    return this.#vector(VECTOR_OPCODES[operation as keyof typeof VECTOR_OPCODES]);
  }

  /** Takes an address; `offset` is added to it. */
  load(operation: keyof typeof LOADS | keyof typeof VECTOR_LOADS, offset: number): this {
    if (operation in LOADS) this.#add(...LOADS[operation as keyof typeof LOADS]);
    else this.#vector(VECTOR_LOADS[operation as keyof typeof VECTOR_LOADS]);
    return this.#add(0, ...unsigned(offset));
  }

  /** Takes an address and a vector, and puts eight bytes from the address into its second lane. */
  loadSecondLane(offset: number): this {
    return this.#vector(0x57).#add(0, ...unsigned(offset), 1);
  }

  /** Adds lane `lane` of a vector to the float64 at the address that `address` pushes, plus `offset`. */
  addToMemory(address: () => void, vector: number, lane: 0 | 1, offset: number): void {
    address();
    address();
    this.#add(0x2b, 0, ...unsigned(offset));
    this.get(vector).#vector(0x21).#add(lane, 0xa0);
    this.#add(0x39, 0, ...unsigned(offset));
  }

  /** Takes a condition. */
  ifThen(then: () => void, otherwise: () => void): this {
    this.#add(0x04, EMPTY_BLOCK);
    then();
    this.#add(0x05);
    otherwise();
    return this.#add(0x0b);
  }

  /** Runs the body, and again while the condition that it leaves is not zero. */
  repeat(body: () => void): this {
    this.#add(0x03, EMPTY_BLOCK);
    body();
    return this.#add(0x0d, 0, 0x0b);
  }

  /** The module; memory is imported as `env.memory`, the function exported as `run`. */
  module(memoryBytes: number): Uint8Array<ArrayBuffer> {
    const locals = this.#locals.flatMap((type) => [1, TYPES[type]]);
    const body = [...unsigned(this.#locals.length), ...locals];
    const size = unsigned(body.length + this.#code.length + 1);
    const pages = unsigned(pagesFor(memoryBytes));
    return Uint8Array.from(
      [
        [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        section(1, [1, 0x60, 0, 0]),
        section(2, [1, ...name('env'), ...name('memory'), 2, 0, ...pages]),
        section(3, [1, 0]),
        section(7, [1, ...name('run'), 0, 0]),
        section(10, [[1], size, body, this.#code, [0x0b]].flat()),
      ].flat(),
    );
  }

  #add(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }

  #vector(opcode: number): this {
    return this.#add(SIMD, ...unsigned(opcode));
  }
}

function pagesFor(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest >= -64 && rest < 64) return [...bytes, rest & 0x7f];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function bytesOf(value: number): Uint8Array {
  return new Uint8Array(new Float64Array([value]).buffer);
}
