// The interface of a scenario of the demo: its VMs and the operations there and back.

import type { Simulator } from '../../simulator/simulator.ts';
import type { KnownVm } from '../known-vms.ts';
import type { JobReply, SentCommand } from '../run-operation.ts';

/** One scenario of the demo. */
export interface DemoScenario {
  /** The simulated tenant. */
  readonly environment: string;
  readonly vmNames: readonly string[];
  /** Brings the VMs under replication. Null: they replicate from the start. */
  readonly enable: ((simulator: Simulator, run: RunCommand) => Promise<void>) | null;
  /** The operations there and back, in order. */
  readonly commands: (vms: readonly KnownVm[]) => readonly SentCommand[];
  /** The operation that moves the items of the VMs in the vault. Null: no operation moves them. */
  readonly itemMovesWith: string | null;
}

/** Sends a command, follows its job to the end and prints each change. */
export type RunCommand = (command: SentCommand, principal?: string) => Promise<JobReply>;
