// The preview of enabling replication, with every detail. The enabling steps execute exactly this
// preview, so the two cannot differ.
import type { Prerequisite } from '../../azure/prerequisite.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';
import type { Warning } from '../../core/warning.ts';
import type { Scenario } from '../../core/scenario.ts';
import type { Refusal } from '../../core/refusal.ts';

/** The full preview of a request. */
export interface EnablingPreview {
  readonly scenario: Scenario;
  readonly vault: { readonly id: string; readonly name: string; readonly region: string };
  readonly source: { readonly region: string; readonly subscription: string };
  readonly target: { readonly region: string; readonly subscription: string };
  /** The prerequisites, each after its own prerequisites. */
  readonly prerequisites: readonly Prerequisite[];
  /** In the order of the request. */
  readonly vms: readonly VmPreview[];
  /** The reasons against the whole request. */
  readonly refusals: readonly Refusal[];
  /** Includes the checks with the verdict "warn". */
  readonly warnings: readonly Warning[];
  /**
   * The readiness checks of the whole request: the total quota, the vault and the firewall rules.
   */
  readonly checks: readonly ReadinessCheck[];
}

/** The preview of one VM. */
export interface VmPreview {
  readonly vmId: string;
  readonly name: string;
  readonly verdict: 'enable' | 'alreadyEnabled' | 'refused';
  /** The verdict in words, with the codes of the warnings. */
  readonly summary: string;
  readonly refusals: readonly Refusal[];
  /** Includes checks with the verdict "warn", and failed checks that the command allows. */
  readonly warnings: readonly Warning[];
  readonly checks: readonly ReadinessCheck[];
  /**
   * The id of the replicated item. Its name is a GUID from the source VM and the number of
   * enablings. For an enabled VM, the id of the existing item.
   */
  readonly itemId: string;
  /** Null for a refused VM or an enabled VM. */
  readonly settings: VmSettings | null;
  readonly choices: readonly Choice[];
  /** The ids of the prerequisites that this VM needs first. */
  readonly needs: readonly string[];
}

/** One choice with its reason. */
export interface Choice {
  /**
   * The setting: resourceGroup, network, subnet, size, availability, placementGroup,
   * cacheStorageAccount, diskType, policy ...
   */
  readonly what: string;
  readonly chosen: string;
  readonly reason: string;
}

/** The result of one readiness check. */
export interface ReadinessCheck {
  /** The id of the requirement, for example PRE-4. */
  readonly id: string;
  readonly name: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'manual';
  readonly message: string;
  /** The next action; for a manual check, the instructions. Null when there is nothing to do. */
  readonly remedy: string | null;
  /** Only for manual checks: the last confirmation by a person, valid or not; null: none. */
  readonly confirmation?: {
    readonly by: { readonly id: string; readonly name: string };
    readonly at: string;
    readonly until: string;
    readonly note: string | null;
  } | null;
}
