export { findChromium } from './chromium.ts';
export { examine, type Finding } from './examine.ts';
export { mend } from './mend.ts';
