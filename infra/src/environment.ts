import { readFileSync } from 'node:fs';
import { SIZES, type SizeName } from './sizes.ts';

/** As the run's state AwaitApproval gives them: the key of `model.tar.gz` in the lake's bucket, and the key that signed it. */
export type ApprovedModel = { readonly modelKey: string; readonly modelVersion: string; readonly signingKeyId: string };

/** One deployment: a file of `environments/`. */
export type Environment = {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly size: SizeName;
  readonly portfolio: string;
  readonly estimators: readonly string[];
  readonly alarmEmail: string;
  readonly monthlyBudgetUsd: number;
  /** Buckets, database and keys outlive `destroy`. False only for trials. */
  readonly keepOnDestroy: boolean;
  readonly auditRetentionYears: number;
  /** Networks that may ask the server: the lender's own, by address block. */
  readonly clientCidrs: readonly string[];
  /** Certificate of ACM for the server's name; unset: plain HTTP inside the network, for a trial. */
  readonly certificateArn?: string;
  /** Public keys that signed before this installation had its own (DER in base64): the text between the lines of keys/signing-<id>.pub.pem. */
  readonly earlierSigners?: readonly string[];
  /** The model version that the endpoint starts with; unset: no endpoint. Later versions come by approval. */
  readonly approvedModel?: ApprovedModel;
  /** User or group that may read the dashboard; unset: no QuickSight. */
  readonly quickSightPrincipalArn?: string;
};

const FOLDER = new URL('../environments/', import.meta.url);
const NAME = /^[a-z][a-z0-9-]{1,20}$/;
type Check = readonly [keyof Environment, (value: unknown) => boolean, string];

const isText = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);
const CHECKS: readonly Check[] = [
  ['account', isText(/^\d{12}$/), 'twelve digits'],
  ['region', isText(/^[a-z]{2}(-[a-z]+)+-\d$/), 'a region such as eu-central-1'],
  ['size', (value) => typeof value === 'string' && Object.hasOwn(SIZES, value), Object.keys(SIZES).join(', ')],
  ['portfolio', isText(/^[a-z][a-z0-9-]*$/), 'a folder of portfolios/'],
  ['estimators', (value) => isListOf(/^[a-z]+$/)(value), 'names of estimators, at least one'],
  ['alarmEmail', isText(/^\S+@\S+\.\S+$/), 'an address'],
  ['monthlyBudgetUsd', (value) => typeof value === 'number' && value >= 1, 'a number of dollars'],
  ['keepOnDestroy', (value) => typeof value === 'boolean', 'true or false'],
  ['auditRetentionYears', (value) => typeof value === 'number' && value >= 1 && value <= 100, '1 to 100'],
  [
    'clientCidrs',
    (value) => isListOf(/^\d{1,3}(\.\d{1,3}){3}\/(8|9|[12]\d|3[0-2])$/)(value),
    'address blocks such as 10.20.0.0/16, /8 or narrower, at least one',
  ],
  [
    'certificateArn',
    (value) => value === undefined || isText(/^arn:aws[\w-]*:acm:/)(value),
    'an ARN of ACM, or nothing',
  ],
  [
    'earlierSigners',
    (value) => value === undefined || isListOf(/^[A-Za-z0-9+/]{40,200}={0,2}$/)(value),
    'public keys in DER, base64, or nothing',
  ],
  [
    'approvedModel',
    (value) => value === undefined || isApprovedModel(value),
    'modelKey, modelVersion and signingKeyId (16 hex digits) of an approved version, or nothing',
  ],
  [
    'quickSightPrincipalArn',
    (value) => value === undefined || isText(/^arn:aws[\w-]*:quicksight:/)(value),
    'an ARN of QuickSight, or nothing',
  ],
];

/** @throws Error naming the field, its value and what it may be */
export function readEnvironment(name: string, folder: URL = FOLDER): Environment {
  if (!NAME.test(name)) throw new Error(`not the name of an environment; given: ${name}; allowed: ${NAME}`);
  const file = new URL(`${name}.json`, folder);
  return parseEnvironment(name, JSON.parse(readFileSync(file, 'utf8')));
}

export function parseEnvironment(name: string, value: Record<string, unknown>): Environment {
  const known = CHECKS.map(([field]) => String(field));
  const unknown = Object.keys(value).filter((field) => !known.includes(field));
  if (unknown.length > 0)
    throw new Error(`${name}: unknown field; given: ${unknown.join(', ')}; allowed: ${known.join(', ')}`);
  for (const [field, isValid, allowed] of CHECKS) {
    const given = JSON.stringify(value[field]) ?? 'nothing';
    if (!isValid(value[field]))
      throw new Error(`${name}: ${field} is not usable; given: ${given}; allowed: ${allowed}`);
  }
  return { ...(value as Omit<Environment, 'name'>), name };
}

function isListOf(pattern: RegExp) {
  return (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isText(pattern));
}

function isApprovedModel(value: unknown): boolean {
  const fields = new Map(value !== null && typeof value === 'object' ? Object.entries(value) : []);
  return (
    isText(/^[\w./-]+\.tar\.gz$/)(fields.get('modelKey')) &&
    isText(/^[a-z0-9-]+$/)(fields.get('modelVersion')) &&
    isText(/^[0-9a-f]{16}$/)(fields.get('signingKeyId'))
  );
}
