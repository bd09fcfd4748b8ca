// Recovery plans with their versions, and how long things took.
import type { Severity } from '../core/finding.ts';
import type { Plan } from './rules/plan.ts';
import type { Warning } from '../core/warning.ts';
import type { Caller } from '../access/caller.ts';

/** `path`: the place in the plan; null: the plan as a whole. */
export interface PlanWarning extends Warning {
  readonly severity: Severity;
  readonly path: string | null;
}

/** Partition: plans/{planId}. */
export interface PlanDocument {
  readonly id: 'plan';
  readonly type: 'plan';
  readonly schema: number;
  readonly planId: string;
  /** `native`: made in Site Recovery, and read from there each time. */
  readonly origin:
    | { readonly kind: 'native'; readonly vaultId: string; readonly armId: string }
    | { readonly kind: 'own'; readonly by: Pick<Caller, 'id' | 'name'> };
  /** From 1 on; each change is a new one. */
  readonly version: number;
  readonly fingerprint: string;
  readonly plan: Plan;
  /** What the linter says of it, or what of a native plan could not be brought over. */
  readonly warnings: readonly PlanWarning[];
  readonly savedAt: string;
}

/** The same, as it was saved once: a job runs the version that it began with. */
export type PlanVersionDocument = Omit<PlanDocument, 'id' | 'type'> & {
  readonly id: string;
  readonly type: 'planVersion';
};

/**
 * Partition: plans/{planId} for a plan's actions, plans/learned:{vaultId} for what Site Recovery
 * did. How long things took, the newest of each; what each key means stands in the rules of plans.
 */
export interface DurationsDocument {
  readonly id: string;
  readonly type: 'durations';
  readonly schema: number;
  readonly planId: string;
  /** By key: seconds, and when it ended. */
  readonly samples: Readonly<Record<string, readonly (readonly [seconds: number, at: string])[]>>;
}

/**
 * Partition: jobs/{runbook-} with the plan's id behind it: which page of the plan's runbook was
 * told last, a stream of news of its own.
 */
export interface RunbookDocument {
  readonly id: 'runbook';
  readonly type: 'runbook';
  readonly schema: number;
  readonly jobId: string;
  readonly planId: string;
  readonly version: number;
  /** Of the page without its ages, and of its bytes. */
  readonly fingerprint: string;
  readonly digest: string;
  readonly madeAt: string;
  /** When the VM that was seen longest ago was seen. */
  readonly seenAt: string;
  /** The how-manyth page. */
  readonly count: number;
}
