// Decides which instance ends at which request. The schedule finds boundaries by itself: a new kind
// of request is a boundary. An instance ends once at each moment of that request. The instances
// that continue from there can die too.
import { requestOwner, nameRequest, type NamedRequest } from './request-names.ts';
import type { KillMoment, OutgoingRequest } from './app-instance.ts';

/** A pure read leaves no trace, so all of its moments are equal. */
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

/** Functions that run beside every job are no boundary of a job. */
const BACKGROUND_FUNCTIONS: ReadonlySet<string> = new Set([
  'readVaults',
  'listReplications',
  'readJob',
  'savePlan',
  'readPlan',
]);
/** The job states in which a person must act, or in which no further action follows. */
const WAKING_REQUEST = /replace job \((completed|failed|cancelled|.*asking)/;
const MAX_PAUSE_MILLISECONDS = 1000;
/** The pause before an answer. */
const MIN_PAUSE_MILLISECONDS = 20;

export interface KillOptions {
  /** Also end instances at reads of the store, which show the state after the write before. */
  readonly includeReads: boolean;
  /** End instances only at boundaries with matching names. */
  readonly boundaryPattern: RegExp;
}

export class KillSchedule {
  readonly #mortality: KillOptions;
  /** The moments still to play, by operation and boundary. */
  readonly #left = new Map<string, Map<string, KillMoment[]>>();
  #mine: Map<string, KillMoment[]> | undefined;
  #spared = true;
  #wake: (() => void) | undefined;
  /** The boundaries of the current operation, in order. */
  killedAt: string[] = [];

  constructor(mortality: KillOptions) {
    this.#mortality = mortality;
  }

  /** Starts an operation. Instances end at boundaries that had no kill in this operation before. */
  startOperation(operation: string): void {
    this.#spared = false;
    this.killedAt = [];
    this.#mine = this.#left.get(operation) ?? new Map<string, KillMoment[]>();
    this.#left.set(operation, this.#mine);
  }

  /** Stops all further kills. */
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

  /** The number of boundaries that the operation met. */
  get boundaryCount(): number {
    return this.#mine?.size ?? 0;
  }

  /**
   * Boundaries with moments that no kill reached. A completed write does not repeat, so its moments
   * may stay here.
   */
  get left(): readonly string[] {
    return [...(this.#mine ?? [])].flatMap(([name, moments]) =>
      moments.map((moment) => `${name}: ${MOMENT_TEXTS[moment]}`),
    );
  }

  /** Waits until a job asks a question or ends, up to a limit. */
  async pause(): Promise<void> {
    const wokenUp = Promise.withResolvers<undefined>();
    const enough = setTimeout(wokenUp.resolve, MAX_PAUSE_MILLISECONDS, undefined);
    this.#wake = () => setTimeout(wokenUp.resolve, MIN_PAUSE_MILLISECONDS, undefined);
    await wokenUp.promise;
    clearTimeout(enough);
  }
}
