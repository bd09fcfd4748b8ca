// The facts about the environment that the plan linter needs.
// The linter skips a check if its fact is missing.

import type { AllowedAddress } from '../../../core/allowedAddresses.ts';
import type { LearnedDurations } from '../durations.ts';

/** The facts about a replicated VM. */
export interface VmFacts {
  readonly name: string;
  readonly vaultId: string;
  /** The VM's current region. */
  readonly sourceRegion: string;
  readonly isProtected: boolean;
  /** The state as text, with the protection state. */
  readonly stateText: string;
  readonly multiVmGroup: {
    readonly id: string;
    readonly name: string;
    /** Lifeboat's ids. */ readonly members: readonly string[];
  } | null;
}

/** The facts for the linter; each missing fact disables its checks. */
export interface LintFacts {
  /** All replicated VMs that Lifeboat knows, by id. */
  readonly vms?: ReadonlyMap<string, VmFacts>;
  readonly homeRegion?: string;
  readonly addresses?: readonly AllowedAddress[];
  /** Names of the signing keys for requests. */
  readonly keys?: ReadonlySet<string>;
  /** Ids of persons with the right to approve. */
  readonly approvers?: ReadonlySet<string>;
  readonly learnedDurations?: LearnedDurations;
  readonly sha256?: (text: string) => string;
}
