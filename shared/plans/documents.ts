// The stored documents of recovery plans: plans, versions, measured durations and runbook pages.

import type { Severity } from '../core/finding.ts';
import type { Plan } from './rules/plan.ts';
import type { Warning } from '../core/warning.ts';
import type { Caller } from '../access/caller.ts';

/** A stored warning about a plan. `path`: the place in the plan; null: the whole plan. */
export interface PlanWarning extends Warning {
  readonly severity: Severity;
  readonly path: string | null;
}

/** The current version of a plan. Partition: plans/{planId}. */
export interface PlanDocument {
  readonly id: 'plan';
  readonly type: 'plan';
  readonly schema: number;
  readonly planId: string;
  /** `native`: a plan of Site Recovery; Lifeboat imports it again each time. */
  readonly origin:
    | { readonly kind: 'native'; readonly vaultId: string; readonly armId: string }
    | { readonly kind: 'own'; readonly by: Pick<Caller, 'id' | 'name'> };
  /** From 1 on; each change adds one. */
  readonly version: number;
  readonly fingerprint: string;
  readonly plan: Plan;
  /** Warnings of the linter, or the losses in the conversion of a native plan. */
  readonly warnings: readonly PlanWarning[];
  readonly savedAt: string;
}

/** A saved version of a plan, without later changes: a job keeps the version of its begin. */
export type PlanVersionDocument = Omit<PlanDocument, 'id' | 'type'> & {
  readonly id: string;
  readonly type: 'planVersion';
};

/**
 * The newest measured durations by key. `rules/durations.ts` defines the keys.
 * Partition: plans/{planId} for a plan's actions, plans/learned:{vaultId} for Site Recovery's jobs.
 */
export interface DurationsDocument {
  readonly id: string;
  readonly type: 'durations';
  readonly schema: number;
  readonly planId: string;
  /** By key: seconds, and the end time. */
  readonly samples: Readonly<Record<string, readonly (readonly [seconds: number, at: string])[]>>;
}

/**
 * The last published runbook page of a plan, with its own stream of events.
 * Partition: jobs/{runbook-} followed by the plan's id.
 */
export interface RunbookDocument {
  readonly id: 'runbook';
  readonly type: 'runbook';
  readonly schema: number;
  readonly jobId: string;
  readonly planId: string;
  readonly version: number;
  /** `fingerprint`: of the page without its times. `digest`: of the bytes of the page. */
  readonly fingerprint: string;
  readonly digest: string;
  readonly madeAt: string;
  /** The oldest read time among the plan's VMs. */
  readonly seenAt: string;
  /** Number of this page, from 1 on. */
  readonly count: number;
}
