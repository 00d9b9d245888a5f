import type { Quadrature } from './attribution.ts';
import { type Layout, LEAF_BYTES, NODE, NODE_BYTES, REPEAT } from './simd-layout.ts';
import { WasmFunction } from './wasm-function.ts';

/**
 * The code of the kernel: straight down from the root of two trees and back, every node in its place, a loop over the pairs.
 * With o = 1 where the row goes left and s the cover share of the left child, u = o - s and x = o - a u is the factor of the
 * left child: G_left = x G, G_right = G - G_left, H = H_right + x (H_left - H_right), attribution += u w G (H_left - H_right).
 * G starts with the weight of its quadrature point. Nothing is looked up but the nodes, half a megabyte for 300 trees of depth
 * six, read from first to last: tables of results are quicker for a row that was just asked for, and slower for all others.
 */
export function kernelModule(
  layout: Layout,
  depth: number,
  quadrature: Quadrature,
  memoryBytes: number,
): Uint8Array<ArrayBuffer> {
  const writer = new KernelWriter(layout, depth, quadrature);
  writer.write();
  return writer.code.module(memoryBytes);
}

/** Vectors of one level, by quadrature point where there are several. */
type Level = {
  /** Products of factors above; with the weight of the node's feature; factor of the left child. */
  readonly products: readonly number[];
  readonly weighted: readonly number[];
  readonly factors: readonly number[];
  /** Sums over the leaves below: of the left child, kept while the right one is worked on, and of the node. */
  readonly leftSums: readonly number[];
  readonly sums: readonly number[];
  /** o - s. */
  readonly step: number;
  /** Decisions above, two bits a level; the last lowest. */
  readonly decisions: number;
};

class KernelWriter {
  readonly code = new WasmFunction();
  readonly #layout: Layout;
  readonly #depth: number;
  readonly #quadrature: Quadrature;
  readonly #pair = this.code.local('i32');
  readonly #repeat = this.code.local('i32');
  readonly #one = this.code.local('v128');
  /** Never set. */
  readonly #zero = this.code.local('v128');
  readonly #right = this.code.local('v128');
  readonly #left = this.code.local('v128');
  readonly #follows = this.code.local('v128');
  readonly #difference = this.code.local('v128');
  readonly #attribution = this.code.local('v128');
  readonly #shrinks: readonly number[];
  readonly #levels: readonly Level[];

  constructor(layout: Layout, depth: number, quadrature: Quadrature) {
    this.#layout = layout;
    this.#depth = depth;
    this.#quadrature = quadrature;
    this.#shrinks = this.#vectors();
    this.#levels = Array.from({ length: depth + 1 }, () => this.#level());
  }

