import { z } from 'zod';
import { isoTime } from './common.ts';

/** Rows of the feed at once. */
export const RECENT_LIMIT = 100;

export const recentEventsQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(RECENT_LIMIT).default(20),
  borrowerId: z.string().max(200).optional(),
});

export const recentEventsSchema = z.object({
  rows: z.array(
    z.object({
      table: z.string(),
      key: z.string(),
      /** Null: it belongs to no single borrower. */
      borrowerId: z.string().nullable(),
      /** The fact's columns, at most 600 characters. */
      content: z.string(),
      knownAt: isoTime.nullable(),
      appliedAt: isoTime,
    }),
  ),
});
export type RecentEvents = z.infer<typeof recentEventsSchema>;

export const liveOperations = {
  listRecentEvents: {
    method: 'GET',
    path: '/events',
    tag: 'events',
    status: 200,
    summary: 'Facts applied last, since the last snapshot of the lake, newest first',
    query: recentEventsQuerySchema,
    response: recentEventsSchema,
  },
} as const;
