// What each operation is made of, and how long its phases usually take.
import { isOperation, type Operation, type Phase, type PhaseOperation } from '../core/words.ts';

/**
 * An operation on replicated VMs is told phase by phase; a VM that fails in one is skipped in those
 * after it. What enabling is made of follows from its preview.
 */
export const PHASES: Record<
  Exclude<Operation, 'prepareVault' | 'enableReplication'>,
  readonly PhaseOperation[]
> = {
  updateReplication: ['updateReplication'],
  disableReplication: ['disableReplication'],
  testFailover: ['testFailover'],
  cleanUpTestFailover: ['cleanUpTestFailover'],
  failover: ['failover'],
  changeRecoveryPoint: ['changeRecoveryPoint'],
  cancelFailover: ['cancelFailover'],
  commit: ['commit'],
  reprotect: ['reprotect'],
  failback: ['failover', 'commit', 'reprotect'],
};

export interface Usual {
  readonly job: number;
  readonly settle: number;
}

/** Seconds from the accepted write to the job's end, and from there until the item has settled. */
const USUALLY: Record<PhaseOperation, Usual> = {
  enableReplication: { job: 360, settle: 1200 },
  updateReplication: { job: 30, settle: 10 },
  disableReplication: { job: 200, settle: 10 },
  testFailover: { job: 160, settle: 10 },
  cleanUpTestFailover: { job: 85, settle: 10 },
  failover: { job: 150, settle: 10 },
  changeRecoveryPoint: { job: 200, settle: 10 },
  cancelFailover: { job: 105, settle: 10 },
  commit: { job: 20, settle: 10 },
  reprotect: { job: 450, settle: 1200 },
};

const PART: Usual = { job: 60, settle: 10 };
export const usually = (phase: Phase): Usual => (isOperation(phase) ? USUALLY[phase] : PART);
