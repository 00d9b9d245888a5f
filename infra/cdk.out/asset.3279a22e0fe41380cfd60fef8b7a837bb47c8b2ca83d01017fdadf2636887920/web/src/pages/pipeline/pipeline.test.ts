import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { layOutGraph, type State } from './graph-layout.ts';
import { type StepRun, type StepStatus, stateOfStep } from './step-status.ts';

type Document = { StartAt: string; States: Record<string, StateDocument> };
type StateDocument = {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Catch?: { Next: string }[];
  ItemProcessor?: Document;
};

/** The deployed state machine, flattened as the API does. */
function statesOf(document: Document, parent: string | null = null): State[] {
  return Object.entries(document.States).flatMap(([name, state]) => [
    {
      name,
      type: state.Type,
      comment: '',
      parent,
      next: [
        state.Next,
        state.Default,
        ...[...(state.Choices ?? []), ...(state.Catch ?? [])].map(({ Next }) => Next),
      ].filter((next) => next !== undefined),
    },
    ...(state.ItemProcessor === undefined ? [] : statesOf(state.ItemProcessor, name)),
  ]);
}

test('every state of the pipeline has a place of its own, below those that lead to it', () => {
  const path = new URL('../../../../src/pipeline/credit-risk.asl.json', import.meta.url);
  const document: Document = JSON.parse(readFileSync(path, 'utf8'));
  const states = statesOf(document);
  const layout = layOutGraph({ startAt: document.StartAt, comment: '', states });
  assert.deepEqual(
    [...layout.nodes, ...layout.frames].map(({ state }) => state.name).sort(),
    states.map(({ name }) => name).sort(),
  );
  const boxes = layout.nodes.map(({ box }) => box);
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(apart, 'no two states overlap');
    }
    assert.ok(a.x + a.width <= layout.width && a.y + a.height <= layout.height);
  }
  assert.equal(
    layout.edges.length,
    states.reduce((sum, { next }) => sum + next.length, 0),
  );
});

test('an empty machine has an empty drawing', () => {
  assert.deepEqual(layOutGraph({ startAt: 'x', comment: '', states: [] }).nodes, []);
});

const run = (item: string, status: StepStatus, done = 0, total = 0): StepRun => ({
  step: 'Train',
  item,
  position: 0,
  status,
  attempt: 1,
  startedAt: null,
  finishedAt: null,
  progressDone: done,
  progressTotal: total,
  note: null,
  error: null,
});

test('a step over items shows what most needs to be seen, and how far all of them are', () => {
  assert.equal(stateOfStep('Other', [run('a', 'running')]), null);
  assert.deepEqual(stateOfStep('Train', [run('a', 'succeeded'), run('b', 'running', 1, 2), run('c', 'pending')]), {
    status: 'running',
    progress: 0.5,
    items: 3,
    itemsDone: 1,
  });
  assert.equal(stateOfStep('Train', [run('a', 'failed'), run('b', 'running')])?.status, 'failed');
  assert.equal(stateOfStep('Train', [run('a', 'running')])?.progress, null);
});
