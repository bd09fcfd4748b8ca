// What enabling replication will do, in full, before it does anything. The doing executes this and
// nothing else, so that the two cannot differ.
import type { Prerequisite } from '../../azure/prerequisite.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';
import type { Warning } from '../../core/warning.ts';
import type { Scenario } from '../../core/scenario.ts';
import type { Refusal } from '../../core/refusal.ts';

export interface EnablingPreview {
  readonly scenario: Scenario;
  readonly vault: { readonly id: string; readonly name: string; readonly region: string };
  readonly source: { readonly region: string; readonly subscription: string };
  readonly target: { readonly region: string; readonly subscription: string };
  /** What must be there, each after what it needs. */
  readonly parts: readonly Prerequisite[];
  /** In the order in which they were asked for. */
  readonly vms: readonly VmPreview[];
  /** Why nothing at all may begin. */
  readonly refusals: readonly Refusal[];
  /** Checks with the result "warn" are among them. */
  readonly warnings: readonly Warning[];
  /**
   * Of the readiness checks, those that concern the whole: quota counted together, the vault, what
   * to allow in firewalls.
   */
  readonly checks: readonly ReadinessCheck[];
}

export interface VmPreview {
  readonly vmId: string;
  readonly name: string;
  readonly verdict: 'enable' | 'alreadyEnabled' | 'refused';
  /** The verdict in words, with the warnings by their codes. */
  readonly summary: string;
  readonly refusals: readonly Refusal[];
  /** Among them are checks with the result "warn", and those that fail and that the command allows. */
  readonly warnings: readonly Warning[];
  readonly checks: readonly ReadinessCheck[];
  /**
   * The replicated item: its name is a GUID derived from the source VM and how often it was
   * enabled. Of one already enabled: that item's.
   */
  readonly itemId: string;
  /** Null when it is refused, or enabled already. */
  readonly settings: VmSettings | null;
  readonly choices: readonly Choice[];
  /** Ids of the parts that must stand before this VM is enabled. */
  readonly needs: readonly string[];
}

/** One decision, and why it fell that way. */
export interface Choice {
  /**
   * resourceGroup, network, subnet, size, availability, placementGroup, cacheStorageAccount,
   * diskType, policy ...
   */
  readonly what: string;
  readonly chosen: string;
  readonly reason: string;
}

export interface ReadinessCheck {
  /** The requirement it answers, such as PRE-4. */
  readonly id: string;
  readonly name: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'manual';
  readonly message: string;
  /** What to do; of a manual check, how to look. Null when there is nothing to do. */
  readonly remedy: string | null;
}
