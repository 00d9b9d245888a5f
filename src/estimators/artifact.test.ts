/**
 * Artifacts: what is packed is what is opened, bit for bit; every changed byte is refused; so is what a valid signature covers
 * but no estimator can be. Trees are opened by a real model in test/parity and scoring; here a single stump stands for them.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { AssayError, type AssayErrorCode, canonicalJson, type Frame, sha256Hex } from '../domain/index.ts';
import {
  type ArtifactFiles,
  compileEstimator,
  DEFAULT_GRADES,
  DEFAULT_SCALE,
  type FittedEstimator,
  logistic,
  type ManifestDraft,
  openArtifact,
  packArtifact,
  type Sign,
  scorecard,
  type Verify,
} from './index.ts';
import { mulberry32 } from './trees/stratified-folds.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signNow = (bytes: Uint8Array) => ({
  keyId: 'k1',
  signature: signBytes(null, bytes, privateKey).toString('base64'),
});
const sign: Sign = async (bytes) => signNow(bytes);
const verify: Verify = (bytes, { keyId, signature }) =>
  keyId === 'k1' && verifyBytes(null, bytes, publicKey, Buffer.from(signature, 'base64'));

function book() {
  const random = mulberry32(3);
  const values = Float64Array.from({ length: 600 }, () => (random() < 0.1 ? Number.NaN : random() * 9));
  const codes = Int32Array.from({ length: 600 }, () => Math.floor(random() * 2));
  const target = Uint8Array.from(values, (x, i) => (random() < 0.1 + 0.06 * (x || 0) + 0.1 * codes[i]! ? 1 : 0));
  const frame: Frame = {
    rowCount: 600,
    columns: [
      { kind: 'numeric', name: 'x', values },
      { kind: 'categorical', name: 'home', codes, levels: ['own', 'rent "x"'] },
    ],
  };
  return { frame, target };
}

function draftOf(fitted: FittedEstimator): ManifestDraft {
  return {
    portfolio: 'tiny',
    estimator: fitted.kind === 'trees' ? fitted.estimator : fitted.kind,
    createdAt: '2026-01-02T03:04:05.000Z',
    snapshotHash: 'a',
    catalogHash: 'b',
    codeVersion: 'c',
    seed: 1,
    inputs: fitted.inputs,
    parameters: { l2: 1, trend: 'auto', minIv: null },
    calibration: { kind: 'isotonic', margins: [-1, 1], pds: [0.1, 0.4] },
    scale: DEFAULT_SCALE,
    grades: DEFAULT_GRADES,
    metrics: {},
    importance: [{ feature: 'x', share: 1 }],
    reference: { kind: 'training_mean', note: '' },
    reasons: { x: { code: 'R1', text: 'x is high' } },
  };
}

const fitted: { scorecard?: FittedEstimator; logistic?: FittedEstimator } = {};
before(async () => {
  const context = { seed: 1, nthread: 1 };
  fitted.scorecard = await scorecard.fit(book(), { context });
  fitted.logistic = await logistic.fit(book(), { context });
});

const packed = (kind: 'scorecard' | 'logistic', changes: Partial<ManifestDraft> = {}) =>
  packArtifact({ ...draftOf(fitted[kind]!), ...changes }, fitted[kind]!, sign);

const refused = (code: AssayErrorCode | readonly AssayErrorCode[], text: RegExp) => (error: unknown) =>
  error instanceof AssayError && [code].flat().includes(error.code) && text.test(error.message);

/** The files with the manifest (and model) changed and signed again, its hashes set right: what a thief of the key could make. */
function forged(
  files: ArtifactFiles,
  changeManifest: (manifest: Record<string, unknown>) => void,
  changeModel: (text: string) => string = (text) => text,
): ArtifactFiles {
  const model = Buffer.from(changeModel(Buffer.from(files['model.json']!).toString()));
  const manifest = JSON.parse(Buffer.from(files['manifest.json']!).toString());
  manifest.payload.sha256 = sha256Hex(model);
  changeManifest(manifest);
  const { format: _, modelVersion: __, createdAt: ___, ...content } = manifest;
  const hash = sha256Hex(canonicalJson(content)).slice(0, 12);
  manifest.modelVersion = `${manifest.portfolio}-${manifest.estimator}-${hash}`;
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { 'manifest.json': bytes, 'model.json': model, 'signature.json': Buffer.from(canonicalJson(signNow(bytes))) };
}

