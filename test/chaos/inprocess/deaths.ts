// Which lives end where. Boundaries are found by themselves: whenever the app asks something of
// others for the first time, its life ends there, once in each of the request's moments; and the
// lives that go on from there are as mortal.
import { onWhoseBehalf, whatIsAsked, type Asked } from './asked.ts';
import type { Moment, Outgoing } from './life.ts';

/** Of a request that only reads nothing is left, whichever moment of it is the last. */
const MOMENTS: Readonly<Record<Asked['kind'], readonly Moment[]>> = {
  write: ['before', 'done', 'answered'],
  look: ['before'],
  read: ['before'],
};
const IN_WORDS: Readonly<Record<Moment, string>> = {
  before: 'before it arrives',
  done: 'done, not answered',
  answered: 'acknowledged',
};

/** What runs beside every job is no boundary of one. */
const BESIDE: ReadonlySet<string> = new Set([
  'readVaults',
  'listReplications',
  'readJob',
  'savePlan',
  'readPlan',
]);
/** What a job says in which somebody has something to do, or nobody any more. */
const NOTABLE = /replace job \((completed|failed|cancelled|.*asking)/;
const LONGEST_PAUSE = 1000;
/** Until it has been answered. */
const SHORTEST_PAUSE = 20;

export interface Mortality {
  /** Reads of the store too: before each of them stands what the write before has left. */
  readonly reads: boolean;
  /** Only at boundaries whose names match. */
  readonly at: RegExp;
}

export class Deaths {
  readonly #mortality: Mortality;
  /** By operation and boundary, the moments that are still to come. */
  readonly #left = new Map<string, Map<string, Moment[]>>();
  #mine: Map<string, Moment[]> | undefined;
  #spared = true;
  #wake: (() => void) | undefined;
  /** Of the operation that is played, in their order. */
  died: string[] = [];

  constructor(mortality: Mortality) {
    this.#mortality = mortality;
  }

  /** From now on this is played; lives end where they have not ended in it before. */
  begin(operation: string): void {
    this.#spared = false;
    this.died = [];
    this.#mine = this.#left.get(operation) ?? new Map<string, Moment[]>();
    this.#left.set(operation, this.#mine);
  }

  /** Nobody dies any more. */
  spare(): void {
    this.#spared = true;
  }

  momentOf(outgoing: Outgoing): Moment | undefined {
    const asked = BESIDE.has(outgoing.asker) ? undefined : whatIsAsked(outgoing);
    if (!asked) return undefined;
    if (NOTABLE.test(asked.name)) this.#wake?.();
    const name = `${onWhoseBehalf(outgoing.asker, asked)}: ${asked.name}`;
    if (
      !this.#mine ||
      this.#spared ||
      (asked.kind === 'read' && !this.#mortality.reads) ||
      !this.#mortality.at.test(name)
    )
      return undefined;
    const left = this.#mine.get(name) ?? [...MOMENTS[asked.kind]];
    this.#mine.set(name, left);
    const moment = left.shift();
    if (moment) this.died.push(`${name}: ${asked.kind === 'write' ? IN_WORDS[moment] : 'not answered'}`);
    return moment;
  }

  /** Of the operation: how many boundaries were met. */
  get boundaries(): number {
    return this.#mine?.size ?? 0;
  }

  /** Boundaries with the moments in which nobody has died: what was done once is not done again. */
  get left(): readonly string[] {
    return [...(this.#mine ?? [])].flatMap(([name, moments]) =>
      moments.map((moment) => `${name}: ${IN_WORDS[moment]}`),
    );
  }

  /** Until a job asks something or ends, but not for ever. */
  async pause(): Promise<void> {
    const heard = Promise.withResolvers<undefined>();
    const enough = setTimeout(heard.resolve, LONGEST_PAUSE, undefined);
    this.#wake = () => setTimeout(heard.resolve, SHORTEST_PAUSE, undefined);
    await heard.promise;
    clearTimeout(enough);
  }
}
