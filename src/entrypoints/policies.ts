import { readFile } from 'node:fs/promises';
import { parseWith, proposePolicySchema, userWhoMay } from '../api/index.ts';
import { type PolicyVersion, parseCreditPolicy, parsePolicyCases, runPolicyCases } from '../decisions/index.ts';
import { AssayError, parseStrictJson } from '../domain/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type { PoliciesOptions, PolicyChangeOptions, ProposeOptions } from './commands/policies.ts';
import type { CommandContext } from './context.ts';

export function listPolicies(context: CommandContext, options: PoliciesOptions): Promise<void> {
  return withBookDecisions(context, options.portfolio, async ({ policies }) => {
    const versions = await policies.list();
    if (options.json) return context.print(JSON.stringify({ versions: versions.map(summaryOf) }, null, 2));
    context.print(versions.map(lineOf).join('\n'));
  });
}

function summaryOf({ version, status, policy, cases, proposedBy, approvedBy, changedAt }: PolicyVersion) {
  const counts = { rules: policy.rules.length, cases: cases.length };
  return { version, status, ...counts, proposedBy, approvedBy, changedAt: changedAt.toISOString() };
}

function lineOf(one: PolicyVersion): string {
  const { version, status, rules, cases, proposedBy, approvedBy, changedAt } = summaryOf(one);
  const approved = approvedBy === null ? '' : `, approved by ${approvedBy}`;
  return `${version.padEnd(24)} ${status.padEnd(9)} ${changedAt.slice(0, 10)}  ${rules} rules, ${cases} cases; proposed by ${proposedBy}${approved}`;
}

export function showPolicy(context: CommandContext, version: string, options: PoliciesOptions): Promise<void> {
  return withBookDecisions(context, options.portfolio, async ({ policies }) => {
    const found = await policies.get(version);
    const results = runPolicyCases(found.policy, found.cases);
    if (options.json) return context.print(JSON.stringify({ ...found, caseResults: results }, null, 2));
    const rules = found.policy.rules.map(({ id, outcome, description }) => `  ${id} -> ${outcome}: ${description}`);
    const failed = results.filter(({ passed }) => !passed).map(({ name }) => `  does not hold: ${name}`);
    const cases = `  ${results.length - failed.length} of ${results.length} cases hold`;
    context.print([lineOf(found), ...rules, cases, ...failed].join('\n'));
  });
}

/** @throws AssayError forbidden for a role that may not propose; bad_input for a policy that cannot be; conflict for a taken version */
export function proposePolicy(context: CommandContext, file: string, options: ProposeOptions): Promise<void> {
  return withBookDecisions(context, options.portfolio, async ({ policies }, { database }) => {
    const { username } = await userWhoMay(database, options.as, 'proposePolicy');
    const policy = parseCreditPolicy(await readJson(file));
    const cases = options.cases === undefined ? undefined : parsePolicyCases(await readJson(options.cases));
    await policies.propose({ policy, ...(cases && { cases }) }, username, noteOf(options));
    said(context, options, { version: policy.version, done: 'proposed', by: username });
  });
}

/** @throws AssayError forbidden for who proposed it and for a role that may not approve; conflict when a case does not hold */
export function approvePolicy(context: CommandContext, version: string, options: PolicyChangeOptions): Promise<void> {
  return withBookDecisions(context, options.portfolio, async ({ policies }, { database }) => {
    const { username } = await userWhoMay(database, options.as, 'approvePolicy');
    await policies.approve(version, username, noteOf(options));
    said(context, options, { version, done: 'live, approved', by: username });
  });
}

type Done = { readonly version: string; readonly done: string; readonly by: string };

function said(context: CommandContext, { json }: PoliciesOptions, done: Done): void {
  context.print(json ? JSON.stringify(done) : `${done.version} ${done.done} by ${done.by}`);
}

const noteOf = ({ note }: PolicyChangeOptions): string =>
  parseWith(proposePolicySchema.pick({ note: true }), { note }, 'note').note;

async function readJson(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new AssayError('bad_input', { what: 'the file cannot be read', given: cause.message }, { cause });
  });
  return parseStrictJson(bytes);
}
