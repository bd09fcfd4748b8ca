// The readiness report: the checks of a preview, one line per check and VM, the worst first. It is
// made of the preview, so the two cannot differ.
import type { Facts } from '../../../azure/facts.ts';
import { layGround } from '../request/scope.ts';
import { key } from '../lookup.ts';
import { mendingRules, type Mending } from '../network/ruleFixes.ts';
import type { Check, Preview } from '../preview.ts';
import type { PrepareWish } from '../request/request.ts';

export interface ReportLine extends Check {
  /** Null: it concerns all of them. */
  readonly vmId: string | null;
  readonly vmName: string | null;
}

export interface Readiness {
  readonly verdict: Check['verdict'];
  readonly counts: Readonly<Record<Check['verdict'], number>>;
  readonly lines: readonly ReportLine[];
  /** The rules that would open what is closed. */
  readonly securityRules: readonly Mending[];
}

const WORST_FIRST: readonly Check['verdict'][] = ['fail', 'warn', 'manual', 'pass'];
const rank = ({ verdict }: Check): number => WORST_FIRST.indexOf(verdict);

export function readinessOf(preview: Preview, facts: Facts, wish: PrepareWish): Readiness {
  const lines = [
    ...preview.checks.map((check) => ({ ...check, vmId: null, vmName: null })),
    ...preview.vms.flatMap((vm) => vm.checks.map((check) => ({ ...check, vmId: vm.vmId, vmName: vm.name }))),
  ].sort((a, b) => rank(a) - rank(b));
  const count = (verdict: Check['verdict']): number =>
    lines.filter((line) => line.verdict === verdict).length;
  return {
    verdict: lines[0]?.verdict ?? 'pass',
    counts: { pass: count('pass'), warn: count('warn'), fail: count('fail'), manual: count('manual') },
    lines,
    securityRules: rulesFor(facts, wish),
  };
}

/** The rules that would mend what keeps these VMs from replicating, ready to be applied. */
export function rulesFor(facts: Facts, wish: PrepareWish): readonly Mending[] {
  const { ground } = layGround(facts, wish);
  const vms = wish.vms.flatMap(({ id }) => ground.look.vms.get(key(id)) ?? []);
  return mendingRules(ground, vms, wish.multiVmGroup !== undefined);
}
