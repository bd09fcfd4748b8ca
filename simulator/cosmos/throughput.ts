// The budget of request units per second. It uses wall time, so the SDK waits in the same way with
// every clock.

import { CosmosError, createCosmosError, SubStatus } from './errors.ts';

/** The used request units of a second, including the overdraft of earlier seconds. */
interface SecondUsage {
  readonly second: number;
  readonly taken: number;
}

const SECOND_MS = 1_000;

export class Throughput {
  private readonly perSecond: () => number | undefined;
  private readonly milliseconds: () => number;
  private readonly uses = new Map<string, SecondUsage>();

  /** `perSecond` gives the budget of each container, or undefined for no limit. */
  constructor(perSecond: () => number | undefined, milliseconds: () => number = () => performance.now()) {
    this.perSecond = perSecond;
    this.milliseconds = milliseconds;
  }

  /**
   * Throws when the budget is empty. A request passes while any units remain, because the server
   * knows its cost only afterwards.
   */
  requireBudget(container: string): void {
    const perSecond = this.perSecond();
    if (perSecond === undefined) return;
    const { taken } = this.currentUsage(container, perSecond);
    if (taken < perSecond) return;
    const wait = Math.floor(taken / perSecond) * SECOND_MS - (this.milliseconds() % SECOND_MS);
    const { message } = createCosmosError(
      429,
      'Request rate is large. More Request Units may be needed, so no changes were made. ' +
        'Please retry this request later. Learn more: http://aka.ms/cosmosdb-error-429',
    );
    throw new CosmosError(429, message, {
      substatus: SubStatus.throughputExceeded,
      headers: { 'x-ms-retry-after-ms': String(Math.ceil(wait)) },
    });
  }

  spend(container: string, charge: number): void {
    const perSecond = this.perSecond();
    if (perSecond === undefined) return;
    const { second, taken } = this.currentUsage(container, perSecond);
    this.uses.set(container, { second, taken: taken + charge });
  }

  private currentUsage(container: string, perSecond: number): SecondUsage {
    const second = Math.floor(this.milliseconds() / SECOND_MS);
    const last = this.uses.get(container) ?? { second, taken: 0 };
    return { second, taken: Math.max(0, last.taken - (second - last.second) * perSecond) };
  }
}
