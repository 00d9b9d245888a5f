/** Seeded random numbers: sfc32 (Doty-Humphrey, PractRand), 32-bit integer arithmetic, the same on every machine. */
export type Random = {
  /** [0, 1) */
  readonly uniform: () => number;
  readonly between: (low: number, high: number) => number;
  /** Whole number, low <= n <= high. */
  readonly integer: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly normal: () => number;
  readonly poisson: (mean: number) => number;
  /** exp(mu + sigma z) */
  readonly lognormal: (mu: number, sigma: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** An item by weight; weights need not sum to one. */
  readonly weighted: <Item>(items: readonly (readonly [Item, number])[]) => Item;
};

/** One stream of random numbers for each (seed, stream): a borrower's numbers do not depend on how many others there are. */
export function createRandom(seed: number, stream: number): Random {
  let a = mix(seed ^ 0x9e3779b9);
  let b = mix(stream ^ 0x243f6a88);
  let c = mix(a ^ b);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 12; i++) next();
  return over(next);
}

/** Finaliser of MurmurHash3: neighbouring seeds start far apart. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function over(uniform: () => number): Random {
  /** Marsaglia's polar method; the second value of a pair is thrown away to keep the stream simple to follow. */
  const normal = (): number => {
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
    }
  };
  const poisson = (mean: number): number => {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = uniform(); product > limit; product *= uniform()) count++;
    return count;
  };
  return {
    uniform,
    normal,
    poisson,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (low, high) => low + Math.floor((high - low + 1) * uniform()),
    chance: (probability) => uniform() < probability,
    lognormal: (mu, sigma) => Math.exp(mu + sigma * normal()),
    pick: (items) => items[Math.floor(uniform() * items.length)]!,
    weighted: (items) => {
      let left = uniform() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return items[items.length - 1]![0];
    },
  };
}
