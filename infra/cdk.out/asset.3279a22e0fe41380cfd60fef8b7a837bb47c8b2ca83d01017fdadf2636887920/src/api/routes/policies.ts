import {
  comparePolicies,
  type PolicyVersion,
  parseCreditPolicy,
  parsePolicyCases,
  rulesWithoutCase,
  runPolicyCases,
  shadowSummary,
} from '../../decisions/index.ts';
import { listAudit } from '../../platform/index.ts';
import type { PolicyChangesDto, PolicyDto, PolicySummaryDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type PolicyHandlers = Pick<
  Handlers,
  | 'listPolicies'
  | 'getPolicy'
  | 'comparePolicies'
  | 'checkPolicy'
  | 'proposePolicy'
  | 'proposePolicyAgain'
  | 'shadowPolicy'
  | 'approvePolicy'
  | 'rejectPolicy'
>;

/** Events of one version that a page shows. */
const HISTORY_LIMIT = 200;

export function policyHandlers(dependencies: ApiDependencies): PolicyHandlers {
  const { policies } = dependencies;
  const detail = (version: string): Promise<PolicyDto> => policyDetail(dependencies, version);
  return {
    listPolicies: async () => {
      const versions = await policies.list();
      const live = versions.find(({ status }) => status === 'live')?.version ?? null;
      return { live, versions: versions.map(summaryOf) };
    },
    getPolicy: ({ parameters }) => detail(parameters.version),
    comparePolicies: async ({ parameters, query }) => {
      const to = await policies.get(parameters.version);
      const from = await policies.get(query.with);
      return { from: from.version, to: to.version, changes: changesOf(from.policy, to.policy) };
    },
    checkPolicy: async ({ body }) => {
      const live = (await policies.list()).find(({ status }) => status === 'live');
      const policy = parseCreditPolicy(body.policy);
      policies.check(policy);
      const cases = body.cases ? parsePolicyCases({ cases: body.cases }) : (live?.cases ?? []);
      return {
        caseResults: runPolicyCases(policy, cases).map(caseDto),
        rulesWithoutCase: rulesWithoutCase(policy, cases),
        changes: live ? changesOf(live.policy, policy) : [],
      };
    },
    proposePolicy: async ({ body, user }) => {
      const policy = parseCreditPolicy(body.policy);
      const cases = body.cases && parsePolicyCases({ cases: body.cases });
      await policies.propose({ policy, ...(cases && { cases }) }, user.username, body.note);
      return detail(policy.version);
    },
    proposePolicyAgain: async ({ parameters, body, user }) => {
      await policies.proposeAgain(parameters.version, user.username, body.note);
      return detail(parameters.version);
    },
    shadowPolicy: async ({ parameters, body, user }) => {
      await policies.shadow(parameters.version, user.username, body.note);
      return detail(parameters.version);
    },
    approvePolicy: async ({ parameters, body, user }) => {
      await policies.approve(parameters.version, user.username, body.note);
      return detail(parameters.version);
    },
    rejectPolicy: async ({ parameters, body, user }) => {
      await policies.reject(parameters.version, user.username, body.note);
      return detail(parameters.version);
    },
  };
}

async function policyDetail({ policies, database, portfolio }: ApiDependencies, version: string): Promise<PolicyDto> {
  const found = await policies.get(version);
  const history = await listAudit(database, portfolio.name, { subject: version, limit: HISTORY_LIMIT, offset: 0 });
  const shadow = await shadowSummary(database, portfolio.name, version);
  const wasShadow = found.status === 'shadow' || shadow.decisions > 0;
  return {
    ...summaryOf(found),
    policy: structuredClone(found.policy) as PolicyDto['policy'],
    caseResults: runPolicyCases(found.policy, found.cases).map(caseDto),
    rulesWithoutCase: rulesWithoutCase(found.policy, found.cases),
    history: history.rows.map(({ at, kind, actor, data, sequence }) => ({
      at: at.toISOString(),
      event: kind,
      actor,
      note: typeof data['note'] === 'string' ? data['note'] : null,
      sequence,
    })),
    shadow: wasShadow ? { ...shadow, pairs: [...shadow.pairs] } : null,
  };
}

function summaryOf(version: PolicyVersion): PolicySummaryDto {
  const results = runPolicyCases(version.policy, version.cases);
  return {
    version: version.version,
    status: version.status,
    policyHash: version.policyHash,
    description: version.policy.description,
    rules: version.policy.rules.length,
    cases: { passed: results.filter(({ passed }) => passed).length, total: results.length },
    proposedBy: version.proposedBy,
    proposedAt: version.proposedAt.toISOString(),
    approvedBy: version.approvedBy,
    changedAt: version.changedAt.toISOString(),
  };
}

function changesOf(...[from, to]: Parameters<typeof comparePolicies>): PolicyChangesDto['changes'] {
  return comparePolicies(from, to).map((change) => ({ ...change, fields: [...change.fields] }));
}

function caseDto(result: ReturnType<typeof runPolicyCases>[number]): PolicyDto['caseResults'][number] {
  const { expected, actual } = result;
  return {
    ...result,
    facts: { ...result.facts },
    expected: { ...expected, rules: [...expected.rules] },
    actual: { ...actual, rules: [...actual.rules] },
  };
}
