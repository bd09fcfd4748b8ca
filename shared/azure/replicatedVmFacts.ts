// The machines of a replicated VM: one on each side, and sometimes a test machine.

/** The machines of a replicated item; all ids in lower case. */
export interface ReplicaMachines {
  /** The machine that replication reads from. */
  readonly source: string;
  /** The machine on the other side; null when neither Site Recovery nor the registry has one. */
  readonly other: string | null;
  /**
   * The id that a failover would give the VM, from its resource group and name. An unrelated
   * machine may already have this id.
   */
  readonly expected: string | null;
  readonly test: string | null;
  readonly failedOver: boolean;
  readonly failingOver: boolean;
  readonly reversed: boolean;
  /** The region of the active VM. */
  readonly region: string;
}

/** A replicated VM with its machines. */
export interface ReplicatedVmFacts {
  readonly name: string;
  /** Lifeboat's id of the VM; null while Site Recovery returns too little data. */
  readonly vmId: string | null;
  readonly itemId: string;
  readonly machines: ReplicaMachines;
}
