import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { AssayError, type AssayErrorCode } from '../../domain/index.ts';
import { ensureXgboost, findXgboost } from './ensure-xgboost.ts';
import { WHEELS, XGBOOST_VERSION } from './wheels.ts';
import { readZip } from './zip.ts';

/** A ZIP archive by the book: local headers, directory, end. */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const [content, packed] = [Buffer.from(text), deflateRawSync(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entryAt = Buffer.alloc(14);
    entryAt.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, entryAt, Buffer.from(name)]));
    locals.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from('PK\x05\x06'), end]);
}

const failsWith =
  (code: AssayErrorCode, text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof AssayError && error.code === code && text.test(error.message);
const newPlaces = async (): Promise<{ home: string; cacheDirectory: string }> => {
  const home = await mkdtemp(join(tmpdir(), 'assay-library-'));
  return { home, cacheDirectory: join(home, 'cache-of-user') };
};

test('an archive is read, and a damaged one refused', () => {
  const files = { 'a/b.txt': 'x'.repeat(10_000), c: 'ž' };
  const archive = zipOf(files);
  const read = Object.fromEntries(readZip(archive).map((entry) => [entry.name, Buffer.from(entry.read()).toString()]));
  assert.deepEqual(read, files);
  assert.throws(() => readZip(archive.subarray(0, -1)), failsWith('bad_input', /archive/));
  assert.throws(() => readZip(Buffer.from('not an archive, not even nearly')), failsWith('bad_input', /no directory/));
  const lying = Buffer.from(archive);
  lying.writeUInt32LE(10_001, lying.indexOf('PK\x01\x02') + 24);
  assert.throws(() => readZip(lying)[0]?.read(), AssayError);
});

test('a wheel that is not the pinned one is refused before anything of it is used', async () => {
  const places = await newPlaces();
  const wheel = join(places.home, 'x.whl');
  await writeFile(wheel, zipOf({ 'xgboost/lib/libxgboost.so': 'evil' }));
  await assert.rejects(ensureXgboost(places, { fromFile: wheel }), failsWith('tampered', /not the pinned one/));
  await assert.rejects(ensureXgboost(places, { fromFile: `${wheel}x` }), failsWith('bad_input', /cannot be read/));
  assert.equal(await findXgboost(places), undefined);
});

test('XGBOOST_LIB wins, and must be a file', async () => {
  const places = await newPlaces();
  const xgboostLib = join(places.home, 'lib.so');
  await assert.rejects(ensureXgboost({ ...places, xgboostLib }), failsWith('bad_input', /XGBOOST_LIB/));
  await writeFile(xgboostLib, '');
  assert.equal(await ensureXgboost({ ...places, xgboostLib }), xgboostLib);
});

test('a cached library that was changed is not used', async () => {
  const places = await newPlaces();
  const wheel = WHEELS[`${process.platform}-${process.arch}`];
  if (!wheel) return;
  const library = join(
    places.cacheDirectory,
    `${wheel.project}-${XGBOOST_VERSION}-${wheel.platformTag}`,
    wheel.library,
  );
  await mkdir(dirname(library), { recursive: true });
  await writeFile(library, 'abc');
  await writeFile(`${library}.sha256`, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(await findXgboost(places), library);
  await writeFile(library, 'abd');
  assert.equal(await findXgboost(places), undefined);
});
