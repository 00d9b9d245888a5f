import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

const NOT_CONFIGURED = {
  state: 'not_configured' as const,
  scanned: 0,
  bands: { low: 0, look: 0, high: 0 },
  rows: [],
  total: 0,
};

export function fraudHandlers({ fraudQueue }: ApiDependencies): Pick<Handlers, 'getFraudQueue'> {
  return {
    getFraudQueue: async ({ query: { page, pageSize } }) => {
      if (!fraudQueue) return NOT_CONFIGURED;
      const queue = await fraudQueue({ limit: pageSize, offset: (page - 1) * pageSize });
      return {
        ...queue,
        rows: queue.rows.map(({ application, score, band, signals }) => ({
          applicationId: application.applicationId,
          borrowerId: application.borrowerId,
          appliedAt: application.appliedAt.toISOString(),
          score,
          band,
          signals: [...signals],
        })),
      };
    },
  };
}
