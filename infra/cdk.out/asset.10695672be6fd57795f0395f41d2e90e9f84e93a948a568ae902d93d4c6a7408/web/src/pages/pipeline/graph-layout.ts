import type { PipelineDefinition } from '../../contract.ts';

export type State = PipelineDefinition['states'][number];
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type PlacedState = { readonly state: State; readonly box: Box };
export type Edge = { readonly from: string; readonly to: string; readonly path: string; readonly failure: boolean };
export type GraphLayout = {
  readonly nodes: readonly PlacedState[];
  /** Map states: a frame around the states that run inside. */
  readonly frames: readonly PlacedState[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
};

const NODE = { width: 200, height: 40 };
const PITCH_Y = 60;
const FRAME = { head: 26, side: 14, foot: 12 };
const FAIL_X = NODE.width + FRAME.side + 56;
const MARGIN = 16;

/**
 * Places a state machine from top to bottom: the way that succeeds in one column, each state below all that lead to it;
 * failures in a second column beside the first state that leads to them.
 */
export function layOutGraph({ startAt, states }: PipelineDefinition): GraphLayout {
  const byName = new Map(states.map((state) => [state.name, state]));
  const order = mainOrder(startAt, states, byName);
  const placed = new Map<string, PlacedState>();
  const frames: PlacedState[] = [];
  let y = MARGIN;
  for (const state of order) {
    const children = states.filter((candidate) => candidate.parent === state.name);
    if (children.length === 0) {
      placed.set(state.name, { state, box: { x: MARGIN + FRAME.side, y, ...NODE } });
      y += PITCH_Y;
      continue;
    }
    const frame = frameOf(state, children, y, placed);
    frames.push(frame);
    y += frame.box.height + PITCH_Y - NODE.height;
  }
  const boxOf = (name: string) => placed.get(name)?.box ?? frames.find(({ state }) => state.name === name)?.box;
  placeFailures(states, placed, boxOf);
  const edges = edgesOf(states, boxOf);
  const boxes = [...placed.values(), ...frames].map(({ box }) => box);
  return {
    nodes: [...placed.values()],
    frames,
    edges,
    width: Math.max(0, ...boxes.map((box) => box.x + box.width)) + MARGIN,
    height: Math.max(0, ...boxes.map((box) => box.y + box.height)) + MARGIN,
  };
}

function isFailure(state: State): boolean {
  return state.type === 'Fail';
}

/** Top-level states that are no failures, from the start, each after the one that names it first. */
function mainOrder(startAt: string, states: readonly State[], byName: ReadonlyMap<string, State>): readonly State[] {
  const seen = new Set<string>();
  const queue = [startAt];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const state = byName.get(name);
    if (state === undefined || seen.has(name) || isFailure(state) || state.parent !== null) continue;
    seen.add(name);
    queue.push(...state.next);
  }
  const reached = [...seen].flatMap((name) => byName.get(name) ?? []);
  const rest = states.filter((state) => state.parent === null && !isFailure(state) && !seen.has(state.name));
  return [...reached, ...rest];
}

function frameOf(state: State, children: readonly State[], y: number, placed: Map<string, PlacedState>): PlacedState {
  const x = MARGIN + FRAME.side;
  children.forEach((child, index) => {
    placed.set(child.name, { state: child, box: { x, y: y + FRAME.head + index * PITCH_Y, ...NODE } });
  });
  const inner = (children.length - 1) * PITCH_Y + NODE.height;
  const height = FRAME.head + inner + FRAME.foot;
  return { state, box: { x: MARGIN, y, width: NODE.width + 2 * FRAME.side, height } };
}

function placeFailures(
  states: readonly State[],
  placed: Map<string, PlacedState>,
  boxOf: (name: string) => Box | undefined,
): void {
  const taken = new Set<number>();
  for (const state of states.filter(isFailure)) {
    const sources = states.filter(({ next }) => next.includes(state.name)).flatMap(({ name }) => boxOf(name) ?? []);
    let y = Math.min(...sources.map((box) => box.y), Number.MAX_SAFE_INTEGER);
    if (y === Number.MAX_SAFE_INTEGER) y = MARGIN;
    while (taken.has(y)) y += PITCH_Y;
    taken.add(y);
    placed.set(state.name, { state, box: { x: MARGIN + FAIL_X, y, ...NODE } });
  }
}

function edgesOf(states: readonly State[], boxOf: (name: string) => Box | undefined): readonly Edge[] {
  const byName = new Map(states.map((state) => [state.name, state]));
  return states.flatMap((state) =>
    state.next.flatMap((to) => {
      const [source, target, next] = [boxOf(state.name), boxOf(to), byName.get(to)];
      if (source === undefined || target === undefined || next === undefined) return [];
      const failure = isFailure(next);
      return [{ from: state.name, to, failure, path: failure ? sideways(source, target) : downwards(source, target) }];
    }),
  );
}

function downwards(source: Box, target: Box): string {
  return `M${source.x + source.width / 2} ${source.y + source.height} V${target.y}`;
}

function sideways(source: Box, target: Box): string {
  const [fromX, fromY] = [source.x + source.width, source.y + source.height / 2];
  const [toX, toY] = [target.x, target.y + target.height / 2];
  const bend = toX - 22;
  return fromY === toY ? `M${fromX} ${fromY} H${toX}` : `M${fromX} ${fromY} H${bend} V${toY} H${toX}`;
}
