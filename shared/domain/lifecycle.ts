// Which operation is allowed when, per scenario, as data. Doors ask it before anything starts.
import type { Item } from './item.ts';
import type { Direction, Operation, Scenario } from './words.ts';

/** The moments in the life of a replicated VM that decide what may be done with it. */
export const Moment = {
  protected: 'protected', failedOver: 'failedOver', committed: 'committed', synchronising: 'synchronising', busy: 'busy',
} as const;
export type Moment = (typeof Moment)[keyof typeof Moment];

export const LIFECYCLE: Record<Scenario, Record<Moment, Record<Direction, readonly Operation[]>>> = {
  azureToAzure: {
    protected: { original: ['failover', 'updateReplication', 'disableReplication'], reversed: ['failback', 'updateReplication', 'disableReplication'] },
    failedOver: { original: ['commit', 'reprotect', 'disableReplication'], reversed: ['commit', 'reprotect', 'disableReplication'] },
    committed: { original: ['reprotect', 'disableReplication'], reversed: ['reprotect', 'disableReplication'] },
    synchronising: { original: ['disableReplication'], reversed: ['disableReplication'] },
    // Somebody's operation runs. Ours may wait for it, or follow it: what is allowed then is seen when it has ended.
    busy: { original: ['failover', 'commit', 'reprotect', 'disableReplication'], reversed: ['failback', 'commit', 'reprotect', 'disableReplication'] },
  },
};

export type Seen = Pick<Item, 'protectionState' | 'activeLocation' | 'allowedOperations'>;

export function momentOf(seen: Seen): Moment {
  if (seen.allowedOperations.length === 0) return Moment.busy;
  if (seen.activeLocation === 'Recovery') return seen.allowedOperations.includes('Commit') ? Moment.failedOver : Moment.committed;
  return seen.protectionState === 'Protected' ? Moment.protected : Moment.synchronising;
}

export function allowedOperations(scenario: Scenario, direction: Direction, seen: Seen): readonly Operation[] {
  return LIFECYCLE[scenario][momentOf(seen)][direction];
}
