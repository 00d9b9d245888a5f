import { z } from 'zod';
import { isoTime } from './common.ts';

export const consentSchema = z.object({
  consentId: z.string(),
  purpose: z.enum(['credit_decision', 'model_development']),
  platform: z.string(),
  /** Attributes that may be asked for. */
  scope: z.array(z.string()),
  grantedAt: isoTime,
  expiresAt: isoTime,
  revokedAt: isoTime.nullable(),
  textVersion: z.string(),
  /** SHA-256 of the text that was agreed to. */
  textHash: z.string(),
  evidence: z.string().nullable(),
  recordedBy: z.string(),
  revokedBy: z.string().nullable(),
  /** Whether it holds now. */
  isLive: z.boolean(),
});
export type ConsentDto = z.infer<typeof consentSchema>;
export const consentsSchema = z.object({
  rows: z.array(consentSchema),
  /** All that a consent can ever cover. */
  attributes: z.array(z.object({ name: z.string(), description: z.string() })),
});

export const consentGrantSchema = z.strictObject({
  purpose: z.enum(['credit_decision', 'model_development']),
  platform: z.string().min(2).max(40),
  scope: z.array(z.string().min(1).max(63)).min(1).max(20),
  days: z.int().min(1).max(365),
  textVersion: z.string().trim().min(1).max(100),
  text: z.string().min(1).max(20_000),
  evidence: z.string().trim().min(1).max(2000),
});

export type ConsentGrant = z.infer<typeof consentGrantSchema>;

export const consentOperations = {
  listConsents: {
    method: 'GET',
    path: '/persons/:borrowerId/consents',
    tag: 'persons',
    status: 200,
    summary: 'What a person agreed to, and took back',
    response: consentsSchema,
  },
  grantConsent: {
    method: 'POST',
    path: '/persons/:borrowerId/consents',
    tag: 'persons',
    status: 201,
    summary: 'Keep a consent, with the text that was agreed to',
    body: consentGrantSchema,
    response: consentSchema,
  },
  revokeConsent: {
    method: 'POST',
    path: '/persons/:borrowerId/consents/:consentId/revoke',
    tag: 'persons',
    status: 200,
    summary: 'Take a consent back, from this instant on',
    body: z.strictObject({}),
    response: consentSchema,
  },
} as const;
