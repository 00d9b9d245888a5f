import { AssayError } from '../domain/index.ts';

/** Columns of numbers; NaN = missing, which always goes left. */
export type AnomalyFrame = { readonly rowCount: number; readonly columns: readonly Float64Array[] };

export type IsolationOptions = {
  /** Default 200. */
  readonly trees?: number;
  /** Rows a tree is grown on; default 256, as in the paper. */
  readonly sample?: number;
  readonly seed: number;
};

/** Nodes of all trees, one after another. `left` < 0: a leaf, with -left - 1 rows in it. */
export type IsolationForest = {
  readonly columns: number;
  readonly sample: number;
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
};

const MAX_TREES = 10_000;
const MAX_SAMPLE = 65_536;

/**
 * Isolation forest (Liu, Ting and Zhou 2008): trees that split a sample of rows at random; what is isolated early is strange.
 * The same seed and rows give the same forest.
 * @throws AssayError bad_input for no rows or options out of bounds
 */
export function fitIsolationForest(frame: AnomalyFrame, options: IsolationOptions): IsolationForest {
  const { trees = 200, sample = 256, seed } = options;
  if (frame.rowCount < 2 || !(trees >= 1 && trees <= MAX_TREES && sample >= 2 && sample <= MAX_SAMPLE)) {
    throw new AssayError('bad_input', {
      what: 'an isolation forest needs two rows or more, and options within bounds',
      given: `${frame.rowCount} rows, ${trees} trees, ${sample} rows a tree`,
      allowed: `1 to ${MAX_TREES} trees, 2 to ${MAX_SAMPLE} rows a tree`,
    });
  }
  const size = Math.min(sample, frame.rowCount);
  const grower = new Grower(frame, seed, Math.ceil(Math.log2(size)));
  const roots = Int32Array.from({ length: trees }, () => grower.grow(size));
  return { columns: frame.columns.length, sample: size, roots, ...grower.nodes() };
}

class Grower {
  readonly #frame: AnomalyFrame;
  readonly #random: () => number;
  readonly #maxDepth: number;
  readonly #rows: Uint32Array;
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];

  constructor(frame: AnomalyFrame, seed: number, maxDepth: number) {
    this.#frame = frame;
    this.#random = mulberry32(seed);
    this.#maxDepth = maxDepth;
    this.#rows = Uint32Array.from({ length: frame.rowCount }, (_, row) => row);
  }

  /** A tree on `size` rows drawn without replacement; gives its root. */
  grow(size: number): number {
    const rows = this.#rows;
    for (let i = 0; i < size; i++) {
      const other = i + Math.floor(this.#random() * (rows.length - i));
      [rows[i], rows[other]] = [rows[other]!, rows[i]!];
    }
    return this.#node(rows.slice(0, size), 0);
  }

  nodes(): Pick<IsolationForest, 'feature' | 'threshold' | 'left' | 'right'> {
    return {
      feature: Int32Array.from(this.#feature),
      threshold: Float64Array.from(this.#threshold),
      left: Int32Array.from(this.#left),
      right: Int32Array.from(this.#right),
    };
  }

  #node(rows: Uint32Array, depth: number): number {
    const at = this.#feature.push(-1) - 1;
    this.#threshold.push(0);
    this.#left.push(-rows.length - 1);
    this.#right.push(0);
    const split = depth < this.#maxDepth && rows.length > 1 ? this.#split(rows) : null;
    if (!split) return at;
    const values = this.#frame.columns[split.feature]!;
    this.#feature[at] = split.feature;
    this.#threshold[at] = split.threshold;
    this.#left[at] = this.#node(
      rows.filter((row) => goesLeft(values[row]!, split.threshold)),
      depth + 1,
    );
    this.#right[at] = this.#node(
      rows.filter((row) => !goesLeft(values[row]!, split.threshold)),
      depth + 1,
    );
    return at;
  }

  /** A random column that varies among the rows, and a random value within its range. */
  #split(rows: Uint32Array): { feature: number; threshold: number } | null {
    const { columns } = this.#frame;
    const order = Array.from(columns.keys());
    for (let tried = 0; tried < order.length; tried++) {
      const other = tried + Math.floor(this.#random() * (order.length - tried));
      [order[tried], order[other]] = [order[other]!, order[tried]!];
      const values = columns[order[tried]!]!;
      let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const row of rows) {
        const value = values[row]!;
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
      }
      if (lowest < highest) return { feature: order[tried]!, threshold: lowest + this.#random() * (highest - lowest) };
    }
    return null;
  }
}

const goesLeft = (value: number, threshold: number): boolean => !(value > threshold);

/**
 * Anomaly of each row, 0 to 1: 2^(-mean path length / c(sample)); 0.5 = ordinary, towards 1 = strange.
 * @throws AssayError bad_input for another number of columns than the forest was grown on
 */
export function anomalyScores(forest: IsolationForest, frame: AnomalyFrame): Float64Array {
  if (frame.columns.length !== forest.columns) {
    const given = `${frame.columns.length} columns`;
    throw new AssayError('bad_input', {
      what: 'the forest was grown on other columns',
      given,
      allowed: String(forest.columns),
    });
  }
  const { roots, feature, threshold, left, right } = forest;
  const expected = averagePath(forest.sample);
  return Float64Array.from({ length: frame.rowCount }, (_, row) => {
    let total = 0;
    for (const root of roots) {
      let [node, depth] = [root, 0];
      while (feature[node]! >= 0) {
        node = goesLeft(frame.columns[feature[node]!]![row]!, threshold[node]!) ? left[node]! : right[node]!;
        depth++;
      }
      total += depth + averagePath(-left[node]! - 1);
    }
    return 2 ** (-total / roots.length / expected);
  });
}

const EULER = 0.577_215_664_901_532_9;

/** c(n): the mean path of an unsuccessful search in a binary tree of n. */
function averagePath(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

/** Small, seeded and good enough to split at random (mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
