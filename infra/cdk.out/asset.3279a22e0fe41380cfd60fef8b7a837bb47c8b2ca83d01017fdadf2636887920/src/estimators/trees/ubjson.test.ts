import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { openXgboostModel } from './open-xgboost.ts';
import { modelJsonToUbjson, ubjsonToModelJson } from './ubjson.ts';

const model = (more: object = {}) => ({
  learner: {
    feature_names: [],
    feature_types: [],
    gradient_booster: {
      model: {
        iteration_indptr: [0, 1, 200, 40_000, 3_000_000_000],
        trees: [
          { base_weights: [0.5, -1.25, Math.fround(1 / 3)], default_left: [1, 0, 255], id: 0, left_children: [1, -1] },
        ],
      },
      name: 'gbtree',
    },
    learner_model_param: { base_score: '5E-1', num_feature: '3' },
    ...more,
  },
  version: [3, 0, 5],
});

const isRefused = (error: unknown): boolean => error instanceof AssayError && error.code === 'bad_input';

test('a model comes back from UBJSON as it was, numbers to the bit', () => {
  assert.deepEqual(JSON.parse(ubjsonToModelJson(modelJsonToUbjson(JSON.stringify(model())))), model());
});

test('the head of a file is as XGBoost writes it: lengths of eight bytes, tree arrays typed', () => {
  const bytes = Buffer.from(modelJsonToUbjson('{"split_conditions":[0.5],"version":[3]}'));
  assert.equal(
    bytes.toString('latin1'),
    '{L\0\0\0\0\0\0\0\x10split_conditions[$d#L\0\0\0\0\0\0\0\x01\x3f\0\0\0L\0\0\0\0\0\0\0\x07version[#L\0\0\0\0\0\0\0\x01i\x03}',
  );
});

test('a file cut anywhere, or with a byte too many, is refused', () => {
  const bytes = modelJsonToUbjson(JSON.stringify(model()));
  for (let length = 0; length < bytes.length; length++)
    assert.throws(() => ubjsonToModelJson(bytes.subarray(0, length)), isRefused, `${length} bytes`);
  assert.throws(() => ubjsonToModelJson(Buffer.concat([bytes, Buffer.from('x')])), isRefused);
});

test('lengths that lie, endless nesting and repeated keys are refused, and use no memory', () => {
  const length = '\x7f\xff\xff\xff\xff\xff\xff\xff';
  for (const text of [
    `{L${length}`,
    `[$d#L${length}`,
    `[#L${length}`,
    '['.repeat(1000),
    '{i\x01aZi\x01aZ}',
    '?',
    'SL\0\0\0\0\0\0\0\x01\xff',
  ])
    assert.throws(() => ubjsonToModelJson(Buffer.from(text, 'latin1')), isRefused, JSON.stringify(text.slice(0, 20)));
});

test('a model of others is told apart by its content; its inputs have names or numbers', () => {
  const text = JSON.stringify(model());
  for (const bytes of [Buffer.from(text), modelJsonToUbjson(text)])
    assert.deepEqual(
      openXgboostModel(bytes).inputs.map(({ name }) => name),
      ['f0', 'f1', 'f2'],
    );
  const named = openXgboostModel(Buffer.from(JSON.stringify(model({ feature_names: ['a', 'b', 'c'] }))));
  assert.deepEqual(
    named.inputs.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
  const refused = [model({ feature_types: ['q', 'c', 'q'] }), model({ learner_model_param: { num_feature: '0' } }), {}];
  for (const document of refused)
    assert.throws(() => openXgboostModel(Buffer.from(JSON.stringify(document))), isRefused);
});
