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

/** Other codes of the same country: of the EU itself, of ISO 3166 beside ours, and of parts of a member state in which EU law holds. */
const ALSO: Readonly<Record<string, string>> = {
  EL: 'GR',
  GB: 'UK',
  AX: 'FI',
  GF: 'FR',
  GP: 'FR',
  MF: 'FR',
  MQ: 'FR',
  RE: 'FR',
  YT: 'FR',
  IC: 'ES',
  EA: 'ES',
};
/** Three letters to two, of the EEA: a residence is often written so. */
const ALPHA_3: Readonly<Record<string, string>> = Object.fromEntries(
  'AUT BEL BGR CYP CZE DEU DNK EST ESP FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SWE SVN SVK ISL LIE NOR'
    .split(' ')
    .map((code, i) => [code, [...EU, ...EFTA_IN_EEA][i]!]),
);
const WHOLE = ['EU', 'EEA'];
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/**
 * A place as these rules write it, from how people write it: lower case, other codes of the same country, an underscore for the
 * hyphen. Undefined where it is no country that is known: then nothing can be said of its rules.
 * @example placeOf(' de_by ') // 'DE-BY'
 */
export function placeOf(written: string): string | undefined {
  const [, code, part] = /^([A-Z]{2,3})(-[A-Z0-9]{1,3})?$/.exec(written.trim().toUpperCase().replace('_', '-')) ?? [];
  if (code === undefined) return undefined;
  const country = ALSO[code] ?? ALPHA_3[code] ?? code;
  const isKnown =
    WHOLE.includes(country) || (country.length === 2 && country !== 'ZZ' && regions.of(country) !== undefined);
  return isKnown ? country + (part ?? '') : undefined;
}

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

/** EU member states, the other states of the EEA, and both as a whole, however written. */
export function isInEea(jurisdiction: string): boolean {
  const country = placeOf(jurisdiction)?.split('-')[0] ?? '';
  return [...WHOLE, ...EU, ...EFTA_IN_EEA].includes(country);
}
