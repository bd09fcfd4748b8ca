// Recovery plans with their versions.
import type { Plan } from '../../domain/plan/plan.ts';
import type { Caller } from './job.ts';

/** Partition: plans/{planId}. */
export interface PlanDocument {
  readonly id: 'plan';
  readonly type: 'plan';
  readonly schema: number;
  readonly planId: string;
  /** `native`: made in Site Recovery, and read from there each time. */
  readonly origin: { readonly kind: 'native'; readonly vaultId: string; readonly armId: string } | { readonly kind: 'own'; readonly by: Pick<Caller, 'id' | 'name'> };
  /** From 1 on; each change is a new one. */
  readonly version: number;
  readonly fingerprint: string;
  readonly plan: Plan;
  /** What of a native plan could not be brought over, and what that means. */
  readonly warnings: readonly string[];
  readonly savedAt: string;
}

/** The same, as it was saved once: a job runs the version that it began with. */
export type PlanVersionDocument = Omit<PlanDocument, 'id' | 'type'> & { readonly id: string; readonly type: 'planVersion' };
