// A recovery plan: groups that wait for one another, each with replicated VMs, and what is done before and after them.

export const PlanOperation = { failover: 'failover', testFailover: 'testFailover' } as const;
export type PlanOperation = (typeof PlanOperation)[keyof typeof PlanOperation];

export interface Plan {
  readonly name: string;
  /** What is done depends on what the plan is run for. */
  readonly runs: Readonly<Record<PlanOperation, readonly Group[]>>;
  /** What of the plan could not be brought over, and what that means. */
  readonly warnings: readonly string[];
}

export interface Group {
  readonly name: string;
  /** The names of the groups before it. */
  readonly waitsFor: readonly string[];
  /** Lifeboat's own ids. */
  readonly vms: readonly string[];
  readonly before: readonly Action[];
  readonly after: readonly Action[];
}

export type Action =
  | { readonly kind: 'script'; readonly name: string; readonly path: string; readonly timeout: string | null; readonly side: 'primary' | 'recovery' }
  | { readonly kind: 'runbook'; readonly name: string; readonly runbookId: string; readonly timeout: string | null; readonly side: 'primary' | 'recovery' }
  | { readonly kind: 'manual'; readonly name: string; readonly description: string };
