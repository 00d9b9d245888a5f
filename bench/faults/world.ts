import { createHash } from 'node:crypto';
import { type DecisionRequest, decide, PolicyStore } from '../../src/decisions/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import { backlogOf, redriveDeadLetters } from '../../src/ingestion/index.ts';
import { type Chance, chanceOf } from './chance.ts';
import { Crash } from './faults.ts';
import { BORROWERS, eventOf, type Sent } from './feed.ts';
import { type Ground, openProcess, type Process } from './process.ts';

export type Application = {
  readonly request: DecisionRequest;
  response: string | undefined;
  /** Something had arrived and was not applied when it was decided: a recomputation sees more. */
  wasBehind: boolean;
};

/** Something that must never be. */
export class Broken extends Error {}

const DAY_MS = 86_400_000;
const OWNERS = ['a', 'b'] as const;
type Owner = (typeof OWNERS)[number];
const FAULT_RATE = 0.04;

/**
 * A lender on which things go wrong, in one process and one step after the other, so that a seed says all that happens: clients
 * that send again and out of order, two workers of which one takes over from the other, crashes at every point, a clock that jumps.
 */
export class World {
  readonly ground: Ground;
  readonly chance: Chance;
  readonly sent: Sent[] = [];
  readonly applications: Application[] = [];
  readonly #trace = createHash('sha256');
  readonly #processes: Record<Owner, Process>;
  readonly #clock: { at: number };
  readonly #control: { rate: number };
  #waiting: Sent[] = [];

  private constructor(
    ground: Ground,
    parts: { processes: Record<Owner, Process>; clock: { at: number }; control: { rate: number } },
  ) {
    this.ground = ground;
    this.chance = ground.chance;
    this.#processes = parts.processes;
    this.#clock = parts.clock;
    this.#control = parts.control;
  }

  static async open(seed: number, parts: Omit<Ground, 'clock' | 'chance' | 'newId' | 'rate'>): Promise<World> {
    const clock = { at: Date.parse('2026-03-01T08:00:00Z') };
    const control = { rate: FAULT_RATE };
    let ids = 0;
    const ground: Ground = {
      ...parts,
      chance: chanceOf(seed),
      clock: { now: () => new Date(clock.at) },
      newId: () => `${parts.portfolio.name}-${String(++ids).padStart(8, '0')}`,
      rate: () => control.rate,
    };
    const { database, portfolio } = ground;
    await new PolicyStore({ database, clock: ground.clock, portfolio }).adopt(portfolio.policy, []);
    const processes = { a: await openProcess(ground, 'a'), b: await openProcess(ground, 'b') };
    return new World(ground, { processes, clock, control });
  }

  get process(): Process {
    return this.#processes.a;
  }

  /** What happened, as a hash: the same for the same seed. */
  get trace(): string {
    return this.#trace.copy().digest('hex');
  }

  async step(): Promise<void> {
    const [name, act] = this.#next();
    const outcome = await act().catch((error: unknown) => {
      if (error instanceof Crash || error instanceof AssayError) return error.message;
      throw error;
    });
    // a book has a name of its own at each run
    this.#trace.update(`${name} ${outcome.replaceAll(this.ground.portfolio.name, 'book')}\n`);
  }

