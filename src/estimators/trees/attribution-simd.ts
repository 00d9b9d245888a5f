import type { AttributionKernel, Quadrature } from './attribution.ts';
import { type FullNode, FullTree } from './full-tree.ts';
import type { RowRanks } from './row-ranks.ts';
import { kernelModule } from './simd-kernel.ts';
import { type Layout, LEAF_BYTES, layoutOf, NODE, NODE_BYTES, pairBytesOf, REPEAT } from './simd-layout.ts';
import type { TreeModel } from './tree-model.ts';
import { instantiate, type WasmMemory, wasmMemory } from './wasm-function.ts';

/** Slots and features are byte offsets in 16 bits. */
const MAX_COLUMNS = 0xffff / Float64Array.BYTES_PER_ELEMENT;
/** 256 MiB. */
const MAX_BYTES = 1 << 28;

/**
 * The recurrences of attribution.ts for trees padded to full binary trees, in WebAssembly: two trees at once, one in each lane of
 * a vector (see simd-kernel.ts). A padded node has the same value on both sides and changes nothing.
 * @returns undefined where the numbers of slots, features or nodes pass the limits of the layout.
 */
export function compileSimdAttribution(
  model: TreeModel,
  ranks: RowRanks,
  quadrature: Quadrature,
  shape: { readonly depth: number; readonly bias: number },
): AttributionKernel | undefined {
  const columns = { slotCount: ranks.slotCount, featureCount: model.featureCount };
  const depth = Math.max(shape.depth, 1);
  const layout = layoutOf(columns, { depth, treeCount: model.trees.length, points: quadrature.points.length });
  if (Math.max(columns.slotCount, columns.featureCount) > MAX_COLUMNS || layout.repeats > MAX_BYTES) return undefined;
  const plan = new PairPlan(layout, depth, quadrature);
  const lanes = [new FullTree(ranks, depth), new FullTree(ranks, depth)] as const;
  for (let first = 0; first < model.trees.length; first += 2) {
    lanes.forEach((lane, i) => {
      lane.place(model.trees[first + i]);
    });
    plan.add(lanes);
  }
  const memory = plan.memory();
  if (!memory) return undefined;
  const run = instantiate(kernelModule(layout, depth, quadrature, memory.buffer.byteLength), memory);
  return kernelOn(memory, layout, columns, run, shape.bias);
}

function kernelOn(
  memory: WasmMemory,
  layout: Layout,
  columns: { readonly slotCount: number; readonly featureCount: number },
  run: () => void,
  bias: number,
): AttributionKernel {
  const slotsInside = new Float64Array(memory.buffer, layout.slots, columns.slotCount);
  const outInside = new Float64Array(memory.buffer, layout.out, columns.featureCount);
  return (slots, out) => {
    for (let i = 0; i < slotsInside.length; i++) slotsInside[i] = slots[i]!;
    outInside.fill(0);
    run();
    for (let i = 0; i < outInside.length; i++) out[i] = outInside[i]!;
    return bias;
  };
}

type Lanes = readonly [FullTree, FullTree];

/** Writes nodes, leaves and repeats of all pairs as the kernel reads them. */
class PairPlan {
  readonly #layout: Layout;
  readonly #depth: number;
  readonly #quadrature: Quadrature;
  readonly #pairs: DataView;
  /** Values of all repeats, `layout.repeatBytes` each. */
  readonly #repeats: DataView[] = [];
  #at = 0;

  constructor(layout: Layout, depth: number, quadrature: Quadrature) {
    this.#layout = layout;
    this.#depth = depth;
    this.#quadrature = quadrature;
    this.#pairs = new DataView(new ArrayBuffer(layout.repeats - layout.pairs));
  }

  add(lanes: Lanes): void {
    for (let heap = 1; heap < 2 ** this.#depth; heap++) {
      this.#addNode(lanes, heap, this.#at + (heap - 1) * NODE_BYTES);
    }
    const leaves = this.#at + (2 ** this.#depth - 1) * NODE_BYTES;
    lanes.forEach((lane, i) => {
      lane.leaves.forEach((value, leaf) => {
        this.#pairs.setFloat32(leaves + leaf * LEAF_BYTES + 4 * i, value, true);
      });
    });
    this.#at += pairBytesOf(this.#depth);
  }

  /** Undefined: too large. */
  memory(): WasmMemory | undefined {
    const { pairs, repeats, repeatBytes } = this.#layout;
    const bytes = repeats + this.#repeats.length * repeatBytes;
    if (bytes > MAX_BYTES) return undefined;
    const memory = wasmMemory(bytes);
    const inside = new Uint8Array(memory.buffer);
    inside.set(new Uint8Array(this.#pairs.buffer), pairs);
    this.#repeats.forEach((repeat, i) => {
      inside.set(new Uint8Array(repeat.buffer), repeats + i * repeatBytes);
    });
    return memory;
  }

  #addNode(lanes: Lanes, heap: number, at: number): void {
    const pairs = this.#pairs;
    const nodes = lanes.map((lane) => lane.nodes[heap]!);
    nodes.forEach((node, i) => {
      pairs.setFloat64(at + NODE.ranks + 8 * i, node.rank, true);
      pairs.setFloat64(at + NODE.shares + 8 * i, node.leftShare, true);
      pairs.setUint16(at + NODE.slots + 2 * i, node.slot * Float64Array.BYTES_PER_ELEMENT, true);
      pairs.setUint16(at + NODE.features + 2 * i, node.feature * Float64Array.BYTES_PER_ELEMENT, true);
    });
    if (nodes.every((node) => node.above === 0)) return;
    const { repeats, repeatBytes } = this.#layout;
    pairs.setInt32(at + NODE.repeat, repeats + this.#repeats.length * repeatBytes, true);
    this.#repeats.push(this.#repeatOf(lanes, heap));
  }

  #repeatOf(lanes: Lanes, heap: number): DataView {
    const view = new DataView(new ArrayBuffer(this.#layout.repeatBytes));
    const { points } = this.#quadrature;
    let expected = 0;
    lanes.forEach((lane, i) => {
      const decisions = decisionsAbove(lane.nodes, heap);
      expected |= decisions.expected << i;
      view.setInt32(REPEAT.masks + 8 * i, decisions.mask << i, true);
      points.forEach((t, q) => {
        const share = lane.nodes[heap]!.shareAbove;
        const factor = share * (1 - t) + t;
        view.setFloat64(REPEAT.constants + 16 * q + 8 * i, (share * (1 - t)) / factor, true);
        view.setFloat64(REPEAT.constants + 16 * (points.length + q) + 8 * i, share / (factor * factor), true);
      });
    });
    view.setInt32(REPEAT.expected, expected, true);
    return view;
  }
}

/**
 * The decisions above a node on its own feature, two bits a level and the nearest lowest: which bits count, and what they are when
 * the row took every one of these splits towards the node.
 */
function decisionsAbove(
  nodes: readonly FullNode[],
  heap: number,
): { readonly mask: number; readonly expected: number } {
  const levelOf = (position: number): number => 31 - Math.clz32(position);
  let [mask, expected] = [0, 0];
  for (let { above } = nodes[heap]!; above > 0; above = nodes[above >> 1]!.above) {
    const bit = 2 * (levelOf(heap) - levelOf(above));
    mask |= 1 << bit;
    expected |= (above & 1) << bit;
  }
  return { mask, expected };
}
