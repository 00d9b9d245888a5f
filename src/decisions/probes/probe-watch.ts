import { AssayError } from '../../domain/index.ts';
import type { Clock } from '../../platform/index.ts';
import type { ApplicationRequest } from '../application.ts';
import type { ProbeStore, UserDay } from './probe-store.ts';
import { sketchOf } from './sketch.ts';

/** Different what-ifs nearly alike of one user in a day, from which the audit log has an alert. */
export const ALERT_PROBES = 150;
/** And from which there are no more that day. */
export const MAX_PROBES = 2_000;
/** Less than this part of what the user asks is chance: in a large book many are a little alike. */
const LEAST_SHARE = 0.15;
/** A band is followed from so many on, and shared between processes each time so many are new. */
const SHARE_EVERY = 25;
/** What-ifs a user's bands are followed for at once; a band that many honest ones meet by chance is below LEAST_SHARE. */
const MAX_BANDS = 64;
const MAX_USERS = 64;
/** Different questions of a user that are known again for certain; as many before them may be. */
const KNOWN = 10_000;
/** Counters of bands not yet followed, by the last bits of the band: too high by chance, never too low. */
const COUNTERS = 2 ** 15;

type Band = { readonly name: number; readonly probes: Set<number>; fresh: number[]; sharedProbes: number };
type Seen = {
  readonly day: string;
  /** Different questions. */
  asked: number;
  known: Set<number>;
  knownBefore: Set<number>;
  readonly counters: Uint16Array;
  readonly bands: Map<number, Band>;
};

export type ProbeWatchOptions = { readonly clock: Clock; readonly store: Pick<ProbeStore, 'share' | 'alert'> };

/**
 * Sees who asks the model the same question with one thing changed, again and again: enough answers are a copy of the model. Honest work
 * is not held up: the same question twice counts once, a case takes a few dozen, and different applicants are not alike. A database row
 * is written only for what is nearly alike.
 */
export class ProbeWatch {
  readonly #clock: Clock;
  readonly #store: ProbeWatchOptions['store'];
  readonly #users = new Map<string, Seen>();

  constructor({ clock, store }: ProbeWatchOptions) {
    this.#clock = clock;
    this.#store = store;
  }

  /** Counts a what-if before it is answered. @throws AssayError overloaded beyond MAX_PROBES nearly alike in a day */
  async check(username: string, request: ApplicationRequest): Promise<void> {
    const now = this.#clock.now();
    const own = { username, day: now.toISOString().slice(0, 10) };
    const seen = this.#seen(own);
    const { probe, bands } = sketchOf(request);
    if (seen.known.has(probe) || seen.knownBefore.has(probe)) return;
    seen.asked++;
    const least = Math.max(SHARE_EVERY, LEAST_SHARE * seen.asked);
    for (const name of bands) {
      const band = followed(seen, name, least);
      if (band === undefined) continue;
      note(band, probe);
      if (SHARE_EVERY + band.probes.size >= least) await this.#look(own, band, now);
    }
    // only what was not refused: asked again it is refused again
    remember(seen, probe);
  }

  async #look(own: UserDay, band: Band, now: Date): Promise<void> {
    if (band.fresh.length >= SHARE_EVERY) {
      const before = band.sharedProbes;
      band.sharedProbes = await this.#store.share(own, String(band.name), band.fresh.splice(0).map(String));
      if (before < ALERT_PROBES && band.sharedProbes >= ALERT_PROBES) {
        const data = { day: own.day, whatIfsNearlyAlike: band.sharedProbes, mostInADay: MAX_PROBES };
        await this.#store.alert(own, now, data);
      }
    }
    if (Math.max(band.sharedProbes, band.probes.size) >= MAX_PROBES) throw refusal(own);
  }

  /** Of a user today; the longest unseen user goes when there are too many. */
  #seen({ username, day }: UserDay): Seen {
    const before = this.#users.get(username);
    if (before?.day === day) return before;
    const counters = new Uint16Array(COUNTERS);
    const seen: Seen = { day, asked: 0, known: new Set(), knownBefore: new Set(), counters, bands: new Map() };
    this.#users.delete(username);
    this.#users.set(username, seen);
    if (this.#users.size > MAX_USERS) dropOldest(this.#users);
    return seen;
  }
}

/** The band once it has been met often enough; a few questions are only counted. The longest unmet goes when there are too many. */
function followed({ counters, bands }: Seen, name: number, least: number): Band | undefined {
  const at = name % COUNTERS;
  counters[at] = Math.min(counters[at]! + 1, 0xffff);
  const known = bands.get(name);
  if (known === undefined && counters[at]! < least) return undefined;
  const band = known ?? { name, probes: new Set<number>(), fresh: [], sharedProbes: 0 };
  bands.delete(name);
  bands.set(name, band);
  if (bands.size > MAX_BANDS) dropOldest(bands);
  return band;
}

function note(band: Band, probe: number): void {
  if (band.probes.has(probe) || band.probes.size >= MAX_PROBES) return;
  band.probes.add(probe);
  band.fresh.push(probe);
}

/** In two generations: to take the oldest out of one large set, one at a time, is to walk over all that were taken before. */
function remember(seen: Seen, probe: number): void {
  seen.known.add(probe);
  if (seen.known.size < KNOWN) return;
  seen.knownBefore = seen.known;
  seen.known = new Set();
}

function dropOldest<Key>(kept: { keys(): Iterator<Key>; delete(key: Key): boolean }): void {
  const oldest = kept.keys().next();
  if (!oldest.done) kept.delete(oldest.value);
}

function refusal({ day }: UserDay): AssayError {
  return new AssayError('overloaded', {
    what: 'too many what-ifs that are nearly alike',
    given: `${MAX_PROBES} or more on ${day}`,
    allowed: `${MAX_PROBES} a user a day (UTC)`,
    fix: 'go on tomorrow, or score a file with `assay score`; other applications are answered as before',
  });
}
