/**
 * Acceptance of what a regulator, a borrower and an auditor may ask (exam: Compliance, R21, S14, S17, S19): each check is the tests and commands that
 * show it, run now, with how many held. What each shows stands in docs/assurance.md.
 *
 * Run: node bench/compliance.ts [--check C1,C6,…] [--json]       Default: all; three to five minutes. Exit code 1 when one does not hold.
 * C6 and C12 need nothing else (the oracle's figures are in the repository); C13 needs a Python with numpy (ASSAY_PYTHON); --data DIR adds
 * the fairness of Boston HMDA and loanapp to C6.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';

const { values } = parseArgs({
  options: { check: { type: 'string' }, data: { type: 'string' }, json: { type: 'boolean', default: false } },
});

/** Row numbers, and columns that say the outcome. */
const DROPPED: Readonly<Record<string, string>> = { 'loanapp_boston.csv': 'rownames,action,reject' };

type Run = { readonly tests?: readonly string[]; readonly only?: string; readonly command?: readonly string[] };
type Check = { readonly id: string; readonly shows: string; readonly runs: readonly Run[] };

const CHECKS: readonly Check[] = [
  {
    id: 'C1',
    shows: 'notices by place and day, and when they are due',
    runs: [{ tests: ['src/decisions/notices/*.test.ts', 'test/flow/notices.test.ts'] }],
  },
  {
    id: 'C2',
    shows: 'reasons are true: exact attributions, and a planted wrong reason is found',
    runs: [{ tests: ['src/scoring/verify-reasons.test.ts', 'src/scoring/scorer.test.ts'] }],
  },
  {
    id: 'C3',
    shows: 'the FCRA block only where a report was used, with score, factors and agency',
    runs: [{ tests: ['src/decisions/notices/notice.test.ts'], only: 'FCRA|key factors|bureau' }],
  },
  {
    id: 'C4',
    shows: 'protected traits sealed apart from what trains and scores',
    runs: [{ tests: ['src/ingestion/protected-zone.test.ts'] }],
  },
  {
    id: 'C5',
    shows: 'a protected trait under another name, joined, derived or by proxy is refused or named',
    runs: [{ tests: ['test/flow/disguised-traits.test.ts'] }],
  },
  {
    id: 'C6',
    shows: 'fairness figures equal an oracle to 1e-9; twenty alternatives or more kept',
    runs: [
      { tests: ['src/training/measures/fairness.test.ts', 'test/flow/fairness.test.ts'] },
      ...(values.data === undefined
        ? []
        : [
            { command: fairnessOf('hmda_boston_1990.csv', 'deny', 'yes', 'afam') },
            { command: fairnessOf('loanapp_boston.csv', 'approve', '0', 'black') },
          ]),
    ],
  },
  {
    id: 'C7',
    shows: 'the longest rule of the place keeps records until its day',
    runs: [{ tests: ['src/domain/jurisdiction/retention.test.ts'] }, { tests: ['test/flow/persons.test.ts'] }],
  },
  {
    id: 'C8',
    shows: 'the gate of social-network data',
    runs: [{ tests: ['test/flow/social-network.test.ts', 'test/flow/lift.test.ts'] }],
  },
  {
    id: 'C9',
    shows: 'counterfactuals flip when scored again and ask nothing impossible',
    runs: [{ tests: ['src/decisions/counterfactual.test.ts', 'test/flow/explanation.test.ts'] }],
  },
  {
    id: 'C10',
    shows: 'a thousand decisions rebuilt from their records alone, by a process that has no database, registry or book',
    runs: [{ command: ['bench/rebuild.ts'] }],
  },
  {
    id: 'C11',
    shows: 'no version goes live that another person did not approve: registry, API',
    runs: [{ tests: ['test/flow/registry.test.ts', 'src/api/access.test.ts', 'test/flow/api.test.ts'] }],
  },
  {
    id: 'C12',
    shows: 'AUC, Gini, KS, PSI, Brier, Hosmer-Lemeshow, Jeffreys, DeLong equal scikit-learn and scipy to 1e-9',
    runs: [{ tests: ['src/training/measures/measures.test.ts'] }],
  },
  {
    id: 'C13',
    shows: 'IFRS 9 and CECL on 10,000 histories equal an oracle in Python',
    runs: [{ tests: ['test/parity/credit-loss.test.ts'] }],
  },
  {
    id: 'C14',
    shows: 'jurisdiction by date',
    runs: [{ tests: ['src/domain/jurisdiction/*.test.ts'] }],
  },
  {
    id: 'C15',
    shows: 'overrides with reasons and a second person',
    runs: [{ tests: ['test/flow/reviews.test.ts', 'src/decisions/reviews/*.test.ts'] }],
  },
  {
    id: 'C16',
    shows: 'no law of the past cited as current',
    runs: [{ tests: ['test/stale-law.test.ts'] }],
  },
  {
    id: 'C17',
    shows: 'a copy of everything, a correction, a decision anew',
    runs: [{ tests: ['test/flow/persons.test.ts'] }],
  },
  {
    id: 'R21',
    shows: 'many reviewers, kills and abandons: none decided twice, none lost',
    runs: [{ command: ['bench/reviews.ts', '--cases', '200', '--kills', '10'] }],
  },
  {
    id: 'S14',
    shows: 'every role on every operation; two lenders; two persons for models, policies, overrides and large amounts',
    runs: [
      {
        tests: [
          'test/flow/policies.test.ts',
          'test/flow/reviews.test.ts',
          'test/flow/api.test.ts',
          'src/api/access.test.ts',
          'test/flow/two-tenants.test.ts',
        ],
      },
    ],
  },
  {
    id: 'S17',
    shows: 'an erased person is recoverable from nothing, the record verifies, a legal hold refuses',
    runs: [{ tests: ['test/flow/persons.test.ts', 'test/flow/erasure.test.ts'] }],
  },
  {
    id: 'S19',
    shows: 'ten thousand what-ifs nearly alike: an alert by the 500th, an end, honest work goes on',
    runs: [{ tests: ['src/decisions/probes/*.test.ts', 'test/flow/probes.test.ts'] }],
  },
];

