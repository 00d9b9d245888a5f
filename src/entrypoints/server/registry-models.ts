import type { ModelSource, OpenModel } from '../../decisions/index.ts';
import { AssayError } from '../../domain/index.ts';
import { type FittedEstimator, openArtifact } from '../../estimators/index.ts';
import type { Clock, ModelRegistry, ModelVersion, Signer } from '../../platform/index.ts';
import type { ModelCatalog, RegisteredModel } from '../../portfolio/index.ts';
import { createScorer } from '../../scoring/index.ts';
import { documentWithLift } from '../../training/index.ts';
import { type Champion, followChampion } from './champion.ts';
import { checksOf, type Proof } from './proof.ts';

/** A version's files are checked again for the list of models at most this often. */
const CHECKED_MS = 60_000;
/** Versions kept open: the champion, and those that old decisions are replayed with. */
const MAX_OPEN = 16;
const DOCUMENT_FILE = 'document.html';

type Opened = OpenModel & { readonly fitted: FittedEstimator };
type Check = { readonly atMs: number; readonly valid: boolean; readonly hasDocument: boolean };

/**
 * Model versions of one portfolio from the registry, opened only when signature, hashes and name hold. The champion must have
 * been trained on the feature catalog that computes the values it is now given.
 */
export function registryModels(options: {
  readonly registry: ModelRegistry;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly portfolio: string;
  /** Hash of the catalog in use; see `catalogHash` of features. */
  readonly catalogHash: string;
  /** What versions must show before they lead; unset: nothing is asked. */
  readonly proof?: Proof | undefined;
}): ModelSource & ModelCatalog & Pick<Champion, 'watch'> {
  const { registry, portfolio } = options;
  const { evidenceOf, assertServable } = checksOf(options.proof);
  const nowMs = (): number => options.clock.now().getTime();
  const open = keepOpen(MAX_OPEN, (modelVersion) => openVersion(options, modelVersion));
  const checked = new Map<string, Check>();

  const champion = followChampion({
    portfolio,
    clock: options.clock,
    load: async () => {
      const name = await registry.championName(portfolio);
      if (name === undefined) throw noChampion(portfolio);
      const model = await open(name);
      refuseOtherCatalog(model, options.catalogHash);
      await assertServable(model);
      return model;
    },
  });
  const check = async (modelVersion: string): Promise<Check> => {
    const earlier = checked.get(modelVersion);
    if (earlier && nowMs() - earlier.atMs < CHECKED_MS) return earlier;
    const found = { atMs: nowMs(), ...(await checkFiles(options, modelVersion)) };
    checked.set(modelVersion, found);
    return found;
  };
  const registered = async (version: ModelVersion): Promise<RegisteredModel> => {
    const { valid, hasDocument } = await check(version.modelVersion);
    return { manifest: version.manifest, status: version.status, signatureValid: valid, hasDocument };
  };
  const ofThisBook = (modelVersion: string) => versionOf(registry, portfolio, modelVersion);

  return {
    champion: champion.current,
    watch: champion.watch,
    version: async (modelVersion) => open(modelVersion),
    list: async () => Promise.all((await registry.list(portfolio)).map(registered)),
    open: async (modelVersion) => {
      const version = await ofThisBook(modelVersion);
      const { fitted, manifest } = await open(modelVersion);
      const history = await registry.history(modelVersion);
      return { ...(await registered(version)), manifest, fitted, history, lift: await evidenceOf(modelVersion) };
    },
    document: async (modelVersion) => {
      await ofThisBook(modelVersion);
      const document = (await registry.files(modelVersion))[DOCUMENT_FILE];
      if (document) return documentWithLift(Buffer.from(document).toString('utf8'), await evidenceOf(modelVersion));
      throw new AssayError('not_found', { what: 'this model version has no document', given: modelVersion });
    },
    approve: async (name, actor, note) => registry.approve((await ofThisBook(name)).modelVersion, actor, note),
    promote: async (modelVersion, actor, note) => {
      await ofThisBook(modelVersion);
      // what cannot be opened must not become the champion
      const { manifest } = await openVersion(options, modelVersion);
      options.proof?.mayLead(manifest, await evidenceOf(modelVersion));
      await registry.promote(modelVersion, actor, note);
      champion.forget();
    },
    reject: async (name, actor, note) => registry.reject((await ofThisBook(name)).modelVersion, actor, note),
  };
}

async function versionOf(registry: ModelRegistry, portfolio: string, modelVersion: string): Promise<ModelVersion> {
  const version = await registry.get(modelVersion);
  if (version.portfolio === portfolio) return version;
  throw new AssayError('not_found', { what: 'no such model version in this portfolio', given: modelVersion });
}

type Source = { readonly registry: ModelRegistry; readonly signer: Signer };

/** @throws AssayError not_found, tampered, bad_input */
async function openVersion({ registry, signer }: Source, modelVersion: string): Promise<Opened> {
  const files = await registry.files(modelVersion);
  const { manifest, fitted } = openArtifact(files, (bytes, signed) => signer.verify(bytes, signed));
  if (manifest.modelVersion !== modelVersion) {
    throw new AssayError('tampered', {
      what: 'the files of a model version are those of another',
      given: manifest.modelVersion,
      allowed: modelVersion,
      fix: 'restore the version from a backup, or train it again; do not use this one',
    });
  }
  return { manifest, fitted, scorer: createScorer(manifest, fitted) };
}

async function checkFiles(source: Source, modelVersion: string): Promise<Omit<Check, 'atMs'>> {
  try {
    await openVersion(source, modelVersion);
    return { valid: true, hasDocument: DOCUMENT_FILE in (await source.registry.files(modelVersion)) };
  } catch (error) {
    if (error instanceof AssayError) return { valid: false, hasDocument: false };
    throw error;
  }
}

function refuseOtherCatalog({ manifest }: OpenModel, catalogHash: string): void {
  if (manifest.catalogHash === catalogHash) return;
  throw new AssayError('unavailable', {
    what: 'the champion was trained on another feature catalog than the one in use',
    given: `${manifest.modelVersion}, catalog ${manifest.catalogHash}`,
    allowed: `catalog ${catalogHash}`,
    fix: 'run the pipeline, which trains on the catalog in use: assay pipeline run',
  });
}

function noChampion(portfolio: string): AssayError {
  return new AssayError('unavailable', {
    what: 'no model version is the champion yet',
    given: portfolio,
    fix: 'run the pipeline (assay pipeline run), or promote an approved version: assay models promote',
  });
}

/** Opens each name once; the one used longest ago goes first when there are too many. A failure is not kept. */
function keepOpen<T>(limit: number, load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (name) => {
    const found = kept.get(name) ?? load(name);
    kept.delete(name);
    kept.set(name, found);
    found.catch(() => kept.delete(name));
    const oldest = kept.keys().next().value;
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}
