import type { AuditRegister, RegisterColumn } from '../platform/index.ts';

const text = (column: string, ...path: string[]): RegisterColumn => ({ column, path, kind: 'text' });
const number = (column: string, ...path: string[]): RegisterColumn => ({ column, path, kind: 'number' });

/** Where the truth of every column of a decision lies in its body: what an audit compares. */
export const DECISIONS_REGISTER: AuditRegister = {
  name: 'decisions',
  table: 'decisions',
  idColumn: 'decision_id',
  columns: [
    text('portfolio', 'portfolio'),
    text('decision_id', 'decisionId'),
    text('application_id', 'application', 'applicationId'),
    text('borrower_id', 'application', 'borrowerId'),
    { column: 'decided_at', path: ['decidedAt'], kind: 'time' },
    text('actor', 'actor'),
    text('outcome', 'result', 'outcome'),
    number('pd', 'result', 'pd'),
    number('score', 'result', 'score'),
    text('grade', 'result', 'grade'),
    text('model_version', 'modelVersion'),
    text('policy_hash', 'policyHash'),
  ],
  hasResponse: true,
  referenceColumn: 'policy_hash',
  referenced: { table: 'credit_policies', key: 'policy_hash', text: 'body' },
};