function fairnessOf(file: string, target: string, positive: string, trait: string): string[] {
  const path = join(values.data ?? '', 'fair_lending', file);
  return [
    'bin/assay.js',
    'fairness',
    path,
    '--target',
    target,
    '--positive',
    positive,
    '--trait',
    trait,
    '--drop',
    DROPPED[file] ?? 'rownames',
    '--json',
  ];
}

type Outcome = {
  readonly held: number;
  readonly failed: number;
  readonly skipped: number;
  readonly told: readonly string[];
};

function runTests({ tests = [], only }: Run): Outcome {
  const names = only === undefined ? [] : [`--test-name-pattern=${only}`];
  const done = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...names, ...tests], {
    cwd: REPOSITORY_ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const count = (name: string): number => Number(new RegExp(`^# ${name} (\\d+)`, 'm').exec(done.stdout)?.[1] ?? 0);
  const broken = [...done.stdout.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, name]) => name ?? '');
  const held = count('pass');
  // nothing found is nothing shown
  const failed = count('fail') + count('cancelled') + (held + count('skipped') === 0 ? 1 : 0);
  return { held, failed, skipped: count('skipped'), told: broken };
}

function runCommand(command: readonly string[]): Outcome {
  const done = spawnSync(process.execPath, command, { cwd: REPOSITORY_ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  const isHeld = done.status === 0;
  const lastLine = (isHeld ? done.stdout : done.stderr).trim().split('\n').at(-1) ?? '';
  return { held: Number(isHeld), failed: Number(!isHeld), skipped: 0, told: isHeld ? [] : [lastLine] };
}

const chosen = values.check?.split(',') ?? CHECKS.map(({ id }) => id);
const unknown = chosen.filter((id) => !CHECKS.some((check) => check.id === id));
if (unknown.length > 0)
  throw new Error(`there is no check ${unknown.join(', ')}; there are ${CHECKS.map(({ id }) => id).join(', ')}`);
const rows = [];
for (const { id, shows, runs } of CHECKS.filter((check) => chosen.includes(check.id))) {
  const started = performance.now();
  const outcomes = runs.map((run) => (run.command ? runCommand(run.command) : runTests(run)));
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, one) => total + of(one), 0);
  const [held, failed, skipped] = [sum((one) => one.held), sum((one) => one.failed), sum((one) => one.skipped)];
  const result = failed > 0 ? 'FAILED' : held === 0 ? 'skipped' : 'passed';
  const seconds = Math.round((performance.now() - started) / 1000);
  rows.push({ check: id, result, held, failed, skipped, seconds, shows, told: outcomes.flatMap(({ told }) => told) });
  if (!values.json)
    console.log(`${id} ${result}: ${held} held, ${failed} failed, ${skipped} skipped, ${seconds} s. ${shows}`);
}
if (values.json) console.log(JSON.stringify(rows, null, 2));
else for (const { check, told } of rows) for (const text of told) console.log(`${check}: ${text}`);
if (rows.some(({ result }) => result !== 'passed')) process.exitCode = 1;
