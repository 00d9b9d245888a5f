// Walks through every source file of the repository and holds it to the order of the house (ARCHITECTURE.md): who imports whom and
// by which door, where drivers, time and chance may stand, how long functions and files are, and that no file tells of the machine
// it was written on. Each rule is first tried on a planted violation. It does not test what the code does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';
import { FLOORS, foldersWithoutDoor, machineTraces, violationsOf } from './architecture/rules.ts';
import { readSource } from './architecture/source-file.ts';

const AREAS = ['src', 'portfolios', 'web/src', 'test', 'bench', 'examples'];
const MAX_TEXT_BYTES = 2_000_000;

function sourcePaths(): string[] {
  return AREAS.filter((area) => existsSync(join(REPOSITORY_ROOT, area))).flatMap((area) =>
    readdirSync(join(REPOSITORY_ROOT, area), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => `${area}/${name.replaceAll('\\', '/')}`),
  );
}

function trackedFiles(): string[] | undefined {
  const listed = spawnSync('git', ['ls-files', '-z'], { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
  return listed.status === 0 ? listed.stdout.split('\0').filter((path) => path !== '') : undefined;
}

const read = (path: string): string => readFileSync(join(REPOSITORY_ROOT, path), 'utf8');
const check = (path: string, code: string): string[] => violationsOf([readSource(path, code)]);
const listed = (violations: readonly string[]): string => `\n  ${violations.join('\n  ')}`;

test('every source file keeps the order of the house', () => {
  const violations = violationsOf(sourcePaths().map((path) => readSource(path, read(path))));
  assert.deepEqual(violations, [], listed(violations));
});

test('every folder of src has a floor and a door', () => {
  const folders = readdirSync(join(REPOSITORY_ROOT, 'src')).sort();
  assert.deepEqual(
    folders.filter((folder) => !FLOORS.flat().includes(folder)),
    [],
    'folders without a floor',
  );
  const doorless = foldersWithoutDoor(sourcePaths());
  assert.deepEqual(doorless, [], listed(doorless));
});

const tracked = trackedFiles();

test('no tracked file tells of a machine or a registry', { skip: !tracked && 'not a git work tree' }, () => {
  const traces = (tracked ?? [])
    .filter(
      (path) => existsSync(join(REPOSITORY_ROOT, path)) && statSync(join(REPOSITORY_ROOT, path)).size <= MAX_TEXT_BYTES,
    )
    .flatMap((path) => machineTraces(path, read(path), REPOSITORY_ROOT));
  assert.deepEqual(traces, [], listed(traces));
});

const PLANTED: readonly (readonly [string, string, string, RegExp])[] = [
  ['a floor that looks up', 'src/domain/x.ts', "import { a } from '../platform/index.ts';", /imports go down only/],
  ['siblings', 'src/features/x.ts', "import type { A } from '../estimators/index.ts';", /siblings/],
  ['a side door', 'src/scoring/x.ts', "export * from '../estimators/trees/compile.ts';", /only door/],
  ['a side door taken late', 'src/scoring/x.ts', "await import('../estimators/trees/compile.ts');", /only door/],
  ['a driver above platform', 'src/decisions/x.ts', "import pg from 'pg';", /holds drivers/],
  ['a driver above platform, taken late', 'src/entrypoints/x.ts', "await import('@duckdb/node-api');", /holds drivers/],
  ['the browser in the server', 'web/src/x.ts', "import { a } from '../../src/domain/index.ts';", /web imports only/],
  ['a portfolio by a side door', 'portfolios/p/x.ts', "import { a } from '../../src/domain/score.ts';", /only door/],
  ['a portfolio in another', 'portfolios/p/x.ts', "import { a } from '../q/portfolio.ts';", /do not know each other/],
  [
    'a portfolio below entrypoints',
    'src/api/x.ts',
    "import { a } from '../../portfolios/index.ts';",
    /only entrypoints/,
  ],
  ['the time', 'src/scoring/x.ts', 'export const at = Date.now();', /time and chance/],
  ['the time as a date', 'src/scoring/x.ts', 'export const at = new Date();', /time and chance/],
  ['chance', 'portfolios/p/x.ts', 'export const at = Math.random();', /time and chance/],
  ['a long function', 'src/scoring/x.ts', `export function f() {${'\n  f();'.repeat(70)}\n}`, /a function of 72 lines/],
  ['a long file', 'web/src/x.ts', 'export {};\n'.repeat(501), /501 lines/],
];

for (const [what, path, code, expected] of PLANTED) {
  test(`a planted violation is caught: ${what}`, () => {
    const violations = check(path, code);
    assert.equal(violations.length, 1, listed(violations));
    assert.match(violations[0] ?? '', expected);
  });
}

test('what only looks like a violation is left alone', () => {
  const harmless =
    "// Date.now() import x from 'pg'\nexport const text = \"Math.random() import('pg')\";\nexport const at = new Date(0);\n";
  assert.deepEqual(check('src/scoring/x.ts', harmless), []);
  assert.deepEqual(check('src/scoring/x.ts', "import { a } from '../estimators/index.ts';\nimport './y.ts';\n"), []);
  assert.deepEqual(check('web/src/x.ts', "export * from '../../src/api/contract.ts';\n"), []);
});

test('a folder without a door and traces of a machine are caught', () => {
  assert.deepEqual(foldersWithoutDoor(['src/a/x.ts', 'src/b/index.ts', 'src/entrypoints/cli.ts']), [
    'src/a has no index.ts',
  ]);
  const home = ['', 'home', 'somebody', 'x'].join('/');
  const registry = ['https://registry', 'npmjs', 'org/x'].join('.');
  assert.equal(machineTraces('f', `see ${home}`, '/somewhere/r/').length, 1);
  assert.equal(machineTraces('f', `see ${registry}`, '/somewhere/r/').length, 1);
  assert.equal(machineTraces('f', 'see /somewhere/r/x', '/somewhere/r/').length, 1);
  assert.equal(machineTraces('f', 'web/home/page, ./root/, https://example.org', '/somewhere/r/').length, 0);
});
