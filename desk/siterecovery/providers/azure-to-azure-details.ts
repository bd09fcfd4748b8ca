// What Azure to Azure keeps of an item. "Home" is where the machine ran before any failover, "away" the other side:
// primary and recovery swap with each reprotect, these two do not.

export type Side = 'home' | 'away';

export type MachineState = 'absent' | 'running' | 'deallocated';

export interface AzureToAzureDetails {
  readonly instanceType: 'A2A';
  /** The side that replication runs from. */
  readonly primary: Side;
  readonly machines: Readonly<Record<Side, MachineState>>;
  /** Counts reprotects: the service gives the item new inner ids with each. */
  readonly generation: number;
  /** Since when recovery points are made; null while the first copy is under way. */
  readonly protectedSince: number | null;
  readonly failedOverAt: number | null;
  /** The name of the recovery point that the last failover used. */
  readonly failoverRecoveryPoint: string | null;
  readonly lastSuccessfulFailover: number | null;
}

export const otherSide = (side: Side): Side => (side === 'home' ? 'away' : 'home');
