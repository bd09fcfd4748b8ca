// What each operation is made of, and how long its phases usually take.
import type { Operation, PhaseOperation } from './words.ts';

/** An operation is told phase by phase; a VM that fails in one is skipped in those after it. */
export const PHASES: Record<Operation, readonly PhaseOperation[]> = {
  failover: ['failover'],
  commit: ['commit'],
  reprotect: ['reprotect'],
  failback: ['failover', 'commit', 'reprotect'],
};

/** Seconds from the accepted write to the job's end, and from there until the item has settled. */
export const USUALLY: Record<PhaseOperation, { readonly job: number; readonly settle: number }> = {
  failover: { job: 150, settle: 10 },
  commit: { job: 20, settle: 10 },
  reprotect: { job: 450, settle: 1200 },
};
