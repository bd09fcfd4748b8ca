// What a linter is told of the world beside the plan. What it is not told, it does not judge.
import type { AllowedAddress } from '../../../core/allowedAddresses.ts';
import type { LearnedDurations } from '../durations.ts';

export interface VmFacts {
  readonly name: string;
  readonly vaultId: string;
  /** Where it runs now. */
  readonly sourceRegion: string;
  readonly isProtected: boolean;
  /** In words, such as its protection state. */
  readonly stateText: string;
  readonly multiVmGroup: {
    readonly id: string;
    readonly name: string;
    /** Lifeboat's ids. */ readonly members: readonly string[];
  } | null;
}

export interface LintFacts {
  /** All replicated VMs that Lifeboat knows, by id. */
  readonly vms?: ReadonlyMap<string, VmFacts>;
  readonly homeRegion?: string;
  readonly addresses?: readonly AllowedAddress[];
  /** The names of the keys that requests may be signed with. */
  readonly keys?: ReadonlySet<string>;
  /** The ids of those who may approve. */
  readonly approvers?: ReadonlySet<string>;
  readonly learnedDurations?: LearnedDurations;
  readonly sha256?: (text: string) => string;
}