  /** Nothing goes wrong any more: what waits is sent, taken and decided. */
  async settle(): Promise<void> {
    this.#control.rate = 0;
    await this.#expireLeases();
    for (const owner of OWNERS) await this.#restart(owner);
    while (this.#waiting.length > 0) await this.#send(this.#waiting.slice(0, 20));
    for (const application of this.applications) await this.#decide(application);
    for (let patience = 200; (await this.#backlog(['online', 'lake'])) > 0; patience--) {
      if (patience === 0) throw new Broken('a consumer does not catch up');
      for (const run of Object.values(this.process.runs)) await run.round(true);
    }
  }

  #next(): [string, () => Promise<string>] {
    const { chance } = this;
    const roll = chance.next();
    if (roll < 0.3) return ['send', () => this.#sendSome()];
    if (roll < 0.52) return ['online', () => this.#consume('online')];
    if (roll < 0.66) return ['lake', () => this.#consume('lake')];
    if (roll < 0.82) return ['decide', () => this.#decideSome()];
    if (roll < 0.87) return ['restart', () => this.#restart(chance.pick(OWNERS))];
    if (roll < 0.91) return ['expire', () => this.#expireLeases()];
    if (roll < 0.93) return ['redrive', () => this.#redrive()];
    return ['time', async () => this.#moveTime()];
  }

  /** New events, some that were not acknowledged, some that were: in any order. */
  #sendSome(): Promise<string> {
    const { chance } = this;
    const fresh = Array.from({ length: chance.below(6) }, (_, i) =>
      eventOf(this.sent.length + i, chance, this.ground.clock.now()),
    );
    this.sent.push(...fresh);
    this.#waiting.push(...fresh);
    const again = this.sent.filter(() => chance.happens(2 / (1 + this.sent.length)));
    const late = this.#waiting.filter(() => chance.happens(0.7));
    return this.#send([...new Set([...late, ...again])].sort(() => chance.next() - 0.5));
  }

  async #send(events: readonly Sent[]): Promise<string> {
    const { mutation, chance } = this.ground;
    const { intake } = this.#processes[chance.pick(OWNERS)];
    const submissions = events.map(({ value }) => ({ value }));
    const accept = intake.accept.bind(intake);
    const results = await (mutation.accept?.(accept, submissions) ?? accept(submissions));
    for (const [i, { status }] of results.entries()) {
      const { isPoison, key } = events[i]!;
      if ((status === 'rejected') !== isPoison) throw new Broken(`event ${key} is ${status}`);
    }
    this.#waiting = this.#waiting.filter((event) => !events.includes(event));
    return results.map(({ status }) => status).join(',');
  }

  async #consume(which: 'online' | 'lake'): Promise<string> {
    const owner = this.chance.pick(OWNERS);
    const flush = this.chance.happens(0.5);
    try {
      return String(await this.#processes[owner].runs[which].round(flush));
    } catch (error) {
      // a process that dies forgets everything but what is durable
      await this.#restart(owner);
      throw error;
    }
  }

  async #restart(owner: Owner): Promise<string> {
    this.#processes[owner] = await openProcess(this.ground, owner);
    await this.#processes[owner].store.releaseAll(this.ground.portfolio.name);
    return owner;
  }

  async #expireLeases(): Promise<string> {
    const { database, portfolio } = this.ground;
    await database.query("UPDATE stream_positions SET leased_until = '-infinity' WHERE stream = $1", [portfolio.name]);
    return '';
  }

  /** A few letters, by what is in them: their ids and their order are of the book's name. */
  async #redrive(): Promise<string> {
    const { database, portfolio } = this.ground;
    const rows = await database.query<{ id: string }>(
      "SELECT dead_letter_id AS id FROM dead_letters WHERE portfolio = $1 AND status = 'waiting' ORDER BY md5(original) OFFSET $2 LIMIT 5",
      [portfolio.name, this.chance.below(20)],
    );
    const { intake, letters } = this.process;
    return JSON.stringify(await redriveDeadLetters({ database, intake, letters }, { ids: rows.map(({ id }) => id) }));
  }

  #moveTime(): string {
    const { chance } = this;
    const jump = chance.happens(0.1) ? (chance.next() - 0.5) * 4 * DAY_MS : chance.below(5_000);
    this.#clock.at += Math.floor(jump);
    return String(this.#clock.at);
  }

  #decideSome(): Promise<string> {
    const { chance, applications } = this;
    if (applications.length > 0 && chance.happens(0.4)) return this.#decide(chance.pick(applications));
    const application: Application = {
      request: {
        application: {
          borrowerId: chance.pick(BORROWERS),
          amountMinor: 1_000 * (1 + chance.below(500)),
          attributes: { income_minor: 300_000, arrears: 0, purpose: 'car' },
        },
        actor: 'underwriter',
        idempotencyKey: `${this.ground.portfolio.name}-${applications.length}`,
      },
      response: undefined,
      wasBehind: false,
    };
    applications.push(application);
    return this.#decide(application);
  }

  async #decide(application: Application): Promise<string> {
    const { decider } = this.#processes[this.chance.pick(OWNERS)];
    if (application.response === undefined) application.wasBehind ||= (await this.#backlog(['online'])) > 0;
    const { response } = await decide(decider, application.request);
    application.response ??= response;
    if (application.response !== response) throw new Broken('a key is answered with other bytes');
    return response;
  }

  #backlog(consumers: readonly string[]): Promise<number> {
    return backlogOf(this.ground.database, this.ground.portfolio.name, consumers);
  }
}
