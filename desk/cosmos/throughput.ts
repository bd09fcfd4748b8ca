// The budget of request units. It is filled in real time, as the SDK waits in real time, whatever the clock of the story does.

import { CosmosError, refusal, SubStatus } from './errors.ts';

/** What is left of a second's budget; less than nothing when the last request took more than there was. */
interface Budget {
  left: number;
  filled: number;
}

export class Throughput {
  private readonly perSecond: () => number | undefined;
  private readonly milliseconds: () => number;
  private readonly budgets = new Map<string, Budget>();

  /** `perSecond` is the budget of every container, undefined for none. */
  constructor(perSecond: () => number | undefined, milliseconds: () => number = () => performance.now()) {
    this.perSecond = perSecond;
    this.milliseconds = milliseconds;
  }

  /** A request is let through as long as anything is left; what it costs is known only afterwards. */
  need(container: string): void {
    const perSecond = this.perSecond();
    if (perSecond === undefined) return;
    const { left } = this.filled(container, perSecond);
    if (left > 0) return;
    const wait = Math.max(1, Math.ceil((-left / perSecond) * 1000));
    const { message } = refusal(429, 'Request rate is large. More Request Units may be needed, so no changes were made. Please retry this request later. Learn more: http://aka.ms/cosmosdb-error-429');
    throw new CosmosError(429, message, { substatus: SubStatus.throughputExceeded, headers: { 'x-ms-retry-after-ms': String(wait) } });
  }

  spend(container: string, charge: number): void {
    const perSecond = this.perSecond();
    if (perSecond !== undefined) this.filled(container, perSecond).left -= charge;
  }

  private filled(container: string, perSecond: number): Budget {
    const now = this.milliseconds();
    const budget = this.budgets.get(container) ?? { left: perSecond, filled: now };
    budget.left = Math.min(perSecond, budget.left + ((now - budget.filled) / 1000) * perSecond);
    budget.filled = now;
    this.budgets.set(container, budget);
    return budget;
  }
}
