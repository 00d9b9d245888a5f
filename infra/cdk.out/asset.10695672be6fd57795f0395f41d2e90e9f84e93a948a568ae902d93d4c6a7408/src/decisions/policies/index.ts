export * from './check-policy.ts';
export * from './compare-policies.ts';
export * from './policy-cases.ts';
export * from './policy-store.ts';
export * from './policy-version.ts';
export * from './shadow.ts';
