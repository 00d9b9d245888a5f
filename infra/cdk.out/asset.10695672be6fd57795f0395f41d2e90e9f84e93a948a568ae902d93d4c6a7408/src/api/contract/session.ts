import { z } from 'zod';
import { isoTime } from './common.ts';

export const ROLES = [
  'modeller',
  'validator',
  'underwriter',
  'portfolio_manager',
  'compliance',
  'data_engineer',
  'admin',
] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

export const signInSchema = z.strictObject({
  username: z.string().min(1).max(100),
  password: z.string().min(1).max(200),
});
export type SignIn = z.infer<typeof signInSchema>;

export const sessionSchema = z.object({
  user: z.object({ username: z.string(), displayName: z.string(), role: roleSchema }),
  /** Operations (keys of `operations` in this contract) the role may call; the rest answer 403. */
  permissions: z.array(z.string()),
  expiresAt: isoTime,
});
export type Session = z.infer<typeof sessionSchema>;

/** Answer to sign-in: the session, and the same secret the cookie carries, for use as `Authorization: Bearer`. */
export const signedInSchema = sessionSchema.extend({ token: z.string() });
export type SignedIn = z.infer<typeof signedInSchema>;
