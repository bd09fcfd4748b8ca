// Which operation is allowed when, per scenario, as data. Doors ask it before anything starts.
import { ENABLING_FAILED, type Item } from '../siterecovery/item.ts';
import type { Direction, Operation, Scenario } from '../core/words.ts';

/** The moments in the life of a replicated VM that decide what may be done with it. */
export const Moment = {
  protected: 'protected',
  testing: 'testing',
  failedOver: 'failedOver',
  committed: 'committed',
  synchronising: 'synchronising',
  enablingFailed: 'enablingFailed',
  busy: 'busy',
} as const;
export type Moment = (typeof Moment)[keyof typeof Moment];

const both = (...operations: readonly Operation[]): Record<Direction, readonly Operation[]> => ({
  original: operations,
  reversed: operations,
});

export const LIFECYCLE: Record<Scenario, Record<Moment, Record<Direction, readonly Operation[]>>> = {
  azureToAzure: {
    protected: {
      original: ['testFailover', 'failover', 'updateReplication', 'disableReplication'],
      reversed: ['testFailover', 'failback', 'updateReplication', 'disableReplication'],
    },
    // A disaster does not wait for the end of a drill: the test is cleaned up first, in the same job.
    testing: { original: ['cleanUpTestFailover', 'failover'], reversed: ['cleanUpTestFailover', 'failback'] },
    failedOver: both('changeRecoveryPoint', 'commit', 'cancelFailover', 'reprotect', 'disableReplication'),
    committed: both('reprotect', 'disableReplication'),
    synchronising: both('disableReplication'),
    enablingFailed: both('disableReplication'),
    // Somebody's operation runs. Ours may wait for it, or follow it: what is allowed then is seen
    // when it has ended.
    busy: {
      original: ['failover', 'commit', 'reprotect', 'disableReplication'],
      reversed: ['failback', 'commit', 'reprotect', 'disableReplication'],
    },
  },
};

/** Whether the scenario can fail over while the source waits for its last changes to arrive. */
export const PLANNED_FAILOVER: Record<Scenario, boolean> = { azureToAzure: false };

export type Seen = Pick<Item, 'protectionState' | 'activeLocation' | 'allowedOperations'>;

export function momentOf(seen: Seen): Moment {
  // Also while it is being disabled: whatever runs, nothing else will ever be allowed.
  if (seen.protectionState === ENABLING_FAILED) return Moment.enablingFailed;
  if (seen.allowedOperations.length === 0) return Moment.busy;
  if (seen.allowedOperations.includes('TestFailoverCleanup')) return Moment.testing;
  if (seen.activeLocation === 'Recovery')
    return seen.allowedOperations.includes('Commit') ? Moment.failedOver : Moment.committed;
  return seen.protectionState === 'Protected' ? Moment.protected : Moment.synchronising;
}

export function allowedOperations(
  scenario: Scenario,
  direction: Direction,
  seen: Seen,
): readonly Operation[] {
  return LIFECYCLE[scenario][momentOf(seen)][direction];
}
