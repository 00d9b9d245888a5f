const EU = [
  'AT',
  'BE',
  'BG',
  'CY',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GR',
  'HR',
  'HU',
  'IE',
  'IT',
  'LT',
  'LU',
  'LV',
  'MT',
  'NL',
  'PL',
  'PT',
  'RO',
  'SE',
  'SI',
  'SK',
];
const EFTA_IN_EEA = ['IS', 'LI', 'NO'];

/**
 * The places whose rules hold in a place, narrowest first: a state of the US is also in the US, a member state in the EU and the
 * EEA. `*` holds everywhere.
 * @example placesOf('US-CO') // ['US-CO', 'US', '*']
 */
export function placesOf(jurisdiction: string): string[] {
  const country = jurisdiction.split('-')[0]!;
  const wider = [
    ...(country === jurisdiction ? [] : [country]),
    ...(EU.includes(country) ? ['EU'] : []),
    ...(isInEea(country) && country !== 'EEA' ? ['EEA'] : []),
  ];
  return [jurisdiction, ...wider, '*'];
}

/** EU member states, the other states of the EEA, and both as a whole. */
export function isInEea(jurisdiction: string): boolean {
  const country = jurisdiction.split('-')[0]!;
  return ['EU', 'EEA', ...EU, ...EFTA_IN_EEA].includes(country);
}
