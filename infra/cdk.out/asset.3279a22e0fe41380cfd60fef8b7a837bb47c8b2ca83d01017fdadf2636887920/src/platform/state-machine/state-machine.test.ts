import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStateMachine } from './state-machine.ts';

const definition = JSON.stringify({
  StartAt: 'First',
  States: {
    First: {
      Type: 'Task',
      Resource: '${First}',
      TimeoutSeconds: 5,
      ResultPath: '$.first',
      Retry: [{ ErrorEquals: ['Flaky'], MaxAttempts: 2, IntervalSeconds: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Clean' }],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 1,
      ItemProcessor: {
        StartAt: 'One',
        States: { One: { Type: 'Task', Resource: '${One}', TimeoutSeconds: 5, End: true } },
      },
      ResultPath: '$.results',
      End: true,
    },
    Clean: { Type: 'Task', Resource: '${Clean}', TimeoutSeconds: 5, Next: 'Failed' },
    Failed: { Type: 'Fail', Error: 'PipelineFailed', CausePath: '$.cause' },
  },
});

class Flaky extends Error {
  override name = 'Flaky';
}

const idle = async () => null;

test('runs tasks, retries a named error and maps over items in order', async () => {
  let attempts = 0;
  const seen: unknown[] = [];
  const output = await runStateMachine({
    definition,
    input: { items: ['a', 'b'] },
    retryIntervalsMs: { First: 1 },
    handlers: {
      First: async () => {
        attempts += 1;
        if (attempts < 3) throw new Flaky('not yet');
        return attempts;
      },
      One: async (input) => {
        seen.push(input);
        return `${String(input)}!`;
      },
      Clean: idle,
    },
  });
  assert.deepEqual(output, { items: ['a', 'b'], first: 3, results: ['a!', 'b!'] });
  assert.deepEqual(seen, ['a', 'b']);
});

test('an error goes to the catcher and fails the execution', async () => {
  const cleaned: unknown[] = [];
  const run = runStateMachine({
    definition,
    input: { items: [] },
    handlers: {
      First: async () => {
        throw new TypeError('broken');
      },
      One: idle,
      Clean: async (input) => {
        cleaned.push(input);
        return { cause: 'First broke' };
      },
    },
  });
  await assert.rejects(run);
  assert.equal(cleaned.length, 1);
});

test('a Task without a handler is refused before anything runs', async () => {
  await assert.rejects(
    runStateMachine({ definition, input: {}, handlers: { First: idle } }),
    /without a local handler.*One, Clean/,
  );
});

test('cancelling ends the run as cancelled', async () => {
  const controller = new AbortController();
  const run = runStateMachine({
    definition,
    input: { items: [] },
    signal: controller.signal,
    handlers: {
      First: async () => {
        controller.abort();
        return null;
      },
      One: idle,
      Clean: idle,
    },
  });
  await assert.rejects(run, { code: 'cancelled' });
});

test('a Task without TimeoutSeconds is refused: the runner would end it after a minute', async () => {
  const noTimeout = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: '${A}', End: true } } });
  await assert.rejects(
    runStateMachine({ definition: noTimeout, input: {}, handlers: { A: idle } }),
    /TimeoutSeconds.*A/,
  );
});
