import { AssayError } from '../../domain/index.ts';

/**
 * XGBoost's binary model file (UBJSON, the `xgboost-model` of SageMaker's built-in algorithm) and its JSON model hold the
 * same document; these two functions change one into the other.
 * Format: https://ubjson.org, as XGBoost 3.0 writes it: lengths as `L`, arrays counted, the arrays of a tree typed.
 */

/** Deeper documents and longer arrays are no models. */
const MAX_DEPTH = 32;
const MAX_ITEMS = 200_000_000;

type Marker = 'd' | 'D' | 'l' | 'L' | 'U' | 'i' | 'I';
type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

const BYTES: Readonly<Record<Marker, number>> = { d: 4, D: 8, l: 4, L: 8, U: 1, i: 1, I: 2 };

/** The arrays of a tree that XGBoost writes typed; all others are arrays of values. */
const TYPED: Readonly<Record<string, Marker>> = {
  base_weights: 'd',
  loss_changes: 'd',
  split_conditions: 'd',
  sum_hessian: 'd',
  categories: 'l',
  categories_nodes: 'l',
  categories_segments: 'L',
  categories_sizes: 'L',
  default_left: 'U',
  split_type: 'U',
  left_children: 'l',
  right_children: 'l',
  parents: 'l',
  split_indices: 'l',
};

/**
 * The JSON text of a model in UBJSON. Numbers keep their bits: a float32 is written with the digits of the double it is.
 * @throws AssayError bad_input for bytes that are not such a document: cut short, too deep, an unknown marker
 * @example readTreeModel(ubjsonToModelJson(await readFile('xgboost-model')), inputs)
 */
export function ubjsonToModelJson(bytes: Uint8Array): string {
  const reader = new Reader(bytes);
  const document = reader.value(0);
  reader.end();
  return JSON.stringify(document);
}

/**
 * The UBJSON of a JSON model, byte for byte what XGBoost 3.0 writes for it: stock XGBoost opens it in any language.
 * @throws AssayError bad_input when the text is not JSON
 */
export function modelJsonToUbjson(modelJson: string): Uint8Array {
  const writer = new Writer();
  writer.value(parse(modelJson), '');
  return writer.bytes();
}

function parse(modelJson: string): Value {
  try {
    return JSON.parse(modelJson);
  } catch (cause) {
    throw new AssayError('bad_input', { what: 'the tree model is not JSON', given: String(cause) }, { cause });
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#broken(`${this.#bytes.length - this.#at} bytes after its end`);
  }

  value(depth: number): Value {
    if (depth > MAX_DEPTH) throw this.#broken(`nested deeper than ${MAX_DEPTH}`);
    const marker = this.#marker();
    if (marker === '{') return this.#object(depth);
    if (marker === '[') return this.#array(depth);
    if (marker === 'S') return this.#text();
    if (marker === 'Z') return null;
    if (marker === 'T' || marker === 'F') return marker === 'T';
    return this.#number(this.#numberMarker(marker));
  }

  #object(depth: number): Value {
    const members = new Map<string, Value>();
    while (this.#peek() !== '}') {
      const key = this.#text();
      if (members.has(key)) throw this.#broken(`the key ${JSON.stringify(key.slice(0, 50))} twice`);
      members.set(key, this.value(depth + 1));
    }
    this.#at += 1;
    return Object.fromEntries(members);
  }

  #array(depth: number): Value[] {
    const typed = this.#peek() === '$';
    if (typed) this.#at += 1;
    const type = typed ? this.#numberMarker(this.#marker()) : undefined;
    if (this.#peek() !== '#') return this.#openArray(depth);
    this.#at += 1;
    const count = this.#count();
    if (type === undefined) return Array.from({ length: count }, () => this.value(depth + 1));
    if (count * BYTES[type] > this.#bytes.length - this.#at) throw this.#broken('it ends inside an array');
    return Array.from({ length: count }, () => this.#number(type));
  }

  #openArray(depth: number): Value[] {
    const items: Value[] = [];
    while (this.#peek() !== ']') items.push(this.value(depth + 1));
    this.#at += 1;
    return items;
  }

  #text(): string {
    const length = this.#count();
    const from = this.#skip(length);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(from, from + length));
    } catch {
      throw this.#broken('a text that is not UTF-8');
    }
  }

  #count(): number {
    const count = this.#number(this.#numberMarker(this.#marker()));
    // Every item takes at least a byte, so a count above what is left is a lie.
    if (Number.isInteger(count) && count >= 0 && count <= Math.min(MAX_ITEMS, this.#bytes.length)) return count;
    throw this.#broken(`a length of ${count}`);
  }

  #number(marker: Marker): number {
    const at = this.#skip(BYTES[marker]);
    switch (marker) {
      case 'd':
        return this.#view.getFloat32(at);
      case 'D':
        return this.#view.getFloat64(at);
      case 'l':
        return this.#view.getInt32(at);
      case 'L':
        return Number(this.#view.getBigInt64(at));
      case 'U':
        return this.#view.getUint8(at);
      case 'i':
        return this.#view.getInt8(at);
      case 'I':
        return this.#view.getInt16(at);
    }
  }

  #numberMarker(text: string): Marker {
    if (isMarker(text)) return text;
    throw this.#broken(`the marker ${JSON.stringify(text)}`);
  }

  #marker(): string {
    return String.fromCharCode(this.#bytes[this.#skip(1)]!);
  }

  #peek(): string {
    if (this.#at >= this.#bytes.length) throw this.#broken('it ends too early');
    return String.fromCharCode(this.#bytes[this.#at]!);
  }

  #skip(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw this.#broken('it ends too early');
    this.#at += count;
    return at;
  }

  #broken(given: string): AssayError {
    return new AssayError('bad_input', {
      what: 'the tree model is not UBJSON',
      given: `${given}, at byte ${this.#at}`,
      allowed: "XGBoost's own binary model (save_model to .ubj, or the xgboost-model of SageMaker)",
      fix: 'fetch model.tar.gz again and unpack it, or save the model again with stock XGBoost',
    });
  }
}

