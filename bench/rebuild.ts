/**
 * Decisions rebuilt from their records alone (exam C10): a real server decides; the records, the policy text, the model artifact and the public
 * key are written to a folder; the server, its database, its registry and its book are thrown away; a fresh process that reads nothing but the
 * folder checks signature and hashes and computes every decision again. Compared to the bit: margin, pd, score, grade, reasons, outcome,
 * reasons of the outcome, offer and trace. One record in ten is then changed in one value, and each change must show.
 *
 * Run: node bench/rebuild.ts [--decisions 1000] [--json]      About 20 s; needs nothing but the repository. Exit code 1 when a check fails.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DecisionRecord, DecisionStore, decisionResult, parseCreditPolicy } from '../src/decisions/index.ts';
import { canonicalJson, sha256Hex } from '../src/domain/index.ts';
import { openArtifact } from '../src/estimators/index.ts';
import { mulberry32 } from '../src/fraud/index.ts';
import { openPersonVault, openSigner } from '../src/platform/index.ts';
import { createScorer } from '../src/scoring/index.ts';
import { signedIn } from '../test/flow/support/call.ts';
import { tinyPortfolio } from '../test/flow/support/tiny-book.ts';
import { startTinyServer } from '../test/flow/support/tiny-server.ts';

const { values } = parseArgs({
  options: {
    decisions: { type: 'string', default: '1000' },
    from: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const AT_ONCE = 20;
const PURPOSES = ['car', 'home', 'travel'];

type Exported = Pick<DecisionRecord, 'body'>;

async function makeAndExport(folder: string, decisions: number): Promise<void> {
  const server = await startTinyServer({ databasePort: 4713 });
  try {
    const call = signedIn(() => server);
    const random = mulberry32(1);
    const decide = async (i: number): Promise<string> => {
      const attributes = {
        ...(random() < 0.95 && { income_minor: 100_000 + Math.round(random() * 400_000) }),
        ...{ arrears: Math.floor(random() * 5), purpose: PURPOSES[i % PURPOSES.length] },
      };
      const body = { borrowerId: `b${i}`, amountMinor: 50_000 + Math.round(random() * 2_000_000), attributes };
      const response = await call('underwriter', 'POST', '/applications', body);
      if (response.status !== 201) throw new Error(await response.text());
      return String(((await response.json()) as { decisionId: string }).decisionId);
    };
    // signs in once, before twenty ask at once
    await call('underwriter', 'GET', '/session');
    const clock = { now: () => new Date() };
    const { name: portfolio } = tinyPortfolio;
    const vault = openPersonVault({ home: server.home, database: server.database, clock, portfolio });
    const store = new DecisionStore({ database: server.database, clock, portfolio, vault });
    const records: Exported[] = [];
    for (let from = 0; from < decisions; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, decisions - from);
      const ids = await Promise.all(Array.from({ length: count }, (_, i) => decide(from + i)));
      for (const id of ids) records.push({ body: (await store.get(id))!.body });
    }
    await writeFile(join(folder, 'records.json'), JSON.stringify(records));
    const versions = new Set(records.map(({ body }) => body.modelVersion));
    for (const version of versions) {
      await mkdir(join(folder, 'models', version), { recursive: true });
      for (const [file, bytes] of Object.entries(await server.models.registry.files(version)))
        await writeFile(join(folder, 'models', version, file), bytes);
    }
    await mkdir(join(folder, 'policies'));
    for (const hash of new Set(records.map(({ body }) => body.policyHash)))
      await writeFile(join(folder, 'policies', `${hash}.json`), canonicalJson(await store.policy(hash)));
    await mkdir(join(folder, 'keys'), { mode: 0o700 });
    for (const key of (await readdir(join(server.home, 'keys'))).filter((name) => name.endsWith('.pub.pem')))
      await writeFile(join(folder, 'keys', key), await readFile(join(server.home, 'keys', key)));
  } finally {
    await server.stop();
  }
}

/** Reads nothing but the folder. */
async function rebuild(folder: string) {
  const records = JSON.parse(await readFile(join(folder, 'records.json'), 'utf8')) as Exported[];
  const signer = openSigner(folder);
  const models = new Map<string, Parameters<typeof decisionResult>[0]['model']>();
  for (const version of await readdir(join(folder, 'models'))) {
    const directory = join(folder, 'models', version);
    const names = await readdir(directory);
    const files = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
    );
    const { manifest, fitted } = openArtifact(files, (bytes, signed) => signer.verify(bytes, signed));
    models.set(version, { manifest, scorer: createScorer(manifest, fitted) });
  }
  const policyOf = async (hash: string) => {
    const text = await readFile(join(folder, 'policies', `${hash}.json`), 'utf8');
    if (sha256Hex(text) !== hash) throw new Error(`the policy ${hash} is not the text that was hashed`);
    return parseCreditPolicy(JSON.parse(text));
  };
  const policies = new Map<string, Awaited<ReturnType<typeof policyOf>>>();
  for (const { body } of records)
    if (!policies.has(body.policyHash)) policies.set(body.policyHash, await policyOf(body.policyHash));
  const isSame = ({ body }: Exported): boolean => {
    const { application, features, missing, currency } = body;
    const [policy, model] = [policies.get(body.policyHash)!, models.get(body.modelVersion)!];
    return (
      canonicalJson(decisionResult({ policy, model, application, features, missing, currency })) ===
      canonicalJson(body.result)
    );
  };
  const outcomes: Record<string, number> = {};
  for (const { body } of records) outcomes[body.result.outcome] = (outcomes[body.result.outcome] ?? 0) + 1;
  const edited = records.filter((_, i) => i % 10 === 0).map(({ body }, i) => ({ body: changed(body, i) }));
  return {
    decisions: records.length,
    rebuilt: records.filter(isSame).length,
    outcomes,
    edited: edited.length,
    editsFound: edited.filter((record) => !isSame(record)).length,
  };
}

/** One value of the record is not what it was. */
function changed(body: DecisionRecord['body'], i: number): DecisionRecord['body'] {
  const { result } = body;
  const kinds = [
    { ...result, pd: result.pd + Number.EPSILON / 4 + result.pd * 2 ** -52 },
    { ...result, outcome: result.outcome === 'approved' ? ('declined' as const) : ('approved' as const) },
    { ...result, reasons: [...result.reasons].reverse(), grade: `${result.grade}x` },
    { ...result, trace: result.trace.slice(1) },
  ];
  return { ...body, result: kinds[i % kinds.length]! };
}

if (values.from !== undefined) console.log(JSON.stringify(await rebuild(values.from)));
else {
  const folder = await mkdtemp(join(tmpdir(), 'assay-rebuild-'));
  try {
    await makeAndExport(folder, Number(values.decisions));
    const script = new URL(import.meta.url).pathname;
    const fresh = spawnSync(process.execPath, [script, '--from', folder], { encoding: 'utf8', env: {} });
    if (fresh.status !== 0) throw new Error(fresh.stderr);
    const found = JSON.parse(fresh.stdout) as Awaited<ReturnType<typeof rebuild>>;
    const passed = found.rebuilt === found.decisions && found.editsFound === found.edited;
    console.log(JSON.stringify({ ...found, passed }, null, values.json ? 2 : 0));
    if (!passed) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
