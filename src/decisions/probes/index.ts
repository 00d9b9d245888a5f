export { ProbeStore } from './probe-store.ts';
export { ALERT_PROBES, MAX_PROBES, ProbeWatch, type ProbeWatchOptions } from './probe-watch.ts';
