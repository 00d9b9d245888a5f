import type { CreditPolicy } from '../../domain/index.ts';

const FEW_TIERS = 4;
const TOP_TIERS = 2;
const TOP_SHARE = 0.4;

/**
 * Whether a rate asks for a risk-based-pricing notice under the tiered pricing method, 12 CFR 1022.72(b)(2): with four tiers or
 * fewer all but the best, with more all but the best two and those that with them make up to 40 % of the tiers. Where prices differ by
 * segment, among all prices or among those of the segment: a segment may be another product, or a worse price for the same one.
 */
export function isPricedByRisk(
  pricing: CreditPolicy['pricing'],
  annualRatePercent: number | null,
  segment: string | null = null,
): boolean {
  const own = pricing.filter((price) => price.segment === segment);
  return isAboveBestTiers(pricing, annualRatePercent) || isAboveBestTiers(own, annualRatePercent);
}

function isAboveBestTiers(pricing: CreditPolicy['pricing'], annualRatePercent: number | null): boolean {
  if (annualRatePercent === null) return false;
  const tiers = [...new Set(pricing.map((price) => price.annualRatePercent))].sort((a, b) => a - b);
  const best = tiers.length <= FEW_TIERS ? 1 : Math.max(TOP_TIERS, Math.floor(TOP_SHARE * tiers.length));
  return tiers.indexOf(annualRatePercent) >= best;
}
