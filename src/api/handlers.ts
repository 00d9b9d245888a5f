import type { z } from 'zod';
import type { OperationId, operations, ResponseOf } from './contract.ts';
import type { User } from './session/store.ts';

type Operations = typeof operations;
type BodyOf<Id extends OperationId> = Operations[Id] extends { readonly body: infer S extends z.ZodType }
  ? z.infer<S>
  : undefined;
type QueryOf<Id extends OperationId> = Operations[Id] extends { readonly query: infer S extends z.ZodType }
  ? z.infer<S>
  : undefined;
type ParameterNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** One request to an operation, checked: the body and the query are what the contract says. */
export type Call<Id extends OperationId> = {
  readonly body: BodyOf<Id>;
  readonly query: QueryOf<Id>;
  readonly parameters: Readonly<Record<ParameterNames<Operations[Id]['path']>, string>>;
  /** The signed-in user. Operations without a session get the one below. */
  readonly user: User;
  readonly token: string;
  readonly expiresAt: Date;
  readonly address: string;
  readonly secure: boolean;
  readonly header: (name: string) => string | undefined;
  /** Aborted when the client is gone before the answer: for work that is not worth finishing then. */
  readonly hungUp: () => AbortSignal;
};

/** An answer that is not plain JSON of the contract's schema: ready text, cookies, a document. */
export type RawAnswer = {
  readonly kind: 'raw';
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

export type Handler<Id extends OperationId> = (call: Call<Id>) => Promise<ResponseOf<Id> | RawAnswer>;
export type Handlers = { readonly [Id in OperationId]: Handler<Id> };

export function isRaw(answer: unknown): answer is RawAnswer {
  return answer !== null && typeof answer === 'object' && 'kind' in answer && answer.kind === 'raw';
}
