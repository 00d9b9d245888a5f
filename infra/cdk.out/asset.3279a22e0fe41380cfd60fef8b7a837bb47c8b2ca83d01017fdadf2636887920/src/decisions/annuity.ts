/** Bisection halves the rate's interval; 60 halvings are below the last bit of a double. */
const HALVINGS = 60;
/** No loan has a higher rate a month than this. */
const MAX_MONTHLY_RATE = 1;

/**
 * Instalment of a loan paid back in equal monthly parts: amount x rate / (1 - (1 + rate)^-months); amount / months at rate 0.
 * Minor units in, minor units out (not rounded); the rate is a share a month.
 */
export function annuity(amountMinor: number, months: number, monthlyRate: number): number {
  if (monthlyRate === 0) return amountMinor / months;
  // 1 - (1 + rate)^-months, without losing the digits of a small rate
  return (amountMinor * monthlyRate) / -Math.expm1(-months * Math.log1p(monthlyRate));
}

/** The rate a month at which a loan has this instalment, 0 to 1; 0 when the instalments do not even pay it back. */
export function monthlyRateOf(amountMinor: number, months: number, instalmentMinor: number): number {
  let [lower, upper] = [0, MAX_MONTHLY_RATE];
  if (instalmentMinor <= amountMinor / months) return 0;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (lower + upper) / 2;
    if (annuity(amountMinor, months, middle) < instalmentMinor) lower = middle;
    else upper = middle;
  }
  return (lower + upper) / 2;
}