function isMarker(text: string): text is Marker {
  return Object.hasOwn(BYTES, text);
}

class Writer {
  #buffer = Buffer.alloc(1 << 16);
  #length = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** `key`: the name the value has in its object; it decides the type of an array. */
  value(value: Value, key: string): void {
    if (value === null) this.#mark('Z');
    else if (typeof value === 'boolean') this.#mark(value ? 'T' : 'F');
    else if (typeof value === 'string') {
      this.#mark('S');
      this.#text(value);
    } else if (typeof value === 'number') this.#plainNumber(value);
    else if (Array.isArray(value)) this.#array(value, TYPED[key]);
    else this.#object(value);
  }

  #object(members: { readonly [key: string]: Value }): void {
    this.#mark('{');
    for (const [key, value] of Object.entries(members)) {
      this.#text(key);
      this.value(value, key);
    }
    this.#mark('}');
  }

  #array(items: readonly Value[], type: Marker | undefined): void {
    this.#mark('[');
    if (type !== undefined) {
      this.#mark('$');
      this.#mark(type);
    }
    this.#mark('#');
    this.#mark('L');
    this.#number('L', items.length);
    for (const item of items) {
      if (type === undefined) this.value(item, '');
      else this.#number(type, Number(item));
    }
  }

  #text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.#mark('L');
    this.#number('L', bytes.length);
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** A single number: the smallest integer type that holds it, as XGBoost chooses it; else float32. */
  #plainNumber(value: number): void {
    const type = !Number.isInteger(value)
      ? 'd'
      : Math.abs(value) < 2 ** 7 - 1
        ? 'i'
        : Math.abs(value) < 2 ** 15 - 1
          ? 'I'
          : Math.abs(value) < 2 ** 31 - 1
            ? 'l'
            : 'L';
    this.#mark(type);
    this.#number(type, value);
  }

  #number(type: Marker, value: number): void {
    const at = this.#reserve(BYTES[type]);
    switch (type) {
      case 'd':
        return void this.#buffer.writeFloatBE(value, at);
      case 'D':
        return void this.#buffer.writeDoubleBE(value, at);
      case 'l':
        return void this.#buffer.writeInt32BE(value, at);
      case 'L':
        return void this.#buffer.writeBigInt64BE(BigInt(value), at);
      case 'U':
        return void this.#buffer.writeUInt8(value, at);
      case 'i':
        return void this.#buffer.writeInt8(value, at);
      case 'I':
        return void this.#buffer.writeInt16BE(value, at);
    }
  }

  #mark(marker: string): void {
    const at = this.#reserve(1);
    this.#buffer[at] = marker.charCodeAt(0);
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      this.#buffer = Buffer.concat([this.#buffer], Math.max(this.#length, this.#buffer.length * 2));
    }
    return at;
  }
}
