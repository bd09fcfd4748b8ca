// The machines of a replicated VM: one on each side, and sometimes one of a test.

/** The machines that belong to an item; ids in lower case. */

export interface ReplicaMachines {
  /** Replication reads from this one. */
  readonly source: string;
  /** The machine on the other side; null where neither the service nor the registry knows one. */
  readonly other: string | null;
  /** Where a failover brings the VM up, by group and name. Somebody else's machine may stand there. */
  readonly expected: string | null;
  readonly test: string | null;
  readonly failedOver: boolean;
  readonly failingOver: boolean;
  readonly reversed: boolean;
  /** Where the VM runs. */
  readonly region: string;
}
/** The machines of one replicated VM. */

export interface ReplicatedVmFacts {
  readonly name: string;
  /** Lifeboat's id; null while the service tells too little. */
  readonly vmId: string | null;
  readonly itemId: string;
  readonly machines: ReplicaMachines;
}
