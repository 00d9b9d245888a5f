export { type BankOptions, generateBank } from './bank/generate-bank.ts';
export { INCUMBENT_CUT_OFF, type IncumbentFacts, incumbentScore } from './bank/incumbent.ts';
export { BANK_FILES } from './bank/records.ts';
