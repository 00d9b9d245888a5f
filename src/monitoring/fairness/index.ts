export { type Candidate, SEARCH_FEATURES, searchAlternatives } from './alternatives.ts';
export { type FairnessContext, readTraits } from './book-data.ts';
export { bookFairness, CUT_OFFS, searchBook, type TraitFairness, type TraitSearch } from './book-fairness.ts';
export { assertNoDisguisedTraits, DISGUISE_AUC } from './disguised-traits.ts';
export { evaluateFileFairness, type FileFairness } from './evaluate-file-fairness.ts';
export { type FairnessViews, openFairnessViews, type RunSearch, type SearchState } from './fairness-views.ts';
export { groupImpacts, type RankedTwice } from './group-impact.ts';
export { PROXY_AUC, type ProxyFeature, type ProxyScan, scanProxies } from './proxy-scan.ts';
