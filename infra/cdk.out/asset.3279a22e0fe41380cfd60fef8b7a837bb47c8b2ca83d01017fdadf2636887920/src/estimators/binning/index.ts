export { type BinnedFeature, type BinningOptions, binFeature } from './bin-feature.ts';
export { type BinningTable, type BinningTableRow, binningTable, labelOf } from './binning-table.ts';
export { chanceIv, ivOf, shrunkWoe, type Tally, woeOf } from './information-value.ts';
export { type Merge, type MergeOptions, mergePrebins, TRENDS, type Trend } from './merge-prebins.ts';
export { type PrebinOptions, type Prebins, prebin } from './prebin.ts';
