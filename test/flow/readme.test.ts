/**
 * The README does what it says: every command it names exists with the options it gives, its example is run, its links lead
 * somewhere, the variables it names are read, and the features it counts are there. Figures are not measured again here: each
 * must name the command that prints it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import { findXgboost, loadConfig, REPOSITORY_ROOT } from '../../src/platform/index.ts';

const readme = await readFile(join(REPOSITORY_ROOT, 'README.md'), 'utf8');
const figures = await readFile(join(REPOSITORY_ROOT, 'docs/figures.md'), 'utf8');
const work = await mkdtemp(join(tmpdir(), 'assay-readme-'));
after(() => rm(work, { recursive: true, force: true }));

/** Lines of shell blocks and inline code that call something of ours, without comments. */
const commands: readonly string[] = [
  ...[...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block!.split('\n')),
  ...[...`${readme}\n${figures}`.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!),
]
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => /^(npx assay|assay|node bench\/|npm (start|test|run))\b/.test(line));

const assay = (...args: string[]) =>
  spawnSync(process.execPath, [join(REPOSITORY_ROOT, 'bin', 'assay.js'), ...args], {
    encoding: 'utf8',
    cwd: work,
    env: { ...process.env, ASSAY_HOME: join(work, 'home') },
  });

const optionsIn = (command: string): string[] => command.match(/(?<= )--[a-z][\w-]*/g) ?? [];

test('every assay command named exists, with the options given', () => {
  const named = commands.filter((command) => /^(npx )?assay /.test(command));
  assert.ok(named.length >= 8, `only ${named.length} commands found`);
  for (const command of new Set(named)) {
    const words = command.replace(/^(npx )?assay /, '').split(' ');
    const path = words.slice(0, words.findIndex((word) => !/^[a-z]+$/.test(word)) >>> 0);
    // a word after the last command is an argument: try the longest path that is a command
    const help = [path, path.slice(0, -1)].map((one) => assay(...one, '--help')).find(({ status }) => status === 0);
    assert.ok(help && path.length > 0, `no such command: ${command}`);
    assert.match(help.stdout, new RegExp(`^Usage: assay ${path[0]}`, 'm'), command);
    for (const option of optionsIn(command)) assert.match(help.stdout, new RegExp(`${option}\\b`), command);
  }
});

test('every bench named is there, with the options given; npm scripts too', async () => {
  const { scripts } = JSON.parse(await readFile(join(REPOSITORY_ROOT, 'package.json'), 'utf8'));
  for (const command of commands) {
    const [, script] = /^npm (?:run )?(start|test|\w+)/.exec(command) ?? [];
    if (script) assert.ok(scripts[script], command);
    const [, bench] = /^node (bench\/[\w-]+\.ts)/.exec(command) ?? [];
    if (!bench) continue;
    const source = await readFile(join(REPOSITORY_ROOT, bench), 'utf8');
    for (const option of optionsIn(command))
      assert.match(source, new RegExp(`\\b'?${option.slice(2)}'?: \\{`), command);
  }
});

test('every figure names the command that prints it; those of the README are of the whole list', () => {
  const rowsOf = (text: string): string[] => {
    const [, table] = /# Figures\n[\s\S]*?\n((?:\|.*\n)+)/.exec(text)!;
    return table!.trim().split('\n').slice(2);
  };
  const rows = rowsOf(figures);
  assert.ok(rows.length >= 20);
  for (const row of rowsOf(readme)) assert.ok(rows.includes(row), row);
  for (const row of rows) {
    const command = /`([^`]+)` *\|$/.exec(row)?.[1] ?? '';
    assert.ok(commands.includes(command), row);
  }
});

test('links lead to files, in the README and the pages beside it', async () => {
  const docs = (await readdir(join(REPOSITORY_ROOT, 'docs'), { recursive: true })).filter((name) =>
    name.endsWith('.md'),
  );
  for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...docs.map((name) => join('docs', name))]) {
    const text = await readFile(join(REPOSITORY_ROOT, page), 'utf8');
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      assert.ok(existsSync(join(REPOSITORY_ROOT, dirname(page), target!)), `${page}: ${target}`);
    }
  }
});

test('the variables named are read, and the features counted are there', async () => {
  const config = await readFile(join(REPOSITORY_ROOT, 'src/platform/config.ts'), 'utf8');
  const [, line] = /^Environment: (.*)$/m.exec(readme)!;
  const names = line!.match(/\b[A-Z][A-Z_]{3,}\b/g)!;
  assert.ok(names.length >= 5);
  for (const name of names) assert.ok(config.includes(`'${name}'`), name);
  const [, bank, berka] = /(\d+) features for the simulated bank, (\d+) for Berka/.exec(readme)!;
  const count = async (book: string) => (await loadPortfolio(book)).features.features.length;
  assert.deepEqual([Number(bank), Number(berka)], [await count('simulated-bank'), await count('berka')]);
});

const library = await findXgboost(loadConfig(process.env, process.cwd()));

test('the example evaluates a file and writes its report', {
  skip: library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false,
}, async () => {
  const example = commands.find((command) => command.startsWith('npx assay evaluate loans.csv'));
  assert.ok(example);
  const rows = Array.from({ length: 600 }, (_, i) => {
    const [income, arrears] = [1000 + ((i * 7919) % 4000), (i * 31) % 5];
    return `${income},${arrears},${(i * 104_729) % 100 < 8 + 14 * arrears ? 1 : 0}`;
  });
  await writeFile(join(work, 'loans.csv'), ['income,arrears,defaulted', ...rows].join('\n'));
  const { status, stdout, stderr } = assay(...example.replace('npx assay ', '').split(' '));
  assert.equal(status, 0, stderr);
  for (const estimator of ['scorecard', 'logistic', 'forest', 'boosted', 'blend'])
    assert.match(stdout, new RegExp(estimator));
  assert.match(await readFile(join(work, 'report.html'), 'utf8'), /<svg/);
});
