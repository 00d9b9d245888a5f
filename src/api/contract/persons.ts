import { z } from 'zod';
import { isoTime } from './common.ts';
import { decisionSchema } from './decision.ts';

export const personStatusSchema = z.object({
  /** Pseudonym under which records and audit log name the person. */
  person: z.string(),
  decisions: z.int(),
  erasedDecisions: z.int(),
  hold: z.object({ reason: z.string(), placedBy: z.string(), placedAt: isoTime }).nullable(),
  keptUntil: z.object({ day: z.string(), rule: z.string(), source: z.string() }).nullable(),
});
export type PersonStatusDto = z.infer<typeof personStatusSchema>;

export const personExportSchema = personStatusSchema.extend({
  borrowerId: z.string(),
  records: z.array(
    z.object({ decision: z.unknown(), request: z.unknown(), features: z.unknown(), provenance: z.unknown() }),
  ),
  reviews: z.array(z.record(z.string(), z.unknown())),
  notices: z.array(z.record(z.string(), z.unknown())),
  facts: z.unknown(),
  consents: z.array(z.unknown()),
  fraudKeys: z.array(z.unknown()),
  fraudCases: z.array(z.unknown()),
});
export type PersonExportDto = z.infer<typeof personExportSchema>;

export const erasureSchema = z.object({
  person: z.string(),
  /** Decisions that nobody can read any more. */
  decisions: z.int(),
  /** Facts, or packed tables of facts, that were removed from the online store. */
  facts: z.int(),
  deadLetters: z.int(),
  /** What still lies where, and until when. */
  pending: z.array(z.object({ where: z.string(), until: z.string() })),
});

export const personReasonSchema = z.strictObject({ reason: z.string().trim().min(10).max(2000) });

export const personOperations = {
  getPerson: {
    method: 'GET',
    path: '/persons/:borrowerId',
    tag: 'persons',
    status: 200,
    summary: 'What is kept of a person, and until when',
    response: personStatusSchema,
  },
  exportPerson: {
    method: 'GET',
    path: '/persons/:borrowerId/export',
    tag: 'persons',
    status: 200,
    summary: 'A copy of everything kept of a person',
    response: personExportSchema,
  },
  correctPerson: {
    method: 'POST',
    path: '/persons/:borrowerId/correct',
    tag: 'persons',
    status: 201,
    summary: 'Correct the data of an application and decide it anew',
    body: z.strictObject({
      decisionId: z.string().min(1).max(100),
      attributes: z
        .record(z.string().max(100), z.union([z.number(), z.string().max(10_000), z.boolean(), z.null()]))
        .optional(),
      amountMinor: z.int().min(1).max(1e15).optional(),
      termMonths: z.int().min(1).max(480).optional(),
      reason: z.string().trim().min(10).max(2000),
    }),
    response: decisionSchema,
  },
  erasePerson: {
    method: 'POST',
    path: '/persons/:borrowerId/erase',
    tag: 'persons',
    status: 200,
    summary: 'Erase a person: destroy the key, remove facts, keep them from coming back',
    body: personReasonSchema,
    response: erasureSchema,
  },
  holdPerson: {
    method: 'POST',
    path: '/persons/:borrowerId/hold',
    tag: 'persons',
    status: 200,
    summary: 'Place a legal hold',
    body: personReasonSchema,
    response: personStatusSchema,
  },
  liftHold: {
    method: 'POST',
    path: '/persons/:borrowerId/lift',
    tag: 'persons',
    status: 200,
    summary: 'Lift a legal hold that another person placed',
    body: personReasonSchema,
    response: personStatusSchema,
  },
} as const;
