import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AssayError } from '../../domain/index.ts';
import { type DelimitedOptions, type DelimitedRow, type Dialect, readDelimited, readDialect } from './index.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-delimited-'));
});
after(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, content);
  return path;
}

async function read(content: string | Uint8Array, options: DelimitedOptions = {}) {
  const rows: DelimitedRow[] = [];
  let dialect: Dialect | undefined;
  for await (const batch of readDelimited(await fileOf(content), options)) {
    dialect = batch.dialect;
    rows.push(...batch.rows);
  }
  return { dialect: dialect!, rows, cells: rows.map((row) => row.cells) };
}

async function refused(content: string | Uint8Array, options: DelimitedOptions = {}): Promise<AssayError> {
  const error = await read(content, options).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AssayError, `expected a refusal, got ${String(error)}`);
  return error;
}

test('quotes, doubled quotes, embedded line ends and CRLF; lines are physical', async () => {
  const { rows, cells } = await read('a,b\r\n1,"x ""y"", z"\r\n\r\n2,"two\nlines"\r\n3,plain\r\n');
  assert.deepEqual(cells, [
    ['1', 'x "y", z'],
    ['2', 'two\nlines'],
    ['3', 'plain'],
  ]);
  assert.deepEqual(
    rows.map((row) => [row.index, row.line]),
    [
      [0, 2],
      [1, 4],
      [2, 6],
    ],
  );
});

test('the delimiter is found among , ; tab | and whitespace', async () => {
  for (const [delimiter, mark] of [
    [',', ','],
    [';', ';'],
    ['\t', '\t'],
    ['|', '|'],
    ['whitespace', ' '],
  ] as const) {
    const text = ['a,b,c'.replaceAll(',', mark), '1,2,3'.replaceAll(',', mark)].join('\n');
    const { dialect, cells } = await read(text);
    assert.equal(dialect.delimiter, delimiter);
    assert.deepEqual(cells, [['1', '2', '3']]);
  }
});

test('a decimal comma does not win over the semicolon that separates', async () => {
  const { dialect } = await read('a;b;c\n1,5;2,5;3\n1,0;2;3,7\n');
  assert.equal(dialect.delimiter, ';');
});

test('ragged rows are reported, not thrown, and counted', async () => {
  const { rows } = await read('a,b\n1,2\n1,2,3\nx\n');
  assert.deepEqual(
    rows.map((row) => row.fault?.kind ?? null),
    [null, 'ragged', 'ragged'],
  );
  assert.match(rows[1]!.fault!.message, /3 cells where the header has 2/);
  assert.equal(rows[1]!.fault!.raw, '1,2,3');
});

test('repeated and empty header names are detected and made unique', async () => {
  const { dialect } = await read(',a,a,b\n1,2,3,4\n');
  assert.deepEqual(dialect.header, ['c1', 'a', 'a_2', 'b']);
  assert.deepEqual(dialect.unnamed, [0]);
  assert.deepEqual(dialect.repeated, [{ name: 'a', positions: [1, 2] }]);
});

test('no header: columns are c1, c2 …', async () => {
  const { dialect, cells } = await read('A11 6 x\nA12 48 y\n', { header: false });
  assert.deepEqual(dialect.header, ['c1', 'c2', 'c3']);
  assert.equal(cells.length, 2);
});

test('what unfolds without end is refused long before its end, whatever it holds', async () => {
  for (const piece of ['\n', `1,${'2'.repeat(1000)}\n`, 'x']) {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 ** 2, piece));
    assert.match((await refused(bomb)).message, /decompression bomb|is empty|does not end within/);
  }
});

test('gzip is told by its bytes; a cut file and an unfolding limit end in a clear error', async () => {
  const text = `a,b\n${'1,2\n'.repeat(50_000)}`;
  const packed = gzipSync(text);
  assert.equal((await read(packed)).rows.length, 50_000);
  assert.match((await refused(packed.subarray(0, packed.length - 20))).message, /damaged gzip.*copy or download/);
  assert.match((await refused(packed, { maxDecompressedBytes: 1000 })).message, /unfolds to more/);
});

