import { listAudit } from '../../platform/index.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type AuditHandlers = Pick<Handlers, 'getAudit' | 'listAuditEntries' | 'proveDecision'>;

export function auditHandlers({ audit, database, portfolio }: ApiDependencies): AuditHandlers {
  return {
    getAudit: () => audit.status(),
    listAuditEntries: async ({ query }) => {
      const { page, pageSize, kind, subject } = query;
      const filter = { kind, subject, limit: pageSize, offset: (page - 1) * pageSize };
      const { rows, total } = await listAudit(database, portfolio.name, filter);
      return {
        rows: rows.map(({ portfolio: _, ...row }) => ({ ...row, at: row.at.toISOString(), data: { ...row.data } })),
        total,
      };
    },
    proveDecision: async ({ parameters }) => {
      const proof = await audit.prove(parameters.decisionId);
      return { ...proof, path: [...proof.path] };
    },
  };
}
