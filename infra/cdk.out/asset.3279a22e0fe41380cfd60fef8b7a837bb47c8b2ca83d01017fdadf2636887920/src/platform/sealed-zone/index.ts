export { openSealedZone } from './sealed-zone.ts';
