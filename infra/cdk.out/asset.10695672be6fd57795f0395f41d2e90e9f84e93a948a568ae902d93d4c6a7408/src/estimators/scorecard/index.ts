export { compileScorecard, meanContribution } from './compile-scorecard.ts';
export { binLookup } from './lookup-bin.ts';
export { type PointsRow, type PointsTable, pointsTable } from './points-table.ts';
export { type ScorecardParameters, scorecard } from './scorecard.ts';
