import type { AuditRegister, RegisterColumn } from '../platform/index.ts';

/** In a sealed record (format 2) at the top; `path`: in one from before. */
const text = (column: string, name: string, ...path: string[]): RegisterColumn => ({
  column,
  paths: [[name], path],
  kind: 'text',
});
const number = (column: string, name: string, ...path: string[]): RegisterColumn => ({
  ...text(column, name, ...path),
  kind: 'number',
});

/** Where the truth of every column of a decision lies in its body: what an audit compares. */
export const DECISIONS_REGISTER: AuditRegister = {
  name: 'decisions',
  table: 'decisions',
  idColumn: 'decision_id',
  columns: [
    text('portfolio', 'portfolio'),
    text('decision_id', 'decisionId'),
    text('application_id', 'applicationId', 'application', 'applicationId'),
    text('borrower_id', 'person', 'application', 'borrowerId'),
    { column: 'decided_at', paths: [['decidedAt']], kind: 'time' },
    text('actor', 'actor'),
    text('outcome', 'outcome', 'result', 'outcome'),
    number('pd', 'pd', 'result', 'pd'),
    number('score', 'score', 'result', 'score'),
    text('grade', 'grade', 'result', 'grade'),
    text('model_version', 'modelVersion'),
    text('policy_hash', 'policyHash'),
  ],
  hasResponse: true,
  referenceColumn: 'policy_hash',
  referenced: { table: 'credit_policies', key: 'policy_hash', text: 'body' },
};
