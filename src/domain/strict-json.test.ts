import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssayError } from './errors.ts';
import { parseStrictJson } from './strict-json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

/** A number in it that JSON.stringify writes out digit by digit and that is larger than an exact one. */
function holdsInexactInteger(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER && !String(value).includes('e');
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInexactInteger);
}

test('reads whatever JSON.stringify writes, and refuses what holds an integer beyond 2^53 - 1', () => {
  const json = fc.jsonValue({ noUnicodeString: false });
  const edge = fc.tuple(fc.constantFrom(1, -1), fc.integer({ min: -4, max: 4 }), json);
  const nearEdge = edge.map(([sign, more, value]) => [value, sign * (2 ** 53 + more)]);
  fc.assert(
    fc.property(fc.oneof(json, nearEdge), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      fc.pre(!text.includes('"__proto__"'));
      if (holdsInexactInteger(value)) assert.throws(() => parse(text), { code: 'bad_input' });
      else assert.deepEqual(parse(text), JSON.parse(text));
    }),
  );
});

test('integers up to 2^53 - 1 on either side of zero are read, beyond it refused, in whatever form they are written out', () => {
  const read = ['9007199254740991', '-9007199254740991', '9007199254740991.0', '9007199254740990.5', '1e300', '-1E+22'];
  for (const text of read) assert.equal(parse(text), Number(text), text);
  const beyond = [
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
    '-9007199254740993',
    '1'.padEnd(21, '0'),
  ];
  for (const text of [...beyond, '9007199254740992.0', '9007199254740993.5', `{"a":[-9007199254740992]}`]) {
    assert.throws(() => parse(text), { code: 'bad_input' }, text);
    assert.throws(() => parse(` ${text} `), { code: 'bad_input' }, text);
  }
});

const hostile: Record<string, string | Uint8Array> = {
  'a key that repeats': '{"pd":1,"pd":2}',
  'a key that repeats under another spelling': '{"pd":1,"\\u0070d":2}',
  'a number that is not finite': '{"a":1e400}',
  'an integer that is not exact': '{"a":9007199254740993}',
  'a prototype': '{"__proto__":{"admin":true}}',
  'a prototype, escaped': '{"__proto\\u005f_":1}',
  NaN: '{"a":NaN}',
  Infinity: '{"a":-Infinity}',
  hexadecimal: '{"a":0x10}',
  'a leading zero': '{"a":01}',
  'a bare point': '{"a":1.}',
  'a comment': '{"a":1}//x',
  'a comma at the end': '{"a":1,}',
  'a comma at the end of an array': '[1,]',
  'single quotes': "{'a':1}",
  'a control character': '{"a":"x\u0001"}',
  'an unknown escape': '{"a":"\\x41"}',
  'half an escape': '{"a":"\\u12"}',
  'no end': '{"a":[1,2',
  'two values': '{} {}',
  nothing: '',
  'white space only': '  \n',
  'nesting without end': '['.repeat(100_000),
  'invalid UTF-8': new Uint8Array([0x22, 0xc3, 0x28, 0x22]),
  'an overlong encoding': new Uint8Array([0x22, 0xc0, 0xaf, 0x22]),
  'UTF-16': new Uint8Array(Buffer.from('{"a":1}', 'utf16le')),
};

for (const [name, body] of Object.entries(hostile)) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => parseStrictJson(typeof body === 'string' ? Buffer.from(body) : body),
      (error) => error instanceof AssayError && error.code === 'bad_input',
    );
  });
}

test('says where', () => {
  assert.throws(
    () => parse('{"a":{"b":[1,{"c":1,"c":2}]}}'),
    (error) => error instanceof AssayError && error.parts.issues?.[0]?.path === 'a.b[1].c',
  );
});

test('the short form and the same JSON with spaces are read alike', () => {
  const read = (text: string): unknown => {
    try {
      return { value: parseStrictJson(Buffer.from(text)) };
    } catch (error) {
      assert.ok(error instanceof AssayError);
      return 'refused';
    }
  };
  const numbers = fc.constantFrom(
    '9007199254740991',
    '9007199254740992',
    '-9007199254740993',
    '0',
    '0.1',
    '12345678.125',
  );
  const text = fc.tuple(fc.json({ maxDepth: 6 }), numbers).map(([json, number]) => `{"a":${json},"n":${number}}`);
  fc.assert(fc.property(text, (json) => assert.deepEqual(read(json), read(` ${json}`))));
  for (const depth of [30, 31, 32, 33]) {
    const nested = `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    assert.deepEqual(read(nested), read(` ${nested}`));
  }
  assert.equal(read('{"__proto__":1}'), 'refused');
  assert.equal(read('{"n":9007199254740992}'), 'refused');
});
