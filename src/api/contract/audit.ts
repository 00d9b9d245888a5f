import { z } from 'zod';
import { isoTime, pageQuery } from './common.ts';

export const auditStatusSchema = z.object({
  registers: z.array(
    z.object({
      register: z.string(),
      records: z.int(),
      /** Records under the last checkpoint; those after it are held by the chain alone. */
      checkpointed: z.int(),
      root: z.string().nullable(),
    }),
  ),
  checkpoints: z.int(),
  /** Lines of the checkpoint file that are not what was signed. */
  problems: z.array(z.string()),
  latest: z.array(
    z.object({
      number: z.int(),
      at: isoTime,
      hash: z.string(),
      keyId: z.string(),
      sizes: z.record(z.string(), z.int()),
    }),
  ),
});
export type AuditStatusDto = z.infer<typeof auditStatusSchema>;

export const auditEntriesSchema = z.object({
  rows: z.array(
    z.object({
      sequence: z.int(),
      kind: z.string(),
      subject: z.string(),
      actor: z.string(),
      at: isoTime,
      data: z.record(z.string(), z.unknown()),
      hash: z.string(),
    }),
  ),
  total: z.int(),
});
export type AuditEntriesDto = z.infer<typeof auditEntriesSchema>;

export const inclusionProofSchema = z.object({
  format: z.string(),
  record: z.string(),
  index: z.int(),
  size: z.int(),
  path: z.array(z.string()),
  register: z.string(),
  checkpoint: z.string(),
});
export type InclusionProofDto = z.infer<typeof inclusionProofSchema>;

export const auditOperations = {
  getAudit: {
    method: 'GET',
    path: '/audit',
    tag: 'audit',
    status: 200,
    summary: 'How much of the record is signed, and the latest checkpoints',
    response: auditStatusSchema,
  },
  listAuditEntries: {
    method: 'GET',
    path: '/audit/entries',
    tag: 'audit',
    status: 200,
    summary: 'The audit log, newest first',
    query: z.strictObject({
      ...pageQuery,
      kind: z.string().max(100).optional(),
      subject: z.string().max(200).optional(),
    }),
    response: auditEntriesSchema,
  },
  proveDecision: {
    method: 'GET',
    path: '/audit/proofs/:decisionId',
    tag: 'audit',
    status: 200,
    summary: 'The proof that a decision is under a signed checkpoint',
    response: inclusionProofSchema,
  },
} as const;
