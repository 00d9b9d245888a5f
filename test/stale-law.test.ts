// Looks through every text of the repository for law that is no longer in force, or never was, cited as if it were. Only the dated
// pack itself, and the tests of it, may name it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { JURISDICTION_RULES, NEVER_IN_FORCE } from '../src/domain/index.ts';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';

/** The newest day a rule of the past ended before: from here on it is stale. */
const TODAY = '2026-11-25';
const PACKS = ['src/domain/jurisdiction/rules.json', 'src/domain/jurisdiction/rules.test.ts', 'test/stale-law.test.ts'];
/** A text that says itself that the rule is of the past is no stale citation. */
const SAYS_SO = /rescinded|withdrawn|repealed|replaced|until|no longer|superseded|deferred/i;
const TEXT = /\.(ts|tsx|md|json|sql|py|html|css|yaml|yml|txt)$/;

/** The shortest names by which the law is known, with any space or hyphen between their parts. */
function namesOf(citation: string): RegExp[] {
  const known = citation.split(';').map((part) => part.trim());
  const cores = known.flatMap(
    (part) =>
      /(SR \d+-\d+|OCC \d{4}-\d+|Circular \d{4}-\d+|SB \d+-\d+|2008\/48\/EC|effects test)/i.exec(part)?.[1] ?? [],
  );
  return cores.map((core) => new RegExp(core.replaceAll(/[ /-]/g, '[\\s\\-–/]*'), 'i'));
}

const stale = [...JURISDICTION_RULES.filter((rule) => rule.to !== null && rule.to < TODAY), ...NEVER_IN_FORCE].flatMap(
  ({ citation }) => namesOf(citation),
);
/** Dates by which duties were once to apply, and do not: deferred or replaced before the day came. */
const NEVER_APPLIED = [
  /(AI Act|2024\/1689|Annex III)[^.]{0,120}(August 2026|2026-08-02)/i,
  /Colorado[^.]{0,120}(February 2026|June 2026|2026-02-01|2026-06-30)/i,
];
const stalePatterns = [...stale, ...NEVER_APPLIED];

test('every law of the past has a name to look for, and the look finds it', () => {
  assert.ok(stale.length >= 6);
  const PAST = [
    ...['SR 11-7', 'sr11-7', 'OCC 2011-12', 'CFPB Circular 2022-03', 'CFPB Circular 2023-03', 'SB 24-205'],
    ...['the AI Act applies to credit scoring from 2 August 2026', 'the effects test of Regulation B'],
    'Regulation (EU) 2024/1689, Annex III 5(b), from 2026-08-02',
  ];
  for (const text of PAST) {
    assert.ok(
      stalePatterns.some((name) => name.test(`according to ${text}`)),
      text,
    );
  }
});

test('no text of the repository cites it as current', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: REPOSITORY_ROOT,
    encoding: 'utf8',
  });
  const found = files.split('\n').flatMap((path) => {
    if (!TEXT.test(path) || PACKS.includes(path) || path === 'package-lock.json') return [];
    const lines = readFileSync(join(REPOSITORY_ROOT, path), 'utf8').split('\n');
    return lines.flatMap((line, i) =>
      stalePatterns.some((name) => name.test(line)) && !SAYS_SO.test(line)
        ? [`${path}:${i + 1} ${line.trim().slice(0, 120)}`]
        : [],
    );
  });
  assert.deepEqual(found, []);
});
