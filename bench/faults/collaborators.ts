import type { DecisionStore, FeatureSource } from '../../src/decisions/index.ts';
import type { Consumer, DeadLetters, EventIntake, FactSink, Submission } from '../../src/ingestion/index.ts';
import type { Database, Lake } from '../../src/platform/index.ts';

type Results = Awaited<ReturnType<EventIntake['accept']>>;

/**
 * The parts of a process, as one may be put in the place of another: the identity for the real system, something else to plant a
 * bug and see that it is found.
 */
export type Mutation = {
  readonly name: string;
  readonly intakeDatabase?: (database: Database) => Database;
  readonly accept?: (accept: EventIntake['accept'], submissions: readonly Submission[]) => Promise<Results>;
  readonly sink?: (sink: FactSink) => FactSink;
  readonly letters?: (letters: DeadLetters) => DeadLetters;
  readonly consumer?: (consumer: Consumer, database: Database) => Consumer;
  readonly lake?: (lake: Lake) => Lake;
  readonly features?: (features: FeatureSource) => FeatureSource;
  readonly store?: (store: DecisionStore) => DecisionStore;
};

export const NO_MUTATION: Mutation = { name: 'none' };

/** An object with some methods in the place of its own; private fields stay within reach of the others. */
export function replacing<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (of, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(methods, name) ? methods : of, name);
      return typeof value === 'function' ? value.bind(Object.hasOwn(methods, name) ? methods : of) : value;
    },
  });
}
