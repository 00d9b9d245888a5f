import { AssayError } from '../../domain/index.ts';
import type { FraudCase, ScannedApplication } from '../../fraud/index.ts';
import { fraudResults } from '../../monitoring/index.ts';
import type { FraudCaseDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type FraudHandlers = Pick<
  Handlers,
  'getFraudQueue' | 'getFraudResults' | 'claimFraudCase' | 'releaseFraudCase' | 'decideFraudCase'
>;

const NOT_CONFIGURED = {
  state: 'not_configured' as const,
  scanned: 0,
  bands: { low: 0, look: 0, high: 0 },
  rows: [],
  total: 0,
};

export function fraudHandlers({ fraudQueue, fraudCases }: ApiDependencies): FraudHandlers {
  const suspicious = async (applicationId: string): Promise<ScannedApplication> => {
    const found = await fraudQueue?.find(applicationId);
    if (found) return found;
    const fix = 'list the suspicious applications with GET /fraud/queue';
    throw new AssayError('not_found', { what: 'the fraud queue has no such application', given: applicationId, fix });
  };
  return {
    getFraudQueue: async ({ query: { page, pageSize } }) => {
      if (!fraudQueue) return NOT_CONFIGURED;
      const queue = await fraudQueue.page({ limit: pageSize, offset: (page - 1) * pageSize });
      const cases = await fraudCases.of(queue.rows.map(({ application }) => application.applicationId));
      return { ...queue, rows: queue.rows.map((row) => rowDto(row, cases.get(row.application.applicationId))) };
    },
    getFraudResults: async () => {
      const { capacities, signals } = fraudResults((await fraudQueue?.ranking()) ?? [], await fraudCases.labels());
      return { capacities: [...capacities], signals: [...signals] };
    },
    claimFraudCase: async ({ parameters, user }) =>
      caseDto(await fraudCases.claim(await suspicious(parameters.applicationId), user.username)),
    releaseFraudCase: async ({ parameters, user }) =>
      caseDto(await fraudCases.release(parameters.applicationId, user.username)),
    decideFraudCase: async ({ parameters, body, user }) => {
      const { application } = await suspicious(parameters.applicationId);
      return caseDto(await fraudCases.decide(application, user.username, body));
    },
  };
}

function rowDto({ application, score, band, signals }: ScannedApplication, found: FraudCase | undefined) {
  const { applicationId, borrowerId, appliedAt } = application;
  return {
    ...{ applicationId, borrowerId, appliedAt: appliedAt.toISOString() },
    ...{ score, band, signals: [...signals] },
    case: found ? caseDto(found) : null,
  };
}

function caseDto({ leasedUntil, decidedAt, signals: _, ...found }: FraudCase): FraudCaseDto {
  return {
    ...found,
    leasedUntil: leasedUntil?.toISOString() ?? null,
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}
