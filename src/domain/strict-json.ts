import { AssayError } from './errors.ts';

/** How deep a body may nest. */
const MAX_DEPTH = 32;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A run of text without quote, backslash or control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside a string
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * JSON as RFC 8259 writes it, without what `JSON.parse` lets through in silence: a key that repeats, a number that is not
 * finite (1e400) or an integer beyond 2^53 - 1, a `__proto__` key, invalid UTF-8, endless nesting.
 * @throws AssayError bad_input saying what and where
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AssayError(
      'bad_input',
      {
        what: 'the body is not valid UTF-8',
        fix: 'send JSON in UTF-8',
        issues: [{ path: '', message: 'not valid UTF-8' }],
      },
      { cause: error },
    );
  }
  const quick = parsePlain(text);
  return quick === undefined ? new Reader(text).document() : quick;
}

/** May be an integer that a 64-bit float holds only by luck. */
const LONG_NUMBER = /\d{16}/;

/**
 * Most bodies are written by a program in the shortest form. Where the platform's parser gives a value that is written as exactly
 * this text again, no key repeated, no number was rounded or infinite, and nothing was escaped; undefined where that is not so.
 */
function parsePlain(text: string): unknown {
  if (text.includes('__proto__') || LONG_NUMBER.test(text) || openings(text) > MAX_DEPTH) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How many brackets open, at most as many as count: a text nests no deeper. */
function openings(text: string): number {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0 && count <= MAX_DEPTH; at = text.indexOf(bracket, at + 1)) count++;
  }
  return count;
}

/**
 * Written out digit by digit, and beyond 2^53 - 1 in size: several such numbers are one 64-bit float, so that the value may not be what was
 * written. With an exponent (1e300) a number claims no more digits than it has.
 */
function isRoundedByLength(text: string, value: number): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && !/[eE]/.test(text);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    this.#space();
    const value = this.#value(0, '');
    this.#space();
    if (this.#at < this.#text.length) this.#fail('more text after the end of the JSON value', '');
    return value;
  }

  #value(depth: number, path: string): unknown {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH}`, path);
    const first = this.#text[this.#at];
    switch (first) {
      case '{':
        return this.#object(depth, path);
      case '[':
        return this.#array(depth, path);
      case '"':
        return this.#string(path);
      case 't':
        return this.#word('true', true, path);
      case 'f':
        return this.#word('false', false, path);
      case 'n':
        return this.#word('null', null, path);
      default:
        return this.#number(path);
    }
  }

  #object(depth: number, path: string): Record<string, unknown> {
    const members = new Map<string, unknown>();
    this.#at++;
    this.#space();
    if (this.#take('}')) return {};
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('a key in quotes was expected', path);
      const key = this.#string(path);
      const inner = path === '' ? key : `${path}.${key}`;
      if (members.has(key)) this.#fail('the key repeats', inner);
      if (key === '__proto__') this.#fail('this key is not allowed', inner);
      this.#space();
      if (!this.#take(':')) this.#fail('":" was expected', inner);
      this.#space();
      members.set(key, this.#value(depth + 1, inner));
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('"," or "}" was expected', path);
    return Object.fromEntries(members);
  }

  #array(depth: number, path: string): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#take(']')) return items;
    do {
      this.#space();
      items.push(this.#value(depth + 1, `${path}[${items.length}]`));
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail('"," or "]" was expected', path);
    return items;
  }

  #string(path: string): string {
    this.#at++;
    let value = '';
    for (;;) {
      PLAIN_TEXT.lastIndex = this.#at;
      const plain = PLAIN_TEXT.exec(this.#text)?.[0] ?? '';
      value += plain;
      this.#at += plain.length;
      if (this.#take('"')) return value;
      if (!this.#take('\\')) this.#fail('a text that does not end, or holds a control character', path);
      value += this.#escape(path);
    }
  }

  #escape(path: string): string {
    const kind = this.#text[this.#at++] ?? '';
    const plain = ESCAPES[kind];
    if (plain !== undefined) return plain;
    const hex = this.#text.slice(this.#at, this.#at + 4);
    if (kind !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail('an escape that JSON does not have', path);
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(path: string): number {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0];
    if (text === undefined) return this.#fail('a JSON value was expected', path);
    this.#at += text.length;
    const value = Number(text);
    if (!Number.isFinite(value)) this.#fail(`the number ${text.slice(0, 30)} is not finite`, path);
    if (isRoundedByLength(text, value)) this.#fail(`the number ${text.slice(0, 30)} is too large to be exact`, path);
    return value;
  }

  #word<T>(word: string, value: T, path: string): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('a JSON value was expected', path);
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #fail(message: string, path: string): never {
    throw new AssayError('bad_input', {
      what: 'the body is not JSON that can be trusted',
      given: `${message}, at character ${this.#at}`,
      fix: 'send one JSON value, keys once, numbers finite',
      issues: [{ path, message }],
    });
  }
}
