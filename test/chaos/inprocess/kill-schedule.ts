// Which lives end where. Boundaries are found by themselves: whenever the app asks something of
// others for the first time, its life ends there, once in each of the request's moments; and the
// lives that go on from there are as mortal.
import { requestOwner, nameRequest, type NamedRequest } from './request-names.ts';
import type { KillMoment, OutgoingRequest } from './app-instance.ts';

/** Of a request that only reads nothing is left, whichever moment of it is the last. */
const KILL_MOMENTS: Readonly<Record<NamedRequest['kind'], readonly KillMoment[]>> = {
  write: ['before', 'done', 'answered'],
  look: ['before'],
  read: ['before'],
};
const MOMENT_TEXTS: Readonly<Record<KillMoment, string>> = {
  before: 'before it arrives',
  done: 'done, not answered',
  answered: 'acknowledged',
};

/** What runs beside every job is no boundary of one. */
const BACKGROUND_FUNCTIONS: ReadonlySet<string> = new Set([
  'readVaults',
  'listReplications',
  'readJob',
  'savePlan',
  'readPlan',
]);
/** What a job says in which somebody has something to do, or nobody any more. */
const WAKING_REQUEST = /replace job \((completed|failed|cancelled|.*asking)/;
const MAX_PAUSE_MILLISECONDS = 1000;
/** Until it has been answered. */
const MIN_PAUSE_MILLISECONDS = 20;

export interface KillOptions {
  /** Reads of the store too: before each of them stands what the write before has left. */
  readonly includeReads: boolean;
  /** Only at boundaries whose names match. */
  readonly boundaryPattern: RegExp;
}

export class KillSchedule {
  readonly #mortality: KillOptions;
  /** By operation and boundary, the moments that are still to come. */
  readonly #left = new Map<string, Map<string, KillMoment[]>>();
  #mine: Map<string, KillMoment[]> | undefined;
  #spared = true;
  #wake: (() => void) | undefined;
  /** Of the operation that is played, in their order. */
  killedAt: string[] = [];

  constructor(mortality: KillOptions) {
    this.#mortality = mortality;
  }

  /** From now on this is played; lives end where they have not ended in it before. */
  startOperation(operation: string): void {
    this.#spared = false;
    this.killedAt = [];
    this.#mine = this.#left.get(operation) ?? new Map<string, KillMoment[]>();
    this.#left.set(operation, this.#mine);
  }

  /** Nobody dies any more. */
  stopKilling(): void {
    this.#spared = true;
  }

  nextKillMoment(outgoing: OutgoingRequest): KillMoment | undefined {
    const request = BACKGROUND_FUNCTIONS.has(outgoing.functionName) ? undefined : nameRequest(outgoing);
    if (!request) return undefined;
    if (WAKING_REQUEST.test(request.name)) this.#wake?.();
    const name = `${requestOwner(outgoing.functionName, request)}: ${request.name}`;
    if (
      !this.#mine ||
      this.#spared ||
      (request.kind === 'read' && !this.#mortality.includeReads) ||
      !this.#mortality.boundaryPattern.test(name)
    )
      return undefined;
    const remainingMoments = this.#mine.get(name) ?? [...KILL_MOMENTS[request.kind]];
    this.#mine.set(name, remainingMoments);
    const moment = remainingMoments.shift();
    if (moment)
      this.killedAt.push(`${name}: ${request.kind === 'write' ? MOMENT_TEXTS[moment] : 'not answered'}`);
    return moment;
  }

  /** Of the operation: how many boundaries were met. */
  get boundaryCount(): number {
    return this.#mine?.size ?? 0;
  }

  /** Boundaries with the moments in which nobody has died: what was done once is not done again. */
  get left(): readonly string[] {
    return [...(this.#mine ?? [])].flatMap(([name, moments]) =>
      moments.map((moment) => `${name}: ${MOMENT_TEXTS[moment]}`),
    );
  }

  /** Until a job asks something or ends, but not for ever. */
  async pause(): Promise<void> {
    const wokenUp = Promise.withResolvers<undefined>();
    const enough = setTimeout(wokenUp.resolve, MAX_PAUSE_MILLISECONDS, undefined);
    this.#wake = () => setTimeout(wokenUp.resolve, MIN_PAUSE_MILLISECONDS, undefined);
    await wokenUp.promise;
    clearTimeout(enough);
  }
}