describe('an artifact', () => {
  for (const kind of ['scorecard', 'logistic'] as const) {
    it(`gives back the ${kind} that was packed, with the same margins to the last bit`, async () => {
      const { manifest, files } = await packed(kind);
      const opened = openArtifact(files, verify);
      assert.deepEqual(opened.manifest, manifest);
      const [ours, theirs] = [compileEstimator(fitted[kind]!), compileEstimator(opened.fitted)];
      for (const row of [Float64Array.of(1.5, 0), Float64Array.of(Number.NaN, 1), Float64Array.of(8, Number.NaN)])
        assert.equal(theirs.margin(row), ours.margin(row));
    });
  }

  it('is named by its content, not by when it was made', async () => {
    const { manifest } = await packed('logistic');
    assert.match(manifest.modelVersion, /^tiny-logistic-[0-9a-f]{12}$/);
    assert.equal(
      (await packed('logistic', { createdAt: '2027-01-01T00:00:00.000Z' })).manifest.modelVersion,
      manifest.modelVersion,
    );
    assert.notEqual((await packed('logistic', { seed: 2 })).manifest.modelVersion, manifest.modelVersion);
  });

  it('is refused when any byte of any file is changed, added or taken away', async () => {
    const { files } = await packed('scorecard');
    fc.assert(
      fc.property(
        fc.constantFrom('manifest.json', 'model.json', 'signature.json'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'append', 'cut'),
        (name, at, flip, how) => {
          let bytes = Buffer.from(files[name]!);
          if (how === 'change') bytes[at % bytes.length]! ^= flip;
          else if (how === 'append') bytes = Buffer.concat([bytes, Buffer.from([flip])]);
          else bytes = bytes.subarray(0, at % bytes.length);
          assert.throws(() => openArtifact({ ...files, [name]: bytes }, verify), refused('tampered', /./));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is refused without a file, under another key, and with the files of another version', async () => {
    const { files } = await packed('scorecard');
    for (const name of Object.keys(files)) {
      const { [name]: _, ...rest } = files;
      assert.throws(() => openArtifact(rest, verify), refused('bad_input', new RegExp(name)));
    }
    assert.throws(() => openArtifact(files, () => false), refused('tampered', /signature/));
    const other = await (await packed('logistic')).files;
    assert.throws(
      () => openArtifact({ ...files, 'model.json': other['model.json']! }, verify),
      refused('tampered', /hash/),
    );
  });

  it('is refused when it bears the name of another version, though signed', async () => {
    const { files } = await packed('scorecard');
    const manifest = JSON.parse(Buffer.from(files['manifest.json']!).toString());
    manifest.seed = 99;
    const bytes = Buffer.from(canonicalJson(manifest));
    const renamed = { ...files, 'manifest.json': bytes, 'signature.json': Buffer.from(canonicalJson(signNow(bytes))) };
    assert.throws(() => openArtifact(renamed, verify), refused('tampered', /version is not the hash/));
  });

  const bad: readonly [string, (manifest: Record<string, unknown>) => void, ((text: string) => string)?][] = [
    ['a format not known', (manifest) => Object.assign(manifest, { format: 'assay-model/9' })],
    ['a member not known', (manifest) => Object.assign(manifest, { run: 'rm -rf' })],
    ['no calibration', (manifest) => Object.assign(manifest, { calibration: undefined })],
    [
      'a falling calibration',
      (manifest) => Object.assign(manifest, { calibration: { kind: 'platt', intercept: 0, slope: -1 } }),
    ],
    ['grades that stop short of 1', (manifest) => Object.assign(manifest, { grades: [{ grade: 'A', upperPd: 0.5 }] })],
    ['another estimator', (manifest) => Object.assign(manifest, { estimator: 'logistic' })],
    ['other inputs', (manifest) => Object.assign(manifest, { inputs: [{ kind: 'numeric', name: 'y' }] })],
    ['a number too large', () => {}, (text) => text.replace(/"intercept":[^,}]+/, '"intercept":1e400')],
    ['a number that is none', () => {}, (text) => text.replace(/"intercept":[^,}]+/, '"intercept":"0"')],
    ['a gap between bins', () => {}, (text) => text.replace(/"lower":([0-9.]+)/, '"lower":9999')],
    ['a bin without end', () => {}, (text) => text.replace(/"upper":([0-9.]+)/, '"upper":null')],
    ['text that is no JSON', () => {}, (text) => text.slice(1)],
    ['a thousand brackets', () => {}, () => '['.repeat(200_000)],
    ['an unread characteristic', () => {}, (text) => text.replace(/"feature":"x"/, '"feature":"z"')],
  ];
  for (const [what, changeManifest, changeModel] of bad) {
    it(`is refused with ${what}, though signed`, async () => {
      const files = forged((await packed('scorecard')).files, changeManifest, changeModel);
      assert.throws(() => openArtifact(files, verify), refused('bad_input', /./));
    });
  }

  it('is refused with a term that reads a level of a number, though signed', async () => {
    const files = forged(
      (await packed('logistic')).files,
      () => {},
      (text) =>
        text.replace(/("feature":"home"[^}]*"level":"[^}]*)/, (part) =>
          part.replace('"feature":"home"', '"feature":"x"'),
        ),
    );
    assert.throws(() => openArtifact(files, verify), refused('bad_input', /reads x/));
  });

  it('cannot be packed with a number JSON does not hold', async () => {
    await assert.rejects(packed('logistic', { seed: Number.NaN }), AssayError);
  });

  it('keeps the text of a tree model byte for byte, and refuses trees that go round in circles', async () => {
    const stump = treeModel([1, -1, -1], [2, -1, -1]);
    const trees = {
      kind: 'trees',
      estimator: 'forest',
      inputs: [{ kind: 'numeric', name: 'x' }],
      modelJson: stump,
      rounds: 1,
    } as const;
    const { files } = await packArtifact(draftOf(trees), trees, sign);
    assert.equal(Buffer.from(files['model.json']!).toString(), stump);
    assert.deepEqual(openArtifact(files, verify).fitted, trees);
    const circle = { ...trees, modelJson: treeModel([1, 0, -1], [2, 2, -1]) };
    const looped = (await packArtifact(draftOf(circle), circle, sign)).files;
    assert.throws(() => openArtifact(looped, verify), refused('bad_input', /./));
  });
});

/** XGBoost's JSON of one tree of three nodes. */
function treeModel(left: number[], right: number[]): string {
  const tree = {
    base_weights: [0, -0.5, 0.5],
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    default_left: [0, 0, 0],
    id: 0,
    left_children: left,
    loss_changes: [1, 0, 0],
    parents: [2147483647, 0, 0],
    right_children: right,
    split_conditions: [0.5, -0.5, 0.5],
    split_indices: [0, 0, 0],
    split_type: [0, 0, 0],
    sum_hessian: [10, 5, 5],
    tree_param: { num_deleted: '0', num_feature: '1', num_nodes: '3', size_leaf_vector: '1' },
  };
  const model = {
    gbtree_model_param: { num_parallel_tree: '1', num_trees: '1' },
    iteration_indptr: [0, 1],
    tree_info: [0],
    trees: [tree],
  };
  const learner = {
    attributes: {},
    feature_names: ['x'],
    feature_types: ['float'],
    gradient_booster: { model, name: 'gbtree' },
    learner_model_param: {
      base_score: '5E-1',
      boost_from_average: '0',
      num_class: '0',
      num_feature: '1',
      num_target: '1',
    },
    objective: { name: 'binary:logistic', reg_loss_param: { scale_pos_weight: '1' } },
  };
  return JSON.stringify({ learner, version: [3, 0, 5] });
}
