/**
 * The gates of the cloud deployment, where its packages are installed (`npm ci --prefix infra`): types, the tests of its templates with
 * cdk-nag, and cfn-lint over every template of every size. Not tested here: a deployment.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { REPOSITORY_ROOT } from '../../src/platform/index.ts';

const INFRA = join(REPOSITORY_ROOT, 'infra');
const isInstalled = existsSync(join(INFRA, 'node_modules/aws-cdk-lib'));
const cfnLint = process.env['ASSAY_CFN_LINT'] ?? 'cfn-lint';
const hasCfnLint = spawnSync(cfnLint, ['--version']).status === 0;
/** CDK says in DependsOn what a reference says already, to be sure: not ours to change. */
const IGNORED = ['-i', 'W3005'];
const folderFile = join(tmpdir(), `assay-templates-${process.pid}`);

describe('infra', {
  skip: !isInstalled && 'the packages of infra/ are not installed: npm ci --ignore-scripts --prefix infra',
}, () => {
  after(() => {
    if (existsSync(folderFile)) rmSync(readFileSync(folderFile, 'utf8'), { recursive: true, force: true });
    rmSync(folderFile, { force: true });
  });

  test('types are in order', () => {
    const tsc = join(REPOSITORY_ROOT, 'node_modules/typescript/bin/tsc');
    const done = spawnSync(process.execPath, [tsc, '-p', INFRA], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stdout);
  });

  test('templates keep their promises, and cdk-nag has nothing to say', () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ['--test', '--test-reporter=spec', join(INFRA, 'test/infra.test.ts')];
    const done = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      cwd: INFRA,
      env: { ...env, ASSAY_TEMPLATES: folderFile },
    });
    assert.equal(done.status, 0, done.stdout + done.stderr);
  });

  test('cfn-lint has nothing to say', {
    skip: !hasCfnLint && `${cfnLint} is not there (pip install cfn-lint); set ASSAY_CFN_LINT`,
  }, () => {
    const folder = readFileSync(folderFile, 'utf8');
    const templates = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.template.json'),
    );
    assert.equal(templates.length, 21);
    const done = spawnSync(cfnLint, [...templates.map((name) => join(folder, name)), ...IGNORED], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    assert.equal(done.status, 0, done.stdout + done.stderr);
  });
});