  write(): void {
    const { code } = this;
    const { pairs, pairBytes, repeats } = this.#layout;
    const { points, weights } = this.#quadrature;
    code.i32(pairs).set(this.#pair).splat(1).set(this.#one);
    for (const [q, t] of points.entries()) code.splat(1 - t).set(this.#shrinks[q]!);
    for (const [q, weight] of weights.entries()) code.splat(weight).set(this.#levels[0]!.products[q]!);
    code.repeat(() => {
      this.#node(0, 1);
      code.get(this.#pair).i32(pairBytes).do('i32.add').set(this.#pair);
      code.get(this.#pair).i32(repeats).do('i32.lt_u');
    });
  }

  #level(): Level {
    const [products, weighted, factors] = [this.#vectors(), this.#vectors(), this.#vectors()];
    const [leftSums, sums, step] = [this.#vectors(), this.#vectors(), this.code.local('v128')];
    return { products, weighted, factors, leftSums, sums, step, decisions: this.code.local('i32') };
  }

  #vectors(): number[] {
    return Array.from(this.#quadrature.points, () => this.code.local('v128'));
  }

  #node(level: number, heap: number): void {
    const at = (heap - 1) * NODE_BYTES;
    this.#decide(level, at);
    this.#weigh(level, at);
    if (level < this.#depth - 1) this.#children(level, heap);
    else this.#leaves(level, heap);
    this.#credit(level, at);
  }

  /** Which way each lane goes. */
  #decide(level: number, at: number): void {
    const { code } = this;
    const { step, decisions } = this.#levels[level]!;
    code.get(this.#pair).load('i32.load16_u', at + NODE.slots + 2);
    code.get(this.#pair).load('i32.load16_u', at + NODE.slots);
    code.load('v128.load64_zero', this.#layout.slots).loadSecondLane(this.#layout.slots);
    code
      .get(this.#pair)
      .load('v128.load', at + NODE.ranks)
      .do('f64x2.gt')
      .set(this.#right);
    code.get(this.#one).get(this.#right).do('v128.andnot').set(this.#left);
    code
      .get(this.#left)
      .get(this.#pair)
      .load('v128.load', at + NODE.shares)
      .do('f64x2.sub')
      .set(step);
    code.get(decisions).i32(2).do('i32.shl').get(this.#right).do('i64x2.bitmask').do('i32.or');
    code.set(this.#levels[level + 1]!.decisions);
  }

  /** Factor and weight of the node's feature. The root has nothing above it that it could repeat. */
  #weigh(level: number, at: number): void {
    const { code } = this;
    if (level === 0) {
      this.#weighNew(level);
      return;
    }
    code.get(this.#pair).load('i32.load', at + NODE.repeat);
    code.set(this.#repeat).get(this.#repeat);
    code.ifThen(
      () => this.#weighRepeat(level),
      () => this.#weighNew(level),
    );
  }

  #weighNew(level: number): void {
    const { products, weighted, factors, step } = this.#levels[level]!;
    this.#shrinks.forEach((shrink, q) => {
      const { code } = this;
      code.get(this.#left).get(shrink).get(step).do('f64x2.mul').do('f64x2.sub').set(factors[q]!);
      code.get(products[q]!).set(weighted[q]!);
    });
  }

  #weighRepeat(level: number): void {
    const { code } = this;
    const { products, weighted, factors, step, decisions } = this.#levels[level]!;
    code.get(this.#repeat).load('i32.load', REPEAT.expected).get(decisions).do('i32.xor');
    code.do('i64.extend_i32_u').do('i64x2.splat').get(this.#repeat).load('v128.load', REPEAT.masks).do('v128.and');
    code.get(this.#zero).do('i64x2.eq').set(this.#follows);
    factors.forEach((factor, q) => {
      const [shrink, weight] = [q, factors.length + q].map((i) => REPEAT.constants + 16 * i);
      code.get(this.#left).get(this.#repeat).load('v128.load', shrink!).get(this.#one).get(this.#follows);
      code.do('v128.bitselect').get(step).do('f64x2.mul').do('f64x2.sub').set(factor);
      code.get(this.#repeat).load('v128.load', weight!).get(this.#follows).do('v128.and');
      code.get(products[q]!).do('f64x2.mul').set(weighted[q]!);
    });
  }

  #children(level: number, heap: number): void {
    const { code } = this;
    const { products, weighted, factors, leftSums, sums } = this.#levels[level]!;
    const below = this.#levels[level + 1]!;
    below.products.forEach((product, q) => {
      code.get(products[q]!).get(factors[q]!).do('f64x2.mul').set(product);
    });
    this.#node(level + 1, 2 * heap);
    below.products.forEach((product, q) => {
      code.get(below.sums[q]!).set(leftSums[q]!);
      code.get(products[q]!).get(product).do('f64x2.sub').set(product);
    });
    this.#node(level + 1, 2 * heap + 1);
    factors.forEach((factor, q) => {
      code.get(leftSums[q]!).get(below.sums[q]!).do('f64x2.sub').set(this.#difference);
      code.get(below.sums[q]!).get(factor).get(this.#difference).do('f64x2.mul').do('f64x2.add').set(sums[q]!);
      code.get(weighted[q]!).get(this.#difference).do('f64x2.mul');
      this.#addUp(q);
    });
  }

  #leaves(level: number, heap: number): void {
    const { code } = this;
    const { weighted, factors, sums } = this.#levels[level]!;
    const leaf = (2 ** this.#depth - 1) * NODE_BYTES + (2 * heap - 2 ** this.#depth) * LEAF_BYTES;
    const value = (offset: number) =>
      code.get(this.#pair).load('v128.load64_zero', offset).do('f64x2.promote_low_f32x4');
    const right = this.#right;
    value(leaf + LEAF_BYTES).set(right);
    value(leaf).get(right).do('f64x2.sub').set(this.#difference);
    factors.forEach((factor, q) => {
      code.get(right).get(factor).get(this.#difference).do('f64x2.mul').do('f64x2.add').set(sums[q]!);
      code.get(weighted[q]!);
      this.#addUp(q);
    });
    code.get(this.#attribution).get(this.#difference).do('f64x2.mul').set(this.#attribution);
  }

  #addUp(q: number): void {
    if (q > 0) this.code.get(this.#attribution).do('f64x2.add');
    this.code.set(this.#attribution);
  }

  #credit(level: number, at: number): void {
    const { code } = this;
    code.get(this.#attribution).get(this.#levels[level]!.step).do('f64x2.mul').set(this.#attribution);
    for (const lane of [0, 1] as const) {
      const address = () => code.get(this.#pair).load('i32.load16_u', at + NODE.features + 2 * lane);
      code.addToMemory(address, this.#attribution, lane, this.#layout.out);
    }
  }
}
