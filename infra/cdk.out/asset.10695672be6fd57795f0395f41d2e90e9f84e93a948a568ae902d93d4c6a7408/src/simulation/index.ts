export { type BankOptions, generateBank } from './bank/generate-bank.ts';
export { INCUMBENT_CUT_OFF, type IncumbentFacts, incumbentScore } from './bank/incumbent.ts';
export { BANK_FILES } from './bank/records.ts';
export { claimsText } from './claims/claims-text.ts';
export type { DefaultCutFigures, MaybeInterval, PopulationClaims, ReviewFigures } from './claims/judge-population.ts';
export type { RejectBand } from './claims/reject-band.ts';
export { type Claims, type ClaimsOptions, DEFAULT_DRAWS, MAX_DRAWS, simulateClaims } from './claims/simulate-claims.ts';
