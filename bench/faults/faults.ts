import type { Database, Lake } from '../../src/platform/index.ts';
import type { Chance } from './chance.ts';

/** The process is gone; what it had committed stays. */
export class Crash extends Error {
  constructor(where: string) {
    super(`crash ${where}`);
    this.name = 'Crash';
  }
}

/**
 * A database whose connection breaks: before a transaction, in it, or after its commit and before anybody hears of that.
 * `rate`: of each, of all transactions.
 */
export function breaking(database: Database, chance: Chance, rate: () => number): Database {
  const fateOf = (): number => chance.next() / Math.max(rate(), Number.MIN_VALUE);
  return {
    ...database,
    write: async (...statement) => {
      const fate = fateOf();
      if (fate < 2) throw new Crash('before a transaction');
      const rows = await database.write(...statement);
      if (fate < 3) throw new Crash('after the commit');
      return rows as never;
    },
    transaction: async (work) => {
      const fate = fateOf();
      if (fate < 1) throw new Crash('before a transaction');
      const result = await database.transaction(async (inside) => {
        const done = await work(inside);
        if (fate < 2) throw new Crash('before the commit');
        return done;
      });
      if (fate < 3) throw new Crash('after the commit');
      return result;
    },
  };
}

/** A lake on which a file is now and then left half written, as a power cut leaves it where a rename is not atomic. */
export function tearing(lake: Lake, chance: Chance, rate: () => number): Lake {
  return {
    ...bound(lake),
    put: async (key, content) => {
      if (!chance.happens(rate())) return lake.put(key, content);
      const bytes = Buffer.from(content);
      await lake.put(key, bytes.subarray(0, chance.below(bytes.length)));
      throw new Crash('in the middle of a file');
    },
  };
}

/** The methods of an object, whatever it is made of. */
function bound(lake: Lake): Lake {
  return {
    path: (key) => lake.path(key),
    put: (key, content) => lake.put(key, content),
    get: (key) => lake.get(key),
    exists: (key) => lake.exists(key),
    list: (prefix) => lake.list(prefix),
    publish: (staging, target) => lake.publish(staging, target),
    remove: (prefix) => lake.remove(prefix),
  };
}