test('encodings: byte order marks, UTF-16 with and without mark, latin1 by name', async () => {
  const text = 'naïve,b\né,2\n';
  const utf16 = Buffer.from(text, 'utf16le');
  const swapped = Buffer.from(utf16).swap16();
  const variants: [Uint8Array, DelimitedOptions][] = [
    [Buffer.from(`\ufeff${text}`), {}],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), {}],
    [utf16, {}],
    [Buffer.concat([Buffer.from([0xfe, 0xff]), swapped]), {}],
    [Buffer.from(text, 'latin1'), { encoding: 'latin1' }],
  ];
  for (const [bytes, options] of variants) {
    const { dialect, cells } = await read(bytes, options);
    assert.deepEqual(dialect.header, ['naïve', 'b']);
    assert.deepEqual(cells, [['é', '2']]);
  }
});

test('an invalid UTF-8 byte names its line and the way out', async () => {
  const good = `a,b\n${'é,2\n'.repeat(200_000)}`;
  const error = await refused(Buffer.concat([Buffer.from(good), Buffer.from([0x78, 0xe9, 0x2c, 0x31, 0x0a])]));
  assert.equal(error.code, 'bad_input');
  assert.match(error.message, /0xe9 on line 200002.*--encoding latin1/);
});

test('a cell of a million characters makes its row a fault that names the field', async () => {
  const { rows } = await read(`id,note\n1,${'x'.repeat(1_000_000)}\n2,ok\n`);
  assert.equal(rows[0]!.fault?.kind, 'cell_too_long');
  assert.equal(rows[0]!.fault?.field, 'note');
  assert.ok(rows[0]!.fault!.raw.length <= 2000);
  assert.equal(rows[1]!.fault, null);
});

test('a quote that is never closed is a fault, or ends the read above the record limit', async () => {
  const { rows } = await read('a,b\n1,"open\n2,3\n');
  assert.deepEqual(
    rows.map((row) => row.fault?.kind),
    ['unclosed_quote'],
  );
  const error = await refused(`a,b\n1,"open\n${'2,3\n'.repeat(100_000)}`, { maxRecordChars: 100_000 });
  assert.match(error.message, /starts on line 2 does not end/);
});

test('empty, missing, binary and foreign files are refused in words', async () => {
  assert.match((await refused('')).message, /empty/);
  assert.match((await refused('\n \n')).message, /empty/);
  assert.match((await refused(Buffer.from('PK\u0003\u0004rest'))).message, /zip archive or an Excel/);
  assert.match((await refused(Buffer.from('a,b\n1,\u00002\n'))).message, /zero bytes/);
  await assert.rejects(readDialect(join(folder, 'nowhere.csv')), /no such file.*nowhere\.csv/);
});

test('a header without rows is one batch without rows', async () => {
  const { dialect, rows } = await read('a,b\n');
  assert.deepEqual(dialect.header, ['a', 'b']);
  assert.equal(rows.length, 0);
});

test('an aborted read is cancelled', async () => {
  const path = await fileOf(`a,b\n${'1,2\n'.repeat(1_000_000)}`);
  const controller = new AbortController();
  const reading = (async () => {
    for await (const _ of readDelimited(path, { signal: controller.signal, batchRows: 100 })) controller.abort();
  })();
  await assert.rejects(reading, (error) => error instanceof AssayError && error.code === 'cancelled');
});

test('any table written by the rules is read back cell by cell, wherever chunks end', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '1', '漢', '😀'), maxLength: 8 });
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(table, fc.boolean(), async (rows, crlf) => {
      const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
      const text = ['"a","b","c"', ...quoted].join(crlf ? '\r\n' : '\n');
      const { cells } = await read(text, { delimiter: ',' });
      assert.deepEqual(cells, rows);
    }),
    { numRuns: 60, seed: 7 },
  );
});

test('records that straddle chunks keep cells and line numbers', async () => {
  const long = `"${'é,\n""'.repeat(20_000)}"`;
  const lines = Array.from({ length: 30 }, (_, i) => `${i},${long}`);
  const { rows } = await read(`n,t\n${lines.join('\n')}\n`, { maxCellChars: 1_000_000 });
  assert.equal(rows.length, 30);
  rows.forEach((row, i) => {
    assert.equal(row.cells[0], String(i));
    assert.equal(row.cells[1]!.length, 80_000);
    assert.equal(row.line, 2 + i * 20_001);
  });
});
